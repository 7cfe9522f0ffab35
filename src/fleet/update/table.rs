//! The container table and the problem list: computed from the state, once before a draw.

use std::cmp::{Ordering, Reverse};

use super::containers::{LOOP_DEATHS, LOOP_MS};
use crate::fleet::effect::Effect;
use crate::fleet::format;
use crate::fleet::intent::Grouping;
use crate::fleet::model::{ContainerKey, Health, HostId, Liveness, Now, RunState};
use crate::fleet::search::{Candidate, Filter, Matcher};
use crate::fleet::state::{Entry, Host, OrderRecord, Problem, Row, SortBy, State, Subject};
use crate::fleet::text::Printable;

/// Problem rows that are inspected at once for their restart counts and exact times.
const INSPECT_AT_ONCE: usize = 4;
/// Milliseconds between two such inspections of one container.
const INSPECT_AGAIN_MS: u64 = 30_000;

/// Brings everything that is shown up to date, and says what is wanted for what is shown.
pub(super) fn settle(state: &mut State) -> Vec<Effect> {
    refresh(state);
    keep_cursor_on_screen(state);
    let visible = visible(state);
    let mut effects = inspections(state, &visible);
    state.next_change = next_change(state, &visible);
    let watch: Vec<_> = visible
        .into_iter()
        .filter(|key| wants_stats(state, *key))
        .collect();
    if watch != state.watched {
        state.watched.clone_from(&watch);
        effects.push(Effect::WatchStats(watch));
    }
    effects
}

fn wants_stats(state: &State, key: ContainerKey) -> bool {
    let live = state.host(key.host).is_some_and(|host| host.liveness.is_live());
    live && state
        .entry(key)
        .is_some_and(|entry| entry.container.state.is_up())
}

/// Computes rows, problems and the cursor's row again where something may have changed them.
pub(super) fn refresh(state: &mut State) {
    if !std::mem::take(&mut state.stale_rows) {
        return;
    }
    prune_deaths(state);
    state.problems = problems(state);
    rows(state);
    place_cursor(state);
}

fn prune_deaths(state: &mut State) {
    let oldest = state.now.wall_ms - LOOP_MS;
    for entry in state
        .hosts
        .iter_mut()
        .flat_map(|host| host.containers.values_mut())
    {
        while entry.deaths.front().is_some_and(|at| *at < oldest) {
            entry.deaths.pop_front();
        }
    }
}

/// What is wrong with a container: rank (0 is worst) and words.
fn ailment(entry: &Entry) -> Option<(u8, String)> {
    let container = &entry.container;
    let oom = if entry.oom { ", out of memory" } else { "" };
    let looping = entry.deaths.len() >= LOOP_DEATHS;
    match container.state {
        RunState::Dead => Some((1, "dead".into())),
        RunState::Restarting => Some((1, restarting(entry))),
        _ if looping && !entry.stop_asked => Some((1, restarting(entry))),
        RunState::Exited if !entry.stop_asked => match container.exit_code {
            Some(0) | None => None,
            Some(code) => Some((2, format!("exited {code}{oom}"))),
        },
        RunState::Running if container.health == Some(Health::Unhealthy) => Some((3, "unhealthy".into())),
        _ => None,
    }
}

fn restarting(entry: &Entry) -> String {
    let times = u64::from(entry.container.restarts.unwrap_or(0)).max(entry.deaths.len() as u64);
    match times {
        0 => "restarting".into(),
        times => format!("restarting ×{times}"),
    }
}

/// What is wrong with a host.
fn host_ailment(host: &Host, now: Now) -> Option<(String, i64)> {
    let wall = |mono: u64| now.wall_ms - (now.mono_ms.saturating_sub(mono)) as i64;
    match &host.liveness {
        Liveness::Live | Liveness::Connecting { .. } => None,
        Liveness::Stale { since } => Some(("stale: does not answer".into(), wall(*since))),
        Liveness::Down { since, error, .. } => Some((format!("down: {}", error.reason), wall(*since))),
    }
}

fn problems(state: &State) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, host) in state.hosts.iter().enumerate() {
        let id = HostId(index as u16);
        if let Some((what, since)) = host_ailment(host, state.now) {
            problems.push(Problem {
                subject: Subject::Host(id),
                what,
                since_ms: Some(since),
                rank: 0,
            });
        }
        for entry in host.containers.values() {
            if let Some((rank, what)) = ailment(entry) {
                let since_ms = entry.container.since.map(|s| s * 1000);
                problems.push(Problem {
                    subject: Subject::Container(entry.container.key),
                    what,
                    since_ms,
                    rank,
                });
            }
        }
    }
    // Worst first, then the youngest: what broke just now is what someone is called for.
    problems.sort_by(|a, b| {
        (a.rank, Reverse(a.since_ms))
            .cmp(&(b.rank, Reverse(b.since_ms)))
            .then_with(|| order(a.subject).cmp(&order(b.subject)))
    });
    problems
}

fn order(subject: Subject) -> (u8, Option<HostId>, Option<ContainerKey>) {
    match subject {
        Subject::Console => (0, None, None),
        Subject::Host(host) => (1, Some(host), None),
        Subject::Container(key) => (2, Some(key.host), Some(key)),
    }
}

/// A container on its way into the table, with what it is sorted by.
struct Item<'a> {
    entry: &'a Entry,
    host: &'a Host,
    title: String,
    /// 0..=3 as problems rank, 9 for none.
    rank: u8,
    group: Printable,
}

const NO_PROBLEM: u8 = 9;

fn rows(state: &mut State) {
    let filter = Filter::parse(&state.table.filter);
    let matcher = Matcher::default();
    let (mut total, mut running) = (0, 0);
    let mut items = Vec::new();
    for (index, host) in state.hosts.iter().enumerate() {
        total += host.containers.len();
        running += host
            .containers
            .values()
            .filter(|entry| entry.container.state.is_up())
            .count();
        if state.table.only_host.is_some_and(|only| only.index() != index) {
            continue;
        }
        for entry in host.containers.values() {
            let item = item(entry, host, state.table.grouping);
            if filter.is_empty() || passes(&filter, &matcher, &item) {
                items.push(item);
            }
        }
    }
    let sort = state.table.sort;
    items.sort_by(|a, b| compare(sort, a, b));
    let shown = items.len();
    let rows = match state.table.grouping {
        Grouping::None => items
            .iter()
            .map(|item| Row::Container(item.entry.container.key))
            .collect(),
        Grouping::App | Grouping::Host => grouped(items, sort),
    };
    state.table.rows = rows;
    state.table.shown = shown;
    state.table.total = total;
    state.table.running = running;
}

fn item<'a>(entry: &'a Entry, host: &'a Host, grouping: Grouping) -> Item<'a> {
    let group = match grouping {
        Grouping::None => Printable::default(),
        Grouping::App => entry.app.clone().unwrap_or_else(|| "no app".into()),
        Grouping::Host => host.spec.name.clone(),
    };
    let rank = ailment(entry).map_or(NO_PROBLEM, |(rank, _)| rank);
    Item {
        entry,
        host,
        title: entry.title(),
        rank,
        group,
    }
}

fn passes(filter: &Filter, matcher: &Matcher, item: &Item<'_>) -> bool {
    let container = &item.entry.container;
    let mut words = String::from(match container.state {
        RunState::Running => "up running",
        other => other.word(),
    });
    for word in [
        container.health.map_or("", Health::word),
        if item.rank == NO_PROBLEM { "" } else { "problem" },
    ] {
        words.push(' ');
        words.push_str(word);
    }
    filter.matches(
        matcher,
        &Candidate {
            title: &item.title,
            name: &container.name,
            host: &item.host.spec.name,
            tags: &item.host.spec.tags,
            app: item.entry.app.as_deref().unwrap_or(""),
            image: &container.image,
            state: &words,
        },
    )
}

fn compare(sort: SortBy, a: &Item<'_>, b: &Item<'_>) -> Ordering {
    let by_name = || (&a.title, &a.host.spec.name).cmp(&(&b.title, &b.host.spec.name));
    let cpu = |item: &Item<'_>| item.entry.usage.and_then(|usage| usage.cpu).unwrap_or(-1.0);
    let memory = |item: &Item<'_>| item.entry.usage.map_or(0, |usage| usage.memory);
    let first = match sort {
        SortBy::State => a.rank.cmp(&b.rank),
        SortBy::Name => Ordering::Equal,
        SortBy::Host => a.host.spec.name.cmp(&b.host.spec.name),
        SortBy::Cpu => cpu(b).total_cmp(&cpu(a)),
        SortBy::Memory => memory(b).cmp(&memory(a)),
        SortBy::Age => b.entry.container.created.cmp(&a.entry.container.created),
    };
    // The identity last, so that equals never change places.
    first
        .then_with(by_name)
        .then_with(|| a.entry.container.key.cmp(&b.entry.container.key))
}

/// Puts groups under headings; items are sorted already. Groups with problems come first in state order.
fn grouped(items: Vec<Item<'_>>, sort: SortBy) -> Vec<Row> {
    let mut groups: Vec<(Printable, u8, Vec<ContainerKey>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for item in items {
        let at = *index.entry(item.group.clone()).or_insert_with(|| {
            groups.push((item.group.clone(), NO_PROBLEM, Vec::new()));
            groups.len() - 1
        });
        groups[at].1 = groups[at].1.min(item.rank);
        groups[at].2.push(item.entry.container.key);
    }
    groups.sort_by(|a, b| {
        let rank = if sort == SortBy::State {
            a.1.cmp(&b.1)
        } else {
            Ordering::Equal
        };
        rank.then_with(|| a.0.cmp(&b.0))
    });
    let rows = groups.into_iter().flat_map(|(title, _, keys)| {
        let heading = Row::Group {
            title,
            count: keys.len(),
        };
        std::iter::once(heading).chain(keys.into_iter().map(Row::Container))
    });
    rows.collect()
}

/// Keeps the cursor on its container wherever that went; where it is gone, on the one that took its row.
fn place_cursor(state: &mut State) {
    let answering = state
        .hosts
        .iter()
        .any(|host| matches!(host.liveness, Liveness::Connecting { .. }));
    let table = &mut state.table;
    // The last answer brings rows as the first did: it counts as waited for.
    let waited = std::mem::replace(&mut table.waiting, answering);
    table
        .marks
        .retain(|key| state.hosts[key.host.index()].containers.contains_key(&key.id));
    let found = match table.cursor {
        Some(key) if table.touched || !waited => {
            table.rows.iter().position(|row| *row == Row::Container(key))
        }
        _ => None,
    };
    let row = found.or_else(|| {
        let wanted = if table.touched {
            table.cursor_row.min(table.rows.len().saturating_sub(1))
        } else {
            0
        };
        let is_container = |at: &usize| matches!(table.rows.get(*at), Some(Row::Container(_)));
        (wanted..table.rows.len())
            .find(is_container)
            .or_else(|| (0..wanted).rev().find(is_container))
    });
    let now_on = row.and_then(|row| match table.rows[row] {
        Row::Container(key) => Some(key),
        Row::Group { .. } => None,
    });
    if table.cursor.is_some() && table.cursor != now_on {
        table.slipped = Some(state.now.mono_ms);
    }
    table.cursor = now_on;
    table.cursor_row = row.unwrap_or(0);
}

fn keep_cursor_on_screen(state: &mut State) {
    let height = state.view.viewport.containers.max(1);
    let table = &mut state.table;
    // The heading of the first group comes along when its first row is reached.
    let top = if table.cursor_row == 1 && matches!(table.rows.first(), Some(Row::Group { .. })) {
        0
    } else {
        table.cursor_row
    };
    table.offset = table
        .offset
        .min(top)
        .max((table.cursor_row + 1).saturating_sub(height));
    table.offset = table.offset.min(table.rows.len().saturating_sub(height));
    let height = state.view.viewport.hosts.max(1);
    let list = &mut state.host_list;
    list.cursor = list.cursor.min(state.hosts.len().saturating_sub(1));
    list.offset = list
        .offset
        .min(list.cursor)
        .max((list.cursor + 1).saturating_sub(height));
}

fn visible(state: &State) -> Vec<ContainerKey> {
    let table = &state.table;
    let end = (table.offset + state.view.viewport.containers).min(table.rows.len());
    let rows = table.rows.get(table.offset..end).unwrap_or_default();
    let mut keys: Vec<_> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Container(key) => Some(*key),
            Row::Group { .. } => None,
        })
        .collect();
    keys.sort_unstable();
    keys
}

/// Problem rows on screen are inspected for what a listing does not tell.
fn inspections(state: &mut State, visible: &[ContainerKey]) -> Vec<Effect> {
    let now = state.now.mono_ms;
    let mut effects = Vec::new();
    for key in visible {
        if effects.len() == INSPECT_AT_ONCE {
            break;
        }
        let live = state.host(key.host).is_some_and(|host| host.liveness.is_live());
        let Some(entry) = state.entry_mut(*key) else {
            continue;
        };
        let due = entry
            .inspected_at
            .is_none_or(|at| now >= at + INSPECT_AGAIN_MS && entry.container.state == RunState::Restarting);
        if live && due && ailment(entry).is_some() {
            entry.inspected_at = Some(now);
            effects.push(Effect::Inspect(*key));
        }
    }
    effects
}

/// The next moment at which something shown changes by the passing of time alone.
fn next_change(state: &State, visible: &[ContainerKey]) -> Option<u64> {
    let now = state.now;
    let age = |since_ms: i64| format::age_next_change_ms(now.wall_ms - since_ms);
    let mut soonest = i64::MAX;
    for key in visible {
        let Some(entry) = state.entry(*key) else { continue };
        let container = &entry.container;
        soonest = soonest.min(age(container.created * 1000));
        if let Some(since) = container.since {
            soonest = soonest.min(age(since * 1000));
        }
        if let Some(until) = state.row_order(entry).and_then(OrderRecord::shown_until) {
            soonest = soonest.min((until - now.wall_ms).max(1));
        }
    }
    for host in &state.hosts {
        if let Some((_, since)) = host_ailment(host, now) {
            soonest = soonest.min(age(since));
        }
    }
    let loops = state.hosts.iter().flat_map(|host| host.containers.values());
    for entry in loops.filter(|entry| entry.deaths.len() >= LOOP_DEATHS) {
        soonest = soonest.min(entry.deaths[0] + LOOP_MS + 1 - now.wall_ms);
    }
    (soonest < i64::MAX).then(|| now.mono_ms + soonest.max(1) as u64)
}
