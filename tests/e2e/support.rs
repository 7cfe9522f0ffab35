//! A program in a pseudo-terminal: type, wait for what is to be seen, and look at what it leaves behind.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::scan::{Seen, scan};

/// Whatever is waited for comes much sooner; this only bounds a failure.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often a condition that nobody signals is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// How a program is started.
pub(crate) struct Start {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    size: (u16, u16),
}

impl Start {
    /// The product, with these arguments, in an environment of its own: scratch directories, UTF-8, 120×36.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        Self::program(Path::new(env!("CARGO_BIN_EXE_wheelhouse")), arguments)
    }

    /// Another program.
    pub(crate) fn program(program: &Path, arguments: &[&str]) -> Self {
        let environment = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|&text| text.to_owned()).collect(),
            environment: environment
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            size: (120, 36),
        }
    }

    /// With an environment variable; the last of one name counts.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// On a terminal of so many columns and rows.
    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Starts it.
    pub(crate) fn start(self) -> Tui {
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(pty_size(self.size)).unwrap();
        let name = pair.master.tty_name().unwrap();
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(rustix::fs::OFlags::NOCTTY.bits().cast_signed())
            .open(name)
            .unwrap();
        let before = modes(&terminal);

        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.arguments);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home.path());
        for name in [
            "XDG_CONFIG_HOME",
            "XDG_STATE_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
            "XDG_RUNTIME_DIR",
        ] {
            command.env(name, home.path().join(name.to_lowercase()));
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command.cwd(home.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);

        let (columns, rows) = self.size;
        let feed = Feed {
            screen: vt100::Parser::new(rows, columns, 0),
            output: Vec::new(),
            ended: false,
            leave: false,
            held: false,
        };
        let feed = Arc::new((Mutex::new(feed), Condvar::new()));
        let source = pair.master.try_clone_reader().unwrap();
        let reader = std::thread::spawn({
            let feed = Arc::clone(&feed);
            move || read_all(source, &feed)
        });
        Tui {
            writer: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            terminal: Some(terminal),
            child,
            feed,
            reader: Some(reader),
            before,
            status: None,
            home,
        }
    }
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// A terminal's modes, all of them, as text.
pub(crate) fn modes(terminal: &File) -> String {
    format!("{:?}", rustix::termios::tcgetattr(terminal).unwrap())
}

/// What came from the program.
pub(crate) struct Feed {
    pub(crate) screen: vt100::Parser,
    pub(crate) output: Vec<u8>,
    pub(crate) ended: bool,
    /// The reader is to leave at the next output.
    pub(crate) leave: bool,
    /// The reader is to read no more for now.
    pub(crate) held: bool,
}

type Shared = Arc<(Mutex<Feed>, Condvar)>;

fn read_all(mut source: Box<dyn Read + Send>, feed: &Shared) {
    let mut buffer = vec![0; 65536];
    loop {
        // A terminal whose last user is gone answers with an error.
        let length = source.read(&mut buffer).unwrap_or(0);
        // A test that failed while it looked has said so already.
        let Ok(mut inner) = feed.0.lock() else { return };
        inner.screen.process(&buffer[..length]);
        inner.output.extend_from_slice(&buffer[..length]);
        inner.ended = length == 0;
        feed.1.notify_all();
        if length == 0 || inner.leave {
            return;
        }
        drop(feed.1.wait_while(inner, |feed| feed.held));
    }
}

/// A program in its terminal. Ended when dropped.
pub(crate) struct Tui {
    child: Box<dyn Child + Send + Sync>,
    pub(crate) master: Option<Box<dyn MasterPty + Send>>,
    pub(crate) writer: Option<Box<dyn Write + Send>>,
    /// The program's side of the terminal, held open so that its modes can be read.
    pub(crate) terminal: Option<File>,
    pub(crate) feed: Shared,
    pub(crate) reader: Option<JoinHandle<()>>,
    pub(crate) before: String,
    status: Option<ExitStatus>,
    home: tempfile::TempDir,
}

impl Tui {
    /// Its home directory.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn feed(&self) -> MutexGuard<'_, Feed> {
        self.feed.0.lock().unwrap()
    }

    /// Waits until the screen is so; what is told when it never is.
    pub(crate) fn wait_for(&self, what: &str, mut wanted: impl FnMut(&vt100::Screen) -> bool) {
        self.wait_feed(what, |feed| wanted(feed.screen.screen()));
    }

    /// Waits until this text is on the screen.
    pub(crate) fn wait_text(&self, text: &str) {
        self.wait_for(text, |screen| screen.contents().contains(text));
    }

    pub(crate) fn wait_feed(&self, what: &str, mut wanted: impl FnMut(&Feed) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        let mut feed = self.feed();
        while !wanted(&feed) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "never seen: {what}; the screen:\n{}",
                feed.screen.screen().contents()
            );
            assert!(
                !feed.ended,
                "ended before: {what}; the screen:\n{}",
                feed.screen.screen().contents()
            );
            feed = self.feed.1.wait_timeout(feed, left).unwrap().0;
        }
    }

    /// Waits until something that tells nobody is so.
    pub(crate) fn wait_until(&self, what: &str, mut wanted: impl FnMut() -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !wanted() {
            assert!(
                Instant::now() < deadline,
                "never so: {what}; the screen:\n{}",
                self.contents()
            );
            drop(self.feed.1.wait_timeout(self.feed(), LOOK).unwrap());
        }
    }

    /// What is on the screen.
    pub(crate) fn contents(&self) -> String {
        self.feed().screen.screen().contents()
    }

    /// All the program wrote since a number of bytes.
    pub(crate) fn output_since(&self, start: usize) -> Vec<u8> {
        self.feed().output[start..].to_vec()
    }

    /// Types, all in one write.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
    }

    /// Types a key, and waits for what it does to the screen: the next key is then surely not read together with it.
    pub(crate) fn press(&mut self, key: &str, what: &str, seen: impl FnMut(&vt100::Screen) -> bool) {
        self.send(key.as_bytes());
        self.wait_for(what, seen);
    }

    /// Types something and waits until the program has taken it in and rests: what is typed next is surely not read together
    /// with it, and whatever it does is done. The state in which it rests; one that is leaving rests when it has left.
    pub(crate) fn type_alone(&mut self, bytes: &[u8]) -> char {
        let wanted = self.bytes_read() + bytes.len() as u64;
        self.send(bytes);
        let mut state = 'Z';
        self.wait_until("what was typed is taken in", || {
            state = self.process_state().unwrap_or('Z');
            match state {
                'T' | 'Z' => true,
                'S' => {
                    let waiting = rustix::io::ioctl_fionread(self.terminal()).unwrap();
                    waiting == 0 && self.bytes_read() >= wanted && modes(self.terminal()) != self.before
                }
                _ => false,
            }
        });
        state
    }

    /// Types a text as a person does: each key alone.
    pub(crate) fn type_text(&mut self, text: &str) {
        for key in text.chars() {
            self.type_alone(key.to_string().as_bytes());
        }
    }

    /// Bytes the program read so far from files and the terminal; sockets do not count.
    fn bytes_read(&self) -> u64 {
        let path = format!("/proc/{}/io", self.pid().as_raw_nonzero());
        let counts = std::fs::read_to_string(path).unwrap_or_default();
        let read = counts.lines().find_map(|line| line.strip_prefix("rchar: "));
        read.map_or(0, |count| count.parse().unwrap())
    }

    /// Pastes a text as a terminal with bracketed paste does.
    pub(crate) fn paste(&mut self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        // The picture first: what the program draws for the new size must not meet the old one.
        // The emulator cannot wrap a line where there is but one row.
        self.feed().screen.screen_mut().set_size(rows.max(2), columns);
        self.master
            .as_ref()
            .unwrap()
            .resize(pty_size((columns, rows)))
            .unwrap();
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> Pid {
        let id = self.child.process_id().and_then(|id| i32::try_from(id).ok());
        id.and_then(Pid::from_raw).unwrap()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// The letter of its state, as the kernel has it: `T` is stopped.
    pub(crate) fn process_state(&self) -> Option<char> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid().as_raw_nonzero())).ok()?;
        stat.rsplit_once(") ")?.1.chars().next()
    }

    pub(crate) fn terminal(&self) -> &File {
        self.terminal.as_ref().unwrap()
    }

    /// Waits for the end of the program; its exit code.
    pub(crate) fn wait_exit(&mut self) -> u32 {
        if self.status.is_none() {
            let deadline = Instant::now() + DEADLINE;
            self.status = loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    break Some(status);
                }
                assert!(
                    Instant::now() < deadline,
                    "the program does not end; the screen:\n{}",
                    self.contents()
                );
                drop(self.feed.1.wait_timeout(self.feed(), LOOK).unwrap());
            };
        }
        let status = self.status.as_ref().unwrap();
        assert_eq!(status.signal(), None, "ended by a signal");
        status.exit_code()
    }

    /// After the end: the terminal is as it was before, to the last bit, and all that was ever written to it is on the list of
    /// what may be.
    pub(crate) fn assert_restored(&mut self) -> Seen {
        assert!(self.status.is_some(), "not ended yet");
        assert_eq!(modes(self.terminal()), self.before, "the terminal's modes");
        // Our own hold on the terminal gone, the reader sees its end.
        self.terminal = None;
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        let feed = self.feed();
        let screen = feed.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert!(!screen.bracketed_paste(), "bracketed paste is off");
        assert_eq!(
            screen.mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse is off"
        );
        scan(&feed.output)
    }
}

impl Drop for Tui {
    fn drop(&mut self) {
        if self.status.is_none() {
            // Stopped programs end only when they go on; failures mean that it is gone already.
            let _ = self.child.kill();
            let _ = kill_process(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}
