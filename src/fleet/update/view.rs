//! Wishes about the screen: moving, finding, marking, opening and closing.

use super::{actions, logs, notice};
use crate::fleet::effect::Effect;
use crate::fleet::intent::{Field, Grouping, Intent, Pane, Step};
use crate::fleet::model::{ContainerKey, HostId};
use crate::fleet::state::{Editing, Inspection, Overlay, Row, SortBy, State, Subject};

/// Time passed: what hangs on it is computed again.
pub(super) fn on_tick(state: &mut State) -> Vec<Effect> {
    if state
        .view
        .notice
        .as_ref()
        .is_some_and(|notice| state.now.mono_ms >= notice.until)
    {
        state.view.notice = None;
    }
    state.stale_rows = true;
    state.dirty = true;
    logs::on_tick(state)
}

pub(super) fn on_intent(state: &mut State, intent: Intent, burst: bool) -> Vec<Effect> {
    state.dirty = true;
    state.table.touched = true;
    if state.prompt.is_some() && !concerns_prompt(&intent) {
        return Vec::new();
    }
    if burst && !may_come_in_a_burst(&intent) {
        notice(
            state,
            "keys came all at once, as pasted text does: only moves are taken",
            true,
        );
        return Vec::new();
    }
    if !matches!(intent, Intent::Yes | Intent::Interrupt) {
        state.view.quit_asked = false;
    }
    match intent {
        Intent::Order(command) => actions::wish(state, command),
        Intent::Denied => actions::denied(state),
        Intent::Yes if state.view.quit_asked => vec![Effect::Quit],
        Intent::Yes => actions::answer(state, None),
        Intent::Edit(field) => edit(state, field),
        Intent::Type(text) => type_text(state, text),
        Intent::Accept => accept(state),
        Intent::Back => back(state),
        Intent::Quit => {
            if is_root(state) {
                vec![Effect::Quit]
            } else {
                back(state)
            }
        }
        Intent::Interrupt => interrupt(state),
        Intent::Move(step) => move_by(state, step),
        Intent::Focus(pane) => focus(state, pane),
        Intent::Cycle(by) => {
            let panes = [Pane::Hosts, Pane::Containers, Pane::Logs, Pane::Activity];
            let open: Vec<_> = panes
                .into_iter()
                .filter(|pane| *pane != Pane::Logs || state.log.is_some())
                .collect();
            let at = open
                .iter()
                .position(|pane| *pane == state.view.focus)
                .unwrap_or(0) as i32;
            focus(state, open[(at + by).rem_euclid(open.len() as i32) as usize])
        }
        Intent::Zoom => {
            state.view.zoom = !state.view.zoom;
            Vec::new()
        }
        Intent::Help => toggle(state, Overlay::Help),
        Intent::Problems => toggle(state, Overlay::Problems),
        Intent::Open => open(state),
        Intent::Logs => state
            .table
            .cursor
            .map_or_else(Vec::new, |key| open_log(state, key)),
        Intent::Inspect => inspect(state),
        Intent::Reveal => reveal(state),
        Intent::Reconnect => reconnect(state),
        Intent::Sort | Intent::Group => {
            rearrange(state, &intent);
            Vec::new()
        }
        Intent::Mark | Intent::MarkAll | Intent::UnmarkAll => {
            mark(state, &intent);
            Vec::new()
        }
        Intent::CopyValue | Intent::CopyRow => copy(state, &intent),
        Intent::Follow | Intent::Wrap | Intent::Time | Intent::Match(_) => logs::on_intent(state, &intent),
        Intent::Select(key) => {
            state.view.focus = Pane::Containers;
            select(state, key);
            Vec::new()
        }
        Intent::SelectHost(host) => {
            state.view.focus = Pane::Hosts;
            state.host_list.cursor = host.index();
            Vec::new()
        }
        Intent::Viewport(_) | Intent::Redraw => Vec::new(),
    }
}

/// While a question is open nothing else is heard.
fn concerns_prompt(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Yes
            | Intent::Back
            | Intent::Quit
            | Intent::Interrupt
            | Intent::Type(_)
            | Intent::Accept
            | Intent::Redraw
    )
}

/// Pasted text that arrives as keys may move and narrow, and nothing more: it does not leave, copy, unmask or ask.
fn may_come_in_a_burst(intent: &Intent) -> bool {
    !matches!(
        intent,
        Intent::Order(_)
            | Intent::Yes
            | Intent::Accept
            | Intent::Quit
            | Intent::CopyValue
            | Intent::CopyRow
            | Intent::Reveal
            | Intent::Edit(_)
            | Intent::Interrupt
    )
}

fn is_root(state: &State) -> bool {
    let view = &state.view;
    view.editing.is_none()
        && state.prompt.is_none()
        && view.overlay.is_none()
        && !view.zoom
        && view.focus != Pane::Logs
        && state.table.filter.is_empty()
        && state.table.only_host.is_none()
}

/// Closes the topmost thing.
fn back(state: &mut State) -> Vec<Effect> {
    if state.prompt.is_some() {
        actions::close_prompt(state);
    } else if let Some(editing) = state.view.editing.clone() {
        let effects = cancel(state, editing);
        state.view.editing = None;
        return effects;
    } else if state.view.overlay.take().is_some() {
        state.inspection = None;
    } else if state.view.zoom {
        state.view.zoom = false;
    } else if state.view.focus == Pane::Logs {
        state.view.focus = Pane::Containers;
        return logs::close(state);
    } else if state.view.focus != Pane::Containers {
        state.view.focus = Pane::Containers;
    } else if !state.table.filter.is_empty() {
        state.table.filter.clear();
        state.stale_rows = true;
    } else if state.table.only_host.take().is_some() {
        state.stale_rows = true;
    } else if state.log.is_some() {
        return logs::close(state);
    }
    Vec::new()
}

fn interrupt(state: &mut State) -> Vec<Effect> {
    if state.prompt.is_some() || state.view.editing.is_some() {
        return back(state);
    }
    if std::mem::replace(&mut state.view.quit_asked, true) {
        return vec![Effect::Quit];
    }
    Vec::new()
}

fn edit(state: &mut State, field: Field) -> Vec<Effect> {
    let before = match field {
        Field::Filter => {
            state.view.focus = Pane::Containers;
            state.table.filter.clone()
        }
        Field::Palette => {
            open_overlay(state, Overlay::Palette);
            String::new()
        }
        Field::Search | Field::Answer => String::new(),
    };
    state.view.editing = Some(Editing {
        field,
        text: before.clone(),
        before,
    });
    logs_hear(state, field, &Intent::Edit(field))
}

/// The search belongs to the log room.
fn logs_hear(state: &mut State, field: Field, intent: &Intent) -> Vec<Effect> {
    if field == Field::Search {
        logs::on_intent(state, intent)
    } else {
        Vec::new()
    }
}

fn type_text(state: &mut State, text: String) -> Vec<Effect> {
    let Some(editing) = state.view.editing.as_mut() else {
        return Vec::new();
    };
    let field = editing.field;
    editing.text.clone_from(&text);
    match field {
        Field::Filter => {
            state.table.filter = text;
            state.stale_rows = true;
        }
        Field::Palette => (state.view.overlay_cursor, state.view.overlay_offset) = (0, 0),
        Field::Search => return logs::on_intent(state, &Intent::Type(text)),
        Field::Answer => {}
    }
    Vec::new()
}

fn accept(state: &mut State) -> Vec<Effect> {
    let Some(editing) = state.view.editing.clone() else {
        return Vec::new();
    };
    match editing.field {
        Field::Answer => actions::answer(state, Some(&editing.text)),
        Field::Filter => {
            state.view.editing = None;
            Vec::new()
        }
        Field::Search => {
            let effects = logs::on_intent(state, &Intent::Accept);
            state.view.editing = None;
            effects
        }
        Field::Palette => {
            let chosen = state
                .palette()
                .get(state.view.overlay_cursor)
                .map(|entry| entry.intent.clone());
            state.view.editing = None;
            state.view.overlay = None;
            chosen.map_or_else(Vec::new, |intent| on_intent(state, intent, false))
        }
    }
}

/// Esc in a field: what it changed goes back.
fn cancel(state: &mut State, editing: Editing) -> Vec<Effect> {
    match editing.field {
        Field::Filter => {
            state.table.filter = editing.before;
            state.stale_rows = true;
        }
        Field::Palette => state.view.overlay = None,
        Field::Search => return logs::on_intent(state, &Intent::Back),
        Field::Answer => {}
    }
    Vec::new()
}

fn focus(state: &mut State, pane: Pane) -> Vec<Effect> {
    if pane == Pane::Logs && state.log.is_none() {
        return state
            .table
            .cursor
            .map_or_else(Vec::new, |key| open_log(state, key));
    }
    state.view.focus = pane;
    state.view.overlay = None;
    Vec::new()
}

fn open_overlay(state: &mut State, overlay: Overlay) {
    state.view.overlay = Some(overlay);
    (state.view.overlay_cursor, state.view.overlay_offset) = (0, 0);
}

fn toggle(state: &mut State, overlay: Overlay) -> Vec<Effect> {
    if state.view.overlay == Some(overlay) {
        state.view.overlay = None;
    } else {
        open_overlay(state, overlay);
    }
    Vec::new()
}

fn open(state: &mut State) -> Vec<Effect> {
    match (state.view.overlay, state.view.focus) {
        (Some(Overlay::Problems), _) => {
            let subject = state
                .problems
                .get(state.view.overlay_cursor)
                .map(|problem| problem.subject);
            state.view.overlay = None;
            match subject {
                Some(Subject::Container(key)) => {
                    state.view.focus = Pane::Containers;
                    select(state, key);
                }
                Some(Subject::Host(host)) => {
                    state.view.focus = Pane::Hosts;
                    state.host_list.cursor = host.index();
                }
                Some(Subject::Console) | None => {}
            }
            Vec::new()
        }
        (Some(Overlay::Details), _) => reveal(state),
        (Some(_), _) | (None, Pane::Logs | Pane::Activity) => Vec::new(),
        (None, Pane::Containers) => state
            .table
            .cursor
            .map_or_else(Vec::new, |key| open_log(state, key)),
        (None, Pane::Hosts) => {
            state.table.only_host = Some(HostId(state.host_list.cursor as u16));
            state.view.focus = Pane::Containers;
            state.stale_rows = true;
            Vec::new()
        }
    }
}

/// Puts the table's cursor on a container, taking away what hides it.
fn select(state: &mut State, key: ContainerKey) {
    if state.entry(key).is_none() {
        return;
    }
    if !state.table.rows.contains(&Row::Container(key)) {
        state.table.filter.clear();
        state.table.only_host = None;
    }
    state.table.cursor = Some(key);
    state.stale_rows = true;
}

fn open_log(state: &mut State, key: ContainerKey) -> Vec<Effect> {
    state.view.overlay = None;
    state.view.focus = Pane::Logs;
    logs::open(state, key)
}

fn inspect(state: &mut State) -> Vec<Effect> {
    let Some(key) = state.table.cursor else {
        return Vec::new();
    };
    open_overlay(state, Overlay::Details);
    state.inspection = Some(Inspection {
        key,
        details: None,
        revealed: std::collections::HashSet::new(),
    });
    vec![Effect::Inspect(key)]
}

/// Shows the masked value under the cursor, or masks it again.
fn reveal(state: &mut State) -> Vec<Effect> {
    if state.settings.read_only {
        return actions::denied(state);
    }
    let Some(place) = state.detail_field(state.view.overlay_cursor) else {
        return Vec::new();
    };
    if let Some(inspection) = &mut state.inspection
        && !inspection.revealed.remove(&place)
    {
        inspection.revealed.insert(place);
    }
    Vec::new()
}

fn reconnect(state: &mut State) -> Vec<Effect> {
    let host = match state.view.focus {
        Pane::Hosts => Some(HostId(state.host_list.cursor as u16)),
        _ => state.table.cursor.map(|key| key.host),
    };
    match host.filter(|host| state.host(*host).is_some()) {
        Some(host) => {
            let text = format!("trying {} again", state.host_name(host));
            notice(state, &text, false);
            vec![Effect::Reconnect(host)]
        }
        None => Vec::new(),
    }
}

fn rearrange(state: &mut State, intent: &Intent) {
    let table = &mut state.table;
    if *intent == Intent::Sort {
        table.sort = match table.sort {
            SortBy::State => SortBy::Name,
            SortBy::Name => SortBy::Host,
            SortBy::Host => SortBy::Cpu,
            SortBy::Cpu => SortBy::Memory,
            SortBy::Memory => SortBy::Age,
            SortBy::Age => SortBy::State,
        };
    } else {
        table.grouping = match table.grouping {
            Grouping::None => Grouping::App,
            Grouping::App => Grouping::Host,
            Grouping::Host => Grouping::None,
        };
    }
    state.stale_rows = true;
}

fn mark(state: &mut State, intent: &Intent) {
    let table = &mut state.table;
    match intent {
        Intent::MarkAll => table.marks.extend(table.rows.iter().filter_map(|row| match row {
            Row::Container(key) => Some(*key),
            Row::Group { .. } => None,
        })),
        Intent::UnmarkAll => table.marks.clear(),
        _ => {
            if let Some(key) = table.cursor {
                if !table.marks.remove(&key) {
                    table.marks.insert(key);
                }
                move_cursor(state, Step::Lines(1));
            }
        }
    }
}

fn copy(state: &mut State, intent: &Intent) -> Vec<Effect> {
    let row = *intent == Intent::CopyRow;
    let text = match state.view.focus {
        Pane::Logs => return logs::on_intent(state, intent),
        Pane::Hosts => state.hosts.get(state.host_list.cursor).map(|host| {
            let name = host.spec.name.to_string();
            if row {
                format!("{name}\t{}", host.spec.endpoint)
            } else {
                name
            }
        }),
        Pane::Activity => {
            let newest = state.activity.len().checked_sub(state.activity_offset + 1);
            newest
                .and_then(|at| state.activity.get(at))
                .map(|line| format!("{}\t{}", line.name, line.what))
        }
        Pane::Containers => state.table.cursor.and_then(|key| state.entry(key)).map(|entry| {
            let container = &entry.container;
            if !row {
                return container.name.to_string();
            }
            let host = state.host_name(container.key.host);
            let (name, image, word) = (&container.name, &container.image, container.state.word());
            format!("{host}\t{name}\t{}\t{image}\t{word}", container.key.id)
        }),
    };
    let Some(text) = text else { return Vec::new() };
    notice(state, &format!("copied: {}", text.replace('\t', "  ")), false);
    vec![Effect::Copy(text)]
}

fn move_by(state: &mut State, step: Step) -> Vec<Effect> {
    match (state.view.overlay, state.view.focus) {
        (Some(overlay), _) => move_overlay(state, overlay, step),
        (None, Pane::Logs) => return logs::on_intent(state, &Intent::Move(step)),
        (None, Pane::Containers) => move_cursor(state, step),
        (None, Pane::Hosts) => {
            let page = state.view.viewport.hosts;
            state.host_list.cursor = stepped(state.host_list.cursor, state.hosts.len(), page, step);
        }
        (None, Pane::Activity) => {
            // Counted from the newest, which stands last: down is towards it.
            let len = state.activity.len();
            let from_top = len.saturating_sub(1).saturating_sub(state.activity_offset);
            let at = stepped(from_top, len, state.view.viewport.activity, step);
            state.activity_offset = len.saturating_sub(1).saturating_sub(at);
        }
    }
    Vec::new()
}

fn move_overlay(state: &mut State, overlay: Overlay, step: Step) {
    let page = state.view.viewport.overlay.max(1);
    let len = match overlay {
        Overlay::Problems => state.problems.len(),
        Overlay::Palette => state.palette().len(),
        Overlay::Details => state.detail_fields(),
        Overlay::Help => {
            // A text without a cursor: only its first line moves, and drawing stops it at its end.
            state.view.overlay_offset = stepped(state.view.overlay_offset, usize::from(u16::MAX), page, step);
            return;
        }
    };
    let cursor = stepped(state.view.overlay_cursor, len, page, step);
    state.view.overlay_cursor = cursor;
    state.view.overlay_offset = state
        .view
        .overlay_offset
        .min(cursor)
        .max((cursor + 1).saturating_sub(page));
}

/// Moves the table's cursor over containers, passing headings.
fn move_cursor(state: &mut State, step: Step) {
    let table = &mut state.table;
    let rows: Vec<_> = table
        .rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| match row {
            Row::Container(key) => Some((at, *key)),
            Row::Group { .. } => None,
        })
        .collect();
    let current = rows
        .iter()
        .position(|(_, key)| Some(*key) == table.cursor)
        .unwrap_or(0);
    let next = stepped(current, rows.len(), state.view.viewport.containers, step);
    if let Some((at, key)) = rows.get(next) {
        table.cursor = Some(*key);
        table.cursor_row = *at;
    }
}

/// Where a step leads among `len` lines of which `page` are shown.
fn stepped(at: usize, len: usize, page: usize, step: Step) -> usize {
    let last = len.saturating_sub(1);
    let page = page.max(1) as i64;
    let by = match step {
        Step::Lines(n) => i64::from(n),
        Step::HalfPages(n) => i64::from(n) * (page / 2).max(1),
        Step::Pages(n) => i64::from(n) * page,
        Step::Top => return 0,
        Step::Bottom => return last,
        Step::Columns(_) => 0,
    };
    (at as i64 + by).clamp(0, last as i64) as usize
}
