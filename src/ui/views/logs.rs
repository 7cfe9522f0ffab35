//! The log of one container.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::intent::Pane;
use crate::ui::theme::Role;
use crate::ui::widgets::Canvas;

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, focused: bool) {
    let name = state
        .log
        .as_ref()
        .map(|log| state.full_name(log.key))
        .unwrap_or_default();
    let title = format!("{}  {name}", super::title(Pane::Logs));
    let inner = canvas.frame(area, title.trim_end(), "", focused);
    if state.log.is_none() {
        canvas.pen(inner, 0).role(" no log is open", Role::Dim);
    }
}
