//! What happens to a terminal from outside, and what only tests of the terminal look at.

use std::io::Write;

use crate::support::{Tui, modes};

impl Tui {
    /// Whether the program has the alternate screen.
    pub(crate) fn on_alternate_screen(&self) -> bool {
        self.feed().screen.screen().alternate_screen()
    }

    /// Bytes the program wrote so far.
    pub(crate) fn bytes_written(&self) -> usize {
        self.feed().output.len()
    }

    /// Whether the terminal would take more of the program's output.
    pub(crate) fn takes_output(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(
            &mut [PollFd::new(self.terminal(), PollFlags::OUT)],
            Some(&at_once),
        )
        .unwrap()
            > 0
    }

    /// Writes on the terminal in the program's place, as another program would that shares it.
    pub(crate) fn scribble(&self, text: &str) {
        self.terminal().write_all(text.as_bytes()).unwrap();
        self.wait_feed("what was scribbled", |feed| {
            feed.output.ends_with(text.as_bytes())
        });
    }

    /// Whether the terminal's modes are those from before the program, every bit of them.
    pub(crate) fn modes_as_before(&self) -> bool {
        modes(self.terminal()) == self.before
    }

    /// Takes in no more of the program's output, as a terminal that is stuck, or takes it in again.
    pub(crate) fn hold(&mut self, held: bool) {
        self.feed().held = held;
        self.feed.1.notify_all();
    }

    /// Closes the terminal, as when its window is closed or its ssh connection dies.
    pub(crate) fn hang_up(&mut self) {
        // The reader holds the terminal too: it leaves at the next output, which a new size causes.
        self.feed().leave = true;
        self.resize(91, 31);
        self.reader.take().unwrap().join().unwrap();
        self.terminal = None;
        self.writer = None;
        self.master = None;
    }
}
