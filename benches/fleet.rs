//! What the pure fleet costs: a listing of 10,000 containers on 100 hosts, one event, one typed filter letter.
#![allow(clippy::expect_used, missing_docs, reason = "a bench may panic")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use wheelhouse::fleet::event::{Action, EngineEvent, Event, HostFact};
use wheelhouse::fleet::intent::{Field, Intent, Viewport};
use wheelhouse::fleet::model::{
    Container, ContainerId, ContainerKey, Endpoint, Env, HostId, HostSpec, Now, RunState,
};
use wheelhouse::fleet::state::Settings;
use wheelhouse::fleet::{Msg, State, update};

const HOSTS: u16 = 100;
const EACH: u64 = 100;

fn key(host: u16, n: u64) -> ContainerKey {
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

fn listing(host: u16) -> Vec<Container> {
    (0..EACH).map(|n| container(host, n)).collect()
}

fn now(mono_ms: u64) -> Now {
    Now {
        mono_ms,
        wall_ms: 1_780_000_000_000 + mono_ms as i64,
    }
}

fn fact(state: &mut State, host: u16, fact: HostFact) {
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

fn wish(state: &mut State, intent: Intent) {
    black_box(update(state, now(2), Msg::Intent { intent, burst: false }));
}

fn draw(state: &mut State) {
    let room = Viewport {
        containers: 40,
        hosts: 40,
        log: (100, 20),
        activity: 20,
        overlay: 40,
    };
    wish(state, Intent::Viewport(room));
}

fn empty() -> State {
    let specs = (0..HOSTS).map(|n| HostSpec {
        name: format!("web-{n}").into(),
        endpoint: Endpoint::Unix("/nowhere".into()),
        env: Env::Production,
        tags: Vec::new(),
    });
    let mut state = State::new(Settings::default(), specs.collect(), now(0));
    for host in 0..HOSTS {
        fact(&mut state, host, HostFact::Dialled);
    }
    state
}

fn full() -> State {
    let mut state = empty();
    for host in 0..HOSTS {
        fact(&mut state, host, HostFact::Listed(listing(host)));
    }
    draw(&mut state);
    state
}

fn fleet(c: &mut Criterion) {
    c.bench_function("list 10,000 containers and order them", |b| {
        b.iter_batched(
            || (empty(), (0..HOSTS).map(listing).collect::<Vec<_>>()),
            |(mut state, listings)| {
                for (host, listing) in listings.into_iter().enumerate() {
                    fact(&mut state, host as u16, HostFact::Listed(listing));
                }
                draw(&mut state);
                state
            },
            BatchSize::LargeInput,
        );
    });
    let mut state = full();
    c.bench_function("one event among 10,000 containers", |b| {
        b.iter(|| {
            let event = EngineEvent {
                key: key(7, 7),
                name: "x".into(),
                at_ms: 1_780_000_001_000,
                action: Action::Pause,
            };
            fact(&mut state, 7, HostFact::Happened(event));
            draw(&mut state);
        });
    });
    c.bench_function("one letter of a filter over 10,000 containers", |b| {
        wish(&mut state, Intent::Edit(Field::Filter));
        b.iter(|| {
            wish(&mut state, Intent::Type("srvc-9".into()));
            draw(&mut state);
        });
    });
}

criterion_group!(benches, fleet);
criterion_main!(benches);
