//! The console itself, on the operator's fleet or on the embedded one.

use std::io;
use std::path::PathBuf;

use super::fleet::Stop;
use super::{Exit, Flags, fleet};
use crate::config::{self, Config};
use crate::fleet::model::Env;
use crate::ui::{Keymap, Theme};
use crate::{app, demo, runtime};

/// The theme of a configuration that names none.
const DEFAULT_THEME: &str = "dark";

/// The console's exit code is its own: it also tells which signal ended it.
pub(super) async fn run(config: &Config) -> u8 {
    match start(config, config.journal()).await {
        Ok(code) => code,
        Err(stop) => stop.report().code(),
    }
}

/// The console on an embedded fleet, which leaves nothing behind.
pub(super) async fn demo(flags: &Flags) -> u8 {
    match run_demo(flags).await {
        Ok(code) => code,
        Err(stop) => stop.report().code(),
    }
}

async fn run_demo(flags: &Flags) -> Result<u8, Stop> {
    if !flags.hosts.is_empty() {
        return Err(Stop(
            Exit::Usage,
            "the demo has its own hosts and takes no -H".to_owned(),
        ));
    }
    let failed = |error: io::Error| Stop(Exit::Failed, format!("the demo cannot be started: {error}"));
    // Private to the operator, and gone with the demo.
    let room = tempfile::tempdir().map_err(failed)?;
    let engines = demo::Fleet::start(room.path()).await.map_err(failed)?;
    let hosts = engines.hosts();
    let urls: Vec<_> = hosts
        .iter()
        .map(|(name, url, _)| format!("{name}={url}"))
        .collect();
    let mut config =
        config::load(&urls, flags.config.as_deref()).map_err(|error| Stop(Exit::Usage, error.0))?;
    for (spec, (_, _, env)) in config.hosts.iter_mut().zip(&hosts) {
        spec.env = if *env == Some("dev") {
            Env::Dev
        } else {
            Env::Production
        };
    }
    flags.apply(&mut config);
    start(&config, room.path().join("journal.jsonl")).await
}

async fn start(config: &Config, journal: PathBuf) -> Result<u8, Stop> {
    fleet::all(config)?;
    let usage = |why| Stop(Exit::Usage, why);
    let options = app::Options {
        settings: config.settings(),
        hosts: config.hosts.clone(),
        theme: theme(config).map_err(usage)?,
        keymap: keymap(config).map_err(usage)?,
        runtime: runtime::Options {
            read_only: config.read_only,
            journal,
            ssh: fleet::ssh(config),
        },
        slow_link: config.slow_link,
        ascii: config.ascii,
        mouse: config.mouse,
    };
    let failed = |error| Stop(Exit::Failed, format!("{error:#}"));
    app::run(options).await.map_err(failed)
}

/// The theme that is asked for; the error begins with the place that asks.
pub(super) fn theme(config: &Config) -> Result<Theme, String> {
    let own = config.paths.config.as_ref().map(|config| config.join("themes"));
    let own = own.as_deref();
    match &config.theme {
        Some(asked) => Theme::load(&asked.value, own).map_err(|why| format!("{}: {why}", asked.place)),
        None => Theme::load(DEFAULT_THEME, own),
    }
}

/// The keys; the error begins with the place of the first entry that does not fit those before it.
pub(super) fn keymap(config: &Config) -> Result<Keymap, String> {
    let keys: Vec<_> = config
        .keys
        .iter()
        .map(|(action, key)| (action.clone(), key.value.clone()))
        .collect();
    Keymap::new(&keys).map_err(|why| {
        let blamed = (1..=keys.len()).find(|count| Keymap::new(&keys[..*count]).is_err());
        match blamed.and_then(|count| config.keys.get(count - 1)) {
            Some((_, key)) => format!("{}: {why}", key.place),
            None => why,
        }
    })
}
