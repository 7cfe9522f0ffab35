//! Writing into a buffer without ever leaving it.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::fleet::text::clip;
use crate::ui::theme::{Role, Skin};

/// More columns than any screen has, and few enough to be added up.
const WIDEST: usize = 0x1fff;

/// Columns a text takes; of one that no screen holds, only that it is too wide.
pub(in crate::ui) fn width(text: &str) -> u16 {
    crate::fleet::text::width(text).min(WIDEST) as u16
}

/// A buffer, and how to write on it.
pub(in crate::ui) struct Canvas<'a> {
    pub(in crate::ui) buf: &'a mut Buffer,
    pub(in crate::ui) skin: &'a Skin,
    pub(in crate::ui) zone: &'a TimeZone,
}

impl Canvas<'_> {
    /// How a role looks.
    pub(in crate::ui) fn style(&self, role: Role) -> Style {
        self.skin.style(role)
    }

    /// A pen at the beginning of one line of an area; writes nothing outside it.
    pub(in crate::ui) fn pen(&mut self, area: Rect, line: u16) -> Pen<'_> {
        let area = area.intersection(self.buf.area);
        let end = if line < area.height { area.right() } else { area.x };
        let text = self.skin.style(Role::Text);
        Pen {
            y: area.y.saturating_add(line),
            x: area.x,
            end,
            text,
            skin: self.skin,
            buf: self.buf,
        }
    }

    /// Changes the look of what was written in an area.
    pub(in crate::ui) fn paint(&mut self, area: Rect, style: Style) {
        self.buf.set_style(area.intersection(self.buf.area), style);
    }

    /// Empties an area.
    pub(in crate::ui) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        let text = self.skin.style(Role::Text);
        for position in area.positions() {
            let cell = &mut self.buf[position];
            cell.reset();
            cell.set_style(text);
        }
    }

    /// A frame with a title on its upper line and notes at the right; returns what is inside.
    pub(in crate::ui) fn frame(&mut self, area: Rect, title: &str, notes: &str, focused: bool) -> Rect {
        let area = area.intersection(self.buf.area);
        if area.width < 2 || area.height < 2 {
            return Rect {
                width: 0,
                height: 0,
                ..area
            };
        }
        let line = self.style(if focused { Role::Focus } else { Role::Border });
        let (left, right, top, bottom) = (area.x, area.right() - 1, area.y, area.bottom() - 1);
        for x in left + 1..right {
            self.buf[(x, top)].set_symbol("─").set_style(line);
            self.buf[(x, bottom)].set_symbol("─").set_style(line);
        }
        for y in top + 1..bottom {
            self.buf[(left, y)].set_symbol("│").set_style(line);
            self.buf[(right, y)].set_symbol("│").set_style(line);
        }
        for (x, y, corner) in [
            (left, top, "╭"),
            (right, top, "╮"),
            (left, bottom, "╰"),
            (right, bottom, "╯"),
        ] {
            self.buf[(x, y)].set_symbol(corner).set_style(line);
        }
        let upper = Rect {
            x: left + 1,
            y: top,
            width: area.width - 2,
            height: 1,
        };
        self.on_line(upper, title, notes, focused);
        Rect {
            x: left + 1,
            y: top + 1,
            width: area.width - 2,
            height: area.height - 2,
        }
    }

    /// A title and notes on a line of a frame. Where both do not fit, the notes give way.
    pub(in crate::ui) fn on_line(&mut self, line: Rect, title: &str, notes: &str, focused: bool) {
        let (name, plain) = (
            self.style(if focused { Role::Focus } else { Role::Title }),
            self.style(Role::Dim),
        );
        let mut pen = self.pen(line, 0);
        if !title.is_empty() {
            pen.put(" ", plain).put(title, name).put(" ", plain);
        }
        let room = pen.room().saturating_sub(1);
        if !notes.is_empty() && room >= 8 {
            let taken = (width(notes) + 2).min(room);
            pen.skip_to_last(taken).put(" ", plain);
            let text = clip(notes, usize::from(pen.room().saturating_sub(1)));
            pen.put(&text, plain).put(" ", plain);
        }
    }
}

/// Writes along one line.
pub(in crate::ui) struct Pen<'a> {
    buf: &'a mut Buffer,
    skin: &'a Skin,
    text: Style,
    x: u16,
    end: u16,
    y: u16,
}

impl Pen<'_> {
    /// How a role looks.
    pub(in crate::ui) fn style(&self, role: Role) -> Style {
        self.skin.style(role)
    }

    /// Columns left.
    pub(in crate::ui) fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    /// Writes a text, cut with `…` at the end of the line.
    pub(in crate::ui) fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        if room == 0 || text.is_empty() {
            return self;
        }
        let style = self.text.patch(style);
        if width(text) > room {
            let text = clip(text, usize::from(room));
            self.x = self
                .buf
                .set_stringn(self.x, self.y, text, usize::from(room), style)
                .0;
            self.x = self.end;
        } else {
            self.x = self
                .buf
                .set_stringn(self.x, self.y, text, usize::from(room), style)
                .0;
        }
        self
    }

    /// Writes a text in a role's look.
    pub(in crate::ui) fn role(&mut self, text: &str, role: Role) -> &mut Self {
        let style = self.skin.style(role);
        self.put(text, style)
    }

    /// Writes a text in a column of so many, at its left.
    pub(in crate::ui) fn left(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let (begin, end) = (self.x, self.end);
        self.end = end.min(begin.saturating_add(columns));
        self.put(text, style);
        self.end = end;
        self.x = begin.saturating_add(columns).min(end);
        self
    }

    /// Writes a text in a column of so many, at its right.
    pub(in crate::ui) fn right(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let pad = columns.saturating_sub(width(text)).min(self.room());
        self.x += pad;
        self.left(text, columns - pad.min(columns), style)
    }

    /// Leaves columns out.
    pub(in crate::ui) fn gap(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns).min(self.end);
        self
    }

    /// Goes on so many columns before the line's end.
    pub(in crate::ui) fn skip_to_last(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.max(self.end.saturating_sub(columns));
        self
    }
}

/// Replaces all that is not ASCII, for terminals that show nothing else.
pub(in crate::ui) fn fold_to_ascii(buf: &mut Buffer) {
    for cell in &mut buf.content {
        let symbol = cell.symbol();
        if !symbol.is_ascii() {
            let plain = symbol.chars().next().map_or(' ', plain);
            cell.set_char(plain);
        }
    }
}

fn plain(c: char) -> char {
    match c {
        '╭' | '╮' | '╰' | '╯' | '†' | '▆' => '+',
        '─' | '–' | '■' | '▄' => '-',
        '│' => '|',
        '●' | '•' | '▇' => '*',
        '✖' | '×' => 'x',
        '✔' | '↓' | '▾' => 'v',
        '○' => 'o',
        '◌' | '·' | '▂' => '.',
        '◐' | '…' => '~',
        '▲' | '▌' => '!',
        '›' | '→' => '>',
        '←' => '<',
        '↑' => '^',
        '↻' => '@',
        '‖' | '▅' => '=',
        '▁' => '_',
        '▃' => ':',
        '█' => '#',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::width;

    #[test]
    fn what_no_screen_holds_is_wide_and_not_narrow() {
        assert_eq!((width("日本"), width("abc")), (4, 3));
        for length in [0x1_0000, 0x1_0003, 0xffff] {
            let wide = width(&"x".repeat(length));
            assert!(wide > 1000 && wide.checked_mul(4).is_some(), "{length}: {wide}");
        }
    }
}
