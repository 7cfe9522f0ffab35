//! Sorting, grouping, filtering, and what is wanted for what is shown.

use wheelhouse::fleet::effect::Effect;
use wheelhouse::fleet::event::{Event, HostFact};
use wheelhouse::fleet::intent::{Field, Intent, Step};
use wheelhouse::fleet::model::{AppRule, ContainerKey, Env, Health, RunState, Sample};
use wheelhouse::fleet::state::Settings;

use super::support::{Play, container, key};

fn fleet() -> Play {
    let rule = AppRule {
        name: "tools".into(),
        containers: vec!["cron*".into()],
    };
    let settings = Settings {
        apps: vec![rule],
        ..Settings::default()
    };
    let mut play = Play::with(settings, &[("web-1", Env::Production), ("db-1", Env::Production)]);
    let mut api = container(key(0, 1), "shop-api", RunState::Running);
    (api.app, api.service) = (Some("shop".into()), Some("api".into()));
    let mut bad = container(key(0, 2), "shop-worker", RunState::Exited);
    (bad.app, bad.service, bad.exit_code) = (Some("shop".into()), Some("worker".into()), Some(137));
    let mut sick = container(key(1, 3), "pg", RunState::Running);
    sick.health = Some(Health::Unhealthy);
    play.fact(
        0,
        1,
        HostFact::Listed(vec![api, bad, container(key(0, 4), "cron-1", RunState::Exited)]),
    );
    play.fact(1, 1, HostFact::Listed(vec![sick]));
    play.draw();
    play
}

fn type_filter(play: &mut Play, text: &str) -> Vec<String> {
    play.wish(Intent::Edit(Field::Filter));
    play.wish(Intent::Type(text.into()));
    play.wish(Intent::Accept);
    play.draw();
    play.rows()
}

#[test]
fn problems_stand_on_top_and_sorting_goes_round() {
    let mut play = fleet();
    assert_eq!(play.rows(), ["shop/worker", "pg", "shop/api", "tools/cron-1"]);
    play.wish(Intent::Sort);
    play.draw();
    assert_eq!(play.rows(), ["pg", "shop/api", "shop/worker", "tools/cron-1"]);
    for _ in 0..5 {
        play.wish(Intent::Sort);
    }
    play.draw();
    assert_eq!(play.rows(), ["shop/worker", "pg", "shop/api", "tools/cron-1"]);
}

#[test]
fn groups_have_headings_that_the_cursor_passes() {
    let mut play = fleet();
    play.wish(Intent::Group);
    play.draw();
    assert_eq!(
        play.rows(),
        [
            "# shop 2",
            "shop/worker",
            "shop/api",
            "# no app 1",
            "pg",
            "# tools 1",
            "tools/cron-1"
        ]
    );
    play.wish(Intent::Move(Step::Top));
    assert_eq!(play.cursor_name(), "shop-worker");
    play.wish(Intent::Move(Step::Lines(2)));
    assert_eq!(play.cursor_name(), "pg");
    play.wish(Intent::Group);
    play.draw();
    assert_eq!(play.rows()[0], "# web-1 3");
}

#[test]
fn filters_narrow_and_esc_takes_them_back() {
    let mut play = fleet();
    assert_eq!(type_filter(&mut play, "state:problem"), ["shop/worker", "pg"]);
    assert_eq!(type_filter(&mut play, "host:db"), ["pg"]);
    assert_eq!(type_filter(&mut play, "shop !worker"), ["shop/api"]);
    assert_eq!(type_filter(&mut play, "app:tools"), ["tools/cron-1"]);
    assert_eq!(
        (
            play.state.table.shown,
            play.state.table.total,
            play.state.table.running
        ),
        (1, 4, 2)
    );
    play.wish(Intent::Edit(Field::Filter));
    play.wish(Intent::Type("nothing".into()));
    play.wish(Intent::Back);
    play.draw();
    assert_eq!(
        play.rows(),
        ["tools/cron-1"],
        "esc goes back to what the filter was"
    );
    play.wish(Intent::Back);
    play.draw();
    assert_eq!(play.rows().len(), 4);
}

#[test]
fn statistics_are_wanted_for_running_rows_on_screen_only() {
    let mut play = fleet();
    let watched = |effects: &[Effect]| -> Vec<ContainerKey> {
        let last = effects.iter().rev().find_map(|effect| match effect {
            Effect::WatchStats(keys) => Some(keys.clone()),
            _ => None,
        });
        last.unwrap_or_default()
    };
    play.wish(Intent::Edit(Field::Filter));
    play.wish(Intent::Type("shop".into()));
    assert_eq!(watched(&play.draw()), [key(0, 1)]);
    assert!(play.draw().is_empty(), "asked once");
}

#[test]
fn cpu_is_computed_from_our_own_last_sample() {
    let mut play = fleet();
    let sample = |read_ns, cpu_ns| Sample {
        read_ns,
        cpu_ns,
        memory: 98 << 20,
        ..Sample::default()
    };
    play.event(Event::Sampled(vec![(
        key(0, 1),
        sample(1_000_000_000, 5_000_000),
    )]));
    let usage = play
        .state
        .entry(key(0, 1))
        .expect("there")
        .usage
        .expect("sampled");
    assert_eq!((usage.cpu, usage.memory), (None, 98 << 20));
    play.event(Event::Sampled(vec![(
        key(0, 1),
        sample(3_000_000_000, 1_005_000_000),
    )]));
    let usage = play
        .state
        .entry(key(0, 1))
        .expect("there")
        .usage
        .expect("sampled");
    assert_eq!(usage.cpu, Some(50.0));
    // A container that was started again counts from nothing.
    play.event(Event::Sampled(vec![(key(0, 1), sample(5_000_000_000, 1_000))]));
    assert_eq!(
        play.state
            .entry(key(0, 1))
            .expect("there")
            .usage
            .expect("sampled")
            .cpu,
        None
    );
}

#[test]
fn problem_rows_on_screen_are_inspected_once() {
    let mut play = Play::new(&[("web-1", Env::Production)]);
    let mut bad = container(key(0, 1), "worker", RunState::Exited);
    bad.exit_code = Some(1);
    play.fact(
        0,
        1,
        HostFact::Listed(vec![bad, container(key(0, 2), "api", RunState::Running)]),
    );
    let inspected = |effects: Vec<Effect>| {
        effects
            .into_iter()
            .filter(|e| matches!(e, Effect::Inspect(_)))
            .count()
    };
    assert_eq!(inspected(play.draw()), 1);
    assert_eq!(inspected(play.draw()), 0);
}

#[test]
fn q_goes_back_and_quits_at_the_root() {
    let mut play = fleet();
    play.wish(Intent::Problems);
    assert!(play.wish(Intent::Quit).is_empty());
    assert_eq!(play.wish(Intent::Quit), [Effect::Quit]);
    let mut play = fleet();
    play.wish(Intent::Interrupt);
    assert!(play.state.view.quit_asked);
    play.wish(Intent::Move(Step::Lines(1)));
    assert!(
        !play.state.view.quit_asked,
        "any other key takes the question back"
    );
    play.wish(Intent::Interrupt);
    assert_eq!(play.wish(Intent::Yes), [Effect::Quit]);
}
