//! Statistics of a container.

/// One reading, as the engine gives it: counters since the container's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// When it was read, in nanoseconds of the engine's clock.
    pub read_ns: i64,
    /// Processor time used, in nanoseconds.
    pub cpu_ns: u64,
    /// Memory in use without the page cache that can be given back, in bytes.
    pub memory: u64,
    /// Memory limit in bytes; 0 where the engine names none.
    pub memory_limit: u64,
    /// Bytes received on all networks.
    pub net_rx: u64,
    /// Bytes sent on all networks.
    pub net_tx: u64,
}

/// What is shown: rates between our own two last samples.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Per cent of one processor; `None` until there are two samples.
    pub cpu: Option<f32>,
    /// Bytes.
    pub memory: u64,
    /// Bytes; 0 where there is no limit.
    pub memory_limit: u64,
    /// Bytes per second received and sent; `None` until there are two samples.
    pub net: Option<(u64, u64)>,
}

impl Usage {
    /// Usage between two samples of one container. A counter that fell (the container was started
    /// again) or a clock that stood still gives no rate.
    pub fn between(before: Option<&Sample>, after: &Sample) -> Self {
        let rates = before.and_then(|before| {
            let ns = u64::try_from(after.read_ns.checked_sub(before.read_ns)?)
                .ok()
                .filter(|ns| *ns > 0)?;
            let cpu = after.cpu_ns.checked_sub(before.cpu_ns)? as f64 * 100.0 / ns as f64;
            let rate =
                |after: u64, before: u64| Some((after.checked_sub(before)? as f64 * 1e9 / ns as f64) as u64);
            Some((
                cpu as f32,
                (
                    rate(after.net_rx, before.net_rx)?,
                    rate(after.net_tx, before.net_tx)?,
                ),
            ))
        });
        Self {
            cpu: rates.map(|r| r.0),
            memory: after.memory,
            memory_limit: after.memory_limit,
            net: rates.map(|r| r.1),
        }
    }
}
