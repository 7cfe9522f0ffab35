//! One container whole. Secrets stay masked until each is asked for.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::model::{Details, Field, Value};
use crate::fleet::state::Inspection;
use crate::fleet::text::Printable;
use crate::ui::keymap::Keymap;
use crate::ui::theme::Role;
use crate::ui::views::hosts::wrap;
use crate::ui::widgets::{Canvas, width};

/// A line on the screen.
enum Line<'a> {
    Heading(&'a str),
    /// A field, its number over all sections, and its (section, field).
    Field(&'a Field, usize, (usize, usize)),
}

pub(super) fn draw(canvas: &mut Canvas<'_>, state: &State, keymap: &Keymap, area: Rect) {
    let Some(inspection) = &state.inspection else {
        return;
    };
    let title = format!("Inspect  {}", state.full_name(inspection.key));
    let inner = super::frame(canvas, area, &title, &inspection.key.id.short());
    match &inspection.details {
        None => {
            canvas.pen(inner, 0).gap(1).role("asking the engine…", Role::Dim);
        }
        Some(Err(why)) => {
            for (line, part) in wrap(why, usize::from(inner.width.saturating_sub(2)))
                .into_iter()
                .enumerate()
            {
                canvas.pen(inner, line as u16).gap(1).role(part, Role::Bad);
            }
        }
        Some(Ok(details)) => {
            let reveals = (!state.settings.read_only).then(|| keymap.label("reveal"));
            fields(canvas, state, inspection, details, reveals.as_deref(), inner);
        }
    }
}

fn fields(
    canvas: &mut Canvas<'_>,
    state: &State,
    inspection: &Inspection,
    details: &Details,
    reveals: Option<&str>,
    inner: Rect,
) {
    let mut lines = Vec::new();
    let mut number = 0;
    for (at, section) in details
        .sections
        .iter()
        .enumerate()
        .filter(|(_, section)| !section.fields.is_empty())
    {
        lines.push(Line::Heading(section.title));
        for (n, field) in section.fields.iter().enumerate() {
            lines.push(Line::Field(field, number, (at, n)));
            number += 1;
        }
    }
    let last = number.saturating_sub(1);
    let cursor = state.view.overlay_cursor.min(last);
    // The value under the cursor is shown whole, on as many lines as it takes.
    let labels = lines.iter().map(|line| match line {
        Line::Field(field, ..) => width(&field.label),
        Line::Heading(_) => 0,
    });
    let label_room = labels.max().unwrap_or(0).clamp(8, (inner.width / 3).max(8));
    let value_room = inner.width.saturating_sub(label_room + 5);
    let at = lines
        .iter()
        .position(|line| matches!(line, Line::Field(_, n, _) if *n == cursor))
        .unwrap_or(0);
    let room = usize::from(inner.height);
    let tall = match &lines.get(at) {
        Some(Line::Field(field, _, place)) => {
            let shown = value(field, inspection.revealed.contains(place), reveals).0;
            wrap(&shown, usize::from(value_room)).len().clamp(1, room.max(1))
        }
        _ => 1,
    };
    // Line offsets: the cursor's line with all of its value is on screen, its heading too where it is the first.
    let top = if at > 0 && matches!(lines[at - 1], Line::Heading(_)) {
        at - 1
    } else {
        at
    };
    let wanted = state.view.overlay_offset + (at - cursor.min(at));
    let first = wanted.min(top).max((at + tall).saturating_sub(room));
    let mut y = 0;
    for line in lines.iter().skip(first) {
        if y >= inner.height {
            break;
        }
        match line {
            Line::Heading(title) => {
                canvas.pen(inner, y).gap(1).role(title, Role::Group);
                y += 1;
            }
            Line::Field(field, number, place) => {
                let (shown, role) = value(field, inspection.revealed.contains(place), reveals);
                let under = *number == cursor;
                let mut pen = canvas.pen(inner, y);
                let dim = pen.style(Role::Dim);
                pen.role(if under { "›" } else { " " }, Role::Focus).gap(2).left(
                    &field.label,
                    label_room,
                    dim,
                );
                let all = wrap(&shown, usize::from(value_room));
                let parts: &[&str] = if under { &all } else { &[&*shown] };
                for (n, part) in parts.iter().enumerate() {
                    canvas
                        .pen(inner, y + n as u16)
                        .gap(label_room + 5)
                        .role(part, role);
                }
                let height = (parts.len().max(1) as u16).min(inner.height - y);
                if under {
                    let style = canvas.style(Role::Cursor);
                    canvas.paint(
                        Rect {
                            y: inner.y + y,
                            height,
                            ..inner
                        },
                        style,
                    );
                }
                y += height;
            }
        }
    }
}

fn value(field: &Field, revealed: bool, reveals: Option<&str>) -> (Printable, Role) {
    match (&field.value, reveals) {
        (Value::Plain(text), _) => (text.clone(), Role::Text),
        (Value::Masked(secret), Some(_)) if revealed => (secret.reveal(), Role::Warn),
        (Value::Masked(_), Some(key)) => (format!("••••••  ({key} reveals)").into(), Role::Dim),
        (Value::Masked(_), None) => ("••••••".into(), Role::Dim),
    }
}
