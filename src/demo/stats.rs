//! What containers use, and `GET /containers/{id}/stats`.
//!
//! Use wanders as a sum of two slow waves around its mean. Processor time is the integral of that, in
//! closed form, so that any two samples agree and a clock that stands still gives the same numbers.

use std::f64::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock;
use super::containers::Container;
use super::refusal::Refusal;
use super::rng::Rng;
use super::state::{Shared, State};
use super::wire::{self, Body, Query};

/// How much of its mean each wave takes, and for how many seconds.
const WAVES: [(f64, f64); 2] = [(0.35, 47.0), (0.2, 13.0)];

/// The use of one container since a moment.
#[derive(Clone, Debug)]
pub(super) struct Load {
    cpu: f64,
    pub(super) memory: u64,
    since: Timestamp,
    /// Processor seconds used before `since`.
    carried: f64,
    phase: f64,
}

impl Load {
    pub(super) fn new(id: &str, cpu: f64, memory: u64, since: Timestamp) -> Self {
        let phase = Rng::named(3, id).below(1000) as f64 / 1000.0 * TAU;
        Self {
            cpu,
            memory,
            since,
            carried: 0.0,
            phase,
        }
    }

    /// Changes the means; the time used so far stays used.
    pub(super) fn set(&mut self, now: Timestamp, cpu: f64, memory: u64) {
        self.carried = self.cpu_seconds(now);
        (self.cpu, self.memory, self.since) = (cpu, memory, now);
    }

    fn cpu_seconds(&self, now: Timestamp) -> f64 {
        let t = clock::age(now, self.since).as_secs_f64();
        let waves: f64 = WAVES
            .iter()
            .map(|(share, period)| {
                let integral = |t: f64| -(t / period * TAU + self.phase).cos() * period / TAU;
                share * (integral(t) - integral(0.0))
            })
            .sum();
        self.carried + self.cpu / 100.0 * (t + waves)
    }

    fn memory_at(&self, now: Timestamp) -> u64 {
        let t = clock::age(now, self.since).as_secs_f64();
        let swing = (t / 61.0 * TAU + self.phase).sin() * 0.04;
        (self.memory as f64 * (1.0 + swing)) as u64
    }
}

/// A sample without its predecessor. A container that does not run has an empty one, as the engine says it.
fn sample(state: &State, container: &Container, now: Timestamp) -> Value {
    let name = format!("/{}", container.spec.name);
    if !container.is_running() {
        return json!({
            "read": clock::rfc3339(None), "preread": clock::rfc3339(None), "pids_stats": {},
            "blkio_stats": blkio(&[]), "num_procs": 0, "storage_stats": {}, "cpu_stats": no_cpu(),
            "precpu_stats": no_cpu(), "memory_stats": {}, "name": name, "id": container.id,
        });
    }
    let load = &container.load;
    let uptime = clock::age(now, container.started.unwrap_or(now)).as_secs();
    let seconds = load.cpu_seconds(now).max(0.0);
    let total = (seconds * 1e9) as u64;
    let system = (clock::age(now, state.booted).as_nanos() as u64).saturating_mul(u64::from(state.spec.cpus));
    let traffic = (seconds * 90_000.0) as u64;
    let limit = if container.spec.memory_limit == 0 {
        state.spec.memory
    } else {
        container.spec.memory_limit
    };
    let mut value = json!({
        "read": now.to_string(),
        "preread": clock::rfc3339(None),
        "pids_stats": { "current": 3 + container.pid % 14, "limit": 18_446_744_073_709_551_615_u64 },
        "blkio_stats": blkio(&[("read", 4_194_304 + traffic / 7), ("write", traffic / 3)]),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": {
            "cpu_usage": {
                "total_usage": total,
                "usage_in_kernelmode": total / 4,
                "usage_in_usermode": total - total / 4,
            },
            "system_cpu_usage": system,
            "online_cpus": state.spec.cpus,
            "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 },
        },
        "precpu_stats": no_cpu(),
        "memory_stats": memory(state.spec.cgroup_version, load.memory_at(now), limit),
        "name": name,
        "id": container.id,
        "networks": { "eth0": {
            "rx_bytes": 1_200 + traffic + uptime * 40, "rx_packets": 12 + traffic / 800,
            "rx_errors": 0, "rx_dropped": 0,
            "tx_bytes": 700 + traffic / 2 + uptime * 11, "tx_packets": 8 + traffic / 1100,
            "tx_errors": 0, "tx_dropped": 0,
        } },
    });
    if state.spec.cgroup_version == 1 {
        let share = total / u64::from(state.spec.cpus.max(1));
        value["cpu_stats"]["cpu_usage"]["percpu_usage"] = json!(vec![share; state.spec.cpus as usize]);
    }
    value
}

/// What went to and from the disks; without any operation, the shape of what does not run.
fn blkio(operations: &[(&str, u64)]) -> Value {
    let none = if operations.is_empty() {
        Value::Null
    } else {
        json!([])
    };
    let bytes = |(op, value): &(&str, u64)| json!({ "major": 8, "minor": 0, "op": op, "value": value });
    let bytes = if operations.is_empty() {
        Value::Null
    } else {
        operations.iter().map(bytes).collect()
    };
    json!({
        "io_service_bytes_recursive": bytes, "io_serviced_recursive": none, "io_queue_recursive": none,
        "io_service_time_recursive": none, "io_wait_time_recursive": none, "io_merged_recursive": none,
        "io_time_recursive": none, "sectors_recursive": none,
    })
}

fn no_cpu() -> Value {
    json!({
        "cpu_usage": { "total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0 },
        "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 },
    })
}

/// Used memory with a quarter of page cache on top, in the shape of the machine's control groups.
fn memory(cgroup: u8, used: u64, limit: u64) -> Value {
    let cache = used / 4;
    if cgroup == 1 {
        json!({
            "usage": used + cache, "max_usage": used + cache * 2, "limit": limit,
            "stats": {
                "cache": cache, "rss": used, "total_cache": cache, "total_rss": used,
                "inactive_file": cache, "total_inactive_file": cache, "active_file": 0, "total_active_file": 0,
                "hierarchical_memory_limit": limit, "pgfault": 2211, "pgmajfault": 3,
            },
        })
    } else {
        json!({
            "usage": used + cache, "limit": limit,
            "stats": {
                "active_anon": used, "active_file": 0, "anon": used, "file": cache, "inactive_anon": 0,
                "inactive_file": cache, "kernel_stack": 49152, "pgfault": 2211, "pgmajfault": 3, "slab": 393_216,
            },
        })
    }
}

struct Reader {
    shared: Arc<Shared>,
    id: String,
    last: Option<Value>,
}

impl Reader {
    fn sample(&self) -> Option<Value> {
        self.shared
            .read(|state| Some(sample(state, state.by_id(&self.id)?, state.clock.now())))
    }

    async fn next(mut self) -> Option<(Bytes, Self)> {
        if self.last.is_some() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.shared.thawed().await;
        let now = self.sample()?;
        let line = format!("{}\n", joined(now.clone(), self.last.as_ref()));
        self.last = Some(now);
        Some((Bytes::from(line), self))
    }
}

/// A sample that carries its predecessor's processor time.
fn joined(mut now: Value, last: Option<&Value>) -> Value {
    if let Some(last) = last {
        now["preread"] = last["read"].clone();
        now["precpu_stats"] = last["cpu_stats"].clone();
    }
    now
}

/// `GET /containers/{id}/stats`: a stream, two samples a second apart, or one at once (`one-shot`).
pub(super) async fn answer(
    shared: &Arc<Shared>,
    name: &str,
    query: &Query,
    api: wire::Version,
) -> Result<Response<Body>, Refusal> {
    let streaming = query.get("stream").is_none_or(wire::is_true);
    let one_shot = query.flag("one-shot") && api >= (1, 41);
    if streaming && one_shot {
        return Refusal::new(400, "cannot have stream=true and one-shot=true");
    }
    let (id, running) = shared.read(|state| state.container(name).map(|c| (c.id.clone(), c.is_running())))?;
    let reader = Reader {
        shared: Arc::clone(shared),
        id,
        last: None,
    };
    if streaming {
        return Ok(wire::stream(
            Some("application/json"),
            futures_util::stream::unfold(reader, Reader::next),
        ));
    }
    let mut last = None;
    if running && !one_shot {
        last = reader.sample();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let now = reader
        .sample()
        .ok_or_else(|| Refusal(404, format!("No such container: {name}")))?;
    Ok(wire::json(200, &joined(now, last.as_ref())))
}
