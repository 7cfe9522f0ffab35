//! Orders: each container is named before anything leaves, each outcome has its line.

// Writing to a String cannot fail.
use super::fleet::{Asked, Stop, Written};
use super::out::{complain, print};
use super::{Exit, OrderArgs, fleet};
use crate::config::Config;
use crate::fleet::format::age;
use crate::fleet::model::{Command, Container, Order, OrderId, Outcome};
use crate::runtime::{Journal, orders};
use crate::sources::docker::Engine;
use crate::sources::link::Access;
use std::fmt::Write as _;

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
    let listings = fleet::ask(config, &hosts, access, async |engine| engine.list(None).await).await;
    let exit = decide(config, command, args.yes, &written, &listings).await;
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
        exit = exit.worse(carry_out(config, engine, container, &journal, command, number).await);
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

async fn carry_out(
    config: &Config,
    engine: &Engine,
    container: &Container,
    journal: &Journal,
    command: Command,
    number: u64,
) -> Exit {
    let host = &fleet::spec(config, container.key.host).name;
    let order = Order {
        id: OrderId(number),
        key: container.key,
        host: host.clone(),
        name: container.name.clone(),
        image: container.image.clone(),
        command,
    };
    let outcome = match engine.control() {
        Some(control) => orders::carry_out(engine, &control, journal, &order, |_| {}).await,
        None => Outcome::NotSent("the link only reads".to_owned()),
    };
    let head = format!("{} {host}/{}", command.word(), container.name);
    match outcome {
        Outcome::Done => print(&format!("{head}: done\n"), Exit::Good),
        Outcome::Refused(why) => say(&format!("{head}: refused: {why}"), Exit::Failed),
        Outcome::NotSent(why) => say(&format!("{head}: not sent: {why}"), Exit::Failed),
        Outcome::Unknown(why) => say(
            &format!("{head}: unknown: {why}; look before you repeat it"),
            Exit::Unknown,
        ),
    }
}

fn say(message: &str, exit: Exit) -> Exit {
    complain(message);
    exit
}
