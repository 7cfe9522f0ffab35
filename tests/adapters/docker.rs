//! The Docker adapters against the embedded engine, healthy and not.

use std::time::Duration;

use hyper::Method;
use tokio::sync::mpsc;
use wheelhouse::demo::{ContainerSpec, Engine as Embedded, EngineSpec, Fault, Stream};
use wheelhouse::fleet::event::{HostFact, LogFact};
use wheelhouse::fleet::model::{Command, ErrorKind, LogFrom, RunState};
use wheelhouse::sources::docker::ActionError;
use wheelhouse::sources::link::Access;

use super::contract::{self, SOON, Way, container};

async fn embedded() -> (tempfile::TempDir, Embedded, Way) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut terminal = ContainerSpec::new("term", "tool:1");
    terminal.tty = true;
    let spec = EngineSpec::default()
        .with(ContainerSpec::new("web", "shop:1"))
        .with(terminal);
    let engine = Embedded::serve_unix(spec, &dir.path().join("d.sock"))
        .await
        .expect("an engine");
    let way = Way::plain(&engine.url());
    (dir, engine, way)
}

#[tokio::test]
async fn it_answers_and_lists() {
    let (_dir, _engine, way) = embedded().await;
    contract::answers_and_lists(&way).await;
}

#[tokio::test]
async fn tcp_is_as_good() {
    let spec = EngineSpec::default().with(ContainerSpec::new("web", "shop:1"));
    let address = "127.0.0.1:0".parse().expect("an address");
    let engine = Embedded::serve_tcp(spec, address).await.expect("an engine");
    let way = Way::plain(&engine.url());
    contract::answers_and_lists(&way).await;
    contract::orders_are_answered(&way, "web").await;
}

#[tokio::test]
async fn a_watch_tells_what_happens() {
    let (_dir, _engine, way) = embedded().await;
    contract::watch_tells_what_happens(&way, "web").await;
}

#[tokio::test]
async fn orders_are_answered() {
    let (_dir, _engine, way) = embedded().await;
    contract::orders_are_answered(&way, "web").await;
}

#[tokio::test]
async fn read_only_sends_nothing_but_reads() {
    let (_dir, engine, way) = embedded().await;
    contract::read_only_has_no_hands(&way).await;
    contract::answers_and_lists(&way).await;
    let asked = engine.control().requests();
    assert!(
        !asked.is_empty() && asked.iter().all(|asked| asked.method == Method::GET),
        "{asked:?}"
    );
}

#[tokio::test]
async fn connections_are_used_again() {
    let (_dir, _engine, way) = embedded().await;
    let link = way.dial(Access::ReadOnly).await.expect("a link");
    for _ in 0..20 {
        link.ping().await.expect("an answer");
    }
}

#[tokio::test]
async fn a_dead_idle_connection_is_replaced() {
    let (_dir, engine, way) = embedded().await;
    let link = way.dial(Access::ReadOnly).await.expect("a link");
    link.ping().await.expect("an answer");
    engine.control().drop_connections();
    link.ping().await.expect("an answer over a new connection");
}

#[tokio::test]
async fn an_order_whose_line_died_is_unknown_and_not_sent_again() {
    let (_dir, engine, way) = embedded().await;
    let link = way.dial(Access::Full).await.expect("a link");
    let id = container(&link, "web").await.key.id;
    let hands = link.control().expect("hands");
    for fault in [Fault::Hangup, Fault::Silence] {
        engine.control().mend();
        engine.control().fault(Method::POST, "/restart", fault);
        engine.control().forget_requests();
        let error = hands
            .apply(id, Command::Restart, Duration::from_secs(1))
            .await
            .expect_err("no answer");
        assert!(matches!(error, ActionError::Unknown(_)), "{error:?}");
        let orders = engine.control().requests();
        assert_eq!(
            orders.iter().filter(|asked| asked.method == Method::POST).count(),
            1
        );
    }
}

#[tokio::test]
async fn an_order_that_found_nobody_was_not_sent() {
    let (_dir, engine, way) = embedded().await;
    let link = way.dial(Access::Full).await.expect("a link");
    let id = container(&link, "web").await.key.id;
    let hands = link.control().expect("hands");
    engine.control().refuse();
    let error = hands
        .apply(id, Command::Stop, SOON)
        .await
        .expect_err("nobody there");
    assert!(matches!(error, ActionError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn an_engine_that_is_too_old_is_told_so() {
    let (_dir, engine, way) = embedded().await;
    engine.control().become_version("19.03.15", "1.40", "1.12");
    let error = way.failure().await;
    assert_eq!(error.kind, ErrorKind::TooOld);
    assert!(error.reason.contains("API 1.40"), "{error}");
}

#[tokio::test]
async fn garbage_and_cut_answers_are_errors_in_words() {
    let (_dir, engine, way) = embedded().await;
    engine
        .control()
        .fault_once(Method::GET, "/containers/json", Fault::Garbage);
    assert_eq!(way.failure().await.kind, ErrorKind::Protocol);
    engine
        .control()
        .fault_once(Method::GET, "/containers/json", Fault::Truncate);
    let cut = way.failure().await;
    assert_eq!(cut.kind, ErrorKind::Unreachable, "{cut:?}");
    engine.control().fault_once(
        Method::GET,
        "/containers/json",
        Fault::Refuse(500, "disk\u{1b} full".to_owned()),
    );
    let refused = way.failure().await;
    assert_eq!((refused.kind, refused.status), (ErrorKind::Engine, Some(500)));
    assert_eq!(refused.reason, "disk\\x1b full");
}

#[tokio::test]
async fn no_socket_is_said() {
    let error = Way::plain("unix:///nowhere/docker.sock").failure().await;
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert_eq!(error.reason, "no socket at /nowhere/docker.sock");
}

#[tokio::test]
async fn a_frozen_engine_is_noticed() {
    let (_dir, engine, way) = embedded().await;
    let control = engine.control();
    let error = contract::silence_is_noticed(&way, async || control.freeze()).await;
    assert_eq!(error.kind, ErrorKind::Timeout);
}

#[tokio::test]
async fn an_event_stream_that_ends_ends_the_watch() {
    let (_dir, engine, way) = embedded().await;
    let link = way.dial(Access::ReadOnly).await.expect("a link");
    let (sink, mut facts) = mpsc::channel(64);
    let dropping = async {
        while !matches!(facts.recv().await.expect("a fact"), HostFact::Answered { .. }) {}
        engine.control().drop_connections();
        while facts.recv().await.is_some() {}
    };
    let watching = async {
        let error = link.watch(None, &sink).await;
        drop(sink);
        error
    };
    let both = Box::pin(async { tokio::join!(watching, dropping) });
    let (error, ()) = tokio::time::timeout(SOON, both).await.expect("an end");
    assert_eq!(error.kind, ErrorKind::Unreachable);
}

#[tokio::test]
async fn a_removed_container_is_not_refreshed_and_a_new_one_is() {
    let (_dir, engine, way) = embedded().await;
    let link = way.dial(Access::ReadOnly).await.expect("a link");
    let (sink, mut facts) = mpsc::channel(64);
    let looking = async {
        while !matches!(facts.recv().await.expect("a fact"), HostFact::Answered { .. }) {}
        engine.control().remove("web");
        engine.control().create(ContainerSpec::new("new", "shop:2"));
        loop {
            if let HostFact::Refreshed(some) = facts.recv().await.expect("a fact")
                && let Some(new) = some.iter().find(|c| c.name.as_str() == "new")
            {
                assert!(some.iter().all(|c| c.name.as_str() != "web"));
                break new.state;
            }
        }
    };
    let both = Box::pin(async {
        tokio::select! {
            lost = link.watch(None, &sink) => panic!("lost: {lost}"),
            state = looking => state,
        }
    });
    let state = tokio::time::timeout(SOON, both).await.expect("facts in time");
    assert!(matches!(state, RunState::Created | RunState::Running));
}

#[tokio::test]
async fn logs_are_framed_as_the_container_says() {
    let (_dir, engine, way) = embedded().await;
    let control = engine.control();
    let binary = b"\x01\x00\x00\x00\xff\xff\xff\xff binary\r\n";
    control.log("term", Stream::Stdout, binary);
    control.log("term", Stream::Stdout, b"after\r\n");
    control.log("web", Stream::Stdout, b"out \xff\n");
    control.log("web", Stream::Stderr, b"err\n");
    let link = way.dial(Access::ReadOnly).await.expect("a link");
    let term = container(&link, "term").await.key.id;
    let told = contract::lines(&link, term, LogFrom::Start, false, |_| false).await;
    let bytes: Vec<_> = told.iter().map(|line| line.1.as_slice()).collect();
    assert_eq!(bytes, [&b"\x01\x00\x00\x00\xff\xff\xff\xff binary"[..], b"after"]);
    let web = container(&link, "web").await.key.id;
    let told = contract::lines(&link, web, LogFrom::Start, false, |_| false).await;
    let told: Vec<_> = told.iter().map(|line| (line.1.as_slice(), line.2)).collect();
    assert_eq!(told, [(&b"out \xff"[..], false), (b"err", true)]);
}

#[tokio::test]
async fn a_flood_waits_for_its_reader() {
    let (_dir, engine, way) = embedded().await;
    engine.control().flood("web", 50_000);
    let link = way.dial(Access::ReadOnly).await.expect("a link");
    let id = container(&link, "web").await.key.id;
    let (sink, mut facts) = mpsc::channel(1);
    let reading = async {
        let ended = link.logs(id, LogFrom::Start, false, &sink).await;
        drop(sink);
        ended
    };
    let counting = async {
        let (mut lines, mut longest) = (0, 0);
        while let Some(fact) = facts.recv().await {
            if let LogFact::Lines(chunk) = fact {
                lines += chunk.lines.len();
                longest = longest.max(chunk.bytes.len());
            }
        }
        (lines, longest)
    };
    let both = Box::pin(async { tokio::join!(reading, counting) });
    let (ended, (lines, longest)) = tokio::time::timeout(SOON, both).await.expect("an end");
    ended.expect("a whole log");
    assert!(lines >= 50_000, "{lines}");
    assert!(longest < 512 * 1024, "{longest}");
}

#[tokio::test]
async fn statistics_and_details_are_read() {
    let (_dir, _engine, way) = embedded().await;
    let link = way.dial(Access::ReadOnly).await.expect("a link");
    let id = container(&link, "web").await.key.id;
    let sample = link.sample(id).await.expect("a sample");
    assert!(sample.read_ns > 0);
    let details = link.inspect(id).await.expect("details");
    assert_eq!(
        (details.key.id, details.state, details.tty),
        (id, RunState::Running, false)
    );
    assert!(details.sections.iter().any(|section| section.title == "Command"));
}

#[tokio::test]
async fn a_log_is_read_on_without_gap_or_double() {
    let (_dir, engine, way) = embedded().await;
    let control = engine.control();
    let talking = async {
        let mut pace = tokio::time::interval(Duration::from_millis(5));
        for number in 0_u64.. {
            pace.tick().await;
            control.log("web", Stream::Stdout, format!("line {number}\n").as_bytes());
        }
    };
    let number = |line: &[u8]| std::str::from_utf8(line).ok()?.rsplit(' ').next()?.parse().ok();
    tokio::select! {
        () = talking => {}
        () = contract::log_resumes(&way, "web", number) => {}
    }
}
