use super::*;
use crate::fleet::logbook::tests::chunk;
use crate::fleet::model::{ContainerId, Endpoint, Env, HostSpec, Liveness, LogCursor, Now, SourceError};
use crate::fleet::state::Settings;
use proptest::prelude::*;

fn key() -> ContainerKey {
    ContainerKey {
        host: HostId(0),
        id: ContainerId::parse(&"ab".repeat(32)).expect("an id"),
    }
}

fn opened() -> State {
    let host = HostSpec {
        name: "web-1".into(),
        endpoint: Endpoint::parse("tcp://10.0.0.1:2375", None).expect("an endpoint"),
        env: Env::default(),
        tags: Vec::new(),
    };
    let mut state = State::new(Settings::default(), vec![host], Now::default());
    state.hosts[0].liveness = Liveness::Live;
    state.view.viewport.log = (40, 5);
    let effects = open(&mut state, key());
    assert!(matches!(
        effects[..],
        [Effect::OpenLog {
            from: LogFrom::Tail(500),
            ..
        }]
    ));
    state
}

fn tell<'a>(state: &mut State, lines: impl IntoIterator<Item = (i64, &'a str)>) {
    let stream = room(state).stream;
    on_fact(state, stream, LogFact::Lines(chunk(lines)));
}

fn room(state: &State) -> &LogRoom {
    state.log.as_ref().expect("a log is open")
}

fn top_text(state: &State) -> String {
    let rows = room(state).visible(40, 5);
    rows[0].pieces.iter().map(|piece| piece.text.as_str()).collect()
}

#[test]
fn a_lost_log_goes_on_after_its_last_line_when_the_host_is_back() {
    let mut state = opened();
    let old = room(&state).stream;
    tell(&mut state, [(5, "a"), (7, "b"), (7, "c")]);
    state.hosts[0].liveness = Liveness::Stale { since: 0 };
    on_fact(
        &mut state,
        old,
        LogFact::Lost(SourceError::new(ErrorKind::Unreachable, "line\x1b cut")),
    );
    assert_eq!(room(&state).status, Status::Interrupted("line\\x1b cut".into()));
    assert_eq!(room(&state).wake(), None, "it waits for the host");
    assert_eq!(on_host_live(&mut state, HostId(1)), []);
    let stream = StreamId(old.0 + 1);
    let from = LogFrom::After(LogCursor { at_ns: 7, same: 2 });
    assert_eq!(
        on_host_live(&mut state, HostId(0)),
        [Effect::OpenLog {
            stream,
            key: key(),
            from
        }]
    );
    on_fact(&mut state, old, LogFact::Lines(chunk([(8, "late")])));
    assert_eq!(room(&state).book.end(), 3, "facts of the old stream are dropped");
}

#[test]
fn a_broken_stream_of_a_live_host_is_tried_again_ever_more_seldom() {
    let mut state = opened();
    for wait in [500, 1000, 2000] {
        let stream = room(&state).stream;
        on_fact(
            &mut state,
            stream,
            LogFact::Lost(SourceError::new(ErrorKind::Timeout, "silent")),
        );
        let at = room(&state).wake().expect("a wait");
        assert_eq!(at - state.now.mono_ms, wait);
        assert_eq!(on_tick(&mut state), []);
        state.now.mono_ms = at;
        assert!(matches!(on_tick(&mut state)[..], [Effect::OpenLog { .. }]));
    }
    let stream = room(&state).stream;
    on_fact(
        &mut state,
        stream,
        LogFact::Lost(SourceError::new(ErrorKind::Engine, "no such container")),
    );
    assert_eq!(room(&state).wake(), None, "what the engine refused stays refused");
}

#[test]
fn an_ended_log_goes_on_when_its_container_starts() {
    let mut state = opened();
    let stream = room(&state).stream;
    assert_eq!(on_container_started(&mut state, key()), [], "it is being read");
    on_fact(&mut state, stream, LogFact::Ended);
    assert_eq!(room(&state).status, Status::Ended);
    assert!(matches!(
        on_container_started(&mut state, key())[..],
        [Effect::OpenLog { .. }]
    ));
    let stream = room(&state).stream;
    assert_eq!(close(&mut state), [Effect::CloseLog(stream)]);
}

#[test]
fn moving_up_holds_and_reaching_the_end_follows() {
    let mut state = opened();
    let lines: Vec<String> = (0..50).map(|n| format!("line {n}")).collect();
    tell(&mut state, lines.iter().map(|text| (1, text.as_str())));
    assert_eq!(top_text(&state), "line 45");
    on_intent(&mut state, &Intent::Move(Step::Lines(-3)));
    assert_eq!(top_text(&state), "line 42");
    tell(&mut state, [(2, "new"), (2, "newer")]);
    assert_eq!((top_text(&state).as_str(), room(&state).unseen()), ("line 42", 2));
    assert_eq!(
        on_intent(&mut state, &Intent::CopyValue),
        [Effect::Copy("line 42".into())]
    );
    on_intent(&mut state, &Intent::Move(Step::HalfPages(1)));
    assert!(!room(&state).is_following());
    on_intent(&mut state, &Intent::Move(Step::Pages(1)));
    assert!(room(&state).is_following());
    assert_eq!(room(&state).unseen(), 0);
}

#[test]
fn matches_are_walked_and_a_search_can_be_given_up() {
    let mut state = opened();
    let lines: Vec<String> = (0..50).map(|n| format!("line {n}")).collect();
    tell(&mut state, lines.iter().map(|text| (1, text.as_str())));
    on_intent(&mut state, &Intent::Edit(Field::Search));
    on_intent(&mut state, &Intent::Type("LINE 1".into()));
    assert_eq!(
        room(&state).search.as_ref().map(Search::count),
        Some(0),
        "a capital counts"
    );
    on_intent(&mut state, &Intent::Type("line 1".into()));
    assert_eq!(room(&state).current, Some(19), "the nearest above");
    on_intent(&mut state, &Intent::Back);
    assert!(room(&state).search.is_none() && room(&state).is_following());
    on_intent(&mut state, &Intent::Edit(Field::Search));
    on_intent(&mut state, &Intent::Type("line 1".into()));
    on_intent(&mut state, &Intent::Accept);
    for (by, line) in [(1, 1), (1, 10), (-1, 1), (-1, 19), (-1, 18)] {
        on_intent(&mut state, &Intent::Match(by));
        assert_eq!(room(&state).current, Some(line));
        assert!(
            room(&state).visible(40, 5).iter().any(|row| row.current),
            "it is on screen"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_held_place_stays_while_lines_come_and_go(
        steps in proptest::collection::vec((0_u8..5, 1_usize..40), 1000),
        wrap in any::<bool>(),
    ) {
        let mut state = opened();
        state.log.as_mut().expect("open").book = Logbook::new(300_000);
        state.log.as_mut().expect("open").wrap = wrap;
        let mut next = 0;
        for (kind, n) in steps {
            let held = (!room(&state).is_following()).then(|| room(&state).visible(40, 5).first().cloned()).flatten();
            if kind < 3 {
                let lines: Vec<String> = (next..next + n).map(|n| format!("{n} {}", "wide 日本 ".repeat(n % 30))).collect();
                next += n;
                tell(&mut state, lines.iter().map(|text| (1, text.as_str())));
                let rows = room(&state).visible(40, 5);
                if let Some(held) = held {
                    let first = room(&state).book.first();
                    prop_assert_eq!(rows[0].line, held.line.max(first));
                    if held.line >= first {
                        prop_assert_eq!(&rows[0].pieces, &held.pieces);
                    }
                } else {
                    prop_assert_eq!(rows.last().map(|row| row.line + 1), Some(next as u64));
                }
            } else {
                let n = i32::try_from(n).expect("a small number");
                let by = if kind == 3 { -n } else { n };
                on_intent(&mut state, &Intent::Move(Step::Lines(by)));
                prop_assert!(next < 5 || wrap || room(&state).visible(40, 5).len() == 5);
            }
        }
        prop_assert!(room(&state).book.first() > 0 || next < 4_000);
    }
}
