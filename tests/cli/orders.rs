//! Orders from the command line: said, done, refused, unknown.

use std::time::Duration;

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

#[test]
fn a_frozen_host_is_given_ten_seconds() {
    let home = Home::new();
    let control = shop(&home);
    control.freeze();
    let start = std::time::Instant::now();
    let ran = home.run(&["ps"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(start.elapsed() < Duration::from_secs(12));
}
