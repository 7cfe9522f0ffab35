//! Text from outside, made safe: the only text the interface accepts from there.

use std::fmt;
use std::sync::Arc;

/// Text that cannot move a cursor, change its direction or hide: no control, bidi, zero-width or tag
/// character is left in it; each is shown as its escape (`\x1b`, `\u{202e}`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Printable(Arc<str>);

impl Printable {
    /// Cleans a text.
    pub fn clean(text: &str) -> Self {
        if text.chars().any(is_hostile) {
            let mut out = String::with_capacity(text.len() + 16);
            for c in text.chars() {
                push_visible(&mut out, c);
            }
            Self(out.into())
        } else {
            Self(text.into())
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Appends a character, or its escape where it is hostile.
fn push_visible(out: &mut String, c: char) {
    use fmt::Write as _;
    if !is_hostile(c) {
        out.push(c);
    } else if (c as u32) < 0x80 {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\x{:02x}", c as u32);
    } else {
        let _ = write!(out, "\\u{{{:x}}}", c as u32);
    }
}

/// Whether a character may do something other than stand in its cell.
pub fn is_hostile(c: char) -> bool {
    matches!(c as u32,
        0x00..=0x1f | 0x7f..=0x9f            // C0, DEL, C1
        | 0x00ad | 0x034f | 0x061c           // soft hyphen, grapheme joiner, Arabic letter mark
        | 0x115f | 0x1160 | 0x17b4 | 0x17b5  // fillers that draw nothing
        | 0x180b..=0x180f                    // Mongolian selectors
        | 0x200b..=0x200f | 0x2028..=0x202e  // zero-width, marks, separators, bidi
        | 0x2060..=0x206f | 0x3164           // invisible operators, isolates, filler
        | 0xfe00..=0xfe0f | 0xfeff | 0xffa0  // variation selectors, byte order mark, filler
        | 0xfff0..=0xfffb                    // interlinear annotation
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe0000..=0xe0fff                  // tags, more selectors
    )
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl std::ops::Deref for Printable {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Printable {
    fn from(text: &str) -> Self {
        Self::clean(text)
    }
}

impl From<String> for Printable {
    fn from(text: String) -> Self {
        Self::clean(&text)
    }
}

impl Default for Printable {
    fn default() -> Self {
        Self("".into())
    }
}
