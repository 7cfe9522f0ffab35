//! Signals, as things that happen.

use std::io;

use tokio::signal::unix::{self, SignalKind, signal};

/// A signal that means something to the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the terminal is gone.
    Hangup,
    /// SIGINT from outside: Ctrl-C is a key in raw mode.
    Interrupt,
    /// SIGQUIT.
    Quit,
    /// SIGTERM.
    Terminate,
    /// SIGTSTP: give the terminal back and stop.
    Suspend,
    /// SIGCONT: take it again.
    Continue,
    /// SIGWINCH.
    Resize,
}

impl Signal {
    /// The exit code of a signal that ends the program: 128 and its number, as shells have it.
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Self::Hangup => Some(129),
            Self::Interrupt => Some(130),
            Self::Quit => Some(131),
            Self::Terminate => Some(143),
            Self::Suspend | Self::Continue | Self::Resize => None,
        }
    }
}

/// All of them, waited for together.
#[derive(Debug)]
pub struct Signals {
    hangup: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
    terminate: unix::Signal,
    suspend: unix::Signal,
    cont: unix::Signal,
    resize: unix::Signal,
}

impl Signals {
    /// Listens from now on: none of them has its default action any more.
    pub fn listen() -> io::Result<Self> {
        let of = |signal: rustix::process::Signal| unix::signal(SignalKind::from_raw(signal.as_raw()));
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            suspend: of(rustix::process::Signal::TSTP)?,
            cont: of(rustix::process::Signal::CONT)?,
            resize: signal(SignalKind::window_change())?,
        })
    }

    /// The next one; those that end the program first.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Hangup,
            _ = self.quit.recv() => Signal::Quit,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.suspend.recv() => Signal::Suspend,
            _ = self.cont.recv() => Signal::Continue,
            _ = self.resize.recv() => Signal::Resize,
        }
    }
}
