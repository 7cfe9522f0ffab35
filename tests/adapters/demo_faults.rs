//! What can be made to go wrong with the embedded engine, and the record it keeps.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::Method;
use wheelhouse::demo::{Asked, ContainerSpec, Engine, EngineSpec, Fault, Stream};

use super::http::{Client, Parts, get, soon, until};

async fn engine() -> (tempfile::TempDir, Engine, Client) {
    let dir = tempfile::tempdir().expect("a directory");
    let spec = EngineSpec::default().with(ContainerSpec::new("web", "i"));
    let engine = Engine::serve_unix(spec, &dir.path().join("d.sock"))
        .await
        .expect("an engine");
    let client = Client::connect(&engine.url()).await.expect("a connection");
    (dir, engine, client)
}

#[tokio::test]
async fn everything_asked_is_recorded_in_order() {
    let (_dir, engine, mut client) = engine().await;
    client.get("/v1.41/containers/json?all=1").await;
    client.post("/containers/web/restart?t=0").await;
    client.get("/nope").await;
    let asked = |method, path: &str| Asked {
        method,
        path: path.to_owned(),
    };
    let control = engine.control();
    assert_eq!(
        control.requests(),
        [
            asked(Method::GET, "/v1.41/containers/json?all=1"),
            asked(Method::POST, "/containers/web/restart?t=0"),
            asked(Method::GET, "/nope"),
        ]
    );
    control.forget_requests();
    assert!(control.requests().is_empty());
}

#[tokio::test]
async fn a_frozen_engine_answers_when_it_thaws() {
    let (_dir, engine, mut client) = engine().await;
    let control = engine.control();
    let mut log = Parts::open(&engine.url(), "/containers/web/logs?stdout=1&follow=1").await;
    control.freeze();
    assert!(control.log("web", Stream::Stdout, b"frozen\n"));
    let mut other = Client::connect(&engine.url())
        .await
        .expect("a frozen engine still takes connections");
    let asking = tokio::spawn(async move { client.get("/_ping").await });
    let other = tokio::spawn(async move { other.get("/info").await });
    until("both to arrive", || control.requests().len() == 3).await;
    assert!(!asking.is_finished() && !other.is_finished());
    control.thaw();
    assert_eq!(
        soon("the first answer", asking).await.expect("an answer").status,
        200
    );
    assert_eq!(
        soon("the second answer", other).await.expect("an answer").status,
        200
    );
    assert!(!log.gather(|seen| !seen.is_empty()).await.is_empty());
}

#[tokio::test]
async fn an_engine_refuses_and_comes_back_on_the_same_place() {
    let (_dir, local, _) = engine().await;
    let addr: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let remote = Engine::serve_tcp(EngineSpec::default(), addr)
        .await
        .expect("an engine");
    for engine in [local, remote] {
        let mut old = Client::connect(&engine.url()).await.expect("a connection");
        assert_eq!(old.get("/_ping").await.status, 200);
        let control = engine.control();
        control.refuse();
        soon("a refusal", async {
            while Client::connect(&engine.url()).await.is_ok() {}
        })
        .await;
        assert_eq!(old.get("/_ping").await.status, 200, "what is connected stays");
        control.drop_connections();
        soon("the old connection to end", async {
            while old.ask(Method::GET, "/_ping").await.is_ok() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        control.listen();
        soon("a connection", async {
            while Client::connect(&engine.url()).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(get(&engine.url(), "/_ping").await.status, 200);
    }
}

#[tokio::test]
async fn an_order_is_refused_once() {
    let (_dir, engine, mut client) = engine().await;
    let busy = Fault::Refuse(409, "somebody else is at it".to_owned());
    engine.control().fault_once(Method::POST, "/restart", busy);
    let refusal = client.post("/containers/web/restart").await.refusal();
    assert_eq!(refusal, (409, "somebody else is at it".to_owned()));
    assert_eq!(client.post("/containers/web/restart?t=0").await.status, 204);
}

#[tokio::test]
async fn an_order_can_be_carried_out_without_an_answer() {
    for fault in [Fault::Silence, Fault::Hangup] {
        let (_dir, engine, mut client) = engine().await;
        let control = engine.control();
        control.fault(Method::POST, "/stop", fault.clone());
        let asking = tokio::spawn(async move { client.ask(Method::POST, "/containers/web/stop").await });
        until("the order to be carried out", || {
            control.state("web") == Some("exited")
        })
        .await;
        match fault {
            Fault::Hangup => assert!(soon("the end", asking).await.expect("no panic").is_err()),
            _ => assert!(!asking.is_finished()),
        }
    }
}

#[tokio::test]
async fn an_order_goes_on_when_the_one_who_gave_it_has_gone() {
    let dir = tempfile::tempdir().expect("a directory");
    let slow = ContainerSpec::new("web", "i").stops(Duration::from_millis(50), 0);
    let spec = EngineSpec::default().with(slow);
    let engine = Engine::serve_unix(spec, &dir.path().join("d.sock"))
        .await
        .expect("an engine");
    let control = engine.control();
    let mut client = Client::connect(&engine.url()).await.expect("a connection");
    let asking = tokio::spawn(async move { client.ask(Method::POST, "/containers/web/stop").await });
    until("the order to arrive", || !control.requests().is_empty()).await;
    asking.abort();
    control.drop_connections();
    until("the order to be carried out", || {
        control.state("web") == Some("exited")
    })
    .await;
}

#[tokio::test]
async fn bodies_are_cut_and_spoiled() {
    let (_dir, engine, mut client) = engine().await;
    let control = engine.control();
    control.fault_once(Method::GET, "/containers/json", Fault::Garbage);
    let garbage = client.get("/containers/json").await;
    assert_eq!(garbage.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&garbage.body).is_err());
    control.fault_once(Method::GET, "/containers/json", Fault::Truncate);
    let mut parts = Parts::open(&engine.url(), "/containers/json").await;
    let first = parts.next().await.expect("a part").expect("half of the body");
    assert!(first.starts_with(b"[{"));
    assert!(parts.next().await.expect("not the end, a failure").is_err());
    control.garble(true);
    let mut client = Client::connect(&engine.url()).await.expect("a connection");
    assert!(soon("the end", client.ask(Method::GET, "/_ping")).await.is_err());
    control.mend();
    assert_eq!(get(&engine.url(), "/_ping").await.status, 200);
}

#[tokio::test]
async fn answers_come_late_and_engines_change_their_version() {
    let (_dir, engine, mut client) = engine().await;
    let control = engine.control();
    let late = Duration::from_millis(30);
    control.fault_once(Method::GET, "/_ping", Fault::Delay(late));
    let begun = std::time::Instant::now();
    assert_eq!(client.get("/_ping").await.status, 200);
    assert!(begun.elapsed() >= late);
    control.become_version("19.03.15", "1.40", "1.12");
    assert_eq!(client.get("/v1.41/info").await.status, 400);
    assert_eq!(client.get("/_ping").await.headers["api-version"], "1.40");
}
