//! Statistics: what is on screen often, the rest slowly in turn.

use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::host::Host;
use crate::fleet::event::Event;
use crate::fleet::model::{ContainerId, ContainerKey, Sample};
use crate::sources::docker::Engine;

/// Rows on screen are read this often.
const ROUND: Duration = Duration::from_secs(5);
/// With every so many rounds one container that is not on screen is read too.
const ROUNDS_PER_TURN: u32 = 2;
/// A row that was never read is read at once, and once more after this, so that its rates show soon.
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// A reading that takes longer is given up.
const DEADLINE: Duration = Duration::from_secs(4);

/// Measures one host's containers for as long as it is polled.
///
/// A round is told in one event, and what is due together is read together: each event may cost a frame.
pub(super) async fn measure(
    host: &Host,
    engine: &Engine,
    mut on_screen: watch::Receiver<Vec<ContainerKey>>,
) -> Infallible {
    let mut known = Known::default();
    // All hosts read at the same moments: one frame shows them all.
    let past = host.started.elapsed().div_duration_f64(ROUND) as u32;
    let mut rounds = interval_at(host.started + ROUND * (past + 1), ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut second_look = None;
    on_screen.mark_changed();
    let mut link = host.link.subscribe();
    // Before the first listing nothing is known to run.
    let _ = link.wait_for(|link| link.engine.is_some()).await;
    loop {
        let due = tokio::select! {
            _ = rounds.tick() => {
                let shown = running(host, &on_screen.borrow());
                known.round(shown, &host.link.borrow().running)
            }
            Ok(()) = on_screen.changed() => {
                let shown = running(host, &on_screen.borrow_and_update());
                let fresh: Vec<_> = shown.into_iter().filter(|id| !known.seen.contains(id)).collect();
                if !fresh.is_empty() {
                    second_look.get_or_insert_with(|| Instant::now() + SECOND_LOOK);
                    known.fresh.extend(&fresh);
                }
                fresh
            }
            () = at(second_look) => {
                second_look = None;
                known.fresh.drain().collect()
            }
        };
        known.seen.extend(&due);
        read(host, engine, due).await;
    }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Those of this host that run, in the order of the screen.
fn running(host: &Host, keys: &[ContainerKey]) -> Vec<ContainerId> {
    let link = host.link.borrow();
    keys.iter()
        .filter(|key| key.host == host.id && link.running.contains(&key.id))
        .map(|key| key.id)
        .collect()
}

/// Reads these, as many at a time as the way there bears, and tells all readings at once.
async fn read(host: &Host, engine: &Engine, due: Vec<ContainerId>) {
    let samples: Vec<(ContainerKey, Sample)> = stream::iter(due)
        .map(|id| async move {
            match timeout(DEADLINE, engine.sample(id)).await {
                Ok(Ok(sample)) => Some((ContainerKey { host: host.id, id }, sample)),
                Ok(Err(error)) => {
                    tracing::debug!(host = %host.spec.name, ?id, reason = %error, "no statistics");
                    None
                }
                Err(_) => None,
            }
        })
        .buffer_unordered(engine.at_once())
        .filter_map(std::future::ready)
        .collect()
        .await;
    if !samples.is_empty() {
        host.send(Event::Sampled(samples)).await;
    }
}

/// Who was read when.
#[derive(Debug, Default)]
struct Known {
    /// Read at least once over this connection.
    seen: HashSet<ContainerId>,
    /// Read once so far, waiting for the second look.
    fresh: HashSet<ContainerId>,
    /// The last one that was read in turn.
    turn: Option<ContainerId>,
    rounds: u32,
}

impl Known {
    /// What a round reads: all that is shown, and now and then the next one of the others.
    fn round(&mut self, shown: Vec<ContainerId>, running: &HashSet<ContainerId>) -> Vec<ContainerId> {
        self.seen.retain(|id| running.contains(id));
        self.rounds = self.rounds.wrapping_add(1);
        let mut due = shown;
        if self.rounds.is_multiple_of(ROUNDS_PER_TURN) {
            let others = || running.iter().filter(|id| !due.contains(id)).copied();
            self.turn = others()
                .filter(|id| Some(*id) > self.turn)
                .min()
                .or(others().min());
            due.extend(self.turn);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Known, ROUNDS_PER_TURN};
    use crate::fleet::model::ContainerId;

    #[test]
    fn every_round_reads_what_is_shown_and_the_rest_has_its_turn() {
        let ids: Vec<ContainerId> = (0..6_u8)
            .map(|n| ContainerId::parse(&format!("{n:02x}").repeat(32)).expect("an id"))
            .collect();
        let running: HashSet<ContainerId> = ids.iter().copied().collect();
        let mut known = Known::default();
        let mut turns: Vec<ContainerId> = Vec::new();
        for round in 1..=ROUNDS_PER_TURN * 6 {
            let due = known.round(ids[..2].to_vec(), &running);
            assert_eq!(due[..2], ids[..2]);
            let extra = usize::from(round % ROUNDS_PER_TURN == 0);
            assert_eq!(due.len(), 2 + extra);
            turns.extend(&due[2..]);
        }
        assert_eq!(turns, [ids[2], ids[3], ids[4], ids[5], ids[2], ids[3]]);
        assert!(known.round(Vec::new(), &HashSet::new()).is_empty());
        assert!(known.round(Vec::new(), &HashSet::new()).is_empty());
    }
}
