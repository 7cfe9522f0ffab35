//! What the operator does.

use std::io;
use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};
use tokio::net::unix::pipe;
use tokio::time::{Instant, timeout_at};

use super::Tty;
use super::keys::Parser;

/// One thing the operator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputEvent {
    /// Pressed a key.
    Key(KeyEvent),
    /// Used the mouse.
    Mouse(MouseEvent),
    /// Pasted a text, on a terminal that tells so.
    Paste(String),
}

/// All that came at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// In order.
    pub events: Vec<InputEvent>,
    /// Whether keys came together, as text does that was pasted on a terminal that does not tell; such keys may move, but never
    /// open or answer a prompt. Keys beside a paste count as such: a pasted text may hold the mark of its own end.
    pub burst: bool,
}

impl Batch {
    fn of(events: Vec<InputEvent>) -> Self {
        let keys = events
            .iter()
            .filter(|event| matches!(event, InputEvent::Key(_)))
            .count();
        let pasted = events.iter().any(|event| matches!(event, InputEvent::Paste(_)));
        Self {
            burst: keys > 1 || pasted,
            events,
        }
    }
}

impl Batch {
    /// The batch, told that it came now and when the last burst did.
    fn after(mut self, burst: &mut Option<Instant>, now: Instant) -> Self {
        if self.burst {
            *burst = Some(now);
        }
        // A key alone does not stretch it: keys in a quick row are keys.
        self.burst |= burst.is_some_and(|last| now.duration_since(last) < GOES_ON);
        self
    }
}

/// Reads at most so much before what came is handled.
const GULP: usize = 64 * 1024;

/// A key within this time after a burst belongs to it: a pasted text comes in several reads, the last of which may hold one
/// key alone.
const GOES_ON: Duration = Duration::from_millis(4);

/// The keyboard, the mouse and the clipboard.
#[derive(Debug)]
pub struct Input {
    tty: pipe::Receiver,
    parser: Parser,
    /// When the last burst came.
    burst: Option<Instant>,
    /// When what is unfinished is to be taken as it stands.
    expires: Option<Instant>,
}

impl Input {
    /// Listens to the terminal. Must be called within a tokio runtime.
    pub fn new(tty: &Tty) -> io::Result<Self> {
        Ok(Self {
            tty: tty.reader()?,
            parser: Parser::default(),
            burst: None,
            expires: None,
        })
    }

    /// Waits for the next batch. An error means that the terminal is gone. Nothing is lost when the wait is dropped.
    pub async fn next(&mut self) -> io::Result<Batch> {
        loop {
            let mut events = Vec::new();
            // A deadline far enough away stands for none.
            let expires = self
                .expires
                .unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
            match timeout_at(expires, self.tty.readable()).await {
                Err(_) => {
                    self.parser.expire(&mut events);
                    self.expires = None;
                }
                Ok(ready) => {
                    ready?;
                    let tty = &self.tty;
                    drain(
                        |buffer| tty.try_read(buffer),
                        &mut self.parser,
                        &mut self.expires,
                        &mut events,
                    )?;
                }
            }
            if !events.is_empty() {
                return Ok(Batch::of(events).after(&mut self.burst, Instant::now()));
            }
        }
    }

    /// What has come by now, without waiting: asked between two portions of a flood of facts, when the reactor
    /// has no turn to say that there is something.
    pub fn now(&mut self) -> io::Result<Option<Batch>> {
        let mut events = Vec::new();
        let tty = &self.tty;
        let read = |buffer: &mut [u8]| Ok(rustix::io::read(tty, buffer)?);
        drain(read, &mut self.parser, &mut self.expires, &mut events)?;
        Ok((!events.is_empty()).then(|| Batch::of(events).after(&mut self.burst, Instant::now())))
    }
}

/// Reads all there is.
fn drain(
    mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    parser: &mut Parser,
    expires: &mut Option<Instant>,
    events: &mut Vec<InputEvent>,
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut total = 0;
    while total < GULP {
        match read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => {
                parser.feed(&buffer[..length], events);
                total += length;
                *expires = parser
                    .patience_ms()
                    .map(|ms| Instant::now() + Duration::from_millis(ms));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(bytes: &[u8]) -> Batch {
        let mut events = Vec::new();
        Parser::default().feed(bytes, &mut events);
        Batch::of(events)
    }

    #[test]
    fn a_key_right_behind_a_burst_belongs_to_it() {
        let (start, mut burst) = (Instant::now(), None);
        let mut at = |ms, bytes| {
            batch(bytes)
                .after(&mut burst, start + Duration::from_millis(ms))
                .burst
        };
        assert!(!at(0, b"j"));
        assert!(!at(1, b"j"), "keys apart are keys");
        assert!(at(2, b"ry"));
        assert!(at(5, b"y"));
        assert!(!at(7, b"y"), "a key alone does not stretch it");
    }

    #[test]
    fn keys_that_come_together_are_a_burst() {
        assert!(!batch(b"r").burst);
        assert!(!batch(b"\x1b[B").burst, "one key of three bytes is one key");
        assert!(batch(b"ry").burst);
        assert!(batch(b"\x1b[200~x\x1b[201~y").burst, "a key beside a paste");
        assert!(!batch(b"\x1b[<65;3;4M\x1b[<65;3;4M").burst, "the wheel is no key");
    }
}
