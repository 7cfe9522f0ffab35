//! `POST /containers/{id}/…` and `DELETE /containers/{id}`.

use std::sync::Arc;
use std::time::Duration;

use hyper::Response;

use super::containers::{Container, Phase};
use super::refusal::Refusal;
use super::state::{Shared, State};
use super::wire::{self, Body, Query};

/// What can be done to a container.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Start,
    Stop(Manner),
    Restart(Manner),
    Kill(u32),
    Pause,
    Unpause,
    Remove { force: bool },
}

/// How a program is asked to end: the signal, and the time until it is killed (`None`: for ever).
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    signal: u32,
    limit: Option<Duration>,
}

const SIGNALS: [(&str, u32); 13] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ABRT", 6),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("TERM", 15),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("WINCH", 28),
];

fn signal(text: Option<&str>, default: u32) -> Result<u32, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(default);
    };
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let named = SIGNALS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, number)| *number);
    named
        .or_else(|| text.parse().ok().filter(|number| (1..65).contains(number)))
        .map_or_else(|| Refusal::new(400, format!("Invalid signal: {text}")), Ok)
}

fn manner(query: &Query) -> Result<Manner, Refusal> {
    let limit = match query.get("t").filter(|text| !text.is_empty()) {
        None => Some(Duration::from_secs(10)),
        Some(text) => match text.parse::<i64>() {
            Ok(seconds) => u64::try_from(seconds).ok().map(Duration::from_secs),
            Err(_) => return Refusal::new(500, format!("strconv.Atoi: parsing {text:?}: invalid syntax")),
        },
    };
    Ok(Manner {
        signal: signal(query.get("signal"), 15)?,
        limit,
    })
}

impl Order {
    /// The order behind a verb; `None` when there is no such verb.
    pub(super) fn parse(verb: &str, query: &Query) -> Option<Result<Self, Refusal>> {
        Some(match verb {
            "start" => Ok(Self::Start),
            "stop" => manner(query).map(Self::Stop),
            "restart" => manner(query).map(Self::Restart),
            "kill" => signal(query.get("signal"), 9).map(Self::Kill),
            "pause" => Ok(Self::Pause),
            "unpause" => Ok(Self::Unpause),
            _ => return None,
        })
    }
}

/// Carries an order out. It goes on when the one who gave it has hung up, as it does in a real engine.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    name: &str,
    order: Order,
) -> Result<Response<Body>, Refusal> {
    let (shared, name) = (Arc::clone(shared), name.to_owned());
    let work = tokio::spawn(async move { carry_out(&shared, &name, order).await });
    match work.await {
        Ok(done) => done.map(wire::empty),
        Err(_) => Refusal::new(500, "the engine is shutting down"),
    }
}

async fn carry_out(shared: &Shared, name: &str, order: Order) -> Result<u16, Refusal> {
    match order {
        Order::Start => shared.alter(|state| start(state, name)),
        Order::Stop(manner) => {
            let id = shared.read(|state| state.container(name).map(alive))?;
            let Some(id) = id else { return Ok(304) };
            wind_down(shared, &id, manner).await;
            shared.alter(|state| tell(state, &id, "stop"));
            Ok(204)
        }
        Order::Restart(manner) => {
            let (id, running) = shared.read(|s| s.container(name).map(|c| (c.id.clone(), alive(c))))?;
            if running.is_some() {
                wind_down(shared, &id, manner).await;
                shared.alter(|state| tell(state, &id, "stop"));
            }
            shared.alter(|state| {
                let index = state.find(&id)?;
                state.start(index);
                state.emit(index, "restart", &[]);
                Ok(204)
            })
        }
        Order::Kill(signal) => kill(shared, name, signal).await,
        Order::Pause => shared.alter(|state| pause(state, name)),
        Order::Unpause => shared.alter(|state| {
            let index = state.find(name)?;
            let container = state.container(name)?;
            if container.phase != Phase::Paused {
                return Refusal::new(500, format!("Container {} is not paused", container.id));
            }
            state.pause(index, false);
            Ok(204)
        }),
        Order::Remove { force } => shared.alter(|state| remove(state, name, force)),
    }
}

/// The identity of a container that can be stopped.
fn alive(container: &Container) -> Option<String> {
    (container.is_running() || container.phase == Phase::Restarting).then(|| container.id.clone())
}

fn tell(state: &mut State, id: &str, action: &str) {
    if let Ok(index) = state.find(id) {
        state.emit(index, action, &[]);
    }
}

fn start(state: &mut State, name: &str) -> Result<u16, Refusal> {
    let index = state.find(name)?;
    match state.container(name)?.phase {
        Phase::Paused => Refusal::new(409, "cannot start a paused container, try unpause instead"),
        Phase::Running | Phase::Restarting => Ok(304),
        Phase::Dead => Refusal::new(409, "container is marked for removal and cannot be started"),
        Phase::Created | Phase::Exited => {
            state.start(index);
            Ok(204)
        }
    }
}

/// Signals, waits for the program to end, and kills it when it does not in time.
async fn wind_down(shared: &Shared, id: &str, manner: Manner) {
    let begun = shared.alter(|state| {
        let index = state.find(id).ok()?;
        let container = state.containers.get(index)?;
        let (phase, run, takes) = (container.phase, container.run, container.spec.stops_after);
        if phase == Phase::Restarting {
            state.give_up(index);
            return None;
        }
        state.signal(index, manner.signal);
        if phase == Phase::Paused {
            state.pause(index, false);
        }
        Some((run, takes))
    });
    let Some((run, takes)) = begun else { return };
    let patience = manner.limit.unwrap_or(takes).min(takes);
    if !patience.is_zero() {
        tokio::time::sleep(patience).await;
    }
    shared.thawed().await;
    shared.alter(|state| {
        let Ok(index) = state.find(id) else { return };
        let Some(container) = state.containers.get(index).filter(|c| c.run == run) else {
            return;
        };
        let code = container.spec.stop_code;
        if takes <= patience {
            state.die(index, code, false);
        } else {
            state.signal(index, 9);
            state.die(index, 137, false);
        }
    });
}

async fn kill(shared: &Shared, name: &str, signal: u32) -> Result<u16, Refusal> {
    let (id, phase, modern) = shared
        .read(|s| {
            s.container(name)
                .map(|c| (c.id.clone(), c.phase, s.api >= (1, 42)))
        })
        .map_err(|Refusal(status, message)| {
            Refusal(status, format!("Cannot kill container: {name}: {message}"))
        })?;
    match (phase, signal) {
        (Phase::Restarting, _) => shared.alter(|state| {
            let index = state.find(&id)?;
            state.give_up(index);
            Ok(())
        })?,
        (Phase::Running | Phase::Paused, 2 | 3 | 15) => {
            wind_down(shared, &id, Manner { signal, limit: None }).await;
        }
        (Phase::Running | Phase::Paused, _) => shared.alter(|state| {
            let index = state.find(&id)?;
            state.signal(index, signal);
            if matches!(signal, 6 | 9 | 11) {
                state.die(index, 128 + i64::from(signal), false);
            }
            Ok(())
        })?,
        _ => {
            let word = if modern { "container" } else { "Container" };
            let sentence = format!("Cannot kill container: {name}: {word} {id} is not running");
            return Refusal::new(409, sentence);
        }
    }
    Ok(204)
}

fn pause(state: &mut State, name: &str) -> Result<u16, Refusal> {
    let index = state.find(name)?;
    let container = state.container(name)?;
    let id = &container.id;
    match container.phase {
        Phase::Running => {
            state.pause(index, true);
            Ok(204)
        }
        Phase::Paused => Refusal::new(409, format!("Container {id} is already paused")),
        Phase::Restarting => Refusal::new(
            409,
            format!("Container {id} is restarting, wait until the container is running"),
        ),
        _ => Refusal::new(409, format!("Container {id} is not running")),
    }
}

fn remove(state: &mut State, name: &str, force: bool) -> Result<u16, Refusal> {
    let index = state.find(name)?;
    let container = state.container(name)?;
    if alive(container).is_some() && !force {
        let (word, id, name) = (container.phase.word(), &container.id, &container.spec.name);
        let paused = container.phase == Phase::Paused;
        return Refusal::new(
            409,
            match (state.api >= (1, 44), paused) {
                (true, true) => {
                    format!(
                        "cannot remove container \"/{name}\": container is paused and must be unpaused first"
                    )
                }
                (true, false) => format!(
                    "cannot remove container \"/{name}\": container is {word}: \
                     stop the container before removing or force remove"
                ),
                (false, true) => format!(
                    "You cannot remove a paused container {id}. Unpause and then stop the container before \
                     attempting removal or force remove"
                ),
                (false, false) => format!(
                    "You cannot remove a {word} container {id}. Stop the container before attempting removal \
                     or force remove"
                ),
            },
        );
    }
    state.remove(index);
    Ok(204)
}
