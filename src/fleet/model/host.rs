//! A host: one Docker Engine, how to reach it, and how it is.

use super::{Endpoint, SourceError};
use crate::fleet::text::Printable;

/// Whether mistakes on a host are cheap. Everything not marked `dev` counts as production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Env {
    /// `env = "dev"`.
    Dev,
    /// Any other value, or none.
    #[default]
    Production,
}

/// A host as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSpec {
    /// Unique within the fleet.
    pub name: Printable,
    /// Where its engine is.
    pub endpoint: Endpoint,
    /// How careful to be with orders.
    pub env: Env,
    /// Free words for filtering.
    pub tags: Vec<Printable>,
}

/// `[[app]]`: containers that belong together although no label says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRule {
    /// The app's name.
    pub name: Printable,
    /// Container names, with `*` for any run of characters.
    pub containers: Vec<String>,
}

/// What an engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EngineInfo {
    /// Its own id (`/info` `ID`); cloned machines share it.
    pub id: Option<Printable>,
    /// Version ("28.2.2").
    pub version: Printable,
    /// API version ("1.50").
    pub api: Printable,
    /// Operating system, as the engine words it.
    pub os: Printable,
    /// Processors.
    pub cpus: Option<u32>,
    /// Memory in bytes.
    pub memory: Option<u64>,
}

/// How a host is. Times are `Now::mono_ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Liveness {
    /// Being dialled, nothing heard in this attempt yet.
    Connecting {
        /// Since when.
        since: u64,
    },
    /// Answering.
    Live,
    /// Silent: the last answer is older than it should be.
    Stale {
        /// When it last answered.
        since: u64,
    },
    /// Not reachable, with the reason in words.
    Down {
        /// Since when.
        since: u64,
        /// Why.
        error: SourceError,
        /// When it is tried again; `None`: only when asked.
        retry_at: Option<u64>,
    },
}

impl Liveness {
    /// Whether orders may be sent.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }
}
