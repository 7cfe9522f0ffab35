//! Entries of a log, put together to lines.
//!
//! The engine writes `STAMP SPACE content` for every entry. A line of more than 16 KiB comes in several entries
//! with one stamp, and only the last has the line's end. The engine tells an entry only when it is whole, so a
//! line is never held here but between such pieces: it is told when its end comes, when another entry begins,
//! or when the log ends, and never because the stream went quiet in its middle.
//!
//! A terminal's entries are not framed. Where the next piece of a line begins is told by counting: 16 KiB after
//! its stamp, the very same stamp stands again.

use crate::fleet::model::{LineMeta, LogChunk, LogCursor, LogFrom};
use crate::sources::docker::stamp;

/// Bytes of a line that are kept.
const LINE: usize = 64 * 1024;
/// Bytes of a chunk, more or less: it is full with the line that reaches this.
const CHUNK: usize = 64 * 1024;
/// The longest stamp: nine digits of a second, and an offset.
const STAMP: usize = 40;
/// Content bytes of an entry at most: the engine cuts longer lines there.
pub(super) const PIECE: usize = 16 * 1024;

/// Where a stream of a log comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Stdout,
    Stderr,
    /// A TTY: entries follow one another unframed, and lines end with `\r\n`.
    Terminal,
}

/// What the next byte belongs to.
enum Part {
    Stamp,
    Content,
    /// So many bytes were like the line's own stamp, where one stands again if the line goes on.
    Again(usize),
}

/// One stream of a log, between two line ends.
pub(super) struct Assembler {
    origin: Origin,
    part: Part,
    /// The stamp as it was written; empty where there was none.
    stamp: Vec<u8>,
    at_ns: i64,
    /// The line so far.
    line: Vec<u8>,
    lost: u32,
    /// Whether there is a line at all, be it empty.
    open: bool,
    /// Whether it came in several pieces.
    pieced: bool,
    /// Content bytes since the stamp; a terminal's next piece is found by them.
    since: usize,
}

impl Assembler {
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            origin,
            part: Part::Stamp,
            stamp: Vec::new(),
            at_ns: 0,
            line: Vec::new(),
            lost: 0,
            open: false,
            pieced: false,
            since: 0,
        }
    }

    /// An entry begins: its stamp comes first.
    pub(super) fn begin(&mut self) {
        self.part = Part::Stamp;
        self.stamp.clear();
    }

    /// Takes bytes of entries; of one only, unless it is a terminal's.
    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Emitter) {
        while let Some(&byte) = bytes.first() {
            bytes = match self.part {
                Part::Stamp => self.in_stamp(byte, bytes, out),
                Part::Content => self.in_content(bytes, out),
                Part::Again(same) => self.in_stamp_again(same, byte, bytes),
            };
        }
    }

    fn in_stamp<'a>(&mut self, byte: u8, bytes: &'a [u8], out: &mut Emitter) -> &'a [u8] {
        if byte == b' '
            && let Some(at_ns) = stamp::parse_ns(&self.stamp)
        {
            self.stamped(at_ns, out);
            return &bytes[1..];
        }
        if matches!(byte, b' ' | b'\n') || self.stamp.len() == STAMP {
            self.unstamped(out);
            return bytes;
        }
        self.stamp.push(byte);
        &bytes[1..]
    }

    fn stamped(&mut self, at_ns: i64, out: &mut Emitter) {
        self.part = Part::Content;
        self.since = 0;
        if self.open && at_ns == self.at_ns {
            self.pieced = true;
            return;
        }
        // A line that was left without its end.
        self.finish(out);
        self.at_ns = at_ns;
        self.open = true;
    }

    /// What stands where a stamp should is none: it belongs to the line.
    fn unstamped(&mut self, out: &mut Emitter) {
        let text = std::mem::take(&mut self.stamp);
        self.stamped(0, out);
        self.keep(&text);
    }

    fn in_content<'a>(&mut self, bytes: &'a [u8], out: &mut Emitter) -> &'a [u8] {
        let counts = self.origin == Origin::Terminal && !self.stamp.is_empty();
        let room = if counts {
            bytes.len().min(PIECE - self.since)
        } else {
            bytes.len()
        };
        if let Some(end) = memchr::memchr(b'\n', &bytes[..room]) {
            self.keep(&bytes[..end]);
            self.open = true;
            self.finish(out);
            if self.origin == Origin::Terminal {
                self.begin();
            }
            return &bytes[end + 1..];
        }
        self.keep(&bytes[..room]);
        self.since += room;
        if counts && self.since == PIECE {
            self.part = Part::Again(0);
        }
        &bytes[room..]
    }

    fn in_stamp_again<'a>(&mut self, same: usize, byte: u8, bytes: &'a [u8]) -> &'a [u8] {
        if byte != self.stamp.get(same).copied().unwrap_or(b' ') {
            self.not_again(same);
            return bytes;
        }
        self.part = Part::Again(same + 1);
        if same == self.stamp.len() {
            self.part = Part::Content;
            self.pieced = true;
            self.since = 0;
        }
        &bytes[1..]
    }

    /// It was content after all, and the rest of the line is too.
    fn not_again(&mut self, same: usize) {
        let stamp = std::mem::take(&mut self.stamp);
        self.keep(&stamp[..same]);
        self.part = Part::Content;
    }

    fn keep(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.open = true;
        let room = LINE.saturating_sub(self.line.len()).min(bytes.len());
        self.line.extend_from_slice(&bytes[..room]);
        self.lost = self.lost.saturating_add((bytes.len() - room) as u32);
    }

    /// Tells the line, if there is one.
    fn finish(&mut self, out: &mut Emitter) {
        if self.origin == Origin::Terminal && self.lost == 0 && self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        if self.open {
            let stderr = self.origin == Origin::Stderr;
            out.line(&self.line, self.at_ns, self.lost, stderr, self.pieced);
        }
        self.line.clear();
        self.lost = 0;
        self.open = false;
        self.pieced = false;
    }

    /// The log ended: what there is of a line is a line.
    pub(super) fn end(&mut self, out: &mut Emitter) {
        match self.part {
            Part::Stamp if !self.stamp.is_empty() => self.unstamped(out),
            Part::Again(same) => self.not_again(same),
            _ => {}
        }
        self.finish(out);
    }
}

/// Gathers lines to chunks, and leaves out what was read before.
#[derive(Default)]
pub(super) struct Emitter {
    chunk: LogChunk,
    /// Lines still to be left out, where reading goes on after them.
    known: LogCursor,
    last_ns: i64,
}

impl Emitter {
    pub(super) fn new(from: LogFrom) -> Self {
        let known = match from {
            LogFrom::After(cursor) => cursor,
            _ => LogCursor::default(),
        };
        Self {
            known,
            ..Self::default()
        }
    }

    fn line(&mut self, bytes: &[u8], at_ns: i64, lost: u32, stderr: bool, pieced: bool) {
        if self.known.same > 0 && at_ns == self.known.at_ns {
            self.known.same -= 1;
            return;
        }
        // Between its pieces, lines of the other stream with later stamps may have been told. It takes the last
        // one's stamp: whoever reads on after it must not get those again.
        let at_ns = if pieced { at_ns.max(self.last_ns) } else { at_ns };
        self.last_ns = at_ns;
        self.chunk.lines.push(LineMeta {
            at_ns,
            start: self.chunk.bytes.len() as u32,
            len: bytes.len() as u32,
            lost,
            stderr,
        });
        self.chunk.bytes.extend_from_slice(bytes);
    }

    pub(super) fn is_full(&self) -> bool {
        self.chunk.bytes.len() >= CHUNK || self.chunk.lines.len() >= 4096
    }

    pub(super) fn has_lines(&self) -> bool {
        !self.chunk.lines.is_empty()
    }

    pub(super) fn take(&mut self) -> Option<LogChunk> {
        (!self.chunk.lines.is_empty()).then(|| std::mem::take(&mut self.chunk))
    }
}
