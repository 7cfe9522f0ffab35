//! `ps`: all containers, problems first.

// Writing to a String cannot fail.
use serde::Serialize;
use std::fmt::Write as _;

use super::out::{Cell, Tone, colour, print, print_json, rfc3339, table};
use super::{Exit, fleet};
use crate::config::Config;
use crate::fleet::format::age;
use crate::fleet::model::{Container, Health, RunState};
use crate::fleet::text::Printable;
use crate::sources::link::Access;

/// A container as programs read it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    host: &'a str,
    id: String,
    name: &'a str,
    image: &'a str,
    state: &'static str,
    status: &'a str,
    health: Option<&'static str>,
    exit_code: Option<i64>,
    app: Option<&'a str>,
    service: Option<&'a str>,
    created: String,
    ports: Vec<PortRow<'a>>,
}

#[derive(Debug, Serialize)]
struct PortRow<'a> {
    ip: Option<&'a str>,
    public: Option<u16>,
    private: u16,
    protocol: &'a str,
}

pub(super) async fn run(config: &Config, json: bool) -> Exit {
    let hosts = match fleet::all(config) {
        Ok(hosts) => hosts,
        Err(stop) => return stop.report(),
    };
    let asked = fleet::ask(config, &hosts, Access::ReadOnly, async |engine| {
        engine.list(None).await
    })
    .await;
    let exit = fleet::report_unreached(config, &asked);
    let mut containers: Vec<Container> = asked
        .iter()
        .filter_map(|asked| asked.answer.as_ref().ok())
        .flat_map(|(_, containers)| containers.iter().cloned())
        .collect();
    fleet::close(asked).await;
    containers.sort_by_key(|container| (tone(container).1, container.key.host, container.name.clone()));
    if json {
        let rows: Vec<_> = containers
            .iter()
            .map(|container| row(config, container))
            .collect();
        return print_json(&rows, exit);
    }
    let rows = containers
        .iter()
        .map(|container| cells(config, container))
        .collect();
    let text = table(["HOST", "NAME", "APP", "STATE", "IMAGE", "PORTS"], rows, colour());
    print(&text, exit)
}

fn app<'a>(config: &'a Config, container: &'a Container) -> Option<&'a str> {
    let by_rule = || {
        config
            .apps
            .iter()
            .find(|rule| rule.covers(&container.name))
            .map(|rule| &rule.name)
    };
    container.app.as_ref().or_else(by_rule).map(Printable::as_str)
}

fn row<'a>(config: &'a Config, container: &'a Container) -> Row<'a> {
    let port = |port: &'a crate::fleet::model::Port| PortRow {
        ip: port.ip.as_deref(),
        public: port.public,
        private: port.private,
        protocol: &port.protocol,
    };
    Row {
        host: &fleet::spec(config, container.key.host).name,
        id: container.key.id.to_string(),
        name: &container.name,
        image: &container.image,
        state: container.state.word(),
        status: &container.status,
        health: container.health.map(Health::word),
        exit_code: container
            .exit_code
            .filter(|_| container.state == RunState::Exited),
        app: app(config, container),
        service: container.service.as_deref(),
        created: rfc3339(container.created),
        ports: container.ports.iter().map(port).collect(),
    }
}

/// How bad a container's state is, and its place in the list.
fn tone(container: &Container) -> (Tone, u8) {
    match (container.state, container.health, container.exit_code) {
        (RunState::Dead | RunState::Restarting, ..) => (Tone::Bad, 0),
        (RunState::Exited, _, Some(code)) if code != 0 => (Tone::Bad, 1),
        (_, Some(Health::Unhealthy), _) if container.state.is_up() => (Tone::Uneasy, 2),
        _ => (Tone::Plain, 3),
    }
}

fn cells(config: &Config, container: &Container) -> [Cell; 6] {
    let mut state = match (container.state, container.exit_code) {
        (RunState::Running, _) => "up".to_owned(),
        (RunState::Exited | RunState::Restarting, Some(code)) => format!("{} {code}", container.state.word()),
        (state, _) => state.word().to_owned(),
    };
    if let Some(since) = container.since {
        let now = jiff::Timestamp::now().as_millisecond();
        let _ = write!(state, " {}", age(now - since.saturating_mul(1000)));
    }
    if let Some(health) = container.health.filter(|_| container.state.is_up()) {
        let _ = write!(state, " {}", health.word());
    }
    let app = match (app(config, container), &container.service) {
        (Some(app), Some(service)) => format!("{app}/{service}"),
        (Some(app), None) => app.to_owned(),
        (None, _) => "-".to_owned(),
    };
    let mut ports: Vec<_> = container
        .ports
        .iter()
        .filter_map(|port| Some(format!("{}->{}/{}", port.public?, port.private, port.protocol)))
        .collect();
    ports.dedup();
    [
        fleet::spec(config, container.key.host).name.as_str().into(),
        container.name.as_str().into(),
        app.into(),
        Cell::toned(state, tone(container).0),
        container.image.as_str().into(),
        ports.join(", ").into(),
    ]
}
