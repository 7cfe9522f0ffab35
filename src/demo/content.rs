//! The demo's fleet: a small shop on two machines.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::spec::{ContainerSpec, EngineSpec, Health, Start};
use super::{Clock, Control, Engine, Voice};

/// A running demo fleet. Dropping it ends its engines.
#[derive(Debug)]
pub struct Fleet {
    hosts: Vec<(String, Engine, Option<&'static str>)>,
}

impl Fleet {
    /// Starts the fleet on sockets in `dir`, which is made for this user alone when it is not there; the fleet
    /// lives from now on.
    pub async fn start(dir: &Path) -> io::Result<Self> {
        Self::with_clock(dir, Clock::Real).await
    }

    /// Starts the fleet as it is at `at`, where it stays: two runs give the same picture.
    pub async fn still(dir: &Path, at: Timestamp) -> io::Result<Self> {
        Self::with_clock(dir, Clock::Fixed(at)).await
    }

    async fn with_clock(dir: &Path, clock: Clock) -> io::Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)?;
        let mut hosts = Vec::new();
        for (mut spec, env) in [(web(), None), (db(), Some("dev"))] {
            spec.clock = clock;
            spec.record = false;
            let name = spec.name.clone();
            let engine = Engine::serve_unix(spec, &dir.join(format!("{name}.sock"))).await?;
            hosts.push((name, engine, env));
        }
        Ok(Self { hosts })
    }

    /// Its hosts: name, URL, and environment (`dev` is treated more lightly than the rest).
    pub fn hosts(&self) -> Vec<(String, String, Option<&'static str>)> {
        self.hosts
            .iter()
            .map(|(name, engine, env)| (name.clone(), engine.url(), *env))
            .collect()
    }

    /// The hand over one of its hosts.
    pub fn control(&self, host: &str) -> Option<Control> {
        self.hosts
            .iter()
            .find(|(name, ..)| name == host)
            .map(|(_, engine, _)| engine.control())
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const MIB: u64 = 1 << 20;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn web() -> EngineSpec {
    let health = |port: u16| format!("curl -fsS http://localhost:{port}/healthz || exit 1");
    let api = |colour: &str, version: &str| {
        ContainerSpec::new(
            &format!("shop-api-{colour}"),
            &format!("registry.shop.example/shop/api:{version}"),
        )
        .command("/usr/local/bin/api --listen 0.0.0.0:8080")
        .compose("shop", "api")
        .label("wheelhouse.app", "shop")
        .label("wheelhouse.colour", colour)
        .label("org.opencontainers.image.version", version)
        .env("DATABASE_URL=postgres://shop:correct-horse@db-1:5432/shop")
        .env("PAYMENTS_API_KEY=sk_demo_51Hx0000000000000000")
        .env("LOG_LEVEL=info")
        .restart("unless-stopped")
        .stops(Duration::from_millis(1200), 0)
    };
    let mut flapping = api("blue", "1.8.2")
        .port(8080, Some(8081))
        .start(Start::Running(2 * DAY + 3 * HOUR))
        .created(9 * DAY)
        .load(81.0, 412 * MIB)
        .health(Health::Unhealthy, &health(8080))
        .talks(Voice::Json, Duration::from_millis(900), 400);
    if let Some(health) = &mut flapping.health {
        health.turns = Some(95 * seconds(1));
    }
    EngineSpec::named("web-1")
        .with(
            ContainerSpec::new("edge-proxy", "haproxy:3.0-alpine")
                .command("haproxy -W -db -f /usr/local/etc/haproxy/haproxy.cfg")
                .compose("edge", "proxy")
                .port(80, Some(80))
                .port(443, Some(443))
                .port(8404, None)
                .bind("/etc/haproxy/haproxy.cfg", "/usr/local/etc/haproxy/haproxy.cfg")
                .restart("always")
                .start(Start::Running(23 * DAY))
                .created(23 * DAY)
                .load(4.5, 38 * MIB)
                .talks(Voice::Access, Duration::from_millis(700), 500),
        )
        .with(
            ContainerSpec::new("shop-web-1", "registry.shop.example/shop/web:1.8.2")
                .command("nginx -c /etc/nginx/nginx.conf")
                .compose("shop", "web")
                .port(3000, Some(3000))
                .restart("unless-stopped")
                .start(Start::Running(2 * DAY + 4 * HOUR))
                .created(9 * DAY)
                .load(6.2, 61 * MIB)
                .health(Health::Healthy, &health(3000))
                .talks(Voice::Access, Duration::from_millis(1300), 300),
        )
        .with(
            ContainerSpec::new("shop-worker-1", "registry.shop.example/shop/worker:1.8.2")
                .command("/usr/local/bin/worker --queues default,mail --concurrency 8")
                .compose("shop", "worker")
                .env("REDIS_URL=redis://:hunter2@db-1:6379/0")
                .env("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
                .start(Start::Exited(137, 3 * MINUTE))
                .created(9 * DAY)
                .load(22.0, 240 * MIB)
                .talks(Voice::Logfmt, seconds(2), 240),
        )
        .with(flapping)
        .with(
            api("green", "1.9.0")
                .port(8080, Some(8082))
                .start(Start::Running(4 * MINUTE))
                .created(4 * MINUTE)
                .load(3.1, 98 * MIB)
                .health(Health::Healthy, &health(8080))
                .talks(Voice::Json, seconds(3), 60),
        )
        .with(
            ContainerSpec::new("shop-mailer-1", "registry.shop.example/shop/mailer:2.3.0")
                .command("/usr/local/bin/mailer")
                .compose("shop", "mailer")
                .env("SMTP_PASSWORD=demo-only-not-a-secret")
                .restart("always")
                .start(Start::Restarting(1, seconds(5)))
                .created(26 * HOUR)
                .load(12.0, 24 * MIB)
                .crashes(seconds(7), 1)
                .talks(Voice::Failing, Duration::from_millis(1500), 40),
        )
        .with(
            ContainerSpec::new("preview", "registry.shop.example/shop/web:main")
                .command("npm run dev -- --host 0.0.0.0")
                .label("wheelhouse.app", "preview")
                .tty()
                .port(5173, Some(5173))
                .start(Start::Running(5 * HOUR))
                .created(5 * HOUR)
                .load(9.0, 310 * MIB)
                .talks(Voice::Colour, Duration::from_millis(2400), 120),
        )
}

fn db() -> EngineSpec {
    let mut spec = EngineSpec::named("db-1").speaking("20.10.24", "1.41", "1.12");
    "Debian GNU/Linux 11 (bullseye)".clone_into(&mut spec.operating_system);
    spec.cgroup_version = 1;
    spec.cpus = 8;
    spec.memory = 32 << 30;
    spec.with(
        ContainerSpec::new("shop-postgres-1", "postgres:16.4")
            .command("docker-entrypoint.sh postgres -c shared_buffers=2GB")
            .compose("shop", "postgres")
            .env("POSTGRES_USER=shop")
            .env("POSTGRES_PASSWORD=correct-horse")
            .env("PGDATA=/var/lib/postgresql/data")
            .port(5432, Some(5432))
            .volume("shop_pgdata", "/var/lib/postgresql/data")
            .restart("always")
            .start(Start::Running(41 * DAY))
            .created(63 * DAY)
            .load(37.0, 2300 * MIB)
            .stops(seconds(3), 0)
            .health(Health::Healthy, "pg_isready -U shop")
            .talks(Voice::Postgres, seconds(5), 400),
    )
    .with(
        ContainerSpec::new("shop-redis-1", "redis:7.4-alpine")
            .command("docker-entrypoint.sh redis-server --requirepass hunter2 --save 300 10")
            .compose("shop", "redis")
            .port(6379, Some(6379))
            .volume("shop_redis", "/data")
            .restart("always")
            .start(Start::Running(41 * DAY))
            .created(63 * DAY)
            .load(2.0, 144 * MIB)
            .talks(Voice::Redis, seconds(20), 200),
    )
    .with(
        ContainerSpec::new("monitoring-prometheus-1", "prom/prometheus:v2.54.1")
            .command("/bin/prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.retention.time=15d")
            .compose("monitoring", "prometheus")
            .port(9090, Some(9090))
            .bind("/srv/prometheus/prometheus.yml", "/etc/prometheus/prometheus.yml")
            .volume("monitoring_tsdb", "/prometheus")
            .restart("unless-stopped")
            .start(Start::Running(12 * DAY))
            .created(12 * DAY)
            .load(8.0, 690 * MIB)
            .talks(Voice::Logfmt, seconds(9), 150),
    )
    .with(
        ContainerSpec::new("shop-migrate-1", "registry.shop.example/shop/api:1.9.0")
            .command("/usr/local/bin/api migrate up")
            .compose("shop", "migrate")
            .label("com.docker.compose.oneoff", "True")
            .env("DATABASE_URL=postgres://shop:correct-horse@shop-postgres-1:5432/shop")
            .start(Start::Exited(0, 6 * MINUTE))
            .created(8 * MINUTE)
            .talks(Voice::Steps, seconds(1), 5),
    )
    .with(
        ContainerSpec::new("backup", "registry.shop.example/ops/backup:0.7")
            .command("/backup.sh --every 6h --to s3://shop-backups")
            .label("wheelhouse.app", "backup")
            .env("S3_SECRET_KEY=demo-only-not-a-secret")
            .bind("/srv/backup", "/srv/backup")
            .start(Start::Paused(8 * HOUR))
            .created(19 * DAY)
            .load(0.1, 12 * MIB),
    )
    .with(
        ContainerSpec::new("restore-drill", "postgres:16.4")
            .command("docker-entrypoint.sh pg_restore --list /srv/backup/latest.dump")
            .env("PGPASSWORD=correct-horse")
            .start(Start::Created)
            .created(35 * MINUTE),
    )
}
