//! From a request to its answer: version prefixes, the map of paths, the headers on everything, the faults.

use std::io;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response};

use super::faults::{Asked, Fault};
use super::orders::{self, Order};
use super::refusal::Refusal;
use super::state::Shared;
use super::wire::{self, Body, Query};
use super::{clock, events, logs, stats, views};

/// Answers one request, or fails it so that the connection ends.
pub(super) async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let method = request.method().clone();
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    shared.note(|state| {
        if state.spec.record {
            state.asked.push(Asked {
                method: method.clone(),
                path: path.clone(),
            });
        }
    });
    shared.thawed().await;
    let fault = shared.note(|state| state.faults.take(&method, &path));
    match &fault {
        Some(Fault::Refuse(status, message)) => {
            return Ok(dressed(&shared, wire::error(*status, message)));
        }
        Some(Fault::Delay(late)) => tokio::time::sleep(*late).await,
        _ => {}
    }
    shared.thawed().await;
    let response = match answer(&shared, &method, request.uri()).await {
        Some(Ok(response)) => dressed(&shared, response),
        Some(Err(refusal)) => dressed(&shared, refusal.response()),
        // A path that is not on the map never reaches what adds the headers.
        None => wire::error(404, "page not found"),
    };
    match fault {
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Hangup) => Err(io::Error::other("hung up on order")),
        Some(Fault::Truncate) => Ok(wire::truncated(response).await),
        Some(Fault::Garbage) => Ok(wire::garbage()),
        _ => Ok(response),
    }
}

/// Adds the headers that every answer of an engine has.
fn dressed(shared: &Shared, mut response: Response<Body>) -> Response<Body> {
    let (server, api, date) = shared.read(|state| {
        (
            format!("Docker/{} (linux)", state.spec.version),
            state.spec.api_version.clone(),
            clock::http_date(state.clock.now()),
        )
    });
    let headers = response.headers_mut();
    for (name, value) in [("server", server), ("api-version", api), ("date", date)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers.insert("ostype", HeaderValue::from_static("linux"));
    headers.insert("docker-experimental", HeaderValue::from_static("false"));
    response
}

/// The version a request speaks and the rest of its path, or the refusal of that version.
fn versioned<'a>(shared: &Shared, path: &'a str) -> Result<(wire::Version, &'a str), Box<Response<Body>>> {
    let asked = path.strip_prefix("/v").and_then(|rest| {
        let (version, rest) = rest.split_at(rest.find('/')?);
        Some((wire::version(version)?, version, rest))
    });
    shared.read(|state| {
        let Some((version, text, rest)) = asked else {
            return Ok((state.api, path));
        };
        let sentence = if version > state.api {
            let newest = &state.spec.api_version;
            format!("client version {text} is too new. Maximum supported API version is {newest}")
        } else if version < state.min_api {
            let oldest = &state.spec.min_api_version;
            format!(
                "client version {text} is too old. Minimum supported API version is {oldest}, \
                 please upgrade your client to a newer version"
            )
        } else {
            return Ok((version, rest));
        };
        // Whoever speaks so old a version is told in plain text.
        let plain = version < (1, 24);
        Err(Box::new(if plain {
            wire::text(400, sentence + "\n")
        } else {
            wire::error(400, &sentence)
        }))
    })
}

/// The answer to a request; `None` when its path is not on the map.
async fn answer(
    shared: &Arc<Shared>,
    method: &Method,
    uri: &hyper::Uri,
) -> Option<Result<Response<Body>, Refusal>> {
    let (api, path) = match versioned(shared, uri.path()) {
        Ok(found) => found,
        Err(refusal) => return Some(Ok(*refusal)),
    };
    let query = Query::parse(uri.query());
    let parts: Vec<String> = path
        .trim_start_matches('/')
        .split('/')
        .map(|part| wire::decode(part, false))
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Some(match (method.as_str(), parts.as_slice()) {
        ("GET" | "HEAD", ["_ping"]) => Ok(ping(api)),
        ("GET", ["version"]) => Ok(wire::json(200, &shared.read(views::version))),
        ("GET", ["info"]) => Ok(wire::json(200, &shared.read(views::info))),
        ("GET", ["events"]) => events::answer(shared, &query, api),
        ("GET", ["containers", "json"]) => shared.read(|state| views::list(state, &query)),
        ("GET", ["containers", name, "json"]) => {
            shared.read(|state| Ok(wire::json(200, &views::inspect(state, state.container(name)?))))
        }
        ("GET", ["containers", name, "logs"]) => logs::answer(shared, name, &query, api),
        ("GET", ["containers", name, "stats"]) => stats::answer(shared, name, &query, api).await,
        ("POST", ["containers", name, verb]) => match Order::parse(verb, &query)? {
            Ok(order) => orders::answer(shared, name, order).await,
            Err(refusal) => Err(refusal),
        },
        ("DELETE", ["containers", name]) => {
            orders::answer(
                shared,
                name,
                Order::Remove {
                    force: query.flag("force"),
                },
            )
            .await
        }
        _ => return None,
    })
}

fn ping(api: wire::Version) -> Response<Body> {
    let mut response = wire::text(200, "OK");
    let headers = response.headers_mut();
    headers.insert(
        "cache-control",
        HeaderValue::from_static("no-cache, no-store, must-revalidate"),
    );
    headers.insert("pragma", HeaderValue::from_static("no-cache"));
    if api >= (1, 42) {
        headers.insert("builder-version", HeaderValue::from_static("2"));
        headers.insert("swarm", HeaderValue::from_static("inactive"));
    }
    response
}
