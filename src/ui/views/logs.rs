//! The log pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use crate::fleet::State;
use crate::fleet::intent::Field;
use crate::fleet::text::line::{Colour, Style as LineStyle};
use crate::fleet::text::{clip, width};
use crate::fleet::update::logs::{GUTTER, Level, LogRoom, Status, VisibleRow};

/// What the theme says about this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLooks {
    /// Text.
    pub base: Style,
    /// Times, and what else stands back.
    pub dim: Style,
    /// What the search found.
    pub found: Style,
    /// The match last jumped to.
    pub current: Style,
    /// Errors, and bad news.
    pub error: Style,
    /// Warnings.
    pub warning: Style,
    /// The mark of standard error.
    pub stderr: Style,
    /// The frame.
    pub border: Style,
    /// The frame with the focus.
    pub focused: Style,
    /// The title.
    pub title: Style,
    /// Whether the programs' own colours are shown (not under `NO_COLOR`).
    pub colour: bool,
    /// UTF-8 glyphs; else everything is ASCII.
    pub unicode: bool,
}

/// Columns and rows there are for lines in an area; for `Viewport::log`.
pub fn room(area: Rect) -> (usize, usize) {
    (
        usize::from(area.width.saturating_sub(2)),
        usize::from(area.height.saturating_sub(2)),
    )
}

/// Draws the pane.
pub fn render(state: &State, looks: &LogLooks, area: Rect, buf: &mut Buffer, focused: bool) {
    let area = area.intersection(buf.area);
    if area.width < 4 || area.height < 2 {
        return;
    }
    let mut pen = Pen { looks, buf };
    pen.frame(area, if focused { looks.focused } else { looks.border });
    let inner = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    };
    let Some(log) = &state.log else {
        pen.title(area, "3 Logs", "", looks.dim);
        if inner.height > 0 {
            pen.put(
                inner.x + 1,
                inner.y,
                inner.right(),
                "no log is open: l on a container opens its log",
                looks.dim,
            );
        }
        return;
    };
    let bad = matches!(log.status, Status::Interrupted(_));
    let words = status_words(log);
    pen.title(
        area,
        &format!("3 Logs  {}@{}", log.name, log.host),
        &words,
        if bad { looks.error } else { looks.dim },
    );
    let (columns, rows) = room(area);
    for (y, row) in (inner.y..inner.bottom()).zip(log.visible(columns, rows)) {
        pen.row(inner, y, &row);
    }
    if let Some(words) = search_words(state, log) {
        let words = clip(&words, columns.saturating_sub(3)).into_owned();
        pen.put(
            area.x + 2,
            area.bottom() - 1,
            area.right() - 1,
            &format!(" {words} "),
            looks.title,
        );
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

struct Pen<'a> {
    looks: &'a LogLooks,
    buf: &'a mut Buffer,
}

impl Pen<'_> {
    /// Writes clean text up to the column `end`, and answers where it stopped.
    fn put(&mut self, x: u16, y: u16, end: u16, text: &str, style: Style) -> u16 {
        let room = usize::from(end.saturating_sub(x));
        if self.looks.unicode || text.is_ascii() {
            return self.buf.set_stringn(x, y, text, room, style).0;
        }
        let ascii: String = text.graphemes(true).map(ascii).collect();
        self.buf.set_stringn(x, y, ascii, room, style).0
    }

    fn frame(&mut self, area: Rect, style: Style) {
        let [corner_nw, corner_ne, corner_sw, corner_se, across, down] = if self.looks.unicode {
            ["╭", "╮", "╰", "╯", "─", "│"]
        } else {
            ["+", "+", "+", "+", "-", "|"]
        };
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        let line = across.repeat(usize::from(area.width - 2));
        for (y, west, east) in [(area.y, corner_nw, corner_ne), (bottom, corner_sw, corner_se)] {
            self.put(area.x, y, area.right(), &format!("{west}{line}{east}"), style);
        }
        for y in area.y + 1..bottom {
            self.put(area.x, y, area.right(), down, style);
            self.put(right, y, area.right(), down, style);
        }
    }

    /// Title left, words right, in the frame's first row; the words give way to the first of them.
    fn title(&mut self, area: Rect, title: &str, words: &str, style: Style) {
        let room = usize::from(area.width).saturating_sub(6);
        let words = clip(words, room.saturating_sub(width(title).min(room / 3) + 1)).into_owned();
        let title = clip(title, room.saturating_sub(width(&words) + 2)).into_owned();
        let end = area.right() - 1;
        self.put(area.x + 1, area.y, end, &format!(" {title} "), self.looks.title);
        if !words.is_empty() {
            let x = end.saturating_sub(width(&words) as u16 + 3);
            self.put(x, area.y, end, &format!(" {words} "), style);
        }
    }

    fn row(&mut self, area: Rect, y: u16, row: &VisibleRow) {
        let (looks, end) = (*self.looks, area.right());
        if row.stderr {
            self.put(
                area.x,
                y,
                end,
                if looks.unicode { "▌" } else { "!" },
                looks.stderr,
            );
        }
        match row.level.filter(|_| row.first) {
            Some(Level::Error) => self.put(
                area.x + 1,
                y,
                end,
                if looks.unicode { "✖" } else { "E" },
                looks.error,
            ),
            Some(Level::Warning) => self.put(
                area.x + 1,
                y,
                end,
                if looks.unicode { "▲" } else { "W" },
                looks.warning,
            ),
            None => 0,
        };
        let x = (area.x + GUTTER as u16).min(end);
        let mut x = self.put(x, y, end, &row.time, looks.dim);
        let base = match row.level {
            Some(Level::Error) => looks.base.patch(looks.error),
            Some(Level::Warning) => looks.base.patch(looks.warning),
            None => looks.base,
        };
        for piece in &row.pieces {
            let style = match (piece.lit, row.current) {
                (true, true) => looks.current,
                (true, false) => looks.found,
                (false, _) if piece.style == LineStyle::default() => base,
                (false, _) => own(looks.base, piece.style, looks.colour),
            };
            x = self.put(x, y, end, &piece.text, style);
        }
    }
}

/// A cluster in ASCII, as wide as it was.
fn ascii(cluster: &str) -> String {
    match cluster {
        "·" | "–" | "─" => "-".to_owned(),
        "…" => "~".to_owned(),
        _ if cluster.is_ascii() => cluster.to_owned(),
        _ => "?".repeat(width(cluster)),
    }
}

/// The look a program gave its line.
fn own(base: Style, style: LineStyle, colour: bool) -> Style {
    let of = |colour| match colour {
        Colour::Indexed(n) => Color::Indexed(n),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    };
    let mut out = base;
    if colour {
        out.fg = style.fg.map(of).or(base.fg);
        out.bg = style.bg.map(of).or(base.bg);
    }
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
