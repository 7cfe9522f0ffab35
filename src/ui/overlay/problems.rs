//! What is wrong, worst first.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::format::age;
use crate::fleet::state::Subject;
use crate::ui::theme::Role;
use crate::ui::widgets::Canvas;

pub(super) fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect) {
    let problems = &state.problems;
    let area = super::fitting(area, problems.len());
    let title = format!("Problems  {}", problems.len());
    let inner = super::frame(canvas, area, &title, "Enter goes there  Esc closes");
    if problems.is_empty() {
        canvas.pen(inner, 0).gap(1).role("✔ nothing is wrong", Role::Good);
        return;
    }
    let room = usize::from(inner.height);
    let cursor = state.view.overlay_cursor.min(problems.len() - 1);
    let first = super::scrolled(state.view.overlay_offset, cursor, room);
    for (line, (at, problem)) in problems.iter().enumerate().skip(first).take(room).enumerate() {
        let name = match problem.subject {
            Subject::Console => "wheelhouse".into(),
            Subject::Host(host) => state.host_name(host),
            Subject::Container(key) => state.full_name(key),
        };
        let since = problem
            .since_ms
            .map_or_else(String::new, |since| age(state.now.wall_ms - since));
        let mut pen = canvas.pen(inner, line as u16);
        let (title, dim) = (pen.style(Role::Title), pen.style(Role::Dim));
        let columns = (inner.width / 2).saturating_sub(8).clamp(12, 44);
        pen.role(if at == cursor { "›" } else { " " }, Role::Focus)
            .role("▲ ", Role::Bad);
        pen.left(&name, columns, title)
            .gap(1)
            .right(&since, 4, dim)
            .gap(2)
            .role(&problem.what, Role::Bad);
        if at == cursor {
            let style = canvas.style(Role::Cursor);
            canvas.paint(
                Rect {
                    y: inner.y + line as u16,
                    height: 1,
                    ..inner
                },
                style,
            );
        }
    }
}
