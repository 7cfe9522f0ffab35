//! The hand that causes things: facts, faults, and the record of what was asked.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use jiff::Timestamp;

use super::faults::{Asked, Fault};
use super::logs::Stream;
use super::spec::{ContainerSpec, Health};
use super::state::{Shared, State};
use super::{Clock, clock};

/// Causes things to happen to one engine. Containers are named as in the API: full id, name, or a prefix
/// of the id; every act says whether there was such a container. It outlives its engine, to no effect.
#[derive(Clone, Debug)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn on(&self, name: &str, act: impl FnOnce(&mut State, usize)) -> bool {
        self.shared
            .alter(|state| state.find(name).map(|index| act(state, index)).is_ok())
    }

    /// The full id of a container.
    pub fn id(&self, name: &str) -> Option<String> {
        self.shared
            .read(|state| state.container(name).ok().map(|c| c.id.clone()))
    }

    /// The engine's word for the state a container is in.
    pub fn state(&self, name: &str) -> Option<&'static str> {
        self.shared
            .read(|state| state.container(name).ok().map(|c| c.phase.word()))
    }

    // ---- facts ----

    /// Makes a container and starts it, if it is to begin running; returns its id.
    pub fn create(&self, spec: ContainerSpec) -> String {
        self.shared.alter(|state| {
            let index = state.create(spec);
            state
                .containers
                .get(index)
                .map(|c| c.id.clone())
                .unwrap_or_default()
        })
    }

    /// Starts a container that does not run.
    pub fn start(&self, name: &str) -> bool {
        self.on(name, |state, index| {
            if state.containers.get(index).is_some_and(|c| !c.is_running()) {
                state.start(index);
            }
        })
    }

    /// Stops a container, as `docker stop` does with one that obeys.
    pub fn stop(&self, name: &str) -> bool {
        self.on(name, |state, index| {
            let alive = state.containers.get(index).filter(|c| c.is_running());
            let Some(code) = alive.map(|c| c.spec.stop_code) else {
                return;
            };
            state.signal(index, 15);
            state.die(index, code, false);
            state.emit(index, "stop", &[]);
        })
    }

    /// Stops and starts a container, as `docker restart` does.
    pub fn restart(&self, name: &str) -> bool {
        self.stop(name)
            && self.on(name, |state, index| {
                state.start(index);
                state.emit(index, "restart", &[]);
            })
    }

    /// The program ends by itself with this code; the restart policy has its say.
    pub fn die(&self, name: &str, code: i64) -> bool {
        self.on(name, |state, index| state.die(index, code, false))
    }

    /// Somebody kills it (signal 9); it stays down.
    pub fn kill(&self, name: &str) -> bool {
        self.on(name, |state, index| {
            state.signal(index, 9);
            state.die(index, 137, false);
        })
    }

    /// The kernel kills it for want of memory; the restart policy has its say.
    pub fn oom(&self, name: &str) -> bool {
        self.on(name, |state, index| state.die(index, 137, true))
    }

    /// Pauses a running container.
    pub fn pause(&self, name: &str) -> bool {
        self.on(name, |state, index| state.pause(index, true))
    }

    /// Lets a paused container go on.
    pub fn unpause(&self, name: &str) -> bool {
        self.on(name, |state, index| state.pause(index, false))
    }

    /// The health check comes to a verdict.
    pub fn health(&self, name: &str, health: Health) -> bool {
        self.on(name, |state, index| state.verdict(index, health))
    }

    /// Gives a container another name.
    pub fn rename(&self, name: &str, new: &str) -> bool {
        self.on(name, |state, index| {
            let Some(container) = state.containers.get_mut(index) else {
                return;
            };
            let old = std::mem::replace(&mut container.spec.name, new.to_owned());
            state.emit(index, "rename", &[("oldName", &format!("/{old}"))]);
        })
    }

    /// Removes a container, running or not.
    pub fn remove(&self, name: &str) -> bool {
        self.on(name, State::remove)
    }

    /// Removes a container and makes another under the same name; returns the new one's id.
    pub fn recreate(&self, name: &str) -> Option<String> {
        let mut spec = self
            .shared
            .read(|state| state.container(name).ok().map(|c| c.spec.clone()))?;
        self.remove(name);
        spec.start = super::Start::Running(Duration::ZERO);
        Some(self.create(spec))
    }

    /// Changes what a container uses: percent of one processor, bytes.
    pub fn load(&self, name: &str, cpu: f64, memory: u64) -> bool {
        self.on(name, |state, index| {
            let now = state.clock.now();
            if let Some(container) = state.containers.get_mut(index) {
                container.load.set(now, cpu, memory);
            }
        })
    }

    /// Writes raw bytes to a container's log. Each line becomes one message; a last part without a line end
    /// stays without.
    pub fn log(&self, name: &str, stream: Stream, bytes: &[u8]) -> bool {
        self.on(name, |state, index| {
            let now = state.clock.now();
            if let Some(container) = state.containers.get_mut(index) {
                container.log.write(now, stream, bytes);
            }
        })
    }

    /// Adds so many lines at once; they take no memory and are written out as fast as they are read.
    pub fn flood(&self, name: &str, lines: u64) -> bool {
        self.on(name, |state, index| {
            let now = state.clock.now();
            if let Some(container) = state.containers.get_mut(index) {
                container.log.flood(now, lines);
            }
        })
    }

    // ---- time ----

    /// Stops the engine's clock: from now on nothing happens by itself.
    pub fn stop_clock(&self, at: Timestamp) {
        self.shared.alter(|state| state.clock = Clock::Fixed(at));
    }

    /// Moves a stopped clock on; what falls due happens.
    pub fn advance(&self, by: Duration) {
        self.shared
            .alter(|state| state.clock = Clock::Fixed(clock::after(state.clock.now(), by)));
    }

    // ---- faults ----

    /// From now on nothing is answered and no stream goes on; connections stay, and new ones are taken.
    pub fn freeze(&self) {
        self.shared.alter(|state| state.faults.frozen = true);
    }

    /// Ends [`Control::freeze`]: what was asked meanwhile is answered.
    pub fn thaw(&self) {
        self.shared.alter(|state| state.faults.frozen = false);
    }

    /// Refuses new connections, from the engine's next turn on; those that are there stay.
    pub fn refuse(&self) {
        self.shared.listening.send_replace(false);
    }

    /// Ends [`Control::refuse`].
    pub fn listen(&self) {
        self.shared.listening.send_replace(true);
    }

    /// Drops all connections, whatever they are doing.
    pub fn drop_connections(&self) {
        self.shared
            .severed
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Answers new connections with bytes that are not HTTP, and drops those that are there.
    pub fn garble(&self, garbles: bool) {
        self.shared.note(|state| state.faults.garbles = garbles);
        self.drop_connections();
    }

    /// Every request of this method whose path contains `part` goes wrong in this way.
    pub fn fault(&self, method: Method, part: &str, fault: Fault) {
        self.shared
            .note(|state| state.faults.add(method, part, fault, None));
    }

    /// The next such request goes wrong in this way, and none after it.
    pub fn fault_once(&self, method: Method, part: &str, fault: Fault) {
        self.shared
            .note(|state| state.faults.add(method, part, fault, Some(1)));
    }

    /// Ends freezing, garbling and all faults, and listens again.
    pub fn mend(&self) {
        self.shared.alter(|state| state.faults.clear());
        self.listen();
    }

    /// The engine becomes one of another version, as after an upgrade.
    pub fn become_version(&self, version: &str, api: &str, min_api: &str) {
        self.shared
            .alter(|state| state.set_version(version, api, min_api));
    }

    // ---- record ----

    /// Everything that was asked, in order; faults and refusals included.
    pub fn requests(&self) -> Vec<Asked> {
        self.shared.read(|state| state.asked.clone())
    }

    /// Forgets what was asked.
    pub fn forget_requests(&self) {
        self.shared.note(|state| state.asked.clear());
    }
}
