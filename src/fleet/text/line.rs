//! Log lines: bytes in, clean styled text out.
//!
//! Colours and attributes (SGR) become [`Style`]; every other well-formed escape sequence is removed whole; what is
//! malformed or has no end is shown as text behind a visible `\x1b`, so that nothing can hide the rest of a line.
//! Grammar: ECMA-48 §5.4 (control sequences), §8.3.117 (SGR), ISO 8613-6 (38/48 with colons).

use unicode_segmentation::UnicodeSegmentation;

use super::{is_plain, push_cluster, push_visible, width};

/// A colour of the terminal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// One of 256; the first 16 are the terminal's own.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a piece of a line wants to look. Neither conceal nor blink can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Foreground.
    pub fg: Option<Colour>,
    /// Background.
    pub bg: Option<Colour>,
    attributes: u8,
}

impl Style {
    /// Bold.
    pub const BOLD: u8 = 1;
    /// Faint.
    pub const DIM: u8 = 1 << 1;
    /// Italic.
    pub const ITALIC: u8 = 1 << 2;
    /// Underlined.
    pub const UNDERLINE: u8 = 1 << 3;
    /// Foreground and background exchanged.
    pub const REVERSE: u8 = 1 << 4;
    /// Struck through.
    pub const STRIKE: u8 = 1 << 5;

    /// Whether it has this attribute.
    pub fn has(self, attribute: u8) -> bool {
        self.attributes & attribute != 0
    }

    fn set(&mut self, attribute: u8, on: bool) {
        if on {
            self.attributes |= attribute;
        } else {
            self.attributes &= !attribute;
        }
    }

    /// Applies the parameters of one SGR sequence; what is unknown changes nothing.
    fn apply(&mut self, parameters: &[u8]) {
        let mut groups = parameters.split(|byte| *byte == b';');
        while let Some(group) = groups.next() {
            let mut parts = group.split(|byte| *byte == b':').map(number);
            match parts.next().unwrap_or(0) {
                0 => *self = Self::default(),
                1 => self.set(Self::BOLD, true),
                2 => self.set(Self::DIM, true),
                3 => self.set(Self::ITALIC, true),
                4 => self.set(Self::UNDERLINE, parts.next() != Some(0)),
                7 => self.set(Self::REVERSE, true),
                9 => self.set(Self::STRIKE, true),
                21 => self.set(Self::UNDERLINE, true),
                22 => self.set(Self::BOLD | Self::DIM, false),
                23 => self.set(Self::ITALIC, false),
                24 => self.set(Self::UNDERLINE, false),
                27 => self.set(Self::REVERSE, false),
                29 => self.set(Self::STRIKE, false),
                n @ 30..=37 => self.fg = Some(Colour::Indexed(n as u8 - 30)),
                n @ 90..=97 => self.fg = Some(Colour::Indexed(n as u8 - 90 + 8)),
                39 => self.fg = None,
                n @ 40..=47 => self.bg = Some(Colour::Indexed(n as u8 - 40)),
                n @ 100..=107 => self.bg = Some(Colour::Indexed(n as u8 - 100 + 8)),
                49 => self.bg = None,
                n @ (38 | 48 | 58) => {
                    let rest: Vec<u16> = parts.collect();
                    let colour = if rest.is_empty() {
                        colour(&mut groups.by_ref().map(number))
                    } else if rest[0] == 2 && rest.len() > 4 {
                        // 38:2:SPACE:r:g:b names a colour space before the colour.
                        colour(&mut std::iter::once(2).chain(rest[2..].iter().copied()))
                    } else {
                        colour(&mut rest.into_iter())
                    };
                    match (n, colour) {
                        (38, Some(_)) => self.fg = colour,
                        (48, Some(_)) => self.bg = colour,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }

    /// Text in the colour of its own ground would be concealed.
    fn revealed(mut self) -> Self {
        if self.fg == self.bg {
            self.bg = None;
        }
        self
    }
}

fn number(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |n: u16, digit| {
        n.saturating_mul(10)
            .saturating_add(u16::from(digit.wrapping_sub(b'0')))
    })
}

fn colour(parts: &mut impl Iterator<Item = u16>) -> Option<Colour> {
    let byte = |parts: &mut dyn Iterator<Item = u16>| u8::try_from(parts.next()?).ok();
    match parts.next()? {
        5 => Some(Colour::Indexed(byte(parts)?)),
        2 => Some(Colour::Rgb(byte(parts)?, byte(parts)?, byte(parts)?)),
        _ => None,
    }
}

/// A line that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CleanLine {
    /// Its text, tabs laid out.
    pub text: String,
    /// From which byte of the text on which style holds; empty: the default all along. Ascending.
    pub styles: Vec<(usize, Style)>,
}

impl CleanLine {
    /// Cleans a line's bytes. Once `columns` are filled the rest may be left out: a long line costs no more than what is seen of it.
    pub fn new(bytes: &[u8], columns: usize) -> Self {
        // Lines of a terminal end in CR LF.
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if let Some(text) = plain(bytes) {
            let text = text[..text.len().min(columns)].to_owned();
            return Self {
                text,
                styles: Vec::new(),
            };
        }
        let mut raw = Raw::default();
        raw.read(bytes, columns);
        raw.hold()
    }

    /// Cleans a whole line.
    pub fn whole(bytes: &[u8]) -> Self {
        Self::new(bytes, usize::MAX)
    }

    /// The pieces of equal style, in order.
    pub fn pieces(&self) -> impl Iterator<Item = (Style, std::ops::Range<usize>)> + '_ {
        let ends = self
            .styles
            .iter()
            .skip(1)
            .map(|(start, _)| *start)
            .chain([self.text.len()]);
        let first = self.styles.first().map_or(self.text.len(), |(start, _)| *start);
        std::iter::once((Style::default(), 0..first))
            .chain(
                self.styles
                    .iter()
                    .zip(ends)
                    .map(|((start, style), end)| (*style, *start..end)),
            )
            .filter(|(_, range)| !range.is_empty())
    }
}

/// The text of a line that needs no cleaning.
pub fn plain(bytes: &[u8]) -> Option<&str> {
    if is_plain(bytes) {
        std::str::from_utf8(bytes).ok()
    } else {
        None
    }
}

/// A line without escape sequences and hostile characters, its clusters not yet held.
#[derive(Default)]
struct Raw {
    text: String,
    styles: Vec<(usize, Style)>,
    style: Style,
    columns: usize,
}

impl Raw {
    fn read(&mut self, bytes: &[u8], columns: usize) {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if self.columns >= columns {
                break;
            }
            let taken = match first {
                0x1b => self.escape(rest),
                b'\t' => {
                    let wide = 8 - self.columns % 8;
                    self.text.extend(std::iter::repeat_n(' ', wide));
                    self.columns += wide;
                    1
                }
                0x00..=0x1f | 0x7f => {
                    self.visible(char::from(*first));
                    1
                }
                _ => {
                    // A run up to the next control; cut where columns, at least one to four bytes, are full.
                    let most = columns
                        .saturating_sub(self.columns)
                        .saturating_mul(8)
                        .min(rest.len());
                    let end = rest
                        .iter()
                        .position(|b| *b < 0x20 || *b == 0x7f)
                        .unwrap_or(rest.len());
                    let end = if end <= most { end } else { boundary(rest, most) };
                    self.run(&rest[..end]);
                    end
                }
            };
            rest = &rest[taken..];
        }
    }

    /// A run without C0 controls.
    fn run(&mut self, bytes: &[u8]) {
        if let Some(text) = plain(bytes) {
            self.text.push_str(text);
            self.columns += text.len();
            return;
        }
        for chunk in bytes.utf8_chunks() {
            let mut chosen = false;
            for c in chunk.valid().chars() {
                // One variation selector behind a symbol (`⚠` U+FE0F) only chooses how that is drawn; more
                // of them can carry hidden text, and are shown.
                let selector = matches!(c, '\u{fe0e}' | '\u{fe0f}');
                chosen = selector && !chosen && self.text.ends_with(|last: char| !last.is_ascii());
                if !chosen {
                    self.visible(c);
                }
            }
            if !chunk.invalid().is_empty() {
                self.visible('\u{fffd}');
            }
        }
    }

    fn visible(&mut self, c: char) {
        let before = self.text.len();
        push_visible(&mut self.text, c);
        self.columns += width(&self.text[before..]);
    }

    /// Takes an escape sequence at the head of the bytes and answers with its length.
    fn escape(&mut self, bytes: &[u8]) -> usize {
        let Some(length) = escape_length(bytes) else {
            self.visible('\x1b');
            return 1;
        };
        if let [0x1b, b'[', parameters @ .., b'm'] = &bytes[..length]
            && parameters.iter().all(|byte| matches!(byte, b'0'..=b';'))
        {
            self.style.apply(parameters);
            let style = self.style.revealed();
            let start = self.text.len();
            self.styles.pop_if(|(at, _)| *at == start);
            if self.styles.last().map_or(Style::default(), |(_, last)| *last) != style {
                self.styles.push((start, style));
            }
        }
        length
    }

    /// Holds clusters, across removed sequences too. A style that begins within one begins behind it.
    fn hold(self) -> CleanLine {
        if self.text.is_ascii() {
            return CleanLine {
                text: self.text,
                styles: self.styles,
            };
        }
        let mut line = CleanLine::default();
        let mut styles = self.styles.into_iter().peekable();
        for (at, cluster) in self.text.grapheme_indices(true) {
            while let Some((_, style)) = styles.next_if(|(start, _)| *start <= at) {
                line.styles.pop_if(|(start, _)| *start == line.text.len());
                line.styles.push((line.text.len(), style));
            }
            push_cluster(&mut line.text, cluster);
        }
        line
    }
}

/// The length of the escape sequence these bytes begin with; `None` where it is malformed or has no end.
fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'[' => {
            let parameters = span(&bytes[2..], 0x30..=0x3f);
            let between = span(&bytes[2 + parameters..], 0x20..=0x2f);
            let end = 2 + parameters + between;
            matches!(bytes.get(end)?, 0x40..=0x7e).then_some(end + 1)
        }
        b']' | b'P' | b'X' | b'^' | b'_' => {
            // Ends with ST (ESC \), an OSC also with BEL; CAN, SUB or another escape breaks it off.
            let end = 2 + bytes[2..]
                .iter()
                .position(|byte| matches!(byte, 0x07 | 0x18 | 0x1a | 0x1b))?;
            match (bytes[end], bytes.get(end + 1)) {
                (0x07, _) if bytes[1] == b']' => Some(end + 1),
                (0x1b, Some(b'\\')) => Some(end + 2),
                _ => None,
            }
        }
        0x20..=0x2f => {
            let end = 1 + span(&bytes[1..], 0x20..=0x2f);
            matches!(bytes.get(end)?, 0x30..=0x7e).then_some(end + 1)
        }
        0x30..=0x7e => Some(2),
        _ => None,
    }
}

fn span(bytes: &[u8], of: std::ops::RangeInclusive<u8>) -> usize {
    bytes.iter().take_while(|byte| of.contains(byte)).count()
}

/// The last place up to `most` where a UTF-8 sequence does not go on.
fn boundary(bytes: &[u8], most: usize) -> usize {
    (1..=most)
        .rev()
        .take(4)
        .find(|at| bytes[*at] & 0xc0 != 0x80)
        .unwrap_or(most.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::text::tests::is_clean;
    use proptest::prelude::*;

    fn text(bytes: &[u8]) -> String {
        CleanLine::whole(bytes).text
    }

    #[test]
    fn attacks_are_removed_or_shown() {
        let table: &[(&[u8], &str)] = &[
            (b"\x1b]0;PWNTITLE\x07 title", " title"),
            (b"\x1b]52;c;UFdOQ0xJUA==\x07 clipboard", " clipboard"),
            (b"\x1b[2J\x1b[7;77HPWNJUMP", "PWNJUMP"),
            (b"\x1b[?1049lPWNALT\x1b[?1003h", "PWNALT"),
            (b"\x1b]8;;file:///pwnlink\x1b\\PWNLINK\x1b]8;;\x1b\\", "PWNLINK"),
            (b"\x1bP+q504e\x1b\\PWNDCS", "PWNDCS"),
            (b"\x1bc\x1b[6nPWNRIS", "PWNRIS"),
            (
                b"over\rwritten\x08\x08\x07 PWNCR",
                "over\\rwritten\\x08\\x08\\x07 PWNCR",
            ),
            (b"\xc2\x9b2JPWNC1", "\\u{9b}2JPWNC1"),
            (b"\x9b2Jraw", "\u{fffd}2Jraw"),
            (b"\x1b[31;45;9mPWNSGR\x1b[0m plain", "PWNSGR plain"),
            (
                b"tab\there \xff\xfe PWNUTF8",
                "tab     here \u{fffd}\u{fffd} PWNUTF8",
            ),
            ("\u{202e}PWNBIDI\u{202c}".as_bytes(), "\\u{202e}PWNBIDI\\u{202c}"),
            (b"\x1b(0charset\x1b)B\x1bNshift\x1b#8", "charsetshift"),
            (b"\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\x", "x"),
            (b"\x1b]0;no end, yet seen", "\\x1b]0;no end, yet seen"),
            (b"\x1b]0;broken\x1b[2Joff", "\\x1b]0;brokenoff"),
            (b"\x1b[12\x01;3H", "\\x1b[12\\x01;3H"),
            (b"\x1b", "\\x1b"),
            (b"crlf\r", "crlf"),
            (
                "⚠\u{fe0f} ok \u{fe0f}\u{e0041}".as_bytes(),
                "⚠ ok \\u{fe0f}\\u{e0041}",
            ),
            ("⚠\u{fe0f}\u{fe0e}".as_bytes(), "⚠\\u{fe0e}"),
        ];
        for (bytes, shown) in table {
            assert_eq!(&text(bytes), shown, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn colours_become_style() {
        let style = |parameters: &str| {
            let line = CleanLine::whole(format!("\x1b[{parameters}mx").as_bytes());
            line.pieces().next().expect("one piece").0
        };
        assert_eq!(style("31").fg, Some(Colour::Indexed(1)));
        assert_eq!(style("97;104").bg, Some(Colour::Indexed(12)));
        assert_eq!(style("38;5;208").fg, Some(Colour::Indexed(208)));
        assert_eq!(style("48;2;1;2;3;1").bg, Some(Colour::Rgb(1, 2, 3)));
        assert!(style("48;2;1;2;3;1").has(Style::BOLD));
        assert_eq!(style("38:2::1:2:3").fg, Some(Colour::Rgb(1, 2, 3)));
        assert_eq!(style("38:5:9").fg, Some(Colour::Indexed(9)));
        assert_eq!(style("5;8"), Style::default(), "neither blink nor conceal");
        assert_eq!(style("30;40").bg, None, "black on black is readable");
        assert_eq!(style("1;31;"), Style::default(), "an empty parameter is 0");
        assert_eq!(style("?25"), Style::default(), "private sequences are no style");
        assert!(style("4:3").has(Style::UNDERLINE) && !style("4;4:0").has(Style::UNDERLINE));
    }

    #[test]
    fn clusters_are_held_across_colours() {
        let pile = "\u{301}\x1b[1m".repeat(40);
        let line = CleanLine::whole(format!("a{pile}b").as_bytes());
        assert_eq!(line.text, format!("a{}…b", "\u{301}".repeat(7)));
        assert_eq!(
            line.pieces()
                .map(|(_, range)| &line.text[range])
                .collect::<Vec<_>>(),
            [&line.text[..line.text.len() - 1], "b"]
        );
    }

    #[test]
    fn a_long_line_costs_what_is_seen_of_it() {
        let long = format!("\x1b[1m{}", "äöü ".repeat(20_000));
        let line = CleanLine::new(long.as_bytes(), 80);
        assert!(
            width(&line.text) >= 80 && line.text.len() < 2_000,
            "{}",
            line.text.len()
        );
    }

    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            "[\\x00-\\x7f]{1,6}".prop_map(String::into_bytes),
            ".{1,4}".prop_map(String::into_bytes),
            "(\x1b\\[[0-9;:?]{0,8}[ -/]?[@-~]?)".prop_map(String::into_bytes),
            "\x1b[\\]P_^XN(#][a-z;]{0,4}(\x07|\x1b\\\\|\u{9c})?".prop_map(String::into_bytes),
            "[\u{80}-\u{9f}\u{200b}-\u{202e}\u{301}\u{1100}\u{ac00}\u{1f1e6}\u{600}\u{e0041}\u{fe0f}]{1,20}"
                .prop_map(String::into_bytes),
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_bytes_come_out_clean(bytes in hostile(), columns in 0_usize..200) {
            for line in [CleanLine::whole(&bytes), CleanLine::new(&bytes, columns)] {
                prop_assert!(is_clean(&line.text), "{:?}", line.text);
                let pieces: String = line.pieces().map(|(_, range)| &line.text[range]).collect();
                prop_assert_eq!(&pieces, &line.text, "the pieces are the whole text");
            }
        }

        #[test]
        fn text_beyond_the_seen_changes_nothing_before(bytes in hostile(), columns in 1_usize..60) {
            let (whole, part) = (CleanLine::whole(&bytes), CleanLine::new(&bytes, columns));
            // The last cluster may still have grown, or been cut.
            let sure: usize = part.text.graphemes(true).rev().skip(2).map(str::len).sum();
            prop_assert!(whole.text.starts_with(&part.text[..sure]));
        }

        #[test]
        fn cut_anywhere_both_halves_are_clean(bytes in hostile(), at in any::<proptest::sample::Index>()) {
            let at = at.index(bytes.len() + 1);
            prop_assert!(is_clean(&(text(&bytes[..at]) + "|" + &text(&bytes[at..]))));
        }
    }
}
