//! Our own trace: to a file, never to the screen.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use tracing::level_filters::LevelFilter;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Days that are kept.
const DAYS: usize = 5;

/// Writes what we (not our libraries) trace into `trace.DATE.log` of the state directory. Where that cannot be made,
/// there is no trace: nothing depends on it.
pub(super) fn start(state: Option<&Path>, level: LevelFilter) {
    let Some(state) = state else { return };
    if DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state)
        .is_err()
    {
        return;
    }
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("trace")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(state);
    let Ok(file) = file else { return };
    let ours = Targets::new().with_target("wheelhouse", level);
    let layer = fmt::layer().with_ansi(false).with_writer(file).with_filter(ours);
    // Fails only where a trace is being written already.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}
