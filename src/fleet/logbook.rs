//! The lines of one log, kept under a lid of bytes.

pub mod search;

use std::collections::VecDeque;
use std::ops::Range;

use super::model::{LogChunk, LogCursor};

/// Bytes of lines and of what is known of them that one log may keep.
pub const LID: usize = 16 << 20;
/// A segment is full at this many bytes.
const SEGMENT: usize = 256 << 10;
/// Bytes kept of a line beside its text: stamp, end and flag.
const PER_LINE: usize = size_of::<i64>() + size_of::<u32>();
/// Marks a line of standard error in `Segment::ends`.
const STDERR: u32 = 1 << 31;
/// A line as it was read: raw, nothing cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The engine's stamp in Unix nanoseconds; 0 where it gave none.
    pub at_ns: i64,
    /// Its bytes, without the line's end.
    pub bytes: &'a [u8],
    /// Bytes over the lid of one line, gone.
    pub lost: u32,
    /// Whether it came on standard error.
    pub stderr: bool,
}

/// Lines in a row; never changed once full, and dropped whole.
#[derive(Debug, Default)]
struct Segment {
    /// The number of its first line.
    first: u64,
    bytes: Vec<u8>,
    at_ns: Vec<i64>,
    /// Where each line ends in `bytes`, with [`STDERR`].
    ends: Vec<u32>,
    /// (index, bytes) of the few lines that were over the lid of one line.
    lost: Vec<(u32, u32)>,
}

impl Segment {
    fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * PER_LINE + self.lost.len() * size_of::<(u32, u32)>()
    }

    fn line(&self, number: u64) -> Option<Line<'_>> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let end = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] & !STDERR);
        let lost = self
            .lost
            .binary_search_by_key(&(index as u32), |(index, _)| *index);
        Some(Line {
            at_ns: self.at_ns[index],
            bytes: &self.bytes[start as usize..(end & !STDERR) as usize],
            lost: lost.map_or(0, |found| self.lost[found].1),
            stderr: end & STDERR != 0,
        })
    }
}

/// A log's lines, numbered from 0 as they came; a number stays a line's own when older ones are dropped.
#[derive(Debug)]
pub struct Logbook {
    full: VecDeque<Segment>,
    open: Segment,
    size: usize,
    lid: usize,
    cursor: LogCursor,
}

impl Default for Logbook {
    fn default() -> Self {
        Self::new(LID)
    }
}

impl Logbook {
    /// An empty one that keeps at most `lid` bytes, and always its newest segment.
    pub fn new(lid: usize) -> Self {
        Self {
            full: VecDeque::new(),
            open: Segment::default(),
            size: 0,
            lid,
            cursor: LogCursor::default(),
        }
    }

    /// Takes lines in; the oldest segments go when the lid is reached.
    pub fn push(&mut self, chunk: &LogChunk) {
        for meta in &chunk.lines {
            let start = meta.start as usize;
            let bytes = chunk
                .bytes
                .get(start..start + meta.len as usize)
                .unwrap_or_default();
            let before = self.open.size();
            if meta.lost > 0 {
                self.open.lost.push((self.open.ends.len() as u32, meta.lost));
            }
            self.open.bytes.extend_from_slice(bytes);
            self.open.at_ns.push(meta.at_ns);
            self.open
                .ends
                .push(self.open.bytes.len() as u32 | if meta.stderr { STDERR } else { 0 });
            let size = self.open.size();
            self.size += size - before;
            self.cursor.advance(meta.at_ns);
            if size >= SEGMENT {
                self.seal();
            }
        }
    }

    fn seal(&mut self) {
        let next = Segment {
            first: self.end(),
            ..Segment::default()
        };
        let mut full = std::mem::replace(&mut self.open, next);
        full.bytes.shrink_to_fit();
        full.at_ns.shrink_to_fit();
        full.ends.shrink_to_fit();
        self.full.push_back(full);
        while self.size > self.lid
            && self.full.len() > 1
            && let Some(oldest) = self.full.pop_front()
        {
            self.size -= oldest.size();
        }
    }

    /// Where reading goes on without a gap or a double; `None` before the first stamped line.
    pub fn cursor(&self) -> Option<LogCursor> {
        self.cursor.known()
    }

    /// The number of the oldest line still here; so many were dropped.
    pub fn first(&self) -> u64 {
        self.full.front().unwrap_or(&self.open).first
    }

    /// The number the next line will have; so many ever came.
    pub fn end(&self) -> u64 {
        self.open.first + self.open.ends.len() as u64
    }

    /// The numbers of the lines that are here.
    pub fn range(&self) -> Range<u64> {
        self.first()..self.end()
    }

    /// Bytes kept.
    pub fn size(&self) -> usize {
        self.size
    }

    /// A line by its number, where it is still here.
    pub fn line(&self, number: u64) -> Option<Line<'_>> {
        if number >= self.open.first {
            return self.open.line(number);
        }
        let after = self.full.partition_point(|segment| segment.first <= number);
        self.full.get(after.checked_sub(1)?)?.line(number)
    }
}

#[cfg(test)]
pub(in crate::fleet) mod tests {
    use super::*;
    use crate::fleet::model::LineMeta;
    use proptest::prelude::*;

    /// A chunk of lines, each with its stamp.
    pub(in crate::fleet) fn chunk<'a>(lines: impl IntoIterator<Item = (i64, &'a str)>) -> LogChunk {
        let mut chunk = LogChunk::default();
        for (at_ns, text) in lines {
            chunk.lines.push(LineMeta {
                at_ns,
                start: chunk.bytes.len() as u32,
                len: text.len() as u32,
                lost: 0,
                stderr: text.starts_with("err"),
            });
            chunk.bytes.extend_from_slice(text.as_bytes());
        }
        chunk
    }

    fn stamp(number: usize) -> i64 {
        i64::try_from(number).expect("a small number")
    }

    #[test]
    fn the_cursor_counts_equal_stamps_and_bears_interleaving() {
        let mut book = Logbook::default();
        assert_eq!(book.cursor(), None);
        book.push(&chunk([(0, "no stamp")]));
        assert_eq!(book.cursor(), None);
        book.push(&chunk([(5, "a"), (7, "b"), (7, "c")]));
        book.push(&chunk([(6, "err late"), (7, "d")]));
        assert_eq!(book.cursor(), Some(LogCursor { at_ns: 7, same: 3 }));
        book.push(&chunk([(9, "e")]));
        assert_eq!(book.cursor(), Some(LogCursor { at_ns: 9, same: 1 }));
        let mut book = Logbook::default();
        book.push(&chunk([
            (i64::MIN, "of no calendar"),
            (5, "x"),
            (i64::MAX, "y"),
            (i64::MIN, "z"),
        ]));
        assert_eq!(book.cursor().map(|cursor| cursor.at_ns), Some(i64::MIN));
        let mut book = Logbook::default();
        book.push(&chunk([
            (9_000_000_000, "before"),
            (1_000_000_000, "clock set back"),
        ]));
        assert_eq!(
            book.cursor(),
            Some(LogCursor {
                at_ns: 1_000_000_000,
                same: 1
            })
        );
    }

    #[test]
    fn a_chunk_that_lies_about_its_bytes_does_no_harm() {
        let mut lie = chunk([(1, "abc")]);
        lie.lines[0].len = 99;
        let mut book = Logbook::default();
        book.push(&lie);
        assert_eq!(book.line(0).map(|line| line.bytes), Some(&b""[..]));
    }

    proptest! {
        #[test]
        fn every_line_kept_is_the_line_that_came(
            chunks in proptest::collection::vec(proptest::collection::vec(0_usize..40_000, 0..12), 0..40),
            lid in 300_000_usize..1_000_000,
        ) {
            let mut book = Logbook::new(lid);
            let mut all: Vec<String> = Vec::new();
            for lengths in chunks {
                let start = all.len();
                all.extend(lengths.iter().enumerate().map(|(i, len)| {
                    let head = if i % 3 == 0 { "err" } else { "out" };
                    format!("{head} {} {}", start + i, "x".repeat(*len))
                }));
                book.push(&chunk(all[start..].iter().enumerate().map(|(i, text)| (stamp(start + i), text.as_str()))));
                prop_assert!(book.size() <= lid + SEGMENT + 40_100);
                prop_assert_eq!(book.end(), all.len() as u64);
            }
            for number in 0..all.len() as u64 {
                let line = book.line(number);
                prop_assert_eq!(line.is_some(), number >= book.first());
                if let Some(line) = line {
                    let came = &all[number as usize];
                    prop_assert_eq!(line.bytes, came.as_bytes());
                    prop_assert_eq!((line.at_ns, line.stderr), (stamp(number as usize), came.starts_with("err")));
                }
            }
            prop_assert_eq!(book.line(book.end()), None);
        }
    }
}
