//! One engine's state: its containers, its events, and what is due to happen by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use super::containers::Container;
use super::events::{Event, Ring};
use super::faults::{Asked, Faults};
use super::refusal::Refusal;
use super::rng::Rng;
use super::spec::{EngineSpec, Health};
use super::wire;
use super::{Clock, clock};

/// The state, and the ways to wait for it.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    /// Whether the engine accepts connections.
    pub(super) listening: watch::Sender<bool>,
    /// Raised whenever all connections are to be dropped.
    pub(super) severed: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn new(state: State) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            listening: watch::Sender::new(true),
            severed: watch::Sender::new(0),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.lock())
    }

    /// Changes what no stream looks at.
    pub(super) fn note<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.lock())
    }

    /// Changes the state and wakes all streams.
    pub(super) fn alter<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let result = change(&mut self.lock());
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        result
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Waits while the engine is frozen.
    pub(super) async fn thawed(&self) {
        let mut changed = self.subscribe();
        while self.read(|state| state.faults.frozen) {
            // The sender lives as long as `self`.
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Lets what is due happen, for as long as it is polled.
    pub(super) async fn live(&self) {
        let mut changed = self.subscribe();
        loop {
            self.thawed().await;
            changed.borrow_and_update();
            let mut happened = false;
            while self.note(State::happen) {
                happened = true;
            }
            if happened {
                self.alter(|_| ());
                changed.borrow_and_update();
            }
            let wait = self.read(|state| {
                let next = state.due.iter().map(|due| due.at).min()?;
                matches!(state.clock, Clock::Real).then(|| clock::age(next, state.clock.now()))
            });
            tokio::select! {
                change = changed.changed() => if change.is_err() { return },
                () = wire::wait(wait) => {}
            }
        }
    }
}

/// What happens by itself to a container.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Start,
    Die(i64),
    Verdict(Health),
    Say,
}

/// Something that will happen, unless the container has begun another run by then.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) at: Timestamp,
    pub(super) id: String,
    pub(super) run: u64,
    pub(super) what: What,
}

/// What one engine holds.
#[derive(Debug)]
pub(super) struct State {
    /// What was asked for; its list of containers has been moved out.
    pub(super) spec: EngineSpec,
    pub(super) api: wire::Version,
    pub(super) min_api: wire::Version,
    pub(super) booted: Timestamp,
    pub(super) clock: Clock,
    pub(super) containers: Vec<Container>,
    pub(super) events: Ring,
    pub(super) due: Vec<Due>,
    pub(super) faults: Faults,
    pub(super) asked: Vec<Asked>,
    pub(super) rng: Rng,
    pub(super) made: u64,
}

impl State {
    pub(super) fn new(mut spec: EngineSpec) -> Self {
        let containers = std::mem::take(&mut spec.containers);
        let now = spec.clock.now();
        let mut state = Self {
            api: wire::version(&spec.api_version).unwrap_or((1, 41)),
            min_api: wire::version(&spec.min_api_version).unwrap_or((1, 12)),
            booted: clock::before(now, std::time::Duration::from_secs(41 * 86_400)),
            clock: spec.clock,
            rng: Rng::named(spec.seed, &spec.name),
            containers: Vec::new(),
            events: Ring::default(),
            due: Vec::new(),
            faults: Faults::default(),
            asked: Vec::new(),
            made: 0,
            spec,
        };
        for container in containers {
            state.place(container);
        }
        state
    }

    pub(super) fn set_version(&mut self, version: &str, api: &str, min_api: &str) {
        self.spec = std::mem::take(&mut self.spec).speaking(version, api, min_api);
        self.api = wire::version(api).unwrap_or(self.api);
        self.min_api = wire::version(min_api).unwrap_or(self.min_api);
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Container> {
        self.containers.iter().find(|container| container.id == id)
    }

    /// Finds a container as the engine does: full id, then name, then a prefix of one id only.
    pub(super) fn find(&self, name: &str) -> Result<usize, Refusal> {
        let name = name.strip_prefix('/').unwrap_or(name);
        let exact = |c: &Container| c.id == name;
        let named = |c: &Container| c.spec.name == name;
        if let Some(index) = self
            .containers
            .iter()
            .position(exact)
            .or_else(|| self.containers.iter().position(named))
        {
            return Ok(index);
        }
        let mut fitting = self
            .containers
            .iter()
            .enumerate()
            .filter(|(_, c)| !name.is_empty() && c.id.starts_with(name));
        match (fitting.next(), fitting.next()) {
            (Some((index, _)), None) => Ok(index),
            (Some(_), Some(_)) if self.api >= (1, 44) => {
                Refusal::new(400, format!("multiple IDs found with provided prefix: {name}"))
            }
            (Some(_), Some(_)) => {
                Refusal::new(500, format!("Multiple IDs found with provided prefix: {name}"))
            }
            (None, _) => Refusal::new(404, format!("No such container: {name}")),
        }
    }

    pub(super) fn container(&self, name: &str) -> Result<&Container, Refusal> {
        let index = self.find(name)?;
        self.containers
            .get(index)
            .ok_or_else(|| Refusal(404, format!("No such container: {name}")))
    }

    /// Tells that something happened to a container; name, image and labels go with it.
    pub(super) fn emit(&mut self, index: usize, action: &str, extra: &[(&str, &str)]) {
        let Some(container) = self.containers.get(index) else {
            return;
        };
        let mut attributes = container.spec.labels.clone();
        attributes.insert("image".to_owned(), container.spec.image.clone());
        attributes.insert("name".to_owned(), container.spec.name.clone());
        attributes.extend(
            extra
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let event = Event {
            kind: "container",
            action: action.to_owned(),
            id: container.id.clone(),
            attributes,
            at: self.clock.now(),
        };
        self.events.push(event);
    }

    /// Tells that a container joined or left its network.
    pub(super) fn emit_network(&mut self, index: usize, action: &str) {
        let Some(container) = self.containers.get(index) else {
            return;
        };
        let attributes = BTreeMap::from([
            ("container".to_owned(), container.id.clone()),
            ("name".to_owned(), container.spec.network.clone()),
            ("type".to_owned(), "bridge".to_owned()),
        ]);
        let event = Event {
            kind: "network",
            action: action.to_owned(),
            id: container.network_id(),
            attributes,
            at: self.clock.now(),
        };
        self.events.push(event);
    }

    /// Lets the next due thing happen; false when nothing is due.
    fn happen(&mut self) -> bool {
        let now = self.clock.now();
        let next = self
            .due
            .iter()
            .enumerate()
            .filter(|(_, due)| due.at <= now)
            .min_by_key(|(_, due)| due.at);
        let Some((at, _)) = next else { return false };
        let due = self.due.swap_remove(at);
        let found = self
            .containers
            .iter()
            .position(|c| c.id == due.id && c.run == due.run);
        if let Some(index) = found {
            match due.what {
                What::Start => self.start(index),
                What::Die(code) => self.die(index, code, false),
                What::Verdict(health) => self.verdict(index, health),
                What::Say => self.say(index),
            }
        }
        true
    }
}
