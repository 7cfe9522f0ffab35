//! Commands by their names.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::ui::layout;
use crate::ui::theme::Role;
use crate::ui::widgets::{Canvas, TextField};

pub(super) fn draw(canvas: &mut Canvas<'_>, state: &State, field: Option<&TextField>, area: Rect) {
    let entries = state.palette();
    let area = layout::centred(area, 70, area.height);
    let inner = super::frame(canvas, area, "Commands", "Enter does it  Esc closes");
    let mut pen = canvas.pen(inner, 0);
    pen.gap(1).role(":", Role::Key);
    if let Some(editing) = &state.view.editing {
        TextField::draw(&mut pen, field, editing, Role::Text);
    }
    let room = usize::from(inner.height.saturating_sub(2));
    if entries.is_empty() {
        canvas
            .pen(inner, 2)
            .gap(2)
            .role("no command is called so", Role::Dim);
        return;
    }
    let cursor = state.view.overlay_cursor.min(entries.len() - 1);
    let first = super::scrolled(state.view.overlay_offset, cursor, room);
    for (line, (at, entry)) in entries.iter().enumerate().skip(first).take(room).enumerate() {
        let line = line as u16 + 2;
        let mut pen = canvas.pen(inner, line);
        let title = pen.style(Role::Title);
        pen.role(if at == cursor { "›" } else { " " }, Role::Focus).gap(1);
        pen.left(entry.name, 14, title).gap(1).role(entry.help, Role::Dim);
        if at == cursor {
            let style = canvas.style(Role::Cursor);
            canvas.paint(
                Rect {
                    y: inner.y + line,
                    height: 1,
                    ..inner
                },
                style,
            );
        }
    }
}
