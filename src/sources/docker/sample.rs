//! `GET /containers/{id}/stats?one-shot=true`: only the counters that are shown.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::stamp;
use crate::fleet::model::{ErrorKind, Sample, SourceError};

#[derive(Deserialize)]
struct Stats<'a> {
    #[serde(borrow, default)]
    read: Cow<'a, str>,
    #[serde(default, rename = "cpu_stats")]
    cpu: Cpu,
    #[serde(default, rename = "memory_stats")]
    memory: Memory,
    #[serde(borrow, default)]
    networks: Option<HashMap<Cow<'a, str>, Network>>,
}

#[derive(Deserialize, Default)]
struct Cpu {
    #[serde(default)]
    cpu_usage: CpuUsage,
}

#[derive(Deserialize, Default)]
struct CpuUsage {
    #[serde(default)]
    total_usage: u64,
}

#[derive(Deserialize, Default)]
struct Memory {
    #[serde(default)]
    usage: u64,
    #[serde(default)]
    limit: u64,
    #[serde(default)]
    stats: Option<Cache>,
}

#[derive(Deserialize, Default)]
struct Cache {
    /// cgroup v1, with the groups below.
    total_inactive_file: Option<u64>,
    /// cgroup v2 (and v1 without the groups below).
    inactive_file: Option<u64>,
}

#[derive(Deserialize)]
struct Network {
    #[serde(default)]
    rx_bytes: u64,
    #[serde(default)]
    tx_bytes: u64,
}

/// Reads a sample. A container that does not run has none.
pub(super) fn parse(json: &[u8]) -> Result<Sample, SourceError> {
    let stats: Stats<'_> = serde_json::from_slice(json)
        .map_err(|_| SourceError::new(ErrorKind::Protocol, "the statistics are not readable"))?;
    let Some(read_ns) = stamp::parse_ns(stats.read.as_bytes()) else {
        return Err(SourceError::new(
            ErrorKind::Engine,
            "it is not running: there are no statistics",
        ));
    };
    let networks = stats.networks.unwrap_or_default();
    Ok(Sample {
        read_ns,
        cpu_ns: stats.cpu.cpu_usage.total_usage,
        memory: used(&stats.memory),
        memory_limit: stats.memory.limit,
        net_rx: networks
            .values()
            .fold(0, |sum, net| sum.saturating_add(net.rx_bytes)),
        net_tx: networks
            .values()
            .fold(0, |sum, net| sum.saturating_add(net.tx_bytes)),
    })
}

/// Without the page cache that can be given back, as the `docker` command counts.
fn used(memory: &Memory) -> u64 {
    let cache = memory
        .stats
        .as_ref()
        .and_then(|stats| stats.total_inactive_file.or(stats.inactive_file))
        .unwrap_or(0);
    if cache < memory.usage {
        memory.usage - cache
    } else {
        memory.usage
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::fleet::model::ErrorKind;

    #[test]
    fn counters_are_read() {
        let json = br#"{"read":"2026-11-27T16:03:57.95179508Z","cpu_stats":{"cpu_usage":{"total_usage":25,"percpu_usage":[1]}},
            "memory_stats":{"usage":1000,"limit":5000,"stats":{"inactive_file":1,"total_inactive_file":300}},
            "networks":{"eth0":{"rx_bytes":1,"tx_bytes":2},"eth1":{"rx_bytes":10,"tx_bytes":20}}}"#;
        let sample = parse(json).expect("a sample");
        assert_eq!(sample.read_ns, 1_795_795_437_951_795_080);
        assert_eq!(
            (sample.cpu_ns, sample.memory, sample.memory_limit),
            (25, 700, 5000)
        );
        assert_eq!((sample.net_rx, sample.net_tx), (11, 22));
    }

    #[test]
    fn cgroup_v2_and_no_network_are_read() {
        let json =
            br#"{"read":"2026-11-27T16:03:57Z","memory_stats":{"usage":1000,"stats":{"inactive_file":400}}}"#;
        let sample = parse(json).expect("a sample");
        assert_eq!((sample.memory, sample.memory_limit, sample.net_rx), (600, 0, 0));
    }

    #[test]
    fn a_container_that_does_not_run_has_none() {
        let json = br#"{"read":"0001-01-01T00:00:00Z","cpu_stats":{},"memory_stats":{}}"#;
        assert_eq!(parse(json).expect_err("stopped").kind, ErrorKind::Engine);
        assert_eq!(parse(b"x").expect_err("garbage").kind, ErrorKind::Protocol);
    }
}
