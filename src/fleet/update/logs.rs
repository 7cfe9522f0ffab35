//! The log room: one container's log, followed, held in place, searched.

mod layout;

pub use layout::{GUTTER, Level, Piece, VisibleRow};

use crate::fleet::effect::Effect;
use crate::fleet::event::LogFact;
use crate::fleet::intent::{Field, Intent, Step};
use crate::fleet::logbook::{Logbook, search::Search};
use crate::fleet::model::{ContainerKey, ErrorKind, HostId, LogFrom, StreamId};
use crate::fleet::state::{Entry, Notice, State};
use crate::fleet::text::{Printable, clip, line::CleanLine};

/// Lines read when a log is opened.
const TAIL: u32 = 500;
/// Milliseconds until a broken log of a live host is opened again, the first time and at most.
const RETRY: (u64, u64) = (500, 30_000);
/// Milliseconds a notice stays.
const NOTICE_MS: u64 = 4_000;

/// How the reading goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Asked for, not answered.
    Opening,
    /// Lines arrive as they are written.
    Following,
    /// The engine ended it: the container stopped.
    Ended,
    /// It broke, for this reason; what was read stays.
    Interrupted(Printable),
}

/// The time before each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeMode {
    /// None.
    None,
    /// This machine's.
    Local,
    /// UTC.
    Utc,
    /// Since the line before.
    Delta,
}

/// A row of a line: a wrapped line has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    line: u64,
    row: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The last line is the lowest on screen.
    Follow,
    /// This row is the topmost on screen, whatever arrives.
    Held(Spot),
}

/// A match that is looked for: the first at or below `from`, or the last above it.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    from: u64,
    below: bool,
}

/// An open log.
#[derive(Debug)]
pub struct LogRoom {
    /// Its number; another one after every opening.
    pub stream: StreamId,
    /// Whose it is.
    pub key: ContainerKey,
    /// `app/service`, or the container's name.
    pub name: Printable,
    /// The host's name.
    pub host: Printable,
    /// The lines.
    pub book: Logbook,
    /// How the reading goes.
    pub status: Status,
    /// Whether long lines take several rows.
    pub wrap: bool,
    /// The time before each line.
    pub time: TimeMode,
    /// Columns scrolled to the right.
    pub column: usize,
    /// The search.
    pub search: Option<Search>,
    /// The match that was last jumped to.
    pub current: Option<u64>,
    utc_offset_s: i32,
    place: Place,
    /// All lines before this one were on screen while the place was held.
    seen: u64,
    /// Place and search as they were when the search field was opened.
    before: Option<(Place, Option<String>)>,
    wanted: Option<Wanted>,
    /// `Now::mono_ms` at which it is opened again, and how long the next wait is.
    retry_at: Option<u64>,
    retry_ms: u64,
    size: (usize, usize),
}

/// Opens a container's log; one that is open is closed.
pub fn open(state: &mut State, key: ContainerKey) -> Vec<Effect> {
    let (wrap, time) = state
        .log
        .as_ref()
        .map_or((false, TimeMode::Local), |room| (room.wrap, room.time));
    let mut effects = close(state);
    let stream = state.new_stream();
    let title = state.entry(key).map_or_else(|| key.id.short(), Entry::title);
    state.log = Some(LogRoom {
        stream,
        key,
        name: Printable::clean(&title),
        host: state
            .host(key.host)
            .map(|host| host.spec.name.clone())
            .unwrap_or_default(),
        book: Logbook::default(),
        status: Status::Opening,
        wrap,
        time,
        column: 0,
        search: None,
        current: None,
        utc_offset_s: state.utc_offset_s,
        place: Place::Follow,
        seen: 0,
        before: None,
        wanted: None,
        retry_at: None,
        retry_ms: RETRY.0,
        size: state.view.viewport.log,
    });
    effects.push(Effect::OpenLog {
        stream,
        key,
        from: LogFrom::Tail(TAIL),
    });
    effects
}

/// Closes the open log.
pub fn close(state: &mut State) -> Vec<Effect> {
    state.dirty = true;
    state
        .log
        .take()
        .map(|room| Effect::CloseLog(room.stream))
        .into_iter()
        .collect()
}

/// Opens the open log again where it broke off.
fn reopen(state: &mut State) -> Vec<Effect> {
    let stream = state.new_stream();
    let Some(room) = &mut state.log else {
        return Vec::new();
    };
    state.dirty = true;
    room.stream = stream;
    room.status = Status::Opening;
    room.retry_at = None;
    let from = room.book.cursor().map_or(LogFrom::Tail(TAIL), LogFrom::After);
    vec![Effect::OpenLog {
        stream,
        key: room.key,
        from,
    }]
}

/// A log told something. Facts of a log that is no longer open are dropped.
pub fn on_fact(state: &mut State, stream: StreamId, fact: LogFact) -> Vec<Effect> {
    let now = state.now.mono_ms;
    let Some(key) = state
        .log
        .as_ref()
        .filter(|room| room.stream == stream)
        .map(|room| room.key)
    else {
        return Vec::new();
    };
    let live = state.host(key.host).is_some_and(|host| host.liveness.is_live());
    let up = state
        .entry(key)
        .is_some_and(|entry| entry.container.state.is_up());
    let Some(room) = &mut state.log else {
        return Vec::new();
    };
    state.dirty = true;
    match fact {
        LogFact::Opened => room.status = Status::Following,
        LogFact::Lines(chunk) => {
            room.status = Status::Following;
            room.retry_ms = RETRY.0;
            room.book.push(&chunk);
            room.look();
        }
        LogFact::Ended => {
            room.status = Status::Ended;
            // A quick restart: its start was told before the old log's end.
            if live && up {
                room.retry_later(now);
            }
        }
        LogFact::Lost(error) => {
            room.status = Status::Interrupted(Printable::clean(&error.reason));
            // When the host is gone, its return opens the log again; what the engine refused stays refused.
            if live && error.retries() && error.kind != ErrorKind::Engine {
                room.retry_later(now);
            }
        }
    }
    Vec::new()
}

/// A host answers again: its broken log goes on.
pub fn on_host_live(state: &mut State, host: HostId) -> Vec<Effect> {
    match &state.log {
        Some(LogRoom {
            key,
            status: Status::Interrupted(_),
            ..
        }) if key.host == host => reopen(state),
        _ => Vec::new(),
    }
}

/// A container was started: its ended log goes on.
pub fn on_container_started(state: &mut State, key: ContainerKey) -> Vec<Effect> {
    match &state.log {
        Some(room) if room.key == key && room.status == Status::Ended => reopen(state),
        _ => Vec::new(),
    }
}

/// The moment that [`LogRoom::wake`] named has come: searching goes on, a broken log is opened again.
pub fn on_tick(state: &mut State) -> Vec<Effect> {
    let now = state.now.mono_ms;
    let Some(room) = &mut state.log else {
        return Vec::new();
    };
    if room.is_searching() {
        room.look();
        state.dirty = true;
    }
    if room.retry_at.is_none_or(|at| at > now) {
        return Vec::new();
    }
    room.retry_at = None;
    let (key, ended) = (room.key, room.status == Status::Ended);
    let live = state.host(key.host).is_some_and(|host| host.liveness.is_live());
    let up = state
        .entry(key)
        .is_some_and(|entry| entry.container.state.is_up());
    if live && (up || !ended) {
        reopen(state)
    } else {
        Vec::new()
    }
}

/// A wish about the open log. `Type`, `Accept` and `Back` of the search field are to be told before the field is closed.
pub fn on_intent(state: &mut State, intent: &Intent) -> Vec<Effect> {
    let now = state.now.mono_ms;
    let Some(room) = &mut state.log else {
        return Vec::new();
    };
    state.dirty = true;
    room.size = state.view.viewport.log;
    match intent {
        Intent::Move(step) => room.step(*step),
        Intent::Follow if room.is_following() => room.hold(room.top()),
        Intent::Follow => room.place = Place::Follow,
        Intent::Wrap => {
            room.wrap = !room.wrap;
            room.column = 0;
            if let Place::Held(spot) = &mut room.place {
                spot.row = 0;
            }
        }
        Intent::Time => {
            room.time = match room.time {
                TimeMode::None => TimeMode::Local,
                TimeMode::Local => TimeMode::Utc,
                TimeMode::Utc => TimeMode::Delta,
                TimeMode::Delta => TimeMode::None,
            }
        }
        Intent::Edit(Field::Search) => {
            let text = room.search.as_ref().map(|search| search.text().to_owned());
            room.before = Some((room.place, text));
        }
        Intent::Type(text) => room.search_for(text),
        Intent::Accept => room.before = None,
        Intent::Back => {
            let (place, text) = room.before.take().unwrap_or((room.place, None));
            room.search_for(text.as_deref().unwrap_or_default());
            room.place = place;
            room.wanted = None;
        }
        Intent::Match(by) => room.next_match(*by > 0),
        Intent::CopyValue => {
            if let Some(line) = room.subject().and_then(|number| room.book.line(number)) {
                let text = CleanLine::whole(line.bytes).text;
                let words = format!("copied: {}", clip(&text, 60));
                state.view.notice = Some(Notice {
                    text: Printable::clean(&words),
                    bad: false,
                    until: now + NOTICE_MS,
                });
                return vec![Effect::Copy(text)];
            }
        }
        Intent::Viewport(viewport) => {
            room.size = viewport.log;
            room.settle();
        }
        _ => {}
    }
    Vec::new()
}

impl LogRoom {
    /// Whether the last line is kept on screen.
    pub fn is_following(&self) -> bool {
        self.place == Place::Follow
    }

    /// Lines that came since the place is held and were not on screen yet.
    pub fn unseen(&self) -> u64 {
        if self.is_following() {
            0
        } else {
            self.book.end().saturating_sub(self.seen)
        }
    }

    /// Whether lines are still to be searched.
    pub fn is_searching(&self) -> bool {
        self.search
            .as_ref()
            .is_some_and(|search| !search.is_done(&self.book))
    }

    /// When `on_tick` wants to be called, in `Now::mono_ms`; a moment past is at once.
    pub fn wake(&self) -> Option<u64> {
        if self.is_searching() {
            Some(0)
        } else {
            self.retry_at
        }
    }

    /// The line that is copied: the match last jumped to while it is on screen, else the last line when following,
    /// else the topmost.
    pub fn subject(&self) -> Option<u64> {
        let (top, bottom) = (self.top(), self.lowest());
        let line = match self.current {
            Some(current) if (top.line..=bottom.line).contains(&current) => current,
            _ if self.is_following() => self.book.end().checked_sub(1)?,
            _ => top.line,
        };
        Some(line)
    }

    fn retry_later(&mut self, now: u64) {
        self.retry_at = Some(now + self.retry_ms);
        self.retry_ms = (self.retry_ms * 2).min(RETRY.1);
    }

    fn hold(&mut self, spot: Spot) {
        if self.book.range().is_empty() {
            return;
        }
        if self.is_following() {
            self.seen = self.book.end();
        }
        self.place = Place::Held(spot);
        self.settle();
    }

    /// Keeps a held place within the lines there are.
    fn settle(&mut self) {
        if let Place::Held(spot) = self.place {
            let spot = self.within(spot).min(self.bottom());
            self.place = Place::Held(spot);
            self.seen = self.seen.max(self.lowest().line + 1).min(self.book.end());
        }
    }

    fn step(&mut self, step: Step) {
        let rows = i32::try_from(self.size.1.max(1)).unwrap_or(i32::MAX);
        let by = match step {
            Step::Lines(n) => n,
            Step::HalfPages(n) => n.saturating_mul((rows / 2).max(1)),
            Step::Pages(n) => n.saturating_mul(rows),
            Step::Top => {
                return self.hold(Spot {
                    line: self.book.first(),
                    row: 0,
                });
            }
            Step::Bottom => {
                self.place = Place::Follow;
                return;
            }
            Step::Columns(n) => {
                let most = if self.wrap {
                    0
                } else {
                    self.widest().saturating_sub(1)
                };
                self.column = self.column.saturating_add_signed(n as isize).min(most);
                return;
            }
        };
        if by < 0 {
            self.hold(self.up(self.top(), by.unsigned_abs() as usize));
        } else if !self.is_following() {
            let spot = self.down(self.top(), by as usize);
            if spot >= self.bottom() {
                self.place = Place::Follow;
            } else {
                self.hold(spot);
            }
        }
    }

    fn search_for(&mut self, text: &str) {
        if self.search.as_ref().map(Search::text) == Some(text) {
            return;
        }
        self.search = Search::new(text, &self.book);
        self.current = None;
        let from = self.lowest().line + 1;
        self.wanted = self.search.is_some().then_some(Wanted { from, below: false });
        self.look();
    }

    fn next_match(&mut self, below: bool) {
        let from = match self.current {
            Some(current) => current + u64::from(below),
            None => self.top().line,
        };
        self.wanted = self.search.is_some().then_some(Wanted { from, below });
        self.look();
    }

    /// Searches a piece further, and jumps to the wanted match once it is known.
    fn look(&mut self) {
        let Some(search) = &mut self.search else { return };
        search.look(&self.book);
        let Some(Wanted { from, below }) = self.wanted else {
            return;
        };
        let done = search.is_done(&self.book);
        let found = if !below {
            search
                .above(from)
                .or_else(|| search.above(self.book.end()).filter(|_| done))
        } else if done || search.reaches(from) {
            search
                .at_or_below(from)
                .or_else(|| search.at_or_below(0).filter(|_| done))
        } else {
            None
        };
        if let Some(line) = found {
            self.show(line);
        }
        if found.is_some() || done {
            self.wanted = None;
        }
    }

    /// Holds the view where this match is on screen; it does not move when it already is.
    fn show(&mut self, line: u64) {
        self.current = Some(line);
        let (top, lowest) = (self.top(), self.lowest());
        let spot = Spot {
            line,
            row: self.row_of_match(line),
        };
        let spot = if (top..=lowest).contains(&spot) {
            top
        } else {
            self.up(spot, self.size.1 / 3)
        };
        self.hold(spot);
        self.column = self.column_of_match(line);
    }
}

#[cfg(test)]
mod tests;
