//! The screen: two buffers, and what differs between them in one write.

use std::io;

use crossterm::clipboard::CopyToClipboard;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::net::unix::pipe;

use super::Tty;
use super::pen::Pen;
use crate::ui::Looks;

/// A frame larger than this many bytes is shown by the terminal in one go, where it knows how.
const TORN_FROM: usize = 512;

/// What is drawn on. A frame is written at once; what the terminal does not take at once is kept, and no other frame is
/// drawn before it is gone: a stuck terminal, or a slow line, holds up the picture and nothing else.
#[derive(Debug)]
pub struct Screen<'a> {
    tty: &'a Tty,
    line: pipe::Sender,
    pen: Pen,
    shown: Buffer,
    next: Buffer,
    /// The terminal's content is not known.
    unknown: bool,
    /// Bytes to be written, of which so many are.
    out: Vec<u8>,
    sent: usize,
    written: u64,
}

impl<'a> Screen<'a> {
    /// A screen as large as the terminal, of which nothing is known yet. Must be called within a tokio runtime.
    pub fn new(tty: &'a Tty, looks: Looks) -> io::Result<Self> {
        let area = area(tty);
        Ok(Self {
            tty,
            line: tty.writer()?,
            pen: Pen::new(looks.colour, looks.unicode),
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            unknown: true,
            out: Vec::new(),
            sent: 0,
            written: 0,
        })
    }

    /// Its size.
    pub fn area(&self) -> Rect {
        self.next.area
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Whether part of the last frame still waits for the terminal; nothing is drawn until it went.
    pub fn behind(&self) -> bool {
        !self.out.is_empty()
    }

    /// Takes on the terminal's present size, and draws the next frame whole.
    pub fn resize(&mut self) {
        let area = area(self.tty);
        self.next.resize(area);
        self.invalidate();
    }

    /// Draws the next frame whole: the terminal was cleared, or someone else wrote on it.
    pub fn invalidate(&mut self) {
        self.unknown = true;
    }

    /// Draws a frame and writes what changed: not a byte when nothing did. An error means that the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        self.next.reset();
        render(&mut self.next);
        let start = self.out.len();
        if self.unknown {
            self.pen.clear(&mut self.out);
            self.shown = Buffer::empty(self.next.area);
            self.unknown = false;
        }
        self.pen.write(&mut self.out, &self.shown, &self.next);
        if self.out.len() - start > TORN_FROM {
            self.out.splice(start..start, *b"\x1b[?2026h");
            self.out.extend_from_slice(b"\x1b[?2026l");
        }
        std::mem::swap(&mut self.shown, &mut self.next);
        self.next.resize(self.shown.area);
        self.send(Self::write).map(|_| ())
    }

    /// Puts a text on the operator's clipboard, by way of the terminal (OSC 52).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        crossterm::queue!(self.out, CopyToClipboard::to_clipboard_from(text))?;
        self.send(Self::write).map(|_| ())
    }

    /// Waits until the terminal has taken all of the last frame.
    pub async fn caught_up(&mut self) -> io::Result<()> {
        loop {
            self.line.writable().await?;
            // Through the reactor, which is told so when there is no room after all.
            if self.send(|screen| screen.line.try_io(|| screen.write()))? {
                return Ok(());
            }
        }
    }

    /// Forgets what was not written yet: the terminal was given back meanwhile.
    pub fn forget(&mut self) {
        self.out.clear();
        self.sent = 0;
    }

    /// Writes what the terminal takes now; whether that was all.
    fn send(&mut self, write: impl Fn(&Self) -> io::Result<usize>) -> io::Result<bool> {
        while self.sent < self.out.len() {
            match write(self) {
                Ok(length) => {
                    self.sent += length;
                    self.written += length as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.forget();
        Ok(true)
    }

    fn write(&self) -> io::Result<usize> {
        Ok(rustix::io::write(&self.line, &self.out[self.sent..])?)
    }
}

fn area(tty: &Tty) -> Rect {
    let (width, height) = tty.size();
    Rect::new(0, 0, width, height)
}
