//! The log room.

use crate::fleet::model::{ContainerKey, StreamId};

/// An open log.
#[derive(Debug)]
pub struct LogRoom {
    /// Its number.
    pub stream: StreamId,
    /// Whose it is.
    pub key: ContainerKey,
}
