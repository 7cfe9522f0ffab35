//! Reads the program's whole output and holds it to a list of what it may send to a terminal.

/// Private modes the program may switch.
const MODES: [&str; 6] = ["25", "1000", "1006", "1049", "2004", "2026"];

/// What output says besides pictures.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Foreground or background colours.
    pub(crate) colours: usize,
    /// Bytes beyond ASCII.
    pub(crate) beyond_ascii: usize,
    /// Texts put on the clipboard, as sent.
    pub(crate) copied: Vec<String>,
}

/// Reads all of it; panics at the first thing that is not on the list.
pub(crate) fn scan(output: &[u8]) -> Seen {
    let text = std::str::from_utf8(output).unwrap_or_else(|error| {
        let at = error.valid_up_to();
        // The end may be cut within a character.
        assert!(
            error.error_len().is_none(),
            "not UTF-8 at {at}: {}",
            around(output, at)
        );
        std::str::from_utf8(&output[..at]).unwrap()
    });
    let mut seen = Seen::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let refuse = |what: &str| -> ! { panic!("{what} at byte {at}: {}", around(output, at)) };
        rest = match c {
            '\x1b' if rest.starts_with("\x1b[") => {
                sequence(&rest[2..], &mut seen).unwrap_or_else(|what| refuse(what))
            }
            '\x1b' if rest.starts_with("\x1b]52;c;") => {
                let (copied, after) = rest[7..]
                    .split_once("\x1b\\")
                    .unwrap_or_else(|| refuse("an unfinished clipboard text"));
                seen.copied.push(copied.to_owned());
                after
            }
            '\r' | '\n' | '\x08' => &rest[1..],
            c if c.is_control() => refuse("a control character"),
            c => {
                seen.beyond_ascii += usize::from(!c.is_ascii());
                &rest[c.len_utf8()..]
            }
        };
    }
    seen
}

/// One control sequence after its `ESC [`; what follows it. One that is cut off by the end is none.
fn sequence<'a>(text: &'a str, seen: &mut Seen) -> Result<&'a str, &'static str> {
    let Some(end) = text.find(|c: char| !matches!(c, '0'..='9' | ';' | '?')) else {
        return Ok("");
    };
    let (parameters, last) = (&text[..end], text[end..].chars().next());
    match (last, parameters.strip_prefix('?')) {
        (Some('h' | 'l'), Some(mode)) if MODES.contains(&mode) => {}
        (Some('H' | 'C' | 'G' | 'X'), None) => {}
        (Some('J'), None) if parameters == "2" => {}
        (Some('m'), None) => seen.colours += colours(parameters),
        _ => return Err("an unknown control sequence"),
    }
    Ok(&text[end + 1..])
}

/// How many of a style's parameters are colours; the default ones are none.
fn colours(parameters: &str) -> usize {
    let is_colour = |n: &u16| matches!(n, 30..=38 | 40..=48 | 90..=97 | 100..=107);
    parameters
        .split(';')
        .filter_map(|n| n.parse().ok())
        .filter(is_colour)
        .count()
}

fn around(output: &[u8], at: usize) -> String {
    let end = (at + 40).min(output.len());
    output[at.saturating_sub(40)..end].escape_ascii().to_string()
}

#[test]
fn the_scanner_lets_pictures_through_and_nothing_else() {
    let seen = scan(
        b"\x1b[?1049h\x1b[1;2H\x1b[1;31mred\x1b[0m\x1b[4C\x1b[6X\r\n\x1b]52;c;YQ==\x1b\\\x1b[?1049l\x1b[",
    );
    assert_eq!(
        (seen.colours, seen.beyond_ascii, seen.copied),
        (1, 0, vec!["YQ==".to_owned()])
    );
    for bad in [
        &b"\x1b[?1h"[..],
        b"\x1b]0;title\x07",
        b"\x1b[6n",
        b"\x07",
        b"\x1bc",
        b"\xff",
        b"\xc2\x9b",
    ] {
        assert!(
            std::panic::catch_unwind(|| scan(bad)).is_err(),
            "{}",
            bad.escape_ascii()
        );
    }
}
