//! Intents: wishes, in the imperative. The keymap makes them from keys; only `update` reads them.

use super::model::{Command, ContainerKey, HostId};

/// A way to move in whatever has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many lines; negative is up.
    Lines(i32),
    /// So many half pages; negative is up.
    HalfPages(i32),
    /// So many pages; negative is up.
    Pages(i32),
    /// The first line.
    Top,
    /// The last line.
    Bottom,
    /// So many columns; negative is left.
    Columns(i32),
}

/// A pane. The number is its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// 1
    Hosts,
    /// 2
    Containers,
    /// 3
    Logs,
    /// 6
    Activity,
}

/// How the containers are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Not at all.
    None,
    /// By app.
    App,
    /// By host.
    Host,
}

/// What is typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The container filter.
    Filter,
    /// The search in the log.
    Search,
    /// The command palette.
    Palette,
    /// The answer to a prompt that wants a name or count typed.
    Answer,
}

/// How many lines each room has on screen; told before every draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// Rows of the container table; 0 when it is not shown.
    pub containers: usize,
    /// Rows of the host list.
    pub hosts: usize,
    /// Columns and rows of the log.
    pub log: (usize, usize),
    /// Rows of the activity pane.
    pub activity: usize,
    /// Rows of an overlay (inspection, help, problems).
    pub overlay: usize,
}

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Move in the pane or overlay that has the focus.
    Move(Step),
    /// Give a pane the focus.
    Focus(Pane),
    /// Give the next (1) or previous (-1) pane the focus.
    Cycle(i32),
    /// Open what the cursor is on: a host narrows the table to itself, a container opens its log.
    Open,
    /// Close the topmost thing: prompt, field, overlay, zoom, filter.
    Back,
    /// Let the focused pane fill the screen, or not.
    Zoom,
    /// Show or hide the keys of this pane.
    Help,
    /// Show or hide the problems.
    Problems,
    /// Open a field to type into.
    Edit(Field),
    /// The open field now holds this.
    Type(String),
    /// Enter in the open field.
    Accept,
    /// Take the next (1) or previous (-1) match.
    Match(i32),
    /// Sort the containers by the next column.
    Sort,
    /// Group by the next way.
    Group,
    /// Mark or unmark the container under the cursor.
    Mark,
    /// Mark all that the filter shows.
    MarkAll,
    /// Unmark all.
    UnmarkAll,
    /// Copy the value (name, line) under the cursor.
    CopyValue,
    /// Copy the whole row under the cursor.
    CopyRow,
    /// Show the log of the container under the cursor.
    Logs,
    /// Inspect the container under the cursor.
    Inspect,
    /// Show or mask again the masked value under the cursor of the inspection.
    Reveal,
    /// Try the host under the cursor again now.
    Reconnect,
    /// Tell the marked containers, else the one under the cursor. May open a prompt.
    Order(Command),
    /// `y` in a prompt.
    Yes,
    /// Follow the log, or hold its place.
    Follow,
    /// Wrap log lines, or not.
    Wrap,
    /// Show the next kind of time before log lines.
    Time,
    /// Put the cursor of the table on this container.
    Select(ContainerKey),
    /// Put the cursor of the hosts on this host.
    SelectHost(HostId),
    /// Ctrl-C: close the prompt, else ask to quit.
    Interrupt,
    /// `q`: back, and quit at the root.
    Quit,
    /// The room there is for each pane.
    Viewport(Viewport),
    /// A key that would act was pressed on a read-only console.
    Denied,
    /// Redraw everything.
    Redraw,
}
