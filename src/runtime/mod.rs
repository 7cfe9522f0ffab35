//! Effect → task → Event.

use std::path::PathBuf;

use tokio::sync::mpsc;

use crate::fleet::effect::Effect;
use crate::fleet::event::Event;
use crate::fleet::model::HostSpec;
use crate::sources::link::SshSettings;

/// How the runtime is built.
#[derive(Debug, Clone)]
pub struct Options {
    /// Build no acting half.
    pub read_only: bool,
    /// Where orders are written down.
    pub journal: PathBuf,
    /// How ssh is run.
    pub ssh: SshSettings,
}

/// Owns all tasks; dropping it ends them.
#[derive(Debug)]
pub struct Runtime {}

impl Runtime {
    /// Starts a supervisor for every host at once. Must be called within a tokio runtime.
    pub fn start(hosts: &[HostSpec], options: Options, events: mpsc::Sender<Event>) -> Self {
        todo!()
    }
    /// Carries out an effect; never blocks. `Copy` and `Quit` are the app's, not the runtime's.
    pub fn dispatch(&mut self, effect: Effect) {
        todo!()
    }
    /// Ends all tasks and links in order, within a second.
    pub async fn shutdown(self) {
        todo!()
    }
}
