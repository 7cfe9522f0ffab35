//! The fleet without a console: every host is asked at once, each has ten seconds, and a container is found by its name.

// Writing to a String cannot fail.
use std::fmt::Write as _;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::Exit;
use super::out::complain;
use crate::config::Config;
use crate::fleet::model::{Container, ErrorKind, HostId, HostSpec, SourceError};
use crate::fleet::near::nearest;
use crate::sources::docker::Engine;
use crate::sources::link::{Access, SshSettings};

/// What a host may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a host answered, over a link that is still open.
pub(super) struct Asked<T> {
    pub(super) id: HostId,
    pub(super) answer: Result<(Engine, T), SourceError>,
}

/// Why a command cannot go on: its exit code and what to say.
#[derive(Debug)]
pub(super) struct Stop(pub(super) Exit, pub(super) String);

impl Stop {
    pub(super) fn report(&self) -> Exit {
        complain(&self.1);
        self.0
    }
}

/// How ssh is run for this configuration.
pub(super) fn ssh(config: &Config) -> SshSettings {
    SshSettings {
        config: config.ssh_config.clone(),
    }
}

/// All hosts; a fleet without any is a mistake that can be mended.
pub(super) fn all(config: &Config) -> Result<Vec<HostId>, Stop> {
    if !config.hosts.is_empty() {
        return Ok((0..).map(HostId).take(config.hosts.len()).collect());
    }
    let mut message = String::from("no hosts found: name them with -H or in a configuration file");
    if let Some(file) = config.paths.config.as_ref() {
        let _ = write!(message, " ({})", file.join("config.toml").display());
    }
    let offered = config.offered();
    if !offered.is_empty() {
        message.push_str("\nyou could try:");
    }
    for url in offered.iter().take(8) {
        let _ = write!(message, "\nwheelhouse -H {url}");
    }
    Err(Stop(Exit::Usage, message))
}

/// A host of the configuration.
pub(super) fn spec(config: &Config, id: HostId) -> &HostSpec {
    &config.hosts[id.index()]
}

/// Opens a link within the bound.
pub(super) async fn dial(config: &Config, id: HostId, access: Access) -> Result<Engine, SourceError> {
    let settings = ssh(config);
    let dialling = Engine::dial(id, &spec(config, id).endpoint, access, &settings);
    bounded(dialling).await
}

/// An answer, or the error that it took too long.
pub(super) async fn bounded<T>(
    answer: impl Future<Output = Result<T, SourceError>>,
) -> Result<T, SourceError> {
    timeout(PATIENCE, answer).await.unwrap_or_else(|_| {
        let reason = format!("no answer within {} s", PATIENCE.as_secs());
        Err(SourceError::new(ErrorKind::Timeout, reason))
    })
}

/// Asks these hosts at once; the answers in the hosts' order.
pub(super) async fn ask<T>(
    config: &Config,
    hosts: &[HostId],
    access: Access,
    question: impl AsyncFn(&Engine) -> Result<T, SourceError>,
) -> Vec<Asked<T>> {
    let settings = ssh(config);
    let one = async |id: HostId| {
        let asking = async {
            let engine = Engine::dial(id, &spec(config, id).endpoint, access, &settings).await?;
            match question(&engine).await {
                Ok(answer) => Ok((engine, answer)),
                Err(error) => {
                    engine.close().await;
                    Err(error)
                }
            }
        };
        Asked {
            id,
            answer: bounded(asking).await,
        }
    };
    join_all(hosts.iter().map(|id| one(*id))).await
}

/// Ends all links in order.
pub(super) async fn close<T>(asked: Vec<Asked<T>>) {
    let engines = asked.into_iter().filter_map(|asked| Some(asked.answer.ok()?.0));
    join_all(engines.map(Engine::close)).await;
}

/// Names the hosts that did not answer.
pub(super) fn report_unreached<T>(config: &Config, asked: &[Asked<T>]) -> Exit {
    let mut exit = Exit::Good;
    for asked in asked {
        if let Err(error) = &asked.answer {
            complain(&unreached(spec(config, asked.id), error));
            exit = Exit::Unreachable;
        }
    }
    exit
}

pub(super) fn unreached(host: &HostSpec, error: &SourceError) -> String {
    let advice = error
        .advice
        .as_ref()
        .map_or(String::new(), |advice| format!("; {advice}"));
    format!("{}: {error}{advice}", host.name)
}

/// `HOST/CONTAINER` as written; without the host where it is not needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) host: Option<HostId>,
    pub(super) container: String,
}

impl Written {
    /// Reads it; a host that is none is a mistake.
    pub(super) fn parse(config: &Config, text: &str) -> Result<Self, Stop> {
        let Some((name, container)) = text.rsplit_once('/') else {
            return Ok(Self {
                host: None,
                container: text.to_owned(),
            });
        };
        if let Some((_, id)) = config
            .hosts
            .iter()
            .zip((0..).map(HostId))
            .find(|(host, _)| *host.name == *name)
        {
            return Ok(Self {
                host: Some(id),
                container: container.to_owned(),
            });
        }
        let names = config.hosts.iter().map(|host| host.name.as_str());
        let hint = match nearest(name, names.clone()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
        };
        Err(Stop(
            Exit::Usage,
            format!("{text}: there is no host {name}; {hint}"),
        ))
    }
}

/// The hosts that have to be asked to find these.
pub(super) fn needed(config: &Config, written: &[Written]) -> Result<Vec<HostId>, Stop> {
    let all = all(config)?;
    if written.iter().any(|written| written.host.is_none()) {
        return Ok(all);
    }
    Ok(all
        .into_iter()
        .filter(|id| written.iter().any(|written| written.host == Some(*id)))
        .collect())
}

/// Finds the one container that is meant: by name, full id, or at least four digits of its id.
pub(super) fn find<'a>(
    config: &Config,
    listings: &'a [Asked<Vec<Container>>],
    written: &Written,
) -> Result<(&'a Engine, &'a Container), Stop> {
    let asked = || {
        listings
            .iter()
            .filter(|asked| written.host.is_none_or(|host| host == asked.id))
    };
    let mut exact = Vec::new();
    let mut begun = Vec::new();
    for (engine, container) in asked()
        .filter_map(|asked| asked.answer.as_ref().ok())
        .flat_map(|(engine, containers)| containers.iter().map(move |container| (engine, container)))
    {
        let id = container.key.id.to_string();
        if *container.name == *written.container || id == written.container {
            exact.push((engine, container));
        } else if written.container.len() >= 4 && id.starts_with(&written.container) {
            begun.push((engine, container));
        }
    }
    let mut found = if exact.is_empty() { begun } else { exact };
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            found.push(last);
            let names: Vec<_> = found
                .iter()
                .map(|(_, container)| full_name(config, container))
                .collect();
            let message = format!("{} may be any of: {}", written.container, names.join(", "));
            Err(Stop(Exit::Usage, message))
        }
        (None, _) => {
            let dead: Vec<_> = asked()
                .filter_map(|asked| Some(unreached(spec(config, asked.id), asked.answer.as_ref().err()?)))
                .collect();
            let place = written
                .host
                .map_or(String::new(), |id| format!(" on {}", spec(config, id).name));
            let message = format!("there is no container {}{place}", written.container);
            Err(match (dead.is_empty(), written.host) {
                (true, _) => Stop(Exit::Usage, message),
                (false, Some(_)) => Stop(Exit::Unreachable, dead.join("\n")),
                (false, None) => {
                    let dead = dead.join("\n");
                    Stop(
                        Exit::Unreachable,
                        format!("{message} of those that could be read\n{dead}"),
                    )
                }
            })
        }
    }
}

/// `web-1/shop-api (0123456789ab)`.
fn full_name(config: &Config, container: &Container) -> String {
    let host = &spec(config, container.key.host).name;
    format!("{host}/{} ({})", container.name, container.key.id.short())
}
