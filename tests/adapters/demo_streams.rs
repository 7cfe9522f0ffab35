//! Logs and events of the embedded engine: framing, places, ends.

use std::time::Duration;

use wheelhouse::demo::{ContainerSpec, Engine, EngineSpec, Start, Stream};

use super::http::{Client, Parts, get};

async fn engine(spec: EngineSpec) -> (tempfile::TempDir, Engine) {
    let dir = tempfile::tempdir().expect("a directory");
    let engine = Engine::serve_unix(spec, &dir.path().join("d.sock"))
        .await
        .expect("an engine");
    (dir, engine)
}

fn ago(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn web() -> ContainerSpec {
    ContainerSpec::new("web", "i")
        .logged(ago(30), Stream::Stdout, b"one\n")
        .logged(ago(20), Stream::Stderr, b"two\xff\n")
        .logged(ago(10), Stream::Stdout, b"three")
}

/// Takes the frames apart: stream and payload of each.
fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        found.push((head[0], rest[..length].to_vec()));
        bytes = &rest[length..];
    }
    assert!(bytes.is_empty(), "a frame is whole");
    found
}

#[tokio::test]
async fn a_log_without_a_terminal_is_framed() {
    let (_dir, engine) = engine(EngineSpec::default().with(web())).await;
    let all = get(&engine.url(), "/containers/web/logs?stdout=1&stderr=1").await;
    assert_eq!(
        all.headers["content-type"],
        "application/vnd.docker.multiplexed-stream"
    );
    let (one, two, three) = (b"one\n".to_vec(), b"two\xff\n".to_vec(), b"three".to_vec());
    assert_eq!(
        frames(&all.body),
        [(1, one), (2, two.clone()), (1, three.clone())]
    );
    // The tail counts what the reader did not ask for, as dockerd's does.
    let last = get(&engine.url(), "/containers/web/logs?stderr=1&tail=2").await;
    assert_eq!(frames(&last.body), [(2, two)]);
    let since = jiff::Timestamp::now().as_second() - 15;
    let path = format!("/containers/web/logs?stdout=1&stderr=1&since={since}");
    assert_eq!(frames(&get(&engine.url(), &path).await.body), [(1, three)]);
    let path = format!("/containers/web/logs?stdout=1&stderr=1&until={since}");
    assert_eq!(frames(&get(&engine.url(), &path).await.body).len(), 2);
    let stamped = get(&engine.url(), "/containers/web/logs?stdout=1&tail=1&timestamps=1").await;
    let (_, line) = &frames(&stamped.body)[0];
    let (stamp, text) = line.split_at(31);
    assert_eq!(text, b"three");
    assert!(
        stamp.ends_with(b"Z ") && stamp[19] == b'.',
        "{:?}",
        String::from_utf8_lossy(stamp)
    );
    let none = get(&engine.url(), "/containers/web/logs?follow=1").await;
    assert_eq!(
        none.refusal(),
        (
            400,
            "Bad parameters: you must choose at least one stream".to_owned()
        )
    );
}

#[tokio::test]
async fn a_log_with_a_terminal_is_raw_even_when_it_looks_framed() {
    let trap = b"\x01\x00\x00\x00\xff\xff\xff\xff not a frame\r\n";
    let spec = EngineSpec::default().with(ContainerSpec::new("tty", "i").tty().logged(
        ago(1),
        Stream::Stdout,
        trap,
    ));
    let (_dir, engine) = engine(spec).await;
    let log = get(&engine.url(), "/containers/tty/logs?stdout=1&stderr=1").await;
    assert_eq!(log.headers["content-type"], "application/vnd.docker.raw-stream");
    assert_eq!(&log.body[..], trap);
}

#[tokio::test]
async fn the_oldest_engine_does_not_tell_its_framing() {
    let (_dir, engine) = engine(EngineSpec::default().oldest().with(web())).await;
    let log = get(&engine.url(), "/containers/web/logs?stdout=1&stderr=1").await;
    assert!(!log.headers.contains_key("content-type"));
    assert_eq!(frames(&log.body).len(), 3);
}

#[tokio::test]
async fn a_followed_log_ends_with_its_container() {
    let (_dir, engine) = engine(EngineSpec::default().with(web())).await;
    let control = engine.control();
    let mut log = Parts::open(
        &engine.url(),
        "/containers/web/logs?stdout=1&stderr=1&follow=1&tail=0",
    )
    .await;
    assert!(control.log("web", Stream::Stderr, b"four\nfi"));
    assert!(control.log("web", Stream::Stdout, b"ve\n"));
    assert!(control.die("web", 1));
    let all = log.gather(|_| false).await;
    assert_eq!(
        frames(&all),
        [
            (2, b"four\n".to_vec()),
            (2, b"fi".to_vec()),
            (1, b"ve\n".to_vec())
        ]
    );
    // A stopped container is read to its end, and not waited for.
    let again = get(
        &engine.url(),
        "/containers/web/logs?stdout=1&stderr=1&follow=1&tail=1",
    )
    .await;
    assert_eq!(frames(&again.body), [(1, b"ve\n".to_vec())]);
}

#[tokio::test]
async fn a_flood_is_written_out_as_it_is_read() {
    const LINES: u64 = 200_000;
    let (_dir, engine) = engine(EngineSpec::default().with(ContainerSpec::new("web", "i").tty())).await;
    let mut log = Parts::open(&engine.url(), "/containers/web/logs?stdout=1&follow=1").await;
    assert!(engine.control().flood("web", LINES));
    assert!(engine.control().log("web", Stream::Stdout, b"sentinel"));
    let all = log.gather(|seen| seen.ends_with(b"sentinel")).await;
    assert_eq!(memchr::memchr_iter(b'\n', &all).count() as u64, LINES);
}

#[tokio::test]
async fn events_are_told_again_since_a_moment_and_end_at_another() {
    let spec = EngineSpec::default()
        .with(web())
        .with(ContainerSpec::new("other", "i").start(Start::Exited(0, ago(60))));
    let (_dir, engine) = engine(spec).await;
    let control = engine.control();
    let begin = jiff::Timestamp::now();
    assert!(control.start("other") && control.kill("web"));
    let since = format!("{}.{:09}", begin.as_second(), begin.subsec_nanosecond());
    let until = jiff::Timestamp::now();
    let until = format!("{}.{:09}", until.as_second(), until.subsec_nanosecond());
    assert!(control.stop("other"));
    let mut client = Client::connect(&engine.url()).await.expect("a connection");
    let mut told = async |rest: &str| {
        let answer = client
            .get(&format!("/events?since={since}&until={until}{rest}"))
            .await;
        String::from_utf8(answer.body.to_vec())
            .expect("events are text")
            .lines()
            .count()
    };
    // Joining and leaving a network are told too.
    assert_eq!(told("").await, 5);
    assert_eq!(told("&filters=%7B%22type%22:[%22container%22]%7D").await, 3);
    assert_eq!(
        told("&filters=%7B%22type%22:[%22container%22],%22container%22:[%22web%22]%7D").await,
        2
    );
    assert_eq!(
        told("&filters=%7B%22event%22:[%22die%22,%22start%22]%7D").await,
        2
    );
    assert_eq!(told("&filters=%7B%22label%22:[%22nope%22]%7D").await, 0);
}
