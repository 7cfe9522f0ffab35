//! The embedded engine answers as dockerd does: sentences, statuses, identities, orders.
//! What is asserted here was seen on dockerd 20.10.24, or stands in the API's documentation.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use wheelhouse::demo::{Clock, ContainerSpec, Engine, EngineSpec, Health, HealthSpec, Start, Stream};

use super::http::{Client, Parts, get, soon};

const MINUTE: Duration = Duration::from_secs(60);

async fn engine(spec: EngineSpec) -> (tempfile::TempDir, Engine, Client) {
    let dir = tempfile::tempdir().expect("a directory");
    let engine = Engine::serve_unix(spec, &dir.path().join("d.sock"))
        .await
        .expect("an engine");
    let client = Client::connect(&engine.url()).await.expect("a connection");
    (dir, engine, client)
}

fn ago(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn names(list: &Value) -> Vec<String> {
    let names = list.as_array().expect("a list").iter();
    names
        .map(|c| {
            c["Names"][0]
                .as_str()
                .expect("a name")
                .trim_start_matches('/')
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn every_answer_tells_who_answers() {
    let (_dir, _engine, mut client) = engine(EngineSpec::default()).await;
    let ping = client.get("/_ping").await;
    assert_eq!(&ping.body[..], b"OK");
    assert_eq!(ping.headers["api-version"], "1.50");
    assert_eq!(ping.headers["ostype"], "linux");
    assert_eq!(ping.headers["docker-experimental"], "false");
    assert_eq!(ping.headers["server"], "Docker/28.3.2 (linux)");
    assert!(
        client
            .ask(hyper::Method::HEAD, "/v1.41/_ping")
            .await
            .expect("an answer")
            .body
            .is_empty()
    );
    let info = client.get("/info").await.json();
    for key in [
        "ID",
        "Name",
        "NCPU",
        "MemTotal",
        "ServerVersion",
        "OperatingSystem",
        "Containers",
    ] {
        assert!(!info[key].is_null(), "{key}");
    }
    assert_eq!(client.get("/version").await.json()["ApiVersion"], "1.50");
}

#[tokio::test]
async fn versions_out_of_range_and_unknown_paths_are_refused() {
    let (_dir, _engine, mut client) = engine(EngineSpec::default().oldest()).await;
    assert_eq!(
        client.get("/v1.99/info").await.refusal(),
        (
            400,
            "client version 1.99 is too new. Maximum supported API version is 1.41".to_owned()
        )
    );
    let old = client.get("/v1.5/info").await;
    assert_eq!(old.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(
        String::from_utf8_lossy(&old.body),
        "client version 1.5 is too old. Minimum supported API version is 1.12, \
         please upgrade your client to a newer version\n"
    );
    assert_eq!(client.get("/v1.41/info").await.status, 200);
    assert_eq!(
        client.get("/nope").await.refusal(),
        (404, "page not found".to_owned())
    );
    assert_eq!(
        client.post("/containers/x/explode").await.refusal(),
        (404, "page not found".to_owned())
    );
}

#[tokio::test]
async fn states_are_told_in_the_sentences_of_docker_ps() {
    let at: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    let mut spec = EngineSpec {
        clock: Clock::Fixed(at),
        ..EngineSpec::default()
    };
    let healthy = |name: &str, health| {
        ContainerSpec::new(name, "i")
            .start(Start::Running(2 * MINUTE))
            .health(health, "true")
    };
    let given = [
        (
            ContainerSpec::new("a", "i").start(Start::Created),
            "created",
            "Created",
        ),
        (
            ContainerSpec::new("b", "i").start(Start::Running(ago(2 * 86_400))),
            "running",
            "Up 2 days",
        ),
        (
            ContainerSpec::new("c", "i").start(Start::Paused(ago(2 * 86_400))),
            "paused",
            "Up 2 days (Paused)",
        ),
        (
            ContainerSpec::new("d", "i").start(Start::Exited(137, 3 * MINUTE)),
            "exited",
            "Exited (137) 3 minutes ago",
        ),
        (
            ContainerSpec::new("e", "i").start(Start::Restarting(1, ago(5))),
            "restarting",
            "Restarting (1) 5 seconds ago",
        ),
        (ContainerSpec::new("f", "i").start(Start::Dead), "dead", "Dead"),
        (healthy("g", Health::Healthy), "running", "Up 2 minutes (healthy)"),
        (
            healthy("h", Health::Unhealthy),
            "running",
            "Up 2 minutes (unhealthy)",
        ),
        (
            healthy("i", Health::Starting),
            "running",
            "Up 2 minutes (health: starting)",
        ),
    ];
    spec.containers = given.iter().map(|(container, ..)| container.clone()).collect();
    let (_dir, _engine, mut client) = engine(spec).await;
    for (container, state, status) in given {
        let path = format!(
            "/containers/json?all=1&filters={{%22name%22:[%22^{}$%22]}}",
            container.name
        );
        let list = client.get(&path).await.json();
        assert_eq!(list[0]["State"], state);
        assert_eq!(list[0]["Status"], status);
    }
    assert_eq!(
        client
            .get("/containers/json")
            .await
            .json()
            .as_array()
            .map(Vec::len),
        Some(6)
    );
    assert_eq!(
        client
            .get("/containers/json?limit=2")
            .await
            .json()
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn lists_are_filtered() {
    let shop = |name: &str| ContainerSpec::new(name, "shop:1").compose("shop", name);
    let spec = EngineSpec::default()
        .oldest()
        .with(shop("web").created(ago(9000)))
        .with(shop("api").created(ago(8000)))
        .with(
            ContainerSpec::new("other", "x")
                .start(Start::Exited(3, MINUTE))
                .created(ago(7300)),
        );
    let (_dir, engine, mut client) = engine(spec).await;
    let mut list = async |filters: &str| {
        let encoded = filters
            .replace('"', "%22")
            .replace('{', "%7B")
            .replace('}', "%7D");
        names(
            &client
                .get(&format!("/containers/json?filters={encoded}"))
                .await
                .json(),
        )
    };
    assert_eq!(list(r#"{"status":["exited"]}"#).await, ["other"]);
    assert_eq!(
        list(r#"{"label":["com.docker.compose.project=shop"]}"#).await,
        ["api", "web"]
    );
    assert_eq!(
        list(r#"{"label":{"com.docker.compose.service=api":true}}"#).await,
        ["api"]
    );
    assert_eq!(list(r#"{"name":["/we"]}"#).await, ["web"]);
    let id = engine.control().id("web").expect("web is there");
    assert_eq!(list(&format!(r#"{{"id":["{}"]}}"#, &id[..12])).await, ["web"]);
    let wrong = async |path: &str| get(&engine.url(), path).await.refusal();
    assert_eq!(
        wrong("/containers/json?filters=%7B%22foo%22:[%22x%22]%7D").await,
        (400, "Invalid filter 'foo'".to_owned())
    );
    assert_eq!(
        wrong("/containers/json?filters=%7B%22status%22:[%22x%22]%7D").await,
        (400, "Invalid filter 'status=x'".to_owned())
    );
    assert_eq!(wrong("/containers/json?filters=[]").await.0, 500);
}

#[tokio::test]
async fn containers_are_found_by_id_prefix_and_name() {
    let (_dir, engine, mut client) = engine(EngineSpec::default().with(ContainerSpec::new("web", "i"))).await;
    let id = engine.control().id("web").expect("web is there");
    assert_eq!(id.len(), 64);
    for name in [id.as_str(), &id[..7], "web", "%2Fweb"] {
        assert_eq!(
            client.get(&format!("/containers/{name}/json")).await.json()["Id"],
            id.as_str(),
            "{name}"
        );
    }
    assert_eq!(
        client.get("/containers/we/json").await.refusal(),
        (404, "No such container: we".to_owned())
    );
}

#[tokio::test]
async fn a_name_that_is_taken_again_belongs_to_another_container() {
    let (_dir, engine, mut client) = engine(EngineSpec::default().with(ContainerSpec::new("web", "i"))).await;
    let old = engine.control().id("web").expect("web is there");
    let new = engine.control().recreate("web").expect("web is made again");
    assert_ne!(old, new);
    assert_eq!(
        client.get("/containers/web/json").await.json()["Id"],
        new.as_str()
    );
    assert_eq!(client.get(&format!("/containers/{old}/json")).await.status, 404);
}

/// Reads events until `last`; gives `action` and one attribute of each, of one container.
async fn actions(parts: &mut Parts, last: &str) -> Vec<String> {
    let last = format!(r#""Action":"{last}""#);
    let bytes = parts
        .gather(|seen| String::from_utf8_lossy(seen).contains(&last))
        .await;
    String::from_utf8(bytes)
        .expect("events are text")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an event"))
        .filter(|event| event["Type"] == "container")
        .map(|event| {
            let attributes = &event["Actor"]["Attributes"];
            let extra = attributes["signal"].as_str().or(attributes["exitCode"].as_str());
            let action = event["Action"].as_str().expect("an action");
            assert_eq!(event["status"], event["Action"]);
            assert_eq!(event["id"], event["Actor"]["ID"]);
            extra.map_or_else(|| action.to_owned(), |extra| format!("{action} {extra}"))
        })
        .collect()
}

#[tokio::test]
async fn orders_are_answered_and_told_like_dockerd_does() {
    let spec = EngineSpec::default()
        .oldest()
        .with(ContainerSpec::new("web", "i").stops(ago(0), 3));
    let (_dir, engine, mut client) = engine(spec).await;
    let id = engine.control().id("web").expect("web is there");
    let mut events = Parts::open(&engine.url(), "/events").await;
    let mut post = async |verb: &str| client.post(&format!("/containers/web/{verb}")).await;

    assert_eq!(post("start").await.status, 304);
    assert_eq!(
        post("unpause").await.refusal(),
        (500, format!("Container {id} is not paused"))
    );
    assert_eq!(post("pause").await.status, 204);
    assert_eq!(
        post("pause").await.refusal(),
        (409, format!("Container {id} is already paused"))
    );
    assert_eq!(
        post("start").await.refusal(),
        (
            409,
            "cannot start a paused container, try unpause instead".to_owned()
        )
    );
    assert_eq!(post("unpause").await.status, 204);
    assert_eq!(
        post("kill?signal=HUPP").await.refusal(),
        (400, "Invalid signal: HUPP".to_owned())
    );
    assert_eq!(post("stop?t=x").await.status, 500);
    assert_eq!(post("stop?t=1").await.status, 204);
    assert_eq!(post("stop").await.status, 304);
    let still = format!("Cannot kill container: web: Container {id} is not running");
    assert_eq!(post("kill").await.refusal(), (409, still));
    assert_eq!(
        post("pause").await.refusal(),
        (409, format!("Container {id} is not running"))
    );
    assert_eq!(post("restart").await.status, 204);
    assert_eq!(
        actions(&mut events, "restart").await,
        ["pause", "unpause", "kill 15", "die 3", "stop", "start", "restart"]
    );
    assert_eq!(post("restart?t=2").await.status, 204);
    assert_eq!(
        actions(&mut events, "restart").await,
        ["kill 15", "die 3", "stop", "start", "restart"]
    );
    assert_eq!(post("kill").await.status, 204);
    assert_eq!(actions(&mut events, "die").await, ["kill 9", "die 137"]);
}

#[tokio::test]
async fn a_running_container_is_removed_only_by_force() {
    for (spec, sentence) in [
        (EngineSpec::default().oldest(), None),
        (
            EngineSpec::default(),
            Some(
                "cannot remove container \"/web\": container is running: \
                 stop the container before removing or force remove",
            ),
        ),
    ] {
        let (_dir, engine, mut client) = engine(spec.with(ContainerSpec::new("web", "i"))).await;
        let id = engine.control().id("web").expect("web is there");
        let mut events = Parts::open(&engine.url(), "/events").await;
        let sentence = sentence.map_or_else(
            || {
                format!(
                    "You cannot remove a running container {id}. \
                     Stop the container before attempting removal or force remove"
                )
            },
            str::to_owned,
        );
        assert_eq!(client.delete("/containers/web").await.refusal(), (409, sentence));
        assert_eq!(client.delete("/containers/web?force=1&v=1").await.status, 204);
        assert_eq!(
            actions(&mut events, "destroy").await,
            ["kill 9", "die 137", "destroy"]
        );
        assert_eq!(client.delete("/containers/web").await.refusal().0, 404);
    }
}

#[tokio::test]
async fn a_program_that_ignores_the_signal_is_killed_when_its_time_is_up() {
    let spec = EngineSpec::default().with(ContainerSpec::new("deaf", "i").stops(ago(3600), 0));
    let (_dir, engine, mut client) = engine(spec).await;
    let mut events = Parts::open(&engine.url(), "/events").await;
    assert_eq!(client.post("/containers/deaf/stop?t=0").await.status, 204);
    assert_eq!(
        actions(&mut events, "stop").await,
        ["kill 15", "kill 9", "die 137", "stop"]
    );
    assert_eq!(
        client.get("/containers/deaf/json").await.json()["State"]["ExitCode"],
        137
    );
}

#[tokio::test]
async fn a_crash_is_followed_by_a_restart_and_a_stop_by_none() {
    let spec = EngineSpec::default().with(ContainerSpec::new("web", "i").restart("always"));
    let (_dir, engine, mut client) = engine(spec).await;
    let mut events = Parts::open(&engine.url(), "/events").await;
    let control = engine.control();
    assert!(control.die("web", 2));
    assert_eq!(control.state("web"), Some("restarting"));
    assert_eq!(actions(&mut events, "start").await, ["die 2", "start"]);
    let inspected = client.get("/containers/web/json").await.json();
    assert_eq!(inspected["RestartCount"], 1);
    assert_eq!(inspected["State"]["Running"], true);
    assert!(control.oom("web"));
    assert_eq!(actions(&mut events, "start").await, ["oom", "die 137", "start"]);
    assert!(control.stop("web"));
    assert_eq!(control.state("web"), Some("exited"));
    assert!(control.start("web") && control.rename("web", "web-2"));
    assert_eq!(
        actions(&mut events, "rename").await,
        ["kill 15", "die 0", "stop", "start", "rename"]
    );
}

#[tokio::test]
async fn health_comes_to_a_verdict_after_a_start() {
    let mut container = ContainerSpec::new("web", "i").health(Health::Healthy, "true");
    container.health = container.health.map(|health| HealthSpec {
        after: Some(Duration::from_millis(5)),
        ..health
    });
    let (_dir, engine, mut client) = engine(EngineSpec::default().with(container)).await;
    let mut events = Parts::open(
        &engine.url(),
        "/events?filters=%7B%22event%22:[%22health_status%22]%7D",
    )
    .await;
    assert!(engine.control().health("web", Health::Unhealthy));
    assert_eq!(
        actions(&mut events, "health_status: unhealthy").await,
        ["health_status: unhealthy"]
    );
    let inspected = client.get("/containers/web/json").await.json();
    assert_eq!(inspected["State"]["Health"]["Status"], "unhealthy");
    assert_eq!(inspected["State"]["Health"]["Log"][0]["ExitCode"], 1);
    assert!(engine.control().restart("web"));
    assert_eq!(
        actions(&mut events, "health_status: healthy").await,
        ["health_status: healthy"]
    );
}

#[tokio::test]
async fn statistics_grow_and_are_empty_for_what_does_not_run() {
    let spec = EngineSpec::default()
        .with(ContainerSpec::new("web", "i").load(50.0, 64 << 20))
        .with(ContainerSpec::new("gone", "i").start(Start::Exited(0, MINUTE)));
    let (_dir, engine, mut client) = engine(spec).await;
    let once = "/containers/web/stats?stream=false&one-shot=true";
    let first = client.get(once).await.json();
    let used = |sample: &Value| {
        sample["cpu_stats"]["cpu_usage"]["total_usage"]
            .as_u64()
            .expect("a number")
    };
    assert_eq!(first["precpu_stats"]["cpu_usage"]["total_usage"], 0);
    assert!(first["memory_stats"]["stats"]["inactive_file"].is_u64());
    assert!(engine.control().load("web", 900.0, 128 << 20));
    soon("processor time to grow", async {
        while used(&client.get(once).await.json()) <= used(&first) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let gone = client
        .get("/containers/gone/stats?stream=false&one-shot=true")
        .await
        .json();
    assert_eq!(gone["memory_stats"], json!({}));
    assert_eq!(gone["read"], "0001-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_container_is_shown_whole() {
    let spec = EngineSpec::default().with(
        ContainerSpec::new("web", "shop:1")
            .command("/app --port 80")
            .compose("shop", "web")
            .env("TOKEN=secret")
            .port(80, Some(8080))
            .port(9000, None)
            .volume("data", "/data")
            .bind("/etc/app", "/etc/app")
            .restart("unless-stopped")
            .tty()
            .logged(ago(1), Stream::Stdout, b"hello\n"),
    );
    let mut quoting = ContainerSpec::new("quoting", "i").created(ago(9000));
    quoting.command = ["sh", "-c", "sleep 1"].map(str::to_owned).to_vec();
    let (_dir, _engine, mut client) = engine(spec.with(quoting)).await;
    let inspected = client.get("/containers/web/json").await.json();
    assert_eq!(inspected["Path"], "/app");
    assert_eq!(inspected["Args"], json!(["--port", "80"]));
    assert_eq!(inspected["Config"]["Tty"], true);
    assert!(
        inspected["Config"]["Env"]
            .as_array()
            .expect("variables")
            .contains(&json!("TOKEN=secret"))
    );
    assert_eq!(inspected["HostConfig"]["RestartPolicy"]["Name"], "unless-stopped");
    assert_eq!(
        inspected["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"],
        "8080"
    );
    assert_eq!(inspected["NetworkSettings"]["Ports"]["9000/tcp"], Value::Null);
    assert_eq!(inspected["Mounts"][0]["Name"], "data");
    assert_eq!(inspected["Mounts"][1]["RW"], false);
    let list = client.get("/containers/json").await.json();
    assert_eq!(list[0]["Ports"].as_array().map(Vec::len), Some(3));
    assert_eq!(list[0]["Command"], "/app --port 80");
    assert_eq!(list[1]["Command"], "sh -c 'sleep 1'");
    assert_eq!(list[0]["HostConfig"]["NetworkMode"], "shop_default");
}

#[tokio::test]
async fn an_engine_on_an_address_and_the_end_of_one() {
    let addr: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let engine = Engine::serve_tcp(EngineSpec::named("x"), addr)
        .await
        .expect("an engine");
    assert_eq!(get(&engine.url(), "/info").await.json()["Name"], "x");
    let url = engine.url();
    drop(engine);
    soon("the port to close", async {
        while Client::connect(&url).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let dir = tempfile::tempdir().expect("a directory");
    let socket = dir.path().join("d.sock");
    drop(
        Engine::serve_unix(EngineSpec::default(), &socket)
            .await
            .expect("an engine"),
    );
    assert!(!socket.exists());
}
