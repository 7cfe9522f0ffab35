//! The engine's events, and `GET /events`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use hyper::Response;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch;

use super::clock;
use super::filters::Filters;
use super::refusal::Refusal;
use super::state::Shared;
use super::wire::{self, Body, Query};

/// How many past events an engine still tells to one who asks with `since`.
const TOLD: usize = 256;
/// How many are kept for readers that are slow.
const KEPT: usize = 8192;

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) kind: &'static str,
    pub(super) action: String,
    pub(super) id: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) at: Timestamp,
}

/// Past events, each with its number.
#[derive(Debug, Default)]
pub(super) struct Ring {
    events: VecDeque<Event>,
    dropped: u64,
}

impl Ring {
    pub(super) fn push(&mut self, event: Event) {
        if self.events.len() == KEPT {
            self.events.pop_front();
            self.dropped += 1;
        }
        self.events.push_back(event);
    }

    fn end(&self) -> u64 {
        self.dropped + self.events.len() as u64
    }

    /// The number of the first event not before `since`, among those that are still told.
    fn first_since(&self, since: Timestamp) -> u64 {
        let fresh = self
            .events
            .iter()
            .rev()
            .take(TOLD)
            .take_while(|event| event.at >= since)
            .count();
        self.end() - fresh as u64
    }

    fn from(&self, number: u64) -> impl Iterator<Item = &Event> {
        let skipped = usize::try_from(number.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        self.events.iter().skip(skipped)
    }
}

impl Event {
    /// One line of the stream: the present form and, for containers, the older one beside it.
    fn line(&self) -> String {
        let mut value = json!({
            "Type": self.kind,
            "Action": self.action,
            "Actor": { "ID": self.id, "Attributes": self.attributes },
            "scope": "local",
            "time": self.at.as_second(),
            "timeNano": clock::nanos(self.at),
        });
        if self.kind == "container" {
            value["status"] = json!(self.action);
            value["id"] = json!(self.id);
            value["from"] = json!(self.attributes.get("image"));
        }
        format!("{value}\n")
    }

    fn passes(&self, filters: &Filters) -> bool {
        let attribute = |name: &str| self.attributes.get(name).map_or("", String::as_str);
        let verb = self.action.split(':').next().unwrap_or_default();
        filters.any("type", |kind| kind == self.kind)
            && filters.any("event", |action| action == self.action || action == verb)
            && filters.any("container", |wanted| {
                self.kind == "container"
                    && (self.id.starts_with(wanted) || attribute("name").starts_with(wanted))
            })
            && filters.any("image", |image| {
                attribute("image") == image || attribute("image").split(':').next() == Some(image)
            })
            && filters.labels(&self.attributes)
    }
}

struct Reader {
    shared: Arc<Shared>,
    changed: watch::Receiver<u64>,
    next: u64,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    filters: Filters,
}

impl Reader {
    /// The lines that are due, and whether the end was reached.
    fn step(&mut self) -> (String, bool) {
        let shared = Arc::clone(&self.shared);
        shared.read(|state| {
            let mut lines = String::new();
            for event in state.events.from(self.next) {
                if self.until.is_some_and(|until| event.at > until) {
                    self.next = u64::MAX;
                    return (lines, true);
                }
                if self.since.is_none_or(|since| event.at >= since) && event.passes(&self.filters) {
                    lines.push_str(&event.line());
                }
            }
            self.next = self.next.max(state.events.end());
            (lines, self.until.is_some_and(|until| state.clock.now() >= until))
        })
    }

    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            self.shared.thawed().await;
            self.changed.borrow_and_update();
            let (lines, over) = self.step();
            if !lines.is_empty() {
                return Some((Bytes::from(lines), self));
            }
            if over {
                return None;
            }
            let left = self
                .until
                .map(|until| clock::age(until, self.shared.read(|state| state.clock.now())));
            tokio::select! {
                changed = self.changed.changed() => changed.ok()?,
                () = wire::wait(left) => {}
            }
        }
    }
}

/// `GET /events`.
pub(super) fn answer(
    shared: &Arc<Shared>,
    query: &Query,
    api: wire::Version,
) -> Result<Response<Body>, Refusal> {
    let (since, until) = (query.time("since", api)?, query.time("until", api)?);
    let filters = Filters::parse(query.get("filters")).ok_or_else(|| Refusal::filters(api))?;
    let changed = shared.subscribe();
    let next = shared.read(|state| match (since, until) {
        (None, None) => state.events.end(),
        (since, _) => state.events.first_since(since.unwrap_or(Timestamp::MIN)),
    });
    let reader = Reader {
        shared: Arc::clone(shared),
        changed,
        next,
        since,
        until,
        filters,
    };
    Ok(wire::stream(
        Some("application/json"),
        futures_util::stream::unfold(reader, Reader::next),
    ))
}
