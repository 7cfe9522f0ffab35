//! Docker Engines: watch, logs, stats, inspect; control apart.
//!
//! Requests go to unversioned paths: the engine then speaks the newest version it knows. What we read has been
//! the same from API 1.41 to today's and is read tolerantly; a version that we named would cost a round trip
//! before the first names, or be refused by an engine that knows only newer ones. What an engine speaks stands
//! in the head of its every answer, and one that is too old is told so by the first.

mod control;
mod events;
mod inspect;
mod listing;
mod logs;
mod mask;
mod sample;
mod stamp;
mod status;
mod watch;

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use http::header::{DATE, SERVER};
use hyper::body::Incoming;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

pub use self::control::{ActionError, Control, Receipt};
use super::link::{Access, Link, SshSettings};
use crate::fleet::event::{HostFact, LogFact};
use crate::fleet::model::{
    Container, ContainerId, Details, Endpoint, EngineInfo, ErrorKind, HostId, LogFrom, Sample, SourceError,
};
use crate::fleet::text::Printable;

/// The oldest API we speak: Docker 20.10.
const OLDEST: (u32, u32) = (1, 41);
/// How long an engine may take to answer a read.
const READ: Duration = Duration::from_secs(9);
/// How long a ping may take where nobody says otherwise.
const PING: Duration = Duration::from_secs(5);
/// How often a watched engine is pinged unless told otherwise.
const PERIOD: Duration = Duration::from_secs(2);
/// Bytes of a listing at most.
const LISTING: usize = 64 * 1024 * 1024;
/// Bytes of any other answer at most.
const ANSWER: usize = 8 * 1024 * 1024;
/// Containers asked for by id in one request; more are picked from the full listing.
const BY_ID: usize = 100;

/// A connection to one engine: everything that only reads. Cheap to clone; the link closes when the last clone goes.
#[derive(Debug, Clone)]
pub struct Engine {
    host: HostId,
    link: Link,
    period: Duration,
}

/// A listing and when it was made, in Unix seconds of the engine's clock.
struct Listing {
    containers: Vec<Container>,
    at_s: i64,
}

impl Engine {
    /// Opens the link (for ssh: the session). Does not wait for an answer of the engine.
    pub async fn dial(
        host: HostId,
        endpoint: &Endpoint,
        access: Access,
        ssh: &SshSettings,
    ) -> Result<Self, SourceError> {
        Ok(Self {
            host,
            link: Link::open(endpoint, access, ssh).await?,
            period: PERIOD,
        })
    }

    /// Pings so often while watching; seldom, for large fleets, means that a silence is noticed later.
    #[must_use]
    pub fn pinging_every(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// `GET /_ping`.
    pub async fn ping(&self) -> Result<Duration, SourceError> {
        self.ping_within(PING).await
    }

    async fn ping_within(&self, deadline: Duration) -> Result<Duration, SourceError> {
        let asked = Instant::now();
        self.get("/_ping", 1024, deadline).await?;
        Ok(asked.elapsed())
    }

    /// `GET /version` and `GET /info`.
    pub async fn introduce(&self) -> Result<EngineInfo, SourceError> {
        let (version, info) = tokio::try_join!(self.read::<Version>("/version"), self.read::<Info>("/info"))?;
        Ok(EngineInfo {
            id: info.id.filter(|id| !id.is_empty()).map(|id| Printable::name(&id)),
            version: Printable::name(&version.version),
            api: Printable::name(&version.api_version),
            os: Printable::name(&info.operating_system),
            cpus: info.ncpu,
            memory: info.mem_total,
        })
    }

    /// All containers, or those named.
    pub async fn list(&self, only: Option<&[ContainerId]>) -> Result<Vec<Container>, SourceError> {
        Ok(self.listing(only).await?.containers)
    }

    async fn listing(&self, only: Option<&[ContainerId]>) -> Result<Listing, SourceError> {
        let mut path = "/containers/json?all=1".to_owned();
        if let Some(ids) = only.filter(|ids| ids.len() <= BY_ID) {
            let ids: Vec<_> = ids.iter().map(|id| format!("\"{id}\"")).collect();
            path.push_str("&filters=");
            path.push_str(&escape(&format!("{{\"id\":[{}]}}", ids.join(","))));
        }
        let (headers, body) = self.get(&path, LISTING, READ).await?;
        let at_s = date(&headers).unwrap_or_else(local_s);
        let mut containers = listing::parse(self.host, &body, at_s).map_err(|_| no_engine())?;
        if let Some(ids) = only {
            // An id filter matches by beginnings, and an empty one matches everything.
            containers.retain(|container| ids.contains(&container.key.id));
        }
        Ok(Listing { containers, at_s })
    }

    async fn events(&self, since_s: i64, deadline: Duration) -> Result<Incoming, SourceError> {
        let path = format!(
            "/events?since={}&filters={}",
            since_s.max(0),
            escape(events::FILTERS)
        );
        let (headers, body) = self.link.stream(&path, deadline).await?;
        old_enough(&headers)?;
        Ok(body)
    }

    /// Listing, then events, pings and a new listing every few minutes, told to `sink`, until the connection is lost.
    /// `since`: Unix seconds of the last event an earlier connection told, so that what happened between is told too;
    /// the events of that second are told again.
    pub async fn watch(&self, since: Option<i64>, sink: &mpsc::Sender<HostFact>) -> SourceError {
        watch::run(self, since, sink).await
    }

    /// Reads a log and follows it if told so, until the engine ends it (`Ok`) or it breaks.
    pub async fn logs(
        &self,
        id: ContainerId,
        from: LogFrom,
        follow: bool,
        sink: &mpsc::Sender<LogFact>,
    ) -> Result<(), SourceError> {
        logs::read(self, id, from, follow, sink).await
    }

    /// One reading of a container's statistics (`one-shot`).
    pub async fn sample(&self, id: ContainerId) -> Result<Sample, SourceError> {
        let path = format!("/containers/{id}/stats?stream=false&one-shot=true");
        let (_, body) = self.get(&path, ANSWER, READ).await?;
        sample::parse(&body)
    }

    /// Readings that may be under way at once. An engine (20.10 for one) collects once a second for all who ask by then: one
    /// reading after the other takes as many seconds.
    pub fn at_once(&self) -> usize {
        self.link.at_once()
    }

    /// Everything about one container.
    pub async fn inspect(&self, id: ContainerId) -> Result<Details, SourceError> {
        inspect::parse(
            self.host,
            id,
            &self.read(&format!("/containers/{id}/json")).await?,
        )
    }

    /// Whether a container has a TTY.
    async fn has_tty(&self, id: ContainerId) -> Result<bool, SourceError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Inspected {
            config: Config,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Config {
            tty: bool,
        }
        let inspected: Inspected = self.read(&format!("/containers/{id}/json")).await?;
        Ok(inspected.config.tty)
    }

    /// The acting half; `None` over a read-only link.
    pub fn control(&self) -> Option<Control> {
        Control::over(&self.link)
    }

    /// Ends the link in order (the ssh master with it).
    pub async fn close(self) {
        self.link.close().await;
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, SourceError> {
        let (_, body) = self.get(path, ANSWER, READ).await?;
        serde_json::from_slice(&body).map_err(|_| no_engine())
    }

    async fn get(
        &self,
        path: &str,
        limit: usize,
        deadline: Duration,
    ) -> Result<(HeaderMap, Bytes), SourceError> {
        let answer = self.link.get(path, limit, deadline).await?;
        old_enough(&answer.headers)?;
        Ok((answer.headers, answer.body))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    #[serde(default)]
    version: String,
    #[serde(default)]
    api_version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(default, rename = "ID")]
    id: Option<String>,
    #[serde(default)]
    operating_system: String,
    #[serde(default, rename = "NCPU")]
    ncpu: Option<u32>,
    #[serde(default)]
    mem_total: Option<u64>,
}

fn no_engine() -> SourceError {
    SourceError::new(ErrorKind::Protocol, "the answer is not a Docker Engine's")
        .advise("check the port: something else seems to listen there")
}

/// Every answer of an engine names the API it speaks.
fn old_enough(headers: &HeaderMap) -> Result<(), SourceError> {
    let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(api) = word("api-version") else {
        return Ok(());
    };
    let number = |api: &str| {
        let (major, minor) = api.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    if number(api).is_none_or(|api: (u32, u32)| api >= OLDEST) {
        return Ok(());
    }
    let engine = word(SERVER.as_str())
        .and_then(|server| server.strip_prefix("Docker/"))
        .and_then(|server| server.split_whitespace().next())
        .unwrap_or("there");
    Err(SourceError::new(
        ErrorKind::TooOld,
        format!("engine {engine} speaks API {api}; wheelhouse needs 1.41 (Docker 20.10)"),
    ))
}

/// The engine's clock.
fn date(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(date)
        .ok()?;
    Some(date.as_second())
}

fn local_s() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs().cast_signed())
}

/// Percent-escapes a query's value.
fn escape(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len() * 2);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{date, escape, old_enough};
    use crate::fleet::model::ErrorKind;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn an_old_engine_is_told_so() {
        let old = headers(&[("api-version", "1.40"), ("server", "Docker/19.03.15 (linux)")]);
        let error = old_enough(&old).expect_err("too old");
        assert_eq!(error.kind, ErrorKind::TooOld);
        assert_eq!(
            error.reason,
            "engine 19.03.15 speaks API 1.40; wheelhouse needs 1.41 (Docker 20.10)"
        );
        for api in ["1.41", "1.51", "2.0", "?"] {
            assert_eq!(old_enough(&headers(&[("api-version", api)])), Ok(()), "{api}");
        }
        assert_eq!(old_enough(&headers(&[])), Ok(()));
    }

    #[test]
    fn the_engines_clock_is_read() {
        let at = date(&headers(&[("date", "Fri, 27 Nov 2026 16:03:57 GMT")]));
        assert_eq!(at, Some(1_795_795_437));
        assert_eq!(date(&headers(&[("date", "soon")])), None);
    }

    #[test]
    fn values_are_escaped() {
        assert_eq!(escape(r#"{"id":["a"]}"#), "%7B%22id%22:%5B%22a%22%5D%7D");
    }
}
