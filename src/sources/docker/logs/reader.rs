//! The two framings of a log, read piece by piece.
//!
//! Without a TTY the engine sends frames: `[stream, 0, 0, 0, length (4 bytes, big endian)]` and so many bytes,
//! one entry each. With a TTY it sends the entries' bytes, one after another.

use super::lines::{Assembler, Emitter, Origin};
use crate::fleet::model::{ErrorKind, LogChunk, LogFrom, SourceError};
use crate::fleet::text::Printable;

/// Bytes of the engine's own words within a stream that are kept.
const WORDS: usize = 500;

/// Reads a log's bytes in pieces of any size.
pub(super) struct Reader {
    framing: Framing,
    out: Emitter,
}

enum Framing {
    Frames(Frames),
    Terminal(Assembler),
}

impl Reader {
    pub(super) fn new(tty: bool, from: LogFrom) -> Self {
        Self {
            framing: if tty {
                Framing::Terminal(Assembler::new(Origin::Terminal))
            } else {
                Framing::Frames(Frames::new())
            },
            out: Emitter::new(from),
        }
    }

    /// Takes bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), SourceError> {
        match &mut self.framing {
            Framing::Frames(frames) => {
                while !bytes.is_empty() {
                    bytes = frames.push(bytes, &mut self.out)?;
                }
            }
            Framing::Terminal(terminal) => terminal.push(bytes, &mut self.out),
        }
        Ok(())
    }

    /// The log ended: lines without an end are lines too.
    pub(super) fn finish(&mut self) {
        match &mut self.framing {
            Framing::Frames(frames) => {
                frames.stdout.end(&mut self.out);
                frames.stderr.end(&mut self.out);
            }
            Framing::Terminal(terminal) => terminal.end(&mut self.out),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.out.is_full()
    }

    /// Whether [`Self::take`] has something to give.
    pub(super) fn has_lines(&self) -> bool {
        self.out.has_lines()
    }

    /// The lines that are ready.
    pub(super) fn take(&mut self) -> Option<LogChunk> {
        self.out.take()
    }
}

/// Where a frame's bytes go.
#[derive(Clone, Copy, PartialEq)]
enum To {
    Stdout,
    Stderr,
    /// The engine's own words: the log cannot be read on.
    Engine,
}

struct Frames {
    head: [u8; 8],
    /// Bytes of the head that are there.
    have: usize,
    /// Bytes of the frame that are missing.
    left: usize,
    to: To,
    stdout: Assembler,
    stderr: Assembler,
    words: Vec<u8>,
}

impl Frames {
    fn new() -> Self {
        Self {
            head: [0; 8],
            have: 0,
            left: 0,
            to: To::Stdout,
            stdout: Assembler::new(Origin::Stdout),
            stderr: Assembler::new(Origin::Stderr),
            words: Vec::new(),
        }
    }

    /// Takes the head's next byte or as much of the frame as is there.
    fn push<'a>(&mut self, bytes: &'a [u8], out: &mut Emitter) -> Result<&'a [u8], SourceError> {
        if self.left == 0 {
            let (take, rest) = bytes.split_at(bytes.len().min(8 - self.have));
            self.head[self.have..self.have + take.len()].copy_from_slice(take);
            self.have += take.len();
            if self.have == 8 {
                self.open()?;
            }
            return Ok(rest);
        }
        let (take, rest) = bytes.split_at(bytes.len().min(self.left));
        self.left -= take.len();
        match self.to {
            To::Stdout => self.stdout.push(take, out),
            To::Stderr => self.stderr.push(take, out),
            To::Engine => {
                let room = WORDS.saturating_sub(self.words.len()).min(take.len());
                self.words.extend_from_slice(&take[..room]);
                if self.left == 0 {
                    let said = String::from_utf8_lossy(&self.words);
                    return Err(SourceError::new(
                        ErrorKind::Engine,
                        Printable::clean(said.trim()).to_string(),
                    ));
                }
            }
        }
        Ok(rest)
    }

    fn open(&mut self) -> Result<(), SourceError> {
        let [stream, 0, 0, 0, length @ ..] = self.head else {
            return Err(unframed());
        };
        self.have = 0;
        self.left = u32::from_be_bytes(length) as usize;
        self.to = match stream {
            0 | 1 => To::Stdout,
            2 => To::Stderr,
            3 => To::Engine,
            _ => return Err(unframed()),
        };
        if self.left > 0 {
            match self.to {
                To::Stdout => self.stdout.begin(),
                To::Stderr => self.stderr.begin(),
                To::Engine => self.words.clear(),
            }
        }
        Ok(())
    }
}

fn unframed() -> SourceError {
    SourceError::new(
        ErrorKind::Protocol,
        "the log is not framed as its container's configuration says",
    )
}

#[cfg(test)]
mod tests;
