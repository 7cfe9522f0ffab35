//! The loop: select → update → dispatch → draw.

use crate::fleet::model::HostSpec;
use crate::fleet::state::Settings;
use crate::runtime;
use crate::ui::{Keymap, Theme};

/// What the console is started with.
#[derive(Debug)]
pub struct Options {
    /// The fleet's settings.
    pub settings: Settings,
    /// The hosts.
    pub hosts: Vec<HostSpec>,
    /// The theme.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// The runtime's part.
    pub runtime: runtime::Options,
    /// Gather facts for 100 ms instead of 33.
    pub slow_link: bool,
    /// Draw with ASCII characters alone.
    pub ascii: bool,
    /// Take the mouse.
    pub mouse: bool,
}

/// Runs the console until the operator leaves; the exit code. Must be called within a current-thread tokio runtime.
pub async fn run(options: Options) -> color_eyre::Result<u8> {
    todo!()
}
