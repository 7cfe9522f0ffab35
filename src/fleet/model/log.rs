//! Pieces of a container's log, on their way from the engine to the log room.

/// Where one line lies in its chunk, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineMeta {
    /// The engine's stamp, in nanoseconds since the Unix epoch; 0 where it gave none.
    pub at_ns: i64,
    /// First byte of the line in the chunk's bytes.
    pub start: u32,
    /// Bytes kept, without the line's end.
    pub len: u32,
    /// Bytes that were over the lid of one line and are gone.
    pub lost: u32,
    /// Whether it came on standard error. Always false for a TTY, which has one stream.
    pub stderr: bool,
}

/// Some whole lines of one log, in order, stamps cut off. Raw bytes: nothing is cleaned yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogChunk {
    /// The lines' bytes, end to end.
    pub bytes: Vec<u8>,
    /// The lines.
    pub lines: Vec<LineMeta>,
}

/// The last line that was read: where reading goes on without a gap or a double.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogCursor {
    /// Its stamp in nanoseconds.
    pub at_ns: i64,
    /// How many lines with this very stamp were read.
    pub same: u32,
}

/// A stamp this far behind the newest says that the engine's clock was set back; less is only two streams being interleaved.
const SET_BACK_NS: i64 = 1_000_000_000;

impl LogCursor {
    /// A line with this stamp was read. It counts the newest stamp, not the last line's: standard output and error may be
    /// interleaved a little out of order, and what has an older stamp was already read.
    pub fn advance(&mut self, at_ns: i64) {
        if at_ns == self.at_ns {
            self.same = self.same.saturating_add(1);
        } else if at_ns > self.at_ns || (at_ns != 0 && at_ns < self.at_ns.saturating_sub(SET_BACK_NS)) {
            *self = Self { at_ns, same: 1 };
        }
    }

    /// Itself, unless nothing with a stamp was read yet.
    pub fn known(self) -> Option<Self> {
        (self.at_ns != 0).then_some(self)
    }
}

/// From where a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFrom {
    /// The last so many lines.
    Tail(u32),
    /// Everything from this Unix time in nanoseconds on.
    Since(i64),
    /// Everything that follows this line.
    After(LogCursor),
    /// Everything there is.
    Start,
}
