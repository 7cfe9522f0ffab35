//! What every engine must do to the adapters, whichever way it is reached: run against the embedded engine
//! (`tests/adapters`) and against real ones (`tests/lab`).

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use wheelhouse::fleet::event::{HostFact, LogFact};
use wheelhouse::fleet::model::{
    Command, Container, ContainerId, Endpoint, ErrorKind, HostId, LogCursor, LogFrom, SourceError, TlsFiles,
};
use wheelhouse::sources::docker::Engine;
use wheelhouse::sources::link::{Access, SshSettings};

/// How long any condition may take.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A way to an engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    pub(crate) url: String,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) ssh: SshSettings,
}

impl Way {
    pub(crate) fn plain(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) async fn dial(&self, access: Access) -> Result<Engine, SourceError> {
        let endpoint = Endpoint::parse(&self.url, self.tls.clone()).expect("an endpoint");
        Engine::dial(HostId(7), &endpoint, access, &self.ssh).await
    }

    /// Dials and asks, and gives back what goes wrong.
    pub(crate) async fn failure(&self) -> SourceError {
        let engine = match self.dial(Access::Full).await {
            Ok(engine) => engine,
            Err(error) => return error,
        };
        let error = engine.list(None).await.expect_err("it should not answer");
        engine.close().await;
        error
    }
}

/// The container with this name.
pub(crate) async fn container(engine: &Engine, name: &str) -> Container {
    let all = engine.list(None).await.expect("a listing");
    let found = all.into_iter().find(|container| container.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no container {name}"))
}

/// A told line: its stamp, its bytes, whether it came on standard error.
pub(crate) type Line = (i64, Vec<u8>, bool);

/// Lines of a log until `enough` says so or it ends.
pub(crate) async fn lines(
    engine: &Engine,
    id: ContainerId,
    from: LogFrom,
    follow: bool,
    enough: impl Fn(&[Line]) -> bool,
) -> Vec<Line> {
    let (sink, mut facts) = mpsc::channel(8);
    let reading = async move {
        let ended = engine.logs(id, from, follow, &sink).await;
        drop(sink);
        ended
    };
    let gathering = async move {
        let mut all = Vec::new();
        while let Some(fact) = facts.recv().await {
            let LogFact::Lines(chunk) = fact else { continue };
            for line in &chunk.lines {
                let start = line.start as usize;
                let bytes = chunk.bytes[start..start + line.len as usize].to_vec();
                all.push((line.at_ns, bytes, line.stderr));
                if enough(&all) {
                    return all;
                }
            }
        }
        all
    };
    // When it is enough, the sink is gone, and the reading ends by that.
    let both = Box::pin(async { tokio::join!(reading, gathering) });
    let (ended, all) = timeout(SOON, both).await.expect("the log in time");
    ended.expect("a log that is whole");
    all
}

/// The cursor after the last of these lines.
pub(crate) fn cursor(lines: &[Line]) -> LogCursor {
    let at_ns = lines.last().expect("a line").0;
    LogCursor {
        at_ns,
        same: lines.iter().filter(|line| line.0 == at_ns).count() as u32,
    }
}

/// It answers, says who it is, and lists.
pub(crate) async fn answers_and_lists(way: &Way) {
    let engine = way.dial(Access::ReadOnly).await.expect("a link");
    engine.ping().await.expect("an answer");
    let info = engine.introduce().await.expect("an introduction");
    assert!(info.api.starts_with("1.") && !info.version.is_empty(), "{info:?}");
    let all = engine.list(None).await.expect("a listing");
    assert!(!all.is_empty());
    let one = all[0].key.id;
    let few = engine.list(Some(&[one])).await.expect("a part");
    assert_eq!(few.iter().map(|c| c.key.id).collect::<Vec<_>>(), [one]);
    assert_eq!(engine.list(Some(&[])).await.expect("nothing").len(), 0);
    engine.close().await;
}

/// A watch tells the listing first, then who answers and that it does, then what happens.
pub(crate) async fn watch_tells_what_happens(way: &Way, name: &str) {
    let engine = way.dial(Access::Full).await.expect("a link");
    let target = container(&engine, name).await.key.id;
    let control = engine.control().expect("orders are allowed");
    let (sink, mut facts) = mpsc::channel(64);
    let watching = engine.watch(None, &sink);
    let looking = async {
        let first = facts.recv().await.expect("a fact");
        assert!(matches!(first, HostFact::Listed(_)), "{first:?}");
        let (mut introduced, mut answered) = (false, false);
        while !(introduced && answered) {
            match facts.recv().await.expect("a fact") {
                HostFact::Introduced(_) => introduced = true,
                HostFact::Answered { latency_ms } => answered = latency_ms > 0.0,
                _ => {}
            }
        }
        control
            .apply(target, Command::Restart, SOON)
            .await
            .expect("a restart");
        let (mut started, mut refreshed) = (false, false);
        while !(started && refreshed) {
            match facts.recv().await.expect("a fact") {
                HostFact::Happened(event) if event.key.id == target => {
                    started |= event.action == wheelhouse::fleet::event::Action::Start;
                    assert_eq!(event.name.as_str(), name);
                }
                HostFact::Refreshed(some) => {
                    refreshed |= started && some.iter().any(|c| c.key.id == target && c.state.is_up());
                }
                _ => {}
            }
        }
    };
    let both = Box::pin(async {
        tokio::select! {
            lost = watching => panic!("lost: {lost}"),
            () = looking => {}
        }
    });
    timeout(SOON, both).await.expect("facts in time");
    engine.close().await;
}

/// Orders are carried out, answered with a receipt, and refused in the engine's words.
pub(crate) async fn orders_are_answered(way: &Way, name: &str) {
    let engine = way.dial(Access::Full).await.expect("a link");
    let id = container(&engine, name).await.key.id;
    let control = engine.control().expect("orders are allowed");
    let before = engine.inspect(id).await.expect("an inspection");
    assert_eq!(
        control
            .apply(id, Command::Restart, SOON)
            .await
            .expect("done")
            .status,
        204
    );
    let after = engine.inspect(id).await.expect("an inspection");
    assert_ne!(before.started_at, after.started_at);
    assert_eq!(
        control
            .apply(id, Command::Start, SOON)
            .await
            .expect("so already")
            .status,
        304
    );
    let nobody = ContainerId::parse(&"0".repeat(64)).expect("an id");
    let refused = control
        .apply(nobody, Command::Start, SOON)
        .await
        .expect_err("nobody");
    let said = refused.to_string();
    assert!(said.contains("No such container"), "{said}");
    engine.close().await;
}

/// Over a read-only link there is no acting half.
pub(crate) async fn read_only_has_no_hands(way: &Way) {
    let engine = way.dial(Access::ReadOnly).await.expect("a link");
    assert!(engine.control().is_none());
    engine.close().await;
}

/// A followed log that is cut and read on from its cursor has no gap and no double. The lines carry a number
/// that `number` reads.
pub(crate) async fn log_resumes(way: &Way, name: &str, number: fn(&[u8]) -> Option<u64>) {
    let engine = way.dial(Access::ReadOnly).await.expect("a link");
    let id = container(&engine, name).await.key.id;
    let mut seen = Vec::new();
    let mut from = LogFrom::Tail(5);
    for _ in 0..4 {
        let more = lines(&engine, id, from, true, |lines| lines.len() >= 6).await;
        from = LogFrom::After(cursor(&more));
        seen.extend(more.iter().filter_map(|line| number(&line.1)));
    }
    assert!(seen.len() >= 20, "{seen:?}");
    for pair in seen.windows(2) {
        assert_eq!(pair[1], pair[0] + 1, "a gap or a double: {seen:?}");
    }
    engine.close().await;
}

/// Silence: told within 5 s, given up within 10 s of the last answer. `fall_silent` makes it so.
pub(crate) async fn silence_is_noticed(way: &Way, fall_silent: impl AsyncFnOnce()) -> SourceError {
    let engine = way.dial(Access::ReadOnly).await.expect("a link");
    let (sink, mut facts) = mpsc::channel(64);
    let looking = async {
        while !matches!(facts.recv().await.expect("a fact"), HostFact::Answered { .. }) {}
        fall_silent().await;
        let silent = Instant::now();
        let mut told = None;
        // The sink is closed when the watch ended.
        while let Ok(Some(fact)) = timeout(SOON, facts.recv()).await {
            if matches!(fact, HostFact::Silent { .. }) && told.is_none() {
                told = Some(silent.elapsed());
            }
        }
        (told, silent.elapsed())
    };
    let watching = async {
        let error = engine.watch(None, &sink).await;
        drop(sink);
        error
    };
    let (error, (told, ended)) = timeout(SOON * 2, Box::pin(async { tokio::join!(watching, looking) }))
        .await
        .expect("an end");
    if error.kind == ErrorKind::Timeout {
        let told = told.expect("silence is told first");
        assert!(told < Duration::from_secs(5), "told after {told:?}");
    }
    assert!(
        ended < Duration::from_secs(10),
        "given up after {ended:?}: {error}"
    );
    engine.close().await;
    error
}
