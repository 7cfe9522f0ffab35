//! The journal: every order is written down before it leaves, and what became of it after.
//!
//! One JSON object a line. Each line is one `write(2)` to a file opened for appending, so several consoles may share it; a
//! line that a crash tore is closed off by the next one.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use crate::fleet::model::{Details, Order, Outcome};
use crate::fleet::text::Printable;

/// A disk that has not taken a line by then is as good as none.
const DEADLINE: Duration = Duration::from_secs(5);

/// Where orders are written down. Cheap to clone; nothing is opened until something is written.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    run: String,
    user: Option<Printable>,
    ssh_connection: Option<Printable>,
    health: watch::Sender<Result<(), String>>,
}

/// What a line tells.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry<'a> {
    /// The order is about to leave.
    Intent,
    /// It ended so.
    Outcome(&'a Outcome),
    /// It was unknown, and looking again says this.
    Settled(&'a Outcome),
}

/// What an inspection told of an order's target, as far as the journal and the proof need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Sight {
    /// The engine's word for its state.
    pub(super) state: &'static str,
    /// The engine's own text of `StartedAt`.
    pub(super) started_at: String,
}

impl From<&Details> for Sight {
    fn from(details: &Details) -> Self {
        Self {
            state: details.state.word(),
            // An engine may say anything; a stamp is short.
            started_at: details.started_at.chars().take(64).collect(),
        }
    }
}

/// One line of the journal.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    kind: &'static str,
    run: &'a str,
    order: u64,
    pid: u32,
    uid: u32,
    user: Option<&'a str>,
    ssh_connection: Option<&'a str>,
    host: &'a str,
    id: String,
    name: &'a str,
    image: &'a str,
    command: &'static str,
    before: &'a Sight,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a Sight>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl Journal {
    /// The journal in this file, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        let variable = |name| {
            std::env::var(name)
                .ok()
                .filter(|value| !value.is_empty())
                .map(Printable::from)
        };
        Self(Arc::new(Inner {
            path,
            run: format!("{:x}-{:x}", Timestamp::now().as_millisecond(), std::process::id()),
            user: account().or_else(|| variable("USER")),
            ssh_connection: variable("SSH_CONNECTION"),
            health: watch::Sender::new(Ok(())),
        }))
    }

    /// Whether it can be written: makes the directory and the file where they are missing. The error is a whole reason.
    pub async fn check(&self) -> Result<(), String> {
        self.on_disk(|path| open(path).map(drop)).await
    }

    /// Whether the last line or check went well; changes when that changes.
    pub(super) fn health(&self) -> watch::Receiver<Result<(), String>> {
        self.0.health.subscribe()
    }

    /// Writes one line and flushes it to the disk. The error is a whole reason.
    pub(super) async fn write(
        &self,
        order: &Order,
        entry: Entry<'_>,
        before: &Sight,
        after: Option<&Sight>,
    ) -> Result<(), String> {
        let (kind, outcome) = match entry {
            Entry::Intent => ("intent", None),
            Entry::Outcome(outcome) => ("outcome", Some(outcome)),
            Entry::Settled(outcome) => ("settled", Some(outcome)),
        };
        let (outcome, reason) = outcome.map(words).unzip();
        let line = Line {
            time: format!("{:.3}", Timestamp::now()),
            kind,
            run: &self.0.run,
            order: order.id.0,
            pid: std::process::id(),
            uid: rustix::process::getuid().as_raw(),
            user: self.0.user.as_deref(),
            ssh_connection: self.0.ssh_connection.as_deref(),
            host: &order.host,
            id: order.key.id.to_string(),
            name: &order.name,
            image: &order.image,
            command: order.command.word(),
            before,
            after,
            outcome,
            reason: reason.flatten(),
        };
        let mut line = serde_json::to_vec(&line).map_err(|error| format!("the journal's line: {error}"))?;
        line.push(b'\n');
        self.on_disk(move |path| append(path, line)).await
    }

    /// Runs disk work off the loop, and remembers how it went.
    async fn on_disk(
        &self,
        work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<(), String> {
        let inner = Arc::clone(&self.0);
        let working = tokio::task::spawn_blocking(move || work(&inner.path));
        let done = match tokio::time::timeout(DEADLINE, working).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(stopped)) => Err(stopped.to_string()),
            Err(_) => Err(format!("the disk did not answer within {} s", DEADLINE.as_secs())),
        };
        let done =
            done.map_err(|why| format!("the journal {} cannot be written: {why}", self.0.path.display()));
        self.0.health.send_if_modified(|health| {
            let changed = *health != done;
            health.clone_from(&done);
            changed
        });
        done
    }
}

/// The name of the account this process runs as, by its number: `$USER` may say anything.
fn account() -> Option<Printable> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = accounts.lines().map(|line| line.split(':'));
    fields.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1) == Some(&uid)).then(|| name.into())
    })
}

/// An outcome's word and reason.
fn words(outcome: &Outcome) -> (&'static str, Option<&str>) {
    match outcome {
        Outcome::Done => ("done", None),
        Outcome::Refused(why) => ("refused", Some(why)),
        Outcome::NotSent(why) => ("not sent", Some(why)),
        Outcome::Unknown(why) => ("unknown", Some(why)),
    }
}

/// Opens the file for appending; makes it (0600) and its directory (0700) where they are missing.
fn open(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is no regular file"))
    }
}

/// Appends a line in one write, and waits until it is on the disk.
fn append(path: &Path, mut line: Vec<u8>) -> io::Result<()> {
    let mut file = open(path)?;
    // Another writer's half-written line must not be taken for a torn one. The lock goes with the file.
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
    let len = file.metadata()?.len();
    if let Some(last) = len.checked_sub(1) {
        let mut byte = [0];
        file.read_exact_at(&mut byte, last)?;
        if byte != *b"\n" {
            line.insert(0, b'\n');
        }
    }
    if file.write(&line)? < line.len() {
        return Err(io::Error::new(
            io::ErrorKind::StorageFull,
            "only a part of a line fitted",
        ));
    }
    file.sync_data()?;
    if len == 0
        && let Some(dir) = path.parent()
    {
        // A new file is on the disk only when its name is.
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use serde_json::Value;

    use super::{Entry, Journal, Sight};
    use crate::fleet::model::{Command, ContainerId, ContainerKey, HostId, Order, OrderId, Outcome};

    fn order(id: u64) -> Order {
        Order {
            id: OrderId(id),
            key: ContainerKey {
                host: HostId(0),
                id: ContainerId::parse(&"ab".repeat(32)).expect("an id"),
            },
            host: "web-1".into(),
            name: "api\n\"x\"".into(),
            image: "shop:1".into(),
            command: Command::Restart,
        }
    }

    fn sight() -> Sight {
        Sight {
            state: "running",
            started_at: "2026-01-01T00:00:00Z".into(),
        }
    }

    fn lines(path: &std::path::Path) -> Vec<Result<Value, serde_json::Error>> {
        std::fs::read_to_string(path)
            .expect("a journal")
            .lines()
            .map(serde_json::from_str)
            .collect()
    }

    #[tokio::test]
    async fn a_line_tells_who_what_and_how_it_ended_and_is_private() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("state/wheelhouse/journal.jsonl");
        let journal = Journal::new(path.clone());
        let outcome = Outcome::Refused("no".into());
        journal
            .write(&order(7), Entry::Intent, &sight(), None)
            .await
            .expect("written");
        journal
            .write(&order(7), Entry::Outcome(&outcome), &sight(), Some(&sight()))
            .await
            .expect("written");
        let lines: Vec<Value> = lines(&path).into_iter().map(|line| line.expect("json")).collect();
        assert_eq!(lines[0]["kind"], "intent");
        assert_eq!(lines[0]["order"], 7);
        assert_eq!(lines[0]["host"], "web-1");
        assert_eq!(lines[0]["id"], "ab".repeat(32));
        assert_eq!(lines[0]["name"], "api\\n\"x\"");
        assert_eq!(lines[0]["command"], "restart");
        assert_eq!(lines[0]["before"]["state"], "running");
        assert_eq!(lines[0]["pid"], std::process::id());
        assert!(lines[0].get("outcome").is_none());
        let time = lines[0]["time"].as_str().expect("a time");
        assert_eq!(time.len(), "2026-01-01T00:00:00.000Z".len(), "{time}");
        assert_eq!(lines[1]["kind"], "outcome");
        assert_eq!(lines[1]["outcome"], "refused");
        assert_eq!(lines[1]["reason"], "no");
        assert_eq!(lines[1]["after"]["started_at"], "2026-01-01T00:00:00Z");
        assert_eq!(lines[1]["run"], lines[0]["run"]);
        for (path, mode) in [(path.parent().expect("a parent"), 0o700), (&path, 0o600)] {
            let is = std::fs::metadata(path).expect("there").permissions().mode();
            assert_eq!(is & 0o777, mode, "{}", path.display());
        }
    }

    #[tokio::test]
    async fn a_torn_line_does_not_spoil_the_next() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("journal.jsonl");
        std::fs::write(&path, "{\"kind\":\"intent\"}\n{\"kind\":\"out").expect("written");
        Journal::new(path.clone())
            .write(&order(1), Entry::Intent, &sight(), None)
            .await
            .expect("written");
        let read: Vec<bool> = lines(&path).iter().map(Result::is_ok).collect();
        assert_eq!(read, [true, false, true]);
    }

    #[tokio::test]
    async fn where_it_cannot_be_written_it_says_why_and_recovers() {
        let dir = tempfile::tempdir().expect("a directory");
        let in_the_way = dir.path().join("file");
        std::fs::write(&in_the_way, "").expect("written");
        let journal = Journal::new(in_the_way.join("journal.jsonl"));
        let mut health = journal.health();
        let why = journal.check().await.expect_err("a file is in the way");
        assert!(
            why.contains("cannot be written") && why.contains("file/journal.jsonl"),
            "{why}"
        );
        assert_eq!(*health.borrow_and_update(), Err(why));
        std::fs::remove_file(&in_the_way).expect("removed");
        journal.check().await.expect("writable now");
        assert!(health.has_changed().expect("a journal"));

        let directory = Journal::new(dir.path().to_owned());
        directory.check().await.expect_err("a directory is no journal");
        let device = Journal::new("/dev/null".into());
        assert!(
            device
                .check()
                .await
                .expect_err("swallows everything")
                .contains("regular file")
        );
    }

    #[tokio::test]
    async fn many_writers_share_one_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("journal.jsonl");
        let writers = (0..8).map(|writer| {
            let journal = Journal::new(path.clone());
            async move {
                for n in 0..25 {
                    journal
                        .write(&order(writer * 100 + n), Entry::Intent, &sight(), None)
                        .await
                        .expect("written");
                }
            }
        });
        futures_util::future::join_all(writers).await;
        let mut orders: Vec<u64> = lines(&path)
            .into_iter()
            .map(|line| line.expect("json")["order"].as_u64().expect("a number"))
            .collect();
        orders.sort_unstable();
        orders.dedup();
        assert_eq!(orders.len(), 200);
    }
}
