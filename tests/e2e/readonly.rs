//! A read-only console sends nothing but reads, whatever is pressed, and says why.

use std::time::Duration;

use wheelhouse::demo::{Asked, ContainerSpec, EngineSpec, Start as Begin, Stream};

use crate::engine::Embedded;
use crate::hands::press_everything;
use crate::support::{Start, Tui};

const WHY: &str = "this console is read-only";

fn spec() -> EngineSpec {
    let ago = Duration::from_secs(60);
    let container = |name| ContainerSpec::new(name, "acme/app:1").env("DB_PASSWORD=hunter2");
    EngineSpec::named("wall")
        .with(container("anchor").logged(ago, Stream::Stdout, b"a line of the log\n"))
        .with(container("beacon").start(Begin::Paused(ago)))
        .with(container("capstan").start(Begin::Exited(137, ago)))
}

/// The most dangerous configuration there is: every order at once, on a host for play, also on keys that are free.
fn dangerous(url: &str, first_line: &str) -> String {
    let orders = ["start", "stop", "restart", "pause", "unpause", "kill", "remove"];
    let nothing = orders.map(|order| format!("{order} = \"nothing\"")).join(", ");
    format!(
        "{first_line}\n[[host]]\nname = \"wall\"\nurl = \"{url}\"\nenv = \"dev\"\n\
         [confirm]\ndev = {{ {nothing} }}\n[keys]\nkill = \"f9\"\nremove = \"#\"\n"
    )
}

/// Written down here once more, apart from the product's own list.
fn is_read(asked: &Asked) -> bool {
    let path = asked.path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let known = match parts.as_slice() {
        ["_ping" | "version" | "info" | "events"] | ["containers", "json"] => true,
        ["containers", id, "json" | "logs" | "stats"] => {
            id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        _ => false,
    };
    known && (asked.method == "GET" || asked.method == "HEAD")
}

/// Presses everything; what the engine was asked, and what the program left on the disk.
fn nothing_but_reads(engine: &Embedded, arguments: &[&str], first_line: &str) {
    let size = (100, 30);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wall.toml");
    std::fs::write(&file, dangerous(engine.url(), first_line)).unwrap();
    let mut all = vec!["--config", file.to_str().unwrap()];
    all.extend(arguments);
    let states =
        || ["anchor", "beacon", "capstan"].map(|name| (engine.control.id(name), engine.control.state(name)));
    let before = states();
    let mut tui = press_everything(size, || {
        let tui = Start::new(&all).size(size.0, size.1).start();
        tui.wait_text("capstan");
        tui.wait_text("READ-ONLY");
        tui
    });
    tui.send(b"q");
    assert_eq!(tui.wait_exit(), 0);
    tui.assert_restored();
    let asked = engine.control.requests();
    for part in ["/events", "/logs", "/stats", "/json"] {
        assert!(
            asked.iter().any(|asked| asked.path.contains(part)),
            "{part} was asked for"
        );
    }
    let off: Vec<_> = asked.iter().filter(|asked| !is_read(asked)).collect();
    assert!(off.is_empty(), "off the list of reads: {off:?}");
    assert_eq!(states(), before);
    let screen = String::from_utf8_lossy(&tui.output_since(0)).into_owned();
    assert!(!screen.contains("hunter2"), "nothing is unmasked");
    for entry in files(tui.home()) {
        assert!(entry.contains("log"), "it wrote {entry}");
    }
}

/// All files below a directory, by name.
fn files(dir: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn no_key_of_any_view_sends_more_than_reads_over_a_socket() {
    nothing_but_reads(&Embedded::start(spec()), &["--read-only"], "");
}

#[test]
fn no_key_of_any_view_sends_more_than_reads_over_tcp() {
    nothing_but_reads(&Embedded::start_tcp(spec()), &[], "read_only = true");
}

fn console(engine: &Embedded) -> Tui {
    let tui = Start::new(&["--read-only", "-H", &engine.host("wall")])
        .size(140, 40)
        .start();
    tui.wait_text("anchor");
    tui
}

/// Waits until the news on the last line is gone: it stands for six seconds.
fn news_gone(tui: &Tui) {
    tui.wait_for("the keys again", |screen| !screen.contents().contains(WHY));
}

#[test]
fn acting_keys_are_not_shown_and_say_why_when_pressed() {
    let engine = Embedded::start(spec());
    let mut tui = console(&engine);
    tui.wait_text("READ-ONLY");
    tui.wait_text("l logs");
    let bar = tui.contents();
    for word in ["restart", "start", "stop", "pause", "kill", "remove", "reveal"] {
        let last = bar.lines().last().unwrap();
        assert!(!last.contains(word), "{word} is on the key bar: {last}");
    }
    tui.press("?", "the help", |screen| {
        screen.contents().contains("Keys  containers")
    });
    let help = tui.contents();
    for words in [
        "restart it",
        "kill and remove",
        "pause, or go on",
        "start it",
        "  stop",
        "  kill",
    ] {
        assert!(!help.contains(words), "{words} is in the help:\n{help}");
    }
    assert!(help.contains("read-only: nothing that acts"));
    tui.press("?", "the help gone", |screen| {
        !screen.contents().contains("Keys  containers")
    });
    tui.press(":", "the commands", |screen| {
        screen.contents().contains("Commands")
    });
    tui.type_text("kill");
    tui.wait_text("no command is called so");
    tui.press("\x03", "the commands gone", |screen| {
        !screen.contents().contains("Commands")
    });
    // Between them the word of a copy, so that each refusal is seen to come.
    for key in ["r", "t", "S", "P", "K", "D"] {
        tui.press(key, key, |screen| screen.contents().contains(WHY));
        tui.press("y", "the copy", |screen| screen.contents().contains("copied: "));
    }
    tui.press("i", "the inspection", |screen| {
        screen.contents().contains("DB_PASSWORD")
    });
    tui.press("v", "why not", |screen| screen.contents().contains(WHY));
    assert!(!tui.contents().contains("hunter2"));
    news_gone(&tui);
    assert_eq!(engine.asked("POST", "") + engine.asked("DELETE", ""), 0);
}
