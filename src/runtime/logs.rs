//! Logs that are being read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::contain::contained;
use super::host::{Host, not_connected};
use crate::fleet::event::{Event, LogFact};
use crate::fleet::model::{ContainerId, LogFrom, SourceError, StreamId};

/// Chunks of one log between its source and the events channel.
const CHUNKS: usize = 4;
/// How long a log waits before it looks again whether there is room for it.
const NO_ROOM: Duration = Duration::from_millis(2);

/// The open logs. Dropping it closes them.
#[derive(Debug, Default)]
pub(super) struct Logs(HashMap<StreamId, AbortOnDropHandle<()>>);

impl Logs {
    /// Reads a log until it ends, the host is lost, or it is closed.
    pub(super) fn open(&mut self, host: &Arc<Host>, stream: StreamId, id: ContainerId, from: LogFrom) {
        self.0.retain(|_, task| !task.is_finished());
        let host = Arc::clone(host);
        let tasks = host.tasks.clone();
        let task = tasks.spawn(async move {
            let reading = Arc::clone(&host);
            let end = contained(async move { read(&reading, stream, id, from).await }).await;
            let fact = match end {
                Ok(Ok(())) => LogFact::Ended,
                Ok(Err(error)) | Err(error) => LogFact::Lost(error),
            };
            tell(&host, stream, fact).await;
        });
        self.0.insert(stream, AbortOnDropHandle::new(task));
    }

    /// Stops reading it. What is already on its way still comes.
    pub(super) fn close(&mut self, stream: StreamId) {
        self.0.remove(&stream);
    }
}

async fn read(host: &Host, stream: StreamId, id: ContainerId, from: LogFrom) -> Result<(), SourceError> {
    let mut link = host.link.subscribe();
    let engine = link
        .borrow_and_update()
        .engine
        .clone()
        .ok_or_else(not_connected)?;
    let (sink, mut facts) = mpsc::channel(CHUNKS);
    let read = async move { Box::pin(engine.logs(id, from, true, &sink)).await };
    let pass_on = async {
        while let Some(fact) = facts.recv().await {
            tell(host, stream, fact).await;
        }
    };
    tokio::select! {
        (end, ()) = async { tokio::join!(read, pass_on) } => end,
        // Only the engine's coming and going is notified.
        _ = link.changed() => Err(not_connected()),
    }
}

/// Logs may fill half of the channel: however they flood, hosts are heard.
async fn tell(host: &Host, stream: StreamId, fact: LogFact) {
    let events = &host.events;
    while events.capacity() < events.max_capacity().div_ceil(2) && !events.is_closed() {
        sleep(NO_ROOM).await;
    }
    host.send(Event::Log { stream, fact }).await;
}
