//! The runtime against embedded engines: orders and their proofs, the journal, supervision, logs, statistics.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use wheelhouse::demo::{ContainerSpec, Control, Engine, EngineSpec, Fault};
use wheelhouse::fleet::effect::Effect;
use wheelhouse::fleet::event::{Event, HostFact, LogFact, OrderFact};
use wheelhouse::fleet::model::{
    Command, ContainerId, ContainerKey, Endpoint, Env, HostId, HostSpec, LogFrom, Order, OrderId, Outcome,
    StreamId,
};
use wheelhouse::runtime::{Options, Runtime};
use wheelhouse::sources::link::SshSettings;

/// Nothing here takes longer; what does is broken.
const PATIENCE: Duration = Duration::from_secs(15);

/// One engine, and a runtime that watches it.
struct Bench {
    dir: tempfile::TempDir,
    // Ends the engine when dropped.
    _engine: Engine,
    engine: Control,
    runtime: Runtime,
    events: Events,
}

struct Events(mpsc::Receiver<Event>);

impl Events {
    /// Waits for the event that is looked for; the others are passed over.
    async fn find<T>(&mut self, what: &str, mut look: impl FnMut(Event) -> Option<T>) -> T {
        let found = async {
            loop {
                let event = self.0.recv().await.expect("the runtime lives");
                if let Some(found) = look(event) {
                    return found;
                }
            }
        };
        let found = timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    /// The epoch of the next listing of a host.
    async fn listed(&mut self, id: HostId) -> u32 {
        self.find("a listing", |event| match event {
            Event::Host {
                host,
                epoch,
                fact: HostFact::Listed(_),
            } if host == id => Some(epoch),
            _ => None,
        })
        .await
    }

    /// The next fact of any order.
    async fn ordered(&mut self) -> (OrderId, OrderFact) {
        self.find("a fact of an order", |event| match event {
            Event::Ordered { order, fact } => Some((order, fact)),
            _ => None,
        })
        .await
    }

    /// How the order that was sent ended.
    async fn ended(&mut self) -> Outcome {
        match self.ordered().await.1 {
            OrderFact::Ended(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }
}

fn spec(name: &str, url: &str) -> HostSpec {
    HostSpec {
        name: name.into(),
        endpoint: Endpoint::parse(url, None).expect("an endpoint"),
        env: Env::Production,
        tags: Vec::new(),
    }
}

impl Bench {
    async fn with(spec: EngineSpec, read_only: bool, journal: impl FnOnce(&Path) -> PathBuf) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let server = Engine::serve_unix(spec, &dir.path().join("engine.sock"))
            .await
            .expect("an engine");
        let options = Options {
            read_only,
            journal: journal(dir.path()),
            ssh: SshSettings::default(),
        };
        let (sender, events) = mpsc::channel(64);
        let runtime = Runtime::start(&[self::spec("web-1", &server.url())], options, sender);
        let engine = server.control();
        let events = Events(events);
        Self {
            dir,
            _engine: server,
            engine,
            runtime,
            events,
        }
    }

    /// With one container, `api`, and a journal that can be written; the host is live.
    async fn live() -> Self {
        let mut bench = Self::with(one_container(), false, |dir| dir.join("state/journal.jsonl")).await;
        bench.events.listed(HostId(0)).await;
        bench
    }

    fn key(&self, name: &str) -> ContainerKey {
        let id = self.engine.id(name).and_then(|id| ContainerId::parse(&id));
        ContainerKey {
            host: HostId(0),
            id: id.expect("a container"),
        }
    }

    fn order(&mut self, id: u64, command: Command, key: ContainerKey) {
        self.runtime.dispatch(Effect::Order(Order {
            id: OrderId(id),
            key,
            host: "web-1".into(),
            name: "api".into(),
            image: "shop:1".into(),
            command,
        }));
    }

    /// How often anything but a read was asked.
    fn acts(&self) -> usize {
        let asked = self.engine.requests();
        asked
            .iter()
            .filter(|asked| !matches!(asked.method, Method::GET | Method::HEAD))
            .count()
    }

    /// Waits until so many orders reached the engine.
    async fn acted(&self, times: usize) {
        let reached = async {
            while self.acts() < times {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, reached)
            .await
            .expect("the order reaches the engine");
    }

    /// The journal's lines as (kind, outcome).
    fn journal(&self) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(self.dir.path().join("state/journal.jsonl")).expect("a journal");
        let word = |line: &Value, field: &str| line[field].as_str().unwrap_or_default().to_owned();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("json"))
            .map(|line: Value| (word(&line, "kind"), word(&line, "outcome")))
            .collect()
    }
}

fn one_container() -> EngineSpec {
    EngineSpec::named("web-1").with(ContainerSpec::new("api", "shop:1"))
}

fn lines(said: &[(&str, &str)]) -> Vec<(String, String)> {
    said.iter()
        .map(|(kind, outcome)| ((*kind).to_owned(), (*outcome).to_owned()))
        .collect()
}

/// Lets so much time have passed, without waiting for it.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn every_order_is_sent_once_proven_and_written_down_twice() {
    let mut bench = Bench::live().await;
    let key = bench.key("api");
    let orders = [
        Command::Restart,
        Command::Pause,
        Command::Unpause,
        Command::Kill,
        Command::Start,
        Command::Stop,
        Command::Remove,
    ];
    for (n, command) in (1..).zip(orders) {
        bench.order(n, command, key);
        assert_eq!(
            bench.events.ordered().await,
            (OrderId(n), OrderFact::Sent),
            "{command:?}"
        );
        assert_eq!(bench.events.ended().await, Outcome::Done, "{command:?}");
        assert_eq!(bench.acts(), n as usize);
    }
    assert_eq!(
        bench.journal(),
        lines(&[("intent", ""), ("outcome", "done")].repeat(orders.len()))
    );
    assert_eq!(bench.engine.state("api"), None);
}

#[tokio::test]
async fn a_refusal_is_told_in_the_engines_words_made_harmless() {
    let mut bench = Bench::live().await;
    let no = Fault::Refuse(500, "port is \u{1b}[2Jtaken".to_owned());
    bench.engine.fault(Method::POST, "/restart", no);
    bench.order(1, Command::Restart, bench.key("api"));
    assert_eq!(bench.events.ordered().await.1, OrderFact::Sent);
    let Outcome::Refused(words) = bench.events.ended().await else {
        panic!("refused")
    };
    assert!(words.contains("port is \\x1b[2Jtaken"), "{words}");
    assert_eq!(bench.journal(), lines(&[("intent", ""), ("outcome", "refused")]));
}

#[tokio::test]
async fn what_is_gone_is_not_told_anything() {
    let mut bench = Bench::live().await;
    let key = bench.key("api");
    bench.engine.remove("api");
    bench.order(1, Command::Restart, key);
    let Outcome::NotSent(why) = bench.events.ended().await else {
        panic!("not sent")
    };
    assert!(why.contains("gone"), "{why}");
    assert_eq!(bench.acts(), 0);
}

#[tokio::test]
async fn an_order_whose_line_died_is_unknown_and_then_settled_as_done() {
    let mut bench = Bench::live().await;
    bench.engine.fault(Method::POST, "/restart", Fault::Hangup);
    bench.order(1, Command::Restart, bench.key("api"));
    assert_eq!(bench.events.ordered().await.1, OrderFact::Sent);
    assert!(matches!(bench.events.ended().await, Outcome::Unknown(_)));
    assert_eq!(bench.events.ended().await, Outcome::Done);
    assert_eq!(bench.acts(), 1);
    assert_eq!(
        bench.journal(),
        lines(&[("intent", ""), ("outcome", "unknown"), ("settled", "done")])
    );
}

#[tokio::test]
async fn an_order_that_is_never_answered_is_unknown_by_its_deadline() {
    let mut bench = Bench::live().await;
    bench.engine.fault(Method::POST, "/kill", Fault::Silence);
    bench.order(1, Command::Kill, bench.key("api"));
    assert_eq!(bench.events.ordered().await.1, OrderFact::Sent);
    bench.acted(1).await;
    pass(Duration::from_secs(21)).await;
    assert!(matches!(bench.events.ended().await, Outcome::Unknown(_)));
    assert_eq!(bench.events.ended().await, Outcome::Done);
    assert_eq!(bench.acts(), 1);
}

#[tokio::test]
async fn an_order_that_did_not_happen_is_settled_as_refused_and_not_sent_again() {
    let mut bench = Bench::live().await;
    bench
        .engine
        .fault(Method::POST, "/restart", Fault::Delay(Duration::from_secs(7200)));
    bench.order(1, Command::Restart, bench.key("api"));
    assert_eq!(bench.events.ordered().await.1, OrderFact::Sent);
    bench.acted(1).await;
    bench.engine.drop_connections();
    assert!(matches!(bench.events.ended().await, Outcome::Unknown(_)));
    // It looks at once, and again for the 20 s that a restart may take. Time passes only while
    // nothing is on its way.
    let (mut settled, mut passed) = (None, Duration::ZERO);
    while settled.is_none() && passed < Duration::from_secs(60) {
        match timeout(Duration::from_millis(50), bench.events.0.recv()).await {
            Ok(Some(Event::Ordered { fact, .. })) => settled = Some(fact),
            Ok(_) => {}
            Err(_) => {
                pass(Duration::from_secs(1)).await;
                passed += Duration::from_secs(1);
            }
        }
    }
    let Some(OrderFact::Ended(Outcome::Refused(why))) = settled else {
        panic!("refused, not {settled:?}")
    };
    assert!(why.contains("did not happen"), "{why}");
    assert_eq!(bench.acts(), 1);
    assert_eq!(
        bench.journal(),
        lines(&[("intent", ""), ("outcome", "unknown"), ("settled", "refused")])
    );
}

#[tokio::test]
async fn at_most_eight_orders_a_host_are_on_their_way() {
    let mut bench = Bench::live().await;
    bench
        .engine
        .fault(Method::POST, "/restart", Fault::Delay(Duration::from_secs(7200)));
    let key = bench.key("api");
    for n in 0..12 {
        bench.order(n, Command::Restart, key);
    }
    bench.acted(8).await;
    bench.runtime.dispatch(Effect::Inspect(key));
    bench
        .events
        .find("an inspection", |event| {
            matches!(event, Event::Inspected { .. }).then_some(())
        })
        .await;
    assert_eq!(bench.acts(), 8);
}

#[tokio::test]
async fn without_a_journal_orders_stay_home_and_reading_goes_on() {
    let mut bench = Bench::with(one_container(), false, |dir| {
        std::fs::write(dir.join("file"), "").expect("written");
        dir.join("file/journal.jsonl")
    })
    .await;
    let (mut health, mut live) = (None, false);
    let why = bench
        .events
        .find("the journal's state and a listing", |event| {
            match event {
                Event::Journal(told) => health = Some(told),
                Event::Host {
                    fact: HostFact::Listed(_),
                    ..
                } => live = true,
                _ => {}
            }
            health.take_if(|_| live)
        })
        .await
        .expect_err("a file is in the way");
    assert!(why.contains("file/journal.jsonl"), "{why}");
    let key = bench.key("api");
    bench.order(1, Command::Restart, key);
    assert_eq!(bench.events.ended().await, Outcome::NotSent(why));
    bench.runtime.dispatch(Effect::Inspect(key));
    let inspected = |event| match event {
        Event::Inspected { key, result } => Some((key, result.is_ok())),
        _ => None,
    };
    assert_eq!(bench.events.find("an inspection", inspected).await, (key, true));
    assert_eq!(bench.acts(), 0);
}

#[tokio::test]
async fn read_only_sends_nothing_and_writes_nothing() {
    let mut bench = Bench::with(one_container(), true, |dir| dir.join("state/journal.jsonl")).await;
    bench.events.listed(HostId(0)).await;
    let key = bench.key("api");
    for (n, command) in (0..).zip(Command::ALL) {
        bench.order(n, command, key);
        assert_eq!(
            bench.events.ended().await,
            Outcome::NotSent("read-only".to_owned())
        );
    }
    assert_eq!(bench.acts(), 0);
    assert!(!bench.dir.path().join("state").exists());
}

#[tokio::test]
async fn an_engine_that_comes_back_is_found_again() {
    let mut bench = Bench::live().await;
    bench.engine.refuse();
    bench.engine.drop_connections();
    let retry = bench
        .events
        .find("the loss", |event| match event {
            Event::Host {
                epoch,
                fact: HostFact::Lost { retry_in_ms, .. },
                ..
            } => Some((epoch, retry_in_ms)),
            _ => None,
        })
        .await;
    assert!(matches!(retry, (1, Some(0..=2000))), "{retry:?}");
    bench.order(1, Command::Restart, bench.key("api"));
    assert_eq!(
        bench.events.ended().await,
        Outcome::NotSent("the host is not connected".to_owned())
    );
    bench.engine.listen();
    assert!(bench.events.listed(HostId(0)).await > 1);
    bench.order(2, Command::Restart, bench.key("api"));
    assert_eq!(bench.events.ordered().await.1, OrderFact::Sent);
    assert_eq!(bench.events.ended().await, Outcome::Done);
}

#[tokio::test]
async fn fifty_dead_hosts_do_not_slow_fifty_live_ones() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut engines = Vec::new();
    let mut specs = Vec::new();
    for n in 0..100 {
        let socket = dir.path().join(format!("{n}.sock"));
        if n % 2 == 0 {
            engines.push(
                Engine::serve_unix(one_container(), &socket)
                    .await
                    .expect("an engine"),
            );
        }
        specs.push(spec(
            &format!("host-{n}"),
            &format!("unix://{}", socket.display()),
        ));
    }
    let options = Options {
        read_only: true,
        journal: dir.path().join("journal.jsonl"),
        ssh: SshSettings::default(),
    };
    let (sender, events) = mpsc::channel(64);
    let (mut events, began) = (Events(events), Instant::now());
    let runtime = Runtime::start(&specs, options, sender);
    let (mut live, mut dead) = (std::collections::HashSet::new(), std::collections::HashSet::new());
    events
        .find("all hosts", |event| {
            match event {
                Event::Host {
                    host,
                    fact: HostFact::Listed(_),
                    ..
                } => live.insert(host),
                Event::Host {
                    host,
                    fact: HostFact::Lost { .. },
                    ..
                } => dead.insert(host),
                _ => false,
            };
            (live.len() == 50 && dead.len() == 50).then_some(())
        })
        .await;
    assert!(live.is_disjoint(&dead));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    // Nobody reads the events any more, and still it ends in time.
    let leaving = Instant::now();
    runtime.shutdown().await;
    assert!(
        leaving.elapsed() < Duration::from_millis(1100),
        "{:?}",
        leaving.elapsed()
    );
}

#[tokio::test]
async fn an_order_on_its_way_when_the_program_leaves_is_written_down_as_unknown() {
    let mut bench = Bench::live().await;
    bench.engine.fault(Method::POST, "/restart", Fault::Silence);
    bench.order(1, Command::Restart, bench.key("api"));
    bench.acted(1).await;
    let journal = bench.dir.path().join("state/journal.jsonl");
    bench.runtime.shutdown().await;
    let text = std::fs::read_to_string(journal).expect("a journal");
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("json");
    assert_eq!(
        (last["kind"].as_str(), last["outcome"].as_str()),
        (Some("outcome"), Some("unknown"))
    );
}

#[tokio::test]
async fn orders_that_wait_for_their_turn_when_the_program_leaves_stay_home() {
    let mut bench = Bench::live().await;
    bench.engine.fault(Method::POST, "/restart", Fault::Silence);
    let key = bench.key("api");
    for n in 0..24 {
        bench.order(n, Command::Restart, key);
    }
    bench.acted(8).await;
    let (dir, engine) = (bench.dir, bench.engine);
    bench.runtime.shutdown().await;
    let posts = engine
        .requests()
        .iter()
        .filter(|asked| asked.method == Method::POST)
        .count();
    assert_eq!(posts, 8, "leaving made room, and nobody took it");
    let text = std::fs::read_to_string(dir.path().join("state/journal.jsonl")).expect("a journal");
    let count = |kind: &str| text.lines().filter(|line| line.contains(kind)).count();
    assert_eq!(
        count(r#""kind":"intent""#),
        count(r#""kind":"outcome""#),
        "{text}"
    );
}

#[tokio::test]
async fn a_log_that_floods_does_not_starve_its_host() {
    let mut bench = Bench::live().await;
    let key = bench.key("api");
    bench.engine.flood("api", 2_000_000);
    bench.runtime.dispatch(Effect::OpenLog {
        stream: StreamId(1),
        key,
        from: LogFrom::Start,
    });
    let mut chunks = 0;
    bench
        .events
        .find("a flood", |event| {
            chunks += usize::from(matches!(
                event,
                Event::Log {
                    fact: LogFact::Lines(_),
                    ..
                }
            ));
            (chunks > 20).then_some(())
        })
        .await;
    bench.engine.create(ContainerSpec::new("new", "shop:1"));
    let mut before = 0;
    bench
        .events
        .find("the new container", |event| match event {
            Event::Host {
                fact: HostFact::Happened(event),
                ..
            } if &*event.name == "new" => Some(()),
            _ => {
                before += 1;
                None
            }
        })
        .await;
    assert!(before < 500, "{before} events came before it");
    bench.runtime.dispatch(Effect::CloseLog(StreamId(1)));
    bench.runtime.dispatch(Effect::OpenLog {
        stream: StreamId(2),
        key,
        from: LogFrom::Tail(1),
    });
    bench
        .events
        .find("the other log", |event| {
            matches!(
                event,
                Event::Log {
                    stream: StreamId(2),
                    fact: LogFact::Lines(_)
                }
            )
            .then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_log_of_a_host_that_is_lost_is_lost_and_of_one_that_is_not_connected_too() {
    let mut bench = Bench::live().await;
    let key = bench.key("api");
    let open = |stream| Effect::OpenLog {
        stream: StreamId(stream),
        key,
        from: LogFrom::Tail(10),
    };
    bench.runtime.dispatch(open(1));
    let fact = |event| match event {
        Event::Log { stream, fact } => Some((stream.0, fact)),
        _ => None,
    };
    let opened = bench.events.find("the log", fact).await;
    assert!(matches!(opened, (1, LogFact::Opened)), "{opened:?}");
    bench.engine.refuse();
    bench.engine.drop_connections();
    let lost = bench.events.find("its end", fact).await;
    assert!(matches!(lost, (1, LogFact::Lost(_))), "{lost:?}");
    bench
        .events
        .find("the loss", |event| {
            matches!(
                event,
                Event::Host {
                    fact: HostFact::Lost { .. },
                    ..
                }
            )
            .then_some(())
        })
        .await;
    bench.runtime.dispatch(open(2));
    let lost = bench.events.find("the other's end", fact).await;
    assert!(matches!(lost, (2, LogFact::Lost(_))), "{lost:?}");
}

#[tokio::test]
async fn rows_on_screen_are_measured_at_once_and_again_soon() {
    let mut bench = Bench::live().await;
    let (api, other) = (bench.key("api"), ContainerSpec::new("other", "shop:1"));
    bench.engine.create(other);
    bench
        .events
        .find("the other container", |event| {
            matches!(event, Event::Host { fact: HostFact::Happened(event), .. } if &*event.name == "other")
                .then_some(())
        })
        .await;
    let asked = Instant::now();
    bench.runtime.dispatch(Effect::WatchStats(vec![api]));
    for _ in 0..2 {
        let sampled = |event| match event {
            Event::Sampled(samples) => Some(samples),
            _ => None,
        };
        let samples = bench.events.find("statistics", sampled).await;
        assert_eq!(samples.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [api]);
    }
    assert!(
        asked.elapsed() < Duration::from_millis(2500),
        "{:?}",
        asked.elapsed()
    );
}
