//! Orders by keys: who is asked for, what voids the question, and what is said afterwards.

use std::time::Duration;

use wheelhouse::demo::{ContainerSpec, EngineSpec, Fault};

use crate::engine::Embedded;
use crate::support::{Start, Tui};

/// Seen while a question is open.
const QUESTION: &str = "sends     ";

fn engine() -> Embedded {
    let container = |name| ContainerSpec::new(name, "acme/app:1");
    let spec = EngineSpec::named("yard")
        .with(container("anchor"))
        .with(container("beacon"))
        .with(container("capstan"));
    Embedded::start(spec)
}

fn console(engine: &Embedded) -> Tui {
    let tui = Start::new(&["-H", &engine.host("yard")]).size(140, 40).start();
    tui.wait_text("3/3  sort");
    tui
}

fn orders(engine: &Embedded) -> usize {
    engine.asked("POST", "") + engine.asked("DELETE", "")
}

fn ask(tui: &mut Tui, key: &str) {
    tui.press(key, "the question", |screen| screen.contents().contains(QUESTION));
}

#[test]
fn an_order_to_several_wants_their_count() {
    let engine = engine();
    let mut tui = console(&engine);
    tui.press(" ", "one mark", |screen| screen.contents().contains("1 marked"));
    tui.press(" ", "two marks", |screen| screen.contents().contains("2 marked"));
    ask(&mut tui, "r");
    let screen = tui.contents();
    for words in [
        "Restart 2 containers?",
        "anchor@yard",
        "beacon@yard",
        "type 2 to restart",
    ] {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
    for wrong in ["y", "1"] {
        tui.type_alone(wrong.as_bytes());
        tui.type_alone(b"\r");
        tui.wait_text("nothing was sent");
        tui.type_alone(b"\x15");
    }
    assert_eq!(orders(&engine), 0);
    tui.type_alone(b"2");
    tui.press("\r", "both are done", |screen| {
        screen.contents().matches("✔ restart done").count() == 2
    });
    assert_eq!(orders(&engine), 2);
    for name in ["anchor", "beacon"] {
        assert_eq!(
            engine.asked("POST", &engine.control.id(name).unwrap()),
            1,
            "{name}"
        );
    }
}

#[test]
fn the_question_names_its_target_and_enter_does_not_answer_it() {
    let engine = engine();
    let mut tui = console(&engine);
    ask(&mut tui, "r");
    let (screen, id) = (tui.contents(), engine.control.id("anchor").unwrap());
    for words in [
        "Restart anchor?",
        "yard",
        "production",
        "acme/app:1",
        "made 2h ago",
        "running",
        &id[..12],
    ] {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
    for key in ["\r", "r", " ", "\x12", "Y"] {
        tui.type_alone(key.as_bytes());
    }
    assert!(tui.contents().contains(QUESTION) && orders(&engine) == 0);
    tui.press("n", "the question gone", |screen| {
        !screen.contents().contains(QUESTION)
    });
    // Kill wants the name.
    ask(&mut tui, "K");
    tui.type_text("anchr");
    tui.type_alone(b"\r");
    tui.wait_text("nothing was sent");
    tui.type_alone(b"\x15");
    tui.type_text("anchor");
    tui.press("\r", "killed", |screen| screen.contents().contains("✔ kill done"));
    assert_eq!(engine.control.state("anchor"), Some("exited"));
}

#[test]
fn a_question_is_void_when_its_container_is_made_anew() {
    let engine = engine();
    let mut tui = console(&engine);
    tui.press(" ", "a mark", |screen| screen.contents().contains("1 marked"));
    ask(&mut tui, "r");
    let old = engine.control.id("anchor").unwrap();
    let new = engine.control.recreate("anchor").unwrap();
    tui.wait_text("close this and look again");
    tui.type_alone(b"y");
    tui.press("\x1b", "the question gone", |screen| {
        !screen.contents().contains("look again")
    });
    // The new one is another: it is there, and was not marked.
    tui.wait_for("the new one", |screen| {
        let text = screen.contents();
        text.contains("3/3  sort") && !text.contains("marked")
    });
    assert_eq!(orders(&engine), 0);
    tui.send(b"g");
    tui.wait_text(&format!("anchor@yard  {}", &new[..12]));
    assert!(!tui.contents().contains(&old[..12]));
}

#[test]
fn the_life_of_an_order_stands_in_the_row_and_in_the_activity() {
    let engine = engine();
    engine.control.fault_once(
        "POST".parse().unwrap(),
        "/restart",
        Fault::Delay(Duration::from_millis(500)),
    );
    let mut tui = console(&engine);
    ask(&mut tui, "r");
    tui.press("y", "sent", |screen| screen.contents().contains("… restart sent"));
    tui.wait_text("✔ restart done");
    tui.press("6", "the activity", |screen| {
        !screen.contents().contains("6 Activity ─ ")
    });
    tui.press("z", "the activity alone", |screen| {
        !screen.contents().contains("2 Containers")
    });
    tui.wait_for("its whole life", |screen| {
        let text = screen.contents();
        let sent = text.find("restart sent");
        sent.is_some() && sent < text.find("restart done")
    });
    tui.press("z", "all panes", |screen| {
        screen.contents().contains("2 Containers")
    });
    tui.type_alone(b"2");
    engine.control.fault(
        "POST".parse().unwrap(),
        "/stop",
        Fault::Refuse(500, "the cgroup is on strike".to_owned()),
    );
    ask(&mut tui, "S");
    tui.press("y", "the engine's words", |screen| {
        screen.contents().contains("refused: the cgroup is on strike")
    });
}

#[test]
fn a_line_that_dies_leaves_an_order_unknown_and_looking_again_settles_it() {
    let engine = engine();
    engine
        .control
        .fault_once("POST".parse().unwrap(), "/restart", Fault::Hangup);
    let mut tui = console(&engine);
    ask(&mut tui, "r");
    tui.press("y", "unknown", |screen| {
        screen.contents().contains("restart unknown: ")
    });
    tui.wait_text("✔ restart done");
    assert_eq!(engine.asked("POST", "/restart"), 1, "it is never sent twice");
}

#[test]
fn where_the_journal_cannot_be_written_orders_are_refused_and_reading_goes_on() {
    let engine = engine();
    let mut tui = Start::new(&["-H", &engine.host("yard")])
        .env("XDG_STATE_HOME", "/dev/null")
        .size(140, 40)
        .start();
    tui.wait_text("journal not writable: orders are refused");
    tui.wait_text("3/3  sort");
    tui.press("r", "the refusal", |screen| {
        screen
            .contents()
            .contains("orders are refused: the journal cannot be written")
    });
    tui.press("l", "the log", |screen| {
        screen.contents().contains("3 Logs  anchor@yard")
    });
    assert_eq!(orders(&engine), 0);
}
