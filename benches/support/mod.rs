//! A fleet to measure with: hosts of a hundred containers, every tenth of them exited.
//!
//! The benches panic where something is not as they need it.

use wheelhouse::fleet::effect::Effect;
use wheelhouse::fleet::event::{Event, HostFact};
use wheelhouse::fleet::intent::{Intent, Viewport};
use wheelhouse::fleet::model::{
    Container, ContainerId, ContainerKey, Endpoint, Env, HostId, HostSpec, Now, RunState,
};
use wheelhouse::fleet::state::Settings;
use wheelhouse::fleet::{Msg, State, update};

/// Containers of each host.
const EACH: u64 = 100;

/// A container by its host and its number there.
pub(crate) fn key(host: u16, n: u64) -> ContainerKey {
    let id = ContainerId::parse(&format!("{:064x}", u64::from(host) * 1_000_000 + n)).expect("64 hex digits");
    ContainerKey {
        host: HostId(host),
        id,
    }
}

fn container(host: u16, n: u64) -> Container {
    Container {
        key: key(host, n),
        name: format!("shop-service-{n}").into(),
        image: "registry.example/shop:1.8.2".into(),
        image_id: "sha256:1".into(),
        state: if n.is_multiple_of(10) {
            RunState::Exited
        } else {
            RunState::Running
        },
        status: "Up 2 days".into(),
        health: None,
        exit_code: n.is_multiple_of(10).then_some(137),
        created: 1_780_000_000,
        since: Some(1_780_000_000),
        restarts: None,
        app: Some("shop".into()),
        service: Some(format!("service-{n}").into()),
        colour: None,
        ports: Vec::new(),
    }
}

/// All containers of one host.
pub(crate) fn listing(host: u16) -> Vec<Container> {
    (0..EACH).map(|n| container(host, n)).collect()
}

/// A moment, so many milliseconds after the start.
pub(crate) fn now(mono_ms: u64) -> Now {
    Now {
        mono_ms,
        wall_ms: 1_780_000_000_000 + mono_ms as i64,
    }
}

/// Tells a fact of a host.
pub(crate) fn fact(state: &mut State, host: u16, fact: HostFact) {
    update(
        state,
        now(1),
        Msg::Event(Event::Host {
            host: HostId(host),
            epoch: 1,
            fact,
        }),
    );
}

/// Wishes something.
pub(crate) fn wish(state: &mut State, intent: Intent) -> Vec<Effect> {
    update(state, now(2), Msg::Intent { intent, burst: false })
}

/// What the fleet does before every frame.
pub(crate) fn draw(state: &mut State) {
    let room = Viewport {
        containers: 40,
        hosts: 40,
        log: (100, 20),
        activity: 20,
        overlay: 40,
    };
    wish(state, Intent::Viewport(room));
}

/// Hosts that are being dialled.
pub(crate) fn empty(hosts: u16) -> State {
    let specs = (0..hosts).map(|n| HostSpec {
        name: format!("web-{n}").into(),
        endpoint: Endpoint::Unix("/nowhere".into()),
        env: Env::Production,
        tags: Vec::new(),
    });
    let mut state = State::new(Settings::default(), specs.collect(), now(0));
    for host in 0..hosts {
        fact(&mut state, host, HostFact::Dialled);
    }
    state
}

/// Hosts that are listed.
pub(crate) fn full(hosts: u16) -> State {
    let mut state = empty(hosts);
    for host in 0..hosts {
        fact(&mut state, host, HostFact::Listed(listing(host)));
    }
    draw(&mut state);
    state
}
