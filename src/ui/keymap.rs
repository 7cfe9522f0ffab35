//! Keys: one table of actions, and the configuration's changes to it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::fleet::intent::{Field, Intent, Pane, Step};
use crate::fleet::model::Command;
use crate::fleet::near::nearest;

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// The host list.
    Hosts,
    /// The container table.
    Containers,
    /// The log.
    Logs,
    /// The activity.
    Activity,
    /// The inspection.
    Details,
    /// The problem list.
    Problems,
    /// The help.
    Help,
    /// A question.
    Prompt,
}

const HOSTS: &[Context] = &[Context::Hosts];
const CONTAINERS: &[Context] = &[Context::Containers];
const LOGS: &[Context] = &[Context::Logs];
const DETAILS: &[Context] = &[Context::Details];
const PROMPT: &[Context] = &[Context::Prompt];
const LISTS: &[Context] = &[Context::Hosts, Context::Containers, Context::Problems];
const NOT_LOGS: &[Context] = &[Context::Hosts, Context::Containers, Context::Activity];
const PANES: &[Context] = &[
    Context::Hosts,
    Context::Containers,
    Context::Logs,
    Context::Activity,
];
const EVERYWHERE: &[Context] = &[
    Context::Hosts,
    Context::Containers,
    Context::Logs,
    Context::Activity,
    Context::Details,
    Context::Problems,
    Context::Help,
];

/// Something a key can do.
#[derive(Debug)]
pub(super) struct Action {
    /// Its name in `[keys]`.
    pub(super) name: &'static str,
    /// What the help says.
    pub(super) help: &'static str,
    /// What the key bar says; empty: it is not in the key bar.
    pub(super) short: &'static str,
    /// Where it is heard.
    pub(super) contexts: &'static [Context],
    /// What it wishes.
    pub(super) intent: Intent,
    /// Whether it acts, or shows what is masked: never on a read-only console.
    pub(super) acting: bool,
    keys: &'static [&'static str],
}

impl Action {
    /// Whether it is heard in every pane: the help lists these last.
    pub(super) fn is_common(&self) -> bool {
        self.contexts.len() >= PANES.len()
    }
}

const fn reads(
    name: &'static str,
    keys: &'static [&'static str],
    contexts: &'static [Context],
    intent: Intent,
    short: &'static str,
    help: &'static str,
) -> Action {
    Action {
        name,
        help,
        short,
        contexts,
        intent,
        acting: false,
        keys,
    }
}

const fn acts(
    name: &'static str,
    keys: &'static [&'static str],
    contexts: &'static [Context],
    intent: Intent,
    short: &'static str,
    help: &'static str,
) -> Action {
    Action {
        name,
        help,
        short,
        contexts,
        intent,
        acting: true,
        keys,
    }
}

/// Every action, in the order the key bar and the help show them.
#[rustfmt::skip]
static ACTIONS: [Action; 50] = [
    acts("restart", &["r"], CONTAINERS, Intent::Order(Command::Restart), "restart", "restart it, or all marked"),
    reads("logs", &["l"], CONTAINERS, Intent::Logs, "logs", "show its log and follow it"),
    reads("inspect", &["i"], CONTAINERS, Intent::Inspect, "inspect", "show it whole"),
    acts("start", &["t"], CONTAINERS, Intent::Order(Command::Start), "", "start"),
    acts("stop", &["S"], CONTAINERS, Intent::Order(Command::Stop), "", "stop"),
    acts("pause", &["P"], CONTAINERS, Intent::Order(Command::Pause), "", "pause, or go on"),
    acts("kill", &["K"], CONTAINERS, Intent::Order(Command::Kill), "", "kill"),
    acts("remove", &["D"], CONTAINERS, Intent::Order(Command::Remove), "", "kill and remove"),
    reads("mark", &["space"], CONTAINERS, Intent::Mark, "mark", "mark or unmark"),
    reads("mark-all", &["*"], CONTAINERS, Intent::MarkAll, "", "mark all that are shown"),
    reads("unmark", &["u"], CONTAINERS, Intent::UnmarkAll, "", "take all marks away"),
    reads("sort", &["o"], CONTAINERS, Intent::Sort, "sort", "sort by the next column"),
    reads("group", &["O"], CONTAINERS, Intent::Group, "", "group by app, by host, not at all"),
    reads("reconnect", &["R"], HOSTS, Intent::Reconnect, "reconnect", "try this host again now"),
    reads("follow", &["f"], LOGS, Intent::Follow, "follow", "follow, or hold the place"),
    reads("search", &["/"], LOGS, Intent::Edit(Field::Search), "search", "search"),
    reads("next-match", &["n"], LOGS, Intent::Match(1), "", "next match"),
    reads("previous-match", &["N"], LOGS, Intent::Match(-1), "", "previous match"),
    reads("wrap", &["w"], LOGS, Intent::Wrap, "wrap", "wrap long lines, or not"),
    reads("time", &["T"], LOGS, Intent::Time, "time", "another kind of time before lines"),
    reads("left", &["left"], LOGS, Intent::Move(Step::Columns(-8)), "", "to the left"),
    reads("right", &["right"], LOGS, Intent::Move(Step::Columns(8)), "", "to the right"),
    acts("reveal", &["v"], DETAILS, Intent::Reveal, "reveal", "show or mask the value under the cursor"),
    reads("open", &["enter"], LISTS, Intent::Open, "open", "open what the cursor is on"),
    acts("yes", &["y"], PROMPT, Intent::Yes, "", "yes"),
    reads("no", &["n", "esc"], PROMPT, Intent::Back, "", "no"),
    reads("filter", &["/"], NOT_LOGS, Intent::Edit(Field::Filter), "filter", "filter: words, !not, host: tag: state: app: image:"),
    reads("copy", &["y"], PANES, Intent::CopyValue, "", "copy the name or line"),
    reads("copy-row", &["Y"], PANES, Intent::CopyRow, "", "copy the whole row"),
    reads("down", &["j", "down"], EVERYWHERE, Intent::Move(Step::Lines(1)), "", "down"),
    reads("up", &["k", "up"], EVERYWHERE, Intent::Move(Step::Lines(-1)), "", "up"),
    reads("top", &["g", "home"], EVERYWHERE, Intent::Move(Step::Top), "", "to the first"),
    reads("bottom", &["G", "end"], EVERYWHERE, Intent::Move(Step::Bottom), "", "to the last"),
    reads("half-down", &["ctrl-d"], EVERYWHERE, Intent::Move(Step::HalfPages(1)), "", "half a page down"),
    reads("half-up", &["ctrl-u"], EVERYWHERE, Intent::Move(Step::HalfPages(-1)), "", "half a page up"),
    reads("page-down", &["pgdn", "ctrl-f"], EVERYWHERE, Intent::Move(Step::Pages(1)), "", "a page down"),
    reads("page-up", &["pgup", "ctrl-b"], EVERYWHERE, Intent::Move(Step::Pages(-1)), "", "a page up"),
    reads("next-pane", &["tab"], PANES, Intent::Cycle(1), "", "next pane"),
    reads("previous-pane", &["shift-tab"], PANES, Intent::Cycle(-1), "", "previous pane"),
    reads("pane-hosts", &["1"], PANES, Intent::Focus(Pane::Hosts), "", "hosts"),
    reads("pane-containers", &["2"], PANES, Intent::Focus(Pane::Containers), "", "containers"),
    reads("pane-logs", &["3"], PANES, Intent::Focus(Pane::Logs), "", "logs"),
    reads("pane-activity", &["6"], PANES, Intent::Focus(Pane::Activity), "", "activity"),
    reads("zoom", &["z"], PANES, Intent::Zoom, "zoom", "this pane alone, or all"),
    reads("problems", &["!"], EVERYWHERE, Intent::Problems, "problems", "what is wrong"),
    reads("palette", &[":"], PANES, Intent::Edit(Field::Palette), "commands", "a command by its name"),
    reads("back", &["esc"], EVERYWHERE, Intent::Back, "back", "close the topmost thing"),
    reads("quit", &["q"], EVERYWHERE, Intent::Quit, "", "back, and leave at the root"),
    reads("redraw", &["ctrl-l"], EVERYWHERE, Intent::Redraw, "", "draw the screen anew"),
    reads("help", &["?"], EVERYWHERE, Intent::Help, "keys", "these keys"),
];

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chord {
    code: KeyCode,
    mods: KeyModifiers,
}

const NAMED: [(&str, KeyCode, &str); 14] = [
    ("space", KeyCode::Char(' '), "Space"),
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backspace", KeyCode::Backspace, "Backspace"),
    ("delete", KeyCode::Delete, "Delete"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("pgup", KeyCode::PageUp, "PgUp"),
    ("pgdn", KeyCode::PageDown, "PgDn"),
];

impl Chord {
    /// Reads `r`, `R`, `ctrl-r`, `alt-x`, `shift-tab`, `f5`, `space`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut mods = KeyModifiers::empty();
        let mut rest = text;
        while let Some((word, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            mods |= match word.to_ascii_lowercase().as_str() {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return None,
            };
            rest = tail;
        }
        let lower = rest.to_ascii_lowercase();
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => KeyCode::Char(c),
            _ => match NAMED.iter().find(|(name, ..)| *name == lower) {
                Some((_, code, _)) => *code,
                None => KeyCode::F(
                    lower
                        .strip_prefix('f')?
                        .parse()
                        .ok()
                        .filter(|n| (1..=24).contains(n))?,
                ),
            },
        };
        Some(Self::normal(code, mods))
    }

    /// The key of an event.
    pub(super) fn of(key: KeyEvent) -> Self {
        let mods = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        Self::normal(key.code, mods)
    }

    /// One spelling for each key: terminals disagree on whether `R` and back-tab carry Shift.
    fn normal(code: KeyCode, mut mods: KeyModifiers) -> Self {
        let code = match code {
            KeyCode::Char(c) if mods.contains(KeyModifiers::SHIFT) => {
                mods -= KeyModifiers::SHIFT;
                KeyCode::Char(c.to_ascii_uppercase())
            }
            KeyCode::BackTab => {
                mods |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            code => code,
        };
        Self { code, mods }
    }

    /// Whether this key may make an order: a plain printable key or a function key, no navigation, no bare Ctrl.
    fn may_act(self) -> bool {
        !self.mods.contains(KeyModifiers::CONTROL)
            && matches!(self.code, KeyCode::Char(c) if c != ' ') | matches!(self.code, KeyCode::F(_))
    }

    /// As the key bar and the help show it.
    pub(super) fn label(self) -> String {
        let mut text = String::new();
        for (mods, name) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if self.mods.contains(mods) {
                text.push_str(name);
            }
        }
        match self.code {
            KeyCode::F(n) => text.extend(["F", &n.to_string()]),
            code => match NAMED.iter().find(|(_, named, _)| *named == code) {
                Some((.., label)) => text.push_str(label),
                None => text.extend(code.as_char()),
            },
        }
        text
    }
}

/// Keys to intents; see [`Keymap::new`].
#[derive(Debug, Clone)]
pub struct Keymap {
    /// Of each action, in the order of the table.
    chords: Vec<Vec<Chord>>,
}

impl Keymap {
    /// The defaults with the configuration's changes `(action, key)`: the keys given for an action replace its own.
    /// A clash is refused by name.
    pub fn new(overrides: &[(String, String)]) -> Result<Self, String> {
        let mut chords: Vec<Vec<Chord>> = ACTIONS
            .iter()
            .map(|action| action.keys.iter().filter_map(|key| Chord::parse(key)).collect())
            .collect();
        let mut changed = vec![false; ACTIONS.len()];
        for (name, key) in overrides {
            let Some(at) = ACTIONS.iter().position(|action| action.name == name) else {
                let near = nearest(name, ACTIONS.iter().map(|action| action.name));
                let near = near.map_or_else(String::new, |near| format!(" (did you mean {near}?)"));
                return Err(format!("keys: unknown action \"{name}\"{near}"));
            };
            let chord = Chord::parse(key).ok_or_else(|| {
                format!("keys: {name} = \"{key}\" is not a key: expected one like \"r\", \"ctrl-r\", \"f5\" or \"space\"")
            })?;
            if ACTIONS[at].acting && !chord.may_act() {
                return Err(format!(
                    "keys: {name} = \"{key}\": what acts takes a plain or function key, never Ctrl, Enter, Space or a key that moves"
                ));
            }
            if chord == Chord::normal(KeyCode::Char('c'), KeyModifiers::CONTROL) {
                return Err(format!(
                    "keys: {name} = \"{key}\": Ctrl-C always closes the prompt or asks to quit"
                ));
            }
            if !std::mem::replace(&mut changed[at], true) {
                chords[at].clear();
            }
            chords[at].push(chord);
        }
        let keymap = Self { chords };
        keymap.clash().map_or(Ok(keymap), Err)
    }

    fn clash(&self) -> Option<String> {
        for (at, one) in ACTIONS.iter().enumerate() {
            for (other_at, other) in ACTIONS.iter().enumerate().skip(at + 1) {
                let meet = one
                    .contexts
                    .iter()
                    .any(|context| other.contexts.contains(context));
                let shared = self.chords[at]
                    .iter()
                    .find(|chord| self.chords[other_at].contains(chord));
                if let (true, Some(chord)) = (meet, shared) {
                    return Some(format!(
                        "keys: {} is wanted by both {} and {}",
                        chord.label(),
                        one.name,
                        other.name
                    ));
                }
            }
        }
        None
    }

    /// What a key does here.
    pub(super) fn find(&self, context: Context, chord: Chord) -> Option<&'static Action> {
        let mut actions = ACTIONS.iter().zip(&self.chords);
        let found =
            actions.find(|(action, chords)| action.contexts.contains(&context) && chords.contains(&chord));
        found.map(|(action, _)| action)
    }

    /// What can be done here, with the keys; what acts is left out on a read-only console.
    pub(super) fn actions(
        &self,
        context: Context,
        read_only: bool,
    ) -> impl Iterator<Item = (&'static Action, &[Chord])> {
        let all = ACTIONS.iter().zip(self.chords.iter().map(Vec::as_slice));
        all.filter(move |(action, _)| action.contexts.contains(&context) && !(action.acting && read_only))
    }

    /// The label of an action's first key.
    pub(super) fn label(&self, name: &str) -> String {
        let at = ACTIONS.iter().position(|action| action.name == name);
        let chord = at.and_then(|at| self.chords[at].first());
        chord.map_or_else(String::new, |chord| chord.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(changes: &[(&str, &str)]) -> Result<Keymap, String> {
        let changes: Vec<_> = changes
            .iter()
            .map(|(a, k)| ((*a).to_owned(), (*k).to_owned()))
            .collect();
        Keymap::new(&changes)
    }

    fn press(keymap: &Keymap, context: Context, key: &str) -> Option<&'static str> {
        keymap
            .find(context, Chord::parse(key).expect(key))
            .map(|action| action.name)
    }

    #[test]
    fn the_defaults_are_readable_and_do_not_clash() {
        let keymap = with(&[]).expect("defaults");
        for (action, chords) in ACTIONS.iter().zip(&keymap.chords) {
            assert_eq!(chords.len(), action.keys.len(), "{}", action.name);
            assert!(
                !action.acting || chords.iter().all(|chord| chord.may_act()),
                "{}",
                action.name
            );
        }
    }

    #[test]
    fn overrides_replace_and_faults_are_named() {
        let keymap = with(&[("restart", "F5"), ("down", "ctrl-n"), ("down", "J")]).expect("good");
        assert_eq!(press(&keymap, Context::Containers, "f5"), Some("restart"));
        assert_eq!(press(&keymap, Context::Containers, "r"), None);
        assert_eq!(press(&keymap, Context::Logs, "shift-j"), Some("down"));
        for (changes, says) in [
            ([("restart", "l")], "l is wanted by both restart and logs"),
            ([("restrat", "x")], "did you mean restart?"),
            ([("restart", "ctrl-r")], "never Ctrl"),
            ([("kill", "enter")], "never Ctrl, Enter"),
            ([("yes", "space")], "never Ctrl, Enter"),
            ([("restart", "hyper-x")], "is not a key"),
            ([("zoom", "ctrl-c")], "Ctrl-C always"),
            ([("filter", "q")], "q is wanted by both filter and quit"),
        ] {
            let error = with(&changes).expect_err(says);
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn the_readme_names_keys_and_actions_that_there_are() {
        let readme = include_str!("../../README.md");
        let keymap = with(&[]).expect("defaults");
        let labels: Vec<String> = keymap
            .chords
            .iter()
            .flatten()
            .map(|chord| chord.label())
            .collect();
        let table = readme.split("| keys | do |").nth(1).expect("a table of keys");
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        for row in rows {
            let cell = row.split('|').nth(1).expect("a cell");
            for key in cell.split('`').skip(1).step_by(2).flat_map(str::split_whitespace) {
                assert!(labels.iter().any(|label| label == key), "{key} in {row}");
            }
        }
        let actions = readme
            .split("Actions: `")
            .nth(1)
            .and_then(|rest| rest.split('`').next());
        let actions: Vec<_> = actions.expect("a list of actions").split_whitespace().collect();
        assert_eq!(actions, ACTIONS.each_ref().map(|action| action.name));
    }

    #[test]
    fn terminals_that_differ_on_shift_mean_the_same() {
        let event = |code, mods| Chord::of(KeyEvent::new(code, mods));
        assert_eq!(
            event(KeyCode::Char('R'), KeyModifiers::SHIFT),
            event(KeyCode::Char('R'), KeyModifiers::NONE)
        );
        assert_eq!(
            event(KeyCode::BackTab, KeyModifiers::NONE),
            event(KeyCode::BackTab, KeyModifiers::SHIFT)
        );
        assert_eq!(
            Chord::parse("shift-tab"),
            Some(event(KeyCode::BackTab, KeyModifiers::SHIFT))
        );
        assert_eq!(Chord::parse("-").map(Chord::label).as_deref(), Some("-"));
        assert_eq!(
            Chord::parse("ctrl--").map(Chord::label).as_deref(),
            Some("Ctrl--")
        );
    }
}
