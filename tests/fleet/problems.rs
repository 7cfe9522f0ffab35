//! What counts as a problem.

use wheelhouse::fleet::event::{Action, Event, HostFact};
use wheelhouse::fleet::model::{Env, ErrorKind, Health, HostId, Liveness, RunState, SourceError};
use wheelhouse::fleet::state::Subject;

use super::support::{Play, container, key};

fn problems(play: &mut Play) -> Vec<String> {
    play.event(Event::Ticked);
    play.draw();
    play.state
        .problems
        .iter()
        .map(|problem| problem.what.clone())
        .collect()
}

fn one() -> Play {
    Play::one_host(vec![container(key(0, 1), "api", RunState::Running)])
}

#[test]
fn a_non_zero_exit_is_a_problem_unless_it_was_asked_for() {
    let mut play = one();
    play.happened(key(0, 1), Action::Die { exit_code: 137 });
    assert_eq!(problems(&mut play), ["exited 137"]);

    let mut play = one();
    play.happened(key(0, 1), Action::Kill { signal: "15".into() });
    play.happened(key(0, 1), Action::Die { exit_code: 143 });
    play.happened(key(0, 1), Action::Stop);
    assert!(problems(&mut play).is_empty());

    let mut play = one();
    play.happened(key(0, 1), Action::Kill { signal: "1".into() });
    play.happened(key(0, 1), Action::Die { exit_code: 1 });
    assert_eq!(
        problems(&mut play),
        ["exited 1"],
        "a reload signal asks for no end"
    );

    let mut play = one();
    play.happened(key(0, 1), Action::Die { exit_code: 0 });
    assert!(problems(&mut play).is_empty());
}

#[test]
fn three_ends_in_five_minutes_are_a_crash_loop_until_they_are_past() {
    let mut play = one();
    for n in 1..=3 {
        play.happened(key(0, 1), Action::Die { exit_code: 1 });
        play.happened(key(0, 1), Action::Start);
        assert_eq!(problems(&mut play).len(), usize::from(n == 3));
        play.wait(60_000);
    }
    assert_eq!(problems(&mut play), ["restarting ×3"]);
    play.wait(4 * 60_000);
    assert!(problems(&mut play).is_empty());
}

#[test]
fn events_told_again_after_a_lost_connection_count_once() {
    let mut play = one();
    for _ in 0..2 {
        play.wait(1_000);
        play.happened(key(0, 1), Action::Die { exit_code: 1 });
        play.happened(key(0, 1), Action::Die { exit_code: 1 });
        play.happened(key(0, 1), Action::Start);
        play.happened(key(0, 1), Action::Start);
    }
    assert!(problems(&mut play).is_empty());
}

#[test]
fn unhealthy_and_out_of_memory_are_said() {
    let mut play = one();
    play.happened(key(0, 1), Action::Health(Health::Unhealthy));
    assert_eq!(problems(&mut play), ["unhealthy"]);
    play.happened(key(0, 1), Action::Oom);
    play.happened(key(0, 1), Action::Die { exit_code: 137 });
    assert_eq!(problems(&mut play), ["exited 137, out of memory"]);
}

#[test]
fn a_host_goes_stale_down_and_comes_back() {
    let mut play = one();
    play.wait(10_000);
    play.fact(0, 1, HostFact::Silent { for_ms: 4_000 });
    assert_eq!(play.state.hosts[0].liveness, Liveness::Stale { since: 6_000 });
    assert_eq!(problems(&mut play), ["stale: does not answer"]);
    play.lost(
        0,
        SourceError::new(ErrorKind::Timeout, "no answer for 8 s"),
        Some(500),
    );
    assert_eq!(problems(&mut play), ["down: no answer for 8 s"]);
    assert_eq!(play.state.problems[0].subject, Subject::Host(HostId(0)));
    assert_eq!(play.state.table.total, 1, "stale is never shown as empty");
    // An attempt does not hide the reason; facts of the old connection are not heard.
    play.fact(0, 2, HostFact::Dialled);
    assert!(matches!(play.state.hosts[0].liveness, Liveness::Down { .. }));
    play.fact(0, 1, HostFact::Listed(Vec::new()));
    assert_eq!(play.state.hosts[0].containers.len(), 1);
    play.fact(
        0,
        2,
        HostFact::Listed(vec![container(key(0, 1), "api", RunState::Running)]),
    );
    assert!(play.state.hosts[0].liveness.is_live());
    assert!(problems(&mut play).is_empty());
}

#[test]
fn what_needs_a_person_waits_until_asked() {
    let mut play = Play::new(&[("web-1", Env::Production)]);
    play.lost(0, SourceError::new(ErrorKind::Tls, "unknown CA"), None);
    assert!(matches!(
        play.state.hosts[0].liveness,
        Liveness::Down { retry_at: None, .. }
    ));
    play.fact(0, 2, HostFact::Dialled);
    assert!(matches!(
        play.state.hosts[0].liveness,
        Liveness::Connecting { .. }
    ));
}
