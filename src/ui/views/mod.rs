//! One file a pane.

pub mod logs;
