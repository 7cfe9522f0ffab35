//! A container's and a host's state as a glyph and a word.

use crate::fleet::State;
use crate::fleet::format::age;
use crate::fleet::model::{Health, Liveness, RunState};
use crate::fleet::state::{Entry, Host, OrderRecord, Phase};
use crate::ui::theme::Role;

/// What the STATE column says: the order under way or just ended, else the container's own state.
pub(in crate::ui) fn of_row(state: &State, entry: &Entry) -> (String, Role) {
    match state.row_order(entry) {
        Some(record) => of_order(record),
        None => of_container(state, entry),
    }
}

/// An order's life in words.
pub(in crate::ui) fn of_order(record: &OrderRecord) -> (String, Role) {
    let word = record.order.command.word();
    match &record.phase {
        Phase::Given => (format!("… {word}"), Role::Info),
        Phase::Sent => (format!("… {word} sent"), Role::Info),
        Phase::Done => (format!("✔ {word} done"), Role::Good),
        Phase::Refused(why) => (format!("✖ refused: {why}"), Role::Bad),
        Phase::NotSent(why) => (format!("✖ not sent: {why}"), Role::Bad),
        Phase::Unknown(why) | Phase::Unsettled(why) => (format!("? {word} unknown: {why}"), Role::Warn),
    }
}

fn of_container(state: &State, entry: &Entry) -> (String, Role) {
    let container = &entry.container;
    let since = container.since.map_or_else(String::new, |since| {
        format!(" {}", age(state.now.wall_ms - since * 1000))
    });
    match container.state {
        RunState::Running => {
            let health = container
                .health
                .map_or_else(String::new, |health| format!(" {}", health.word()));
            let (glyph, role) = match container.health {
                Some(Health::Unhealthy) => ('▲', Role::Bad),
                Some(Health::Starting) => ('◌', Role::Warn),
                _ => ('●', Role::Good),
            };
            (format!("{glyph} up{since}{health}"), role)
        }
        RunState::Exited => {
            let code = container.exit_code;
            let failed = code.is_some_and(|code| code != 0) && !entry.stop_asked;
            let (glyph, role) = if failed {
                ('✖', Role::Bad)
            } else {
                ('■', Role::Dim)
            };
            let code = code.map_or_else(String::new, |code| format!(" {code}"));
            let oom = if entry.oom { " out of memory" } else { "" };
            (format!("{glyph} exited{code}{oom}{since}"), role)
        }
        RunState::Restarting => {
            let times = container
                .restarts
                .map_or_else(String::new, |times| format!(" ×{times}"));
            (format!("↻ restarting{times}"), Role::Bad)
        }
        RunState::Paused => (format!("‖ paused{since}"), Role::Warn),
        RunState::Created => ("○ created".to_owned(), Role::Dim),
        RunState::Removing => ("… removing".to_owned(), Role::Dim),
        RunState::Dead => (format!("† dead{since}"), Role::Bad),
    }
}

/// A host's glyph, its word, and how it looks.
pub(in crate::ui) fn of_host(host: &Host, now_ms: u64) -> (char, String, Role) {
    let ago = |since: u64| age(now_ms.saturating_sub(since) as i64);
    match &host.liveness {
        Liveness::Live => ('●', "live".to_owned(), Role::Good),
        Liveness::Connecting { .. } => ('◌', "connecting".to_owned(), Role::Info),
        Liveness::Stale { since } => ('◐', format!("stale {}", ago(*since)), Role::Warn),
        Liveness::Down { since, .. } => ('✖', format!("down {}", ago(*since)), Role::Bad),
    }
}
