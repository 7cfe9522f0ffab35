//! A bare HTTP client, so that nothing of ours stands between a test and an engine.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpStream, UnixStream};

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One connection.
pub(crate) struct Client(SendRequest<Empty<Bytes>>);

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", self.body))
    }

    /// Status and sentence of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (
            self.status.as_u16(),
            self.json()["message"].as_str().unwrap_or_default().to_owned(),
        )
    }
}

impl Client {
    pub(crate) async fn connect(url: &str) -> Result<Self, Failure> {
        let (sender, driver) = if let Some(path) = url.strip_prefix("unix://") {
            let io = TokioIo::new(UnixStream::connect(path).await?);
            let (sender, connection) = http1::handshake(io).await?;
            (sender, tokio::spawn(async move { drop(connection.await) }))
        } else {
            let addr = url.strip_prefix("tcp://").ok_or("neither unix nor tcp")?;
            let io = TokioIo::new(TcpStream::connect(addr).await?);
            let (sender, connection) = http1::handshake(io).await?;
            (sender, tokio::spawn(async move { drop(connection.await) }))
        };
        drop(driver);
        Ok(Self(sender))
    }

    pub(crate) async fn open(&mut self, method: Method, path: &str) -> Result<Response<Incoming>, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "docker")
            .body(Empty::new())?;
        self.0.ready().await?;
        Ok(self.0.send_request(request).await?)
    }

    pub(crate) async fn ask(&mut self, method: Method, path: &str) -> Result<Answer, Failure> {
        let response = self.open(method, path).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path)
            .await
            .unwrap_or_else(|e| panic!("GET {path}: {e}"))
    }

    pub(crate) async fn post(&mut self, path: &str) -> Answer {
        self.ask(Method::POST, path)
            .await
            .unwrap_or_else(|e| panic!("POST {path}: {e}"))
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.ask(Method::DELETE, path)
            .await
            .unwrap_or_else(|e| panic!("DELETE {path}: {e}"))
    }
}

/// Asks once, on a connection of its own.
pub(crate) async fn get(url: &str, path: &str) -> Answer {
    Client::connect(url)
        .await
        .expect("the engine accepts")
        .get(path)
        .await
}

/// Waits for something, for no longer than [`PATIENCE`].
pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| panic!("waited too long for {what}"))
}

/// Waits until a condition holds, for no longer than [`PATIENCE`].
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    soon(what, async {
        let mut looks = tokio::time::interval(Duration::from_millis(1));
        while !condition() {
            looks.tick().await;
        }
    })
    .await;
}

/// The parts of a body that goes on.
pub(crate) struct Parts(Incoming);

impl Parts {
    pub(crate) async fn open(url: &str, path: &str) -> Self {
        let mut client = Client::connect(url).await.expect("the engine accepts");
        let response = soon("the head of a stream", client.open(Method::GET, path))
            .await
            .expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        Self(response.into_body())
    }

    /// The next part; `None` at the end; an error when the connection died.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, hyper::Error>> {
        let frame = soon("the next part", self.0.frame()).await?;
        Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
    }

    /// Gathers until what was gathered satisfies, or the end.
    pub(crate) async fn gather(&mut self, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut all = Vec::new();
        while !enough(&all) {
            match self.next().await {
                Some(part) => all.extend_from_slice(&part.expect("the stream goes on")),
                None => break,
            }
        }
        all
    }
}
