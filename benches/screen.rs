//! What a frame costs: drawing all of it, finding and encoding what changed, and a log that floods.
#![allow(clippy::expect_used, missing_docs, reason = "a bench may panic")]

mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wheelhouse::fleet::State;
use wheelhouse::fleet::effect::Effect;
use wheelhouse::fleet::event::{Event, LogFact};
use wheelhouse::fleet::intent::{Intent, Step};
use wheelhouse::fleet::model::{LineMeta, LogChunk};
use wheelhouse::fleet::{Msg, update};
use wheelhouse::terminal::Pen;
use wheelhouse::ui::{Keymap, Looks, Theme, Ui};

use support::{full, now, wish};

const LOOKS: Looks = Looks {
    colour: true,
    unicode: true,
};
const SIZES: [(u16, u16); 2] = [(160, 45), (200, 60)];

fn ui() -> Ui {
    let theme = Theme::load("dark", None).expect("a theme that is built in");
    let keymap = Keymap::new(&[]).expect("the default keys");
    Ui::new(theme, keymap, LOOKS).with_zone(TimeZone::UTC)
}

/// A frame as the console makes it: the fleet settles its rows for the room there is, then everything is drawn.
fn frame(ui: &Ui, state: &mut State, buffer: &mut Buffer) {
    let viewport = ui.viewport(state, buffer.area);
    wish(state, Intent::Viewport(viewport));
    buffer.reset();
    ui.render(state, buffer);
}

fn render(c: &mut Criterion) {
    let ui = ui();
    for hosts in [1, 100] {
        let mut state = full(hosts);
        for (width, height) in SIZES {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            let name = format!("draw {} containers at {width}x{height}", u32::from(hosts) * 100);
            c.bench_function(&name, |b| b.iter(|| frame(&ui, &mut state, &mut buffer)));
        }
    }
}

fn encode(c: &mut Criterion) {
    let ui = ui();
    let mut state = full(100);
    for (width, height) in SIZES {
        let area = Rect::new(0, 0, width, height);
        let (mut before, mut after) = (Buffer::empty(area), Buffer::empty(area));
        frame(&ui, &mut state, &mut before);
        wish(&mut state, Intent::Move(Step::Lines(1)));
        frame(&ui, &mut state, &mut after);
        let mut out = Vec::new();
        for (what, old, new) in [
            ("an unchanged frame", &before, &before),
            ("a cursor that moved", &before, &after),
            ("a whole frame", &Buffer::empty(area), &after),
        ] {
            c.bench_function(&format!("encode {what} at {width}x{height}"), |b| {
                b.iter(|| {
                    out.clear();
                    Pen::new(LOOKS.colour, LOOKS.unicode).write(&mut out, old, new);
                    black_box(out.len())
                });
            });
        }
    }
}

/// About 64 KiB of lines as applications write them, every fourth in colour.
fn chunk() -> LogChunk {
    let mut chunk = LogChunk::default();
    while chunk.bytes.len() < 64 * 1024 {
        let n = chunk.lines.len();
        let start = chunk.bytes.len();
        let colour = if n.is_multiple_of(4) {
            "\x1b[33mWARN\x1b[0m"
        } else {
            "INFO"
        };
        let line = format!(
            "{colour} request {n} GET /cart/{n} 200 in {} ms, user tomas, 日本",
            n % 97
        );
        chunk.bytes.extend_from_slice(line.as_bytes());
        chunk.lines.push(LineMeta {
            at_ns: 1_780_000_000_000_000_000 + n as i64,
            start: start as u32,
            len: line.len() as u32,
            lost: 0,
            stderr: false,
        });
    }
    chunk
}

fn flood(c: &mut Criterion) {
    let ui = ui();
    let mut state = full(100);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 45));
    frame(&ui, &mut state, &mut buffer);
    let stream = wish(&mut state, Intent::Logs)
        .into_iter()
        .find_map(|effect| match effect {
            Effect::OpenLog { stream, .. } => Some(stream),
            _ => None,
        })
        .expect("a log that is opened");
    let chunk = chunk();
    let mut group = c.benchmark_group("a followed log");
    group.throughput(Throughput::Bytes(chunk.bytes.len() as u64));
    group.bench_function("take 64 KiB of lines in and draw the newest", |b| {
        b.iter(|| {
            let fact = LogFact::Lines(chunk.clone());
            update(&mut state, now(2), Msg::Event(Event::Log { stream, fact }));
            frame(&ui, &mut state, &mut buffer);
        });
    });
    group.finish();
}

criterion_group!(benches, render, encode, flood);
criterion_main!(benches);
