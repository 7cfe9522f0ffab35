//! Docker Engines: watch, logs, stats, inspect; control apart.

use std::time::Duration;

use tokio::sync::mpsc;

use super::link::{Access, SshSettings};
use crate::fleet::event::{HostFact, LogFact};
use crate::fleet::model::{
    Command, Container, ContainerId, ContainerKey, Details, Endpoint, EngineInfo, HostId, LogFrom, Sample,
    SourceError,
};

/// A connection to one engine: everything that only reads. Cheap to clone; the link closes when the last clone goes.
#[derive(Debug, Clone)]
pub struct Engine {
    host: HostId,
}

/// The half that acts. Not built when read-only.
#[derive(Debug, Clone)]
pub struct Control {
    engine: Engine,
}

/// The engine took an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// HTTP status: 204 done, 304 it already was so.
    pub status: u16,
}

/// Why an order did not (surely) work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The engine said no, in its own words.
    #[error("{words}")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The engine's words.
        words: String,
    },
    /// It never left.
    #[error("{0}")]
    NotSent(SourceError),
    /// The line died after it was sent, or no answer came by the deadline.
    #[error("{0}")]
    Unknown(String),
}

impl Engine {
    /// Opens the link (for ssh: the session). Does not wait for an answer of the engine.
    pub async fn dial(
        host: HostId,
        endpoint: &Endpoint,
        access: Access,
        ssh: &SshSettings,
    ) -> Result<Self, SourceError> {
        todo!()
    }
    /// `GET /_ping`.
    pub async fn ping(&self) -> Result<Duration, SourceError> {
        todo!()
    }
    /// `GET /version` and `GET /info`.
    pub async fn introduce(&self) -> Result<EngineInfo, SourceError> {
        todo!()
    }
    /// All containers, or those named.
    pub async fn list(&self, only: Option<&[ContainerId]>) -> Result<Vec<Container>, SourceError> {
        todo!()
    }
    /// Listing, then events, pings and a new listing every few minutes, told to `sink`, until the connection is lost.
    /// `since`: Unix seconds of the last event an earlier connection told, so that what happened between is told too.
    pub async fn watch(&self, since: Option<i64>, sink: &mpsc::Sender<HostFact>) -> SourceError {
        todo!()
    }
    /// Reads a log and follows it if told so, until the engine ends it (`Ok`) or it breaks.
    pub async fn logs(
        &self,
        id: ContainerId,
        from: LogFrom,
        follow: bool,
        sink: &mpsc::Sender<LogFact>,
    ) -> Result<(), SourceError> {
        todo!()
    }
    /// One reading of a container's statistics (`one-shot`).
    pub async fn sample(&self, id: ContainerId) -> Result<Sample, SourceError> {
        todo!()
    }
    /// Everything about one container.
    pub async fn inspect(&self, id: ContainerId) -> Result<Details, SourceError> {
        todo!()
    }
    /// The acting half; `None` over a read-only link.
    pub fn control(&self) -> Option<Control> {
        todo!()
    }
    /// Ends the link in order (the ssh master with it).
    pub async fn close(self) {
        todo!()
    }
}

impl Control {
    /// Sends one command and waits for the engine's answer until the deadline. Never sends twice.
    pub async fn apply(
        &self,
        id: ContainerId,
        command: Command,
        deadline: Duration,
    ) -> Result<Receipt, ActionError> {
        todo!()
    }
}

#[allow(unused)]
fn key(host: HostId, id: ContainerId) -> ContainerKey {
    ContainerKey { host, id }
}
