//! Events: facts, in the past tense. Sources and the runtime send them; only `update` reads them.

use super::model::{
    Container, ContainerKey, Details, EngineInfo, Health, HostId, LogChunk, OrderId, Outcome, Sample,
    SourceError, StreamId,
};
use super::text::Printable;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// On a host's connection. Facts of an older epoch than the newest `Dialled` are dropped.
    Host {
        /// Which host.
        host: HostId,
        /// The connection they came over: counts up with every attempt.
        epoch: u32,
        /// What.
        fact: HostFact,
    },
    /// Statistics were read; a container whose reading failed is absent.
    Sampled(Vec<(ContainerKey, Sample)>),
    /// A log told something.
    Log {
        /// Which.
        stream: StreamId,
        /// What.
        fact: LogFact,
    },
    /// An inspection was answered.
    Inspected {
        /// Of which container.
        key: ContainerKey,
        /// The answer.
        result: Result<Box<Details>, SourceError>,
    },
    /// An order went a step further.
    Ordered {
        /// Which.
        order: OrderId,
        /// What became of it.
        fact: OrderFact,
    },
    /// The journal became writable or not; the reason in words.
    Journal(Result<(), String>),
    /// A deadline that `State::next_wake` named has passed.
    Ticked,
}

/// Facts of one host.
#[derive(Debug)]
pub enum HostFact {
    /// An attempt began; a new epoch.
    Dialled,
    /// The engine's full listing: what is not in it is gone. The host is live.
    Listed(Vec<Container>),
    /// What the engine says of itself.
    Introduced(EngineInfo),
    /// A part of a listing: these containers are as said.
    Refreshed(Vec<Container>),
    /// The engine told an event.
    Happened(EngineEvent),
    /// A ping was answered.
    Answered {
        /// Milliseconds it took.
        latency_ms: f32,
    },
    /// A ping is overdue: nothing was heard for so long.
    Silent {
        /// Milliseconds since the last answer.
        for_ms: u64,
    },
    /// The connection is lost or could not be made.
    Lost {
        /// Why.
        error: SourceError,
        /// Milliseconds until the next attempt; `None`: only when asked.
        retry_in_ms: Option<u64>,
    },
}

/// One event of an engine about one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineEvent {
    /// Which container.
    pub key: ContainerKey,
    /// The container's name, as the event tells it.
    pub name: Printable,
    /// Unix milliseconds, by the engine's clock.
    pub at_ms: i64,
    /// What happened to it.
    pub action: Action,
}

/// What an engine says happened to a container. `exec_*`, `attach`, `top` and the like are not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Made.
    Create,
    /// Started.
    Start,
    /// Its main process ended.
    Die {
        /// With this code.
        exit_code: i64,
    },
    /// Someone sent it a signal (`docker stop` does so first).
    Kill {
        /// The signal's number or name.
        signal: Printable,
    },
    /// Stopped by an order.
    Stop,
    /// Restarted by an order.
    Restart,
    /// Frozen.
    Pause,
    /// Thawed.
    Unpause,
    /// The kernel ended a process of it for want of memory.
    Oom,
    /// Its health changed.
    Health(Health),
    /// Renamed; the event's name is the new one.
    Rename,
    /// Removed.
    Destroy,
    /// Its limits or restart policy changed.
    Update,
}

/// Facts of one log.
#[derive(Debug)]
pub enum LogFact {
    /// The engine answers; lines follow.
    Opened,
    /// Lines came.
    Lines(LogChunk),
    /// The engine ended the stream: the container stopped, or there is nothing to follow.
    Ended,
    /// The stream broke.
    Lost(SourceError),
}

/// Facts of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderFact {
    /// It is in the journal and on its way.
    Sent,
    /// It ended so. After `Unknown` it is looked at again, which ends in a later `Ended` or in `Unsettled`.
    Ended(Outcome),
    /// It left, what became of it is not known, and nobody looks again; why not.
    Unsettled(String),
}
