//! What must not happen: orders from pasted text, and output while nothing changes.

use std::time::Duration;

use jiff::Timestamp;
use wheelhouse::demo::{Clock, ContainerSpec, EngineSpec, Start as Begin};

use crate::engine::Embedded;
use crate::support::{Start, Tui};

/// Seen only while the help is open.
const HELP: &str = "Esc closes";
/// Seen only while a question is open.
const QUESTION: &str = "closes in";
const LONG: Duration = Duration::from_secs(40 * 86_400);

/// An engine on which nothing happens by itself.
fn engine() -> Embedded {
    let mut spec = EngineSpec::named("still");
    spec.clock = Clock::Fixed(Timestamp::now());
    for name in ["anchor", "beacon"] {
        spec = spec.with(
            ContainerSpec::new(name, "acme/app:1")
                .start(Begin::Running(LONG))
                .created(LONG),
        );
    }
    Embedded::start(spec)
}

fn console(engine: &Embedded) -> Tui {
    let tui = Start::new(&["-H", &engine.host("still")]).size(140, 40).start();
    tui.wait_text("anchor");
    tui
}

/// What was typed may neither open nor answer a question: a lone `y` after it gives no order, and the one order there is comes
/// from the proper keys that follow.
fn gives_no_order(typed: impl FnOnce(&mut Tui)) {
    let engine = engine();
    let mut tui = console(&engine);
    typed(&mut tui);
    // The help opens over no question: all that was typed is handled, and nothing was asked.
    tui.press("?", "the help", |screen| screen.contents().contains(HELP));
    tui.press("?", "the help gone", |screen| !screen.contents().contains(HELP));
    tui.send(b"y");
    tui.press("?", "the help", |screen| screen.contents().contains(HELP));
    tui.press("?", "the help gone", |screen| !screen.contents().contains(HELP));
    assert_eq!(engine.asked("POST", ""), 0);
    tui.press("r", "the question", |screen| screen.contents().contains(QUESTION));
    tui.send(b"y");
    tui.wait_until("the order", || engine.asked("POST", "/restart") > 0);
    assert_eq!(engine.asked("POST", ""), 1);
    tui.signal(rustix::process::Signal::TERM);
    assert_eq!(tui.wait_exit(), 143);
    tui.assert_restored();
}

#[test]
fn pasted_text_gives_no_order() {
    gives_no_order(|tui| tui.paste("rrryyy"));
}

#[test]
fn keys_in_one_read_give_no_order() {
    gives_no_order(|tui| tui.send(b"ry"));
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    let engine = engine();
    let mut tui = console(&engine);
    let asked = || {
        engine
            .asked("GET", "/stats")
            .min(engine.asked("GET", "/_ping") + engine.asked("HEAD", "/_ping"))
    };
    // Readings need a predecessor before they are shown.
    tui.wait_until("readings", || asked() >= 4);
    let (before, then) = (tui.bytes_written(), asked());
    tui.wait_until("more readings", || asked() >= then + 3);
    assert!(engine.control.stop("beacon"));
    tui.wait_for("the stop", |screen| screen.contents().contains("exited"));
    let written = tui.output_since(before);
    assert!(written.len() < 2000, "only the stop: {}", written.escape_ascii());
    let first = String::from_utf8_lossy(&written[..written.len().min(400)]).into_owned();
    assert!(
        first.contains("exited"),
        "nothing precedes it: {}",
        first.escape_debug()
    );
    tui.signal(rustix::process::Signal::TERM);
    assert_eq!(tui.wait_exit(), 143);
    tui.assert_restored();
}
