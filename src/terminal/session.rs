//! Taking the terminal and giving it back.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::Tty;
use crate::fleet::text::Printable;

/// Alternate screen, cursor hidden, bracketed paste.
const TAKE: &str = "\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Clicks and the wheel, in the encoding that has no limit of columns.
const TAKE_MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
/// All of it undone, and a frame that was cut short ended.
const GIVE: &str = "\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?25h\x1b[?1049l";
const GIVE_MOUSE: &str = "\x1b[?1006l\x1b[?1000l";
/// How long a stuck terminal may hold us up when it is given back.
const PATIENCE: Duration = Duration::from_millis(200);

/// What it takes to give the terminal back: global, because a panic hook has nothing else to hold on to.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

struct Taken {
    tty: Tty,
    modes: Termios,
    mouse: bool,
}

/// The terminal, while it is ours; dropping it gives the terminal back.
#[derive(Debug)]
pub struct Session<'a> {
    tty: &'a Tty,
    mouse: bool,
}

impl<'a> Session<'a> {
    /// Takes the terminal: raw mode, alternate screen, no cursor, bracketed paste, the mouse only if asked for.
    pub fn take(tty: &'a Tty, mouse: bool) -> io::Result<Self> {
        let session = Self { tty, mouse };
        session.retake()?;
        Ok(session)
    }

    /// Takes it again after [`Session::suspend`]. The modes are read anew: the shell may have changed them meanwhile.
    pub fn retake(&self) -> io::Result<()> {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let modes = match taken.take() {
            // Stopped behind our back: what the terminal has now is the shell's idea of modes, not what we found.
            Some(old) => old.modes,
            None => tcgetattr(self.tty)?,
        };
        let mut raw = modes.clone();
        raw.make_raw();
        *taken = Some(Taken {
            tty: self.tty.duplicate()?,
            modes,
            mouse: self.mouse,
        });
        drop(taken);
        tcsetattr(self.tty, OptionalActions::Now, &raw)?;
        let mut bytes = TAKE.to_owned();
        if self.mouse {
            bytes.push_str(TAKE_MOUSE);
        }
        write_patiently(self.tty, bytes.as_bytes())
    }

    /// Gives the terminal back and stops this process, as the terminal's own suspend key would have. After SIGCONT the
    /// caller takes it again with [`Session::retake`].
    pub fn suspend(&self) -> io::Result<()> {
        restore();
        Ok(kill_process(getpid(), Signal::STOP)?)
    }

    /// Asks the whole job to suspend: a wrapper that waits for us must stop too, or the shell never gets its turn.
    /// We hear of it as [`super::Signal::Suspend`].
    pub fn suspend_job() -> io::Result<()> {
        Ok(kill_current_process_group(Signal::TSTP)?)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, if it is taken. May be called from anywhere, any number of times.
pub fn restore() {
    let Some(taken) = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return;
    };
    let mut bytes = String::new();
    if taken.mouse {
        bytes.push_str(GIVE_MOUSE);
    }
    bytes.push_str(GIVE);
    // Where the terminal is gone there is nobody left to tell of either failure.
    let _ = write_patiently(&taken.tty, bytes.as_bytes());
    let _ = tcsetattr(&taken.tty, OptionalActions::Now, &taken.modes);
}

/// Writes to a descriptor that may not block, waiting at most [`PATIENCE`] for room.
fn write_patiently(tty: &Tty, mut bytes: &[u8]) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !bytes.is_empty() {
        match rustix::io::write(tty, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                let left = Timespec {
                    tv_sec: 0,
                    tv_nsec: left.subsec_nanos().into(),
                };
                // An interrupted wait is a wait that ended early; the write says how things stand.
                let _ = poll(&mut [PollFd::new(tty, PollFlags::OUT)], Some(&left));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// From now on a panic of this thread outside any task gives the terminal back first, then says in one message what
/// happened and where its trace is. A panic inside a task, or of another thread, is caught where it belongs (one
/// host's "internal error"): it only leaves a trace, and the screen alone.
pub fn restore_on_panic(trace_dir: &Path) {
    let trace = trace_dir.join("panic.txt");
    let console = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        let fatal = std::thread::current().id() == console && tokio::task::try_id().is_none();
        if fatal {
            restore();
        }
        let words = panic.payload();
        let what = words.downcast_ref::<&str>().copied();
        let what = what
            .or_else(|| words.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        // It may quote text from outside.
        let what = &*Printable::clean(what);
        let place = panic
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        tracing::error!("panic{place}: {what}");
        let left = leave_trace(&trace, what, &place);
        if fatal {
            let left = match left {
                Ok(()) => format!("A trace is in {}.", trace.display()),
                Err(error) => format!("No trace could be written to {}: {error}.", trace.display()),
            };
            // Not eprintln!, which panics where standard error is gone.
            let _ = writeln!(
                io::stderr(),
                "wheelhouse: internal error{place}: {what}\n{left} Orders that had left are in the journal."
            );
        }
    }));
}

fn leave_trace(path: &PathBuf, what: &str, place: &str) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let trace = std::backtrace::Backtrace::force_capture();
    writeln!(
        file,
        "{} wheelhouse {} panicked{place}: {what}\n{trace}",
        jiff::Timestamp::now(),
        env!("CARGO_PKG_VERSION")
    )
}
