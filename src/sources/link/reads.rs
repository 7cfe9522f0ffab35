//! The list of reads: all that passes a read-only link.

use http::Method;

/// Whether a request only reads. `path` is the request target as it will be sent. What is not written exactly
/// as we write it (an escape, a dot segment, a double slash, another case) is not on the list.
pub(super) fn is_read(method: &Method, path: &str) -> bool {
    if *method != Method::GET && *method != Method::HEAD {
        return false;
    }
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let Some(path) = path.strip_prefix('/') else {
        return false;
    };
    let mut segments = path.split('/');
    let first = segments.next().unwrap_or_default();
    let subject = if is_version(first) {
        segments.next().unwrap_or_default()
    } else {
        first
    };
    let rest: Vec<&str> = segments.collect();
    match (subject, rest.as_slice()) {
        ("_ping" | "version" | "info" | "events", []) | ("containers", ["json"]) => true,
        ("containers", [id, "json" | "logs" | "stats"]) => is_id(id),
        _ => false,
    }
}

/// `v1.41`.
fn is_version(segment: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    segment
        .strip_prefix('v')
        .and_then(|version| version.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// A container's id or name.
fn is_id(segment: &str) -> bool {
    let mut bytes = segment.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use proptest::prelude::*;

    use super::is_read;

    #[test]
    fn reads_pass() {
        for path in [
            "/_ping",
            "/version",
            "/info",
            "/events?since=1&filters=%7B%7D",
            "/containers/json",
            "/containers/json?all=1",
            "/v1.41/containers/json?all=1",
            "/v1.51/_ping",
            "/containers/0123abcd/json",
            "/containers/web-1_a.b/logs?follow=1&stdout=1",
            "/v1.43/containers/0123abcd/stats?stream=false&one-shot=true",
        ] {
            assert!(is_read(&Method::GET, path), "{path}");
            assert!(is_read(&Method::HEAD, path), "{path}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for path in [
            "",
            "/",
            "//",
            "*",
            "_ping",
            "http://docker/_ping",
            "//_ping",
            "/_ping/",
            "/_PING",
            "/Containers/json",
            "/containers/JSON",
            "/containers//json",
            "/containers/./json",
            "/containers/../json",
            "/containers/a/../b/json",
            "/containers/a%2Fstart/json",
            "/containers/a%2e%2e/json",
            "/containers/%61/json",
            "/containers/a/json/",
            "/containers/a/json/x",
            "/containers/a/start",
            "/containers/a/stop",
            "/containers/a/kill",
            "/containers/a/exec",
            "/containers/a/attach",
            "/containers/a/attach/ws",
            "/containers/a/archive?path=/",
            "/containers/a/export",
            "/containers/a/top",
            "/containers/a/changes",
            "/containers/a b/json",
            "/containers/a\r\n/json",
            "/containers/a;b/json",
            "/containers/a#/json",
            "/containers/.a/json",
            "/containers/create?/json",
            "/containers/json/../create",
            "/containers/prune?x=/containers/json",
            "/images/json",
            "/volumes",
            "/secrets",
            "/swarm",
            "/session",
            "/grpc",
            "/auth",
            "/build",
            "/exec/a/json",
            "/v1.41",
            "/v1.41/",
            "/v1.41/v1.41/info",
            "/v1/info",
            "/v1.x/info",
            "/v.1/info",
            "/V1.41/info",
            "/v1.41.2/info",
            "/v11111.1/info",
            "/info#?",
            "/info%3F",
            "/info;x",
        ] {
            assert!(!is_read(&Method::GET, path), "{path:?}");
        }
    }

    #[test]
    fn only_get_and_head_read() {
        for method in [
            "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "get", "Head", "X",
        ] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            for path in [
                "/_ping",
                "/containers/json",
                "/containers/a/json",
                "/containers/a/logs",
            ] {
                assert!(!is_read(&method, path), "{method} {path}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_made_of_plain_segments(path in "[/a-zA-Z0-9%._?#;v-]{0,40}") {
            if is_read(&Method::GET, &path) {
                let bare = path.split('?').next().unwrap_or_default();
                prop_assert!(!bare.contains('%') && !bare.contains("//") && !bare.contains('#'));
                prop_assert!(["_ping", "version", "info", "events", "json", "logs", "stats"]
                    .contains(&bare.rsplit('/').next().unwrap_or_default()));
            }
        }
    }
}
