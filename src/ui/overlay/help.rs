//! The keys of the focused pane, from the table of keys itself.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::ui::keymap::{Action, Chord, Context, Keymap};
use crate::ui::theme::Role;
use crate::ui::widgets::Canvas;

pub(super) fn draw(canvas: &mut Canvas<'_>, state: &State, keymap: &Keymap, context: Context, area: Rect) {
    let read_only = state.settings.read_only;
    let (common, own): (Vec<_>, Vec<_>) = keymap
        .actions(context, read_only)
        .filter(|(_, chords)| !chords.is_empty())
        .partition(|(action, _)| action.is_common());
    // Two columns where there is room: this pane's own keys, and those of every pane.
    let two = area.width >= 90;
    let lines = if two {
        own.len().max(common.len()) + 1
    } else {
        own.len() + common.len() + 3
    };
    let area = super::fitting(area, lines);
    let notes = if read_only {
        "read-only: nothing that acts"
    } else {
        "Esc closes"
    };
    let inner = super::frame(canvas, area, &format!("Keys  {}", word(context)), notes);
    let room = usize::from(inner.height);
    let offset = state.view.overlay_offset.min(lines.saturating_sub(room));
    let half = if two { inner.width / 2 } else { inner.width };
    let (left, right) = (
        Rect { width: half, ..inner },
        Rect {
            x: inner.x + half,
            width: inner.width - half,
            ..inner
        },
    );
    column(canvas, left, "Here", &own, offset as isize);
    if two {
        column(canvas, right, "Everywhere", &common, offset as isize);
    } else {
        column(
            canvas,
            inner,
            "Everywhere",
            &common,
            offset as isize - own.len() as isize - 2,
        );
    }
}

/// Draws a heading and keys, the `from`th line first; a negative `from` leaves lines free above.
fn column(
    canvas: &mut Canvas<'_>,
    area: Rect,
    title: &str,
    keys: &[(&'static Action, &[Chord])],
    from: isize,
) {
    let at = |line: usize| u16::try_from(line as isize - from).ok();
    if let Some(line) = at(0) {
        canvas.pen(area, line).gap(1).role(title, Role::Group);
    }
    for (n, (action, chords)) in keys.iter().enumerate() {
        let Some(line) = at(n + 1) else { continue };
        let labels: Vec<_> = chords.iter().map(|chord| chord.label()).collect();
        let mut pen = canvas.pen(area, line);
        let key = pen.style(Role::Key);
        pen.gap(1)
            .left(&labels.join(" "), 14, key)
            .gap(1)
            .role(action.help, Role::Text);
    }
}

fn word(context: Context) -> &'static str {
    match context {
        Context::Hosts => "hosts",
        Context::Containers => "containers",
        Context::Logs => "logs",
        Context::Activity => "activity",
        Context::Details => "inspection",
        Context::Problems => "problems",
        Context::Help => "help",
        Context::Prompt => "question",
    }
}
