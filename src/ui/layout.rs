//! Where everything stands: a pure function of size and state.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::intent::{Pane, Viewport};
use crate::fleet::state::Overlay;

/// From this width on everything is shown at once.
const WIDE: u16 = 120;
/// Height below which panes beside each other would have no room.
const TALL: u16 = 16;
/// Width of the left column.
const LEFT: u16 = 26;
/// Columns of the left panes where there is room for whole names.
const LEFT_ROOMY: u16 = 38;
/// Columns of a screen from which on there is.
const ROOMY: u16 = 160;
/// Below this size one line says what is needed.
pub(super) const LEAST: (u16, u16) = (40, 10);

/// Panes in the order of their keys.
pub(super) const PANES: [Pane; 4] = [Pane::Hosts, Pane::Containers, Pane::Logs, Pane::Activity];

/// The key and the name of a pane.
pub(super) fn name(pane: Pane) -> (char, &'static str) {
    match pane {
        Pane::Hosts => ('1', "Hosts"),
        Pane::Containers => ('2', "Containers"),
        Pane::Logs => ('3', "Logs"),
        Pane::Activity => ('6', "Activity"),
    }
}

/// Rectangles; an empty one is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) header: Rect,
    pub(super) tabs: Rect,
    panes: [Rect; 4],
    pub(super) bar: Rect,
    /// Frame of an overlay.
    pub(super) overlay: Rect,
}

impl Layout {
    /// The layout, or `None` when the screen is too small.
    pub(super) fn of(area: Rect, state: &State) -> Option<Self> {
        if area.width < LEAST.0 || area.height < LEAST.1 {
            return None;
        }
        let line = |y: u16| Rect { y, height: 1, ..area };
        let (header, bar) = (line(area.y), line(area.bottom() - 1));
        let body = Rect {
            y: area.y + 1,
            height: area.height - 2,
            ..area
        };
        let mut layout = Self {
            header,
            tabs: Rect::default(),
            panes: [Rect::default(); 4],
            bar,
            overlay: over(body),
        };
        let focus = state.view.focus;
        let wide = area.width >= WIDE && area.height >= TALL;
        if state.view.zoom {
            layout.panes[focus as usize] = body;
        } else if wide {
            layout.spread(body, state);
        } else {
            layout.tabs = line(body.y);
            layout.panes[focus as usize] = Rect {
                y: body.y + 1,
                height: body.height - 1,
                ..body
            };
        }
        Some(layout)
    }

    fn spread(&mut self, body: Rect, state: &State) {
        let width = if body.width >= ROOMY { LEFT_ROOMY } else { LEFT };
        let left = Rect { width, ..body };
        let right = Rect {
            x: body.x + width,
            width: body.width - width,
            ..body
        };
        // Each host, and up to six lines about the one under the cursor.
        let wanted = u16::try_from(state.hosts.len())
            .unwrap_or(u16::MAX)
            .saturating_add(9);
        let (hosts, activity) = split(left, wanted.min(left.height * 3 / 5));
        self.panes[Pane::Hosts as usize] = hosts;
        self.panes[Pane::Activity as usize] = activity;
        if state.log.is_some() || state.view.focus == Pane::Logs {
            let (containers, logs) = split(right, right.height * 45 / 100);
            self.panes[Pane::Containers as usize] = containers;
            self.panes[Pane::Logs as usize] = logs;
        } else {
            self.panes[Pane::Containers as usize] = right;
        }
    }

    /// A pane's frame; empty when it is not shown.
    pub(super) fn pane(&self, pane: Pane) -> Rect {
        self.panes[pane as usize]
    }

    /// The pane at a place on the screen.
    pub(super) fn pane_at(&self, x: u16, y: u16) -> Option<Pane> {
        PANES
            .into_iter()
            .find(|pane| self.pane(*pane).contains((x, y).into()))
    }

    /// The room each pane has within its frame.
    pub(super) fn viewport(&self, state: &State) -> Viewport {
        let inside = |pane| inner(self.pane(pane));
        let log = inside(Pane::Logs);
        let overlay = inner(self.overlay).height;
        let entry = if state.view.overlay == Some(Overlay::Palette) {
            2
        } else {
            0
        };
        let activity = inside(Pane::Activity);
        Viewport {
            containers: usize::from(inside(Pane::Containers).height.saturating_sub(1)),
            hosts: usize::from(inside(Pane::Hosts).height),
            log: (usize::from(log.width), usize::from(log.height)),
            activity: usize::from(activity.height / activity_lines(activity.width)),
            overlay: usize::from(overlay.saturating_sub(entry)),
        }
    }
}

/// Lines an entry of the activity takes in a pane of this width.
pub(super) fn activity_lines(width: u16) -> u16 {
    if width < 50 { 2 } else { 1 }
}

/// What is within a frame.
pub(super) fn inner(area: Rect) -> Rect {
    if area.width < 2 || area.height < 2 {
        return Rect {
            width: 0,
            height: 0,
            ..area
        };
    }
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    }
}

fn split(area: Rect, upper: u16) -> (Rect, Rect) {
    let upper = upper.min(area.height);
    (
        Rect {
            height: upper,
            ..area
        },
        Rect {
            y: area.y + upper,
            height: area.height - upper,
            ..area
        },
    )
}

/// An overlay's place: the whole of a small body, the middle of a large one.
fn over(body: Rect) -> Rect {
    if body.width < 100 {
        body
    } else {
        centred(body, 110, body.height.saturating_sub(2))
    }
}

/// A rectangle of at most this size in the middle of another.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}
