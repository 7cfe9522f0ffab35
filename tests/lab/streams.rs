//! Watching, orders, logs, statistics and details of real engines.

use wheelhouse::fleet::model::{LogFrom, RunState, Value};
use wheelhouse::sources::link::Access;

use super::contract::{self, container};
use super::ground::{Lab, alone};

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn a_watch_tells_what_happens_on_every_route() {
    let _alone = alone().await;
    let lab = Lab::open();
    for way in [
        lab.way("unix"),
        lab.way("tls"),
        lab.alias("ssh"),
        lab.alias("ssh-dial"),
    ] {
        contract::watch_tells_what_happens(&way, "lab-up").await;
    }
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn orders_are_answered() {
    let _alone = alone().await;
    contract::orders_are_answered(&Lab::open().way("tcp"), "lab-up").await;
}

fn number(line: &[u8]) -> Option<u64> {
    std::str::from_utf8(line).ok()?.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn a_log_is_read_on_without_gap_or_double() {
    let _alone = alone().await;
    let lab = Lab::open();
    contract::log_resumes(&lab.way("tls"), "lab-logger", number).await;
    contract::log_resumes(&lab.alias("ssh"), "lab-tty", number).await;
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn a_terminal_line_may_look_like_a_frame() {
    let _alone = alone().await;
    let lab = Lab::open();
    let engine = lab.way("unix").dial(Access::ReadOnly).await.expect("a link");
    let id = container(&engine, "lab-tty-binary").await.key.id;
    let told = contract::lines(&engine, id, LogFrom::Tail(2), true, |lines| lines.len() >= 4).await;
    for (at_ns, bytes, stderr) in told {
        assert!(at_ns > 0 && !stderr);
        assert!(
            bytes.starts_with(b"\x01\x00\x00\x00\xff\xff\xff\xff"),
            "{bytes:?}"
        );
    }
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn standard_error_is_told_apart() {
    let _alone = alone().await;
    let lab = Lab::open();
    let engine = lab.way("tcp").dial(Access::ReadOnly).await.expect("a link");
    let id = container(&engine, "lab-logger").await.key.id;
    let told = contract::lines(&engine, id, LogFrom::Tail(30), false, |_| false).await;
    assert!(told.iter().any(|line| line.2) && told.iter().any(|line| !line.2));
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn listings_say_what_the_engine_says() {
    let _alone = alone().await;
    let lab = Lab::open();
    let engine = lab.way("unix").dial(Access::ReadOnly).await.expect("a link");
    let it = |name: &'static str| container(&engine, name);
    assert_eq!(it("lab-exit137").await.exit_code, Some(137));
    assert_eq!(it("lab-paused").await.state, RunState::Paused);
    assert_eq!(it("lab-created").await.state, RunState::Created);
    assert_eq!(it("lab-app").await.app.as_deref(), Some("billing"));
    let web = it("shop-web-1").await;
    assert_eq!(
        (web.app.as_deref(), web.service.as_deref()),
        (Some("shop"), Some("web"))
    );
    assert_eq!(it("lab-published").await.ports[0].public, Some(8080));
    assert!(it("lab-healthy").await.health.is_some());
    let up = it("lab-up").await;
    assert!(up.since.is_some_and(|since| since >= up.created));
    let sample = engine.sample(up.key.id).await.expect("a sample");
    assert!(sample.cpu_ns > 0 && sample.memory > 0);
    assert!(engine.sample(it("lab-exit0").await.key.id).await.is_err());
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn secrets_are_masked() {
    let _alone = alone().await;
    let lab = Lab::open();
    let engine = lab.way("unix").dial(Access::ReadOnly).await.expect("a link");
    let id = container(&engine, "lab-secrets").await.key.id;
    let details = engine.inspect(id).await.expect("details");
    let shown = format!("{details:?}");
    let masked = details
        .sections
        .iter()
        .flat_map(|section| &section.fields)
        .filter_map(|field| match &field.value {
            Value::Masked(secret) => Some(secret.reveal().to_string()),
            Value::Plain(_) => None,
        });
    let masked = masked.collect::<Vec<_>>().join(" ");
    for secret in lab.secrets() {
        assert!(!shown.contains(&secret), "{secret} is shown");
        assert!(masked.contains(&secret), "{secret} cannot be asked for");
    }
}
