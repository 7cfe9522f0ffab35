//! Orders: from the wish over the question to the outcome.

use super::{note_as, notice};
use crate::fleet::effect::Effect;
use crate::fleet::event::OrderFact;
use crate::fleet::intent::Field;
use crate::fleet::model::{Command, ContainerKey, Env, Order, OrderId, Outcome, RunState};
use crate::fleet::policy::{self, Ask};
use crate::fleet::state::{Editing, Entry, OrderRecord, Phase, Prompt, State, Subject, Target};
use crate::fleet::text::Printable;

/// Milliseconds after which an unanswered prompt closes.
const PROMPT_MS: u64 = 30_000;
/// Orders of this run that are remembered.
const ORDERS: usize = 400;
/// So many unasked ends make a container's state too restless to void a prompt by it.
const RESTLESS: usize = 2;

/// Why a container cannot be told something now.
fn obstacle(state: &State, key: ContainerKey, command: Command) -> Option<String> {
    let Some(host) = state.host(key.host) else {
        return Some("its host is gone".into());
    };
    let Some(entry) = state.entry(key) else {
        return Some("it is gone".into());
    };
    if !host.liveness.is_live() {
        return Some(format!("{} is not live", host.spec.name));
    }
    if let Some(record) = entry
        .order
        .and_then(|id| state.order(id))
        .filter(|record| record.is_open())
    {
        return Some(format!(
            "its last order ({}) is not settled yet",
            record.order.command.word()
        ));
    }
    command.misfit(entry.container.state).map(str::to_owned)
}

/// The marked containers, else the one under the cursor.
fn wanted(state: &State) -> Vec<ContainerKey> {
    if state.table.marks.is_empty() {
        return state.table.cursor.into_iter().collect();
    }
    let mut keys: Vec<_> = state.table.marks.iter().copied().collect();
    keys.sort_unstable();
    keys
}

/// `P` thaws what is frozen.
fn meant(state: &State, command: Command, keys: &[ContainerKey]) -> Command {
    let paused = |key: &ContainerKey| {
        state
            .entry(*key)
            .is_some_and(|entry| entry.container.state == RunState::Paused)
    };
    if command == Command::Pause && !keys.is_empty() && keys.iter().all(paused) {
        Command::Unpause
    } else {
        command
    }
}

/// Someone wishes an order: asks what must be asked, or sends it.
pub(super) fn wish(state: &mut State, command: Command) -> Vec<Effect> {
    if state.settings.read_only {
        return denied(state);
    }
    if let Err(reason) = &state.journal {
        let text = format!("orders are refused: the journal cannot be written ({reason})");
        notice(state, &text, true);
        return Vec::new();
    }
    let keys = wanted(state);
    let command = meant(state, command, &keys);
    let (mut targets, mut left_out) = (Vec::new(), Vec::new());
    for key in keys {
        match obstacle(state, key, command) {
            Some(why) => left_out.push((state.full_name(key), why)),
            None => targets.extend(target(state, key)),
        }
    }
    if targets.is_empty() {
        let text = match left_out.first() {
            Some((name, why)) => format!("cannot {} {name}: {why}", command.word()),
            None => "no container selected".into(),
        };
        notice(state, &text, true);
        return Vec::new();
    }
    let dev = |target: &Target| state.hosts[target.key.host.index()].spec.env == Env::Dev;
    let env = if targets.iter().all(dev) {
        Env::Dev
    } else {
        Env::Production
    };
    match policy::ask(&state.settings.confirm, env, command, targets.len()) {
        Ask::Nothing => send(state, command, &targets),
        ask => {
            open_prompt(state, command, targets, left_out, ask);
            Vec::new()
        }
    }
}

pub(super) fn denied(state: &mut State) -> Vec<Effect> {
    notice(
        state,
        "this console is read-only: it was started so, and that cannot be lifted while it runs",
        true,
    );
    Vec::new()
}

fn target(state: &State, key: ContainerKey) -> Option<Target> {
    let container = state.entry(key)?.container.clone();
    Some(Target {
        key,
        host: state.host_name(key.host),
        container,
    })
}

fn open_prompt(
    state: &mut State,
    command: Command,
    targets: Vec<Target>,
    left_out: Vec<(Printable, String)>,
    ask: Ask,
) {
    let expected = match (ask, targets.as_slice()) {
        (Ask::Type, [one]) => one.container.name.to_string(),
        (Ask::Type, many) => many.len().to_string(),
        _ => String::new(),
    };
    let expires = state.now.mono_ms + PROMPT_MS;
    if ask == Ask::Type {
        state.view.editing = Some(Editing {
            field: Field::Answer,
            text: String::new(),
            before: String::new(),
        });
    }
    state.prompt = Some(Prompt {
        command,
        targets,
        left_out,
        ask,
        expected,
        expires,
        void: None,
    });
    state.dirty = true;
}

/// Closes the prompt and the field that belongs to it.
pub(super) fn close_prompt(state: &mut State) {
    state.prompt = None;
    if state
        .view
        .editing
        .as_ref()
        .is_some_and(|editing| editing.field == Field::Answer)
    {
        state.view.editing = None;
    }
    state.dirty = true;
}

/// `y`, or Enter after the name was typed.
pub(super) fn answer(state: &mut State, typed: Option<&str>) -> Vec<Effect> {
    check_prompt(state);
    let Some(prompt) = &state.prompt else {
        return Vec::new();
    };
    if prompt.void.is_some() {
        return Vec::new();
    }
    match (prompt.ask, typed) {
        (Ask::Type, Some(text)) if text.trim() == prompt.expected => {}
        (Ask::Type, Some(_)) => {
            let text = format!("that is not \"{}\": nothing was sent", prompt.expected);
            notice(state, &text, true);
            return Vec::new();
        }
        (Ask::Yes, None) => {}
        _ => return Vec::new(),
    }
    let (command, targets) = (prompt.command, prompt.targets.clone());
    close_prompt(state);
    send(state, command, &targets)
}

fn send(state: &mut State, command: Command, targets: &[Target]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for target in targets {
        let id = OrderId(state.next_order);
        state.next_order += 1;
        let order = Order {
            id,
            key: target.key,
            host: target.host.clone(),
            name: target.container.name.clone(),
            image: target.container.image.clone(),
            command,
        };
        if state.orders.len() == ORDERS {
            state.orders.pop_front();
        }
        state.orders.push_back(OrderRecord {
            order: order.clone(),
            phase: Phase::Given,
            at_ms: state.now.wall_ms,
        });
        if let Some(entry) = state.entry_mut(target.key) {
            entry.order = Some(id);
        }
        effects.push(Effect::Order(order));
    }
    state.table.marks.clear();
    state.stale_rows = true;
    effects
}

/// An order went a step further.
pub(super) fn on_fact(state: &mut State, id: OrderId, fact: OrderFact) {
    let at_ms = state.now.wall_ms;
    let Some(record) = state.orders.iter_mut().rev().find(|record| record.order.id == id) else {
        return;
    };
    record.at_ms = at_ms;
    record.phase = match fact {
        OrderFact::Sent => Phase::Sent,
        OrderFact::Ended(Outcome::Done) => Phase::Done,
        OrderFact::Ended(Outcome::Refused(words)) => Phase::Refused(Printable::clean(&words)),
        OrderFact::Ended(Outcome::NotSent(words)) => Phase::NotSent(Printable::clean(&words)),
        OrderFact::Ended(Outcome::Unknown(words)) => Phase::Unknown(Printable::clean(&words)),
    };
    let (word, key, host, name) = (
        record.order.command.word(),
        record.order.key,
        record.order.host.clone(),
        record.order.name.clone(),
    );
    let (what, bad) = match &record.phase {
        Phase::Given => return,
        Phase::Sent => (format!("{word} sent"), false),
        Phase::Done => (format!("{word} done"), false),
        Phase::Refused(why) => (format!("{word} refused: {why}"), true),
        Phase::NotSent(why) => (format!("{word} not sent: {why}"), true),
        Phase::Unknown(why) => (format!("{word} unknown: {why}; looking again"), true),
    };
    let name = Printable::clean(&format!("{name}@{host}"));
    if bad {
        notice(state, &format!("{name}: {what}"), true);
    }
    note_as(state, Subject::Container(key), name, &what, bad);
}

/// Closes a prompt whose time is over, and voids one whose target changed under it.
pub(super) fn check_prompt(state: &mut State) {
    let Some(prompt) = &state.prompt else { return };
    if state.now.mono_ms >= prompt.expires {
        close_prompt(state);
        notice(
            state,
            "the question was not answered within 30 s and is closed: nothing was sent",
            false,
        );
        return;
    }
    if prompt.void.is_some() {
        return;
    }
    let changed = prompt.targets.iter().find_map(|target| {
        let why = changed(state, target, prompt.command)?;
        Some(format!(
            "{}@{} {why}: close this and look again",
            target.container.name, target.host
        ))
    });
    if let (Some(why), Some(prompt)) = (changed, state.prompt.as_mut()) {
        prompt.void = Some(why);
        state.dirty = true;
    }
}

/// How a target is no longer what the prompt was opened for.
fn changed(state: &State, target: &Target, command: Command) -> Option<String> {
    let Some(entry) = state.entry(target.key) else {
        return Some("is gone".into());
    };
    let (was, is) = (&target.container, &entry.container);
    if let Some(why) = obstacle(state, target.key, command) {
        return Some(format!("changed ({why})"));
    }
    if was.name != is.name {
        return Some(format!("is now named {}", is.name));
    }
    if was.image != is.image {
        return Some(format!("now runs {}", is.image));
    }
    if was.state.is_up() != is.state.is_up() && !restless(entry) {
        return Some(format!("was {} and is now {}", was.state.word(), is.state.word()));
    }
    None
}

/// A crash loop changes its state every few seconds: that must not make it impossible to remove.
fn restless(entry: &Entry) -> bool {
    entry.deaths.len() >= RESTLESS || entry.container.state == RunState::Restarting
}
