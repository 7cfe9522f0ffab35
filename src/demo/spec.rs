//! What an engine is to hold when it starts. Ages are relative to the engine's clock.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Clock, Stream, Voice};

/// One engine.
#[derive(Clone, Debug)]
pub struct EngineSpec {
    /// The machine's name, as `/info` gives it.
    pub name: String,
    /// The engine's identity, as `/info` gives it.
    pub engine_id: String,
    /// The engine's version, such as `28.3.2`.
    pub version: String,
    /// The newest API it speaks, such as `1.50`.
    pub api_version: String,
    /// The oldest API it speaks.
    pub min_api_version: String,
    /// The operating system's name.
    pub operating_system: String,
    /// Processors of the machine.
    pub cpus: u32,
    /// Memory of the machine, in bytes.
    pub memory: u64,
    /// 1 or 2: the shape of its memory statistics follows from it.
    pub cgroup_version: u8,
    /// What runs there, the oldest first.
    pub containers: Vec<ContainerSpec>,
    /// Where all that is random comes from.
    pub seed: u64,
    /// What it takes for the present.
    pub clock: Clock,
    /// Whether requests are kept for [`super::Control::requests`]; without end, so for tests only.
    pub record: bool,
}

impl Default for EngineSpec {
    fn default() -> Self {
        Self {
            name: "engine".to_owned(),
            engine_id: "2b7f7c0e-6d0f-4a55-9a53-5b3c3a5e1f10".to_owned(),
            version: "28.3.2".to_owned(),
            api_version: "1.50".to_owned(),
            min_api_version: "1.24".to_owned(),
            operating_system: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            cpus: 4,
            memory: 8 << 30,
            cgroup_version: 2,
            containers: Vec::new(),
            seed: 7,
            clock: Clock::Real,
            record: true,
        }
    }
}

impl EngineSpec {
    /// A present-day engine of this name; its identity follows from the name.
    pub fn named(name: &str) -> Self {
        let mut rng = super::rng::Rng::named(1, name);
        let id = rng.hex(32);
        let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
        Self {
            name: name.to_owned(),
            engine_id: [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"),
            ..Self::default()
        }
    }

    /// The oldest engine that is still spoken to: 20.10, API 1.41.
    #[must_use]
    pub fn oldest(self) -> Self {
        self.speaking("20.10.24", "1.41", "1.12")
    }

    /// An engine of another version.
    #[must_use]
    pub fn speaking(mut self, version: &str, api: &str, min_api: &str) -> Self {
        version.clone_into(&mut self.version);
        api.clone_into(&mut self.api_version);
        min_api.clone_into(&mut self.min_api_version);
        self
    }

    /// One more container.
    #[must_use]
    pub fn with(mut self, container: ContainerSpec) -> Self {
        self.containers.push(container);
        self
    }
}

/// The state in which a container begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Never started.
    Created,
    /// Up for so long.
    Running(Duration),
    /// Up for so long, and paused.
    Paused(Duration),
    /// Ended with this code so long ago.
    Exited(i64, Duration),
    /// Between two runs of a crash loop: ended with this code so long ago.
    Restarting(i64, Duration),
    /// Could not be removed.
    Dead,
}

/// The verdict of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Not decided yet.
    Starting,
    /// The check passes.
    Healthy,
    /// The check failed too often.
    Unhealthy,
}

impl Health {
    /// The engine's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// A health check and how it goes.
#[derive(Clone, Debug)]
pub struct HealthSpec {
    /// The check, such as `["CMD-SHELL", "curl -f localhost"]`.
    pub test: Vec<String>,
    /// The verdict, at the beginning and some time after every start.
    pub verdict: Health,
    /// How long after a start the verdict comes; `None`: only when the test says so.
    pub after: Option<Duration>,
    /// How long a verdict lasts before it turns by itself.
    pub turns: Option<Duration>,
}

/// A program that dies by itself.
#[derive(Clone, Copy, Debug)]
pub struct Crash {
    /// How long it runs.
    pub after: Duration,
    /// What it ends with.
    pub code: i64,
}

/// A program that talks by itself.
#[derive(Clone, Copy, Debug)]
pub struct Chatter {
    /// In which way.
    pub voice: Voice,
    /// The mean time between two lines.
    pub every: Duration,
    /// How many lines it said before the engine was started.
    pub history: u32,
}

/// A published or exposed port.
#[derive(Clone, Debug)]
pub struct Port {
    /// Inside the container.
    pub private: u16,
    /// On the machine, when published (on all addresses, IPv4 and IPv6).
    pub public: Option<u16>,
    /// `tcp` or `udp`.
    pub protocol: &'static str,
}

/// Something mounted into a container.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The volume's name; `None` for a directory of the machine.
    pub volume: Option<String>,
    /// The directory on the machine.
    pub source: String,
    /// Where it appears inside.
    pub target: String,
    /// Whether it can be written to.
    pub writable: bool,
}

/// One container.
#[derive(Clone, Debug)]
pub struct ContainerSpec {
    /// Its name, without a slash.
    pub name: String,
    /// The image, as it was given.
    pub image: String,
    /// Command and arguments; the first is the path.
    pub command: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Its mounts.
    pub mounts: Vec<Mount>,
    /// The network it is in.
    pub network: String,
    /// Whether it has a terminal: then its log is not multiplexed.
    pub tty: bool,
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub restart: &'static str,
    /// How often `on-failure` tries; 0 is for ever.
    pub max_restarts: u32,
    /// How often it was restarted before.
    pub restarts: u32,
    /// Its health check.
    pub health: Option<HealthSpec>,
    /// The state it begins in.
    pub start: Start,
    /// How long ago it was made; no less than the age of its state.
    pub created_ago: Duration,
    /// Whether the kernel killed it for want of memory.
    pub oom: bool,
    /// How long it takes to end after the stop signal.
    pub stops_after: Duration,
    /// What it ends with after the stop signal.
    pub stop_code: i64,
    /// Processor time it uses, in percent of one.
    pub cpu: f64,
    /// Memory it uses, in bytes.
    pub memory: u64,
    /// Its memory limit in bytes; 0 is none.
    pub memory_limit: u64,
    /// How it dies by itself.
    pub crash: Option<Crash>,
    /// How it talks by itself.
    pub chatter: Option<Chatter>,
    /// What is in its log at the beginning: age, stream, bytes.
    pub log: Vec<(Duration, Stream, Vec<u8>)>,
}

impl ContainerSpec {
    /// A container that has been up for an hour, with nothing special about it.
    pub fn new(name: &str, image: &str) -> Self {
        Self {
            name: name.to_owned(),
            image: image.to_owned(),
            command: vec!["/app".to_owned()],
            env: vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()],
            labels: BTreeMap::new(),
            ports: Vec::new(),
            mounts: Vec::new(),
            network: "bridge".to_owned(),
            tty: false,
            restart: "no",
            max_restarts: 0,
            restarts: 0,
            health: None,
            start: Start::Running(Duration::from_secs(3600)),
            created_ago: Duration::from_secs(7200),
            oom: false,
            stops_after: Duration::ZERO,
            stop_code: 0,
            cpu: 1.0,
            memory: 48 << 20,
            memory_limit: 0,
            crash: None,
            chatter: None,
            log: Vec::new(),
        }
    }

    /// Begins in this state.
    #[must_use]
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Was made so long ago.
    #[must_use]
    pub fn created(mut self, ago: Duration) -> Self {
        self.created_ago = ago;
        self
    }

    /// Runs this command, split at blanks.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        self.command = command.split(' ').map(str::to_owned).collect();
        self
    }

    /// One more variable, as `NAME=value`.
    #[must_use]
    pub fn env(mut self, variable: &str) -> Self {
        self.env.push(variable.to_owned());
        self
    }

    /// One more label.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// One container of a Compose service.
    #[must_use]
    pub fn compose(self, project: &str, service: &str) -> Self {
        let network = format!("{project}_default");
        let mut this = self
            .label("com.docker.compose.project", project)
            .label("com.docker.compose.service", service)
            .label("com.docker.compose.container-number", "1")
            .label("com.docker.compose.oneoff", "False");
        this.network = network;
        this
    }

    /// One more TCP port, published or only exposed.
    #[must_use]
    pub fn port(mut self, private: u16, public: Option<u16>) -> Self {
        self.ports.push(Port {
            private,
            public,
            protocol: "tcp",
        });
        self
    }

    /// A named volume at `target`.
    #[must_use]
    pub fn volume(mut self, name: &str, target: &str) -> Self {
        let source = format!("/var/lib/docker/volumes/{name}/_data");
        let target = target.to_owned();
        self.mounts.push(Mount {
            volume: Some(name.to_owned()),
            source,
            target,
            writable: true,
        });
        self
    }

    /// A directory of the machine at `target`, read-only.
    #[must_use]
    pub fn bind(mut self, source: &str, target: &str) -> Self {
        let (source, target) = (source.to_owned(), target.to_owned());
        self.mounts.push(Mount {
            volume: None,
            source,
            target,
            writable: false,
        });
        self
    }

    /// Has a terminal.
    #[must_use]
    pub fn tty(mut self) -> Self {
        self.tty = true;
        self
    }

    /// Is restarted by this policy (`no`, `always`, `unless-stopped`, `on-failure`).
    #[must_use]
    pub fn restart(mut self, policy: &'static str) -> Self {
        self.restart = policy;
        self
    }

    /// Has a health check whose verdict is this one, two seconds after every start.
    #[must_use]
    pub fn health(mut self, verdict: Health, test: &str) -> Self {
        self.health = Some(HealthSpec {
            test: vec!["CMD-SHELL".to_owned(), test.to_owned()],
            verdict,
            after: (verdict != Health::Starting).then_some(Duration::from_secs(2)),
            turns: None,
        });
        self
    }

    /// Uses so much processor (percent of one) and memory (bytes).
    #[must_use]
    pub fn load(mut self, cpu: f64, memory: u64) -> Self {
        (self.cpu, self.memory) = (cpu, memory);
        self
    }

    /// Ends so long after the stop signal, with this code. Longer than the order allows: it is killed.
    #[must_use]
    pub fn stops(mut self, after: Duration, code: i64) -> Self {
        (self.stops_after, self.stop_code) = (after, code);
        self
    }

    /// Dies by itself.
    #[must_use]
    pub fn crashes(mut self, after: Duration, code: i64) -> Self {
        self.crash = Some(Crash { after, code });
        self
    }

    /// Talks by itself, and has done so before.
    #[must_use]
    pub fn talks(mut self, voice: Voice, every: Duration, history: u32) -> Self {
        self.chatter = Some(Chatter {
            voice,
            every,
            history,
        });
        self
    }

    /// One more message in its log: so old, on this stream.
    #[must_use]
    pub fn logged(mut self, ago: Duration, stream: Stream, bytes: &[u8]) -> Self {
        self.log.push((ago, stream, bytes.to_vec()));
        self
    }
}
