//! Orders to real engines, by keys: the question, the proof, the journal.

use serde_json::Value;

use crate::console::{HOSTS, Room, SSH_CONNECTION, files, halves};
use crate::ground::{Lab, alone_here};

/// Seen while a question is open.
const QUESTION: &str = "sends     ";

/// What the engine says of a container.
fn look(lab: &Lab, host: &str, name: &str, what: &str) -> String {
    let said = lab.docker(host, &["inspect", "--format", what, name]);
    said.trim().to_owned()
}

/// Gives an order by its key, answers with what is typed, and waits until the row says that it is done, and until the engine
/// told what happened by it: only then the console knows the new state.
fn order(room: &mut Room, key: &str, answer: &str, done: &str, what: &str) {
    let before = happened(&room.tui.contents(), what);
    room.tui
        .press(key, "the question", |screen| screen.contents().contains(QUESTION));
    room.tui.type_text(answer);
    if answer != "y" {
        room.tui.type_alone(b"\r");
    }
    room.tui.wait_text(done);
    room.tui
        .wait_for(what, |screen| happened(&screen.contents(), what) > before);
}

/// How often the activity, which is on the left, says that something happened to the test's container.
fn happened(screen: &str, what: &str) -> usize {
    let lines = halves(screen).0;
    let own = |pair: &&[String]| pair[0].contains(" proof-one@") && pair[1].contains(&format!("  {what}"));
    lines.windows(2).filter(own).count()
}

/// The journal, line by line.
fn journal(room: &Room) -> Vec<Value> {
    let files = files(room.tui.home());
    let file = files
        .iter()
        .find(|file| file.ends_with("journal.jsonl"))
        .expect("a journal");
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn every_order_is_asked_for_done_and_written_down_on_every_host() {
    let _alone = alone_here();
    let lab = Lab::open();
    for host in HOSTS {
        let _made = lab.container(host, "proof-one");
        let started = || look(&lab, host, "proof-one", "{{.State.StartedAt}}");
        let status = || look(&lab, host, "proof-one", "{{.State.Status}}");
        let mut room = Room::on(&lab, &[host], "", (140, 90));
        room.tui.wait_text("proof-one");
        room.filter("proof-one");
        let before = started();
        order(&mut room, "r", "y", "✔ restart done", "started");
        assert_ne!(started(), before, "{host}");
        order(&mut room, "P", "y", "✔ pause done", "paused");
        assert_eq!(status(), "paused", "{host}");
        order(&mut room, "P", "y", "✔ unpause done", "unpaused");
        assert_eq!(status(), "running", "{host}");
        order(&mut room, "S", "y", "✔ stop done", "exited");
        assert_eq!(status(), "exited", "{host}");
        order(&mut room, "t", "y", "✔ start done", "started");
        assert_eq!(status(), "running", "{host}");
        order(&mut room, "K", "proof-one", "✔ kill done", "exited");
        assert_eq!(status(), "exited", "{host}");
        order(&mut room, "D", "proof-one", "no containers match", "removed");
        let names = lab.docker(host, &["ps", "-a", "--format", "{{.Names}}"]);
        assert!(!names.contains("proof-one"), "{host}");
        room.tui
            .wait_until("the last outcome is written", || journal(&room).len() == 14);
        for (at, line) in journal(&room).iter().enumerate() {
            assert_eq!(
                (&line["host"], &line["name"]),
                (&host.into(), &"proof-one".into()),
                "{line}"
            );
            assert_eq!(line["id"].as_str().map(str::len), Some(64), "{line}");
            assert_eq!(line["ssh_connection"], SSH_CONNECTION, "{line}");
            let expected = if at % 2 == 0 { Value::Null } else { "done".into() };
            assert_eq!(line["outcome"], expected, "{line}");
        }
        room.leave();
    }
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn one_order_to_several_hosts_asks_for_their_count() {
    let _alone = alone_here();
    let lab = Lab::open();
    let _made = HOSTS.map(|host| lab.container(host, "proof-many"));
    let started = || HOSTS.map(|host| look(&lab, host, "proof-many", "{{.State.StartedAt}}"));
    let mut room = Room::on(&lab, &HOSTS, "", (140, 36));
    room.tui.wait_text("4 hosts ● 4 live");
    room.filter("proof-many");
    room.tui
        .press("*", "the marks", |screen| screen.contents().contains("4 marked"));
    let before = started();
    room.tui.press("r", "the question", |screen| {
        screen.contents().contains("type 4 to restart")
    });
    room.tui.type_alone(b"3");
    room.tui.press("\r", "the refusal", |screen| {
        screen.contents().contains("nothing was sent")
    });
    assert_eq!(started(), before);
    room.tui.type_alone(b"\x15");
    room.tui.type_alone(b"4");
    room.tui.press("\r", "four are done", |screen| {
        screen.contents().matches("✔ restart done").count() == 4
    });
    for (after, before) in started().into_iter().zip(before) {
        assert_ne!(after, before);
    }
    room.leave();
}
