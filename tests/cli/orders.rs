//! Orders from the command line: said, done, refused, unknown.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use wheelhouse::demo::{Asked, ContainerSpec, Control, EngineSpec, Fault};

use crate::support::Home;

fn shop(home: &Home) -> Control {
    let spec = EngineSpec::named("web-1")
        .with(ContainerSpec::new("api", "shop:1"))
        .with(ContainerSpec::new("worker", "shop:1"));
    home.serve(vec![spec]).remove(0)
}

/// Requests that were not reads.
fn sent(control: &Control) -> Vec<Asked> {
    let mut asked = control.requests();
    asked.retain(|asked| asked.method != http::Method::GET && asked.method != http::Method::HEAD);
    asked
}

#[test]
fn without_yes_it_says_what_would_be_sent_and_sends_nothing() {
    let home = Home::new();
    let control = shop(&home);
    let ran = home.run(&["restart", "web-1/api"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    let id = control.id("api").expect("it is there");
    for part in [
        "--yes, restart goes to",
        "web-1/api",
        &id[..12],
        "shop:1",
        "made 2h ago",
    ] {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    assert!(sent(&control).is_empty());
}

#[test]
fn read_only_refuses_and_sends_nothing() {
    let home = Home::new();
    let control = shop(&home);
    let ran = home.run(&["restart", "web-1/api", "--yes", "--read-only"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(control.requests().is_empty());
}

#[test]
fn every_order_is_done_and_written_down() {
    let home = Home::new();
    let control = shop(&home);
    let ran = home.run(&["restart", "web-1/api", "worker", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out, "restart web-1/api: done\nrestart web-1/worker: done\n");
    for (word, state) in [
        ("pause", "paused"),
        ("unpause", "running"),
        ("stop", "exited"),
        ("start", "running"),
    ] {
        let ran = home.run(&[word, "api", "--yes"]);
        assert_eq!(ran.out, format!("{word} web-1/api: done\n"), "{ran:?}");
        assert_eq!(control.state("api"), Some(state));
    }
    assert_eq!(home.run(&["kill", "api", "--yes"]).code, Some(0));
    assert_eq!(home.run(&["rm", "api", "--yes"]).code, Some(0));
    assert_eq!(control.id("api"), None);
    let journal =
        std::fs::read_to_string(home.path(".local/state/wheelhouse/journal.jsonl")).expect("a journal");
    assert_eq!(journal.lines().count(), 16, "{journal}");
}

#[test]
fn the_worst_outcome_is_the_exit_code_and_all_are_tried() {
    let home = Home::new();
    let control = shop(&home);
    control.fault(
        http::Method::POST,
        "/restart",
        Fault::Refuse(500, "the cgroup is on strike".to_owned()),
    );
    let ran = home.run(&["restart", "api", "worker", "--yes"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert_eq!(
        ran.err.matches("refused: the cgroup is on strike").count(),
        2,
        "{ran:?}"
    );
    control.mend();
    control.fault(http::Method::POST, "/restart", Fault::Hangup);
    let ran = home.run(&["restart", "api", "--yes"]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.err.contains("restart web-1/api: unknown: "), "{ran:?}");
}

#[test]
fn a_slip_in_one_name_keeps_all_orders_home() {
    let home = Home::new();
    let control = shop(&home);
    let ran = home.run(&["stop", "api", "wroker", "--yes"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(sent(&control).is_empty());
}

#[test]
fn a_name_without_its_host_is_not_sent_while_a_host_is_silent() {
    let home = Home::new();
    let control = shop(&home);
    home.add_dead_host("web-2");
    let ran = home.run(&["stop", "api", "--yes"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("name the host"), "{ran:?}");
    assert!(sent(&control).is_empty());
    let ran = home.run(&["stop", "web-1/api", "web-2/api", "--yes"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(3), "stop web-1/api: done\n"),
        "{ran:?}"
    );
}

#[test]
fn a_journal_that_cannot_be_written_refuses_orders() {
    let home = Home::new();
    let control = shop(&home);
    home.write(".local/state/wheelhouse", "a file in the way");
    let ran = home.run(&["stop", "api", "--yes"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(sent(&control).is_empty());
    assert_eq!(home.run(&["ps"]).code, Some(0));
}

/// A restart of these, under way: so many have reached the engine.
fn under_way(home: &Home, control: &Control, containers: &[&str]) -> (std::process::Child, Pid) {
    let mut command = home.command(&[&["restart", "--yes"], containers].concat());
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    until(|| !sent(control).is_empty());
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    (child, pid.expect("a process"))
}

fn until(mut reached: impl FnMut() -> bool) {
    let start = Instant::now();
    while !reached() {
        assert!(start.elapsed() < Duration::from_secs(15), "waited in vain");
        std::thread::yield_now();
    }
}

/// The journal's lines as kind and outcome.
fn journal(home: &Home) -> Vec<(String, String)> {
    let text =
        std::fs::read_to_string(home.path(".local/state/wheelhouse/journal.jsonl")).expect("a journal");
    let word = |line: &serde_json::Value, field: &str| line[field].as_str().unwrap_or_default().to_owned();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .map(|line: serde_json::Value| (word(&line, "kind"), word(&line, "outcome")))
        .collect()
}

fn kinds(said: &[(&str, &str)]) -> Vec<(String, String)> {
    said.iter()
        .map(|(kind, outcome)| ((*kind).to_owned(), (*outcome).to_owned()))
        .collect()
}

#[test]
fn an_interrupt_recalls_what_has_not_left_and_waits_for_what_has() {
    let home = Home::new();
    let control = shop(&home);
    control.fault(
        http::Method::POST,
        "/restart",
        Fault::Delay(Duration::from_secs(2)),
    );
    let (child, pid) = under_way(&home, &control, &["api", "worker"]);
    kill_process(pid, Signal::INT).expect("a signal");
    let ended = child.wait_with_output().expect("it ends");
    let (out, err) = (
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr),
    );
    assert_eq!(
        (ended.status.code(), &*out),
        (Some(130), "restart web-1/api: done\n"),
        "{err}"
    );
    assert!(
        err.contains("sent already") && err.contains("worker: not sent"),
        "{err}"
    );
    assert_eq!(sent(&control).len(), 1);
    assert_eq!(journal(&home), kinds(&[("intent", ""), ("outcome", "done")]));
}

#[test]
fn a_second_interrupt_and_a_termination_leave_the_outcome_unknown_and_written_down() {
    for (first, second) in [(Signal::INT, Some(Signal::INT)), (Signal::TERM, None)] {
        let home = Home::new();
        let control = shop(&home);
        control.fault(
            http::Method::POST,
            "/restart",
            Fault::Delay(Duration::from_secs(600)),
        );
        let (mut child, pid) = under_way(&home, &control, &["api"]);
        let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
        kill_process(pid, first).expect("a signal");
        let mut line = String::new();
        err.read_line(&mut line).expect("a line");
        if let Some(second) = second {
            assert!(line.contains("sent already"), "{line}");
            kill_process(pid, second).expect("a signal");
            line.clear();
            err.read_line(&mut line).expect("a line");
        }
        assert!(line.contains("unknown"), "{line}");
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
        assert_eq!(journal(&home), kinds(&[("intent", ""), ("outcome", "unknown")]));
    }
}

#[test]
fn a_frozen_host_is_given_ten_seconds() {
    let home = Home::new();
    let control = shop(&home);
    control.freeze();
    let start = Instant::now();
    let ran = home.run(&["ps"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(start.elapsed() < Duration::from_secs(12));
}
