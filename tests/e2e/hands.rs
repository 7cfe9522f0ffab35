//! Every key in every view: what a console hears when all that can be pressed is pressed.

// Writing to a String cannot fail.
use std::fmt::Write as _;

use rustix::process::Signal;

use crate::support::Tui;

/// A view, by the keys that lead to it from anywhere and what is seen only there. Tabs make the focused pane the only one.
struct Scene {
    keys: &'static [&'static [u8]],
    seen: &'static str,
}

/// The escape key. What follows it is no key, and says at once that the escape is not the beginning of something else.
pub(crate) const ESCAPE: &[u8] = b"\x1b\x1b[99~";
/// So many times it closes whatever is open.
const DEEP: usize = 7;

const SCENES: [Scene; 11] = [
    scene(&[b"1"], "╭ 1 Hosts"),
    scene(&[b"2"], "╭ 2 Containers"),
    scene(&[b"l"], "╭ 3 Logs"),
    scene(&[b"6"], "╭ 6 Activity"),
    scene(&[b"?"], "╭ Keys  containers"),
    scene(&[b"!"], "╭ Problems  "),
    scene(&[b"i"], "╭ Inspect  "),
    scene(&[b":"], "╭ Commands"),
    scene(&[b"/"], "filter /"),
    scene(&[b"l", b"/"], "search /"),
    scene(&[b"\x03"], "leave wheelhouse?"),
];

const fn scene(keys: &'static [&'static [u8]], seen: &'static str) -> Scene {
    Scene { keys, seen }
}

/// Ctrl-Z.
const SUSPEND: &[u8] = b"\x1a";

/// Everything on a keyboard that a terminal tells apart.
fn keys() -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = (0..=0x7f).map(|byte| vec![byte]).collect();
    // With Alt, what acts without it.
    keys.extend(b"rtSPKDvy".map(|byte| vec![0x1b, byte]));
    for last in "ABCDHFPQRS".chars() {
        // Plain, with Shift, with all there is.
        keys.extend([1, 2, 8].map(|held| format!("\x1b[1;{held}{last}").into_bytes()));
    }
    // Insert, Delete, the pages, function keys; the back-tab, Enter of the keypad.
    keys.extend([2, 3, 5, 6, 15, 17, 18, 19, 20, 21, 23, 24].map(|n| format!("\x1b[{n}~").into_bytes()));
    keys.extend([b"\x1b[Z".to_vec(), b"\x1bOM".to_vec(), "é".into(), "漢".into()]);
    keys
}

/// Presses, turns and drags the mouse all over the screen.
fn mouse((columns, rows): (u16, u16)) -> Vec<u8> {
    let mut events = String::new();
    for row in (1..=rows).step_by(2) {
        for column in (1..=columns).step_by(9) {
            for button in [0, 1, 2, 4, 8, 16, 32, 64, 65] {
                for end in ['M', 'm'] {
                    let _ = write!(events, "\x1b[<{button};{column};{row}{end}");
                }
            }
        }
    }
    events.into_bytes()
}

/// Presses every key in every view of a console, each alone; then uses the mouse, pastes, and types all keys at once. `start`
/// starts the console again where a key ended it. The last one is given back, still running.
pub(crate) fn press_everything(size: (u16, u16), start: impl Fn() -> Tui) -> Tui {
    let mut tui = start();
    let keys = keys();
    let pasted = String::from_utf8((b' '..0x7f).chain(*b"\r\n\t\x03").collect()).unwrap();
    for scene in &SCENES {
        enter(&mut tui, scene);
        for key in &keys {
            // Most keys leave it where it is: going back every time would be most of the test.
            if !tui.contents().contains(scene.seen) {
                enter(&mut tui, scene);
            }
            if key == SUSPEND {
                suspend(&mut tui);
            } else if tui.type_alone(key) == 'Z' {
                assert_eq!(tui.wait_exit(), 0, "after {}", key.escape_ascii());
                tui.assert_restored();
                tui = start();
            }
        }
        enter(&mut tui, scene);
        tui.type_alone(&mouse(size));
        enter(&mut tui, scene);
        tui.paste(&pasted);
        enter(&mut tui, scene);
        tui.type_alone(&(b' '..0x7f).collect::<Vec<_>>());
    }
    root(&mut tui);
    tui
}

/// Suspends it and lets it go on, as a shell does.
fn suspend(tui: &mut Tui) {
    tui.send(SUSPEND);
    tui.wait_until("stopped", || tui.process_state() == Some('T'));
    tui.wait_for("the shell's screen", |screen| !screen.alternate_screen());
    tui.signal(Signal::CONT);
    tui.wait_for("the console again", vt100::Screen::alternate_screen);
}

/// Closes whatever is open and takes the containers.
fn root(tui: &mut Tui) {
    for _ in 0..DEEP {
        tui.type_alone(ESCAPE);
    }
    tui.type_alone(b"2");
}

/// Goes to a view from wherever it is.
fn enter(tui: &mut Tui, scene: &Scene) {
    root(tui);
    tui.wait_for("the containers", |screen| {
        let text = screen.contents();
        text.contains("╭ 2 Containers") && !text.contains(scene.seen) || scene.seen == "╭ 2 Containers"
    });
    for key in scene.keys {
        tui.type_alone(key);
    }
    tui.wait_text(scene.seen);
}
