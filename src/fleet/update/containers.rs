//! Facts of containers: listings, engine events, statistics, inspections.

use std::collections::VecDeque;

use super::{logs, note, note_as};
use crate::fleet::effect::Effect;
use crate::fleet::event::{Action, EngineEvent};
use crate::fleet::model::{Container, ContainerKey, Details, Health, RunState, Sample, SourceError, Usage};
use crate::fleet::state::{Entry, HISTORY, SortBy, State, Subject};
use crate::fleet::text::Printable;

/// Ends that count as one crash loop lie within so many milliseconds.
pub(super) const LOOP_MS: i64 = 5 * 60 * 1000;
/// So many unasked ends within [`LOOP_MS`] are a crash loop.
pub(super) const LOOP_DEATHS: usize = 3;

/// A new connection tells at most so many milliseconds of events again.
const AGAIN_MS: i64 = 10_000;

/// Takes a listed container in, keeping what is known better than a listing knows it.
pub(super) fn insert(state: &mut State, old: Option<Entry>, mut container: Container) {
    let app = container
        .app
        .clone()
        .or_else(|| app_by_rule(state, &container.name));
    let key = container.key;
    let entry = match old {
        Some(old) => {
            let same =
                old.container.state == container.state && old.container.exit_code == container.exit_code;
            if same && old.container.since.is_some() {
                container.since = old.container.since;
            }
            container.restarts = old.container.restarts;
            let inspected_at = if same { old.inspected_at } else { None };
            Entry {
                container,
                app,
                inspected_at,
                ..old
            }
        }
        None => Entry {
            container,
            app,
            stop_asked: false,
            deaths: VecDeque::new(),
            heard: None,
            oom: false,
            sample: None,
            usage: None,
            cpu_history: VecDeque::new(),
            inspected_at: None,
            order: None,
        },
    };
    if let Some(host) = state.hosts.get_mut(key.host.index()) {
        host.containers.insert(key.id, entry);
    }
    state.stale_rows = true;
    state.dirty = true;
}

/// Takes one container of a partial listing in.
pub(super) fn upsert(state: &mut State, container: Container) {
    let key = container.key;
    let old = state
        .hosts
        .get_mut(key.host.index())
        .and_then(|host| host.containers.remove(&key.id));
    insert(state, old, container);
}

fn app_by_rule(state: &State, name: &str) -> Option<Printable> {
    let rules = &state.settings.apps;
    rules
        .iter()
        .find(|rule| rule.covers(name))
        .map(|rule| rule.name.clone())
}

pub(super) fn on_engine_event(state: &mut State, event: &EngineEvent) -> Vec<Effect> {
    let key = event.key;
    if event.action == Action::Destroy {
        let name = state.full_name(key);
        let gone = state
            .hosts
            .get_mut(key.host.index())
            .and_then(|host| host.containers.remove(&key.id));
        if gone.is_some() {
            state.table.marks.remove(&key);
            state.stale_rows = true;
            note_as(state, Subject::Container(key), name, "removed", false);
        }
        return Vec::new();
    }
    let Some(entry) = state.entry_mut(key) else {
        return Vec::new();
    };
    if told_again(entry, event) {
        return Vec::new();
    }
    entry.heard = Some((event.at_ms, event.action.clone()));
    let unasked = !entry.stop_asked;
    apply(entry, event);
    state.stale_rows = true;
    state.dirty = true;
    if let Some((what, bad)) = words(&event.action, unasked) {
        note(state, Subject::Container(key), &what, bad);
    }
    match event.action {
        Action::Start => logs::on_container_started(state, key),
        _ => Vec::new(),
    }
}

/// Whether an event was heard before: not newer than the last one, and not so old that the clock must have been set back.
fn told_again(entry: &Entry, event: &EngineEvent) -> bool {
    entry.heard.as_ref().is_some_and(|(at_ms, action)| {
        let behind = at_ms - event.at_ms;
        (1..AGAIN_MS).contains(&behind) || (behind == 0 && *action == event.action)
    })
}

/// What an event makes of a container.
fn apply(entry: &mut Entry, event: &EngineEvent) {
    let container = &mut entry.container;
    let mut turn = |state: RunState| {
        container.state = state;
        container.since = Some(event.at_ms.div_euclid(1000));
        entry.inspected_at = None;
    };
    match &event.action {
        Action::Start => {
            turn(RunState::Running);
            container.exit_code = None;
            container.health = container.health.map(|_| Health::Starting);
            entry.stop_asked = false;
            entry.oom = false;
            entry.sample = None;
        }
        Action::Die { exit_code } => {
            turn(RunState::Exited);
            container.exit_code = Some(*exit_code);
            entry.usage = None;
            entry.sample = None;
            if !entry.stop_asked {
                if entry.deaths.len() == LOOP_DEATHS {
                    entry.deaths.pop_front();
                }
                entry.deaths.push_back(event.at_ms);
            }
        }
        Action::Kill { signal } if ends(signal) => entry.stop_asked = true,
        Action::Stop => {
            entry.stop_asked = true;
            turn(RunState::Exited);
        }
        Action::Pause => turn(RunState::Paused),
        Action::Unpause => turn(RunState::Running),
        Action::Oom => entry.oom = true,
        Action::Health(health) => container.health = Some(*health),
        Action::Rename => container.name = event.name.clone(),
        Action::Create | Action::Kill { .. } | Action::Restart | Action::Destroy | Action::Update => {}
    }
}

/// Whether a signal is meant to end a program; `docker kill -s HUP` is not.
fn ends(signal: &str) -> bool {
    !matches!(
        signal,
        "1" | "10" | "12" | "18" | "28" | "SIGHUP" | "SIGUSR1" | "SIGUSR2" | "SIGCONT" | "SIGWINCH"
    )
}

/// What the activity says of an event, and whether it is bad news.
fn words(action: &Action, unasked: bool) -> Option<(String, bool)> {
    Some(match action {
        Action::Start => ("started".into(), false),
        Action::Die { exit_code } => (format!("exited {exit_code}"), unasked && *exit_code != 0),
        Action::Kill { signal } => (format!("signal {signal} sent"), false),
        Action::Pause => ("paused".into(), false),
        Action::Unpause => ("unpaused".into(), false),
        Action::Oom => ("out of memory".into(), true),
        Action::Health(health) => (health.word().into(), *health == Health::Unhealthy),
        Action::Rename => ("renamed".into(), false),
        Action::Create | Action::Stop | Action::Restart | Action::Destroy | Action::Update => return None,
    })
}

pub(super) fn on_samples(state: &mut State, samples: Vec<(ContainerKey, Sample)>) {
    let mut hosts: Vec<usize> = Vec::new();
    for (key, sample) in samples {
        let Some(entry) = state.entry_mut(key) else {
            continue;
        };
        if !entry.container.state.is_up() {
            continue;
        }
        let usage = Usage::between(entry.sample.as_ref(), &sample);
        if let Some(cpu) = usage.cpu {
            push_history(&mut entry.cpu_history, cpu);
        }
        entry.sample = Some(sample);
        // A first sample after a start has no rate: the old one is no longer true either.
        entry.usage = Some(usage);
        if !hosts.contains(&key.host.index()) {
            hosts.push(key.host.index());
        }
    }
    for index in hosts {
        let host = &mut state.hosts[index];
        let total = host
            .containers
            .values()
            .filter_map(|entry| entry.usage?.cpu)
            .sum();
        push_history(&mut host.cpu_history, total);
        state.dirty = true;
    }
    if matches!(state.table.sort, SortBy::Cpu | SortBy::Memory) {
        state.stale_rows = true;
    }
}

fn push_history(history: &mut VecDeque<f32>, value: f32) {
    if history.len() == HISTORY {
        history.pop_front();
    }
    history.push_back(value);
}

pub(super) fn on_inspected(state: &mut State, key: ContainerKey, result: Result<Box<Details>, SourceError>) {
    if let (Ok(details), Some(entry)) = (&result, state.entry_mut(key)) {
        let container = &mut entry.container;
        if container.state == details.state {
            container.restarts = Some(details.restarts);
            container.exit_code = details.exit_code.or(container.exit_code);
            let exact = if details.state.is_up() {
                details.started_ms
            } else {
                details.finished_ms
            };
            container.since = exact.map(|ms| ms.div_euclid(1000)).or(container.since);
            entry.oom = details.oom_killed;
            state.stale_rows = true;
            state.dirty = true;
        }
    }
    if let Some(inspection) = state
        .inspection
        .as_mut()
        .filter(|inspection| inspection.key == key)
    {
        inspection.details = Some(result.map_err(|error| Printable::clean(&error.reason)));
        state.dirty = true;
    }
}
