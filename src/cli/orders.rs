//! Orders: each container is named before anything leaves, each outcome has its line.

use std::cell::Cell;
// Writing to a String cannot fail.
use std::fmt::Write as _;

use super::fleet::{Asked, Stop, Written};
use super::out::{complain, print};
use super::patience::Patience;
use super::{Exit, OrderArgs, fleet};
use crate::config::Config;
use crate::fleet::event::OrderFact;
use crate::fleet::format::age;
use crate::fleet::model::{Command, Container, Order, OrderId, Outcome};
use crate::runtime::{Journal, orders};
use crate::sources::docker::Engine;
use crate::sources::link::Access;

/// A target as it was found.
type Found<'a> = (&'a Engine, &'a Container);

pub(super) async fn run(config: &Config, command: Command, args: &OrderArgs) -> Exit {
    if config.read_only {
        let message = format!("{} is refused: read-only; nothing was sent", command.word());
        return Stop(Exit::Failed, message).report();
    }
    match send(config, command, args).await {
        Ok(exit) => exit,
        Err(stop) => stop.report(),
    }
}

async fn send(config: &Config, command: Command, args: &OrderArgs) -> Result<Exit, Stop> {
    let written: Vec<_> = args
        .containers
        .iter()
        .map(|text| Written::parse(config, text))
        .collect::<Result<_, _>>()?;
    let hosts = fleet::needed(config, &written)?;
    let access = if args.yes { Access::Full } else { Access::ReadOnly };
    let mut patience =
        Patience::new().map_err(|error| Stop(Exit::Failed, format!("cannot listen to signals: {error}")))?;
    let asking = fleet::ask(config, &hosts, access, async |engine| engine.list(None).await);
    let Some(listings) = patience.unless_recalled(asking).await else {
        return Err(Stop(
            Exit::Interrupted,
            "interrupted: nothing was sent".to_owned(),
        ));
    };
    let exit = decide(config, command, args.yes, &written, &listings, &mut patience).await;
    fleet::close(listings).await;
    exit
}

/// Finds all targets before the first order leaves: a slip in the last name must not come after half of the work.
async fn decide(
    config: &Config,
    command: Command,
    yes: bool,
    written: &[Written],
    listings: &[Asked<Vec<Container>>],
    patience: &mut Patience,
) -> Result<Exit, Stop> {
    let mut targets: Vec<Found<'_>> = Vec::new();
    let mut exit = Exit::Good;
    for written in written {
        sure(config, listings, written)?;
        match fleet::find(config, listings, written) {
            Ok(found) if targets.iter().any(|known| known.1.key == found.1.key) => {}
            Ok(found) => targets.push(found),
            Err(stop) if stop.0 == Exit::Unreachable => {
                complain(&format!(
                    "{} {}: not sent: {}",
                    command.word(),
                    written.container,
                    stop.1
                ));
                exit = exit.worse(Exit::Unreachable);
            }
            Err(stop) => return Err(stop),
        }
    }
    if !yes {
        return Err(Stop(Exit::Usage, question(config, command, &targets)));
    }
    let journal = Journal::new(config.journal());
    for (number, (engine, container)) in (1..).zip(targets) {
        let host = &fleet::spec(config, container.key.host).name;
        let order = Order {
            id: OrderId(number),
            key: container.key,
            host: host.clone(),
            name: container.name.clone(),
            image: container.image.clone(),
            command,
        };
        exit = exit.worse(carry_out(engine, &journal, &order, patience).await);
    }
    Ok(exit)
}

/// A name without its host means one container only where every host could be read.
fn sure(config: &Config, listings: &[Asked<Vec<Container>>], written: &Written) -> Result<(), Stop> {
    let silent = listings
        .iter()
        .find_map(|asked| Some((asked.id, asked.answer.as_ref().err()?)));
    match (written.host, silent) {
        (None, Some((id, error))) => {
            let why = fleet::unreached(fleet::spec(config, id), error);
            let message = format!(
                "name the host: {} may be on one that does not answer\n{why}",
                written.container
            );
            Err(Stop(Exit::Unreachable, message))
        }
        _ => Ok(()),
    }
}

fn question(config: &Config, command: Command, targets: &[Found<'_>]) -> String {
    let now = jiff::Timestamp::now().as_second();
    let mut text = format!("nothing was sent: with --yes, {} goes to", command.word());
    for (_, container) in targets {
        let _ = write!(
            text,
            "\n{}/{}  {}  {}  made {} ago",
            fleet::spec(config, container.key.host).name,
            container.name,
            container.key.id.short(),
            container.image,
            age((now - container.created).saturating_mul(1000)),
        );
    }
    text
}

async fn carry_out(engine: &Engine, journal: &Journal, order: &Order, patience: &mut Patience) -> Exit {
    let head = format!("{} {}/{}", order.command.word(), order.host, order.name);
    let sent = Cell::new(false);
    let outcome = match engine.control() {
        Some(control) => {
            let (recall, leave) = (patience.recall.clone(), patience.leave.clone());
            let hear = |fact| sent.set(sent.get() || fact == OrderFact::Sent);
            let leave = leave.cancelled();
            let trying = orders::attempt(engine, &control, journal, order, hear, &recall, leave);
            let waits = || {
                if sent.get() {
                    complain(&format!(
                        "{head}: it is sent already and its outcome is waited for; once more leaves it unknown"
                    ));
                }
            };
            patience.through(trying, waits).await.0
        }
        None => Outcome::NotSent("the link only reads".to_owned()),
    };
    // An order whose outcome was seen after all was not interrupted.
    let or_interrupted = |exit, because: bool| if because { Exit::Interrupted } else { exit };
    match outcome {
        Outcome::Done => print(&format!("{head}: done\n"), Exit::Good),
        Outcome::Refused(why) => say(&format!("{head}: refused: {why}"), Exit::Failed),
        Outcome::NotSent(why) => say(
            &format!("{head}: not sent: {why}"),
            or_interrupted(Exit::Failed, patience.recall.is_cancelled()),
        ),
        Outcome::Unknown(why) => say(
            &format!("{head}: unknown: {why}; look before you repeat it"),
            or_interrupted(Exit::Unknown, patience.leave.is_cancelled()),
        ),
    }
}

fn say(message: &str, exit: Exit) -> Exit {
    complain(message);
    exit
}
