//! Questions and answers in the engine's manner: queries, JSON, errors, streams.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock;
use super::refusal::Refusal;

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A version of the API: 1.41 is `(1, 41)`.
pub(super) type Version = (u32, u32);

/// Up to here the engine's server knows the length of an answer before it sends it.
const SHORT: usize = 2048;

/// The parameters of a request, decoded.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: Option<&str>) -> Self {
        let pairs = text
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(key, true), decode(value, true))
                })
                .collect(),
        )
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == key)
            .map(|(_, value)| value.as_str())
    }

    /// A time, as `seconds[.nanoseconds]`; nothing, or 0, is no time.
    pub(super) fn time(&self, key: &str, api: Version) -> Result<Option<Timestamp>, Refusal> {
        match self.get(key) {
            None | Some("" | "0") => Ok(None),
            Some(text) => clock::parse(text)
                .map(Some)
                .ok_or_else(|| Refusal::number(api, "ParseInt", text)),
        }
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(is_true)
    }
}

/// What the engine takes for true: whatever is not plainly false.
pub(super) fn is_true(value: &str) -> bool {
    !matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "" | "0" | "no" | "false" | "none"
    )
}

/// Undoes percent encoding; `plus` stands for a blank in queries only.
pub(super) fn decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = digits
            .filter(|_| first == b'%')
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(match escaped {
            Some(byte) => byte,
            None if plus && first == b'+' => b' ',
            None => first,
        });
        rest = if escaped.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads `1.41`.
pub(super) fn version(text: &str) -> Option<Version> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Waits so long, or for ever.
pub(super) async fn wait(duration: Option<Duration>) {
    match duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

fn with_kind(status: u16, kind: Option<&'static str>, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(kind) = kind {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

/// An answer without a body.
pub(super) fn empty(status: u16) -> Response<Body> {
    with_kind(
        status,
        None,
        Empty::new()
            .map_err(|never: Infallible| match never {})
            .boxed_unsync(),
    )
}

/// A short text.
pub(super) fn text(status: u16, text: impl Into<Bytes>) -> Response<Body> {
    with_kind(status, Some("text/plain; charset=utf-8"), whole(text.into()))
}

/// One JSON document; a long one is sent in chunks of unknown number, as the engine does.
pub(super) fn json(status: u16, value: &Value) -> Response<Body> {
    let bytes = Bytes::from(format!("{value}\n"));
    let body = if bytes.len() > SHORT {
        let parts: Vec<_> = (0..bytes.len())
            .step_by(SHORT)
            .map(|at| Ok(Frame::data(bytes.slice(at..(at + SHORT).min(bytes.len())))))
            .collect();
        StreamBody::new(futures_util::stream::iter(parts)).boxed_unsync()
    } else {
        whole(bytes)
    };
    with_kind(status, Some("application/json"), body)
}

/// The engine's way to say no.
pub(super) fn error(status: u16, message: &str) -> Response<Body> {
    json(status, &json!({ "message": message }))
}

/// A body that goes on; its head is sent at once.
pub(super) fn stream(
    kind: Option<&'static str>,
    parts: impl Stream<Item = Bytes> + Send + 'static,
) -> Response<Body> {
    with_kind(
        200,
        kind,
        StreamBody::new(parts.map(|bytes| Ok(Frame::data(bytes)))).boxed_unsync(),
    )
}

/// The same answer, cut off after half of its body.
pub(super) async fn truncated(response: Response<Body>) -> Response<Body> {
    let (head, mut body) = response.into_parts();
    // A stream has no middle: its first part stands for it.
    let bytes = match body.frame().await {
        Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        _ => Bytes::new(),
    };
    let half = bytes.slice(..bytes.len() / 2);
    let parts = futures_util::stream::once(async move { Ok(Frame::data(half)) }).chain(
        futures_util::stream::once(async {
            // Gives the connection the time to send the first half before it is closed.
            tokio::task::yield_now().await;
            Err(io::Error::other("cut on order"))
        }),
    );
    Response::from_parts(head, StreamBody::new(parts).boxed_unsync())
}

/// Status 200 and bytes that are no answer to anything.
pub(super) fn garbage() -> Response<Body> {
    let body = whole(Bytes::from_static(
        b"\x1b[2J\xff\xfe{\"Id\": [[[ <html>it works</html>\0\x07",
    ));
    with_kind(200, Some("application/json"), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let query = Query::parse(Some(
            "filters=%7B%22a%22%3A1%7D&all=1&name=a+b&x=%zz&follow=false",
        ));
        assert_eq!(query.get("filters"), Some(r#"{"a":1}"#));
        assert_eq!(query.get("name"), Some("a b"));
        assert_eq!(query.get("x"), Some("%zz"));
        assert!(query.flag("all") && !query.flag("follow") && !query.flag("absent"));
    }
}
