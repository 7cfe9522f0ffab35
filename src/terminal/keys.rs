//! Bytes from the terminal to keys, clicks and pasted texts.
//!
//! What terminals send: <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::InputEvent;

/// A pasted text is cut here.
const PASTE_LIMIT: usize = 64 * 1024;
/// A control sequence longer than this is noise.
const SEQUENCE_LIMIT: usize = 64;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes into events, however they are cut into reads.
#[derive(Debug, Default)]
pub(super) struct Parser {
    /// Bytes that do not make an event yet.
    pending: Vec<u8>,
    /// A pasted text that has not ended yet.
    paste: Option<Vec<u8>>,
}

/// What stands at the front of some bytes.
enum Front {
    /// Not decided yet.
    Incomplete,
    /// So many bytes, and what they mean, if anything.
    Event(usize, Option<InputEvent>),
    /// So many bytes that begin a pasted text.
    Paste(usize),
}

impl Parser {
    /// Takes bytes in.
    pub(super) fn feed(&mut self, bytes: &[u8], events: &mut Vec<InputEvent>) {
        self.pending.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            if let Some(text) = &mut self.paste {
                let (used, ended) = take_paste(text, &self.pending[at..]);
                at += used;
                if !ended {
                    break;
                }
                self.end_paste(events);
            }
            match front(&self.pending[at..]) {
                Front::Incomplete => break,
                Front::Event(used, event) => {
                    at += used;
                    events.extend(event);
                }
                Front::Paste(used) => {
                    at += used;
                    self.paste = Some(Vec::new());
                }
            }
        }
        self.pending.drain(..at);
    }

    /// For how long what is unfinished may stay so, in milliseconds: an escape byte alone is the Escape key, unless the rest of
    /// a sequence follows at once; a paste whose end never comes must not swallow keys for ever.
    pub(super) fn patience_ms(&self) -> Option<u64> {
        if self.paste.is_some() {
            Some(1000)
        } else if self.pending.first() == Some(&0x1b) {
            Some(if self.pending.len() == 1 { 25 } else { 250 })
        } else {
            None
        }
    }

    /// The patience is over.
    pub(super) fn expire(&mut self, events: &mut Vec<InputEvent>) {
        if self.paste.is_some() {
            self.pending.clear();
            self.end_paste(events);
            return;
        }
        match self.pending.as_slice() {
            [0x1b] => events.push(key(KeyCode::Esc, KeyModifiers::NONE)),
            [0x1b, byte @ (b'[' | b'O')] => {
                events.push(key(KeyCode::Char(char::from(*byte)), KeyModifiers::ALT));
            }
            // The rest of a longer sequence is lost; what came of it means nothing.
            _ => {}
        }
        self.pending.clear();
    }

    fn end_paste(&mut self, events: &mut Vec<InputEvent>) {
        if let Some(text) = self.paste.take() {
            events.push(InputEvent::Paste(String::from_utf8_lossy(&text).into_owned()));
        }
    }
}

/// Moves bytes into the pasted text up to its end mark; how many bytes were used, and whether the mark was there.
fn take_paste(text: &mut Vec<u8>, bytes: &[u8]) -> (usize, bool) {
    let end = memchr::memmem::find(bytes, PASTE_END);
    // Without a mark, the last few bytes may be the beginning of one.
    let length = end.unwrap_or_else(|| {
        let tail = (1..PASTE_END.len())
            .rev()
            .find(|&n| bytes.ends_with(&PASTE_END[..n]));
        bytes.len() - tail.unwrap_or(0)
    });
    let room = PASTE_LIMIT.saturating_sub(text.len());
    text.extend_from_slice(&bytes[..length.min(room)]);
    end.map_or((length, false), |end| (end + PASTE_END.len(), true))
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> InputEvent {
    InputEvent::Key(KeyEvent::new(code, modifiers))
}

fn front(bytes: &[u8]) -> Front {
    match bytes {
        [] | [0x1b] => Front::Incomplete,
        // The first of two escapes stands for itself.
        [0x1b, 0x1b, ..] => Front::Event(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [0x1b, b'[', rest @ ..] => control_sequence(rest),
        [0x1b, b'O', rest @ ..] => match rest.first() {
            None => Front::Incomplete,
            Some(&last) => Front::Event(3, letter(last).map(|code| key(code, KeyModifiers::NONE))),
        },
        [0x1b, rest @ ..] => match front(rest) {
            Front::Event(used, Some(InputEvent::Key(plain))) => Front::Event(
                used + 1,
                Some(key(plain.code, plain.modifiers | KeyModifiers::ALT)),
            ),
            Front::Event(used, event) => Front::Event(used + 1, event),
            other => other,
        },
        [byte, ..] if *byte < 0x20 || *byte == 0x7f => Front::Event(1, Some(control(*byte))),
        _ => character(bytes),
    }
}

/// Control bytes. What Ctrl makes of a letter, but for those with a key of their own.
fn control(byte: u8) -> InputEvent {
    let ctrl = |base: u8| key(KeyCode::Char(char::from(base)), KeyModifiers::CONTROL);
    match byte {
        b'\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        b'\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        0x7f => key(KeyCode::Backspace, KeyModifiers::NONE),
        0 => ctrl(b' '),
        1..=26 => ctrl(byte - 1 + b'a'),
        _ => ctrl(byte - 28 + b'4'),
    }
}

/// One UTF-8 character; bytes that are none are dropped.
fn character(bytes: &[u8]) -> Front {
    let length = match bytes[0] {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Front::Event(1, None),
    };
    let (whole, bytes) = (bytes.len() >= length, &bytes[..length.min(bytes.len())]);
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let shift = |c: char| {
                if c.is_uppercase() {
                    KeyModifiers::SHIFT
                } else {
                    KeyModifiers::NONE
                }
            };
            Front::Event(
                length,
                text.chars().next().map(|c| key(KeyCode::Char(c), shift(c))),
            )
        }
        Err(error) if error.error_len().is_none() && !whole => Front::Incomplete,
        Err(_) => Front::Event(1, None),
    }
}

/// What follows `ESC [`.
fn control_sequence(rest: &[u8]) -> Front {
    // The Linux console's F1 to F5.
    if let [b'[', tail @ ..] = rest {
        return match tail.first() {
            None => Front::Incomplete,
            Some(&last @ b'A'..=b'E') => {
                Front::Event(4, Some(key(KeyCode::F(last - b'A' + 1), KeyModifiers::NONE)))
            }
            Some(_) => Front::Event(4, None),
        };
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..0x40).contains(byte)) else {
        return if rest.len() > SEQUENCE_LIMIT {
            Front::Event(rest.len() + 2, None)
        } else {
            Front::Incomplete
        };
    };
    let (parameters, last, used) = (&rest[..end], rest[end], end + 3);
    if !(0x40..0x7f).contains(&last) {
        // Broken off by a control byte, which stands for itself.
        return Front::Event(used - 1, None);
    }
    if let [b'<', mouse @ ..] = parameters {
        return Front::Event(used, click(mouse, last == b'm'));
    }
    let numbers = numbers(parameters);
    let first = numbers.first().copied().unwrap_or(1);
    if last == b'~' && first == 200 {
        return Front::Paste(used);
    }
    let held = modifiers(numbers.get(1).copied().unwrap_or(1));
    let event = match last {
        b'~' => function(first).map(|code| key(code, held)),
        b'Z' => Some(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        _ => letter(last).map(|code| key(code, held)),
    };
    Front::Event(used, event)
}

fn numbers(parameters: &[u8]) -> Vec<u16> {
    parameters
        .split(|byte| *byte == b';')
        .map(|part| {
            std::str::from_utf8(part)
                .ok()
                .and_then(|text| text.parse().ok())
                .unwrap_or(1)
        })
        .collect()
}

/// A parameter of 1 and a bit each for Shift, Alt and Ctrl.
fn modifiers(parameter: u16) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let mut held = KeyModifiers::NONE;
    held.set(KeyModifiers::SHIFT, bits & 1 != 0);
    held.set(KeyModifiers::ALT, bits & 2 != 0);
    held.set(KeyModifiers::CONTROL, bits & 4 != 0);
    held
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        // The keypad in application mode.
        b'M' => KeyCode::Enter,
        _ => return None,
    })
}

fn function(number: u16) -> Option<KeyCode> {
    let f = |base: u16| KeyCode::F((number - base) as u8);
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => f(10),
        17..=21 => f(11),
        23..=26 => f(12),
        _ => return None,
    })
}

/// `button;column;row`, with `M` for pressed and `m` for let go.
fn click(parameters: &[u8], released: bool) -> Option<InputEvent> {
    let numbers = numbers(parameters);
    let [code, column, row] = numbers.as_slice() else {
        return None;
    };
    let button = match code & 3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (code & 0x43, code & 0x20 != 0) {
        (0x40, _) => MouseEventKind::ScrollUp,
        (0x41, _) => MouseEventKind::ScrollDown,
        (0x42, _) => MouseEventKind::ScrollLeft,
        (0x43, _) => MouseEventKind::ScrollRight,
        (3, _) => MouseEventKind::Moved,
        (_, true) => MouseEventKind::Drag(button),
        _ if released => MouseEventKind::Up(button),
        _ => MouseEventKind::Down(button),
    };
    let held = modifiers(1 + (code >> 2 & 1) + (code >> 3 & 1) * 2 + (code >> 4 & 1) * 4);
    let (column, row) = (column.saturating_sub(1), row.saturating_sub(1));
    Some(InputEvent::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: held,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(reads: &[&[u8]]) -> Vec<InputEvent> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for read in reads {
            parser.feed(read, &mut events);
        }
        if parser.patience_ms().is_some() {
            parser.expire(&mut events);
        }
        assert!(parser.pending.is_empty() && parser.paste.is_none());
        events
    }

    fn press(code: KeyCode) -> InputEvent {
        key(code, KeyModifiers::NONE)
    }

    #[test]
    fn keys_of_common_terminals() {
        let ctrl = |c| key(KeyCode::Char(c), KeyModifiers::CONTROL);
        let cases: &[(&[u8], InputEvent)] = &[
            (b"j", press(KeyCode::Char('j'))),
            (b"G", key(KeyCode::Char('G'), KeyModifiers::SHIFT)),
            ("é".as_bytes(), press(KeyCode::Char('é'))),
            (b"\r", press(KeyCode::Enter)),
            (b"\t", press(KeyCode::Tab)),
            (b"\x7f", press(KeyCode::Backspace)),
            (b"\x03", ctrl('c')),
            (b"\x1a", ctrl('z')),
            (b"\x00", ctrl(' ')),
            (b"\x1b", press(KeyCode::Esc)),
            (b"\x1bx", key(KeyCode::Char('x'), KeyModifiers::ALT)),
            (b"\x1b[A", press(KeyCode::Up)),
            (b"\x1bOB", press(KeyCode::Down)),
            (b"\x1b[1;5C", key(KeyCode::Right, KeyModifiers::CONTROL)),
            (b"\x1b[Z", key(KeyCode::BackTab, KeyModifiers::SHIFT)),
            (b"\x1b[5~", press(KeyCode::PageUp)),
            (b"\x1b[3;2~", key(KeyCode::Delete, KeyModifiers::SHIFT)),
            (b"\x1bOP", press(KeyCode::F(1))),
            (b"\x1b[[E", press(KeyCode::F(5))),
            (b"\x1b[24~", press(KeyCode::F(12))),
        ];
        for (bytes, event) in cases {
            assert_eq!(
                parse(&[bytes]),
                std::slice::from_ref(event),
                "{}",
                bytes.escape_ascii()
            );
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(
                parse(&single),
                std::slice::from_ref(event),
                "{} byte by byte",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn a_paste_is_one_event_however_it_is_cut() {
        let bytes = b"\x1b[200~rrr\x1b[31myyy\x1b[201~j";
        let wanted = [
            InputEvent::Paste("rrr\x1b[31myyy".into()),
            press(KeyCode::Char('j')),
        ];
        for cut in 0..bytes.len() {
            assert_eq!(parse(&[&bytes[..cut], &bytes[cut..]]), wanted, "cut at {cut}");
        }
    }

    #[test]
    fn a_paste_without_end_gives_the_keys_back_after_a_while() {
        assert_eq!(parse(&[b"\x1b[200~yyy"]), [InputEvent::Paste("yyy".into())]);
    }

    #[test]
    fn clicks() {
        let click = |kind, column, row| {
            InputEvent::Mouse(MouseEvent {
                kind,
                column,
                row,
                modifiers: KeyModifiers::NONE,
            })
        };
        assert_eq!(
            parse(&[b"\x1b[<0;300;2M"]),
            [click(MouseEventKind::Down(MouseButton::Left), 299, 1)]
        );
        assert_eq!(
            parse(&[b"\x1b[<0;1;1m"]),
            [click(MouseEventKind::Up(MouseButton::Left), 0, 0)]
        );
        assert_eq!(
            parse(&[b"\x1b[<65;3;4M"]),
            [click(MouseEventKind::ScrollDown, 2, 3)]
        );
    }

    #[test]
    fn noise_means_nothing_and_what_follows_is_heard() {
        let after = |noise: &[u8]| parse(&[noise, b"q"]);
        for noise in [
            &b"\xff\xfe"[..],
            b"\x1b[?1;2c",
            b"\x1b[99~",
            b"\x1b[<1M",
            b"\xc3(",
        ] {
            assert_eq!(
                after(noise).last(),
                Some(&press(KeyCode::Char('q'))),
                "{}",
                noise.escape_ascii()
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_it(reads: Vec<Vec<u8>>) {
            let reads: Vec<&[u8]> = reads.iter().map(Vec::as_slice).collect();
            let _ = parse_any(&reads);
        }
    }

    fn parse_any(reads: &[&[u8]]) -> usize {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for read in reads {
            parser.feed(read, &mut events);
        }
        parser.expire(&mut events);
        events.len()
    }
}
