//! The question before an order: to whom, what they are, and what will be sent.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::format::age;
use crate::fleet::model::{Command, Env};
use crate::fleet::policy::Ask;
use crate::fleet::state::{Prompt, Target};
use crate::ui::keymap::Keymap;
use crate::ui::layout::centred;
use crate::ui::theme::Role;
use crate::ui::views::hosts::wrap;
use crate::ui::widgets::{Canvas, TextField, width};

/// From so many milliseconds before its end on, the prompt counts down.
const COUNTDOWN_MS: u64 = 10_000;

/// A line of the prompt: pieces of text with their looks.
type Line = Vec<(String, Role)>;

pub(in crate::ui) fn draw(
    canvas: &mut Canvas<'_>,
    state: &State,
    prompt: &Prompt,
    keymap: &Keymap,
    field: Option<&TextField>,
    body: Rect,
) {
    let wide = body.width.min(76);
    let inside = wide.saturating_sub(4);
    let mut lines = match prompt.targets.as_slice() {
        [target] => one(state, target),
        targets => several(state, targets, usize::from(body.height.saturating_sub(9)).max(1)),
    };
    lines.extend(left_out(prompt, body.height));
    lines.push(vec![
        ("sends     ".to_owned(), Role::Dim),
        (sends(prompt), Role::Text),
    ]);
    // The answer stands below whatever else has to give way.
    let answer_lines = 2 + u16::from(prompt.void.is_some());
    let height = (lines.len() as u16 + answer_lines + 2).min(body.height);
    let area = centred(body, wide, height);
    let left = prompt.expires.saturating_sub(state.now.mono_ms);
    let notes = if left <= COUNTDOWN_MS {
        format!("closes in {} s", left.div_ceil(1000))
    } else {
        String::new()
    };
    let count = prompt.targets.len();
    let title = match prompt.targets.as_slice() {
        [target] => format!("{} {}?", capital(prompt.command), target.container.name),
        _ => format!("{} {count} containers?", capital(prompt.command)),
    };
    let inner = super::frame(canvas, area, &title, &notes);
    let inner = Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    };
    let room = inner.height.saturating_sub(answer_lines);
    for (at, line) in lines.iter().take(usize::from(room)).enumerate() {
        let mut pen = canvas.pen(inner, at as u16);
        for (text, role) in line {
            pen.role(text, *role);
        }
    }
    let at = (lines.len() as u16).min(room);
    let answer = Rect {
        y: inner.y + at,
        height: inner.height - at,
        width: inner.width.min(inside),
        ..inner
    };
    answer_line(canvas, state, prompt, keymap, field, answer);
}

fn answer_line(
    canvas: &mut Canvas<'_>,
    state: &State,
    prompt: &Prompt,
    keymap: &Keymap,
    field: Option<&TextField>,
    area: Rect,
) {
    if let Some(why) = &prompt.void {
        for (line, part) in wrap(why, usize::from(area.width)).into_iter().take(2).enumerate() {
            canvas.pen(area, line as u16).role(part, Role::Bad);
        }
        canvas
            .pen(area, 2)
            .role("Esc", Role::Key)
            .role(" close; nothing was sent", Role::Text);
        return;
    }
    let mut pen = canvas.pen(area, 1);
    match (prompt.ask, &state.view.editing) {
        (Ask::Type, Some(editing)) => {
            let word = prompt.command.word();
            pen.role("type ", Role::Text)
                .role(&prompt.expected, Role::Key)
                .role(&format!(" to {word}: "), Role::Text);
            if pen.room() < width(&prompt.expected) + 1 {
                pen = canvas.pen(area, 0);
                pen.role("type ", Role::Text).role(&prompt.expected, Role::Key);
                pen = canvas.pen(area, 1);
            }
            TextField::draw(&mut pen, field, editing, Role::Field);
        }
        _ => {
            let (yes, no) = (keymap.label("yes"), keymap.label("no"));
            pen.role(&yes, Role::Key)
                .role(&format!(" {}", prompt.command.word()), Role::Text)
                .gap(3);
            pen.role(&format!("{no} or Esc"), Role::Key)
                .role(" no", Role::Text);
        }
    }
}

fn one(state: &State, target: &Target) -> Vec<Line> {
    let container = &target.container;
    let host = state.host(target.key.host);
    let env = match host.map(|host| host.spec.env) {
        Some(Env::Dev) => ("dev".to_owned(), Role::Dim),
        _ => ("production".to_owned(), Role::Warn),
    };
    let row = |label: &str, text: &str| {
        vec![
            (format!("{label:<10}"), Role::Dim),
            (text.to_owned(), Role::Title),
        ]
    };
    let mut first = row("host", &target.host);
    first.extend([("  ".to_owned(), Role::Text), env]);
    first.extend(host.map(|host| (format!("  {}", host.spec.endpoint), Role::Dim)));
    let mut second = row("container", &container.name);
    second.push((format!("  {}", target.key.id.short()), Role::Dim));
    let mut third = row("image", &container.image);
    third.push((format!("  made {} ago", made(state, target)), Role::Dim));
    let since = container.since.map_or_else(String::new, |since| {
        format!(" for {}", age(state.now.wall_ms - since * 1000))
    });
    let health = container
        .health
        .map_or_else(String::new, |health| format!(", {}", health.word()));
    vec![
        first,
        second,
        third,
        row("state", &format!("{}{since}{health}", container.state.word())),
    ]
}

fn several(state: &State, targets: &[Target], room: usize) -> Vec<Line> {
    let longest = targets
        .iter()
        .map(|target| target.container.name.chars().count() + target.host.chars().count() + 1);
    let column = longest.max().unwrap_or(0).min(34);
    let shown = if targets.len() > room {
        room.saturating_sub(1)
    } else {
        room
    };
    let mut lines: Vec<Line> = targets
        .iter()
        .take(shown)
        .map(|target| {
            let name = format!("{}@{}", target.container.name, target.host);
            let rest = format!(
                "  {}  {}  {}",
                target.key.id.short(),
                made(state, target),
                target.container.image
            );
            vec![(format!("{name:<column$}"), Role::Title), (rest, Role::Dim)]
        })
        .collect();
    if targets.len() > shown {
        lines.push(vec![(format!("and {} more", targets.len() - shown), Role::Warn)]);
    }
    lines
}

fn left_out(prompt: &Prompt, height: u16) -> Vec<Line> {
    let room = if height > 16 { 4 } else { 1 };
    let out = &prompt.left_out;
    let shown = if out.len() > room { room - 1 } else { out.len() };
    let mut lines: Vec<Line> = out
        .iter()
        .take(shown)
        .map(|(name, why)| {
            vec![
                ("left out  ".to_owned(), Role::Dim),
                (format!("{name}: {why}"), Role::Warn),
            ]
        })
        .collect();
    if out.len() > shown {
        lines.push(vec![
            ("left out  ".to_owned(), Role::Dim),
            (format!("{} of the marked", out.len() - shown), Role::Warn),
        ]);
    }
    lines
}

fn made(state: &State, target: &Target) -> String {
    age(state.now.wall_ms - target.container.created * 1000)
}

/// The request, as the engine will get it.
fn sends(prompt: &Prompt) -> String {
    let id = match prompt.targets.as_slice() {
        [target] => target.key.id.short(),
        _ => "ID".to_owned(),
    };
    let request = match prompt.command {
        Command::Remove => format!("DELETE /containers/{id}?force=true"),
        command => format!("POST /containers/{id}/{}", command.word()),
    };
    match prompt.targets.len() {
        1 => request,
        n => format!("{request}, {n} times"),
    }
}

fn capital(command: Command) -> String {
    let word = command.word();
    word[..1].to_uppercase() + &word[1..]
}
