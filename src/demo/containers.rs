//! A container's life: its phases, and what the engine tells at each step.

use std::time::Duration;

use jiff::Timestamp;

use super::chatter;
use super::clock;
use super::logs::Log;
use super::rng::Rng;
use super::spec::{ContainerSpec, Health, Start};
use super::state::{Due, State, What};
use super::stats::Load;

/// Where a container is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Created,
    Running,
    Paused,
    Restarting,
    Exited,
    Dead,
}

impl Phase {
    /// The engine's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) spec: ContainerSpec,
    pub(super) created: Timestamp,
    pub(super) phase: Phase,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    pub(super) exit_code: i64,
    pub(super) oom: bool,
    pub(super) restarts: u32,
    pub(super) health: Option<Health>,
    pub(super) pid: u64,
    /// Which run this is; what was due in an earlier one does not happen.
    pub(super) run: u64,
    pub(super) log: Log,
    pub(super) load: Load,
    /// Lines said by itself in this run.
    pub(super) said: u64,
    stopped_by_hand: bool,
    backoff: Duration,
}

/// The engine's first pause before a restart; it doubles each time, to a minute.
const BACKOFF: Duration = Duration::from_millis(100);

impl Container {
    /// Whether its program is alive (paused counts).
    pub(super) fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Paused)
    }

    /// The sentence of `docker ps`.
    pub(super) fn status(&self, now: Timestamp) -> String {
        let since =
            |then: Option<Timestamp>| clock::human(then.map(|t| clock::age(now, t)).unwrap_or_default());
        match self.phase {
            Phase::Created => "Created".to_owned(),
            Phase::Dead => "Dead".to_owned(),
            Phase::Exited => format!("Exited ({}) {} ago", self.exit_code, since(self.finished)),
            Phase::Restarting => format!("Restarting ({}) {} ago", self.exit_code, since(self.finished)),
            Phase::Paused => format!("Up {} (Paused)", since(self.started)),
            Phase::Running => match self.health {
                None => format!("Up {}", since(self.started)),
                Some(Health::Starting) => format!("Up {} (health: starting)", since(self.started)),
                Some(health) => format!("Up {} ({})", since(self.started), health.word()),
            },
        }
    }

    /// The identity of the network it is in.
    pub(super) fn network_id(&self) -> String {
        Rng::named(11, &self.spec.network).hex(64)
    }
}

impl State {
    /// Puts a container there as if it had always been; returns its place.
    pub(super) fn place(&mut self, spec: ContainerSpec) -> usize {
        self.made += 1;
        let id = Rng::named(self.made, &format!("{}/{}", self.spec.engine_id, spec.name)).hex(64);
        let now = self.clock.now();
        let ago = |age: Duration| Some(clock::before(now, age));
        let ran = Duration::from_secs(97);
        let (phase, started, finished, exit_code, age) = match spec.start {
            Start::Created => (Phase::Created, None, None, 0, Duration::ZERO),
            Start::Running(age) => (Phase::Running, ago(age), None, 0, age),
            Start::Paused(age) => (Phase::Paused, ago(age), None, 0, age),
            Start::Exited(code, age) => (Phase::Exited, ago(age + ran), ago(age), code, age + ran),
            Start::Restarting(code, age) => (Phase::Restarting, ago(age + ran), ago(age), code, age + ran),
            Start::Dead => (Phase::Dead, ago(ran + ran), ago(ran), 0, ran + ran),
        };
        let mut log = Log::default();
        for (age, stream, bytes) in &spec.log {
            log.write(clock::before(now, *age), *stream, bytes);
        }
        let said = chatter::history(&spec, finished.unwrap_or(now), &mut self.rng, &mut log);
        let container = Container {
            created: clock::before(now, spec.created_ago.max(age)),
            phase,
            started,
            finished,
            exit_code,
            oom: spec.oom,
            restarts: spec.restarts,
            health: spec
                .health
                .as_ref()
                .filter(|_| phase != Phase::Created)
                .map(|health| health.verdict),
            pid: 4000 + self.rng.below(60_000),
            run: 1,
            log,
            load: Load::new(&id, spec.cpu, spec.memory, started.unwrap_or(now)),
            said,
            stopped_by_hand: false,
            backoff: BACKOFF,
            id,
            spec,
        };
        let index = self.containers.len();
        self.containers.push(container);
        if phase == Phase::Running {
            self.plan_run(index);
        } else if phase == Phase::Restarting {
            self.plan(index, BACKOFF, What::Start);
        }
        index
    }

    fn plan(&mut self, index: usize, after: Duration, what: What) {
        let Some(container) = self.containers.get(index) else {
            return;
        };
        let (id, run) = (container.id.clone(), container.run);
        self.due.push(Due {
            at: clock::after(self.clock.now(), after),
            id,
            run,
            what,
        });
    }

    /// What a running program does by itself from now on.
    fn plan_run(&mut self, index: usize) {
        let Some(container) = self.containers.get(index) else {
            return;
        };
        let (crash, chatter) = (container.spec.crash, container.spec.chatter);
        let health = container.spec.health.clone();
        let decided = container.health;
        if let Some(crash) = crash {
            self.plan(index, crash.after, What::Die(crash.code));
        }
        if let Some(health) = health {
            if decided == Some(Health::Starting) {
                if let Some(after) = health.after {
                    self.plan(index, after, What::Verdict(health.verdict));
                }
            } else if let Some(turns) = health.turns {
                self.plan(index, turns, What::Verdict(turned(decided)));
            }
        }
        if let Some(chatter) = chatter {
            let pause = chatter::pause(chatter.every, &mut self.rng);
            self.plan(index, pause, What::Say);
        }
    }

    /// Begins a run.
    pub(super) fn start(&mut self, index: usize) {
        let now = self.clock.now();
        let pid = 4000 + self.rng.below(60_000);
        let Some(container) = self.containers.get_mut(index) else {
            return;
        };
        container.phase = Phase::Running;
        container.started = Some(now);
        container.exit_code = 0;
        container.oom = false;
        container.run += 1;
        container.pid = pid;
        container.said = 0;
        container.stopped_by_hand = false;
        container.health = container.spec.health.as_ref().map(|_| Health::Starting);
        container.load = Load::new(&container.id, container.spec.cpu, container.spec.memory, now);
        self.emit_network(index, "connect");
        self.emit(index, "start", &[]);
        self.plan_run(index);
    }

    /// Sends a signal that ends the program; the engine notes that this was wished for.
    pub(super) fn signal(&mut self, index: usize, signal: u32) {
        if let Some(container) = self.containers.get_mut(index) {
            container.stopped_by_hand = true;
        }
        self.emit(index, "kill", &[("signal", &signal.to_string())]);
    }

    /// The program ended. Unless that was wished for, the restart policy has its say.
    pub(super) fn die(&mut self, index: usize, code: i64, oom: bool) {
        let now = self.clock.now();
        let modern = self.api >= (1, 42);
        let Some(container) = self.containers.get_mut(index) else {
            return;
        };
        if !container.is_running() {
            return;
        }
        let ran = container
            .started
            .map(|at| clock::age(now, at))
            .unwrap_or_default();
        container.phase = Phase::Exited;
        container.finished = Some(now);
        container.exit_code = code;
        container.oom = oom;
        container.pid = 0;
        container.run += 1;
        let restart = !container.stopped_by_hand
            && match container.spec.restart {
                "always" | "unless-stopped" => true,
                "on-failure" => {
                    let limit = container.spec.max_restarts;
                    code != 0 && (limit == 0 || container.restarts < limit)
                }
                _ => false,
            };
        let wait = if ran >= Duration::from_secs(10) {
            BACKOFF
        } else {
            container.backoff
        };
        if restart {
            container.phase = Phase::Restarting;
            container.restarts += 1;
            container.backoff = (wait * 2).min(Duration::from_secs(60));
        }
        let (code, ran) = (code.to_string(), ran.as_secs().to_string());
        if oom {
            self.emit(index, "oom", &[]);
        }
        let extra = [("exitCode", code.as_str()), ("execDuration", ran.as_str())];
        self.emit(
            index,
            "die",
            extra.get(..if modern { 2 } else { 1 }).unwrap_or_default(),
        );
        self.emit_network(index, "disconnect");
        if restart {
            self.plan(index, wait, What::Start);
        }
    }

    /// A container between two runs is not started again.
    pub(super) fn give_up(&mut self, index: usize) {
        if let Some(container) = self
            .containers
            .get_mut(index)
            .filter(|c| c.phase == Phase::Restarting)
        {
            container.phase = Phase::Exited;
            container.run += 1;
        }
    }

    /// Stops or continues a running program.
    pub(super) fn pause(&mut self, index: usize, paused: bool) {
        if let Some(container) = self.containers.get_mut(index) {
            container.phase = if paused { Phase::Paused } else { Phase::Running };
        }
        self.emit(index, if paused { "pause" } else { "unpause" }, &[]);
    }

    /// The health check came to a verdict.
    pub(super) fn verdict(&mut self, index: usize, health: Health) {
        let Some(container) = self.containers.get_mut(index) else {
            return;
        };
        if container.phase == Phase::Running && container.health != Some(health) {
            container.health = Some(health);
            self.emit(index, &format!("health_status: {}", health.word()), &[]);
        }
        let turns = self
            .containers
            .get(index)
            .and_then(|c| c.spec.health.as_ref()?.turns);
        if let Some(turns) = turns {
            self.plan(index, turns, What::Verdict(turned(Some(health))));
        }
    }

    /// The program says its next line.
    pub(super) fn say(&mut self, index: usize) {
        let now = self.clock.now();
        let Some(container) = self.containers.get_mut(index) else {
            return;
        };
        let Some(chatter) = container.spec.chatter else {
            return;
        };
        if container.phase == Phase::Running {
            let (stream, line) = chatter.voice.line(now, container.said, &mut self.rng);
            container.said += 1;
            container.log.write(now, stream, &line);
        }
        let pause = chatter::pause(chatter.every, &mut self.rng);
        self.plan(index, pause, What::Say);
    }

    /// Makes a container that did not exist before.
    pub(super) fn create(&mut self, mut spec: ContainerSpec) -> usize {
        let wanted = spec.start;
        spec.start = Start::Created;
        spec.created_ago = Duration::ZERO;
        let index = self.place(spec);
        self.emit(index, "create", &[]);
        if matches!(wanted, Start::Running(_)) {
            self.start(index);
        }
        index
    }

    /// Takes a container away; a running one is killed first.
    pub(super) fn remove(&mut self, index: usize) {
        if self.containers.get(index).is_some_and(Container::is_running) {
            self.signal(index, 9);
            self.die(index, 137, false);
        }
        self.emit(index, "destroy", &[]);
        if index < self.containers.len() {
            let gone = self.containers.remove(index);
            self.due.retain(|due| due.id != gone.id);
        }
    }
}

/// What a verdict turns into.
fn turned(health: Option<Health>) -> Health {
    match health {
        Some(Health::Healthy) => Health::Unhealthy,
        _ => Health::Healthy,
    }
}
