//! Orders: look, write down, send, prove, write down; and settle what stayed unknown. Nothing is ever sent twice.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::contain::contained;
use super::host::{Host, connected};
use super::journal::{Entry, Journal, Sight};
use crate::fleet::event::{Event, OrderFact};
use crate::fleet::model::{Command, ContainerId, ErrorKind, Order, Outcome, SourceError};
use crate::fleet::text::Printable;
use crate::sources::docker::{ActionError, Control, Engine};

/// A look at the target takes no longer.
const LOOK: Duration = Duration::from_secs(5);
/// An order that waits for no process of the container has this long.
const PROMPT: Duration = Duration::from_secs(20);
/// How much longer than its stop time-out a container may take to stop.
const BEYOND_STOP: Duration = Duration::from_secs(10);
/// No container is waited for longer than this, whatever its stop time-out says.
const LONGEST_STOP_S: u64 = 3600;
/// After the engine's yes, the proof is looked for this long.
const PROOF: Duration = Duration::from_secs(10);
/// First and longest wait between two looks for the proof.
const PROOF_WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// Wait between two looks while an order is settled.
const SETTLE_WAIT: Duration = Duration::from_secs(2);
/// An order that is not settled by then stays unknown.
const SETTLE: Duration = Duration::from_secs(600);
/// When the program leaves, an order on its way has this long to end.
const LEAVING: Duration = Duration::from_millis(500);
/// An engine's words are kept to so many characters.
const WORDS: usize = 500;
/// Why an order stayed at home that was recalled in time.
const RECALLED: &str = "wheelhouse was left before it was sent";

/// Carries out one order of the fleet to its last fact, and tells each.
pub(super) async fn run(host: Arc<Host>, journal: Journal, order: Order) {
    let id = order.id;
    // An order has three facts at most, so there is always room.
    let (facts, mut told) = mpsc::channel(4);
    let task = {
        let host = Arc::clone(&host);
        contained(async move { live(&host, &journal, &order, &facts).await })
    };
    let pass_on = async {
        while let Some(fact) = told.recv().await {
            host.send(Event::Ordered { order: id, fact }).await;
        }
    };
    if let (Err(internal), ()) = tokio::join!(task, pass_on) {
        // It may have left before, and nobody looks again.
        let fact = OrderFact::Unsettled(internal.reason);
        host.send(Event::Ordered { order: id, fact }).await;
    }
}

async fn live(host: &Host, journal: &Journal, order: &Order, facts: &mpsc::Sender<OrderFact>) {
    let tell = |fact| {
        if facts.try_send(fact).is_err() {
            tracing::error!(order = order.id.0, "a fact found no room");
        }
    };
    let leave = async {
        host.leaving.cancelled().await;
        sleep(LEAVING).await;
    };
    let ended = {
        // One that still waits for its turn when the program leaves must not leave too.
        let Some(_permit) = host.leaving.run_until_cancelled(host.orders.acquire()).await else {
            return tell(not_sent(RECALLED));
        };
        match host.engine().map(|engine| (engine.control(), engine)) {
            Ok((Some(control), engine)) => {
                attempt(&engine, &control, journal, order, tell, &host.leaving, leave).await
            }
            Ok((None, _)) => return tell(not_sent("read-only")),
            Err(error) => return tell(not_sent(&error.reason)),
        }
    };
    if let (Outcome::Unknown(_), Some(sent)) = ended {
        tokio::select! {
            outcome = settle(host, journal, order, &sent) => tell(match outcome {
                Outcome::Unknown(why) => OrderFact::Unsettled(why),
                settled => OrderFact::Ended(settled),
            }),
            // The journal says "unknown" already.
            () = host.leaving.cancelled() => {}
        }
    }
}

/// The fact of an order that stays at home.
pub(super) fn not_sent(why: &str) -> OrderFact {
    OrderFact::Ended(Outcome::NotSent(why.to_owned()))
}

/// What is needed to settle an order that stayed unknown.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The target before the order.
    before: Sight,
    /// How long the engine may take to carry it out.
    deadline: Duration,
}

/// Tries one order over a connection: looks at the target, writes the intent down, sends, looks for the proof and
/// writes the outcome down. `tell` hears `Sent` at most once, and then the outcome that is returned; the second part
/// is there when the order left.
///
/// Once `recall` is cancelled, what has not left stays at home; what has is waited for until `leave`, and is unknown
/// then. An `Unknown` order must not be sent again by itself.
pub async fn attempt(
    engine: &Engine,
    control: &Control,
    journal: &Journal,
    order: &Order,
    mut tell: impl FnMut(OrderFact),
    recall: &CancellationToken,
    leave: impl Future<Output = ()>,
) -> (Outcome, Option<Sent>) {
    let outcome = match prepare(engine, journal, order, recall).await {
        Ok(sent) if recall.is_cancelled() => {
            // Its intent is written down already: that it stayed at home must be too.
            let outcome = Outcome::NotSent(RECALLED.to_owned());
            write(journal, order, Entry::Outcome(&outcome), &sent.before, None).await;
            (outcome, None)
        }
        Ok(sent) => {
            tell(OrderFact::Sent);
            let (outcome, after) = tokio::select! {
                ended = send(engine, control, order, &sent) => ended,
                () = leave => (Outcome::Unknown("wheelhouse was left before its outcome was seen".to_owned()), None),
            };
            write(
                journal,
                order,
                Entry::Outcome(&outcome),
                &sent.before,
                after.as_ref(),
            )
            .await;
            (outcome, Some(sent))
        }
        Err(why) => (Outcome::NotSent(why), None),
    };
    tracing::info!(host = %order.host, id = ?order.key.id, command = order.command.word(), outcome = ?outcome.0, "order");
    tell(OrderFact::Ended(outcome.0.clone()));
    outcome
}

/// Looks at the target and writes the intent down. The error is the reason why the order must not leave.
async fn prepare(
    engine: &Engine,
    journal: &Journal,
    order: &Order,
    recall: &CancellationToken,
) -> Result<Sent, String> {
    let looking = timeout(LOOK, engine.inspect(order.key.id));
    let details = match recall.run_until_cancelled(looking).await {
        None => return Err(RECALLED.to_owned()),
        Some(Ok(Ok(details))) => details,
        Some(Ok(Err(error))) if error.status == Some(404) => return Err("the container is gone".to_owned()),
        Some(Ok(Err(error))) => return Err(words(&format!("it could not be inspected: {error}"))),
        Some(Err(_)) => return Err(format!("it could not be inspected within {} s", LOOK.as_secs())),
    };
    let stop = Duration::from_secs(details.stop_timeout_s.min(LONGEST_STOP_S));
    let deadline = match order.command {
        Command::Restart | Command::Stop => stop + BEYOND_STOP,
        _ => PROMPT,
    };
    let before = Sight::from(&details);
    journal.write(order, Entry::Intent, &before, None).await?;
    Ok(Sent { before, deadline })
}

/// Sends the order once and looks for its proof.
async fn send(engine: &Engine, control: &Control, order: &Order, sent: &Sent) -> (Outcome, Option<Sight>) {
    let id = order.key.id;
    match control.apply(id, order.command, sent.deadline).await {
        Ok(receipt) if receipt.status == 304 && order.command == Command::Start => {
            (Outcome::Refused("it is already running".to_owned()), None)
        }
        Ok(_) => prove(engine, order, sent).await,
        Err(ActionError::Rejected { words: said, .. }) => (
            Outcome::Refused(words(&said)),
            look(engine, id).await.ok().flatten(),
        ),
        Err(ActionError::NotSent(error)) => (Outcome::NotSent(words(&error.reason)), None),
        Err(ActionError::Unknown(why)) => (Outcome::Unknown(words(&why)), None),
    }
}

/// The engine said yes: looks until the fact that proves it is seen.
async fn prove(engine: &Engine, order: &Order, sent: &Sent) -> (Outcome, Option<Sight>) {
    let until = Instant::now() + PROOF;
    let (mut wait, longest) = PROOF_WAITS;
    loop {
        let seen = look(engine, order.key.id).await;
        if let Ok(now) = &seen
            && proves(order.command, &sent.before, now.as_ref())
        {
            return (Outcome::Done, seen.ok().flatten());
        }
        if Instant::now() + wait > until {
            let why = match &seen {
                Ok(_) => format!(
                    "the engine said yes, but after {} s nothing shows it",
                    PROOF.as_secs()
                ),
                Err(error) => format!("the engine said yes, but then could not be asked: {error}"),
            };
            return (Outcome::Unknown(words(&why)), seen.ok().flatten());
        }
        sleep(wait).await;
        wait = (wait * 2).min(longest);
    }
}

/// Looks at the target; `None`: it is gone.
async fn look(engine: &Engine, id: ContainerId) -> Result<Option<Sight>, SourceError> {
    match timeout(LOOK, engine.inspect(id)).await {
        Ok(Ok(details)) => Ok(Some(Sight::from(&details))),
        Ok(Err(error)) if error.status == Some(404) => Ok(None),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(SourceError::new(
            ErrorKind::Timeout,
            format!("no answer within {} s", LOOK.as_secs()),
        )),
    }
}

/// Whether what is seen now proves that the command was carried out. `now` is `None` when the container is gone.
fn proves(command: Command, before: &Sight, now: Option<&Sight>) -> bool {
    let Some(now) = now else {
        // One that was run with `--rm` goes when it stops.
        return matches!(command, Command::Remove | Command::Stop | Command::Kill);
    };
    let started_again = now.started_at != before.started_at;
    let runs = matches!(now.state, "running" | "paused" | "restarting");
    match command {
        Command::Start | Command::Restart => started_again,
        Command::Stop => !runs,
        Command::Kill => !runs || started_again,
        Command::Pause => now.state == "paused",
        Command::Unpause => now.state == "running",
        Command::Remove => false,
    }
}

/// Looks again, whenever the host is connected, until an unknown order is known to have worked or not. Only reads.
///
/// An engine may still be at it, or find the order in its socket when it thaws: "it did not happen" is said only after the
/// target has stood as it was for as long as the order may take.
async fn settle(host: &Host, journal: &Journal, order: &Order, sent: &Sent) -> Outcome {
    let (outcome, after) = timeout(SETTLE, look_until_settled(host, order, sent))
        .await
        .unwrap_or_else(|_| {
            let minutes = SETTLE.as_secs() / 60;
            let why = format!("looking again did not settle it within {minutes} minutes");
            (Outcome::Unknown(why), None)
        });
    write(
        journal,
        order,
        Entry::Settled(&outcome),
        &sent.before,
        after.as_ref(),
    )
    .await;
    tracing::info!(host = %order.host, id = ?order.key.id, command = order.command.word(), ?outcome, "settled");
    outcome
}

async fn look_until_settled(host: &Host, order: &Order, sent: &Sent) -> (Outcome, Option<Sight>) {
    let mut link = host.link.subscribe();
    let mut unchanged: Option<Instant> = None;
    loop {
        let seen = match connected(&mut link).await {
            Some(engine) => look(&engine, order.key.id).await,
            // The host is gone: the program is leaving.
            None => return std::future::pending().await,
        };
        match seen {
            Ok(now) if proves(order.command, &sent.before, now.as_ref()) => return (Outcome::Done, now),
            Ok(None) => {
                let why = "the container is gone, so nothing can show it any more";
                return (Outcome::Unknown(why.to_owned()), None);
            }
            Ok(Some(now)) if now == sent.before => {
                if unchanged.get_or_insert_with(Instant::now).elapsed() >= sent.deadline {
                    let why = format!(
                        "it did not happen: it is still {}, started {}",
                        now.state, now.started_at
                    );
                    return (Outcome::Refused(words(&why)), Some(now));
                }
            }
            Ok(Some(_)) | Err(_) => unchanged = None,
        }
        sleep(SETTLE_WAIT).await;
    }
}

/// Writes down how an order ended; that it could not be written changes nothing about how it ended.
async fn write(journal: &Journal, order: &Order, entry: Entry<'_>, before: &Sight, after: Option<&Sight>) {
    if let Err(why) = journal.write(order, entry, before, after).await {
        tracing::error!(host = %order.host, id = ?order.key.id, "{why}");
    }
}

/// Words from outside, cleaned and kept short.
fn words(said: &str) -> String {
    let cleaned = Printable::clean(said.trim());
    if cleaned.chars().count() <= WORDS {
        return cleaned.to_string();
    }
    cleaned.chars().take(WORDS).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Sight, WORDS, proves, words};
    use crate::fleet::model::Command;

    fn sight(state: &'static str, started_at: &str) -> Sight {
        Sight {
            state,
            started_at: started_at.to_owned(),
        }
    }

    #[test]
    fn each_command_has_its_proof() {
        use Command::{Kill, Pause, Remove, Restart, Start, Stop, Unpause};
        let before = sight("running", "1");
        for (command, now, proven) in [
            (Restart, Some(("running", "1")), false),
            (Restart, Some(("exited", "1")), false),
            (Restart, Some(("running", "2")), true),
            (Restart, None, false),
            (Start, Some(("exited", "2")), true),
            (Stop, Some(("running", "1")), false),
            (Stop, Some(("exited", "1")), true),
            (Stop, Some(("restarting", "1")), false),
            (Stop, None, true),
            (Kill, Some(("running", "1")), false),
            (Kill, Some(("running", "2")), true),
            (Kill, Some(("exited", "1")), true),
            (Pause, Some(("running", "1")), false),
            (Pause, Some(("paused", "1")), true),
            (Unpause, Some(("paused", "1")), false),
            (Unpause, Some(("running", "1")), true),
            (Remove, Some(("exited", "1")), false),
            (Remove, None, true),
        ] {
            let now = now.map(|(state, started)| sight(state, started));
            assert_eq!(
                proves(command, &before, now.as_ref()),
                proven,
                "{command:?} {now:?}"
            );
        }
    }

    #[test]
    fn words_from_outside_are_clean_and_short() {
        assert_eq!(words(" no\x1b[2J\n"), "no\\x1b[2J");
        assert_eq!(words(&"é".repeat(9999)).chars().count(), WORDS + 1);
    }
}
