//! One connection to an engine, followed: a listing first, then its events; pings decide whether it lives.

use std::collections::HashSet;
use std::convert::Infallible;
use std::future::pending;
use std::pin::{Pin, pin};
use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep, sleep_until};

use super::events::{self, Lines};
use super::{Engine, Listing};
use crate::fleet::event::{Action, EngineEvent, HostFact};
use crate::fleet::model::{Container, ContainerId, ErrorKind, SourceError};
use crate::sources::link;

/// A ping that takes longer is told.
const OVERDUE: Duration = Duration::from_millis(2500);
/// How often a silence is told again.
const SILENCE: Duration = Duration::from_secs(1);
/// After this silence the connection is given up, where pings come every two seconds.
const GIVE_UP: Duration = Duration::from_secs(8);
/// How long containers that changed are gathered before they are asked for together.
const GATHER: Duration = Duration::from_millis(20);
/// How often everything is listed again, as a check.
const CHECK: Duration = Duration::from_secs(300);
/// How long the engine may take to open its event stream.
const OPEN: Duration = Duration::from_secs(10);
/// Until what the engine says of itself is asked for again, where it did not answer.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// Runs until the connection is lost, and says why.
pub(super) async fn run(engine: &Engine, since: Option<i64>, sink: &Sender<HostFact>) -> SourceError {
    match connected(engine, since, sink).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

async fn connected(
    engine: &Engine,
    since: Option<i64>,
    sink: &Sender<HostFact>,
) -> Result<Infallible, SourceError> {
    // The names come first, as fast as they can. What happens until the event stream is open is not lost: it is
    // asked for by the engine's own clock, and the engine remembers its last events.
    let asked = Instant::now();
    let Listing { containers, at_s } = engine.listing(None).await?;
    let known_s = at_s - asked.elapsed().as_secs().cast_signed() - 1;
    tell(sink, HostFact::Listed(containers)).await?;
    tokio::select! {
        ended = follow(engine, since.map_or(known_s, |since| since.min(known_s)), sink) => ended,
        ended = beat(engine, sink) => ended,
        ended = introduce(engine, sink) => ended,
    }
}

async fn tell(sink: &Sender<HostFact>, fact: HostFact) -> Result<(), SourceError> {
    sink.send(fact)
        .await
        .map_err(|_| SourceError::new(ErrorKind::Internal, "nobody listens any more"))
}

async fn introduce(engine: &Engine, sink: &Sender<HostFact>) -> Result<Infallible, SourceError> {
    loop {
        match engine.introduce().await {
            Ok(info) => {
                tell(sink, HostFact::Introduced(info)).await?;
                return pending().await;
            }
            Err(error) if error.kind == ErrorKind::TooOld => return Err(error),
            // What it says of itself is dispensable.
            Err(error) => tracing::debug!(%error, "no introduction"),
        }
        sleep(ASK_AGAIN).await;
    }
}

/// Pings for ever; an error is the silence that was too long.
async fn beat(engine: &Engine, sink: &Sender<HostFact>) -> Result<Infallible, SourceError> {
    let patience = GIVE_UP.max(engine.period + Duration::from_secs(6));
    let mut heard = Instant::now();
    loop {
        let give_up = heard + patience;
        let mut silent = Instant::now() + OVERDUE;
        let mut ping = pin!(engine.ping_within(patience));
        let latency = loop {
            tokio::select! {
                answer = &mut ping => break answer?,
                () = sleep_until(give_up) => {
                    let words = format!("no answer for {} s", patience.as_secs());
                    return Err(SourceError::new(ErrorKind::Timeout, words));
                }
                () = sleep_until(silent) => {
                    silent += SILENCE;
                    let for_ms = heard.elapsed().as_millis() as u64;
                    tell(sink, HostFact::Silent { for_ms }).await?;
                }
            }
        };
        heard = Instant::now();
        let latency_ms = latency.as_secs_f32() * 1000.0;
        tell(sink, HostFact::Answered { latency_ms }).await?;
        sleep(engine.period).await;
    }
}

/// A listing under way: of those ids, or of all.
struct Flight<'a> {
    ids: Option<Vec<ContainerId>>,
    answer: Pin<Box<dyn Future<Output = Result<Listing, SourceError>> + Send + 'a>>,
}

/// What an event leaves to be looked up.
#[derive(Default)]
struct Desk {
    /// Containers to be asked for.
    wanted: HashSet<ContainerId>,
    /// Told of by an event while a listing was under way: what the listing says of them may be older.
    touched: HashSet<ContainerId>,
    /// Removed in that time.
    removed: HashSet<ContainerId>,
}

impl Desk {
    fn note(&mut self, event: &EngineEvent) {
        let id = event.key.id;
        self.touched.insert(id);
        match event.action {
            // What an event does not tell: name, image, labels, ports, and whether a policy starts it again.
            Action::Create | Action::Start | Action::Die { .. } | Action::Rename | Action::Update => {
                self.wanted.insert(id);
            }
            Action::Destroy => {
                self.wanted.remove(&id);
                self.removed.insert(id);
            }
            _ => {}
        }
    }

    fn begin<'a>(&mut self, engine: &'a Engine, all: bool) -> Flight<'a> {
        self.touched.clear();
        self.removed.clear();
        let wanted: Vec<_> = self.wanted.drain().collect();
        let ids = (!all).then_some(wanted);
        let asked = ids.clone();
        Flight {
            ids,
            answer: Box::pin(async move { engine.listing(asked.as_deref()).await }),
        }
    }

    /// What of an answer may be told; what an event overtook is asked for again.
    fn land(&mut self, ids: Option<&[ContainerId]>, mut containers: Vec<Container>) -> HostFact {
        containers.retain(|container| !self.removed.contains(&container.key.id));
        self.wanted.extend(self.touched.difference(&self.removed));
        if ids.is_none() {
            return HostFact::Listed(containers);
        }
        containers.retain(|container| !self.touched.contains(&container.key.id));
        HostFact::Refreshed(containers)
    }
}

/// Tells events until the stream ends, which it has no reason to.
async fn follow(engine: &Engine, since: i64, sink: &Sender<HostFact>) -> Result<Infallible, SourceError> {
    let mut body = engine.events(since, OPEN).await?;
    let mut lines = Lines::default();
    let mut desk = Desk::default();
    let mut flight: Option<Flight<'_>> = None;
    let mut gather = pin!(sleep(GATHER));
    let mut check = pin!(sleep(jittered(CHECK)));
    loop {
        tokio::select! {
            frame = body.frame() => {
                let frame = match frame {
                    Some(Ok(frame)) => frame,
                    Some(Err(error)) => return Err(link::broken(&error)),
                    None => return Err(SourceError::new(ErrorKind::Unreachable, "the engine ended the event stream")),
                };
                let mut told = Vec::new();
                lines.push(frame.data_ref().map_or(&[], |bytes| bytes), |line| {
                    told.extend(events::parse(engine.host, line));
                });
                let idle = desk.wanted.is_empty();
                for event in told {
                    desk.note(&event);
                    tell(sink, HostFact::Happened(event)).await?;
                }
                if idle {
                    gather.as_mut().reset(Instant::now() + GATHER);
                }
            }
            () = &mut gather, if flight.is_none() && !desk.wanted.is_empty() => {
                flight = Some(desk.begin(engine, false));
            }
            () = &mut check, if flight.is_none() => {
                check.as_mut().reset(Instant::now() + jittered(CHECK));
                flight = Some(desk.begin(engine, true));
            }
            (ids, listing) = landed(&mut flight) => {
                flight = None;
                let fact = desk.land(ids.as_deref(), listing?.containers);
                if !matches!(&fact, HostFact::Refreshed(none) if none.is_empty()) {
                    tell(sink, fact).await?;
                }
                gather.as_mut().reset(Instant::now() + GATHER);
            }
        }
    }
}

async fn landed(flight: &mut Option<Flight<'_>>) -> (Option<Vec<ContainerId>>, Result<Listing, SourceError>) {
    match flight {
        Some(flight) => {
            let listing = flight.answer.as_mut().await;
            (flight.ids.take(), listing)
        }
        None => pending().await,
    }
}

/// Up to a tenth longer or shorter, so that many hosts do not list at one moment.
fn jittered(about: Duration) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let dice = RandomState::new().hash_one(0) % 200;
    about.mul_f64(0.9 + dice as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::{Desk, jittered};
    use crate::fleet::event::{Action, EngineEvent, HostFact};
    use crate::fleet::model::{Container, ContainerId, ContainerKey, HostId, RunState};

    fn key(n: u8) -> ContainerKey {
        let id = ContainerId::parse(&format!("{n:02x}").repeat(32)).expect("an id");
        ContainerKey { host: HostId(0), id }
    }

    fn container(n: u8) -> Container {
        Container {
            key: key(n),
            name: "x".into(),
            image: "x".into(),
            image_id: "x".into(),
            state: RunState::Running,
            status: "Up".into(),
            health: None,
            exit_code: None,
            created: 0,
            since: None,
            restarts: None,
            app: None,
            service: None,
            colour: None,
            ports: Vec::new(),
        }
    }

    fn event(n: u8, action: Action) -> EngineEvent {
        EngineEvent {
            key: key(n),
            name: "x".into(),
            at_ms: 0,
            action,
        }
    }

    #[test]
    fn a_listing_that_events_overtook_is_not_believed_about_them() {
        let mut desk = Desk::default();
        desk.note(&event(1, Action::Pause));
        desk.note(&event(2, Action::Destroy));
        let HostFact::Refreshed(told) = desk.land(Some(&[]), vec![container(1), container(2), container(3)])
        else {
            panic!("a part");
        };
        assert_eq!(told.iter().map(|c| c.key).collect::<Vec<_>>(), [key(3)]);
        assert!(desk.wanted.contains(&key(1).id) && desk.wanted.len() == 1);
    }

    #[test]
    fn a_full_listing_never_brings_back_what_was_removed() {
        let mut desk = Desk::default();
        desk.note(&event(1, Action::Start));
        desk.note(&event(2, Action::Destroy));
        let HostFact::Listed(told) = desk.land(None, vec![container(1), container(2)]) else {
            panic!("everything");
        };
        assert_eq!(told.iter().map(|c| c.key).collect::<Vec<_>>(), [key(1)]);
        assert!(desk.wanted.contains(&key(1).id));
    }

    #[test]
    fn jitter_stays_near() {
        for _ in 0..100 {
            let secs = jittered(std::time::Duration::from_secs(100)).as_secs_f64();
            assert!((90.0..=110.0).contains(&secs));
        }
    }
}
