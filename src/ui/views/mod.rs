//! The panes, the header and the bar.

pub(super) mod activity;
pub(super) mod bar;
pub(super) mod containers;
pub(super) mod header;
pub(super) mod hosts;
pub(super) mod logs;
pub(super) mod state_cell;

use super::layout;
use crate::fleet::intent::Pane;

/// `1 Hosts`.
fn title(pane: Pane) -> String {
    let (key, name) = layout::name(pane);
    format!("{key} {name}")
}
