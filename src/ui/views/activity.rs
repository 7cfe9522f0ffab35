//! What happened, the newest last.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::intent::Pane;
use crate::ui::layout::activity_lines;
use crate::ui::theme::Role;
use crate::ui::widgets::Canvas;

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, focused: bool) {
    let back = state.activity_offset;
    let notes = if back > 0 {
        format!("{back} newer below")
    } else {
        String::new()
    };
    let inner = canvas.frame(area, &super::title(Pane::Activity), &notes, focused);
    if state.activity.is_empty() {
        canvas
            .pen(inner, 0)
            .gap(1)
            .role("nothing happened yet", Role::Dim);
        return;
    }
    let lines = activity_lines(inner.width);
    let room = usize::from(inner.height / lines);
    let shown = state.activity.iter().rev().skip(back).take(room).count();
    let newest = state.activity.len().saturating_sub(back);
    for (at, entry) in state.activity.range(newest - shown..newest).enumerate() {
        let time = jiff::Timestamp::from_millisecond(entry.at_ms)
            .map(|at| canvas.zone.to_datetime(at).strftime("%H:%M:%S").to_string())
            .unwrap_or_default();
        let role = if entry.bad { Role::Bad } else { Role::Text };
        let glyph = if entry.bad { "▲" } else { " " };
        let line = at as u16 * lines;
        let mut pen = canvas.pen(inner, line);
        pen.gap(1);
        if lines == 1 {
            pen.role(&time, Role::Dim)
                .role(" ", Role::Dim)
                .role(glyph, Role::Bad)
                .gap(1);
            let name = (pen.room() / 3).clamp(20, 40);
            let title = pen.style(Role::Title);
            pen.left(&entry.name, name, title).gap(2).role(&entry.what, role);
        } else {
            let short = time.get(..5).unwrap_or_default();
            pen.role(short, Role::Dim).gap(1).role(&entry.name, Role::Title);
            canvas
                .pen(inner, line + 1)
                .gap(1)
                .role(glyph, Role::Bad)
                .gap(5)
                .role(&entry.what, role);
        }
    }
}
