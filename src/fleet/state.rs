//! The one store. One owner, no locks; only `update` changes it.

use std::collections::{HashMap, HashSet, VecDeque};

use super::event::Action;
use super::intent::{Field, Grouping, Pane, Viewport};
use super::model::{
    AppRule, Command, Container, ContainerId, ContainerKey, Details, EngineInfo, HostId, HostSpec, Liveness,
    Now, Order, OrderId, Sample, StreamId, Usage,
};
use super::policy::{Ask, ConfirmRules};
use super::text::Printable;
use super::update::logs::LogRoom;

/// What the console is started with, and what does not change while it runs.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The fleet's name, shown in the header; may be empty.
    pub fleet: Printable,
    /// Nothing but reading.
    pub read_only: bool,
    /// `[confirm]`.
    pub confirm: ConfirmRules,
    /// `[[app]]`.
    pub apps: Vec<AppRule>,
}

/// A host and everything on it.
#[derive(Debug)]
pub struct Host {
    /// As configured.
    pub spec: HostSpec,
    /// How it is.
    pub liveness: Liveness,
    /// Its connection's number; facts of older ones are dropped.
    pub epoch: u32,
    /// What its engine says of itself.
    pub engine: Option<EngineInfo>,
    /// A host before this one whose engine reports the same id.
    pub twin: Option<HostId>,
    /// Milliseconds the last ping took.
    pub latency_ms: Option<f32>,
    /// Whether a listing ever came: until then "no containers" would be a lie.
    pub listed: bool,
    /// Its containers.
    pub containers: HashMap<ContainerId, Entry>,
    /// Processor use of all its containers in per cent of one processor, newest last, at most [`HISTORY`].
    pub cpu_history: VecDeque<f32>,
}

/// Points of a sparkline.
pub const HISTORY: usize = 60;

/// A container and what we learned of it since.
#[derive(Debug)]
pub struct Entry {
    /// As last heard of.
    pub container: Container,
    /// Its app: by label, else by `[[app]]`.
    pub app: Option<Printable>,
    /// Whether a stop or kill preceded its end: then a non-zero exit is no problem.
    pub stop_asked: bool,
    /// Unix milliseconds of its last unasked ends, newest last, at most three.
    pub deaths: VecDeque<i64>,
    /// The last engine event about it: Unix milliseconds and what. A new connection may tell the last second again.
    pub heard: Option<(i64, Action)>,
    /// Whether the kernel ended it for want of memory.
    pub oom: bool,
    /// Last reading, and the usage computed from it.
    pub sample: Option<Sample>,
    /// What is shown.
    pub usage: Option<Usage>,
    /// Per cent of one processor, newest last, at most [`HISTORY`].
    pub cpu_history: VecDeque<f32>,
    /// `Now::mono_ms` at which it was last inspected for its restart count and exact times.
    pub inspected_at: Option<u64>,
    /// The order under way or last ended, shown on the row.
    pub order: Option<OrderId>,
}

impl Entry {
    /// What the APP/SERVICE column says: `app/service`, `app/name`, or the name.
    pub fn title(&self) -> String {
        let container = &self.container;
        match (&self.app, &container.service) {
            (Some(app), Some(service)) => format!("{app}/{service}"),
            (Some(app), None) => format!("{app}/{}", container.name),
            _ => container.name.to_string(),
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub subject: Subject,
    /// What, in words ("exited 137", "unhealthy", "restarting ×4", "stale").
    pub what: String,
    /// Unix milliseconds since when, where known.
    pub since_ms: Option<i64>,
    /// 0 is worst; order of the list.
    pub rank: u8,
}

/// What a problem or an entry of the activity is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The console itself.
    Console,
    /// A host.
    Host(HostId),
    /// A container.
    Container(ContainerKey),
}

/// A line of the container table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// The heading of a group and how many are in it.
    Group {
        /// The group's name.
        title: Printable,
        /// Containers in it.
        count: usize,
    },
    /// A container.
    Container(ContainerKey),
}

/// How the table is sorted. Problems stand on top in `State` order, and only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Problems first, then by name.
    State,
    /// By app, service, name.
    Name,
    /// By host, then name.
    Host,
    /// Highest processor use first.
    Cpu,
    /// Most memory first.
    Memory,
    /// Youngest first.
    Age,
}

impl SortBy {
    /// The word in the table's title.
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Host => "host",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Age => "age",
        }
    }
}

/// The container table: what is listed, and where the operator is in it.
#[derive(Debug)]
pub struct Table {
    /// Rows in the order shown.
    pub rows: Vec<Row>,
    /// The container under the cursor: an identity, not a row.
    pub cursor: Option<ContainerKey>,
    /// The row it stood in when rows were last computed: where to go when it is removed.
    pub cursor_row: usize,
    /// Whether the operator has moved: until then the cursor stays on top while hosts are still answering for the first time.
    pub touched: bool,
    /// Whether hosts had still to answer for the first time when rows were last computed.
    pub waiting: bool,
    /// `Now::mono_ms` at which facts, not the operator, last put the cursor on another container.
    pub slipped: Option<u64>,
    /// First row on screen.
    pub offset: usize,
    /// Marked containers.
    pub marks: HashSet<ContainerKey>,
    /// Sorting.
    pub sort: SortBy,
    /// Grouping.
    pub grouping: Grouping,
    /// The filter as typed.
    pub filter: String,
    /// Only this host's, when a host was opened.
    pub only_host: Option<HostId>,
    /// Containers the filter shows, and all there are.
    pub shown: usize,
    /// All containers.
    pub total: usize,
    /// Running ones.
    pub running: usize,
}

/// The host list.
#[derive(Debug, Default)]
pub struct HostList {
    /// The host under the cursor.
    pub cursor: usize,
    /// First host on screen.
    pub offset: usize,
}

/// What lies over the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// Keys of the focused pane.
    Help,
    /// The problem list.
    Problems,
    /// One container whole.
    Details,
    /// The command palette.
    Palette,
}

/// A field that is being typed into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editing {
    /// Which.
    pub field: Field,
    /// What it holds.
    pub text: String,
    /// What it held when it was opened, to go back to.
    pub before: String,
}

/// What the screen shows of the fleet.
#[derive(Debug)]
pub struct View {
    /// The pane with the focus.
    pub focus: Pane,
    /// Whether that pane fills the screen.
    pub zoom: bool,
    /// What lies over the panes.
    pub overlay: Option<Overlay>,
    /// First line on screen and cursor line of the overlay.
    pub overlay_offset: usize,
    /// Line under the overlay's cursor.
    pub overlay_cursor: usize,
    /// The open field.
    pub editing: Option<Editing>,
    /// One line of news for the operator, until `until` (`Now::mono_ms`).
    pub notice: Option<Notice>,
    /// Room there is.
    pub viewport: Viewport,
    /// Whether Ctrl-C asked to quit: `y` does.
    pub quit_asked: bool,
}

/// One line of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: Printable,
    /// Whether it is bad news.
    pub bad: bool,
    /// `Now::mono_ms` at which it goes.
    pub until: u64,
}

/// A container as a prompt was opened for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Identity.
    pub key: ContainerKey,
    /// Host name.
    pub host: Printable,
    /// The container as it was then: the prompt refuses when name, state or image changed since.
    pub container: Container,
}

/// A question before an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// What will be sent.
    pub command: Command,
    /// To whom.
    pub targets: Vec<Target>,
    /// Those of the marked that were left out, with the reason.
    pub left_out: Vec<(Printable, String)>,
    /// What it wants.
    pub ask: Ask,
    /// What has to be typed, when `ask` is `Type`.
    pub expected: String,
    /// `Now::mono_ms` at which it closes by itself.
    pub expires: u64,
    /// Why it can no longer be answered (a target changed).
    pub void: Option<String>,
}

/// An order's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Handed to the runtime.
    Given,
    /// In the journal and on its way.
    Sent,
    /// Proven.
    Done,
    /// The engine said no.
    Refused(Printable),
    /// It never left.
    NotSent(Printable),
    /// Not known; being settled by looking again.
    Unknown(Printable),
    /// Not known, and looking again did not settle it: a person has to look.
    Unsettled(Printable),
}

/// An order given in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRecord {
    /// The order.
    pub order: Order,
    /// Where it stands.
    pub phase: Phase,
    /// Unix milliseconds of the last step.
    pub at_ms: i64,
}

impl OrderRecord {
    /// Whether it is still on its way or unsettled.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Given | Phase::Sent | Phase::Unknown(_))
    }

    /// Unix milliseconds until which its row shows it; `None`: as long as it stands so.
    pub fn shown_until(&self) -> Option<i64> {
        match self.phase {
            Phase::Given | Phase::Sent | Phase::Unknown(_) => None,
            Phase::Done => Some(self.at_ms + 5_000),
            Phase::Refused(_) | Phase::NotSent(_) | Phase::Unsettled(_) => Some(self.at_ms + 30_000),
        }
    }
}

/// A line of the activity pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// About what.
    pub subject: Subject,
    /// The subject's name, as it was ("shop-api@web-1").
    pub name: Printable,
    /// What happened.
    pub what: Printable,
    /// Whether it is bad news.
    pub bad: bool,
}

/// An inspection on screen.
#[derive(Debug)]
pub struct Inspection {
    /// Of which container.
    pub key: ContainerKey,
    /// What it says, once it is there.
    pub details: Option<Result<Box<Details>, Printable>>,
    /// (section, field) of the masked values that were asked for.
    pub revealed: HashSet<(usize, usize)>,
}

/// Everything.
#[derive(Debug)]
pub struct State {
    /// The moment of the last message.
    pub now: Now,
    /// What does not change.
    pub settings: Settings,
    /// The hosts, by `HostId`.
    pub hosts: Vec<Host>,
    /// The container table.
    pub table: Table,
    /// The host list.
    pub host_list: HostList,
    /// The screen.
    pub view: View,
    /// The open question.
    pub prompt: Option<Prompt>,
    /// Seconds by which local time is ahead of UTC; the app tells it.
    pub utc_offset_s: i32,
    /// The open log.
    pub log: Option<LogRoom>,
    /// The open inspection.
    pub inspection: Option<Inspection>,
    /// Orders of this run, oldest first: all that are open, and a few hundred that ended.
    pub orders: VecDeque<OrderRecord>,
    /// What happened, oldest first, at most a thousand.
    pub activity: VecDeque<Activity>,
    /// First line of the activity shown, counted from the newest.
    pub activity_offset: usize,
    /// Problems, worst first.
    pub problems: Vec<Problem>,
    /// Why the journal cannot be written, where it cannot: orders are refused.
    pub journal: Result<(), String>,
    /// Something shown may have changed since the last draw.
    pub(super) dirty: bool,
    /// Rows and problems must be computed again before the next draw.
    pub(super) stale_rows: bool,
    /// `Now::mono_ms` of the next visible change of an age or end of a window, found when rows were computed.
    pub(super) next_change: Option<u64>,
    pub(super) next_order: u64,
    pub(super) next_stream: u64,
    /// What the last `Effect::WatchStats` named.
    pub(super) watched: Vec<ContainerKey>,
}

impl State {
    /// A fleet of which nothing is known yet.
    pub fn new(settings: Settings, hosts: Vec<HostSpec>, now: Now) -> Self {
        let hosts = hosts
            .into_iter()
            .map(|spec| Host {
                spec,
                liveness: Liveness::Connecting { since: now.mono_ms },
                epoch: 0,
                engine: None,
                twin: None,
                latency_ms: None,
                listed: false,
                containers: HashMap::new(),
                cpu_history: VecDeque::new(),
            })
            .collect();
        Self {
            now,
            settings,
            hosts,
            table: Table {
                rows: Vec::new(),
                cursor: None,
                cursor_row: 0,
                touched: false,
                waiting: true,
                slipped: None,
                offset: 0,
                marks: HashSet::new(),
                sort: SortBy::State,
                grouping: Grouping::None,
                filter: String::new(),
                only_host: None,
                shown: 0,
                total: 0,
                running: 0,
            },
            host_list: HostList::default(),
            view: View {
                focus: Pane::Containers,
                zoom: false,
                overlay: None,
                overlay_offset: 0,
                overlay_cursor: 0,
                editing: None,
                notice: None,
                viewport: Viewport::default(),
                quit_asked: false,
            },
            prompt: None,
            utc_offset_s: 0,
            log: None,
            inspection: None,
            orders: VecDeque::new(),
            activity: VecDeque::new(),
            activity_offset: 0,
            problems: Vec::new(),
            journal: Ok(()),
            dirty: true,
            stale_rows: true,
            next_change: None,
            next_order: 1,
            next_stream: 1,
            watched: Vec::new(),
        }
    }

    /// A host.
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(id.index())
    }

    /// A container, where it still exists.
    pub fn entry(&self, key: ContainerKey) -> Option<&Entry> {
        self.host(key.host)?.containers.get(&key.id)
    }

    pub(super) fn entry_mut(&mut self, key: ContainerKey) -> Option<&mut Entry> {
        self.hosts.get_mut(key.host.index())?.containers.get_mut(&key.id)
    }

    /// The order that a row shows.
    pub fn order(&self, id: OrderId) -> Option<&OrderRecord> {
        self.orders.iter().rev().find(|record| record.order.id == id)
    }

    /// `Now::mono_ms` at which `Event::Ticked` is wanted, if at all.
    pub fn next_wake(&self) -> Option<u64> {
        let prompt = self.prompt.as_ref().map(|prompt| prompt.expires);
        let notice = self.view.notice.as_ref().map(|notice| notice.until);
        let log = self.log.as_ref().and_then(LogRoom::wake);
        [self.next_change, prompt, notice, log]
            .into_iter()
            .flatten()
            .min()
    }

    /// Fields of the open inspection, over all its sections.
    pub fn detail_fields(&self) -> usize {
        match self
            .inspection
            .as_ref()
            .and_then(|inspection| inspection.details.as_ref())
        {
            Some(Ok(details)) => details.sections.iter().map(|section| section.fields.len()).sum(),
            _ => 0,
        }
    }

    /// (section, field) of the open inspection's `n`th field.
    pub fn detail_field(&self, n: usize) -> Option<(usize, usize)> {
        let details = self.inspection.as_ref()?.details.as_ref()?.as_ref().ok()?;
        let places = details.sections.iter().enumerate();
        places
            .flat_map(|(at, section)| (0..section.fields.len()).map(move |field| (at, field)))
            .nth(n)
    }

    /// The order to show on a container's row: one under way, or one that ended a moment ago.
    pub fn row_order(&self, entry: &Entry) -> Option<&OrderRecord> {
        let record = self.order(entry.order?)?;
        (record.shown_until().is_none_or(|until| self.now.wall_ms < until)).then_some(record)
    }

    /// A host's name.
    pub fn host_name(&self, id: HostId) -> Printable {
        self.host(id)
            .map(|host| host.spec.name.clone())
            .unwrap_or_default()
    }

    /// `container@host`, as it stands in activity and titles.
    pub fn full_name(&self, key: ContainerKey) -> Printable {
        let host = self.host_name(key.host);
        match self.entry(key) {
            Some(entry) => Printable::clean(&format!("{}@{host}", entry.container.name)),
            None => Printable::clean(&format!("{}@{host}", key.id.short())),
        }
    }

    /// Whether something shown may have changed since this was last asked; asking forgets it.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    pub(super) fn new_stream(&mut self) -> StreamId {
        self.next_stream += 1;
        StreamId(self.next_stream)
    }
}
