//! Keeps one host connected: dial, watch, lose, wait, forever.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

use super::contain::contained;
use super::host::Host;
use super::stats;
use crate::fleet::event::HostFact;
use crate::fleet::model::{ContainerKey, ErrorKind, SourceError};
use crate::sources::docker::Engine;

/// A link has its own, shorter deadlines; this one only makes sure that no host hangs in a dial for good.
const DIAL: Duration = Duration::from_secs(30);
/// An orderly end of a link takes no longer.
const CLOSE: Duration = Duration::from_millis(800);
/// Facts of one host between its source and the events channel.
const FACTS: usize = 16;

/// How long an outage is met with quick attempts.
const EAGER: Duration = Duration::from_secs(30);
/// Shortest and longest distance between the beginnings of two quick attempts, in seconds.
const EAGER_S: (f64, f64) = (0.5, 2.0);
/// Shortest and longest wait after that, in seconds.
const PATIENT_S: (f64, f64) = (0.5, 30.0);
/// An attempt that took longer than the distance is followed by a wait of this length.
const BREATH: Duration = Duration::from_millis(250);

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// It failed, or the connection broke.
    Lost {
        error: SourceError,
        /// Whether the host was connected in between.
        connected: bool,
    },
    /// An operator asked for a new one.
    Asked,
    /// The program leaves.
    Left,
}

/// Makes attempt after attempt until the program leaves.
pub(super) async fn supervise<A>(host: Arc<Host>, mut attempt: impl FnMut(u32) -> A)
where
    A: Future<Output = Ending> + Send + 'static,
{
    let mut jitter = Jitter::new();
    let mut outage = Instant::now();
    for epoch in 1.. {
        let began = Instant::now();
        host.tell(epoch, HostFact::Dialled).await;
        let ending = contained(attempt(epoch)).await;
        host.disconnected();
        let (error, wait) = match ending {
            Ok(Ending::Left) => return,
            Ok(Ending::Asked) => {
                outage = Instant::now();
                continue;
            }
            Ok(Ending::Lost { error, connected }) => {
                if connected {
                    tracing::info!(host = %host.spec.name, epoch, reason = %error.reason, "the connection is lost");
                    outage = Instant::now();
                }
                let wait = error
                    .retries()
                    .then(|| pause(outage.elapsed(), began.elapsed(), jitter.next()));
                (error, wait)
            }
            Err(internal) => {
                tracing::error!(host = %host.spec.name, epoch, reason = %internal.reason, "the host's task ended");
                (internal, None)
            }
        };
        tracing::debug!(host = %host.spec.name, epoch, kind = ?error.kind, reason = %error.reason, ?wait, "lost");
        let retry_in_ms = wait.map(|wait| wait.as_millis() as u64);
        host.tell(epoch, HostFact::Lost { error, retry_in_ms }).await;
        tokio::select! {
            () = wait_or_never(wait) => {}
            () = host.again.notified() => outage = Instant::now(),
            () = host.leaving.cancelled() => return,
        }
    }
}

async fn wait_or_never(wait: Option<Duration>) {
    match wait {
        Some(wait) => sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// How long to wait before the next attempt.
///
/// In the first 30 s of an outage attempts begin 0.5 to 2 s apart, however long one took; later they are followed by
/// 0.5 to 30 s. `random` is in 0..1 and spreads hosts that were lost together.
fn pause(outage: Duration, took: Duration, random: f64) -> Duration {
    let between = |(least, most): (f64, f64)| Duration::from_secs_f64(least + (most - least) * random);
    if outage < EAGER {
        between(EAGER_S).saturating_sub(took).max(BREATH)
    } else {
        between(PATIENT_S)
    }
}

/// Random enough to keep hosts apart (xorshift64*).
struct Jitter(u64);

impl Jitter {
    fn new() -> Self {
        // Every `RandomState` has other keys.
        Self(RandomState::new().hash_one(()) | 1)
    }

    /// In 0..1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One connection, from its dial to its end.
pub(super) async fn connect(
    host: Arc<Host>,
    epoch: u32,
    on_screen: watch::Receiver<Vec<ContainerKey>>,
) -> Ending {
    let dial = Engine::dial(host.id, &host.spec.endpoint, host.access, &host.ssh);
    let engine = tokio::select! {
        dialled = timeout(DIAL, dial) => match dialled {
            Ok(Ok(engine)) => engine.pinging_every(host.ping_every),
            Ok(Err(error)) => return Ending::Lost { error, connected: false },
            Err(_) => {
                let error = SourceError::new(ErrorKind::Timeout, format!("no link within {} s", DIAL.as_secs()));
                return Ending::Lost { error, connected: false };
            }
        },
        () = host.leaving.cancelled() => return Ending::Left,
    };
    let ending = tokio::select! {
        ending = watch_engine(&host, epoch, &engine) => ending,
        never = stats::measure(&host, &engine, on_screen) => match never {},
        () = asked_while_silent(&host) => Ending::Asked,
        () = host.leaving.cancelled() => Ending::Left,
    };
    host.disconnected();
    // An orderly end may need the machine, which may be gone: nothing waits for it.
    host.tasks.spawn(timeout(CLOSE, engine.close()));
    ending
}

/// Passes the engine's facts on until the connection is lost.
async fn watch_engine(host: &Host, epoch: u32, engine: &Engine) -> Ending {
    let (sink, mut facts) = mpsc::channel(FACTS);
    let since = host.link.borrow().last_event_s;
    let watch = async move { Box::pin(engine.watch(since, &sink)).await };
    let pass_on = async {
        while let Some(fact) = facts.recv().await {
            host.note(&fact, engine);
            host.tell(epoch, fact).await;
        }
    };
    let (error, ()) = tokio::join!(watch, pass_on);
    let connected = host.link.borrow().engine.is_some();
    Ending::Lost { error, connected }
}

/// Ends when an operator asks to connect again while the engine does not answer; asking while it does changes nothing.
async fn asked_while_silent(host: &Host) {
    // Asked for while it was dialled: this is the attempt that was asked for.
    let _ = host.again.notified().now_or_never();
    loop {
        host.again.notified().await;
        if !host.link.borrow().answers {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::mpsc;
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;
    use tokio_util::task::TaskTracker;

    use super::{Ending, Host, Jitter, pause, supervise};
    use crate::fleet::event::{Event, HostFact};
    use crate::fleet::model::{Endpoint, Env, ErrorKind, HostId, HostSpec, SourceError};
    use crate::runtime::host::Shared;
    use crate::sources::link::{Access, SshSettings};

    fn host() -> (Arc<Host>, mpsc::Receiver<Event>) {
        let (events, facts) = mpsc::channel(4);
        let spec = HostSpec {
            name: "web-1".into(),
            endpoint: Endpoint::Unix("/nowhere".into()),
            env: Env::Production,
            tags: Vec::new(),
        };
        let shared = Shared {
            access: Access::Full,
            ssh: SshSettings::default(),
            started: Instant::now(),
            ping_every: Duration::from_secs(2),
            events,
            leaving: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        (Arc::new(Host::new(HostId(3), spec, shared)), facts)
    }

    /// The next loss: its epoch, its error and the wait. Every loss is preceded by its dial.
    async fn loss(facts: &mut mpsc::Receiver<Event>) -> (u32, SourceError, Option<u64>) {
        let mut dialled = None;
        loop {
            match facts.recv().await.expect("a supervisor goes on for ever") {
                Event::Host {
                    host: HostId(3),
                    epoch,
                    fact: HostFact::Dialled,
                } => dialled = Some(epoch),
                Event::Host {
                    fact: HostFact::Lost { error, retry_in_ms },
                    epoch,
                    ..
                } => {
                    assert_eq!(dialled, Some(epoch));
                    return (epoch, error, retry_in_ms);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn lost(kind: ErrorKind) -> Ending {
        Ending::Lost {
            error: SourceError::new(kind, "refused"),
            connected: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_met_with_quick_attempts_and_then_patience() {
        let (host, mut facts) = host();
        tokio::spawn(supervise(host, |_| ready(lost(ErrorKind::Unreachable))));
        let began = Instant::now();
        let (mut last, mut patient) = (began, 0);
        for n in 1..60 {
            let (epoch, error, retry) = loss(&mut facts).await;
            assert_eq!((epoch, &*error.reason), (n, "refused"));
            let retry = retry.expect("it is tried again");
            assert!((250..=30_000).contains(&retry), "{retry}");
            if began.elapsed() < Duration::from_secs(30) {
                assert!(
                    retry <= 2000 && last.elapsed() <= Duration::from_millis(2001),
                    "{retry}"
                );
            } else {
                patient += u32::from(retry > 2000);
            }
            last = Instant::now();
        }
        assert!(patient > 5, "{patient}");
    }

    #[tokio::test(start_paused = true)]
    async fn wrong_credentials_and_panics_wait_until_asked() {
        let (host, mut facts) = host();
        tokio::spawn(supervise(Arc::clone(&host), |epoch| async move {
            assert!(epoch != 2, "by design");
            lost(if epoch == 1 {
                ErrorKind::Auth
            } else {
                ErrorKind::Unreachable
            })
        }));
        let (_, error, retry) = loss(&mut facts).await;
        assert_eq!((error.kind, retry), (ErrorKind::Auth, None));
        host.again.notify_one();
        let (epoch, error, retry) = loss(&mut facts).await;
        assert_eq!((epoch, error.kind, retry), (2, ErrorKind::Internal, None));
        assert_eq!(error.reason, "internal error: by design");
        host.again.notify_one();
        let (epoch, error, retry) = loss(&mut facts).await;
        assert_eq!((epoch, error.kind), (3, ErrorKind::Unreachable));
        assert!(retry.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn asking_ends_a_wait_at_once_and_leaving_ends_all() {
        let (host, mut facts) = host();
        let task = tokio::spawn(supervise(Arc::clone(&host), |_| ready(lost(ErrorKind::Timeout))));
        let (_, _, retry) = loss(&mut facts).await;
        assert!(retry.is_some());
        let asked = Instant::now();
        host.again.notify_one();
        let (epoch, ..) = loss(&mut facts).await;
        assert_eq!((epoch, asked.elapsed()), (2, Duration::ZERO));
        host.leaving.cancel();
        task.await.expect("it ended by itself");
    }

    #[test]
    fn attempts_are_quick_at_first_and_then_spread() {
        let s = Duration::from_secs_f64;
        for (outage, took, random, expected) in [
            (0.0, 0.0, 0.0, 0.5),
            (0.0, 0.0, 1.0, 2.0),
            (29.9, 0.5, 1.0, 1.5),
            (10.0, 5.0, 1.0, 0.25),
            (0.0, 900.0, 0.5, 0.25),
            (30.0, 5.0, 0.0, 0.5),
            (3000.0, 0.0, 1.0, 30.0),
        ] {
            assert_eq!(
                pause(s(outage), s(took), random),
                s(expected),
                "{outage} {took} {random}"
            );
        }
    }

    #[test]
    fn jitter_covers_its_range() {
        let mut jitter = Jitter::new();
        let drawn: Vec<f64> = (0..1000).map(|_| jitter.next()).collect();
        assert!(drawn.iter().all(|x| (0.0..1.0).contains(x)));
        let low = drawn.iter().filter(|x| **x < 0.5).count();
        assert!((300..700).contains(&low), "{low}");
        assert!((drawn[0] - Jitter::new().next()).abs() > f64::EPSILON);
    }
}
