//! What the console says of a host that is in trouble, what it lets one do meanwhile, and that it comes back by itself.

use std::time::{Duration, Instant};

use crate::console::{HOSTS, Room, files};
use crate::ground::{Lab, alone_here};

/// The line of a host in the list of hosts, which fills the screen: cursor, glyph, name, how it is.
fn line(screen: &str, host: &str) -> String {
    let own = |line: &&str| {
        let named = line.chars().skip(4).collect::<String>();
        named.starts_with(&format!("{host} "))
    };
    let line = screen.lines().filter(|line| line.starts_with('│')).find(own);
    line.unwrap_or_default().to_owned()
}

/// A console whose hosts fill the screen, so that each says in one line how it is.
fn room(lab: &Lab, hosts: &[&str]) -> Room {
    let mut room = Room::on(lab, hosts, "", (150, 60));
    room.tui.wait_text(&format!("● {} live", hosts.len()));
    room.tui.type_alone(b"1");
    room.tui.press("z", "the hosts alone", |screen| {
        !screen.contents().contains("2 Containers")
    });
    room
}

impl Room {
    /// Waits until a host's line holds these words; the time that took.
    fn waits_for(&self, host: &str, words: &str) -> Duration {
        let begun = Instant::now();
        self.tui.wait_for(&format!("{host}: {words}"), |screen| {
            line(&screen.contents(), host).contains(words)
        });
        begun.elapsed()
    }

    /// How often the trace says that a host was tried in vain.
    fn attempts(&self, host: &str) -> usize {
        let files = files(self.tui.home());
        let file = files
            .iter()
            .find(|file| file.contains("/trace."))
            .expect("a trace");
        let text = std::fs::read_to_string(file).unwrap();
        let own = format!("host={host} ");
        let lines = text
            .lines()
            .filter(|line| line.contains(&own) && line.contains(": lost "));
        lines.count()
    }

    fn says(&self, host: &str, words: &str) {
        let line = line(&self.tui.contents(), host);
        assert!(line.contains(words), "{host} is not {words}: {line}");
    }
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn a_cut_host_is_stale_then_down_and_comes_back_by_itself() {
    let _alone = alone_here();
    let lab = Lab::open();
    let mut room = room(&lab, &HOSTS);
    for host in HOSTS {
        room.says(host, "live");
    }
    let undo = ["tcp", "tls", "ssh"].map(|host| lab.fault("cut", "heal", host));
    let cut = Instant::now();
    for host in ["tcp", "tls", "ssh"] {
        room.waits_for(host, "stale ");
        assert!(
            cut.elapsed() < Duration::from_secs(5),
            "{host} is stale after {:?}",
            cut.elapsed()
        );
    }
    for host in ["tcp", "tls", "ssh"] {
        room.waits_for(host, "down ");
        assert!(
            cut.elapsed() < Duration::from_secs(10),
            "{host} is down after {:?}",
            cut.elapsed()
        );
    }
    for host in ["tcp", "tls", "ssh"] {
        // The reason stands beside it, in words.
        let reason = line(&room.tui.contents(), host);
        assert!(
            reason.contains("no answer for ") || reason.contains("timed out"),
            "{reason}"
        );
    }
    room.says("unix", "live");
    // What was known stays, and refuses orders; the host that is not cut goes on.
    room.tui.type_alone(b"z");
    for host in ["tcp", "tls", "ssh"] {
        room.filter(&format!("lab-up host:{host}"));
        room.tui.wait_text(&format!("lab-up@{host}"));
        let refusal = format!("cannot restart lab-up@{host}: {host} is not live");
        room.tui
            .press("r", "the refusal", |screen| screen.contents().contains(&refusal));
    }
    let made = lab.container("unix", "proof-meanwhile");
    room.filter("proof-meanwhile");
    room.tui.wait_text("proof-meanwhile@unix");
    drop(made);
    room.tui.wait_text("no containers match");
    drop(undo);
    room.tui.wait_text("● 4 live");
    room.leave();
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn frozen_stopped_and_refusing_hosts_are_told_apart_and_come_back() {
    let _alone = alone_here();
    let lab = Lab::open();
    let room = room(&lab, &HOSTS);
    let frozen = lab.fault("freeze", "thaw", "ssh");
    let since = Instant::now();
    let refusing = lab.fault("refuse", "heal", "tcp");
    let stopped = lab.fault("stop", "start", "unix");
    room.waits_for("tcp", "connection refused");
    room.waits_for("unix", "down ");
    room.waits_for("ssh", "down ");
    assert!(since.elapsed() < Duration::from_secs(20));
    room.waits_for("ssh", "no answer for ");
    room.says("tls", "live");
    drop((frozen, refusing, stopped));
    room.tui.wait_text("● 4 live");
    room.leave();
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn a_followed_log_goes_on_after_an_outage_without_gap_or_double() {
    let _alone = alone_here();
    let lab = Lab::open();
    for host in ["tls", "ssh"] {
        let mut room = Room::on(&lab, &[host], "", (120, 200));
        room.tui.wait_text("● 1 live");
        room.filter("lab-logger");
        room.tui
            .press("l", "the log", |screen| numbers(&screen.contents()).len() > 20);
        room.tui.press("z", "the log alone", |screen| {
            !screen.contents().contains("2 Containers")
        });
        let undo = lab.fault("cut", "heal", host);
        room.tui.wait_text("interrupted: ");
        let last = *numbers(&room.tui.contents()).last().unwrap();
        drop(undo);
        // Far enough past the outage, which must still be on the screen.
        let goal = last + 70;
        room.tui.wait_for("the log goes on", |screen| {
            numbers(&screen.contents()).last() >= Some(&goal)
        });
        let seen = numbers(&room.tui.contents());
        assert!(seen[0] < last, "the outage is on the screen: {seen:?}");
        for pair in seen.windows(2) {
            assert_eq!(pair[1], pair[0] + 1, "{host}: a gap or a double: {seen:?}");
        }
        room.leave();
    }
}

/// The numbers of the logger's lines on the screen.
fn numbers(screen: &str) -> Vec<u64> {
    let lines = screen
        .lines()
        .filter_map(|row| row.split_once(" line ")?.1.split([' ', '│']).next());
    lines.filter_map(|number| number.parse().ok()).collect()
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn wrong_credentials_are_tried_again_only_when_asked() {
    let _alone = alone_here();
    let lab = Lab::open();
    let other = &lab.host("tls")["tls"]["other"];
    let good = &lab.host("tls")["tls"];
    let more = format!(
        "[[host]]\nname = \"badkey\"\nurl = \"ssh://ssh-badkey\"\n\
         [[host]]\nname = \"badca\"\nurl = {url}\ntls = {{ ca = {ca}, cert = {cert}, key = {key} }}\n\
         [[host]]\nname = \"refuses\"\nurl = \"tcp://127.0.0.1:1\"\n",
        url = lab.host("tls")["url"],
        ca = other["ca"],
        cert = good["cert"],
        key = good["key"],
    );
    let mut room = Room::on(&lab, &["tcp"], &more, (150, 40));
    room.tui.wait_text("✖ 3 down");
    room.tui.type_alone(b"1");
    room.tui.press("z", "the hosts alone", |screen| {
        !screen.contents().contains("2 Containers")
    });
    room.waits_for("badkey", "host key changed");
    room.waits_for("badca", "unknown CA");
    room.waits_for("refuses", "connection refused");
    // Long enough for those that are tried again by themselves.
    room.tui.wait_until("attempts", || room.attempts("refuses") >= 8);
    for host in ["badkey", "badca"] {
        assert_eq!(room.attempts(host), 1, "{host}");
        room.tui.press("j", "the cursor on it", |screen| {
            line(&screen.contents(), host).starts_with("│›")
        });
        room.tui.press("R", "the word", |screen| {
            screen.contents().contains(&format!("trying {host} again"))
        });
        room.tui
            .wait_until("one more attempt", || room.attempts(host) == 2);
    }
    room.leave();
}
