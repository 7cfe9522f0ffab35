//! Facts of hosts.

use std::collections::HashMap;

use super::{containers, logs, note};
use crate::fleet::effect::Effect;
use crate::fleet::event::HostFact;
use crate::fleet::model::{Container, HostId, Liveness, SourceError};
use crate::fleet::state::{State, Subject};

pub(super) fn on_fact(state: &mut State, id: HostId, epoch: u32, fact: HostFact) -> Vec<Effect> {
    let now = state.now.mono_ms;
    let Some(host) = state.hosts.get_mut(id.index()) else {
        return Vec::new();
    };
    if let HostFact::Dialled = fact {
        if epoch > host.epoch {
            host.epoch = epoch;
            // While it is tried again by itself it stays "down, why": flickering would hide the reason.
            if matches!(host.liveness, Liveness::Down { retry_at: None, .. }) {
                host.liveness = Liveness::Connecting { since: now };
                state.dirty = true;
            }
        }
        return Vec::new();
    }
    if epoch != host.epoch {
        return Vec::new();
    }
    match fact {
        HostFact::Dialled => Vec::new(),
        HostFact::Listed(containers) => on_listed(state, id, containers),
        HostFact::Introduced(engine) => {
            host.engine = Some(engine);
            find_twins(state);
            state.dirty = true;
            Vec::new()
        }
        HostFact::Refreshed(containers) => {
            for container in containers {
                containers::upsert(state, container);
            }
            Vec::new()
        }
        HostFact::Happened(event) => containers::on_engine_event(state, &event),
        HostFact::Answered { latency_ms } => on_answer(state, id, latency_ms),
        HostFact::Silent { for_ms } => {
            if host.liveness.is_live() {
                host.liveness = Liveness::Stale {
                    since: now.saturating_sub(for_ms),
                };
                state.stale_rows = true;
                note(state, Subject::Host(id), "no longer answers", true);
            }
            Vec::new()
        }
        HostFact::Lost { error, retry_in_ms } => {
            on_lost(state, id, error, retry_in_ms);
            Vec::new()
        }
    }
}

fn on_listed(state: &mut State, id: HostId, listed: Vec<Container>) -> Vec<Effect> {
    let host = &mut state.hosts[id.index()];
    let was = std::mem::replace(&mut host.liveness, Liveness::Live);
    let first = !std::mem::replace(&mut host.listed, true);
    let mut before: HashMap<_, _> = std::mem::take(&mut host.containers);
    for container in listed {
        let old = before.remove(&container.key.id);
        containers::insert(state, old, container);
    }
    state.stale_rows = true;
    state.dirty = true;
    if was.is_live() {
        return Vec::new();
    }
    if !first || matches!(was, Liveness::Down { .. }) {
        note(state, Subject::Host(id), "answers again", false);
    }
    logs::on_host_live(state, id)
}

fn on_answer(state: &mut State, id: HostId, latency_ms: f32) -> Vec<Effect> {
    let host = &mut state.hosts[id.index()];
    // Shown coarsely, kept coarsely: a latency that only trembles is no news.
    let steady = host
        .latency_ms
        .is_some_and(|old| (latency_ms - old).abs() < 1.0 || (old / 2.0..old * 2.0).contains(&latency_ms));
    if !steady {
        host.latency_ms = Some(latency_ms);
    }
    if let Liveness::Stale { .. } = host.liveness {
        host.liveness = Liveness::Live;
        state.stale_rows = true;
        note(state, Subject::Host(id), "answers again", false);
        return logs::on_host_live(state, id);
    }
    Vec::new()
}

fn on_lost(state: &mut State, id: HostId, error: SourceError, retry_in_ms: Option<u64>) {
    let now = state.now.mono_ms;
    let host = &mut state.hosts[id.index()];
    let (since, news) = match &host.liveness {
        Liveness::Down {
            since, error: old, ..
        } => (*since, old.reason != error.reason),
        Liveness::Stale { since } => (*since, true),
        Liveness::Connecting { .. } | Liveness::Live => (now, true),
    };
    let reason = format!("down: {}", error.reason);
    host.liveness = Liveness::Down {
        since,
        error,
        retry_at: retry_in_ms.map(|ms| now + ms),
    };
    host.latency_ms = None;
    state.stale_rows = true;
    state.dirty = true;
    if news {
        note(state, Subject::Host(id), &reason, true);
    }
}

/// Two hosts whose engines report one id are both shown, the later one with a note.
fn find_twins(state: &mut State) {
    let mut seen = HashMap::new();
    for (index, host) in state.hosts.iter_mut().enumerate() {
        host.twin = None;
        if let Some(engine) = host.engine.as_ref().and_then(|engine| engine.id.clone()) {
            match seen.get(&engine) {
                Some(first) => host.twin = Some(*first),
                None => {
                    seen.insert(engine, HostId(index as u16));
                }
            }
        }
    }
}
