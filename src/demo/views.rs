//! The engine's JSON: version, info, the list of containers, one container whole.

use std::time::Duration;

use hyper::Response;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::clock;
use super::containers::{Container, Phase};
use super::filters::Filters;
use super::refusal::Refusal;
use super::rng::Rng;
use super::spec::{Health, Port};
use super::state::State;
use super::wire::{self, Body, Query};

/// `GET /version`.
pub(super) fn version(state: &State) -> Value {
    let spec = &state.spec;
    json!({
        "Platform": { "Name": "Docker Engine - Community" },
        "Components": [{
            "Name": "Engine", "Version": spec.version,
            "Details": {
                "ApiVersion": spec.api_version, "Arch": "amd64", "BuildTime": "2025-07-02T20:57:08.000000000+00:00",
                "Experimental": "false", "GitCommit": "bea959c", "GoVersion": "go1.24.4",
                "KernelVersion": "6.1.0-37-amd64", "MinAPIVersion": spec.min_api_version, "Os": "linux",
            },
        }],
        "Version": spec.version, "ApiVersion": spec.api_version, "MinAPIVersion": spec.min_api_version,
        "GitCommit": "bea959c", "GoVersion": "go1.24.4", "Os": "linux", "Arch": "amd64",
        "KernelVersion": "6.1.0-37-amd64", "BuildTime": "2025-07-02T20:57:08.000000000+00:00",
    })
}

/// `GET /info`.
pub(super) fn info(state: &State) -> Value {
    let spec = &state.spec;
    let count = |test: fn(&Container) -> bool| state.containers.iter().filter(|c| test(c)).count();
    let running = count(|c| matches!(c.phase, Phase::Running | Phase::Restarting));
    let paused = count(|c| c.phase == Phase::Paused);
    let mut value = json!({
        "ID": spec.engine_id,
        "Containers": state.containers.len(),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": state.containers.len() - running - paused,
        "SystemTime": state.clock.now().to_string(),
        "CgroupVersion": spec.cgroup_version.to_string(),
        "OperatingSystem": spec.operating_system,
        "NCPU": spec.cpus, "MemTotal": spec.memory, "Name": spec.name, "ServerVersion": spec.version,
    });
    if let (Value::Object(all), Value::Object(same)) = (&mut value, machine()) {
        all.extend(same);
    }
    value
}

/// What is the same on all machines of the demo.
fn machine() -> Value {
    json!({
        "Images": 14, "Driver": "overlay2",
        "DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"]],
        "Plugins": { "Volume": ["local"], "Network": ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"],
                     "Authorization": null, "Log": ["json-file", "local", "journald", "syslog"] },
        "MemoryLimit": true, "SwapLimit": true, "PidsLimit": true, "IPv4Forwarding": true, "Debug": false,
        "OomKillDisable": false, "NFd": 48, "NGoroutines": 71, "NEventsListener": 1,
        "LoggingDriver": "json-file", "CgroupDriver": "systemd",
        "KernelVersion": "6.1.0-37-amd64", "OSVersion": "12", "OSType": "linux", "Architecture": "x86_64",
        "IndexServerAddress": "https://index.docker.io/v1/", "DockerRootDir": "/var/lib/docker",
        "HttpProxy": "", "HttpsProxy": "", "NoProxy": "", "Labels": [], "ExperimentalBuild": false,
        "Runtimes": { "runc": { "path": "runc" } }, "DefaultRuntime": "runc",
        "Swarm": { "NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false,
                   "Error": "", "RemoteManagers": null },
        "LiveRestoreEnabled": false, "Isolation": "", "InitBinary": "docker-init",
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
        "Warnings": null,
    })
}

const KNOWN_FILTERS: [&str; 15] = [
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];
const STATES: [&str; 7] = [
    "created",
    "running",
    "paused",
    "restarting",
    "removing",
    "exited",
    "dead",
];

/// `GET /containers/json`: the newest first.
pub(super) fn list(state: &State, query: &Query) -> Result<Response<Body>, Refusal> {
    let filters = Filters::parse(query.get("filters")).ok_or_else(|| Refusal::filters(state.api))?;
    if let Some(wrong) = wrong_filter(&filters) {
        let word = if state.api >= (1, 42) {
            "invalid filter"
        } else {
            "Invalid filter"
        };
        return Refusal::new(400, format!("{word} '{wrong}'"));
    }
    let limit = match query.get("limit").filter(|text| !text.is_empty()) {
        None => 0,
        Some(text) => text
            .parse::<i64>()
            .map_err(|_| Refusal::number(state.api, "Atoi", text))?,
    };
    let limit = usize::try_from(limit).unwrap_or(0);
    // A limit, or a filter that speaks of the state, reaches the stopped ones too.
    let all = query.flag("all") || limit > 0 || !filters.values("status").is_empty();
    let mut found: Vec<&Container> = state
        .containers
        .iter()
        .filter(|c| all || c.is_running() || c.phase == Phase::Restarting)
        .filter(|c| passes(c, &filters))
        .collect();
    found.sort_by_key(|c| std::cmp::Reverse(c.created));
    let shown = found.iter().take(if limit == 0 { usize::MAX } else { limit });
    let size = query.flag("size");
    Ok(wire::json(200, &shown.map(|c| summary(state, c, size)).collect()))
}

/// The first filter the engine does not know, or whose value it does not.
fn wrong_filter(filters: &Filters) -> Option<String> {
    let name = filters
        .names()
        .find(|name| !KNOWN_FILTERS.contains(name))
        .map(str::to_owned);
    let state = filters
        .values("status")
        .iter()
        .find(|word| !STATES.contains(&word.as_str()));
    name.or_else(|| state.map(|word| format!("status={word}")))
}

fn passes(container: &Container, filters: &Filters) -> bool {
    let matches = |pattern: &str, text: &str| Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
    let name = &container.spec.name;
    let health = container.health.map_or("none", Health::word);
    filters.any("id", |id| {
        container.id.starts_with(id) || matches(id, &container.id)
    }) && filters.any("name", |wanted| {
        wanted.trim_start_matches('/') == name
            || matches(wanted, name)
            || matches(wanted, &format!("/{name}"))
    }) && filters.any("status", |word| word == container.phase.word())
        && filters.any("health", |word| word == health)
        && filters.any("exited", |code| {
            container.finished.is_some() && !container.is_running() && code == container.exit_code.to_string()
        })
        && filters.any("network", |network| network == container.spec.network)
        && filters.any("ancestor", |image| {
            container.spec.image == image || container.spec.image.split(':').next() == Some(image)
        })
        && filters.labels(&container.spec.labels)
}

fn image_id(image: &str) -> String {
    format!("sha256:{}", Rng::named(23, image).hex(64))
}

fn address(container: &Container) -> String {
    if container.is_running() {
        format!("172.18.0.{}", 2 + Rng::named(5, &container.id).below(250))
    } else {
        String::new()
    }
}

fn network(container: &Container, whole: bool) -> Value {
    let running = container.is_running();
    let id = if running {
        Rng::named(17, &container.id).hex(64)
    } else {
        String::new()
    };
    let mut value = json!({
        "IPAMConfig": null, "Links": null, "Aliases": null, "DriverOpts": null,
        "NetworkID": container.network_id(), "EndpointID": id,
        "Gateway": if running { "172.18.0.1" } else { "" },
        "IPAddress": address(container), "IPPrefixLen": if running { 16 } else { 0 },
        "MacAddress": if running { "02:42:ac:12:00:05" } else { "" },
        "IPv6Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0,
    });
    if whole && container.spec.network != "bridge" {
        let service = container.spec.labels.get("com.docker.compose.service");
        value["Aliases"] = json!([container.spec.name, service]);
    }
    value
}

fn mounts(container: &Container) -> Value {
    container
        .spec
        .mounts
        .iter()
        .map(|mount| match &mount.volume {
            Some(name) => json!({
                "Type": "volume", "Name": name, "Source": mount.source, "Destination": mount.target,
                "Driver": "local", "Mode": "z", "RW": mount.writable, "Propagation": "",
            }),
            None => json!({
                "Type": "bind", "Source": mount.source, "Destination": mount.target,
                "Mode": if mount.writable { "" } else { "ro" }, "RW": mount.writable, "Propagation": "rprivate",
            }),
        })
        .collect()
}

fn summary(state: &State, container: &Container, size: bool) -> Value {
    let spec = &container.spec;
    let mut ports = Vec::new();
    for port in spec.ports.iter().filter(|_| container.is_running()) {
        match port.public {
            None => ports.push(json!({ "PrivatePort": port.private, "Type": port.protocol })),
            Some(public) => ports.extend(["0.0.0.0", "::"].map(|ip| {
                json!({ "IP": ip, "PrivatePort": port.private, "PublicPort": public, "Type": port.protocol })
            })),
        }
    }
    let mut value = json!({
        "Id": container.id,
        "Names": [format!("/{}", spec.name)],
        "Image": spec.image,
        "ImageID": image_id(&spec.image),
        "Command": command(&spec.command),
        "Created": container.created.as_second(),
        "Ports": ports,
        "Labels": spec.labels,
        "State": container.phase.word(),
        "Status": container.status(state.clock.now()),
        "HostConfig": { "NetworkMode": network_mode(container) },
        "NetworkSettings": { "Networks": { spec.network.as_str(): network(container, false) } },
        "Mounts": mounts(container),
    });
    if size {
        value["SizeRw"] = json!(12_288);
        value["SizeRootFs"] = json!(187_432_960);
    }
    value
}

/// Path and arguments on one line; an argument with a blank in it is quoted.
fn command(parts: &[String]) -> String {
    let quoted = parts.iter().enumerate().map(|(index, part)| {
        if index > 0 && part.contains(' ') {
            format!("'{part}'")
        } else {
            part.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn network_mode(container: &Container) -> &str {
    if container.spec.network == "bridge" {
        "default"
    } else {
        &container.spec.network
    }
}

fn key(port: &Port) -> String {
    format!("{}/{}", port.private, port.protocol)
}

/// `GET /containers/{id}/json`.
pub(super) fn inspect(state: &State, container: &Container) -> Value {
    let spec = &container.spec;
    let (path, arguments) = spec
        .command
        .split_first()
        .map_or(("", &[][..]), |(path, rest)| (path.as_str(), rest));
    let log_path = format!("/var/lib/docker/containers/{0}/{0}-json.log", container.id);
    json!({
        "Id": container.id,
        "Created": container.created.to_string(),
        "Path": path,
        "Args": arguments,
        "State": inspect_state(state, container),
        "Image": image_id(&spec.image),
        "ResolvConfPath": format!("/var/lib/docker/containers/{}/resolv.conf", container.id),
        "HostnamePath": format!("/var/lib/docker/containers/{}/hostname", container.id),
        "HostsPath": format!("/var/lib/docker/containers/{}/hosts", container.id),
        "LogPath": log_path,
        "Name": format!("/{}", spec.name),
        "RestartCount": container.restarts,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "", "ProcessLabel": "", "AppArmorProfile": "docker-default", "ExecIDs": null,
        "HostConfig": host_config(container),
        "GraphDriver": { "Data": null, "Name": "overlay2" },
        "Mounts": mounts(container),
        "Config": config(container),
        "NetworkSettings": network_settings(container),
    })
}

fn inspect_state(state: &State, container: &Container) -> Value {
    let phase = container.phase;
    let mut value = json!({
        "Status": phase.word(),
        "Running": container.is_running() || phase == Phase::Restarting,
        "Paused": phase == Phase::Paused,
        "Restarting": phase == Phase::Restarting,
        "OOMKilled": container.oom,
        "Dead": phase == Phase::Dead,
        "Pid": if container.is_running() { container.pid } else { 0 },
        "ExitCode": container.exit_code,
        "Error": "",
        "StartedAt": clock::rfc3339(container.started),
        "FinishedAt": clock::rfc3339(container.finished),
    });
    if let Some(health) = container.health {
        let bad = health == Health::Unhealthy;
        let log: Vec<Value> = probes(state, container)
            .into_iter()
            .map(|(start, end)| {
                json!({
                    "Start": start, "End": end, "ExitCode": i32::from(bad),
                    "Output": if bad { "curl: (28) Operation timed out after 3001 milliseconds\n" } else { "ok\n" },
                })
            })
            .collect();
        let streak = if bad { 3.max(log.len()) } else { 0 };
        value["Health"] = json!({ "Status": health.word(), "FailingStreak": streak, "Log": log });
    }
    value
}

/// The last five runs of the health check, thirty seconds apart from the start on: when each began and ended.
fn probes(state: &State, container: &Container) -> Vec<(String, String)> {
    let (Some(started), true) = (container.started, container.health != Some(Health::Starting)) else {
        return Vec::new();
    };
    let until = if container.is_running() {
        state.clock.now()
    } else {
        container.finished.unwrap_or(started)
    };
    let count = clock::age(until, started).as_secs() / 30;
    (count.saturating_sub(4).max(1)..=count.max(1))
        .map(|n| {
            let start = clock::after(started, Duration::from_secs(n * 30));
            (
                start.to_string(),
                clock::after(start, Duration::from_millis(83)).to_string(),
            )
        })
        .collect()
}

fn host_config(container: &Container) -> Value {
    let spec = &container.spec;
    let bindings: Map<String, Value> = spec
        .ports
        .iter()
        .filter_map(|port| {
            Some((
                key(port),
                json!([{ "HostIp": "", "HostPort": port.public?.to_string() }]),
            ))
        })
        .collect();
    let binds: Vec<String> = spec
        .mounts
        .iter()
        .map(|mount| {
            let source = mount.volume.as_ref().unwrap_or(&mount.source);
            format!(
                "{source}:{}:{}",
                mount.target,
                if mount.writable { "rw" } else { "ro" }
            )
        })
        .collect();
    json!({
        "Binds": binds, "ContainerIDFile": "",
        "LogConfig": { "Type": "json-file", "Config": {} },
        "NetworkMode": network_mode(container), "PortBindings": bindings,
        "RestartPolicy": { "Name": spec.restart, "MaximumRetryCount": spec.max_restarts },
        "AutoRemove": false, "VolumeDriver": "", "VolumesFrom": null, "CapAdd": null, "CapDrop": null,
        "Dns": [], "DnsOptions": [], "DnsSearch": [], "ExtraHosts": null, "IpcMode": "private",
        "PidMode": "", "Privileged": false, "PublishAllPorts": false, "ReadonlyRootfs": false,
        "SecurityOpt": null, "ShmSize": 67_108_864, "Runtime": "runc", "Memory": spec.memory_limit,
        "NanoCpus": 0, "CpuShares": 0, "PidsLimit": null, "Ulimits": null,
    })
}

fn config(container: &Container) -> Value {
    let spec = &container.spec;
    let exposed: Map<String, Value> = spec.ports.iter().map(|port| (key(port), json!({}))).collect();
    let mut value = json!({
        "Hostname": container.id.get(..12), "Domainname": "", "User": "",
        "AttachStdin": false, "AttachStdout": true, "AttachStderr": true, "ExposedPorts": exposed,
        "Tty": spec.tty, "OpenStdin": false, "StdinOnce": false,
        "Env": spec.env, "Cmd": spec.command, "Image": spec.image, "Volumes": null,
        "WorkingDir": "/", "Entrypoint": null, "OnBuild": null, "Labels": spec.labels, "StopSignal": "SIGTERM",
    });
    if let Some(health) = &spec.health {
        value["Healthcheck"] = json!({
            "Test": health.test, "Interval": 30_000_000_000_u64, "Timeout": 3_000_000_000_u64, "Retries": 3,
        });
    }
    value
}

fn network_settings(container: &Container) -> Value {
    let spec = &container.spec;
    let mut ports = Map::new();
    for port in spec.ports.iter().filter(|_| container.is_running()) {
        let bound = port.public.map(|public| {
            ["0.0.0.0", "::"].map(|ip| json!({ "HostIp": ip, "HostPort": public.to_string() }))
        });
        ports.insert(key(port), json!(bound));
    }
    json!({
        "Bridge": "", "SandboxID": "", "SandboxKey": "", "Ports": ports,
        "HairpinMode": false, "LinkLocalIPv6Address": "", "LinkLocalIPv6PrefixLen": 0,
        "EndpointID": "", "Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0,
        "IPAddress": if spec.network == "bridge" { address(container) } else { String::new() },
        "IPPrefixLen": 0, "IPv6Gateway": "", "MacAddress": "",
        "Networks": { spec.network.as_str(): network(container, true) },
    })
}
