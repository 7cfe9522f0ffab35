//! What containers said, and `GET /containers/{id}/logs`.
//!
//! A log is a row of segments; a segment is one message as the engine's copier would cut it (a line, or at
//! most 16 KiB of one), or a flood: a number of lines that are written out only when they are read.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use hyper::Response;
use jiff::Timestamp;
use tokio::sync::watch;

use super::clock;
use super::refusal::Refusal;
use super::state::Shared;
use super::wire::{self, Body, Query};

/// Where a message was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Messages kept of one container; the oldest go first.
const KEPT: usize = 20_000;
/// The engine's copier cuts lines at this length.
const MESSAGE: usize = 16 * 1024;
/// What is gathered before it is handed to the connection.
const CHUNK: usize = 32 * 1024;

#[derive(Clone, Debug)]
enum Segment {
    Message {
        at: Timestamp,
        stream: Stream,
        bytes: Bytes,
    },
    Flood {
        at: Timestamp,
        lines: u64,
    },
}

/// The log of one container.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    segments: VecDeque<Segment>,
    /// How many segments were dropped, so that a place stays valid.
    dropped: u64,
}

/// A place in a log: a segment, counted from the first ever, and a line in it.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    segment: u64,
    line: u64,
}

impl Segment {
    fn len(&self) -> u64 {
        match self {
            Self::Message { .. } => 1,
            Self::Flood { lines, .. } => *lines,
        }
    }

    fn line(&self, line: u64) -> (Timestamp, Stream, Bytes) {
        match self {
            Self::Message { at, stream, bytes } => (*at, *stream, bytes.clone()),
            Self::Flood { at, .. } => {
                let text =
                    format!("{line:>10} flood: the quick brown fox jumps over the lazy dog 0123456789\n");
                (
                    clock::after(*at, std::time::Duration::from_nanos(line)),
                    Stream::Stdout,
                    Bytes::from(text),
                )
            }
        }
    }
}

impl Log {
    /// Adds what was written: cut at line ends and at 16 KiB; a last part without an end stays without.
    pub(super) fn write(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            for part in line.chunks(MESSAGE) {
                self.push(Segment::Message {
                    at,
                    stream,
                    bytes: Bytes::copy_from_slice(part),
                });
            }
        }
    }

    pub(super) fn flood(&mut self, at: Timestamp, lines: u64) {
        self.push(Segment::Flood { at, lines });
    }

    fn push(&mut self, segment: Segment) {
        if self.segments.len() == KEPT {
            self.segments.pop_front();
            self.dropped += 1;
        }
        self.segments.push_back(segment);
    }

    fn end(&self) -> Place {
        Place {
            segment: self.dropped + self.segments.len() as u64,
            line: 0,
        }
    }

    /// The place from which `wanted` lines are left.
    fn tail(&self, wanted: u64) -> Place {
        let mut left = wanted;
        for (index, segment) in self.segments.iter().enumerate().rev() {
            if segment.len() >= left {
                return Place {
                    segment: self.dropped + index as u64,
                    line: segment.len() - left,
                };
            }
            left -= segment.len();
        }
        Place {
            segment: self.dropped,
            line: 0,
        }
    }

    fn get(&self, place: &mut Place) -> Option<(Timestamp, Stream, Bytes)> {
        if place.segment < self.dropped {
            *place = Place {
                segment: self.dropped,
                line: 0,
            };
        }
        loop {
            let segment = self
                .segments
                .get(usize::try_from(place.segment - self.dropped).ok()?)?;
            if place.line < segment.len() {
                let line = segment.line(place.line);
                place.line += 1;
                return Some(line);
            }
            *place = Place {
                segment: place.segment + 1,
                line: 0,
            };
        }
    }
}

/// What of a message a reader wants.
#[derive(Clone, Copy)]
struct Want {
    stdout: bool,
    stderr: bool,
    timestamps: bool,
}

/// One reader of one log.
struct Reader {
    shared: Arc<Shared>,
    changed: watch::Receiver<u64>,
    id: String,
    run: u64,
    place: Place,
    follow: bool,
    tty: bool,
    want: Want,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

enum Step {
    Data(Bytes),
    Wait,
    End,
}

impl Reader {
    /// What can be read now, at most about one chunk.
    fn step(&mut self) -> Step {
        let shared = Arc::clone(&self.shared);
        shared.read(|state| {
            let Some(container) = state.by_id(&self.id) else {
                return Step::End;
            };
            let mut out = BytesMut::new();
            while out.len() < CHUNK {
                let Some((at, stream, bytes)) = container.log.get(&mut self.place) else {
                    let over = !self.follow || !container.is_running() || container.run != self.run;
                    return match (out.is_empty(), over) {
                        (false, _) => Step::Data(out.freeze()),
                        (true, true) => Step::End,
                        (true, false) => Step::Wait,
                    };
                };
                if self.until.is_some_and(|until| at > until) {
                    self.follow = false;
                    self.place = container.log.end();
                } else if self.since.is_none_or(|since| at >= since) && self.wants(stream) {
                    self.put(&mut out, at, stream, &bytes);
                }
            }
            Step::Data(out.freeze())
        })
    }

    fn wants(&self, stream: Stream) -> bool {
        match stream {
            // A terminal has one stream.
            _ if self.tty => self.want.stdout,
            Stream::Stdout => self.want.stdout,
            Stream::Stderr => self.want.stderr,
        }
    }

    fn put(&self, out: &mut BytesMut, at: Timestamp, stream: Stream, bytes: &[u8]) {
        let stamp = if self.want.timestamps {
            format!("{at:.9} ")
        } else {
            String::new()
        };
        if !self.tty {
            out.put_u8(if stream == Stream::Stdout { 1 } else { 2 });
            out.put_bytes(0, 3);
            out.put_u32(u32::try_from(stamp.len() + bytes.len()).unwrap_or(u32::MAX));
        }
        out.extend_from_slice(stamp.as_bytes());
        out.extend_from_slice(bytes);
    }

    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            self.shared.thawed().await;
            self.changed.borrow_and_update();
            match self.step() {
                Step::Data(bytes) => return Some((bytes, self)),
                Step::End => return None,
                Step::Wait => self.changed.changed().await.ok()?,
            }
        }
    }
}

/// `GET /containers/{id}/logs`; `api` decides whether the content type tells the framing.
pub(super) fn answer(
    shared: &Arc<Shared>,
    name: &str,
    query: &Query,
    api: wire::Version,
) -> Result<Response<Body>, Refusal> {
    let (stdout, stderr) = (query.flag("stdout"), query.flag("stderr"));
    if !stdout && !stderr {
        return Refusal::new(400, "Bad parameters: you must choose at least one stream");
    }
    let (since, until) = (query.time("since", api)?, query.time("until", api)?);
    let changed = shared.subscribe();
    let reader = shared.read(|state| {
        let container = state.container(name)?;
        // The engine takes whatever is no number for "all".
        let place = match query.get("tail").and_then(|tail| tail.parse().ok()) {
            Some(0) => container.log.end(),
            Some(lines) => container.log.tail(lines),
            None => Place::default(),
        };
        Ok(Reader {
            shared: Arc::clone(shared),
            changed,
            id: container.id.clone(),
            run: container.run,
            place,
            follow: query.flag("follow"),
            tty: container.spec.tty,
            want: Want {
                stdout,
                stderr,
                timestamps: query.flag("timestamps"),
            },
            since,
            until,
        })
    })?;
    let kind = match (api >= (1, 42), reader.tty) {
        (true, false) => Some("application/vnd.docker.multiplexed-stream"),
        (true, true) => Some("application/vnd.docker.raw-stream"),
        (false, _) => None,
    };
    Ok(wire::stream(
        kind,
        futures_util::stream::unfold(reader, Reader::next),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_as_the_engine_cuts_them() {
        let mut log = Log::default();
        log.write(Timestamp::UNIX_EPOCH, Stream::Stdout, b"one\ntwo\nno end");
        log.write(Timestamp::UNIX_EPOCH, Stream::Stdout, &vec![b'x'; MESSAGE + 5]);
        let mut place = Place::default();
        let lengths: Vec<usize> = std::iter::from_fn(|| log.get(&mut place))
            .map(|(.., b)| b.len())
            .collect();
        assert_eq!(lengths, [4, 4, 6, MESSAGE, 5]);
    }

    #[test]
    fn a_tail_reaches_into_a_flood() {
        let mut log = Log::default();
        log.flood(Timestamp::UNIX_EPOCH, 1_000_000);
        log.write(Timestamp::UNIX_EPOCH, Stream::Stdout, b"last\n");
        let mut place = log.tail(3);
        let (.., first) = log.get(&mut place).expect("two of the flood are left");
        assert!(first.starts_with(b"    999998 flood"), "{first:?}");
        assert!(
            log.get(&mut place).is_some() && log.get(&mut place).is_some() && log.get(&mut place).is_none()
        );
    }

    #[test]
    fn a_place_before_what_was_dropped_moves_to_the_first_kept() {
        let mut log = Log::default();
        for n in 0..KEPT + 10 {
            log.write(Timestamp::UNIX_EPOCH, Stream::Stdout, format!("{n}\n").as_bytes());
        }
        let (.., line) = log.get(&mut Place::default()).expect("a line");
        assert_eq!(&line[..], b"10\n");
    }
}
