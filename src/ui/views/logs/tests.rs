use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;

use super::*;
use crate::fleet::event::LogFact;
use crate::fleet::intent::{Intent, Step, Viewport};
use crate::fleet::model::{ContainerId, ContainerKey, HostId, LineMeta, LogChunk, Now};
use crate::fleet::state::Settings;
use crate::fleet::update::logs;
use crate::ui::{Depth, Keymap, Looks, Theme, Ui, widgets};

fn ui(unicode: bool) -> Ui {
    let theme = Theme::load("dark", None).expect("dark");
    let keymap = Keymap::new(&[]).expect("defaults");
    Ui::new(
        theme.with_depth(Depth::True),
        keymap,
        Looks {
            colour: true,
            unicode,
        },
    )
}

fn chunk(lines: &[(bool, &str)]) -> LogFact {
    let mut chunk = LogChunk::default();
    for (n, (stderr, text)) in (0_i64..).zip(lines) {
        let (start, len) = (chunk.bytes.len() as u32, text.len() as u32);
        let at_ns = 1_700_000_000_113_000_000 + n * 307_000_000;
        chunk.lines.push(LineMeta {
            at_ns,
            start,
            len,
            lost: u32::from(*stderr) * 99,
            stderr: *stderr,
        });
        chunk.bytes.extend_from_slice(text.as_bytes());
    }
    LogFact::Lines(chunk)
}

fn state(width: u16, height: u16) -> State {
    let mut state = State::new(Settings::default(), Vec::new(), Now::default());
    let area = Rect::new(0, 0, width, height);
    state.view.viewport = Viewport {
        log: (
            usize::from(area.width.saturating_sub(2)),
            usize::from(area.height.saturating_sub(2)),
        ),
        ..Viewport::default()
    };
    let id = ContainerId::parse(&"ab".repeat(32)).expect("an id");
    logs::open(&mut state, ContainerKey { host: HostId(0), id });
    let log = state.log.as_mut().expect("open");
    log.name = "shop/api".into();
    log.host = "web-1".into();
    let stream = log.stream;
    let fact = chunk(&[
        (false, "GET /cart 200 3ms"),
        (true, "ERROR upstream timed out"),
        (
            false,
            "\x1b]0;pwn\x07\x1b[32mgreen\x1b[0m over\rwritten \u{202e}bidi 日本語",
        ),
        (
            false,
            "a long line that does not end where the screen ends but goes on and on, needle and all",
        ),
    ]);
    logs::on_fact(&mut state, stream, fact);
    state
}

fn screen(state: &State, unicode: bool, width: u16, height: u16) -> (String, Buffer) {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    let (ui, zone) = (ui(unicode), TimeZone::UTC);
    draw(
        &mut Canvas {
            buf: &mut buf,
            skin: &ui.skin,
            zone: &zone,
        },
        state,
        area,
        true,
    );
    if !unicode {
        widgets::fold_to_ascii(&mut buf);
    }
    let mut text = String::new();
    for y in 0..height {
        let mut skip = 0;
        for x in 0..width {
            let symbol = buf[(x, y)].symbol();
            if skip == 0 {
                text.push_str(symbol);
                skip = crate::fleet::text::width(symbol);
            }
            skip = skip.saturating_sub(1);
        }
        text.push('\n');
    }
    (text, buf)
}

#[test]
fn at_80_by_10() {
    let mut state = state(80, 10);
    let (text, buf) = screen(&state, true, 80, 10);
    insta::assert_snapshot!(text, @r#"
    ╭ 3 Logs  shop/api@web-1 ──────────────────────────────────── follow · 4 lines ╮
    │   22:13:20.113 GET /cart 200 3ms                                             │
    │▌✖ 22:13:20.420 ERROR upstream timed out … +99 bytes                          │
    │   22:13:20.727 green over\rwritten \u{202e}bidi 日本語                       │
    │   22:13:21.034 a long line that does not end where the screen ends but goes o│
    │                                                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_eq!(buf[(17, 3)].fg, Color::Indexed(2), "the program's own green");
    logs::on_intent(&mut state, &Intent::Wrap);
    logs::on_intent(&mut state, &Intent::Time);
    logs::on_intent(&mut state, &Intent::Time);
    logs::on_intent(&mut state, &Intent::Type("needle".into()));
    let (text, buf) = screen(&state, true, 80, 10);
    insta::assert_snapshot!(text, @r#"
    ╭ 3 Logs  shop/api@web-1 ────────────────────────────────────── held · 4 lines ╮
    │            GET /cart 200 3ms                                                 │
    │▌✖  +0.307s ERROR upstream timed out … +99 bytes                              │
    │    +0.307s green over\rwritten \u{202e}bidi 日本語                           │
    │    +0.307s a long line that does not end where the screen ends but goes on an│
    │            d on, needle and all                                              │
    │                                                                              │
    │                                                                              │
    │                                                                              │
    ╰ /needle 1/1 ─────────────────────────────────────────────────────────────────╯
    "#);
    let lit = ui(true).skin.style(Role::Cursor).bg.expect("a background");
    let lit = (0..80)
        .filter(|x| (0..10).any(|y| buf[(*x, y)].bg == lit && buf[(*x, y)].modifier.contains(Modifier::BOLD)))
        .count();
    assert_eq!(lit, 6, "the match and nothing else is lit");
}

#[test]
fn at_40_by_6_in_ascii_held() {
    let mut state = state(40, 6);
    logs::on_intent(&mut state, &Intent::Time);
    logs::on_intent(&mut state, &Intent::Time);
    logs::on_intent(&mut state, &Intent::Time);
    logs::on_intent(&mut state, &Intent::Move(Step::Top));
    let stream = state.log.as_ref().expect("open").stream;
    logs::on_fact(&mut state, stream, chunk(&[(false, "new"), (false, "newer")]));
    let (text, _) = screen(&state, false, 40, 6);
    assert!(text.is_ascii());
    insta::assert_snapshot!(text, @r#"
    + 3 Logs  shop/api@web-1 - held +2 ne~ +
    |   GET /cart 200 3ms                  |
    |!x ERROR upstream timed out ~ +99 byte|
    |   green over\rwritten \u{202e}bidi ? |
    |   a long line that does not end where|
    +--------------------------------------+
    "#);
}

#[test]
fn no_size_panics_and_no_cell_is_hostile() {
    let mut state = state(80, 10);
    for wrap in [false, true] {
        for (width, height) in (0..30).flat_map(|w| (0..8).map(move |h| (w, h))) {
            let area = Rect::new(0, 0, width, height);
            let viewport = Viewport {
                log: (
                    usize::from(area.width.saturating_sub(2)),
                    usize::from(area.height.saturating_sub(2)),
                ),
                ..Viewport::default()
            };
            state.view.viewport = viewport;
            logs::on_intent(&mut state, &Intent::Viewport(viewport));
            logs::on_intent(&mut state, &Intent::Move(Step::Lines(-1)));
            let (text, _) = screen(&state, true, width, height);
            assert!(
                !text
                    .chars()
                    .any(|c| c != '\n' && crate::fleet::text::is_hostile(c))
            );
        }
        logs::on_intent(&mut state, &Intent::Wrap);
        assert_ne!(state.log.as_ref().expect("open").wrap, wrap);
    }
}
