//! `logs`: what is printed, followed, resumed, and how it ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use wheelhouse::demo::{ContainerSpec, Control, EngineSpec, Stream};

use crate::support::Home;

fn talker(home: &Home) -> Control {
    let spec = EngineSpec::named("web-1").with(ContainerSpec::new("api", "shop:1"));
    let control = home.serve(vec![spec]).remove(0);
    assert!(control.log("api", Stream::Stdout, b"one\n"));
    assert!(control.log("api", Stream::Stderr, b"tw\x1b[31mo\x1b[m\x1b[2J\xff\n"));
    control
}

fn follow(home: &Home, arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut command = home.command(arguments);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    (child, out)
}

fn line(out: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    line
}

fn interrupt(child: &mut Child) -> Option<i32> {
    let pid = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process");
    kill_process(pid, Signal::INT).expect("a signal");
    child.wait().expect("it ends").code()
}

#[test]
fn lines_are_printed_clean() {
    let home = Home::new();
    talker(&home);
    let ran = home.run(&["logs", "web-1/api"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "one\ntwo\\x1b[2J\u{fffd}\n"),
        "{ran:?}"
    );
    assert_eq!(home.run(&["logs", "api", "--tail", "1"]).out.lines().count(), 1);
    assert_eq!(home.run(&["logs", "api", "--since", "1h"]).out.lines().count(), 2);
    let ran = home.run(&["logs", "api", "--json"]);
    let rows: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(rows[0]["line"], "one");
    assert_eq!(
        (&rows[0]["stream"], &rows[1]["stream"]),
        (&"stdout".into(), &"stderr".into())
    );
    assert_eq!(
        (&rows[0]["host"], &rows[0]["container"]),
        (&"web-1".into(), &"api".into())
    );
    rows[0]["time"]
        .as_str()
        .expect("a time")
        .parse::<jiff::Timestamp>()
        .expect("RFC 3339");
}

#[test]
fn following_survives_a_lost_link_and_ends_on_an_interrupt() {
    let home = Home::new();
    let control = talker(&home);
    let (mut child, mut out) = follow(&home, &["logs", "api", "-f", "--tail", "1"]);
    assert!(line(&mut out).starts_with("two"));
    control.log("api", Stream::Stdout, b"three\n");
    assert_eq!(line(&mut out), "three\n");
    control.drop_connections();
    control.log("api", Stream::Stdout, b"four\n");
    assert_eq!(line(&mut out), "four\n");
    assert_eq!(interrupt(&mut child), Some(130));
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let home = Home::new();
    let control = talker(&home);
    assert!(control.flood("api", 200_000));
    let mut command = home.command(&["logs", "api"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    assert_eq!(line(&mut out), "one\n");
    drop(out);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(
        (ended.status.code(), ended.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}
