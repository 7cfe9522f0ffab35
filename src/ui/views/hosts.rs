//! The hosts: how each is, and more about the one under the cursor.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::state_cell;
use crate::fleet::State;
use crate::fleet::intent::Pane;
use crate::fleet::model::{Env, HostId, Liveness};
use crate::fleet::state::Host;
use crate::ui::theme::Role;
use crate::ui::widgets::{Canvas, spark, width};

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, focused: bool) {
    let notes = state
        .table
        .only_host
        .map(|host| format!("only {}", state.host_name(host)));
    let inner = canvas.frame(
        area,
        &super::title(Pane::Hosts),
        notes.as_deref().unwrap_or_default(),
        focused,
    );
    if state.hosts.is_empty() {
        canvas.pen(inner, 0).role(" no hosts", Role::Dim);
        return;
    }
    let rows = state
        .hosts
        .iter()
        .enumerate()
        .skip(state.host_list.offset)
        .take(usize::from(inner.height));
    for (line, (at, host)) in rows.enumerate() {
        let under = at == state.host_list.cursor;
        row(
            canvas,
            state,
            host,
            Rect {
                y: inner.y + line as u16,
                height: 1,
                ..inner
            },
            under,
            focused,
        );
    }
    let used = u16::try_from(state.hosts.len())
        .unwrap_or(u16::MAX)
        .saturating_add(1);
    if let (Some(room), Some(host)) = (
        inner.height.checked_sub(used),
        state.hosts.get(state.host_list.cursor),
    ) {
        about(
            canvas,
            state,
            host,
            Rect {
                y: inner.y + used,
                height: room,
                ..inner
            },
        );
    }
}

/// `● web-1 dev     14 ▂▂▃▂`, or in place of the line its trouble in words.
fn row(canvas: &mut Canvas<'_>, state: &State, host: &Host, line: Rect, under: bool, focused: bool) {
    let (glyph, word, role) = state_cell::of_host(host, state.now.mono_ms);
    let live = host.liveness.is_live();
    let (look, dim) = (canvas.style(role), canvas.style(Role::Dim));
    let count = if host.listed {
        host.containers.len().to_string()
    } else {
        "–".to_owned()
    };
    let (note, note_look) = match &host.liveness {
        Liveness::Live => {
            let full = host.engine.as_ref().and_then(|engine| engine.cpus).unwrap_or(1) as f32 * 100.0;
            (
                spark::line(&host.cpu_history, if line.width < 40 { 5 } else { 20 }, full),
                look,
            )
        }
        Liveness::Down { error, .. } if line.width >= 40 => (format!("{word}  {}", error.reason), look),
        _ => (word, look),
    };
    let name_look = if live { canvas.style(Role::Text) } else { dim };
    let mut pen = canvas.pen(line, 0);
    pen.role(if under && focused { "›" } else { " " }, Role::Focus);
    pen.put(glyph.encode_utf8(&mut [0; 4]), look).gap(1);
    let spare = 1 + if line.width < 40 { 0 } else { 1 };
    if line.width < 40 {
        let note_room = if live { 5 } else { width(&note).min(11) };
        let name_room = pen.room().saturating_sub(5 + note_room + spare);
        name(&mut pen, host, name_room, name_look, dim);
        pen.right(&count, 4, dim)
            .gap(1)
            .right(&note, note_room, note_look);
    } else {
        name(&mut pen, host, 20, name_look, dim);
        pen.right(&count, 5, dim).gap(2);
        if live {
            let latency = host
                .latency_ms
                .map_or_else(String::new, |ms| format!("{ms:.1} ms"));
            pen.left("live", 6, look).right(&latency, 9, dim).gap(2);
        }
        pen.put(&note, note_look);
    }
    if under {
        let cursor = canvas.style(if focused { Role::Cursor } else { Role::Title });
        canvas.paint(line, cursor);
    }
}

fn name(pen: &mut crate::ui::widgets::Pen<'_>, host: &Host, room: u16, look: Style, dim: Style) {
    let taken = width(&host.spec.name);
    if host.spec.env == Env::Dev && taken + 4 <= room {
        pen.put(&host.spec.name, look)
            .gap(1)
            .left("dev", room - taken - 1, dim);
    } else {
        pen.left(&host.spec.name, room, look);
    }
}

/// What else there is to say of the host under the cursor.
fn about(canvas: &mut Canvas<'_>, state: &State, host: &Host, area: Rect) {
    let mut lines: Vec<(String, Role)> = vec![(host.spec.endpoint.to_string(), Role::Dim)];
    if let Liveness::Down { error, retry_at, .. } = &host.liveness {
        lines.push((error.reason.clone(), Role::Bad));
        lines.extend(error.advice.clone().map(|advice| (advice, Role::Text)));
        if retry_at.is_none() {
            lines.push(("is tried again when asked".to_owned(), Role::Dim));
        }
    }
    if let Some(engine) = &host.engine {
        let latency = host.latency_ms.filter(|_| host.liveness.is_live());
        let latency = latency.map_or_else(String::new, |ms| format!("  {ms:.1} ms"));
        lines.push((format!("docker {}{latency}", engine.version), Role::Dim));
    }
    if let Some(twin) = host.twin {
        lines.push((format!("same engine as {}", state.host_name(twin)), Role::Warn));
    }
    let mut line = 0;
    for (text, role) in lines {
        let text = crate::fleet::text::Printable::clean(&text);
        for part in wrap(&text, usize::from(area.width.saturating_sub(2))) {
            canvas.pen(area, line).gap(1).role(part, role);
            line += 1;
        }
    }
}

/// Breaks a text into lines of at most so many characters, at spaces where there are any.
pub(in crate::ui) fn wrap(text: &str, room: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && room > 0 {
        let Some((end, _)) = rest.char_indices().nth(room) else {
            lines.push(rest);
            break;
        };
        let at = rest[..end].rfind(' ').filter(|at| *at > 0).unwrap_or(end);
        lines.push(&rest[..at]);
        rest = rest[at..].trim_start();
    }
    lines
}

/// The host on a line of the pane.
pub(in crate::ui) fn host_at(state: &State, inner: Rect, y: u16) -> Option<HostId> {
    let at = state.host_list.offset + usize::from(y.checked_sub(inner.y)?);
    (y < inner.bottom() && at < state.hosts.len()).then(|| HostId(at as u16))
}
