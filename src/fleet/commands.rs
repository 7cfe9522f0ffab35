//! What the command palette offers.

use super::intent::{Field, Intent, Pane};
use super::model::Command;
use super::search::Matcher;
use super::state::State;

/// One command of the palette.
#[derive(Debug)]
pub struct CommandEntry {
    /// What is typed.
    pub name: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    /// What it wishes.
    pub intent: Intent,
    /// Whether it acts: not offered on a read-only console.
    pub acts: bool,
}

const fn reads(name: &'static str, help: &'static str, intent: Intent) -> CommandEntry {
    CommandEntry {
        name,
        help,
        intent,
        acts: false,
    }
}

const fn acts(name: &'static str, help: &'static str, command: Command) -> CommandEntry {
    CommandEntry {
        name,
        help,
        intent: Intent::Order(command),
        acts: true,
    }
}

static ALL: [CommandEntry; 25] = [
    reads("logs", "show the log of the container", Intent::Logs),
    reads("inspect", "show the container whole", Intent::Inspect),
    reads("problems", "show what is wrong", Intent::Problems),
    reads("filter", "narrow the containers", Intent::Edit(Field::Filter)),
    reads("sort", "sort by the next column", Intent::Sort),
    reads("group", "group by app, by host, not at all", Intent::Group),
    reads("mark all", "mark all that are shown", Intent::MarkAll),
    reads("mark none", "take all marks away", Intent::UnmarkAll),
    reads("hosts", "go to the hosts", Intent::Focus(Pane::Hosts)),
    reads(
        "containers",
        "go to the containers",
        Intent::Focus(Pane::Containers),
    ),
    reads("activity", "go to the activity", Intent::Focus(Pane::Activity)),
    reads("zoom", "let the pane fill the screen", Intent::Zoom),
    reads("reconnect", "try the host again now", Intent::Reconnect),
    reads("copy", "copy the name or line", Intent::CopyValue),
    reads("copy row", "copy the whole row", Intent::CopyRow),
    reads("help", "show the keys", Intent::Help),
    reads("redraw", "draw the screen anew", Intent::Redraw),
    acts(
        "restart",
        "restart the container, or the marked ones",
        Command::Restart,
    ),
    acts("start", "start", Command::Start),
    acts("stop", "stop", Command::Stop),
    acts("pause", "freeze", Command::Pause),
    acts("unpause", "thaw", Command::Unpause),
    acts("kill", "kill", Command::Kill),
    acts("remove", "kill and remove", Command::Remove),
    reads("quit", "leave", Intent::Quit),
];

impl State {
    /// The commands that fit what is typed, best first.
    pub fn palette(&self) -> Vec<&'static CommandEntry> {
        let typed = match &self.view.editing {
            Some(editing) if editing.field == Field::Palette => editing.text.trim().to_lowercase(),
            _ => String::new(),
        };
        let offered = ALL
            .iter()
            .filter(|entry| !(entry.acts && self.settings.read_only));
        if typed.is_empty() {
            return offered.collect();
        }
        let matcher = Matcher::default();
        let mut hits: Vec<_> = offered
            .filter_map(|entry| Some((matcher.score(entry.name, &typed)?, entry)))
            .collect();
        // Stable: equals keep the order of the list. A whole name typed wins over longer ones.
        hits.sort_by_key(|(score, entry)| (entry.name != typed, -score));
        hits.into_iter().map(|(_, entry)| entry).collect()
    }
}
