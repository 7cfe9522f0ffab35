//! The nouns: identities, hosts, containers, orders, logs. Plain data, shared by every room.

mod container;
mod details;
mod endpoint;
mod error;
mod host;
mod ids;
mod log;
mod order;
mod stats;

pub use container::{Container, Health, Port, RunState};
pub use details::{Details, Field, Secret, Section, Value};
pub use endpoint::{Endpoint, EndpointError, TlsFiles};
pub use error::{ErrorKind, SourceError};
pub use host::{AppRule, EngineInfo, Env, HostSpec, Liveness};
pub use ids::{ContainerId, ContainerKey, HostId, OrderId, StreamId};
pub use log::{LineMeta, LogChunk, LogCursor, LogFrom};
pub use order::{Command, Order, Outcome};
pub use stats::{Sample, Usage};

/// The moment a message is handled. The pure half never asks a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Milliseconds since the program started; never jumps.
    pub mono_ms: u64,
    /// Milliseconds since the Unix epoch, by this machine's clock.
    pub wall_ms: i64,
}

impl Now {
    /// Seconds since the Unix epoch.
    pub fn wall_s(self) -> i64 {
        self.wall_ms.div_euclid(1000)
    }
}
