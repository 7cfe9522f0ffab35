//! The cursor, the marks and the prompts hold a container, whatever moves under them.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use wheelhouse::fleet::event::{Action, HostFact};
use wheelhouse::fleet::intent::{Intent, Step};
use wheelhouse::fleet::model::{Command, ContainerKey, Env, RunState};

use super::support::{Play, container, key, orders};

#[derive(Debug, Clone)]
enum Stir {
    Add(u64),
    Remove(u64),
    Recreate(u64),
    Die(u64),
    Start(u64),
    Sort,
    Group,
    Relist,
}

fn stir() -> impl Strategy<Value = Stir> {
    let any = 0..40u64;
    prop_oneof![
        any.clone().prop_map(Stir::Add),
        any.clone().prop_map(Stir::Remove),
        any.clone().prop_map(Stir::Recreate),
        any.clone().prop_map(Stir::Die),
        any.prop_map(Stir::Start),
        Just(Stir::Sort),
        Just(Stir::Group),
        Just(Stir::Relist),
    ]
}

/// What the engine holds: number → (incarnation, state).
type Engine = HashMap<u64, (u64, RunState)>;

fn id(n: u64, incarnation: u64) -> ContainerKey {
    key(0, n * 1_000_000 + incarnation + 1)
}

fn apply(play: &mut Play, engine: &mut Engine, incarnations: &mut u64, stir: &Stir) {
    match *stir {
        Stir::Add(n) if !engine.contains_key(&n) => create(play, engine, incarnations, n),
        Stir::Remove(n) => destroy(play, engine, n),
        Stir::Recreate(n) => {
            destroy(play, engine, n);
            create(play, engine, incarnations, n);
        }
        Stir::Die(n) => {
            if let Some((incarnation, state)) = engine.get_mut(&n) {
                *state = RunState::Exited;
                let key = id(n, *incarnation);
                play.happened(key, Action::Die { exit_code: 1 });
            }
        }
        Stir::Start(n) => {
            if let Some((incarnation, state)) = engine.get_mut(&n) {
                *state = RunState::Running;
                let key = id(n, *incarnation);
                play.happened(key, Action::Start);
            }
        }
        Stir::Sort => drop(play.wish(Intent::Sort)),
        Stir::Group => drop(play.wish(Intent::Group)),
        Stir::Relist => {
            let all = engine
                .iter()
                .map(|(n, (incarnation, state))| container(id(*n, *incarnation), &format!("c{n}"), *state));
            let all = all.collect();
            play.fact(0, 1, HostFact::Listed(all));
        }
        Stir::Add(_) => {}
    }
}

fn create(play: &mut Play, engine: &mut Engine, incarnations: &mut u64, n: u64) {
    *incarnations += 1;
    engine.insert(n, (*incarnations, RunState::Running));
    play.fact(
        0,
        1,
        HostFact::Refreshed(vec![container(
            id(n, *incarnations),
            &format!("c{n}"),
            RunState::Running,
        )]),
    );
}

fn destroy(play: &mut Play, engine: &mut Engine, n: u64) {
    if let Some((incarnation, _)) = engine.remove(&n) {
        play.happened(id(n, incarnation), Action::Destroy);
    }
}

/// 200 runs of 50 stirs: 10,000 reorders, additions and removals under the cursor, 0 wrong targets.
#[test]
fn ten_thousand_stirs_and_no_wrong_target() {
    let mut runner = TestRunner::new(Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    });
    let input = (0..20i32, proptest::collection::vec(stir(), 50));
    let result = runner.run(&input, |(moves, stirs)| {
        let mut play = Play::new(&[("web-1", Env::Production)]);
        let (mut engine, mut incarnations) = (Engine::new(), 0);
        play.fact(0, 1, HostFact::Listed(Vec::new()));
        for n in 0..20 {
            create(&mut play, &mut engine, &mut incarnations, n);
        }
        play.draw();
        play.wish(Intent::Move(Step::Lines(moves)));
        let mut chosen = play.state.table.cursor.expect("there are containers");
        play.wish(Intent::Mark);
        play.wish(Intent::Select(chosen));
        for stir in &stirs {
            play.wait(100);
            apply(&mut play, &mut engine, &mut incarnations, stir);
            play.draw();
            let exists = engine
                .iter()
                .any(|(n, (incarnation, _))| id(*n, *incarnation) == chosen);
            if exists {
                prop_assert_eq!(play.state.table.cursor, Some(chosen));
                prop_assert!(play.state.table.marks.contains(&chosen));
                if let Some(prompt) = prompt_for(&mut play) {
                    prop_assert_eq!(prompt, chosen);
                }
            } else {
                // Gone: not its namesake, not silently another one's mark.
                prop_assert!(!play.state.table.marks.contains(&chosen));
                let Some(next) = play.state.table.cursor else {
                    break;
                };
                prop_assert_ne!(next, chosen);
                chosen = next;
                play.wish(Intent::UnmarkAll);
                play.wish(Intent::Mark);
                play.wish(Intent::Select(chosen));
            }
        }
        Ok(())
    });
    result.expect("the cursor holds an identity");
}

/// Whom a restart asked for now would meet. Closes the prompt again.
fn prompt_for(play: &mut Play) -> Option<ContainerKey> {
    play.wish(Intent::Order(Command::Restart));
    let target = play.state.prompt.as_ref().map(|prompt| prompt.targets[0].key);
    play.wish(Intent::Back);
    target
}

#[test]
fn a_prompt_refuses_when_its_container_was_made_anew_under_the_same_name() {
    let (old, new) = (key(0, 1), key(0, 2));
    let mut play = Play::one_host(vec![container(old, "api", RunState::Running)]);
    play.wish(Intent::Order(Command::Restart));
    assert_eq!(play.state.prompt.as_ref().expect("a prompt").targets[0].key, old);
    play.happened(old, Action::Destroy);
    play.fact(
        0,
        1,
        HostFact::Refreshed(vec![container(new, "api", RunState::Running)]),
    );
    let prompt = play.state.prompt.as_ref().expect("it stays, to say why");
    assert!(
        prompt.void.as_ref().expect("void").contains("api@web-1 is gone"),
        "{:?}",
        prompt.void
    );
    assert_eq!(orders(&play.wish(Intent::Yes)), []);
}

#[test]
fn until_the_operator_moves_the_cursor_waits_on_top_for_hosts_that_have_not_answered() {
    let mut play = Play::new(&[("a", Env::Dev), ("b", Env::Dev)]);
    play.fact(
        0,
        1,
        HostFact::Listed(vec![container(key(0, 1), "zebra", RunState::Running)]),
    );
    play.draw();
    play.fact(
        1,
        1,
        HostFact::Listed(vec![container(key(1, 1), "ant", RunState::Running)]),
    );
    play.draw();
    assert_eq!(play.rows(), ["ant", "zebra"]);
    assert_eq!(play.cursor_name(), "ant");
    // From then on it holds its container.
    play.fact(
        1,
        1,
        HostFact::Refreshed(vec![container(key(1, 2), "aardvark", RunState::Running)]),
    );
    play.draw();
    assert_eq!(play.rows()[0], "aardvark");
    assert_eq!(play.cursor_name(), "ant");
}
