//! Effects: orders to the runtime. The only way the pure half reaches outside.

use super::model::{ContainerKey, HostId, LogFrom, Order, StreamId};

/// What the runtime is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Try a host again now.
    Reconnect(HostId),
    /// Read statistics of these (they are on screen) every few seconds, and of the rest slowly in turn. Replaces the last such effect.
    WatchStats(Vec<ContainerKey>),
    /// Read a log and follow it. Answered by `Event::Log`.
    OpenLog {
        /// The number to answer with.
        stream: StreamId,
        /// Whose.
        key: ContainerKey,
        /// From where.
        from: LogFrom,
    },
    /// Stop reading a log.
    CloseLog(StreamId),
    /// Inspect a container. Answered by `Event::Inspected`.
    Inspect(ContainerKey),
    /// Send an order: journal, send, prove, journal. Answered by `Event::Ordered`. Never built when read-only.
    Order(Order),
    /// Put a text on the operator's clipboard (OSC 52).
    Copy(String),
    /// Leave.
    Quit,
}
