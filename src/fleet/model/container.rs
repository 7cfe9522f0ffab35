//! A container, as a listing and the engine's events tell it.

use super::ContainerKey;
use crate::fleet::text::Printable;

/// The engine's word for what a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunState {
    /// Made, never started.
    Created,
    /// Running.
    Running,
    /// Frozen.
    Paused,
    /// Waiting to be started again by its restart policy.
    Restarting,
    /// Being removed.
    Removing,
    /// Ended.
    Exited,
    /// The engine could not end or remove it.
    Dead,
}

impl RunState {
    /// Reads the engine's word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "created" => Self::Created,
            "running" => Self::Running,
            "paused" => Self::Paused,
            "restarting" => Self::Restarting,
            "removing" => Self::Removing,
            "exited" => Self::Exited,
            "dead" => Self::Dead,
            _ => return None,
        })
    }

    /// The engine's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }

    /// Whether the container's main process exists.
    pub fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// What the container's own health check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Health {
    /// Not decided yet.
    Starting,
    /// The check passes.
    Healthy,
    /// The check fails.
    Unhealthy,
}

impl Health {
    /// The engine's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// A port of a container, published or only exposed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Port {
    /// Address on the host it is published on, where it is.
    pub ip: Option<Printable>,
    /// Port on the host, where it is published.
    pub public: Option<u16>,
    /// Port in the container.
    pub private: u16,
    /// "tcp", "udp" or "sctp".
    pub protocol: Printable,
}

/// A container as last heard of.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its identity.
    pub key: ContainerKey,
    /// Its name, without the leading slash.
    pub name: Printable,
    /// The image as it was named when the container was made.
    pub image: Printable,
    /// The image's id (`sha256:…`).
    pub image_id: Printable,
    /// What it does.
    pub state: RunState,
    /// The engine's sentence ("Up 2 days (healthy)").
    pub status: Printable,
    /// Health, where it has a check.
    pub health: Option<Health>,
    /// Exit code, of an ended or restarting container.
    pub exit_code: Option<i64>,
    /// Unix seconds when it was made.
    pub created: i64,
    /// Unix seconds since when it has been in this state: exact after an event or an inspection, as
    /// coarse as the engine's sentence otherwise.
    pub since: Option<i64>,
    /// How often its restart policy started it, where an inspection told.
    pub restarts: Option<u32>,
    /// The app by label (`wheelhouse.app`, else the Compose project).
    pub app: Option<Printable>,
    /// The Compose service.
    pub service: Option<Printable>,
    /// The `wheelhouse.colour` label.
    pub colour: Option<Printable>,
    /// Its ports, published ones first.
    pub ports: Vec<Port>,
}
