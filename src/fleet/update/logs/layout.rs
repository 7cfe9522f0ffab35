//! What of a log is on screen: rows, wrapping, times, matches.

use std::fmt::Write as _;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{LogRoom, Place, Spot, TimeMode};
use crate::fleet::logbook::Line;
use crate::fleet::text::line::{CleanLine, Style};
use crate::fleet::text::width;

/// Columns before a line: standard error, level, space.
pub const GUTTER: usize = 3;
/// Characters of a line in which its level is looked for.
const HEAD: usize = 80;

/// How bad a line says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A warning.
    Warning,
    /// An error, or worse.
    Error,
}

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Clean text.
    pub text: String,
    /// How the program that wrote it wants it to look.
    pub style: Style,
    /// Whether the search found it.
    pub lit: bool,
}

/// A row of the log on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleRow {
    /// The number of its line.
    pub line: u64,
    /// Whether it is its line's first row.
    pub first: bool,
    /// The time column, padded; empty where no time is shown.
    pub time: String,
    /// Whether the line came on standard error.
    pub stderr: bool,
    /// The line's level.
    pub level: Option<Level>,
    /// Whether it is the match last jumped to.
    pub current: bool,
    /// The text.
    pub pieces: Vec<Piece>,
}

impl LogRoom {
    /// The rows that a view of this size shows, from the top.
    pub fn visible(&self, columns: usize, rows: usize) -> Vec<VisibleRow> {
        let mut out = Vec::with_capacity(rows);
        let text_columns = self.text_columns(columns);
        let top = self.top_for(columns, rows);
        let mut skip = top.row;
        for number in top.line..self.book.end() {
            if out.len() >= rows {
                break;
            }
            let Some(line) = self.book.line(number) else {
                continue;
            };
            let needed = if self.wrap {
                (skip + rows) * text_columns
            } else {
                self.column + text_columns + 1
            };
            let clean = clean(&line, needed);
            let lit: Vec<_> = self
                .search
                .iter()
                .flat_map(|search| search.ranges(&clean.text))
                .collect();
            let level = level(&clean.text);
            let ranges = if self.wrap {
                wrapped(&clean.text, text_columns)
            } else {
                vec![window(&clean.text, self.column, text_columns)]
            };
            for (row, range) in ranges.into_iter().enumerate().skip(skip).take(rows - out.len()) {
                let first = row == 0;
                out.push(VisibleRow {
                    line: number,
                    first,
                    time: self.time_text(number, &line, first),
                    stderr: line.stderr,
                    level,
                    current: self.current == Some(number),
                    pieces: pieces(&clean, &lit, range),
                });
            }
            skip = 0;
        }
        out
    }

    fn text_columns(&self, columns: usize) -> usize {
        columns.saturating_sub(GUTTER + self.time_columns()).max(1)
    }

    fn time_columns(&self) -> usize {
        match self.time {
            TimeMode::None => 0,
            TimeMode::Local | TimeMode::Utc => 13,
            TimeMode::Delta => 9,
        }
    }

    fn time_text(&self, number: u64, line: &Line<'_>, first: bool) -> String {
        let text = match self.time {
            TimeMode::None => return String::new(),
            _ if !first || line.at_ns == 0 => String::new(),
            TimeMode::Utc => clock(line.at_ns, 0),
            TimeMode::Local => clock(line.at_ns, self.utc_offset_s),
            TimeMode::Delta => {
                let before = number.checked_sub(1).and_then(|before| self.book.line(before));
                before
                    .filter(|line| line.at_ns != 0)
                    .map_or_else(String::new, |b| delta(line.at_ns.saturating_sub(b.at_ns)))
            }
        };
        let columns = self.time_columns() - 1;
        format!("{text:>columns$} ")
    }

    /// The topmost row on screen.
    pub(super) fn top(&self) -> Spot {
        self.top_for(self.size.0, self.size.1)
    }

    fn top_for(&self, columns: usize, rows: usize) -> Spot {
        match self.place {
            Place::Follow => self.bottom_for(columns, rows),
            Place::Held(spot) => self.within(spot),
        }
    }

    /// The lowest row on screen.
    pub(super) fn lowest(&self) -> Spot {
        self.down(self.top(), self.size.1.saturating_sub(1))
    }

    /// The topmost row when the last one is the lowest on screen.
    pub(super) fn bottom(&self) -> Spot {
        self.bottom_for(self.size.0, self.size.1)
    }

    fn bottom_for(&self, columns: usize, rows: usize) -> Spot {
        let line = self.book.end().saturating_sub(1).max(self.book.first());
        let last = Spot {
            line,
            row: self.rows_of(line, columns) - 1,
        };
        self.up_for(last, rows.saturating_sub(1), columns)
    }

    /// The spot itself, or the first one when its line was dropped.
    pub(super) fn within(&self, spot: Spot) -> Spot {
        if spot.line < self.book.first() {
            return Spot {
                line: self.book.first(),
                row: 0,
            };
        }
        let last = if spot.row == 0 {
            0
        } else {
            self.rows_of(spot.line, self.size.0) - 1
        };
        Spot {
            line: spot.line,
            row: spot.row.min(last),
        }
    }

    pub(super) fn up(&self, from: Spot, rows: usize) -> Spot {
        self.up_for(from, rows, self.size.0)
    }

    fn up_for(&self, mut spot: Spot, mut rows: usize, columns: usize) -> Spot {
        if !self.wrap {
            let line = spot.line.saturating_sub(rows as u64).max(self.book.first());
            return Spot { line, row: 0 };
        }
        while rows > spot.row && spot.line > self.book.first() {
            rows -= spot.row + 1;
            spot.line -= 1;
            spot.row = self.rows_of(spot.line, columns) - 1;
        }
        spot.row = spot.row.saturating_sub(rows);
        spot
    }

    pub(super) fn down(&self, mut spot: Spot, mut rows: usize) -> Spot {
        let last = self.book.end().saturating_sub(1).max(self.book.first());
        if !self.wrap {
            return Spot {
                line: spot.line.saturating_add(rows as u64).min(last),
                row: 0,
            };
        }
        loop {
            let left = (self.rows_of(spot.line, self.size.0) - 1).saturating_sub(spot.row);
            if rows <= left || spot.line >= last {
                spot.row += rows.min(left);
                return spot;
            }
            rows -= left + 1;
            spot = Spot {
                line: spot.line + 1,
                row: 0,
            };
        }
    }

    /// Rows a line takes, at least one.
    fn rows_of(&self, number: u64, columns: usize) -> usize {
        match self.book.line(number) {
            Some(line) if self.wrap => {
                wrapped(&clean(&line, usize::MAX).text, self.text_columns(columns)).len()
            }
            _ => 1,
        }
    }

    /// Columns of the widest line on screen.
    pub(super) fn widest(&self) -> usize {
        let lines = self.top().line..=self.lowest().line;
        lines
            .filter_map(|number| self.book.line(number))
            .map(|line| width(&clean(&line, usize::MAX).text))
            .max()
            .unwrap_or(0)
    }

    pub(super) fn row_of_match(&self, number: u64) -> usize {
        let Some((clean, found)) = self.first_match(number).filter(|_| self.wrap) else {
            return 0;
        };
        let rows = wrapped(&clean.text, self.text_columns(self.size.0));
        rows.iter().position(|row| found.start < row.end).unwrap_or(0)
    }

    /// The column to scroll to so that a line's first match is on screen: the present one where it is.
    pub(super) fn column_of_match(&self, number: u64) -> usize {
        let Some((clean, found)) = self.first_match(number).filter(|_| !self.wrap) else {
            return self.column;
        };
        let (start, end) = (width(&clean.text[..found.start]), width(&clean.text[..found.end]));
        let columns = self.text_columns(self.size.0);
        if start >= self.column && end <= self.column + columns {
            self.column
        } else if end <= columns {
            0
        } else {
            start.saturating_sub(columns / 3)
        }
    }

    fn first_match(&self, number: u64) -> Option<(CleanLine, Range<usize>)> {
        let clean = clean(&self.book.line(number)?, usize::MAX);
        let found = self.search.as_ref()?.ranges(&clean.text).next()?;
        Some((clean, found))
    }
}

fn clean(line: &Line<'_>, columns: usize) -> CleanLine {
    let mut clean = CleanLine::new(line.bytes, columns);
    if line.lost > 0 {
        clean.styles.push((clean.text.len(), Style::default()));
        // Writing to a String cannot fail.
        let _ = write!(clean.text, " … +{} bytes", line.lost);
    }
    clean
}

/// The byte ranges of a text's rows; at least one.
fn wrapped(text: &str, columns: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    if text.is_ascii() {
        while text.len() - start > columns {
            rows.push(start..start + columns);
            start += columns;
        }
    } else {
        let mut used = 0;
        for (at, cluster) in text.grapheme_indices(true) {
            let wide = width(cluster);
            if used + wide > columns && at > start {
                rows.push(start..at);
                (start, used) = (at, 0);
            }
            used += wide;
        }
    }
    rows.push(start..text.len());
    rows
}

/// The byte range of the columns from `column` on; a wide character over an edge is left out.
fn window(text: &str, column: usize, columns: usize) -> Range<usize> {
    if text.is_ascii() {
        return column.min(text.len())..(column + columns).min(text.len());
    }
    let mut range = text.len()..text.len();
    let mut at_column = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        if at_column >= column {
            range.start = range.start.min(at);
        }
        at_column += width(cluster);
        if at_column > column + columns {
            range.end = at.max(range.start.min(at));
            break;
        }
    }
    range.start.min(range.end)..range.end
}

/// A part of a line in pieces of one look.
fn pieces(line: &CleanLine, lit: &[Range<usize>], part: Range<usize>) -> Vec<Piece> {
    let mut out = Vec::new();
    for (style, range) in line.pieces() {
        let mut at = range.start.max(part.start);
        let end = range.end.min(part.end);
        while at < end {
            let next = lit.iter().find(|found| found.end > at);
            let (lit, stop) = match next {
                Some(found) if found.start <= at => (true, found.end.min(end)),
                Some(found) => (false, found.start.min(end)),
                None => (false, end),
            };
            out.push(Piece {
                text: line.text[at..stop].to_owned(),
                style,
                lit,
            });
            at = stop;
        }
    }
    out
}

/// `02:14:07.113`
fn clock(at_ns: i64, offset_s: i32) -> String {
    let ms = at_ns.div_euclid(1_000_000) + i64::from(offset_s) * 1000;
    let (s, ms) = (ms.div_euclid(1000), ms.rem_euclid(1000));
    let day = s.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}.{ms:03}", day / 3600, day / 60 % 60, day % 60)
}

/// `+0.307s`, `+3m02s`, `+5h07m`, `+12d`
fn delta(ns: i64) -> String {
    let sign = if ns < 0 { '-' } else { '+' };
    let ms = ns.unsigned_abs() / 1_000_000;
    let s = ms / 1000;
    match s {
        0..=99 => format!("{sign}{s}.{:03}s", ms % 1000),
        100..=5999 => format!("{sign}{}m{:02}s", s / 60, s % 60),
        6000..=359_999 => format!("{sign}{}h{:02}m", s / 3600, s / 60 % 60),
        _ => format!("{sign}{}d", s / 86_400),
    }
}

/// The level a line's beginning tells: a word in capitals, or `level=error` and the like.
fn level(text: &str) -> Option<Level> {
    let head = text
        .char_indices()
        .nth(HEAD)
        .map_or(text, |(end, _)| &text[..end]);
    let mut named = false;
    for word in head
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        match word {
            "ERROR" | "ERR" | "FATAL" | "PANIC" | "CRITICAL" | "CRIT" | "EMERG" => return Some(Level::Error),
            "error" | "err" | "fatal" | "panic" | "critical" if named => return Some(Level::Error),
            "WARN" | "WARNING" => return Some(Level::Warning),
            "warn" | "warning" if named => return Some(Level::Warning),
            _ => named = matches!(word, "level" | "lvl" | "severity"),
        }
    }
    None
}
