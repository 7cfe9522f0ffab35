//! Text from outside, made safe: the only text the interface accepts from there.
//!
//! [`Printable`] is for names and messages; [`mod@line`] for log lines, whose colours become style.

pub mod line;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Code points a grapheme cluster may have; the rest of a longer one is cut and `…` stands for it.
pub const CLUSTER: usize = 8;

/// Characters of a name that are kept; no real one, image names with a digest included, is that long.
const NAME: usize = 512;

/// Text that cannot move a cursor, change its direction or hide: no control, bidi, zero-width or tag
/// character is left in it; each is shown as its escape (`\x1b`, `\u{202e}`). Clusters are held to [`CLUSTER`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Printable(Arc<str>);

impl Printable {
    /// Cleans a text.
    pub fn clean(text: &str) -> Self {
        if is_plain(text.as_bytes()) {
            return Self(text.into());
        }
        let mut out = String::with_capacity(text.len() + 16);
        for c in text.chars() {
            push_visible(&mut out, c);
        }
        let mut held = String::with_capacity(out.len());
        for cluster in out.graphemes(true) {
            push_cluster(&mut held, cluster);
        }
        Self(held.into())
    }

    /// Cleans a name from outside, held to [`NAME`] characters: an engine may send megabytes, and names are kept, drawn and
    /// written down again and again.
    pub fn name(text: &str) -> Self {
        match text.char_indices().nth(NAME) {
            Some((end, _)) => Self::clean(&format!("{}…", &text[..end])),
            None => Self::clean(text),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Columns a clean text takes on screen.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// A clean text held to so many columns; where something is cut, its last column is `…`. A wide
/// character is never split.
pub fn clip(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return text.into();
    }
    if columns == 0 {
        return "".into();
    }
    let mut used = 0;
    let mut end = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += width(cluster);
        if used > columns - 1 {
            break;
        }
        end = at + cluster.len();
    }
    format!("{}…", &text[..end]).into()
}

/// Whether every byte is a printable ASCII character: nothing to clean, one column each.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    // No early exit within a block: so it becomes vector instructions.
    bytes.chunks(64).all(|block| {
        block
            .iter()
            .fold(true, |plain, byte| plain & (0x20..0x7f).contains(byte))
    })
}

/// Appends a character, or its escape where it is hostile.
fn push_visible(out: &mut String, c: char) {
    use fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = match c {
        '\t' => out.write_str("\\t"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        c if !is_hostile(c) => out.write_char(c),
        c if c.is_ascii() => write!(out, "\\x{:02x}", c as u32),
        c => write!(out, "\\u{{{:x}}}", c as u32),
    };
}

/// Appends a cluster of characters that are not hostile: as it is, or cut to [`CLUSTER`] code points, or, where it would take no
/// column of its own (a mark with nothing to stand on), as escapes.
fn push_cluster(out: &mut String, cluster: &str) {
    use fmt::Write as _;
    if width(cluster) == 0 {
        for c in cluster.chars().take(CLUSTER) {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    } else if let Some((cut, _)) = cluster.char_indices().nth(CLUSTER) {
        out.push_str(&cluster[..cut]);
        out.push('…');
    } else {
        out.push_str(cluster);
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
        | 0x13430..=0x1345f                  // hieroglyph joiners
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

#[cfg(test)]
pub(in crate::fleet) mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_cannot_act_hide_or_pile_up() {
        assert_eq!(Printable::clean("shop-api").as_str(), "shop-api");
        assert_eq!(Printable::clean("größe 日本").as_str(), "größe 日本");
        assert_eq!(Printable::clean("a\x1b[2Jb\r\n").as_str(), "a\\x1b[2Jb\\r\\n");
        assert_eq!(Printable::clean("x\u{202e}gpj").as_str(), "x\\u{202e}gpj");
        let zalgo = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(
            Printable::clean(&zalgo).as_str(),
            format!("a{}…b", "\u{301}".repeat(7))
        );
        assert_eq!(Printable::clean("\u{301}x").as_str(), "\\u{301}x");
    }

    #[test]
    fn a_name_has_an_end() {
        assert_eq!(Printable::name("shop-api"), Printable::clean("shop-api"));
        assert_eq!(Printable::name(&"é".repeat(NAME)).chars().count(), NAME);
        assert_eq!(Printable::name(&"é".repeat(1 << 20)).chars().count(), NAME + 1);
    }

    #[test]
    fn clipping_never_splits_a_wide_character() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("longer", 5), "long…");
        assert_eq!(clip("日本語", 6), "日本語");
        assert_eq!(clip("日本語", 5), "日本…");
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(clip("日本語", 1), "…");
        assert_eq!(clip("x", 0), "");
    }

    /// Whether a text holds what a cleaned one must.
    pub(in crate::fleet) fn is_clean(text: &str) -> bool {
        !text.chars().any(is_hostile)
            && text
                .graphemes(true)
                .all(|cluster| cluster.chars().count() <= CLUSTER && width(cluster) > 0)
    }

    proptest! {
        #[test]
        fn any_name_is_clean_and_cleaning_again_adds_no_hostile(text in "\\PC*|(\u{301}|\u{1100}|\u{ac00}|\u{200d}|\u{fe0f}|\u{1f1e6}|[\\x00-\u{a0}]|.){0,60}") {
            let clean = Printable::clean(&text);
            prop_assert!(is_clean(&clean), "{clean:?}");
            prop_assert_eq!(Printable::clean(&clean), clean);
        }

        #[test]
        fn clipped_text_fits(text in ".{0,30}", columns in 0_usize..40) {
            let clean = Printable::clean(&text);
            prop_assert!(width(&clip(&clean, columns)) <= columns);
        }
    }
}
