//! `check`: reads the configuration, tries every host, says what is wrong and how to mend it.

// Writing to a String cannot fail.
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::hosts::{Report, question};
use super::out::{Cell, Tone, colour, print, table};
use super::{Exit, console, fleet};
use crate::config::{Config, Origin};
use crate::fleet::model::{Endpoint, HostSpec};
use crate::fleet::text::Printable;
use crate::runtime::Journal;
use crate::sources::link::Access;

/// One line of the report: what was looked at, whether it is well, and what was found.
type Finding = (String, bool, String);

pub(super) async fn run(config: &Config) -> Exit {
    let mut findings = vec![configuration(config)];
    findings.extend(
        config
            .notes
            .iter()
            .map(|note| ("note".to_owned(), false, note.clone())),
    );
    findings.extend(looks(config));
    findings.extend(config.hosts.iter().filter_map(key_permissions));
    if !config.read_only {
        let (well, said) = match Journal::new(config.journal()).check().await {
            Ok(()) => (true, config.journal().display().to_string()),
            Err(why) => (
                false,
                format!("{why}; orders are refused until it can be written"),
            ),
        };
        findings.push(("journal".to_owned(), well, said));
    }
    findings.extend(hosts(config).await);
    let exit = if findings.iter().all(|(_, well, _)| *well) {
        Exit::Good
    } else {
        Exit::Failed
    };
    let rows = findings.into_iter().map(|(what, well, said)| {
        let verdict = if well {
            Cell::from("ok")
        } else {
            Cell::toned("WRONG", Tone::Bad)
        };
        let said = Printable::clean(&said).to_string();
        [Cell::from(what), verdict, Cell::from(said)]
    });
    let mut text = table(["WHAT", "", "FOUND"], rows.collect(), colour());
    let offered = config.offered();
    if !offered.is_empty() {
        text.push_str("\nIn the ssh configuration, and not in the fleet:\n");
        for url in offered {
            let _ = writeln!(text, "  wheelhouse -H {}", Printable::clean(&url));
        }
    }
    print(&text, exit)
}

fn configuration(config: &Config) -> Finding {
    let file = match &config.file {
        Some(file) => file.display().to_string(),
        None => "no file".to_owned(),
    };
    let origin = match config.origin {
        Origin::Arguments => "-H",
        Origin::File => "the file",
        Origin::Machine => "DOCKER_HOST, Docker contexts and the local socket",
    };
    let said = format!("{file}; {} hosts from {origin}", config.hosts.len());
    ("configuration".to_owned(), !config.hosts.is_empty(), said)
}

/// Theme and keys, which only the console needs.
fn looks(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(why) = console::theme(config) {
        findings.push(("theme".to_owned(), false, why));
    }
    if let Err(why) = console::keymap(config) {
        findings.push(("keys".to_owned(), false, why));
    }
    findings
}

/// A private key that others can read is no longer private.
fn key_permissions(host: &HostSpec) -> Option<Finding> {
    let Endpoint::Tcp { tls: Some(tls), .. } = &host.endpoint else {
        return None;
    };
    let key = tls.key.as_ref()?;
    let mode = fs::metadata(key).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        let file = key.display();
        let said = format!("{file} can be read by others (mode {mode:03o}): chmod 600 {file}");
        (host.name.to_string(), false, said)
    })
}

async fn hosts(config: &Config) -> Vec<Finding> {
    let hosts = match fleet::all(config) {
        Ok(hosts) => hosts,
        Err(stop) => return vec![("hosts".to_owned(), false, stop.1.replace('\n', " "))],
    };
    let asked = fleet::ask(config, &hosts, Access::ReadOnly, question).await;
    let findings = asked.iter().map(|asked| {
        let host = fleet::spec(config, asked.id);
        let (well, said) = match &asked.answer {
            Ok((_, report)) => (true, alive(host, report)),
            Err(error) => {
                let advice = error
                    .advice
                    .as_ref()
                    .map_or(String::new(), |advice| format!("; {advice}"));
                (false, format!("{}: {error}{advice}", host.endpoint))
            }
        };
        (host.name.to_string(), well, said)
    });
    let findings = findings.collect();
    fleet::close(asked).await;
    findings
}

fn alive(host: &HostSpec, report: &Report) -> String {
    format!(
        "{}: engine {} (API {}), {} containers, {} ms",
        host.endpoint, report.engine.version, report.engine.api, report.containers, report.latency_ms
    )
}
