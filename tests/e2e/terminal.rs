//! The terminal: taken, drawn on, and given back, whatever ends the program.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{Start, Tui};

/// Two hosts that refuse: the console has something to show, and needs nobody.
const HOSTS: [&str; 4] = ["-H", "alpha=tcp://127.0.0.1:1", "-H", "beta=tcp://127.0.0.1:2"];

fn start() -> Tui {
    shown(Start::new(&HOSTS))
}

fn shown(start: Start) -> Tui {
    let tui = start.start();
    tui.wait_text("alpha");
    tui
}

/// Quits by its key, and the question where there is one.
fn quit(tui: &mut Tui) {
    tui.send(b"q");
    assert_eq!(tui.wait_exit(), 0);
}

#[test]
fn the_first_frame_names_every_host_and_q_gives_the_terminal_back() {
    let mut tui = start();
    tui.wait_text("beta");
    assert!(tui.on_alternate_screen() && !tui.modes_as_before());
    quit(&mut tui);
    let seen = tui.assert_restored();
    assert!(seen.colours > 0 && seen.copied.is_empty());
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let signals = [
        (Signal::TERM, 143),
        (Signal::HUP, 129),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
    ];
    for (signal, code) in signals {
        let mut tui = start();
        tui.signal(signal);
        assert_eq!(tui.wait_exit(), code, "{signal:?}");
        tui.assert_restored();
    }
}

#[test]
fn suspended_it_gives_the_terminal_back_and_going_on_it_takes_it_again() {
    let mut tui = start();
    for how in ["signal", "key"] {
        match how {
            "signal" => tui.signal(Signal::TSTP),
            _ => tui.send(b"\x1a"),
        }
        tui.wait_until(how, || tui.process_state() == Some('T'));
        tui.wait_for("the shell's screen", |screen| {
            !screen.alternate_screen() && !screen.hide_cursor()
        });
        assert!(tui.modes_as_before(), "after the {how}");
        tui.signal(Signal::CONT);
        tui.wait_for("the console again", |screen| {
            screen.alternate_screen() && screen.contents().contains("alpha")
        });
        tui.wait_until("raw mode again", || !tui.modes_as_before());
    }
    quit(&mut tui);
    tui.assert_restored();
}

#[test]
fn a_stop_it_could_not_see_coming_is_mended_too() {
    let mut tui = start();
    // Not in the middle of its first picture, which takes several writes: the key bar is its last line.
    tui.wait_text("? keys");
    tui.wait_until("at rest", || tui.process_state() == Some('S'));
    tui.signal(Signal::STOP);
    tui.wait_until("stopped", || tui.process_state() == Some('T'));
    // As a shell does that takes the terminal.
    tui.scribble("\x1b[?1049l\x1b[?25h$ ");
    tui.signal(Signal::CONT);
    tui.wait_for("the console again", |screen| {
        screen.alternate_screen() && screen.contents().contains("alpha")
    });
    quit(&mut tui);
    tui.assert_restored();
}

#[test]
fn without_its_terminal_it_ends_at_once() {
    let mut tui = start();
    tui.hang_up();
    let since = Instant::now();
    assert_eq!(tui.wait_exit(), 129);
    assert!(
        since.elapsed() < Duration::from_secs(2),
        "took {:?}",
        since.elapsed()
    );
}

#[test]
fn a_stuck_terminal_holds_up_nothing_but_the_picture() {
    let mut tui = start();
    tui.hold(true);
    // Whole pictures, until the kernel keeps no more of them for a terminal that nobody reads.
    while tui.takes_output() {
        tui.send(b"\x0c");
    }
    tui.hold(false);
    tui.wait_text("alpha");
    tui.hold(true);
    while tui.takes_output() {
        tui.send(b"\x0c");
    }
    tui.signal(Signal::TERM);
    assert_eq!(tui.wait_exit(), 143);
    assert!(tui.modes_as_before());
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_picture() {
    let mut tui = start();
    for step in 0..60_u16 {
        let (columns, rows) = (
            [1, 300, 2, 80, 40, 120, 7][usize::from(step % 7)],
            [1, 100, 3, 24, 10][usize::from(step % 5)],
        );
        tui.resize(columns, rows);
    }
    tui.resize(1, 1);
    tui.resize(300, 100);
    tui.wait_for("the picture", |screen| {
        screen.contents().contains("alpha") && screen.contents().contains("beta")
    });
    quit(&mut tui);
    tui.assert_restored();
}

#[test]
fn no_colour_where_none_is_wanted() {
    let mut tui = shown(Start::new(&HOSTS).env("NO_COLOR", "1"));
    quit(&mut tui);
    assert_eq!(tui.assert_restored().colours, 0);
}

#[test]
fn ascii_where_the_locale_has_no_more() {
    let mut tui = shown(Start::new(&HOSTS).env("LANG", "C"));
    quit(&mut tui);
    assert_eq!(tui.assert_restored().beyond_ascii, 0);
}

#[test]
fn a_dumb_terminal_is_told_so_in_one_line() {
    let mut tui = Start::new(&HOSTS).env("TERM", "dumb").start();
    assert_eq!(tui.wait_exit(), 2);
    assert!(tui.modes_as_before());
    tui.wait_text("TERM=dumb");
    assert_eq!(tui.contents().trim().lines().count(), 1, "{}", tui.contents());
}
