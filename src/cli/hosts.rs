//! `hosts`: every host, and how it is.

use serde::Serialize;

use super::out::{Cell, Tone, colour, print, print_json, table};
use super::{Exit, fleet};
use crate::config::Config;
use crate::fleet::model::{EngineInfo, RunState, SourceError};
use crate::sources::docker::Engine;
use crate::sources::link::Access;

/// What a host says of itself.
pub(super) struct Report {
    pub(super) engine: EngineInfo,
    pub(super) containers: usize,
    pub(super) running: usize,
    pub(super) latency_ms: f64,
}

/// Asks a host for it.
pub(super) async fn question(engine: &Engine) -> Result<Report, SourceError> {
    // The first request also pays for the connection: it is not what a later one costs.
    engine.ping().await?;
    let latency = engine.ping().await?;
    let info = engine.introduce().await?;
    let containers = engine.list(None).await?;
    Ok(Report {
        engine: info,
        containers: containers.len(),
        running: containers
            .iter()
            .filter(|container| container.state == RunState::Running)
            .count(),
        latency_ms: (latency.as_secs_f64() * 10_000.0).round() / 10.0,
    })
}

/// A host as programs read it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    endpoint: String,
    state: &'static str,
    reason: Option<&'a str>,
    engine: Option<&'a str>,
    containers: Option<usize>,
    running: Option<usize>,
    latency_ms: Option<f64>,
}

pub(super) async fn run(config: &Config, json: bool) -> Exit {
    let hosts = match fleet::all(config) {
        Ok(hosts) => hosts,
        Err(stop) => return stop.report(),
    };
    let asked = fleet::ask(config, &hosts, Access::ReadOnly, question).await;
    let exit = fleet::report_unreached(config, &asked);
    let text = {
        let rows = asked.iter().map(|asked| {
            let host = fleet::spec(config, asked.id);
            let report = asked.answer.as_ref().map(|(_, report)| report);
            Row {
                name: &host.name,
                endpoint: host.endpoint.to_string(),
                state: if report.is_ok() { "live" } else { "down" },
                reason: report.err().map(|error| error.reason.as_str()),
                engine: report.ok().map(|report| report.engine.version.as_str()),
                containers: report.ok().map(|report| report.containers),
                running: report.ok().map(|report| report.running),
                latency_ms: report.ok().map(|report| report.latency_ms),
            }
        });
        if json {
            let rows: Vec<_> = rows.collect();
            return finish(print_json(&rows, exit), asked).await;
        }
        table(
            ["HOST", "ENDPOINT", "STATE", "ENGINE", "CONTAINERS", "LATENCY"],
            rows.map(|row| cells(&row)).collect(),
            colour(),
        )
    };
    finish(print(&text, exit), asked).await
}

async fn finish(exit: Exit, asked: Vec<fleet::Asked<Report>>) -> Exit {
    fleet::close(asked).await;
    exit
}

fn cells(row: &Row<'_>) -> [Cell; 6] {
    let tone = if row.reason.is_some() {
        Tone::Bad
    } else {
        Tone::Plain
    };
    let count = match (row.running, row.containers) {
        (Some(running), Some(containers)) => format!("{running}/{containers} up"),
        _ => "-".to_owned(),
    };
    [
        row.name.into(),
        row.endpoint.as_str().into(),
        Cell::toned(row.state, tone),
        row.engine.unwrap_or("-").into(),
        count.into(),
        row.latency_ms
            .map_or("-".to_owned(), |ms| format!("{ms} ms"))
            .into(),
    ]
}
