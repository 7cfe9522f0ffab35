//! From the wish over the question to the outcome.

use wheelhouse::fleet::effect::Effect;
use wheelhouse::fleet::event::{Action, Event, HostFact, OrderFact};
use wheelhouse::fleet::intent::{Intent, Step};
use wheelhouse::fleet::model::{Command, Env, ErrorKind, Outcome, RunState, SourceError};
use wheelhouse::fleet::policy::Ask;
use wheelhouse::fleet::state::{OrderRecord, Phase, Settings};

use super::support::{Play, container, key, orders};

fn running(env: Env) -> Play {
    let mut play = Play::new(&[("web-1", env)]);
    play.fact(
        0,
        1,
        HostFact::Listed(vec![
            container(key(0, 1), "api", RunState::Running),
            container(key(0, 2), "db", RunState::Running),
        ]),
    );
    play.draw();
    play
}

#[test]
fn a_restart_on_production_asks_and_y_sends_it_once() {
    let mut play = running(Env::Production);
    assert_eq!(orders(&play.wish(Intent::Order(Command::Restart))), []);
    let prompt = play.state.prompt.clone().expect("a question");
    assert_eq!((prompt.ask, prompt.targets[0].key), (Ask::Yes, key(0, 1)));
    // Enter never confirms.
    assert_eq!(orders(&play.wish(Intent::Accept)), []);
    let sent = play.wish(Intent::Yes);
    let [(id, target, "restart")] = orders(&sent)[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(target, key(0, 1));
    assert_eq!(orders(&play.wish(Intent::Yes)), [], "a second y means nothing");
    // Not settled: no second order.
    play.wish(Intent::Order(Command::Restart));
    assert!(play.state.prompt.is_none());
    assert!(play.notice().contains("not settled"), "{}", play.notice());
    play.event(Event::Ordered {
        order: id,
        fact: OrderFact::Sent,
    });
    play.event(Event::Ordered {
        order: id,
        fact: OrderFact::Ended(Outcome::Unknown("the line died".into())),
    });
    assert!(matches!(
        play.state.order(id).expect("remembered").phase,
        Phase::Unknown(_)
    ));
    play.event(Event::Ordered {
        order: id,
        fact: OrderFact::Ended(Outcome::Done),
    });
    assert_eq!(play.state.order(id).expect("remembered").phase, Phase::Done);
}

#[test]
fn an_order_that_nobody_looks_after_any_more_no_longer_bars_the_way() {
    let mut play = running(Env::Production);
    play.wish(Intent::Order(Command::Restart));
    let (order, ..) = orders(&play.wish(Intent::Yes))[0];
    let unknown = OrderFact::Ended(Outcome::Unknown("the line died".into()));
    play.event(Event::Ordered { order, fact: unknown });
    play.wish(Intent::Order(Command::Restart));
    assert!(play.state.prompt.is_none());
    let fact = OrderFact::Unsettled("not within 10 minutes".into());
    play.event(Event::Ordered { order, fact });
    assert!(
        play.notice().contains("look before you repeat it"),
        "{}",
        play.notice()
    );
    play.wish(Intent::Order(Command::Restart));
    assert!(play.state.prompt.is_some());
}

#[test]
fn an_open_order_is_never_forgotten_however_many_there_are() {
    let all = (1..=600).map(|n| container(key(0, n), &format!("c{n}"), RunState::Running));
    let mut play = Play::one_host(all.collect());
    play.wish(Intent::MarkAll);
    play.wish(Intent::Order(Command::Restart));
    play.wish(Intent::Type("600".into()));
    let sent = orders(&play.wish(Intent::Accept));
    assert_eq!(sent.len(), 600);
    for (id, ..) in &sent {
        assert!(play.state.order(*id).is_some_and(OrderRecord::is_open), "{id:?}");
    }
    let fact = OrderFact::Ended(Outcome::Refused("no".into()));
    play.event(Event::Ordered {
        order: sent[0].0,
        fact,
    });
    assert!(play.notice().contains("refused: no"), "{}", play.notice());
}

#[test]
fn a_key_pressed_for_a_container_that_just_went_is_not_taken_for_its_neighbour() {
    let mut play = running(Env::Dev);
    assert_eq!(play.cursor_name(), "api");
    play.wish(Intent::Move(Step::Top));
    play.wait(10_000);
    play.happened(key(0, 1), Action::Destroy);
    play.draw();
    assert_eq!(play.cursor_name(), "db");
    play.wait(100);
    play.wish(Intent::Order(Command::Restart));
    assert!(play.state.prompt.is_none());
    assert!(play.notice().contains("another container"), "{}", play.notice());
    // Pressed again, it is meant; so it is after a look of half a second.
    play.wish(Intent::Order(Command::Restart));
    assert_eq!(
        play.state.prompt.as_ref().expect("a question").targets[0].key,
        key(0, 2)
    );
}

#[test]
fn keys_in_a_burst_neither_open_nor_answer_a_prompt() {
    let mut play = running(Env::Production);
    play.burst(Intent::Order(Command::Restart));
    assert!(play.state.prompt.is_none());
    play.wish(Intent::Order(Command::Restart));
    assert_eq!(orders(&play.burst(Intent::Yes)), []);
    assert!(play.state.prompt.is_some());
    play.wish(Intent::Back);
    play.wish(Intent::Order(Command::Kill));
    play.burst(Intent::Type("api".into()));
    assert_eq!(orders(&play.burst(Intent::Accept)), []);
    assert_eq!(
        orders(&play.wish(Intent::Accept)).len(),
        1,
        "the typed name stands; a key of its own sends it"
    );
}

#[test]
fn kill_wants_the_name_and_several_want_their_count() {
    let mut play = running(Env::Production);
    play.wish(Intent::Order(Command::Kill));
    assert_eq!(orders(&play.wish(Intent::Yes)), [], "y is not enough");
    play.wish(Intent::Type("ap".into()));
    assert_eq!(orders(&play.wish(Intent::Accept)), []);
    play.wish(Intent::Type("api".into()));
    assert_eq!(orders(&play.wish(Intent::Accept)).len(), 1);

    let mut play = running(Env::Production);
    play.wish(Intent::MarkAll);
    play.wish(Intent::Order(Command::Restart));
    assert_eq!(play.state.prompt.as_ref().expect("a question").expected, "2");
    play.wish(Intent::Type("2".into()));
    assert_eq!(orders(&play.wish(Intent::Accept)).len(), 2);
    assert!(play.state.table.marks.is_empty());
}

#[test]
fn on_a_dev_host_starting_needs_no_question() {
    let mut play = Play::new(&[("dev-1", Env::Dev)]);
    play.fact(
        0,
        1,
        HostFact::Listed(vec![container(key(0, 1), "api", RunState::Exited)]),
    );
    play.draw();
    assert_eq!(orders(&play.wish(Intent::Order(Command::Start))).len(), 1);
}

#[test]
fn a_prompt_expires_and_says_so() {
    let mut play = running(Env::Production);
    play.wish(Intent::Order(Command::Restart));
    let wake = play.state.next_wake().expect("a deadline");
    assert!(wake <= 30_000);
    play.wait(30_000);
    play.event(Event::Ticked);
    assert!(play.state.prompt.is_none());
    assert!(play.notice().contains("nothing was sent"));
    assert_eq!(orders(&play.wish(Intent::Yes)), []);
}

#[test]
fn a_prompt_is_void_when_its_container_ends_or_its_host_falls_silent() {
    let mut play = running(Env::Production);
    play.wish(Intent::Order(Command::Restart));
    play.happened(key(0, 1), Action::Die { exit_code: 1 });
    assert!(
        play.state
            .prompt
            .as_ref()
            .expect("open")
            .void
            .as_ref()
            .expect("void")
            .contains("is now exited")
    );
    assert_eq!(orders(&play.wish(Intent::Yes)), []);

    let mut play = running(Env::Production);
    play.wish(Intent::Order(Command::Restart));
    play.fact(0, 1, HostFact::Silent { for_ms: 4500 });
    assert!(play.state.prompt.as_ref().expect("open").void.is_some());
    assert_eq!(orders(&play.wish(Intent::Yes)), []);
    play.wish(Intent::Back);
    play.wish(Intent::Order(Command::Restart));
    assert!(play.notice().contains("not live"), "{}", play.notice());
}

#[test]
fn without_a_journal_orders_are_refused_and_reading_goes_on() {
    let mut play = running(Env::Dev);
    play.event(Event::Journal(Err("permission denied".into())));
    assert_eq!(orders(&play.wish(Intent::Order(Command::Restart))), []);
    assert!(play.state.prompt.is_none());
    assert!(play.notice().contains("permission denied"));
    assert!(matches!(play.wish(Intent::Inspect)[..], [Effect::Inspect(_)]));
}

#[test]
fn read_only_orders_nothing_and_unmasks_nothing() {
    let settings = Settings {
        read_only: true,
        ..Settings::default()
    };
    let mut play = Play::with(settings, &[("dev-1", Env::Dev)]);
    play.fact(
        0,
        1,
        HostFact::Listed(vec![container(key(0, 1), "api", RunState::Exited)]),
    );
    play.draw();
    for command in Command::ALL {
        assert_eq!(orders(&play.wish(Intent::Order(command))), []);
        assert!(play.state.prompt.is_none());
        assert!(play.notice().contains("read-only"));
    }
    assert!(play.state.palette().iter().all(|entry| !entry.acts));
    play.wish(Intent::Inspect);
    play.wish(Intent::Reveal);
    assert!(play.state.inspection.as_ref().expect("open").revealed.is_empty());
}

#[test]
fn p_thaws_what_is_frozen_and_misfits_are_named() {
    let mut play = Play::one_host(vec![container(key(0, 1), "api", RunState::Paused)]);
    play.wish(Intent::Order(Command::Pause));
    assert_eq!(
        play.state.prompt.as_ref().expect("a question").command,
        Command::Unpause
    );
    play.wish(Intent::Back);
    play.wish(Intent::Order(Command::Start));
    assert!(play.notice().contains("already running"), "{}", play.notice());
}

#[test]
fn a_dead_host_refuses_orders() {
    let mut play = running(Env::Dev);
    play.lost(
        0,
        SourceError::new(ErrorKind::Unreachable, "connection refused"),
        Some(500),
    );
    assert_eq!(orders(&play.wish(Intent::Order(Command::Restart))), []);
    assert_eq!(play.state.table.total, 2, "its rows stay");
}
