//! The loop: select → update → dispatch → draw.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use color_eyre::eyre::WrapErr as _;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::fleet::State;
use crate::fleet::effect::Effect;
use crate::fleet::event::Event;
use crate::fleet::intent::Intent;
use crate::fleet::model::{HostSpec, Now};
use crate::fleet::state::Settings;
use crate::fleet::update::{Msg, update};
use crate::runtime::{self, Runtime};
use crate::terminal::{self, Batch, Input, InputEvent, Screen, Session, Signal, Signals, Tty};
use crate::ui::{Keymap, Theme, Ui};

/// Facts that wait at most; a source that has more waits itself.
const FACTS: usize = 512;
/// Facts taken from the channel at once.
const PORTION: usize = 64;
/// Facts are digested for so long before a key is looked for again.
const DIGEST: Duration = Duration::from_millis(4);
/// Facts are gathered for so long where they are many; over a slow link.
const GATHER: Duration = Duration::from_millis(33);
const GATHER_SLOW: Duration = Duration::from_millis(100);
/// So many frames may come one right after the other before facts are gathered: the few events that an order causes (killed,
/// exited, stopped, listed) are each seen as they happen.
const AHEAD: u32 = 4;
/// Time is told at most so often, whatever the state asks for.
const TICK: Duration = Duration::from_millis(20);
/// The runtime has so long to end.
const GOODBYE: Duration = Duration::from_secs(1);
/// Exit code when the terminal went away, by signal or without.
const GONE: u8 = 129;

/// What the console is started with.
#[derive(Debug)]
pub struct Options {
    /// The fleet's settings.
    pub settings: Settings,
    /// The hosts.
    pub hosts: Vec<HostSpec>,
    /// The theme.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// The runtime's part.
    pub runtime: runtime::Options,
    /// Gather facts for 100 ms instead of 33.
    pub slow_link: bool,
    /// Draw with ASCII characters alone.
    pub ascii: bool,
    /// Take the mouse.
    pub mouse: bool,
}

/// Runs the console until the operator leaves; the exit code: 0, 2 where there is no fit terminal, 128 and the signal's number
/// when one ended it (129 also when the terminal is gone). Must be called within a current-thread tokio runtime.
pub async fn run(options: Options) -> color_eyre::Result<u8> {
    if let Some(reason) = terminal::unfit() {
        // Not eprintln!, which panics where standard error is gone.
        let _ = writeln!(io::stderr(), "wheelhouse: {reason}");
        return Ok(2);
    }
    let mut signals = Signals::listen().wrap_err("cannot listen to signals")?;
    let tty = Tty::open().wrap_err("cannot open the terminal")?;
    terminal::restore_on_panic(options.runtime.journal.parent().unwrap_or(Path::new(".")));
    let clock = Clock::start();
    let mut looks = terminal::looks();
    looks.unicode &= !options.ascii;
    let input = Input::new(&tty)?;
    let session = Session::take(&tty, options.mouse).wrap_err("cannot take the terminal")?;
    let mut state = State::new(options.settings, options.hosts.clone(), clock.now());
    state.utc_offset_s = TimeZone::system().to_offset(Timestamp::now()).seconds();
    let mut console = Console {
        state,
        clock,
        ui: Ui::new(options.theme, options.keymap, looks),
        screen: Screen::new(&tty, looks)?,
        session: &session,
        runtime: None,
        early: Vec::new(),
        pace: Pace::new(if options.slow_link { GATHER_SLOW } else { GATHER }),
        dirty: true,
        at_once: true,
        ticked: None,
        suspended: false,
        done: None,
    };

    // The first frame waits for no host.
    let (sender, facts) = mpsc::channel(FACTS);
    let ended = match console.draw() {
        Ok(()) => {
            // One sender stays with us: the channel never closes.
            console.begin(Runtime::start(&options.hosts, options.runtime, sender.clone()));
            console.turn(&mut signals, input, facts).await
        }
        Err(error) => Err(error),
    };
    tracing::debug!(bytes = console.screen.written(), "the console ends");
    let runtime = console.runtime.take();
    drop(console);
    drop(session);
    if let Some(runtime) = runtime
        && tokio::time::timeout(GOODBYE, runtime.shutdown()).await.is_err()
    {
        tracing::warn!("some task did not end within {GOODBYE:?}");
    }
    Ok(ended.unwrap_or_else(|error| {
        tracing::info!(%error, "the terminal is gone");
        GONE
    }))
}

/// Tells the time in the fleet's terms.
#[derive(Debug, Clone, Copy)]
struct Clock(Instant);

impl Clock {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn now(self) -> Now {
        let wall = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            mono_ms: u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX),
            wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX),
        }
    }

    fn instant(self, mono_ms: u64) -> Instant {
        self.0 + Duration::from_millis(mono_ms)
    }
}

/// Spreads the frames that facts cause: at once while they are few, evenly when they are many.
#[derive(Debug)]
struct Pace {
    gather: Duration,
    /// Up to when frames were drawn, were they spread evenly.
    drawn_for: Instant,
}

impl Pace {
    fn new(gather: Duration) -> Self {
        Self {
            gather,
            drawn_for: Instant::now(),
        }
    }

    /// When the next frame may be drawn.
    fn next(&self) -> Instant {
        let ahead = self.gather * AHEAD;
        self.drawn_for.checked_sub(ahead).unwrap_or(self.drawn_for)
    }

    fn drawn(&mut self, now: Instant) {
        // What keys caused came unasked, and takes no more than this frame's share from the facts.
        let most = now + self.gather * (AHEAD + 1);
        self.drawn_for = (self.drawn_for.max(now) + self.gather).min(most);
    }
}

/// One turn's cause.
enum Turn {
    Signal(Signal),
    Input(io::Result<Batch>),
    CaughtUp(io::Result<()>),
    Facts,
    Time,
}

struct Console<'a> {
    state: State,
    clock: Clock,
    ui: Ui,
    screen: Screen<'a>,
    session: &'a Session<'a>,
    runtime: Option<Runtime>,
    /// Effects from before the runtime was there.
    early: Vec<Effect>,
    pace: Pace,
    /// Something shown may have changed since the last frame.
    dirty: bool,
    /// The next frame waits for nothing.
    at_once: bool,
    /// When the fleet was last told the time.
    ticked: Option<Instant>,
    /// The terminal is the shell's for now.
    suspended: bool,
    /// The exit code, once there is one.
    done: Option<u8>,
}

impl Console<'_> {
    fn begin(&mut self, mut runtime: Runtime) {
        for effect in self.early.drain(..) {
            runtime.dispatch(effect);
        }
        self.runtime = Some(runtime);
    }

    /// Turns until there is an exit code. An error means that the terminal is gone.
    async fn turn(
        &mut self,
        signals: &mut Signals,
        mut input: Input,
        mut facts: mpsc::Receiver<Event>,
    ) -> io::Result<u8> {
        let mut portion = Vec::with_capacity(PORTION);
        loop {
            if let Some(code) = self.done {
                return Ok(code);
            }
            let (draw, tick) = (self.draw_at(), self.tick_at());
            let wake = draw.into_iter().chain(tick).min();
            // Signals and keys first, whatever the facts.
            let turn = tokio::select! {
                biased;
                signal = signals.next() => Turn::Signal(signal),
                batch = input.next(), if !self.suspended => Turn::Input(batch),
                sent = self.screen.caught_up(), if self.screen.behind() && !self.suspended => Turn::CaughtUp(sent),
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => Turn::Time,
                _ = facts.recv_many(&mut portion, PORTION) => Turn::Facts,
            };
            match turn {
                Turn::Signal(signal) => self.signal(signal)?,
                Turn::Input(batch) => self.input(batch?)?,
                Turn::CaughtUp(sent) => sent?,
                Turn::Facts => self.digest(portion.drain(..).collect(), &mut input).await?,
                Turn::Time => {
                    if tick.is_some_and(|at| at <= Instant::now()) {
                        self.ticked = Some(Instant::now());
                        self.apply(Msg::Event(Event::Ticked))?;
                    }
                }
            }
            if self.draw_at().is_some_and(|at| at <= Instant::now()) {
                self.draw()?;
            }
        }
    }

    /// Takes in a portion of facts, and the keys that come meanwhile before the facts still left.
    async fn digest(&mut self, mut facts: VecDeque<Event>, input: &mut Input) -> io::Result<()> {
        let mut began = Instant::now();
        while let Some(fact) = facts.pop_front() {
            self.apply(Msg::Event(fact))?;
            if began.elapsed() < DIGEST {
                continue;
            }
            if !self.suspended
                && let Some(batch) = input.now()?
            {
                self.input(batch)?;
            }
            if self.draw_at().is_some_and(|at| at <= Instant::now()) {
                self.draw()?;
            }
            began = Instant::now();
        }
        // The reactor gets its turn in a flood too, or keys and signals would never be ready.
        tokio::task::yield_now().await;
        Ok(())
    }

    fn input(&mut self, batch: Batch) -> io::Result<()> {
        for event in batch.events {
            let intent = match event {
                InputEvent::Key(key) if is_suspend(key) => {
                    if !batch.burst {
                        Session::suspend_job()?;
                    }
                    None
                }
                InputEvent::Key(key) => self.ui.key(&self.state, key),
                InputEvent::Mouse(mouse) => self.ui.mouse(&self.state, self.screen.area(), mouse),
                InputEvent::Paste(text) => self.ui.paste(&self.state, &text),
            };
            if let Some(intent) = intent {
                if intent == Intent::Redraw {
                    self.screen.invalidate();
                    self.dirty = true;
                }
                self.apply(Msg::Intent {
                    intent,
                    burst: batch.burst,
                })?;
            }
        }
        // What a key changed is drawn at once.
        self.at_once = true;
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        self.done = self.done.or(signal.exit_code());
        match signal {
            Signal::Suspend => {
                self.suspended = true;
                self.screen.forget();
                self.session.suspend()?;
            }
            Signal::Continue => {
                self.session.retake()?;
                self.suspended = false;
                self.screen.forget();
                self.screen.resize();
                (self.dirty, self.at_once) = (true, true);
            }
            Signal::Resize => {
                self.screen.resize();
                self.dirty = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells the fleet, and does what comes of it.
    fn apply(&mut self, msg: Msg) -> io::Result<()> {
        for effect in update(&mut self.state, self.clock.now(), msg) {
            match (effect, &mut self.runtime) {
                (Effect::Quit, _) => self.done = Some(0),
                (Effect::Copy(text), _) => self.screen.copy(&text)?,
                (effect, Some(runtime)) => runtime.dispatch(effect),
                (effect, None) => self.early.push(effect),
            }
        }
        self.dirty |= self.state.take_dirty();
        Ok(())
    }

    /// When the next frame is due.
    fn draw_at(&self) -> Option<Instant> {
        if !self.dirty || self.suspended || self.screen.behind() {
            return None;
        }
        Some(if self.at_once {
            Instant::now()
        } else {
            self.pace.next()
        })
    }

    /// When the fleet is to be told the time.
    fn tick_at(&self) -> Option<Instant> {
        let wanted = self.clock.instant(self.state.next_wake()?);
        Some(self.ticked.map_or(wanted, |ticked| wanted.max(ticked + TICK)))
    }

    fn draw(&mut self) -> io::Result<()> {
        // Told every time: it is also what makes the fleet settle its rows for what is about to be shown.
        let viewport = self.ui.viewport(&self.state, self.screen.area());
        self.apply(Msg::Intent {
            intent: Intent::Viewport(viewport),
            burst: false,
        })?;
        self.state.take_dirty();
        self.screen.draw(|buffer| self.ui.render(&self.state, buffer))?;
        (self.dirty, self.at_once) = (false, false);
        self.pace.drawn(Instant::now());
        Ok(())
    }
}

fn is_suspend(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('z') && key.modifiers == KeyModifiers::CONTROL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_frames_come_at_once_and_many_are_spread() {
        let mut pace = Pace::new(GATHER);
        let start = Instant::now();
        for _ in 0..=AHEAD {
            assert!(pace.next() <= start);
            pace.drawn(start);
        }
        assert_eq!(pace.next(), start + GATHER);
        // However many frames keys caused.
        for _ in 0..100 {
            pace.drawn(start);
        }
        assert_eq!(pace.next(), start + GATHER);
        let later = start + GATHER * 100;
        for _ in 0..=AHEAD {
            assert!(pace.next() <= later);
            pace.drawn(later);
        }
    }
}
