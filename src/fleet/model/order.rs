//! Orders: what a container can be told to do, and what became of it.

use super::{ContainerKey, OrderId, RunState};
use crate::fleet::text::Printable;

/// What a container is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    /// `POST /containers/{id}/start`; proof: a new `StartedAt`.
    Start,
    /// `POST /containers/{id}/restart`; proof: a new `StartedAt`.
    Restart,
    /// `POST /containers/{id}/stop`; proof: not running.
    Stop,
    /// `POST /containers/{id}/pause`; proof: paused.
    Pause,
    /// `POST /containers/{id}/unpause`; proof: running, not paused.
    Unpause,
    /// `POST /containers/{id}/kill`; proof: not running, or a new `StartedAt` where the restart policy brings it back.
    Kill,
    /// `DELETE /containers/{id}?force=true`; proof: gone.
    Remove,
}

impl Command {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Start,
        Self::Restart,
        Self::Stop,
        Self::Pause,
        Self::Unpause,
        Self::Kill,
        Self::Remove,
    ];

    /// The command's name, as written in the interface, the journal and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Kill => "kill",
            Self::Remove => "remove",
        }
    }

    /// Why a container in this state cannot be told so, if it cannot.
    pub fn misfit(self, state: RunState) -> Option<&'static str> {
        match self {
            Self::Start if state.is_up() => Some("it is already running"),
            Self::Stop | Self::Kill
                if matches!(state, RunState::Created | RunState::Exited | RunState::Dead) =>
            {
                Some("it is not running")
            }
            Self::Pause if state != RunState::Running => Some("it is not running"),
            Self::Unpause if state != RunState::Paused => Some("it is not paused"),
            _ => None,
        }
    }
}

/// One command for one container, naming its full target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number in this run.
    pub id: OrderId,
    /// The target.
    pub key: ContainerKey,
    /// The target's host, for the journal.
    pub host: Printable,
    /// The target's name, for the journal.
    pub name: Printable,
    /// The target's image, for the journal.
    pub image: Printable,
    /// What it is told.
    pub command: Command,
}

/// What became of an order. `Display`-ready words are in the variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The fact that proves it was seen.
    Done,
    /// The engine said no, in its own words.
    Refused(String),
    /// It never left: host not live, journal not writable, …
    NotSent(String),
    /// It left, and what became of it is not known (yet).
    Unknown(String),
}
