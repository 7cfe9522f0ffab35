//! What the tasks of one host share.

use std::collections::HashSet;
use std::ops::Deref;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::fleet::event::{Action, Event, HostFact};
use crate::fleet::model::{ContainerId, ErrorKind, HostId, HostSpec, SourceError};
use crate::sources::docker::Engine;
use crate::sources::link::{Access, SshSettings};

/// Orders in flight at once.
const ORDERS: usize = 8;
/// Inspections in flight at once.
const INSPECTIONS: usize = 4;

/// One host, as its supervisor, its logs, its statistics and its orders see it.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) id: HostId,
    pub(super) spec: HostSpec,
    /// What it shares with the other hosts.
    pub(super) shared: Shared,
    /// The engine and what passed by. Only a change of the engine is notified.
    pub(super) link: watch::Sender<Link>,
    /// An operator asks to connect again.
    pub(super) again: Notify,
    pub(super) orders: Semaphore,
    pub(super) inspections: Semaphore,
}

/// What all hosts share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) access: Access,
    pub(super) ssh: SshSettings,
    /// When the runtime was started.
    pub(super) started: Instant,
    /// How often each host is pinged.
    pub(super) ping_every: Duration,
    /// Where facts go. Bounded: whoever tells waits.
    pub(super) events: mpsc::Sender<Event>,
    /// The program leaves.
    pub(super) leaving: CancellationToken,
    /// All tasks, so that leaving can wait for them.
    pub(super) tasks: TaskTracker,
}

/// The current connection of a host, and what its facts told that outlives it.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// There from the first listing of a connection to its loss.
    pub(super) engine: Option<Engine>,
    /// Whether it answered lately.
    pub(super) answers: bool,
    /// The containers that have something to measure.
    pub(super) running: HashSet<ContainerId>,
    /// Unix seconds of the last event.
    pub(super) last_event_s: Option<i64>,
}

impl Shared {
    /// Sends an event, waiting for room. One that finds nobody listening, or the program leaving, is of no use any more.
    pub(super) async fn send(&self, event: Event) {
        tokio::select! {
            _ = self.events.send(event) => {}
            () = self.leaving.cancelled() => {}
        }
    }
}

impl Deref for Host {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Host {
    pub(super) fn new(id: HostId, spec: HostSpec, shared: Shared) -> Self {
        Self {
            id,
            spec,
            shared,
            link: watch::Sender::default(),
            again: Notify::new(),
            orders: Semaphore::new(ORDERS),
            inspections: Semaphore::new(INSPECTIONS),
        }
    }

    /// Tells a fact of the host.
    pub(super) async fn tell(&self, epoch: u32, fact: HostFact) {
        let host = self.id;
        self.send(Event::Host { host, epoch, fact }).await;
    }

    /// The engine, while the host is connected.
    pub(super) fn engine(&self) -> Result<Engine, SourceError> {
        self.link.borrow().engine.clone().ok_or_else(not_connected)
    }

    /// Takes note of a fact on its way to the fleet; the first listing over `engine` makes the host connected.
    pub(super) fn note(&self, fact: &HostFact, engine: &Engine) {
        self.link.send_if_modified(|link| {
            link.note(fact);
            let first = link.engine.is_none() && matches!(fact, HostFact::Listed(_));
            if first {
                link.engine = Some(engine.clone());
            }
            first
        });
    }

    /// The connection is gone.
    pub(super) fn disconnected(&self) {
        self.link.send_if_modified(|link| {
            link.answers = false;
            link.engine.take().is_some()
        });
    }
}

impl Link {
    fn note(&mut self, fact: &HostFact) {
        match fact {
            HostFact::Answered { .. } => self.answers = true,
            HostFact::Silent { .. } => self.answers = false,
            HostFact::Listed(all) => {
                self.answers = true;
                self.running = all
                    .iter()
                    .filter(|container| container.state.is_up())
                    .map(|container| container.key.id)
                    .collect();
            }
            HostFact::Refreshed(some) => {
                for container in some {
                    if container.state.is_up() {
                        self.running.insert(container.key.id);
                    } else {
                        self.running.remove(&container.key.id);
                    }
                }
            }
            HostFact::Happened(event) => {
                let second = event.at_ms.div_euclid(1000);
                self.last_event_s = self.last_event_s.max(Some(second));
                match event.action {
                    Action::Start => {
                        self.running.insert(event.key.id);
                    }
                    Action::Die { .. } | Action::Destroy => {
                        self.running.remove(&event.key.id);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// What is said where an engine is needed and there is none.
pub(super) fn not_connected() -> SourceError {
    SourceError::new(ErrorKind::Unreachable, "the host is not connected")
}

/// The engine of a host, as soon as it is connected.
pub(super) async fn connected(link: &mut watch::Receiver<Link>) -> Option<Engine> {
    link.wait_for(|link| link.engine.is_some())
        .await
        .ok()
        .and_then(|link| link.engine.clone())
}
