//! The terminal device, opened anew.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use tokio::net::unix::pipe;

/// The terminal, over an open description of our own: "do not block" belongs to the description, and the one we inherit is
/// the shell's too.
#[derive(Debug)]
pub struct Tty(File);

impl Tty {
    /// Opens the terminal that standard input is. Where its device cannot be opened by name (another user's, after `su`; not
    /// in this mount namespace) the controlling terminal is taken.
    pub fn open() -> io::Result<Self> {
        let by_name = rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new())
            .map_err(io::Error::from)
            .and_then(|name| open(OsStr::from_bytes(name.to_bytes())));
        by_name.or_else(|_| open("/dev/tty".as_ref())).map(Self)
    }

    /// Another owner of the same description.
    pub fn duplicate(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Its readable half. Must be called within a tokio runtime. (To the reactor a terminal is as good as a pipe; the name of
    /// the type is all that is wrong with it.)
    pub(super) fn reader(&self) -> io::Result<pipe::Receiver> {
        pipe::Receiver::from_file_unchecked(self.0.try_clone()?)
    }

    /// Its writable half. Must be called within a tokio runtime.
    pub(super) fn writer(&self) -> io::Result<pipe::Sender> {
        pipe::Sender::from_file_unchecked(self.0.try_clone()?)
    }

    /// Columns and rows. A terminal that does not know says 0; that is taken for 80×24.
    pub fn size(&self) -> (u16, u16) {
        match rustix::termios::tcgetwinsize(self) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => (80, 24),
        }
    }
}

impl AsFd for Tty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn open(path: &OsStr) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags.cast_signed())
        .open(path)
}
