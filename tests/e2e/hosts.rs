//! What is said of hosts, and that a bad one harms no other.

use std::time::{Duration, Instant};

use wheelhouse::demo::{ContainerSpec, EngineSpec};

use crate::engine::Embedded;
use crate::support::Start;

fn engine(name: &str) -> EngineSpec {
    EngineSpec::named(name).with(ContainerSpec::new(&format!("app-{name}"), "acme/app:1"))
}

#[test]
fn two_names_of_one_engine_are_both_shown_with_a_note() {
    let original = engine("original");
    let mut clone = engine("clone");
    clone.engine_id.clone_from(&original.engine_id);
    let (original, clone) = (Embedded::start(original), Embedded::start(clone));
    let mut tui = Start::new(&["-H", &original.host("original"), "-H", &clone.host("clone")])
        .size(140, 40)
        .start();
    tui.wait_for("the containers of both", |screen| {
        let text = screen.contents();
        text.contains("app-original") && text.contains("app-clone")
    });
    tui.type_alone(b"1");
    tui.press("j", "the note", |screen| {
        screen.contents().contains("same engine as")
    });
    tui.press("k", "none at the first", |screen| {
        !screen.contents().contains("same engine as")
    });
}

#[test]
fn a_bad_host_among_good_ones_is_a_row_that_says_what_is_wrong() {
    let good = Embedded::start(engine("good"));
    let old = Embedded::start(engine("old").speaking("19.03.15", "1.40", "1.12"));
    let odd = Embedded::start(engine("odd"));
    odd.control.garble(true);
    let dir = tempfile::tempdir().unwrap();
    let gone = format!("gone=unix://{}/nothing.sock", dir.path().display());
    let hosts = [
        good.host("good"),
        old.host("old"),
        odd.host("odd"),
        gone,
        "shut=tcp://127.0.0.1:1".to_owned(),
    ];
    let arguments: Vec<&str> = hosts.iter().flat_map(|host| ["-H", host.as_str()]).collect();
    let mut tui = Start::new(&arguments).size(140, 40).start();
    tui.wait_text("app-good");
    tui.wait_text("● 1 live ✖ 4 down");
    tui.type_alone(b"1");
    tui.press("z", "the hosts alone", |screen| {
        !screen.contents().contains("2 Containers")
    });
    for (host, words) in [
        (
            "old",
            "engine 19.03.15 speaks API 1.40; wheelhouse needs 1.41 (Docker 20.10)",
        ),
        ("odd", "HTTP"),
        ("gone", "no socket at "),
        ("shut", "connection refused"),
    ] {
        tui.wait_for(&format!("{host}: {words}"), |screen| {
            let text = screen.contents();
            text.lines()
                .any(|line| line.contains(&format!("✖ {host} ")) && line.contains(words))
        });
    }
    // The good one is as good as ever.
    tui.press("z", "the containers", |screen| {
        screen.contents().contains("2 Containers")
    });
    assert!(good.control.stop("app-good"));
    tui.wait_text("■ exited 0");
}

/// How long it takes until the containers of all these are on the screen, beside hosts that are dead.
fn until_all_names(live: &[Embedded], dead: &[String]) -> Duration {
    let hosts: Vec<String> = (0..)
        .zip(live)
        .map(|(at, engine)| engine.host(&format!("live-{at}")))
        .collect();
    // The dead ones between the others, and first.
    let mut arguments = Vec::new();
    for at in 0..live.len() {
        for host in dead.get(at).into_iter().chain(&hosts[at..=at]) {
            arguments.extend(["-H", host.as_str()]);
        }
    }
    let begun = Instant::now();
    let tui = Start::new(&arguments).size(140, 110).start();
    tui.wait_for("the names of all that live", |screen| {
        let text = screen.contents();
        (0..live.len()).all(|at| text.contains(&format!("app-{at} ")))
    });
    begun.elapsed()
}

#[test]
fn fifty_dead_hosts_do_not_slow_the_first_names_of_the_rest() {
    let live: Vec<_> = (0..50)
        .map(|at| Embedded::start(engine(&at.to_string())))
        .collect();
    // Half of them refuse, half take the connection and are silent for ever.
    let silent: Vec<_> = (0..25)
        .map(|at| Embedded::start_tcp(engine(&format!("silent-{at}"))))
        .collect();
    for engine in &silent {
        engine.control.freeze();
    }
    let refusing = (0..25).map(|at| format!("refuses-{at}=tcp://127.0.0.1:{}", 1 + at));
    let dead: Vec<String> = refusing
        .chain(
            (0..)
                .zip(&silent)
                .map(|(at, engine)| engine.host(&format!("silent-{at}"))),
        )
        .collect();
    // The better of several, in turns: other work on this machine slows both alike.
    let rounds = (0..3).map(|_| (until_all_names(&live, &[]), until_all_names(&live, &dead)));
    let (alone, beside) = rounds.fold((Duration::MAX, Duration::MAX), |best, round| {
        (best.0.min(round.0), best.1.min(round.1))
    });
    let ratio = beside.div_duration_f64(alone);
    println!("{alone:?} alone, {beside:?} beside 50 dead hosts: ratio {ratio:.2}");
    assert!(ratio < 3.0, "{alone:?} alone, {beside:?} beside 50 dead hosts");
}
