//! How to reach a machine: unix, tcp, tls, ssh.
//!
//! A [`Link`] speaks HTTP/1.1 over byte streams it opens itself. It judges every request before anything is
//! sent (read-only), gives every call a deadline and every body a limit, and never sends an order twice.

mod pool;
mod reads;
mod ssh;
mod tcp;
mod tls;
mod unix;
mod words;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite};

use self::pool::{Lease, Pool};
use crate::fleet::model::{Endpoint, ErrorKind, SourceError};

/// How long a machine may take to take our connection (TLS and the ssh channel included).
const CONNECT: Duration = Duration::from_secs(5);
/// Bytes read of an answer that is an error.
const ERROR_BODY: usize = 64 * 1024;

/// What may travel over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only requests on the list of reads; anything else is refused before it is sent.
    ReadOnly,
    /// Orders too.
    Full,
}

/// How ssh is run.
#[derive(Debug, Clone, Default)]
pub struct SshSettings {
    /// Another configuration file than the user's own (`ssh -F`).
    pub config: Option<PathBuf>,
}

/// A byte stream to an engine.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The way to one machine.
#[derive(Debug)]
enum Route {
    Unix(PathBuf),
    Tcp { host: String, port: u16 },
    Tls(tls::Tls),
    Ssh(ssh::Ssh),
}

impl Route {
    async fn connect(&self) -> Result<Box<dyn Stream>, SourceError> {
        Ok(match self {
            Self::Unix(path) => Box::new(unix::connect(path).await?),
            Self::Tcp { host, port } => Box::new(tcp::connect(host, *port).await?),
            Self::Tls(tls) => Box::new(tls.connect().await?),
            Self::Ssh(ssh) => ssh.connect().await?,
        })
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
}

/// Why an order did not surely work.
#[derive(Debug)]
pub(crate) enum OrderError {
    /// Nothing was written.
    NotSent(SourceError),
    /// The engine answered, and said no.
    Refused(SourceError),
    /// Something was written, and no answer came.
    Unknown(SourceError),
}

/// The way to one engine. Cheap to clone; what it holds open closes when the last clone goes.
#[derive(Debug, Clone)]
pub struct Link(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    route: Route,
    access: Access,
    pool: Pool,
}

impl Link {
    /// Prepares the way to an endpoint. For ssh this opens the session; the others connect with the first request.
    pub async fn open(endpoint: &Endpoint, access: Access, ssh: &SshSettings) -> Result<Self, SourceError> {
        let route = match endpoint {
            Endpoint::Unix(path) => Route::Unix(path.clone()),
            Endpoint::Tcp {
                host,
                port,
                tls: None,
            } => Route::Tcp {
                host: host.clone(),
                port: *port,
            },
            Endpoint::Tcp {
                host,
                port,
                tls: Some(files),
            } => Route::Tls(tls::Tls::prepare(host, *port, files).await?),
            Endpoint::Ssh { user, host, port } => {
                Route::Ssh(Box::pin(ssh::Ssh::open(user.as_deref(), host, *port, ssh)).await?)
            }
        };
        Ok(Self(Arc::new(Inner {
            route,
            access,
            pool: Pool::default(),
        })))
    }

    /// What may travel over it.
    pub fn access(&self) -> Access {
        self.0.access
    }

    /// Requests that may be under way at once without one standing in the other's way.
    pub(crate) fn at_once(&self) -> usize {
        match &self.0.route {
            Route::Ssh(ssh) => ssh.at_once(),
            Route::Unix(_) | Route::Tcp { .. } | Route::Tls(_) => pool::KEPT,
        }
    }

    /// A `GET`, answered whole within the deadline, its body at most `limit` bytes. An answer other than 2xx is an
    /// error with the engine's own words.
    pub(crate) async fn get(
        &self,
        path: &str,
        limit: usize,
        deadline: Duration,
    ) -> Result<Answer, SourceError> {
        within(deadline, async {
            let (mut lease, response) = self.0.fetch(path).await?;
            let (head, body) = response.into_parts();
            let body = read(body, limit).await?;
            self.0.pool.put(&mut lease).await;
            Ok(Answer {
                headers: head.headers,
                body,
            })
        })
        .await
    }

    /// A `GET` whose answer goes on; its head must come within the deadline. The connection is the stream's own:
    /// it closes when the body is dropped.
    pub(crate) async fn stream(
        &self,
        path: &str,
        deadline: Duration,
    ) -> Result<(HeaderMap, Incoming), SourceError> {
        within(deadline, async {
            let (_, response) = self.0.fetch(path).await?;
            let (head, body) = response.into_parts();
            Ok((head.headers, body))
        })
        .await
    }

    /// An order. It goes over a connection of its own, so that nothing of an older life of the line can make
    /// its fate doubtful, and is never sent twice.
    pub(crate) async fn order(
        &self,
        method: Method,
        path: &str,
        deadline: Duration,
    ) -> Result<StatusCode, OrderError> {
        let asked = Instant::now();
        self.0.judge(&method, path).map_err(OrderError::NotSent)?;
        let mut lease = within(deadline.min(CONNECT * 2), self.0.dial())
            .await
            .map_err(OrderError::NotSent)?;
        let answer = async {
            let response = match lease.send(method, path).await {
                Ok(response) => response,
                Err(failed) if failed.unsent => return Err(OrderError::NotSent(failed.error)),
                Err(failed) => return Err(OrderError::Unknown(failed.error)),
            };
            let status = response.status();
            if status.is_success() || status == StatusCode::NOT_MODIFIED {
                return Ok(status);
            }
            let refusal = refusal(response).await;
            if status.is_server_error() && refusal.kind != ErrorKind::Engine {
                // Not the engine's own words: something between us gave up, and the order may be past it.
                return Err(OrderError::Unknown(refusal));
            }
            Err(OrderError::Refused(refusal))
        };
        match tokio::time::timeout(deadline.saturating_sub(asked.elapsed()), answer).await {
            Ok(result) => result,
            Err(_) => Err(OrderError::Unknown(words::overdue(deadline))),
        }
    }

    /// Ends what the link holds open, in order.
    pub(crate) async fn close(self) {
        self.0.pool.clear();
        if let Route::Ssh(ssh) = &self.0.route {
            Box::pin(ssh.close()).await;
        }
    }
}

impl Inner {
    /// Refuses what a read-only link does not let pass.
    fn judge(&self, method: &Method, path: &str) -> Result<(), SourceError> {
        if self.access == Access::Full || reads::is_read(method, path) {
            return Ok(());
        }
        Err(SourceError::new(
            ErrorKind::ReadOnly,
            "read-only: this is not on the list of reads",
        ))
    }

    /// Boxed: it is seldom, and what ssh needs would otherwise lie in the future of every request.
    fn dial(&self) -> Pin<Box<dyn Future<Output = Result<Lease, SourceError>> + Send + '_>> {
        Box::pin(async { Lease::over(self.route.connect().await?).await })
    }

    /// A `GET` over an idle connection, or over a new one where none is alive. A read may be asked again: when
    /// the idle connection turns out to be dead, it is.
    async fn fetch(&self, path: &str) -> Result<(Lease, http::Response<Incoming>), SourceError> {
        self.judge(&Method::GET, path)?;
        if let Some(mut lease) = self.pool.take()
            && let Ok(response) = lease.send(Method::GET, path).await
        {
            return good(lease, response).await;
        }
        let mut lease = self.dial().await?;
        let response = match lease.send(Method::GET, path).await {
            Ok(response) => response,
            Err(failed) => return Err(self.explain(failed.error).await),
        };
        good(lease, response).await
    }

    /// An ssh session may know better than the stream why a line ended.
    async fn explain(&self, error: SourceError) -> SourceError {
        match &self.route {
            Route::Ssh(ssh) => Box::pin(ssh.explain(error)).await,
            _ => error,
        }
    }
}

/// Lets a 2xx pass; anything else becomes an error.
async fn good(
    lease: Lease,
    response: http::Response<Incoming>,
) -> Result<(Lease, http::Response<Incoming>), SourceError> {
    if response.status().is_success() {
        Ok((lease, response))
    } else {
        Err(refusal(response).await)
    }
}

async fn refusal(response: http::Response<Incoming>) -> SourceError {
    let status = response.status();
    let body = tokio::time::timeout(CONNECT, read(response.into_body(), ERROR_BODY)).await;
    words::refusal(status, &body.ok().and_then(Result::ok).unwrap_or_default())
}

async fn read(body: Incoming, limit: usize) -> Result<Bytes, SourceError> {
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(SourceError::new(
            ErrorKind::Protocol,
            format!("the answer is over {} KiB", limit / 1024),
        )),
        Err(error) => Err(words::broken(error.as_ref())),
    }
}

/// Waits for a body's next piece; the line's end in words.
pub(crate) fn broken(error: &hyper::Error) -> SourceError {
    words::broken(error)
}

async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, SourceError>>,
) -> Result<T, SourceError> {
    match tokio::time::timeout(deadline, work).await {
        Ok(result) => result,
        Err(_) => Err(words::overdue(deadline)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Method;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixListener;

    use super::{Access, Link, OrderError, SshSettings};
    use crate::fleet::model::Endpoint;

    /// What an order becomes when this is answered.
    async fn ordered(answer: &'static str) -> Result<http::StatusCode, OrderError> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("d.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        });
        let link = Link::open(&Endpoint::Unix(path), Access::Full, &SshSettings::default())
            .await
            .expect("a link");
        let ended = link
            .order(Method::POST, "/containers/a/restart", Duration::from_secs(5))
            .await;
        server.await.expect("it answered");
        ended
    }

    #[tokio::test]
    async fn a_go_between_that_gave_up_does_not_speak_for_the_engine() {
        let proxy =
            ordered("HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 21\r\n\r\n<h1>504 Time-out</h1>").await;
        assert!(matches!(proxy, Err(OrderError::Unknown(_))), "{proxy:?}");
        let engine = ordered("HTTP/1.1 500 Oops\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}").await;
        assert!(matches!(engine, Err(OrderError::Refused(_))), "{engine:?}");
        let forbidden = ordered("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").await;
        assert!(matches!(forbidden, Err(OrderError::Refused(_))), "{forbidden:?}");
    }
}
