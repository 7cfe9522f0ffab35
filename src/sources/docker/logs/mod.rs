//! `GET /containers/{id}/logs`: raw bytes over our own connection, framed as the container's configuration says.

mod lines;
mod reader;

use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use self::reader::Reader;
use super::Engine;
use crate::fleet::event::LogFact;
use crate::fleet::model::{ContainerId, LogChunk, LogFrom, SourceError};
use crate::sources::link;

/// How long the engine may take to open a log: it may have to look for the tail of a large file.
const OPEN: Duration = Duration::from_secs(20);
/// A log that floods comes line by line, twenty thousand times a second: each journey of a line through the program costs
/// turns that keys wait for.
const GATHER: Duration = Duration::from_millis(5);

/// Reads a log into `sink` until it ends. Lines that come together travel together.
pub(super) async fn read(
    engine: &Engine,
    id: ContainerId,
    from: LogFrom,
    follow: bool,
    sink: &mpsc::Sender<LogFact>,
) -> Result<(), SourceError> {
    let tty = engine.has_tty(id).await?;
    let path = format!(
        "/containers/{id}/logs?stdout=1&stderr=1&timestamps=1&follow={}{}",
        u8::from(follow),
        window(from)
    );
    let (_, mut body) = engine.link.stream(&path, OPEN).await?;
    if sink.send(LogFact::Opened).await.is_err() {
        return Ok(());
    }
    let mut reader = Reader::new(tty, from);
    // The first lines after a pause go at once; while they keep coming, so many milliseconds' worth go together.
    let gathered = sleep(Duration::ZERO);
    tokio::pin!(gathered);
    loop {
        let frame = tokio::select! {
            biased;
            frame = body.frame() => frame,
            () = &mut gathered, if reader.has_lines() => {
                if !send(reader.take(), sink).await {
                    return Ok(());
                }
                gathered.as_mut().reset(Instant::now() + GATHER);
                continue;
            }
            () = sink.closed() => return Ok(()),
        };
        match frame {
            Some(Ok(frame)) => {
                let fed = frame.data_ref().map_or(Ok(()), |bytes| reader.push(bytes));
                if (fed.is_err() || reader.is_full()) && !send(reader.take(), sink).await {
                    return Ok(());
                }
                fed?;
            }
            Some(Err(error)) => {
                // A line that was cut is not told: reading on from the cursor brings it whole.
                send(reader.take(), sink).await;
                return Err(link::broken(&error));
            }
            None => {
                reader.finish();
                send(reader.take(), sink).await;
                return Ok(());
            }
        }
    }
}

/// `false`: nobody listens any more.
async fn send(chunk: Option<LogChunk>, sink: &mpsc::Sender<LogFact>) -> bool {
    match chunk {
        Some(chunk) => sink.send(LogFact::Lines(chunk)).await.is_ok(),
        None => !sink.is_closed(),
    }
}

/// The part of the query that says where to begin.
fn window(from: LogFrom) -> String {
    let since = |ns: i64| {
        let ns = ns.max(0);
        format!("&since={}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
    };
    match from {
        LogFrom::Tail(lines) => format!("&tail={lines}"),
        LogFrom::Since(ns) => since(ns),
        LogFrom::After(cursor) => since(cursor.at_ns),
        LogFrom::Start => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::window;
    use crate::fleet::model::{LogCursor, LogFrom};

    #[test]
    fn the_window_is_exact_to_the_nanosecond() {
        assert_eq!(window(LogFrom::Tail(500)), "&tail=500");
        assert_eq!(window(LogFrom::Since(1_500_000_001)), "&since=1.500000001");
        let cursor = LogCursor {
            at_ns: 1_795_795_437_000_000_042,
            same: 3,
        };
        assert_eq!(window(LogFrom::After(cursor)), "&since=1795795437.000000042");
        assert_eq!(window(LogFrom::Start), "");
    }
}
