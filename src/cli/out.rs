//! What is printed: to people in aligned columns, to programs as JSON; a closed pipe ends quietly.

use std::env;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Exit;
use crate::fleet::text::Printable;

/// Writes to standard output. A reader that left is no fault.
pub(super) fn print(text: &str, exit: Exit) -> Exit {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => exit,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit,
        Err(error) => {
            complain(&format!("cannot write to standard output: {error}"));
            Exit::Failed
        }
    }
}

/// Prints a value as JSON.
pub(super) fn print_json(value: &impl Serialize, exit: Exit) -> Exit {
    match serde_json::to_string_pretty(value) {
        Ok(json) => print(&(json + "\n"), exit),
        Err(error) => {
            complain(&format!("cannot write JSON: {error}"));
            Exit::Failed
        }
    }
}

/// Says what is wrong, on standard error; nothing from outside in it can move a cursor.
pub fn complain(message: &str) {
    let mut text = String::from("wheelhouse: ");
    for (index, line) in message.lines().enumerate() {
        if index > 0 {
            text.push_str("\n  ");
        }
        text.push_str(&Printable::clean(line));
    }
    text.push('\n');
    // Where standard error is gone there is nobody to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// How bad what a cell says is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Bad,
    Uneasy,
}

/// One cell of a table.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub(super) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

/// Rows in aligned columns under a heading.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: Vec<[Cell; N]>, colour: bool) -> String {
    let mut lines = vec![heading.map(Cell::from)];
    lines.extend(rows);
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.text.width().max(*width);
        }
    }
    let mut out = String::new();
    for line in &lines {
        let start = out.len();
        for (cell, width) in line.iter().zip(widths) {
            if out.len() > start {
                out.push_str("  ");
            }
            let (on, off) = match cell.tone {
                Tone::Bad if colour => ("\x1b[31m", "\x1b[m"),
                Tone::Uneasy if colour => ("\x1b[33m", "\x1b[m"),
                _ => ("", ""),
            };
            out.push_str(on);
            out.push_str(&cell.text);
            out.push_str(off);
            out.extend(std::iter::repeat_n(' ', width - cell.text.width()));
        }
        out.truncate(out.trim_end_matches(' ').len().max(start));
        out.push('\n');
    }
    out
}

/// Whether standard output takes colours.
pub(super) fn colour() -> bool {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    io::stdout().is_terminal() && set("NO_COLOR").is_none() && set("TERM").is_some_and(|term| term != "dumb")
}

/// A moment as RFC 3339 has it; empty where it is out of all calendars.
pub(super) fn rfc3339(unix_s: i64) -> String {
    jiff::Timestamp::from_second(unix_s).map_or_else(|_| String::new(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Cell, Tone, rfc3339, table};

    #[test]
    fn columns_are_aligned_by_width_and_lines_do_not_end_in_spaces() {
        let rows = vec![
            [Cell::from("日本"), Cell::toned("down", Tone::Bad)],
            [Cell::from("a"), Cell::from("")],
        ];
        assert_eq!(
            table(["HOST", "STATE"], rows.clone(), false),
            "HOST  STATE\n日本  down\na\n"
        );
        assert!(table(["HOST", "STATE"], rows, true).contains("\x1b[31mdown\x1b[m"));
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(i64::MAX), "");
    }
}
