//! The first line: the whole fleet in a glance; and the tabs.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::fleet::State;
use crate::fleet::intent::Pane;
use crate::fleet::model::Liveness;
use crate::ui::layout;
use crate::ui::theme::Role;
use crate::ui::widgets::{Canvas, width};

type Segment = Vec<(String, Role)>;

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, state: &State, line: Rect) {
    let narrow = line.width < 80;
    let right = right(state, narrow);
    let taken: u16 = length(&right) + 1;
    let mut room = line.width.saturating_sub(taken + 1);
    // What matters most finds its place first.
    let mut left: Vec<(u8, Segment)> = Vec::new();
    for (place, segment) in [
        (2, hosts(state, narrow)),
        (3, containers(state, narrow)),
        (0, product()),
        (1, fleet(state)),
    ] {
        let wanted = length(&segment) + 2;
        if !segment.is_empty() && wanted <= room {
            room -= wanted;
            left.push((place, segment));
        }
    }
    left.sort_by_key(|(place, _)| *place);
    let mut pen = canvas.pen(line, 0);
    pen.gap(1);
    for (_, segment) in &left {
        for (text, role) in segment {
            pen.role(text, *role);
        }
        pen.gap(2);
    }
    pen.skip_to_last(taken);
    for (text, role) in &right {
        pen.role(text, *role);
    }
}

fn length(segment: &[(String, Role)]) -> u16 {
    segment.iter().map(|(text, _)| width(text)).sum()
}

fn product() -> Segment {
    vec![("wheelhouse".to_owned(), Role::Title)]
}

fn fleet(state: &State) -> Segment {
    let name = &state.settings.fleet;
    if name.is_empty() {
        Vec::new()
    } else {
        vec![(name.to_string(), Role::Info)]
    }
}

fn hosts(state: &State, narrow: bool) -> Segment {
    let total = state.hosts.len();
    let mut counts = [0; 4];
    for host in &state.hosts {
        counts[match host.liveness {
            Liveness::Live => 0,
            Liveness::Connecting { .. } => 1,
            Liveness::Stale { .. } => 2,
            Liveness::Down { .. } => 3,
        }] += 1;
    }
    let mut segment = vec![(
        format!("{total} host{}", if total == 1 { "" } else { "s" }),
        Role::Text,
    )];
    let kinds = [
        ("●", "live", Role::Good),
        ("◌", "connecting", Role::Info),
        ("◐", "stale", Role::Warn),
        ("✖", "down", Role::Bad),
    ];
    for (count, (glyph, word, role)) in counts.into_iter().zip(kinds).filter(|(count, _)| *count > 0) {
        let text = if narrow {
            format!(" {glyph} {count}")
        } else {
            format!(" {glyph} {count} {word}")
        };
        segment.push((text, role));
    }
    segment
}

fn containers(state: &State, narrow: bool) -> Segment {
    let (total, up) = (state.table.total, state.table.running);
    let text = if narrow {
        format!("{up}/{total} up")
    } else {
        format!("{total} containers {up} up")
    };
    vec![(text, Role::Text)]
}

fn right(state: &State, narrow: bool) -> Segment {
    let mut segment = Segment::new();
    if state.journal.is_err() && !state.settings.read_only {
        let text = if narrow {
            "▲ no journal"
        } else {
            "▲ journal not writable: orders are refused"
        };
        segment.push((text.to_owned(), Role::Bad));
    }
    match state.problems.len() {
        0 => {}
        n if narrow => segment.push((format!("▲ {n} !"), Role::Bad)),
        1 => segment.push(("▲ 1 problem  !".to_owned(), Role::Bad)),
        n => segment.push((format!("▲ {n} problems  !"), Role::Bad)),
    }
    if state.settings.read_only {
        segment.push((" READ-ONLY ".to_owned(), Role::Badge));
    }
    let gaps = segment.len().saturating_sub(1);
    for at in (1..=gaps).rev() {
        segment.insert(at, ("  ".to_owned(), Role::Text));
    }
    segment
}

pub(in crate::ui) fn tabs(canvas: &mut Canvas<'_>, state: &State, line: Rect) {
    for (pane, area) in tab_places(line) {
        let (key, name) = layout::name(pane);
        let focused = pane == state.view.focus;
        let mut pen = canvas.pen(area, 0);
        pen.role(
            &format!(" {key} {name} "),
            if focused { Role::Focus } else { Role::Dim },
        );
        if focused {
            canvas.paint(area, Style::new().add_modifier(Modifier::REVERSED));
        }
    }
}

/// The tab at a column.
pub(in crate::ui) fn tab_at(line: Rect, column: u16) -> Option<Pane> {
    tab_places(line)
        .find(|(_, area)| (area.x..area.right()).contains(&column))
        .map(|(pane, _)| pane)
}

/// Where each tab stands. At 40 columns all four just fit.
fn tab_places(line: Rect) -> impl Iterator<Item = (Pane, Rect)> {
    let mut x = line.x;
    layout::PANES.into_iter().map(move |pane| {
        let width = layout::name(pane).1.len() as u16 + 4;
        let area = Rect { x, width, ..line }.intersection(line);
        x += width;
        (pane, area)
    })
}
