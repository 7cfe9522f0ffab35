//! `GET /events`: one JSON object after another, about containers only.

use std::borrow::Cow;

use serde::Deserialize;

use super::stamp;
use crate::fleet::event::{Action, EngineEvent};
use crate::fleet::model::{ContainerId, ContainerKey, Health, HostId};
use crate::fleet::text::Printable;

/// The filter for what [`parse`] understands, as JSON. Without it every health check costs three events.
/// `health_status` in the list makes the engine compare beginnings, so that `health_status: healthy` passes.
pub(super) const FILTERS: &str = r#"{"type":["container"],"event":["create","start","die","kill","stop","restart","pause","unpause","oom","health_status","rename","destroy","update"]}"#;

/// Bytes of one event at most; a longer one is passed over.
const LONGEST: usize = 1024 * 1024;

#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow, rename = "Action", default)]
    action: Cow<'a, str>,
    #[serde(borrow, rename = "Actor")]
    actor: Actor<'a>,
    #[serde(default)]
    time: i64,
    #[serde(rename = "timeNano", default)]
    time_nano: i64,
}

#[derive(Deserialize)]
struct Actor<'a> {
    #[serde(borrow, rename = "ID")]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "Attributes", default)]
    attributes: Attributes<'a>,
}

#[derive(Deserialize, Default)]
struct Attributes<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default, rename = "exitCode")]
    exit_code: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    signal: Option<Cow<'a, str>>,
}

/// Reads one event; `None` for one that is not told further.
pub(super) fn parse(host: HostId, json: &[u8]) -> Option<EngineEvent> {
    let told: Told<'_> = serde_json::from_slice(json).ok()?;
    let id = ContainerId::parse(&told.actor.id)?;
    let attributes = told.actor.attributes;
    let action = match told.action.as_ref() {
        "create" => Action::Create,
        "start" => Action::Start,
        "die" => Action::Die {
            exit_code: attributes
                .exit_code
                .and_then(|code| code.parse().ok())
                .unwrap_or(-1),
        },
        "kill" => Action::Kill {
            signal: Printable::name(attributes.signal.as_deref().unwrap_or_default()),
        },
        "stop" => Action::Stop,
        "restart" => Action::Restart,
        "pause" => Action::Pause,
        "unpause" => Action::Unpause,
        "oom" => Action::Oom,
        "rename" => Action::Rename,
        "destroy" => Action::Destroy,
        "update" => Action::Update,
        other => match other.strip_prefix("health_status: ")?.trim() {
            "healthy" => Action::Health(Health::Healthy),
            "unhealthy" => Action::Health(Health::Unhealthy),
            "starting" => Action::Health(Health::Starting),
            _ => return None,
        },
    };
    let name = attributes.name.strip_prefix('/').unwrap_or(&attributes.name);
    Some(EngineEvent {
        key: ContainerKey { host, id },
        name: Printable::name(name),
        at_ms: if told.time_nano > 0 {
            told.time_nano / 1_000_000
        } else {
            stamp::sane_s(told.time) * 1000
        },
        action,
    })
}

/// Cuts a stream into lines, whatever pieces it comes in.
#[derive(Default)]
pub(super) struct Lines {
    held: Vec<u8>,
    skipping: bool,
}

impl Lines {
    /// Takes a piece and hands on every line that is whole now.
    pub(super) fn push(&mut self, mut piece: &[u8], mut line: impl FnMut(&[u8])) {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            let (this, rest) = (&piece[..end], &piece[end + 1..]);
            if self.skipping {
                self.skipping = false;
            } else if self.held.is_empty() {
                line(this);
            } else {
                self.held.extend_from_slice(this);
                line(&self.held);
            }
            self.held.clear();
            piece = rest;
        }
        if self.skipping {
            return;
        }
        self.held.extend_from_slice(piece);
        if self.held.len() > LONGEST {
            self.held = Vec::new();
            self.skipping = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Lines, parse};
    use crate::fleet::event::Action;
    use crate::fleet::model::{Health, HostId};

    fn event(action: &str, attributes: &str) -> Option<super::EngineEvent> {
        let id = "ab".repeat(32);
        parse(
            HostId(1),
            format!(
                r#"{{"status":"x","Type":"container","Action":"{action}","Actor":{{"ID":"{id}","Attributes":{{
                "name":"web"{attributes}}}}},"scope":"local","time":7,"timeNano":7123456789}}"#
            )
            .as_bytes(),
        )
    }

    #[test]
    fn actions_are_understood() {
        let action = |word: &str, attributes: &str| event(word, attributes).map(|event| event.action);
        assert_eq!(
            action("die", r#","exitCode":"137""#),
            Some(Action::Die { exit_code: 137 })
        );
        assert_eq!(
            action("kill", r#","signal":"15""#),
            Some(Action::Kill { signal: "15".into() })
        );
        assert_eq!(
            action("health_status: unhealthy", ""),
            Some(Action::Health(Health::Unhealthy))
        );
        assert_eq!(action("rename", r#","oldName":"/old""#), Some(Action::Rename));
        assert_eq!(action("exec_start: sh", ""), None);
        assert_eq!(action("attach", ""), None);
        let told = event("start", "").expect("an event");
        assert_eq!(
            (told.at_ms, told.name.as_str(), told.key.host),
            (7123, "web", HostId(1))
        );
        let id = "ab".repeat(32);
        let far = format!(
            r#"{{"Action":"start","Actor":{{"ID":"{id}"}},"time":{}}}"#,
            i64::MAX
        );
        let far = parse(HostId(0), far.as_bytes()).expect("an event").at_ms;
        assert!(far.checked_mul(1000).is_some(), "{far}");
        assert_eq!(parse(HostId(0), b"{}"), None);
        assert_eq!(parse(HostId(0), b"\xff"), None);
    }

    #[test]
    fn lines_survive_any_cut() {
        let text = b"one\ntwo\n\nthree\n";
        for cut in 0..=text.len() {
            let mut lines = Lines::default();
            let mut seen = Vec::new();
            for piece in [&text[..cut], &text[cut..]] {
                lines.push(piece, |line| seen.push(line.to_vec()));
            }
            assert_eq!(seen, [&b"one"[..], b"two", b"", b"three"]);
        }
    }

    #[test]
    fn an_endless_line_is_passed_over() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        lines.push(&vec![b'x'; LONGEST + 1], |line| seen.push(line.to_vec()));
        lines.push(b"xx\ngood\n", |line| seen.push(line.to_vec()));
        assert_eq!(seen, [b"good"]);
    }
}
