//! What the pure fleet costs: a listing of 10,000 containers on 100 hosts, one event, one typed filter letter.
#![allow(clippy::expect_used, missing_docs, reason = "a bench may panic")]

mod support;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use wheelhouse::fleet::event::{Action, EngineEvent, HostFact};
use wheelhouse::fleet::intent::{Field, Intent};

use support::{draw, empty, fact, full, key, listing, wish};

const HOSTS: u16 = 100;

fn fleet(c: &mut Criterion) {
    c.bench_function("list 10,000 containers and order them", |b| {
        b.iter_batched(
            || (empty(HOSTS), (0..HOSTS).map(listing).collect::<Vec<_>>()),
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
    let mut state = full(HOSTS);
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
