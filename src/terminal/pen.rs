//! Cells to bytes, as few as will do.

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// A run of blanks at least this long is erased rather than written.
const ERASE_FROM: usize = 6;
/// A gap of unchanged cells up to this wide is written again rather than jumped over.
const REWRITE_UP_TO: u16 = 3;
/// What would be seen on a blank.
const SEEN_ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK);
/// Modifiers and the number that switches each on.
const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ink {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Ink = Ink {
    fg: Color::Reset,
    bg: Color::Reset,
    modifier: Modifier::empty(),
};

/// Knows where the terminal's cursor is and which style it writes in, across frames.
#[derive(Debug)]
pub struct Pen {
    /// `None`: not sure.
    at: Option<(u16, u16)>,
    ink: Ink,
    /// Whether colours are written at all.
    colour: bool,
    /// Whether anything but ASCII is written.
    unicode: bool,
}

impl Pen {
    /// A pen that knows nothing of the terminal yet, and writes in colour or not, and in more than ASCII or not.
    pub fn new(colour: bool, unicode: bool) -> Self {
        Self {
            at: None,
            ink: PLAIN,
            colour,
            unicode,
        }
    }

    /// Clears the screen, whatever was on it.
    pub fn clear(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[0m\x1b[2J");
        self.ink = PLAIN;
        self.at = None;
    }

    /// Writes what differs between two screens of one size.
    pub fn write(&mut self, out: &mut Vec<u8>, old: &Buffer, new: &Buffer) {
        let cells = old.diff(new);
        let mut rest = cells.as_slice();
        while let [(x, y, cell), tail @ ..] = rest {
            let (blanks, changed) = blank_run(rest, new);
            self.go(out, new, *x, *y);
            if blanks >= ERASE_FROM {
                if !self.suits(cell) {
                    self.set(out, PLAIN);
                }
                // Into a vector: cannot fail.
                let _ = write!(out, "\x1b[{blanks}X");
                rest = &rest[changed..];
            } else {
                self.put(out, cell);
                if self.at.is_some_and(|(x, _)| x >= new.area.width) {
                    // In the last column the cursor waits to wrap, and terminals differ in where it is.
                    self.at = None;
                }
                rest = tail;
            }
        }
    }

    fn ink_of(&self, cell: &Cell) -> Ink {
        let (fg, bg) = if self.colour {
            (cell.fg, cell.bg)
        } else {
            (Color::Reset, Color::Reset)
        };
        Ink {
            fg,
            bg,
            modifier: cell.modifier,
        }
    }

    /// Whether a cell looks right in the present style.
    fn suits(&self, cell: &Cell) -> bool {
        let ink = self.ink_of(cell);
        let seen = SEEN_ON_BLANKS;
        ink == self.ink
            || (cell.symbol() == " "
                && ink.bg == self.ink.bg
                && !(ink.modifier | self.ink.modifier).intersects(seen))
    }

    fn put(&mut self, out: &mut Vec<u8>, cell: &Cell) {
        if !self.suits(cell) {
            self.set(out, self.ink_of(cell));
        }
        let symbol = cell.symbol();
        let width = if symbol.len() == 1 { 1 } else { symbol.width() };
        // The last wall: whatever came so far, a control character does not reach the terminal.
        if symbol.is_empty() || symbol.chars().any(char::is_control) {
            out.push(b'?');
            self.at = self.at.map(|(x, y)| (x + 1, y));
            return;
        }
        if !self.unicode && !symbol.is_ascii() {
            out.extend(std::iter::repeat_n(b'?', width.max(1)));
            self.at = self.at.map(|(x, y)| (x + width.max(1) as u16, y));
            return;
        }
        out.extend_from_slice(symbol.as_bytes());
        // Terminals differ in how wide they think wide and joined characters are.
        let sure = width == 1 && symbol.chars().nth(1).is_none();
        self.at = self.at.filter(|_| sure).map(|(x, y)| (x + 1, y));
    }

    /// Brings the cursor to a cell by the shortest way.
    fn go(&mut self, out: &mut Vec<u8>, new: &Buffer, x: u16, y: u16) {
        let from = self.at.replace((x, y));
        match from {
            Some(at) if at == (x, y) => {}
            Some((ox, oy)) if oy == y && ox < x => {
                let gap = ox..x;
                let cheap = x - ox <= REWRITE_UP_TO
                    && gap.clone().all(|x| {
                        new.cell((x, y))
                            .is_some_and(|c| c.symbol().len() == 1 && self.suits(c))
                    });
                if cheap {
                    gap.filter_map(|x| new.cell((x, y)))
                        .for_each(|cell| out.extend_from_slice(cell.symbol().as_bytes()));
                } else {
                    csi(out, x - ox, b'C');
                }
            }
            // Raw mode: a line feed goes down and nowhere else.
            Some((ox, oy)) if y >= oy && y - oy <= 3 && (x == 0 || ox >= x) && (x == 0 || ox - x <= 3) => {
                if x == 0 {
                    out.push(b'\r');
                } else {
                    out.extend(std::iter::repeat_n(b'\x08', usize::from(ox - x)));
                }
                out.extend(std::iter::repeat_n(b'\n', usize::from(y - oy)));
            }
            Some((_, oy)) if oy == y => csi(out, x + 1, b'G'),
            _ => {
                let _ = write!(out, "\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1);
            }
        }
    }

    fn set(&mut self, out: &mut Vec<u8>, ink: Ink) {
        if ink == self.ink {
            return;
        }
        let mut old = self.ink;
        self.ink = ink;
        out.extend_from_slice(b"\x1b[");
        let start = out.len();
        // Nothing is switched off singly: terminals disagree on what switches bold and dim off.
        if !ink.modifier.contains(old.modifier) {
            out.extend_from_slice(b"0;");
            old = PLAIN;
        }
        for (modifier, number) in MODIFIERS {
            if ink.modifier.contains(modifier) && !old.modifier.contains(modifier) {
                let _ = write!(out, "{number};");
            }
        }
        if ink.fg != old.fg {
            colour(out, ink.fg, 30);
        }
        if ink.bg != old.bg {
            colour(out, ink.bg, 40);
        }
        // The last separator becomes the final byte; without any, a lone `m` resets.
        if out.len() > start {
            out.pop();
        }
        out.push(b'm');
    }
}

/// How many cells from the first changed one to the last are blanks side by side that erasing would leave just so, and how many
/// of them changed.
fn blank_run(cells: &[(u16, u16, &Cell)], new: &Buffer) -> (usize, usize) {
    let Some(&(x, y, _)) = cells.first() else {
        return (0, 0);
    };
    let end = (x..new.area.width)
        .find(|&x| !new.cell((x, y)).is_some_and(is_blank))
        .unwrap_or(new.area.width);
    let changed = cells
        .iter()
        .take_while(|(cx, cy, _)| *cy == y && *cx < end)
        .count();
    (
        changed
            .checked_sub(1)
            .map_or(0, |last| usize::from(cells[last].0 - x) + 1),
        changed,
    )
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SEEN_ON_BLANKS)
}

fn csi(out: &mut Vec<u8>, number: u16, last: u8) {
    out.extend_from_slice(b"\x1b[");
    if number != 1 {
        let _ = write!(out, "{number}");
    }
    out.push(last);
}

/// A colour's parameters, each with a separator after it. `base` is 30 for the foreground, 40 for the background.
fn colour(out: &mut Vec<u8>, colour: Color, base: u8) {
    let plain = |n: u8| base + n;
    let bright = |n: u8| base + 60 + n;
    let number = match colour {
        Color::Reset => plain(9),
        Color::Black => plain(0),
        Color::Red => plain(1),
        Color::Green => plain(2),
        Color::Yellow => plain(3),
        Color::Blue => plain(4),
        Color::Magenta => plain(5),
        Color::Cyan => plain(6),
        Color::Gray => plain(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(index) => {
            let _ = write!(out, "{};5;{index};", base + 8);
            return;
        }
        Color::Rgb(r, g, b) => {
            let _ = write!(out, "{};2;{r};{g};{b};", base + 8);
            return;
        }
    };
    let _ = write!(out, "{number};");
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    const AREA: Rect = Rect::new(0, 0, 20, 4);

    fn bytes(pen: &mut Pen, old: &Buffer, new: &Buffer) -> String {
        let mut out = Vec::new();
        pen.write(&mut out, old, new);
        String::from_utf8(out).unwrap()
    }

    fn filled(lines: &[&str]) -> Buffer {
        let mut buffer = Buffer::empty(AREA);
        for (y, line) in (0..).zip(lines) {
            buffer.set_string(0, y, line, Style::default());
        }
        buffer
    }

    #[test]
    fn nothing_changed_is_nothing_written() {
        let one = filled(&["abc", "def"]);
        assert_eq!(bytes(&mut Pen::new(true, true), &one, &one.clone()), "");
    }

    #[test]
    fn short_ways() {
        let mut pen = Pen::new(true, true);
        let (a, b) = (filled(&["cpu 10%", "cpu 20%"]), filled(&["cpu 11%", "cpu 21%"]));
        assert_eq!(
            bytes(&mut pen, &a, &b),
            "\x1b[1;6H1\x08\n1",
            "the column of figures is walked down"
        );
        let c = filled(&["Xpu 1Y%", "cpu 21%"]);
        assert_eq!(bytes(&mut pen, &b, &c), "\x1b[1;1HX\x1b[4CY");
        let d = filled(&["Xpu 1Y%", "A"]);
        assert_eq!(
            bytes(&mut pen, &c, &d),
            "\r\nA\x1b[6X",
            "a run of blanks is erased"
        );
    }

    #[test]
    fn styles_are_kept_across_cells_and_blanks() {
        let mut pen = Pen::new(true, true);
        let mut new = Buffer::empty(AREA);
        new.set_string(0, 0, "red", Style::new().fg(Color::Red));
        new.set_string(4, 0, "red", Style::new().fg(Color::Red));
        new.set_string(7, 0, "bold", Style::new().add_modifier(Modifier::BOLD));
        new.set_string(11, 0, "x", Style::new().fg(Color::Indexed(9)));
        let out = bytes(&mut pen, &Buffer::empty(AREA), &new);
        assert_eq!(out, "\x1b[1;1H\x1b[31mred red\x1b[1;39mbold\x1b[0;38;5;9mx");
    }

    #[test]
    fn neither_colour_nor_unicode_where_not_wanted() {
        let mut pen = Pen::new(false, false);
        let mut new = Buffer::empty(AREA);
        new.set_string(
            0,
            0,
            "é日",
            Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        );
        assert_eq!(bytes(&mut pen, &Buffer::empty(AREA), &new), "\x1b[1;1H\x1b[1m???");
    }

    #[test]
    fn no_control_character_gets_through() {
        let mut new = Buffer::empty(AREA);
        new[(0, 0)].set_symbol("\x1b[2J");
        assert_eq!(
            bytes(&mut Pen::new(true, true), &Buffer::empty(AREA), &new),
            "\x1b[1;1H?"
        );
    }

    /// Whatever changes from frame to frame, the terminal shows the last frame.
    #[test]
    fn a_terminal_shows_what_was_meant() {
        proptest::proptest!(|(frames: Vec<Vec<(u8, u8, u8, u8)>>)| {
            let mut pen = Pen::new(true, true);
            let mut terminal = vt100::Parser::new(AREA.height, AREA.width, 0);
            let mut old = Buffer::empty(AREA);
            let mut out = Vec::new();
            pen.clear(&mut out);
            for frame in frames {
                let mut new = old.clone();
                for (x, y, what, how) in frame {
                    let style = [Style::new(), Style::new().fg(Color::Green), Style::new().bg(Color::Blue),
                        Style::new().add_modifier(Modifier::REVERSED), Style::new().add_modifier(Modifier::BOLD)];
                    let text = ["a", " ", "      ", "xyz", "─", "         "][usize::from(what) % 6];
                    let style = style[usize::from(how) % 5];
                    // Styles are patched on to what a cell has: begin anew.
                    let (x, y) = (u16::from(x) % AREA.width, u16::from(y) % AREA.height);
                    for at in x..(x + text.chars().count() as u16).min(AREA.width) {
                        new[(at, y)].reset();
                    }
                    new.set_string(x, y, text, style);
                }
                pen.write(&mut out, &old, &new);
                terminal.process(&out);
                out.clear();
                for y in 0..AREA.height {
                    for x in 0..AREA.width {
                        let (cell, shown) = (&new[(x, y)], terminal.screen().cell(y, x).unwrap());
                        let contents = if shown.has_contents() { shown.contents() } else { " " };
                        proptest::prop_assert_eq!(contents, cell.symbol());
                        proptest::prop_assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED));
                        let bg = if cell.bg == Color::Blue { vt100::Color::Idx(4) } else { vt100::Color::Default };
                        proptest::prop_assert_eq!(shown.bgcolor(), bg);
                        if cell.symbol() != " " {
                            let fg = if cell.fg == Color::Green { vt100::Color::Idx(2) } else { vt100::Color::Default };
                            proptest::prop_assert_eq!(shown.fgcolor(), fg);
                            proptest::prop_assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD));
                        }
                    }
                }
                old = new;
            }
        });
    }
}
