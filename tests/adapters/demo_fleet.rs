//! The demo's fleet, the engine's time, and a client that others wrote.

use std::net::SocketAddr;
use std::time::Duration;

use bollard::query_parameters::{
    EventsOptionsBuilder, ListContainersOptionsBuilder, LogsOptionsBuilder, StatsOptionsBuilder,
};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::StreamExt;
use jiff::Timestamp;
use wheelhouse::demo::{Clock, ContainerSpec, Engine, EngineSpec, Fleet, Health, Start, Stream, Voice};

use super::http::{Client, Parts, get, soon, until};

fn ago(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn bollard_understands_every_answer() {
    let spec = EngineSpec::named("x")
        .with(
            ContainerSpec::new("web", "shop:1")
                .compose("shop", "web")
                .port(80, Some(8080))
                .volume("data", "/data")
                .health(Health::Healthy, "true")
                .logged(ago(2), Stream::Stdout, b"out\n")
                .logged(ago(1), Stream::Stderr, b"err\n"),
        )
        .with(ContainerSpec::new("gone", "i").start(Start::Exited(137, ago(9))));
    let addr: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let engine = Engine::serve_tcp(spec, addr).await.expect("an engine");
    let docker = Docker::connect_with_http(&engine.url(), 10, API_DEFAULT_VERSION).expect("a client");
    assert_eq!(docker.info().await.expect("info").name.as_deref(), Some("x"));
    assert_eq!(
        docker.version().await.expect("a version").api_version.as_deref(),
        Some("1.50")
    );
    let all = ListContainersOptionsBuilder::default().all(true).build();
    assert_eq!(docker.list_containers(Some(all)).await.expect("a list").len(), 2);
    let web = docker.inspect_container("web", None).await.expect("web is there");
    let health = web
        .state
        .and_then(|state| state.health)
        .expect("it has a health check");
    assert!(health.log.is_some_and(|log| !log.is_empty()));
    let once = StatsOptionsBuilder::default()
        .stream(false)
        .one_shot(true)
        .build();
    let sample = docker
        .stats("web", Some(once))
        .next()
        .await
        .expect("a sample")
        .expect("a good one");
    assert!(
        sample
            .memory_stats
            .and_then(|memory| memory.usage)
            .is_some_and(|usage| usage > 0)
    );
    let options = LogsOptionsBuilder::default().stdout(true).stderr(true).build();
    let log: Vec<String> = docker
        .logs("web", Some(options))
        .map(|line| line.expect("a line").to_string())
        .collect()
        .await;
    assert_eq!(log, ["out\n", "err\n"]);
    let since = Timestamp::now().as_second().to_string();
    let mut events = docker.events(Some(EventsOptionsBuilder::default().since(&since).build()));
    docker.restart_container("web", None).await.expect("a restart");
    let mut seen = Vec::new();
    while seen.last().map(String::as_str) != Some("restart") {
        let event = soon("an event", events.next())
            .await
            .expect("an event")
            .expect("a good one");
        seen.extend(event.action);
    }
    assert_eq!(
        seen,
        ["kill", "die", "disconnect", "stop", "connect", "start", "restart"]
    );
}

#[tokio::test]
async fn the_demo_fleet_gives_the_same_picture_twice_and_lives_when_it_may() {
    let at: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    let mut pictures = Vec::new();
    for _ in 0..2 {
        let dir = tempfile::tempdir().expect("a directory");
        let fleet = Fleet::still(dir.path(), at).await.expect("a fleet");
        let mut picture = Vec::new();
        for (_, url, _) in fleet.hosts() {
            picture.push(get(&url, "/containers/json?all=1").await.body);
            picture.push(get(&url, "/info").await.body);
        }
        let (_, web, _) = &fleet.hosts()[0];
        picture.push(
            get(
                web,
                "/containers/shop-api-blue/logs?stdout=1&stderr=1&timestamps=1",
            )
            .await
            .body,
        );
        picture.push(
            get(web, "/containers/shop-api-blue/stats?stream=false&one-shot=1")
                .await
                .body,
        );
        pictures.push(picture);
    }
    assert_eq!(pictures[0], pictures[1]);

    let dir = tempfile::tempdir().expect("a directory");
    let fleet = Fleet::start(dir.path()).await.expect("a fleet");
    let web = fleet.control("web-1").expect("web-1 is there");
    until("the crash loop to go on", || {
        web.state("shop-mailer-1") == Some("running")
    })
    .await;
    let (_, url, _) = &fleet.hosts()[0];
    let mut log = Parts::open(url, "/containers/edge-proxy/logs?stdout=1&follow=1&tail=0").await;
    assert!(!log.gather(|seen| !seen.is_empty()).await.is_empty());
    assert!(
        web.requests().is_empty(),
        "a demo that runs for days keeps no record"
    );
}

#[tokio::test]
async fn time_that_stands_still_moves_on_when_told() {
    let at: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    let talker = ContainerSpec::new("web", "i")
        .talks(Voice::Json, ago(10), 0)
        .crashes(ago(60), 4);
    let spec = EngineSpec {
        clock: Clock::Fixed(at),
        ..EngineSpec::default()
    }
    .with(talker);
    let dir = tempfile::tempdir().expect("a directory");
    let engine = Engine::serve_unix(spec, &dir.path().join("d.sock"))
        .await
        .expect("an engine");
    let mut client = Client::connect(&engine.url()).await.expect("a connection");
    let logs = "/containers/web/logs?stdout=1&stderr=1";
    assert!(client.get(logs).await.body.is_empty());
    engine.control().advance(ago(16));
    soon("a line", async {
        while client.get(logs).await.body.is_empty() {}
    })
    .await;
    engine.control().advance(ago(60));
    let control = engine.control();
    until("the crash", || control.state("web") == Some("exited")).await;
}
