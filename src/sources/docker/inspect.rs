//! `GET /containers/{id}/json`, as sections to read. What an engine leaves out is left out here too.

use serde_json::Value as Json;

use super::mask::{arguments, judged, masked, plain};
use super::stamp;
use crate::fleet::model::{
    ContainerId, ContainerKey, Details, ErrorKind, Field, HostId, RunState, Section, SourceError,
};

/// Seconds the engine waits on stop where the container does not say.
const STOP_TIMEOUT_S: u64 = 10;
/// Health checks shown, the latest.
const CHECKS: usize = 5;

/// Reads an inspection.
pub(super) fn parse(host: HostId, id: ContainerId, json: &Json) -> Result<Details, SourceError> {
    let state = &json["State"];
    let Some(word) = text(state, "Status").and_then(RunState::parse) else {
        return Err(SourceError::new(
            ErrorKind::Protocol,
            "the inspection names no state that we know",
        ));
    };
    let millis = |key: &str| {
        let ns = stamp::parse_ns(text(state, key)?.as_bytes())?;
        Some(ns / 1_000_000)
    };
    let exit_code = state["ExitCode"]
        .as_i64()
        .filter(|_| !word.is_up() && word != RunState::Created);
    Ok(Details {
        key: ContainerKey { host, id },
        state: word,
        started_ms: millis("StartedAt"),
        started_at: text(state, "StartedAt").unwrap_or_default().to_owned(),
        finished_ms: millis("FinishedAt"),
        exit_code,
        oom_killed: state["OOMKilled"].as_bool().unwrap_or(false),
        restarts: json["RestartCount"]
            .as_u64()
            .and_then(|n| n.try_into().ok())
            .unwrap_or(0),
        tty: json["Config"]["Tty"].as_bool().unwrap_or(false),
        stop_timeout_s: json["Config"]["StopTimeout"].as_u64().unwrap_or(STOP_TIMEOUT_S),
        sections: sections(json, exit_code),
    })
}

fn sections(json: &Json, exit_code: Option<i64>) -> Vec<Section> {
    let (config, host) = (&json["Config"], &json["HostConfig"]);
    [
        ("State", state(json, exit_code)),
        ("Command", command(json)),
        ("Image", image(json)),
        ("Ports", ports(&json["NetworkSettings"]["Ports"])),
        ("Mounts", mounts(&json["Mounts"])),
        ("Networks", networks(&json["NetworkSettings"]["Networks"])),
        ("Environment", environment(&config["Env"])),
        ("Labels", labels(&config["Labels"])),
        ("Restart policy", restart_policy(&host["RestartPolicy"])),
        ("Health", health(&json["State"]["Health"], &config["Healthcheck"])),
        ("Resources", resources(host)),
        ("Logging", logging(&host["LogConfig"])),
    ]
    .into_iter()
    .filter(|(_, fields)| !fields.is_empty())
    .map(|(title, fields)| Section { title, fields })
    .collect()
}

/// A text that says something.
fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json[key].as_str().filter(|text| !text.is_empty())
}

fn texts(json: &Json) -> Vec<String> {
    let list = json.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

fn entries(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().into_iter().flatten()
}

/// Go's zero time says that it never happened.
fn time<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    text(json, key).filter(|time| !time.starts_with("0001-"))
}

fn state(json: &Json, exit_code: Option<i64>) -> Vec<Field> {
    let state = &json["State"];
    let mut fields = Vec::new();
    // The engine's error may quote the command line.
    let mut add = |label: &str, value: Option<&str>| fields.extend(value.map(|value| judged(label, value)));
    add("status", text(state, "Status"));
    add("exit code", exit_code.map(|code| code.to_string()).as_deref());
    add(
        "out of memory",
        state["OOMKilled"]
            .as_bool()
            .filter(|oom| *oom)
            .map(|_| "killed by the kernel"),
    );
    add("error", text(state, "Error"));
    add("created", time(json, "Created"));
    add("started", time(state, "StartedAt"));
    add("finished", time(state, "FinishedAt"));
    add(
        "restarts",
        json["RestartCount"].as_u64().map(|n| n.to_string()).as_deref(),
    );
    add(
        "pid",
        state["Pid"]
            .as_u64()
            .filter(|pid| *pid > 0)
            .map(|pid| pid.to_string())
            .as_deref(),
    );
    fields
}

fn command(json: &Json) -> Vec<Field> {
    let config = &json["Config"];
    let mut line: Vec<String> = json["Path"]
        .as_str()
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .into_iter()
        .collect();
    line.extend(texts(&json["Args"]));
    let mut fields = arguments(&line);
    for (label, key) in [
        ("directory", "WorkingDir"),
        ("user", "User"),
        ("stop signal", "StopSignal"),
    ] {
        fields.extend(text(config, key).map(|value| plain(label, value)));
    }
    fields.extend(
        config["Tty"]
            .as_bool()
            .map(|tty| plain("tty", if tty { "yes" } else { "no" })),
    );
    fields
}

fn image(json: &Json) -> Vec<Field> {
    let mut fields: Vec<_> = text(&json["Config"], "Image")
        .map(|name| plain("name", name))
        .into_iter()
        .collect();
    fields.extend(text(json, "Image").map(|id| plain("id", id)));
    fields.extend(text(json, "Platform").map(|platform| plain("platform", platform)));
    fields
}

fn ports(json: &Json) -> Vec<Field> {
    entries(json)
        .map(|(port, bindings)| {
            let bindings = bindings.as_array().map(Vec::as_slice).unwrap_or_default();
            let places: Vec<_> = bindings
                .iter()
                .map(|binding| {
                    let ip = text(binding, "HostIp").unwrap_or("*");
                    let ip = if ip.contains(':') {
                        format!("[{ip}]")
                    } else {
                        ip.to_owned()
                    };
                    format!("{ip}:{}", text(binding, "HostPort").unwrap_or("?"))
                })
                .collect();
            plain(
                port,
                if places.is_empty() {
                    "not published".to_owned()
                } else {
                    places.join(", ")
                }
                .as_str(),
            )
        })
        .collect()
}

fn mounts(json: &Json) -> Vec<Field> {
    let list = json.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|mount| {
            let source = text(mount, "Name")
                .or_else(|| text(mount, "Source"))
                .unwrap_or("–");
            let kind = text(mount, "Type").unwrap_or("mount");
            let mode = if mount["RW"].as_bool() == Some(false) {
                "read-only"
            } else {
                "read-write"
            };
            plain(
                text(mount, "Destination").unwrap_or("?"),
                &format!("{kind} {source} {mode}"),
            )
        })
        .collect()
}

fn networks(json: &Json) -> Vec<Field> {
    entries(json)
        .map(|(name, network)| {
            let mut words: Vec<String> = Vec::new();
            words.extend(text(network, "IPAddress").map(str::to_owned));
            words.extend(text(network, "GlobalIPv6Address").map(str::to_owned));
            words.extend(text(network, "Gateway").map(|gateway| format!("via {gateway}")));
            let aliases = texts(&network["Aliases"]);
            if !aliases.is_empty() {
                words.push(format!("as {}", aliases.join(", ")));
            }
            plain(
                name,
                if words.is_empty() {
                    "no address".to_owned()
                } else {
                    words.join(" ")
                }
                .as_str(),
            )
        })
        .collect()
}

/// Every value is masked: a name is no promise that a value is harmless.
fn environment(json: &Json) -> Vec<Field> {
    texts(json)
        .iter()
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            masked(name, value)
        })
        .collect()
}

fn labels(json: &Json) -> Vec<Field> {
    entries(json)
        .map(|(name, value)| judged(name, value.as_str().unwrap_or_default()))
        .collect()
}

fn restart_policy(json: &Json) -> Vec<Field> {
    let Some(name) = text(json, "Name") else {
        return vec![plain("policy", "no")];
    };
    let mut fields = vec![plain("policy", name)];
    if let Some(most) = json["MaximumRetryCount"].as_u64().filter(|most| *most > 0) {
        fields.push(plain("at most", &format!("{most} times")));
    }
    fields
}

fn health(health: &Json, check: &Json) -> Vec<Field> {
    let mut fields: Vec<_> = text(health, "Status")
        .map(|status| plain("status", status))
        .into_iter()
        .collect();
    if fields.is_empty() {
        return fields;
    }
    fields.extend(
        health["FailingStreak"]
            .as_u64()
            .map(|n| plain("failures in a row", &n.to_string())),
    );
    let test = texts(&check["Test"]);
    if let Some((_, test)) = test.split_first().filter(|(_, test)| !test.is_empty()) {
        fields.extend(arguments(test));
    }
    let log = health["Log"].as_array().map(Vec::as_slice).unwrap_or_default();
    fields.extend(log.iter().rev().take(CHECKS).map(|run| {
        let code = run["ExitCode"].as_i64().unwrap_or(-1);
        let said = text(run, "Output").unwrap_or_default().trim();
        judged(
            time(run, "End").unwrap_or("check"),
            &format!("exit {code}  {said}"),
        )
    }));
    fields
}

fn resources(host: &Json) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut limit = |label: &str, key: &str, shown: &dyn Fn(u64) -> String| {
        let value = host[key].as_u64().filter(|value| *value > 0);
        fields.extend(value.map(|value| plain(label, &shown(value))));
    };
    let mib = |bytes: u64| format!("{} MiB", bytes / (1024 * 1024));
    limit("memory", "Memory", &mib);
    limit("memory reserved", "MemoryReservation", &mib);
    limit("memory and swap", "MemorySwap", &mib);
    limit("processors", "NanoCpus", &|nano| format!("{}", nano as f64 / 1e9));
    limit("processor shares", "CpuShares", &|shares| shares.to_string());
    limit("processes", "PidsLimit", &|most| most.to_string());
    for (label, key) in [("privileged", "Privileged"), ("read-only root", "ReadonlyRootfs")] {
        fields.extend(host[key].as_bool().filter(|is| *is).map(|_| plain(label, "yes")));
    }
    fields.extend(text(host, "CpusetCpus").map(|cpus| plain("on processors", cpus)));
    fields.extend(text(host, "NetworkMode").map(|mode| plain("network mode", mode)));
    fields
}

fn logging(json: &Json) -> Vec<Field> {
    let mut fields: Vec<_> = text(json, "Type")
        .map(|driver| plain("driver", driver))
        .into_iter()
        .collect();
    fields.extend(
        entries(&json["Config"]).map(|(name, value)| judged(name, value.as_str().unwrap_or_default())),
    );
    fields
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;
    use crate::fleet::model::{ContainerId, Details, HostId, RunState, Value};

    fn details(json: &serde_json::Value) -> Details {
        let id = ContainerId::parse(&"ab".repeat(32)).expect("an id");
        parse(HostId(0), id, json).expect("details")
    }

    fn whole() -> serde_json::Value {
        json!({
            "Created": "2026-11-27T15:56:17.461766876Z", "Path": "sh", "Args": ["-c", "exec app", "--password=arg-secret"],
            "State": {"Status": "exited", "OOMKilled": true, "ExitCode": 137, "StartedAt": "2026-11-27T15:56:17.794683812Z",
                "FinishedAt": "2026-11-27T16:00:00Z", "Health": {"Status": "unhealthy", "FailingStreak": 4, "Log": [
                {"End": "2026-11-27T15:59:59Z", "ExitCode": 1, "Output": "no\u{1b}[2J"}]}},
            "RestartCount": 3, "Image": "sha256:aa",
            "Config": {"Tty": true, "StopTimeout": 42, "Image": "shop:1", "Env": ["DB_PASSWORD=env-secret", "PLAIN=shown"],
                "Labels": {"billing.api-key": "label-secret", "team": "shop"}},
            "HostConfig": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5}, "Memory": 1_048_576,
                "LogConfig": {"Type": "fluentd", "Config": {"token": "log-secret"}}},
            "Mounts": [{"Type": "volume", "Name": "data", "Destination": "/data", "RW": false}],
            "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "::", "HostPort": "8080"}], "81/tcp": null},
                "Networks": {"front": {"IPAddress": "10.0.0.2", "Gateway": "10.0.0.1", "Aliases": ["web"]}}}
        })
    }

    #[test]
    fn the_facts_are_read() {
        let it = details(&whole());
        assert_eq!(
            (it.state, it.exit_code, it.oom_killed),
            (RunState::Exited, Some(137), true)
        );
        assert_eq!((it.restarts, it.tty, it.stop_timeout_s), (3, true, 42));
        assert_eq!(it.started_ms, Some(1_795_794_977_794));
        assert_eq!(it.started_at, "2026-11-27T15:56:17.794683812Z");
        let titles: Vec<_> = it.sections.iter().map(|section| section.title).collect();
        assert_eq!(
            titles,
            [
                "State",
                "Command",
                "Image",
                "Ports",
                "Mounts",
                "Networks",
                "Environment",
                "Labels",
                "Restart policy",
                "Health",
                "Resources",
                "Logging"
            ]
        );
    }

    #[test]
    fn secrets_are_masked_and_nothing_hostile_is_shown() {
        let it = details(&whole());
        let shown = format!("{:?}", it.sections);
        for secret in ["env-secret", "arg-secret", "label-secret", "log-secret", "\u{1b}"] {
            assert!(!shown.contains(secret), "{secret} is shown");
        }
        assert!(shown.contains("team") && shown.contains("10.0.0.2") && shown.contains("[::]:8080"));
        let environment = it
            .sections
            .iter()
            .find(|section| section.title == "Environment")
            .expect("a section");
        let Value::Masked(secret) = &environment.fields[0].value else {
            panic!("masked")
        };
        assert_eq!(secret.reveal().as_str(), "env-secret");
    }

    #[test]
    fn a_sparse_answer_is_enough() {
        let it = details(&json!({"State": {"Status": "created", "StartedAt": "0001-01-01T00:00:00Z"}}));
        assert_eq!((it.started_ms, it.exit_code, it.stop_timeout_s), (None, None, 10));
        let id = ContainerId::parse(&"ab".repeat(32)).expect("an id");
        assert!(parse(HostId(0), id, &json!({})).is_err());
        assert!(parse(HostId(0), id, &json!([1])).is_err());
    }
}
