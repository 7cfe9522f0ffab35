//! `logs`: one container's log, followed over lost links.

use std::io;
use std::time::Duration;

use futures_util::future::try_join;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::io::{AsyncWriteExt, Stdout};
use tokio::sync::mpsc;

use super::fleet::{Stop, Written};
use super::out::complain;
use super::{Exit, LogArgs, fleet};
use crate::config::Config;
use crate::fleet::event::LogFact;
use crate::fleet::model::{ContainerKey, LogChunk, LogCursor, LogFrom, SourceError};
use crate::fleet::text::Printable;
use crate::sources::docker::Engine;
use crate::sources::link::Access;

pub(super) async fn run(config: &Config, args: &LogArgs) -> Exit {
    match read(config, args).await {
        Ok(exit) => exit,
        Err(stop) => stop.report(),
    }
}

async fn read(config: &Config, args: &LogArgs) -> Result<Exit, Stop> {
    let written = Written::parse(config, &args.container)?;
    let hosts = fleet::needed(config, std::slice::from_ref(&written))?;
    let listings = fleet::ask(config, &hosts, Access::ReadOnly, async |engine| {
        engine.list(None).await
    })
    .await;
    let (engine, container) = fleet::find(config, &listings, &written)?;
    let mut engine = engine.clone();
    let (key, name) = (container.key, container.name.clone());
    let host = fleet::spec(config, key.host);
    fleet::close(
        listings
            .into_iter()
            .filter(|asked| asked.id != key.host)
            .collect(),
    )
    .await;
    let mut reader = Reader {
        key,
        host: &host.name,
        name: &name,
        json: args.json,
        from: args.from(),
        cursor: LogCursor::default(),
        out: tokio::io::stdout(),
    };
    loop {
        let error = match reader.read(&engine, args.follow).await {
            Ok(Ok(())) => break,
            Ok(Err(error)) => error,
            // The reader of the pipe has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => {
                return Err(Stop(
                    Exit::Failed,
                    format!("cannot write to standard output: {error}"),
                ));
            }
        };
        if !args.follow || !resumes(&error) {
            return Err(Stop(Exit::Unreachable, fleet::unreached(host, &error)));
        }
        complain(&format!(
            "{}; reading on as soon as it answers",
            fleet::unreached(host, &error)
        ));
        engine = redial(config, key)
            .await
            .map_err(|error| Stop(Exit::Unreachable, fleet::unreached(host, &error)))?;
    }
    engine.close().await;
    Ok(Exit::Good)
}

/// Whether reading on later makes sense: not where the engine itself said no.
fn resumes(error: &SourceError) -> bool {
    error.retries() && error.status.is_none()
}

/// Tries until the host answers, or until it is clear that only a person can mend it.
async fn redial(config: &Config, key: ContainerKey) -> Result<Engine, SourceError> {
    let mut pause = Duration::from_millis(500);
    loop {
        tokio::time::sleep(pause).await;
        let answered = async {
            let engine = fleet::dial(config, key.host, Access::ReadOnly).await?;
            fleet::bounded(engine.ping()).await.map(|_| engine)
        };
        match answered.await {
            Ok(engine) => return Ok(engine),
            Err(error) if !resumes(&error) => return Err(error),
            Err(_) => pause = (pause * 2).min(Duration::from_secs(10)),
        }
    }
}

/// One line as programs read it.
#[derive(Debug, Serialize)]
struct JsonLine<'a> {
    time: Option<String>,
    stream: &'static str,
    host: &'a str,
    container: &'a str,
    line: &'a str,
}

struct Reader<'a> {
    key: ContainerKey,
    host: &'a str,
    name: &'a str,
    json: bool,
    from: LogFrom,
    cursor: LogCursor,
    out: Stdout,
}

impl Reader<'_> {
    /// Reads on from where it stopped and prints. The outer error is standard output's, the inner one the engine's.
    async fn read(&mut self, engine: &Engine, follow: bool) -> io::Result<Result<(), SourceError>> {
        let (sink, mut facts) = mpsc::channel(16);
        let from = self.cursor.known().map_or(self.from, LogFrom::After);
        let id = self.key.id;
        let reading = async move { Ok(engine.logs(id, from, follow, &sink).await) };
        let writing = async {
            while let Some(fact) = facts.recv().await {
                if let LogFact::Lines(chunk) = fact {
                    self.write(&chunk).await?;
                }
            }
            Ok::<_, io::Error>(())
        };
        Ok(try_join(reading, writing).await?.0)
    }

    async fn write(&mut self, chunk: &LogChunk) -> io::Result<()> {
        let mut text = String::with_capacity(chunk.bytes.len() + 64);
        for line in &chunk.lines {
            let (start, len) = (line.start as usize, line.len as usize);
            let bytes = chunk.bytes.get(start..start + len).unwrap_or_default();
            let lost = match line.lost {
                0 => String::new(),
                lost => format!(" … {lost} bytes more"),
            };
            let cleaned = clean(&String::from_utf8_lossy(bytes)) + &lost;
            if self.json {
                text.push_str(&self.as_json(line.at_ns, line.stderr, &cleaned)?);
            } else {
                text.push_str(&cleaned);
            }
            text.push('\n');
        }
        self.out.write_all(text.as_bytes()).await?;
        self.out.flush().await?;
        for line in &chunk.lines {
            self.cursor.advance(line.at_ns);
        }
        Ok(())
    }

    fn as_json(&self, at_ns: i64, stderr: bool, line: &str) -> io::Result<String> {
        let at = Timestamp::from_nanosecond(at_ns.into())
            .ok()
            .filter(|_| at_ns != 0);
        let line = JsonLine {
            time: at.map(|at| at.to_string()),
            stream: if stderr { "stderr" } else { "stdout" },
            host: self.host,
            container: self.name,
            line,
        };
        Ok(serde_json::to_string(&line)?)
    }
}

/// A log line without colours and control characters; tabs become spaces.
fn clean(line: &str) -> String {
    let line = line.replace('\t', "    ");
    let mut kept = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        kept.push_str(before);
        let parameters = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';' || c == ':');
        if let Some(next) = parameters.strip_prefix('m') {
            rest = next;
        } else {
            kept.push_str("\x1b[");
            rest = after;
        }
    }
    kept.push_str(rest);
    Printable::clean(&kept).to_string()
}

/// A time as people write it: `10m`, `2h`, `1d` ago, RFC 3339, or Unix seconds. In Unix nanoseconds.
pub(super) fn since(text: &str) -> Result<i64, String> {
    let wrong = || "expected 10m, 2h, 1d, a time as 2026-01-31T12:00:00Z, or Unix seconds".to_owned();
    let nanoseconds = |at: Timestamp| i64::try_from(at.as_nanosecond()).map_err(|_| wrong());
    if let Ok(at) = text.parse::<Timestamp>() {
        return nanoseconds(at);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: i64 = digits.parse().map_err(|_| wrong())?;
    let unit = match &text[digits.len()..] {
        "" => return count.checked_mul(1_000_000_000).ok_or_else(wrong),
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let ago = count
        .checked_mul(unit)
        .filter(|ago| *ago >= 0)
        .ok_or_else(wrong)?;
    let at = Timestamp::now()
        .checked_sub(SignedDuration::from_secs(ago))
        .map_err(|_| wrong())?;
    nanoseconds(at)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{clean, since};

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(since("1700000000"), Ok(1_700_000_000_000_000_000));
        assert_eq!(since("2023-11-14T22:13:20Z"), Ok(1_700_000_000_000_000_000));
        let hour = since("1h").expect("an hour ago");
        let now = i64::try_from(Timestamp::now().as_nanosecond()).expect("a present time");
        assert!((now - hour - 3_600_000_000_000).abs() < 60_000_000_000);
        for bad in [
            "",
            "h",
            "10x",
            "-5m",
            "99999999999999999999",
            "9223372036854775807",
            "9223372036854775807d",
        ] {
            assert!(since(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lines_lose_their_colours_and_their_claws() {
        assert_eq!(clean("a\tb"), "a    b");
        assert_eq!(clean("\x1b[1;31mred\x1b[m done"), "red done");
        assert_eq!(clean("\x1b[2Jgone\x1b]0;t\x07"), "\\x1b[2Jgone\\x1b]0;t\\x07");
        assert_eq!(clean("\x1b[31"), "\\x1b[31");
        assert_eq!(clean("a\rb\u{9b}1m"), "a\\rb\\u{9b}1m");
    }
}
