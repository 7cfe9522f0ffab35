//! Effect → task → Event.
//!
//! A supervisor a host keeps it connected and measures it; logs, inspections and orders are tasks of their own. They share
//! a `host::Host`; everything they learn goes as an event into one bounded channel.

mod contain;
mod host;
mod journal;
mod logs;
pub mod orders;
mod stats;
mod supervise;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use journal::Journal;

use self::host::{Host, Shared};
use self::logs::Logs;
use crate::fleet::effect::Effect;
use crate::fleet::event::Event;
use crate::fleet::model::{ContainerKey, ErrorKind, HostId, HostSpec, Order, SourceError};
use crate::sources::link::{Access, SshSettings};

/// All tasks have this long to end.
const SHUTDOWN: Duration = Duration::from_secs(1);
/// A journal that cannot be written is tried again this often.
const JOURNAL_AGAIN: Duration = Duration::from_secs(10);
/// A host is pinged this often, and more seldom once all hosts together would take more than so many pings a second.
const PING: Duration = Duration::from_secs(2);
const PINGS_PER_S: u32 = 25;
/// An inspection that takes longer is given up.
const INSPECTION: Duration = Duration::from_secs(10);

/// How the runtime is built.
#[derive(Debug, Clone)]
pub struct Options {
    /// Build no acting half.
    pub read_only: bool,
    /// Where orders are written down.
    pub journal: PathBuf,
    /// How ssh is run.
    pub ssh: SshSettings,
}

/// Owns all tasks; dropping it ends them.
#[derive(Debug)]
pub struct Runtime {
    hosts: Vec<Arc<Host>>,
    shared: Shared,
    on_screen: watch::Sender<Vec<ContainerKey>>,
    logs: Logs,
    /// `None` when read-only.
    journal: Option<Journal>,
    leave: DropGuard,
}

impl Runtime {
    /// Starts a supervisor for every host at once. Must be called within a tokio runtime.
    pub fn start(hosts: &[HostSpec], options: Options, events: mpsc::Sender<Event>) -> Self {
        let leaving = CancellationToken::new();
        let shared = Shared {
            access: if options.read_only {
                Access::ReadOnly
            } else {
                Access::Full
            },
            ssh: options.ssh,
            started: Instant::now(),
            ping_every: ping_every(hosts.len()),
            events,
            leaving: leaving.clone(),
            tasks: TaskTracker::new(),
        };
        let on_screen = watch::Sender::new(Vec::new());
        let hosts = (0..)
            .zip(hosts)
            .map(|(id, spec)| {
                let host = Arc::new(Host::new(HostId(id), spec.clone(), shared.clone()));
                let (dialled, on_screen) = (Arc::clone(&host), on_screen.subscribe());
                let attempt = move |epoch| supervise::connect(Arc::clone(&dialled), epoch, on_screen.clone());
                shared
                    .tasks
                    .spawn(supervise::supervise(Arc::clone(&host), attempt));
                host
            })
            .collect();
        let journal = (!options.read_only).then(|| Journal::new(options.journal));
        if let Some(journal) = journal.clone() {
            shared.tasks.spawn(mind(journal, shared.clone()));
        }
        Self {
            hosts,
            shared,
            on_screen,
            logs: Logs::default(),
            journal,
            leave: leaving.drop_guard(),
        }
    }

    /// Carries out an effect; never blocks. `Copy` and `Quit` are the app's, not the runtime's.
    pub fn dispatch(&mut self, effect: Effect) {
        match effect {
            Effect::Reconnect(host) => {
                if let Some(host) = self.host(host) {
                    host.again.notify_one();
                }
            }
            Effect::WatchStats(keys) => {
                self.on_screen.send_replace(keys);
            }
            Effect::OpenLog { stream, key, from } => {
                if let Some(host) = self.host(key.host) {
                    self.logs.open(&host, stream, key.id, from);
                }
            }
            Effect::CloseLog(stream) => self.logs.close(stream),
            Effect::Inspect(key) => {
                if let Some(host) = self.host(key.host) {
                    self.shared.tasks.spawn(inspect(host, key));
                }
            }
            Effect::Order(order) => self.order(order),
            Effect::Copy(_) | Effect::Quit => {}
        }
    }

    fn order(&self, order: Order) {
        let shared = &self.shared;
        match (self.host(order.key.host), &self.journal) {
            (Some(host), Some(journal)) => {
                shared.tasks.spawn(orders::run(host, journal.clone(), order));
            }
            (host, _) => {
                let why = if host.is_some() {
                    "read-only"
                } else {
                    "no such host"
                };
                let (shared, fact) = (shared.clone(), orders::not_sent(why));
                let event = Event::Ordered {
                    order: order.id,
                    fact,
                };
                shared
                    .tasks
                    .clone()
                    .spawn(async move { shared.send(event).await });
            }
        }
    }

    fn host(&self, id: HostId) -> Option<Arc<Host>> {
        let host = self.hosts.get(id.index()).cloned();
        if host.is_none() {
            tracing::error!(host = id.0, "an effect names a host that does not exist");
        }
        host
    }

    /// Ends all tasks and links in order, within a second.
    pub async fn shutdown(self) {
        let Self {
            shared, logs, leave, ..
        } = self;
        drop((leave, logs));
        shared.tasks.close();
        if timeout(SHUTDOWN, shared.tasks.wait()).await.is_err() {
            tracing::warn!(left = shared.tasks.len(), "tasks did not end in time");
        }
    }
}

/// How often each of so many hosts is pinged.
fn ping_every(hosts: usize) -> Duration {
    let hosts = u32::try_from(hosts).unwrap_or(u32::MAX);
    PING.max(Duration::from_secs(1) * hosts / PINGS_PER_S)
}

/// Tells whether the journal can be written, at the start and whenever that changes; while it cannot, tries again.
async fn mind(journal: Journal, shared: Shared) {
    let watch = async {
        let mut health = journal.health();
        // The answer is in its health.
        let _ = journal.check().await;
        loop {
            let is = health.borrow_and_update().clone();
            let good = is.is_ok();
            shared.send(Event::Journal(is)).await;
            if good {
                // The journal outlives this: it never is an error.
                let _ = health.changed().await;
            } else {
                while !health.has_changed().unwrap_or(true) {
                    sleep(JOURNAL_AGAIN).await;
                    let _ = journal.check().await;
                }
            }
        }
    };
    // Ends when the program leaves.
    let _ = shared.leaving.run_until_cancelled(watch).await;
}

/// Inspects a container and tells the answer.
async fn inspect(host: Arc<Host>, key: ContainerKey) {
    let asked = Arc::clone(&host);
    let answer = contain::contained(async move {
        // The permits are never closed.
        let _permit = asked.inspections.acquire().await;
        let engine = asked.engine()?;
        timeout(INSPECTION, engine.inspect(key.id))
            .await
            .unwrap_or_else(|_| {
                let seconds = INSPECTION.as_secs();
                Err(SourceError::new(
                    ErrorKind::Timeout,
                    format!("no answer within {seconds} s"),
                ))
            })
    })
    .await;
    let result = answer.and_then(|details| details.map(Box::new));
    host.send(Event::Inspected { key, result }).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ping_every;

    #[test]
    fn large_fleets_are_pinged_more_seldom() {
        for (hosts, seconds) in [(0, 2), (1, 2), (50, 2), (100, 4), (500, 20)] {
            assert_eq!(ping_every(hosts), Duration::from_secs(seconds), "{hosts}");
        }
    }
}
