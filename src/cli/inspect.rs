//! `inspect`: one container whole.

// Writing to a String cannot fail.
use serde::Serialize;
use std::fmt::Write as _;

use super::fleet::{Stop, Written};
use super::out::{print, print_json};
use super::{Exit, fleet};
use crate::config::Config;
use crate::fleet::model::{Details, Field, Value};
use crate::sources::link::Access;

/// A container as programs read it.
#[derive(Debug, Serialize)]
struct Whole<'a> {
    host: &'a str,
    id: String,
    name: &'a str,
    state: &'static str,
    exit_code: Option<i64>,
    oom_killed: bool,
    restarts: u32,
    tty: bool,
    started: Option<String>,
    finished: Option<String>,
    sections: Vec<SectionRow>,
}

#[derive(Debug, Serialize)]
struct SectionRow {
    title: &'static str,
    fields: Vec<FieldRow>,
}

/// The value is null while it is masked.
#[derive(Debug, Serialize)]
struct FieldRow {
    label: String,
    value: Option<String>,
    masked: bool,
}

pub(super) async fn run(config: &Config, container: &str, reveal: bool, json: bool) -> Exit {
    if reveal && config.read_only {
        return Stop(
            Exit::Failed,
            "--reveal is refused: read-only shows no masked value".to_owned(),
        )
        .report();
    }
    match inspect(config, container, reveal, json).await {
        Ok(exit) => exit,
        Err(stop) => stop.report(),
    }
}

async fn inspect(config: &Config, container: &str, reveal: bool, json: bool) -> Result<Exit, Stop> {
    let written = Written::parse(config, container)?;
    let hosts = fleet::needed(config, std::slice::from_ref(&written))?;
    let listings = fleet::ask(config, &hosts, Access::ReadOnly, async |engine| {
        engine.list(None).await
    })
    .await;
    let (engine, container) = fleet::find(config, &listings, &written)?;
    let host = fleet::spec(config, container.key.host);
    let details = fleet::bounded(engine.inspect(container.key.id)).await;
    let details = details.map_err(|error| Stop(Exit::Unreachable, fleet::unreached(host, &error)))?;
    let exit = if json {
        print_json(&whole(&host.name, &container.name, &details, reveal), Exit::Good)
    } else {
        print(&text(&host.name, &container.name, &details, reveal), Exit::Good)
    };
    fleet::close(listings).await;
    Ok(exit)
}

fn shown(field: &Field, reveal: bool) -> Option<String> {
    match &field.value {
        Value::Plain(value) => Some(value.to_string()),
        Value::Masked(secret) => reveal.then(|| secret.reveal().to_string()),
    }
}

fn whole<'a>(host: &'a str, name: &'a str, details: &Details, reveal: bool) -> Whole<'a> {
    let time = |ms: i64| {
        jiff::Timestamp::from_millisecond(ms)
            .ok()
            .map(|at| at.to_string())
    };
    let field = |field: &Field| {
        let value = shown(field, reveal);
        FieldRow {
            label: field.label.to_string(),
            masked: value.is_none(),
            value,
        }
    };
    let sections = details.sections.iter().map(|section| SectionRow {
        title: section.title,
        fields: section.fields.iter().map(field).collect(),
    });
    Whole {
        host,
        id: details.key.id.to_string(),
        name,
        state: details.state.word(),
        exit_code: details.exit_code,
        oom_killed: details.oom_killed,
        restarts: details.restarts,
        tty: details.tty,
        started: details.started_ms.and_then(time),
        finished: details.finished_ms.and_then(time),
        sections: sections.collect(),
    }
}

fn text(host: &str, name: &str, details: &Details, reveal: bool) -> String {
    let mut out = format!("{host}/{name}  {}\n", details.key.id);
    for section in &details.sections {
        let _ = writeln!(out, "\n{}", section.title);
        for field in &section.fields {
            let value = shown(field, reveal).unwrap_or_else(|| "******** (--reveal shows it)".to_owned());
            let _ = writeln!(out, "  {}: {value}", field.label);
        }
    }
    out
}
