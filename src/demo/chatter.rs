//! What the demo's programs say: one voice for each kind of program.

use std::time::Duration;

use jiff::Timestamp;

use super::clock;
use super::logs::{Log, Stream};
use super::rng::Rng;
use super::spec::ContainerSpec;

/// The manner in which a program talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// An access log, as a web server writes it.
    Access,
    /// JSON, one object a line.
    Json,
    /// `level=info msg="…"`, on standard error.
    Logfmt,
    /// A database server.
    Postgres,
    /// A cache server.
    Redis,
    /// Coloured levels, as development servers print them.
    Colour,
    /// A program that fails at its start, with a trace.
    Failing,
    /// A migration.
    Steps,
}

const PATHS: [&str; 8] = [
    "/",
    "/cart",
    "/checkout",
    "/api/items?page=2",
    "/api/items/7731",
    "/search?q=kettle",
    "/static/app.css",
    "/healthz",
];
const AGENTS: [&str; 3] = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "Shop-iOS/4.2"];
const JOBS: [&str; 5] = [
    "send-receipt",
    "resize-image",
    "sync-stock",
    "charge-card",
    "index-product",
];
const TABLES: [&str; 4] = ["orders", "items", "carts", "sessions"];

impl Voice {
    /// Line `number` of such a program, with its line end.
    pub(super) fn line(self, at: Timestamp, number: u64, rng: &mut Rng) -> (Stream, Vec<u8>) {
        let text = match self {
            Self::Access => access(at, rng),
            Self::Json => json(at, rng),
            Self::Logfmt => return (Stream::Stderr, ended(logfmt(at, rng))),
            Self::Postgres => return (Stream::Stderr, ended(postgres(at, rng))),
            Self::Redis => redis(at, rng),
            Self::Colour => colour(rng),
            Self::Failing => return failing(number),
            Self::Steps => steps(number),
        };
        (Stream::Stdout, ended(text))
    }
}

fn ended(mut text: String) -> Vec<u8> {
    text.push('\n');
    text.into_bytes()
}

/// `2026-11-27T16:01:50.113Z`
fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn access(at: Timestamp, rng: &mut Rng) -> String {
    let ip = format!("10.4.{}.{}", rng.below(4), 2 + rng.below(250));
    let when = at.strftime("%d/%b/%Y:%H:%M:%S +0000");
    let status = rng.pick(&[200, 200, 200, 200, 200, 304, 302, 404, 200, 200, 200, 502]);
    let (path, agent, size) = (rng.pick(&PATHS), rng.pick(&AGENTS), 180 + rng.below(24_000));
    let method = if matches!(path, "/cart" | "/checkout") {
        "POST"
    } else {
        "GET"
    };
    format!("{ip} - - [{when}] \"{method} {path} HTTP/1.1\" {status} {size} \"-\" \"{agent}\"")
}

fn json(at: Timestamp, rng: &mut Rng) -> String {
    let (time, path, order) = (stamp(at), rng.pick(&PATHS), 7000 + rng.below(2000));
    let request = rng.hex(12);
    match rng.below(24) {
        0 => format!(
            r#"{{"time":"{time}","level":"ERROR","msg":"upstream timed out","upstream":"payments","after_ms":5000,"order":{order},"request":"{request}"}}"#
        ),
        1 | 2 => format!(
            r#"{{"time":"{time}","level":"WARN","msg":"slow query","table":"{}","ms":{},"request":"{request}"}}"#,
            rng.pick(&TABLES),
            400 + rng.below(1200)
        ),
        _ => format!(
            r#"{{"time":"{time}","level":"INFO","msg":"request","method":"GET","path":"{path}","status":200,"ms":{},"request":"{request}"}}"#,
            2 + rng.below(60)
        ),
    }
}

fn logfmt(at: Timestamp, rng: &mut Rng) -> String {
    let (time, job, id) = (stamp(at), rng.pick(&JOBS), rng.hex(8));
    match rng.below(18) {
        0 => format!(
            r#"ts={time} level=error msg="job failed" job={job} id={id} err="connection reset by peer""#
        ),
        1 => format!(
            r#"ts={time} level=warn msg="queue is growing" queue=default depth={}"#,
            80 + rng.below(300)
        ),
        _ => format!(
            r#"ts={time} level=info msg="job done" job={job} id={id} took={}ms"#,
            5 + rng.below(900)
        ),
    }
}

fn postgres(at: Timestamp, rng: &mut Rng) -> String {
    let (when, pid) = (at.strftime("%Y-%m-%d %H:%M:%S%.3f UTC"), 30 + rng.below(900));
    match rng.below(12) {
        0 => format!("{when} [{pid}] ERROR:  duplicate key value violates unique constraint \"orders_pkey\""),
        1 => format!("{when} [27] LOG:  checkpoint starting: time"),
        2 => {
            let buffers = 20 + rng.below(400);
            format!(
                "{when} [27] LOG:  checkpoint complete: wrote {buffers} buffers (0.4%); write=4.112 s, sync=0.008 s"
            )
        }
        _ => {
            let (table, ms) = (rng.pick(&TABLES), 200 + rng.below(700));
            format!(
                "{when} [{pid}] LOG:  duration: {ms}.{:03} ms  statement: SELECT * FROM {table} WHERE id = $1",
                rng.below(1000)
            )
        }
    }
}

fn redis(at: Timestamp, rng: &mut Rng) -> String {
    let when = at.strftime("%d %b %Y %H:%M:%S%.3f");
    match rng.below(3) {
        0 => format!(
            "1:M {when} * {} changes in 300 seconds. Saving...",
            10 + rng.below(900)
        ),
        1 => format!(
            "1:M {when} * Background saving started by pid {}",
            20 + rng.below(9000)
        ),
        _ => format!("1:M {when} * Background saving terminated with success"),
    }
}

fn colour(rng: &mut Rng) -> String {
    let (path, ms) = (rng.pick(&PATHS), 1 + rng.below(90));
    match rng.below(14) {
        0 => format!(
            "\x1b[31mERROR\x1b[0m GET {path} \x1b[1;31m500\x1b[0m template not found: partials/banner"
        ),
        1 => format!(
            "\x1b[33mWARN\x1b[0m  session store is slow: {} ms",
            100 + rng.below(400)
        ),
        _ => format!("\x1b[32mINFO\x1b[0m  GET {path} \x1b[36m200\x1b[0m {ms}ms"),
    }
}

fn failing(number: u64) -> (Stream, Vec<u8>) {
    match number % 4 {
        0 => (Stream::Stdout, b"mailer 2.3.0 starting\n".to_vec()),
        1 => (Stream::Stdout, b"connecting to smtp.internal:587 ...\n".to_vec()),
        2 => (
            Stream::Stderr,
            b"ERROR dial tcp: lookup smtp.internal: no such host\n".to_vec(),
        ),
        _ => (Stream::Stderr, b"fatal: no mail transport, giving up\n".to_vec()),
    }
}

fn steps(number: u64) -> String {
    const STEPS: [&str; 5] = [
        "== 0041 add orders.currency: migrating",
        "-- add_column(:orders, :currency, :string, default: \"EUR\")   -> 0.0412s",
        "== 0041 add orders.currency: migrated (0.0420s)",
        "== 0042 index carts.updated_at: migrating",
        "== 0042 index carts.updated_at: migrated (1.8331s)",
    ];
    STEPS
        .get(number as usize)
        .copied()
        .unwrap_or("nothing to migrate")
        .to_owned()
}

/// The pause before the next line: from half to one and a half of the mean.
pub(super) fn pause(mean: Duration, rng: &mut Rng) -> Duration {
    mean / 2 + mean.mul_f64(rng.below(1000) as f64 / 1000.0)
}

/// Writes what a program had said up to `end`; returns how many lines that were.
pub(super) fn history(spec: &ContainerSpec, end: Timestamp, rng: &mut Rng, log: &mut Log) -> u64 {
    let Some(chatter) = spec.chatter else { return 0 };
    for number in 0..chatter.history {
        let turn = clock::before(end, chatter.every * (chatter.history - number));
        // Somewhere within its turn, so that it does not look like a clock.
        let at = clock::after(turn, chatter.every.mul_f64(rng.below(900) as f64 / 1000.0));
        let (stream, line) = chatter.voice.line(at, u64::from(number), rng);
        log.write(at, stream, &line);
    }
    u64::from(chatter.history)
}
