//! HTTP/1.1 connections over byte streams, and the few that are kept for the next request.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{Method, Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::{Stream, words};
use crate::fleet::model::{ErrorKind, SourceError};

/// Idle connections kept, and how long each.
pub(super) const KEPT: usize = 32;
const IDLE: Duration = Duration::from_secs(20);
/// Bytes of an answer's head and of what is read ahead of its reader.
const BUFFER: usize = 64 * 1024;

/// A connection in use. It closes when it and the body of its last answer are dropped.
pub(super) struct Lease {
    sender: Option<SendRequest<Empty<Bytes>>>,
}

/// A request that got no answer.
pub(super) struct Failed {
    pub(super) error: SourceError,
    /// Whether surely nothing of it was written.
    pub(super) unsent: bool,
}

impl Lease {
    /// Begins HTTP on a byte stream.
    pub(super) async fn over(stream: Box<dyn Stream>) -> Result<Self, SourceError> {
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| words::broken(&error))?;
        // Its errors come to whoever waits for an answer or reads a body; it ends when both are gone.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { sender: Some(sender) })
    }

    /// Sends one request without a body and waits for the head of its answer.
    pub(super) async fn send(&mut self, method: Method, path: &str) -> Result<Response<Incoming>, Failed> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "docker")
            .header(USER_AGENT, concat!("wheelhouse/", env!("CARGO_PKG_VERSION")))
            .body(Empty::new())
            .map_err(|error| Failed {
                error: SourceError::new(ErrorKind::Internal, format!("not a request: {error}")),
                unsent: true,
            })?;
        let Some(sender) = &mut self.sender else {
            return Err(Failed {
                error: SourceError::new(ErrorKind::Internal, "the connection was given back"),
                unsent: true,
            });
        };
        sender
            .try_send_request(request)
            .await
            .map_err(|mut failed| Failed {
                unsent: failed.take_message().is_some(),
                error: words::broken(failed.error()),
            })
    }
}

/// Idle connections.
#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<(Instant, SendRequest<Empty<Bytes>>)>>,
}

impl Pool {
    /// An idle connection that is still open, the latest used first.
    pub(super) fn take(&self) -> Option<Lease> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, sender)) = idle.pop() {
            if sender.is_ready() {
                return Some(Lease { sender: Some(sender) });
            }
        }
        None
    }

    /// Keeps a connection whose answer was read whole, unless it is closing or there are enough; closes those that were not
    /// needed lately.
    pub(super) async fn put(&self, lease: &mut Lease) {
        let Some(mut sender) = lease.sender.take() else {
            return;
        };
        if sender.ready().await.is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.retain(|(since, _)| since.elapsed() < IDLE);
            if idle.len() < KEPT {
                idle.push((Instant::now(), sender));
            }
        }
    }

    /// Closes all idle connections.
    pub(super) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}
