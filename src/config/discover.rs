//! Where hosts come from, when no file names any: `DOCKER_HOST`, Docker contexts, the local socket.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;
use super::file::{host_name, in_words, readable};
use super::paths::Paths;
use crate::fleet::model::{Endpoint, Env, HostSpec, TlsFiles};
use crate::fleet::text::Printable;

/// A host that may still lack a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) name: Option<String>,
    pub(super) endpoint: Endpoint,
    pub(super) env: Env,
    pub(super) tags: Vec<Printable>,
}

impl Candidate {
    fn at(name: Option<String>, endpoint: Endpoint) -> Self {
        Self {
            name,
            endpoint,
            env: Env::Production,
            tags: Vec::new(),
        }
    }
}

/// The environment variable, where it is set and says something.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads the `[NAME=]URL` of each `-H`. What was written is not repeated: it may hold a secret.
pub(super) fn from_arguments(arguments: &[String], paths: &Paths) -> Result<Vec<Candidate>, ConfigError> {
    let mut hosts: Vec<Candidate> = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let wrong = |why: &str| ConfigError(format!("-H number {}: {why}", index + 1));
        let (name, url) = match argument.split_once('=') {
            Some((name, url)) if !name.contains("://") => (Some(name), url),
            _ => (None, argument.as_str()),
        };
        let name = name.map(host_name).transpose().map_err(wrong)?;
        if name.is_some() && hosts.iter().any(|host| host.name == name) {
            return Err(wrong("its name is already the name of another host"));
        }
        let tls = if url.starts_with("tcp://") {
            environment_tls(paths)?
        } else {
            None
        };
        let endpoint = Endpoint::parse(url, tls).map_err(|why| wrong(&why.0))?;
        hosts.push(Candidate::at(name, endpoint));
    }
    Ok(hosts)
}

/// All that this machine knows of; what cannot be used is noted.
pub(super) fn from_environment(
    paths: &Paths,
    notes: &mut Vec<String>,
) -> Result<Vec<Candidate>, ConfigError> {
    let mut hosts = Vec::new();
    if let Some(url) = variable("DOCKER_HOST") {
        let tls = if url.starts_with("tcp://") {
            environment_tls(paths)?
        } else {
            None
        };
        let endpoint =
            Endpoint::parse(&url, tls).map_err(|why| ConfigError(format!("DOCKER_HOST: {why}")))?;
        hosts.push(Candidate::at(None, endpoint));
    }
    if let Some(directory) = docker_directory(paths) {
        hosts.extend(contexts(&directory.join("contexts"), notes));
    }
    let rootless = variable("XDG_RUNTIME_DIR").map(|dir| Path::new(&dir).join("docker.sock"));
    for socket in [Some(PathBuf::from("/var/run/docker.sock")), rootless]
        .into_iter()
        .flatten()
    {
        if socket.exists() {
            hosts.push(Candidate::at(None, Endpoint::Unix(socket)));
        }
    }
    Ok(hosts)
}

fn docker_directory(paths: &Paths) -> Option<PathBuf> {
    variable("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| Some(paths.home.as_ref()?.join(".docker")))
}

/// TLS as `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` ask for it.
fn environment_tls(paths: &Paths) -> Result<Option<TlsFiles>, ConfigError> {
    if variable("DOCKER_TLS_VERIFY").is_none() {
        return Ok(None);
    }
    let Some(directory) = variable("DOCKER_CERT_PATH")
        .map(PathBuf::from)
        .or_else(|| docker_directory(paths))
    else {
        return Ok(Some(TlsFiles::default()));
    };
    let tls = tls_in(&directory);
    for path in [&tls.ca, &tls.cert, &tls.key].into_iter().flatten() {
        readable(path).map_err(|error| {
            let why = in_words(&error);
            ConfigError(format!("DOCKER_CERT_PATH: cannot read {}: {why}", path.display()))
        })?;
    }
    if variable("DOCKER_CERT_PATH").is_some() && tls.ca.is_none() {
        let path = directory.join("ca.pem");
        return Err(ConfigError(format!(
            "DOCKER_CERT_PATH: cannot read {}: there is no such file",
            path.display()
        )));
    }
    Ok(Some(tls))
}

/// The TLS files of a directory, as Docker names them.
fn tls_in(directory: &Path) -> TlsFiles {
    let file = |name| Some(directory.join(name)).filter(|path: &PathBuf| path.exists());
    TlsFiles {
        ca: file("ca.pem"),
        cert: file("cert.pem"),
        key: file("key.pem"),
    }
}

/// What we need of a context's `meta.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    name: String,
    #[serde(default)]
    endpoints: HashMap<String, MetaEndpoint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetaEndpoint {
    #[serde(default)]
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// The contexts of Docker's store, by name. Each is a directory named by the hash of the context's name,
/// with `meta.json` under `meta/` and, where it has any, TLS files under `tls/`.
fn contexts(store: &Path, notes: &mut Vec<String>) -> Vec<Candidate> {
    let mut hosts = Vec::new();
    for entry in fs::read_dir(store.join("meta")).into_iter().flatten().flatten() {
        let path = entry.path().join("meta.json");
        let mut skip =
            |why: String| notes.push(format!("{}: {why}; this context is left out", path.display()));
        let meta: Meta = match fs::read(&path).map(|text| serde_json::from_slice(&text)) {
            Ok(Ok(meta)) => meta,
            Ok(Err(_)) => {
                skip("not a context's description".to_owned());
                continue;
            }
            Err(error) => {
                skip(in_words(&error));
                continue;
            }
        };
        let Some(endpoint) = meta
            .endpoints
            .get("docker")
            .filter(|endpoint| !endpoint.host.is_empty())
        else {
            continue;
        };
        let tls = tls_in(&store.join("tls").join(entry.file_name()).join("docker"));
        let tls = (tls != TlsFiles::default() || endpoint.skip_tls_verify).then_some(tls);
        let tls = tls.filter(|_| endpoint.host.starts_with("tcp://"));
        match (host_name(&meta.name), Endpoint::parse(&endpoint.host, tls)) {
            (Ok(name), Ok(endpoint)) => hosts.push(Candidate::at(Some(name), endpoint)),
            (Err(why), _) => skip(why.to_owned()),
            (_, Err(why)) => skip(why.0),
        }
    }
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    hosts
}

/// Makes hosts of candidates: two names of one endpoint are one host, and every host has a name of its own.
pub(super) fn settle(candidates: Vec<Candidate>, notes: &mut Vec<String>) -> Vec<HostSpec> {
    let mut kept: Vec<(String, Candidate)> = Vec::new();
    for candidate in candidates {
        let place = place(&candidate.endpoint);
        match kept.iter_mut().find(|(known, _)| *known == place) {
            None => kept.push((place, candidate)),
            Some((_, first)) => {
                if let (Some(a), Some(b)) = (&first.name, &candidate.name) {
                    notes.push(format!("{b} is the same endpoint as {a} and is left out"));
                }
                first.name = first.name.take().or(candidate.name);
            }
        }
    }
    let kept: Vec<Candidate> = kept.into_iter().map(|(_, candidate)| candidate).collect();
    let names: Vec<String> = (0..kept.len()).map(|at| name(&kept, at)).collect();
    let hosts = kept.into_iter().zip(names);
    let host = |(candidate, name): (Candidate, String)| HostSpec {
        name: Printable::clean(&name),
        endpoint: candidate.endpoint,
        env: candidate.env,
        tags: candidate.tags,
    };
    hosts.map(host).collect()
}

/// The endpoint as one text: names of one place are equal.
fn place(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Unix(path) => fs::canonicalize(path)
            .unwrap_or_else(|_| path.clone())
            .display()
            .to_string(),
        other => other.to_string().to_lowercase(),
    }
}

/// A candidate's own name, else the shortest one of its URL that no other host has.
fn name(all: &[Candidate], at: usize) -> String {
    if let Some(name) = &all[at].name {
        return name.clone();
    }
    let names = short_and_long(&all[at].endpoint);
    let others = || {
        all.iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, other)| other)
    };
    let free = |name: &String| {
        others().all(|other| match &other.name {
            Some(taken) => taken != name,
            None => !short_and_long(&other.endpoint).contains(name),
        })
    };
    let whole = || all[at].endpoint.to_string();
    names.into_iter().find(free).unwrap_or_else(whole)
}

fn short_and_long(endpoint: &Endpoint) -> [String; 2] {
    match endpoint {
        Endpoint::Unix(path) => {
            let parent = path.parent().and_then(Path::file_name).unwrap_or_default();
            ["local".to_owned(), format!("local:{}", parent.to_string_lossy())]
        }
        Endpoint::Tcp { host, port, .. } => [host.clone(), format!("{host}:{port}")],
        Endpoint::Ssh { user, host, port } => {
            let user = user.as_ref().map_or(String::new(), |user| format!("{user}@"));
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            [host.clone(), format!("{user}{host}{port}")]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, from_arguments, settle};
    use crate::config::paths::Paths;

    fn names(urls: &[&str]) -> Vec<String> {
        let urls: Vec<String> = urls.iter().map(|url| (*url).to_owned()).collect();
        let hosts: Vec<Candidate> = from_arguments(&urls, &Paths::default()).expect("good URLs");
        settle(hosts, &mut Vec::new())
            .iter()
            .map(|host| host.name.to_string())
            .collect()
    }

    #[test]
    fn names_come_from_urls_and_are_unique() {
        assert_eq!(
            names(&["tcp://a", "ssh://ops@b", "unix:///run/d.sock"]),
            ["a", "b", "local"]
        );
        assert_eq!(names(&["tcp://a:1", "tcp://a:2"]), ["a:1", "a:2"]);
        assert_eq!(names(&["ssh://x@a", "ssh://y@a"]), ["x@a", "y@a"]);
        assert_eq!(names(&["a=tcp://b", "tcp://a"]), ["a", "a:2375"]);
        assert_eq!(
            names(&["unix:///one/d.sock", "unix:///two/d.sock"]),
            ["local:one", "local:two"]
        );
    }

    #[test]
    fn two_names_of_one_endpoint_are_one_host() {
        assert_eq!(names(&["tcp://a:2375", "web=tcp://A"]), ["web"]);
        assert_eq!(names(&["one=tcp://a:2375", "two=tcp://a"]), ["one"]);
        assert_eq!(names(&["tcp://a:1", "tcp://a:2"]).len(), 2);
    }

    #[test]
    fn a_bad_argument_is_named_by_number_and_not_repeated() {
        let arguments = ["tcp://a".to_owned(), "ssh://ops:hunter2@b".to_owned()];
        let error = from_arguments(&arguments, &Paths::default())
            .expect_err("a password")
            .to_string();
        assert_eq!(error, "-H number 2: a password does not belong in a URL");
    }
}
