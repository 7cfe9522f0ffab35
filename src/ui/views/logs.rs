//! The log of one container.

use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::fleet::State;
use crate::fleet::intent::{Field, Pane};
use crate::fleet::text::line::{Colour, Style as LineStyle};
use crate::fleet::update::logs::{GUTTER, Level, LogRoom, Status, VisibleRow};
use crate::ui::theme::{Role, Skin};
use crate::ui::widgets::Canvas;

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, focused: bool) {
    let Some(log) = &state.log else {
        let inner = canvas.frame(area, &super::title(Pane::Logs), "", focused);
        canvas
            .pen(inner, 0)
            .role(" no log is open: l on a container opens its log", Role::Dim);
        return;
    };
    let title = format!("{}  {}@{}", super::title(Pane::Logs), log.name, log.host);
    let inner = canvas.frame(area, &title, &status_words(log), focused);
    for (line, row) in (0..inner.height).zip(log.visible(usize::from(inner.width), usize::from(inner.height)))
    {
        draw_row(canvas, inner, line, &row);
    }
    if let Some(words) = search_words(state, log) {
        let foot = Rect {
            x: area.x + 1,
            y: area.bottom().saturating_sub(1),
            width: area.width.saturating_sub(2),
            height: 1,
        };
        canvas.on_line(foot, &words, "", focused);
    }
}

/// `follow · 12.4k lines · 3.1k dropped`
fn status_words(log: &LogRoom) -> String {
    let mut words = Vec::new();
    match &log.status {
        Status::Opening => words.push("opening".to_owned()),
        Status::Following => {}
        Status::Ended => words.push("ended".to_owned()),
        Status::Interrupted(reason) => words.push(format!("interrupted: {reason}")),
    }
    if !log.is_following() {
        let unseen = log.unseen();
        words.push(if unseen > 0 {
            format!("held +{} new", short(unseen))
        } else {
            "held".to_owned()
        });
    } else if log.status == Status::Following {
        words.push("follow".to_owned());
    }
    let (first, end) = (log.book.first(), log.book.end());
    words.push(if end == 1 {
        "1 line".to_owned()
    } else {
        format!("{} lines", short(end))
    });
    if first > 0 {
        words.push(format!("{} dropped", short(first)));
    }
    words.join(" · ")
}

/// `/needle 3/17`
fn search_words(state: &State, log: &LogRoom) -> Option<String> {
    let editing = state
        .view
        .editing
        .as_ref()
        .filter(|editing| editing.field == Field::Search);
    let Some(search) = &log.search else {
        return editing.map(|editing| format!("/{}", editing.text));
    };
    let count = search.count();
    let more = if log.is_searching() { "+" } else { "" };
    let place = log
        .current
        .map_or_else(|| "–".to_owned(), |line| search.position(line).to_string());
    let text = editing.map_or(search.text(), |editing| &editing.text);
    Some(if count == 0 && more.is_empty() {
        format!("/{text} not found")
    } else {
        format!("/{text} {place}/{count}{more}")
    })
}

/// `999`, `12.4k`, `3.1M`
fn short(n: u64) -> String {
    match n {
        0..=999 => n.to_string(),
        1_000..=999_949 => format!("{:.1}k", n as f64 / 1e3),
        _ => format!("{:.1}M", n as f64 / 1e6),
    }
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, line: u16, row: &VisibleRow) {
    let skin = canvas.skin;
    let (glyph, level) = match row.level {
        Some(Level::Error) => ("✖", Some(Role::Bad)),
        Some(Level::Warning) => ("▲", Some(Role::Warn)),
        None => (" ", None),
    };
    let base = skin
        .style(Role::Text)
        .patch(level.map(|role| skin.style(role)).unwrap_or_default());
    let mut pen = canvas.pen(area, line);
    pen.role(if row.stderr { "▌" } else { " " }, Role::Bad);
    pen.put(if row.first { glyph } else { " " }, base);
    pen.gap(GUTTER as u16 - 2).role(&row.time, Role::Dim);
    for piece in &row.pieces {
        let style = match (piece.lit, row.current) {
            (true, true) => skin.style(Role::Cursor).add_modifier(Modifier::BOLD),
            (true, false) => skin.style(Role::Matched),
            (false, _) if piece.style == LineStyle::default() => base,
            (false, _) => own(skin, piece.style),
        };
        pen.put(&piece.text, style);
    }
}

/// The look a program gave its line.
fn own(skin: &Skin, style: LineStyle) -> Style {
    let of = |colour| {
        skin.colour(match colour {
            Colour::Indexed(n) => Color::Indexed(n),
            Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
        })
    };
    let mut out = skin.style(Role::Text);
    out.fg = style.fg.and_then(of).or(out.fg);
    out.bg = style.bg.and_then(of).or(out.bg);
    let attributes = [
        (LineStyle::BOLD, Modifier::BOLD),
        (LineStyle::DIM, Modifier::DIM),
        (LineStyle::ITALIC, Modifier::ITALIC),
        (LineStyle::UNDERLINE, Modifier::UNDERLINED),
        (LineStyle::REVERSE, Modifier::REVERSED),
        (LineStyle::STRIKE, Modifier::CROSSED_OUT),
    ];
    for (_, modifier) in attributes
        .into_iter()
        .filter(|(attribute, _)| style.has(*attribute))
    {
        out = out.add_modifier(modifier);
    }
    out
}

#[cfg(test)]
mod tests;
