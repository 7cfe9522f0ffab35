//! What lies over the panes.

pub(super) mod confirm;
mod details;
mod help;
mod palette;
mod problems;

use ratatui::layout::Rect;

use super::keymap::{Context, Keymap};
use super::layout;
use super::widgets::{Canvas, TextField};
use crate::fleet::State;
use crate::fleet::state::Overlay;

/// Draws the open overlay. `beneath` is where keys go once it is closed.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    state: &State,
    keymap: &Keymap,
    beneath: Context,
    field: Option<&TextField>,
    area: Rect,
) {
    match state.view.overlay {
        None => {}
        Some(Overlay::Help) => help::draw(canvas, state, keymap, beneath, area),
        Some(Overlay::Problems) => problems::draw(canvas, state, area),
        Some(Overlay::Details) => details::draw(canvas, state, keymap, area),
        Some(Overlay::Palette) => palette::draw(canvas, state, field, area),
    }
}

/// An emptied frame; returns what is inside.
fn frame(canvas: &mut Canvas<'_>, area: Rect, title: &str, notes: &str) -> Rect {
    canvas.clear(area);
    canvas.frame(area, title, notes, true)
}

/// The first line to show so that the cursor is seen, near to where the state has it.
fn scrolled(offset: usize, cursor: usize, room: usize) -> usize {
    offset.min(cursor).max((cursor + 1).saturating_sub(room))
}

/// The upper part of an overlay's place, no taller than its content.
fn fitting(area: Rect, lines: usize) -> Rect {
    let height = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2).max(5);
    layout::centred(area, area.width, height)
}
