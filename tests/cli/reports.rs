//! `ps`, `hosts`, `inspect`: shapes, what is missing, and nothing hostile.

use std::time::Duration;

use wheelhouse::demo::{ContainerSpec, EngineSpec, Start};

use crate::support::{Home, ran};

fn web() -> EngineSpec {
    EngineSpec::named("web-1")
        .with(
            ContainerSpec::new("calm", "shop:1")
                .compose("shop", "api")
                .port(80, Some(8080)),
        )
        .with(ContainerSpec::new("broken", "shop:2").start(Start::Exited(137, Duration::from_secs(60))))
}

#[test]
fn ps_as_json_has_every_field() {
    let home = Home::new();
    home.serve(vec![web()]);
    let ran = home.run(&["ps", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    let rows = ran.json();
    let [broken, calm] = rows.as_array().expect("an array").as_slice() else {
        panic!("{rows}");
    };
    assert_eq!(broken["name"], "broken");
    assert_eq!(broken["state"], "exited");
    assert_eq!(broken["exit_code"], 137);
    assert!(broken["app"].is_null());
    assert_eq!(calm["host"], "web-1");
    assert_eq!(calm["id"].as_str().expect("an id").len(), 64);
    assert_eq!(calm["image"], "shop:1");
    assert_eq!(calm["state"], "running");
    assert!(calm["status"].as_str().expect("a sentence").starts_with("Up "));
    assert!(calm["health"].is_null() && calm["exit_code"].is_null());
    assert_eq!((&calm["app"], &calm["service"]), (&"shop".into(), &"api".into()));
    calm["created"]
        .as_str()
        .expect("a time")
        .parse::<jiff::Timestamp>()
        .expect("RFC 3339");
    assert_eq!(calm["ports"][0]["public"], 8080);
    assert_eq!(calm["ports"][0]["private"], 80);
}

#[test]
fn a_dead_host_is_named_and_the_rest_is_printed() {
    let home = Home::new();
    home.serve(vec![web()]);
    home.add_dead_host("web-2");
    let ran = home.run(&["ps"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.out.contains("calm")
            && ran
                .out
                .lines()
                .nth(1)
                .is_some_and(|line| line.contains("exited 137"))
    );
    assert!(ran.err.starts_with("wheelhouse: web-2: "), "{ran:?}");
    assert!(!ran.out.contains('\x1b'));

    let ran = home.run(&["hosts", "--json"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let rows = ran.json();
    assert_eq!(rows[0]["state"], "live");
    assert_eq!(
        (&rows[0]["containers"], &rows[0]["running"]),
        (&2.into(), &1.into())
    );
    assert!(
        rows[0]["engine"].is_string() && rows[0]["latency_ms"].is_number() && rows[0]["reason"].is_null()
    );
    assert_eq!(rows[1]["state"], "down");
    assert!(rows[1]["reason"].is_string() && rows[1]["engine"].is_null() && rows[1]["endpoint"].is_string());
}

#[test]
fn apps_of_the_configuration_are_told() {
    let home = Home::new();
    home.serve(vec![web()]);
    let file = home.path(".config/wheelhouse/config.toml");
    let text = std::fs::read_to_string(&file).expect("the file");
    std::fs::write(
        &file,
        text + "[[app]]\nname = \"ruin\"\ncontainers = [\"bro*\"]\n",
    )
    .expect("written");
    assert_eq!(home.run(&["ps", "--json"]).json()[0]["app"], "ruin");
}

#[test]
fn hostile_text_does_not_reach_the_output() {
    let home = Home::new();
    let evil = ContainerSpec::new("evil\x1b[2J\u{9b}1m", "img\u{202e}\x07").env("\x1b]0;x\x07=y");
    home.serve(vec![EngineSpec::named("web-1").with(evil)]);
    for arguments in [
        &["ps"][..],
        &["ps", "--json"],
        &["inspect", "evil\\x1b[2J\\u{9b}1m"],
    ] {
        let ran = home.run(arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            !ran.out
                .contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')),
            "{ran:?}"
        );
    }
}

#[test]
fn inspect_masks_until_it_is_asked() {
    let home = Home::new();
    let secretive = ContainerSpec::new("api", "shop:1").env("TOKEN=hunter2");
    home.serve(vec![EngineSpec::named("web-1").with(secretive)]);
    let masked = home.run(&["inspect", "web-1/api"]);
    assert_eq!(masked.code, Some(0), "{masked:?}");
    assert!(
        masked.out.contains("TOKEN") && !masked.out.contains("hunter2"),
        "{masked:?}"
    );
    assert!(!home.run(&["inspect", "api", "--json"]).out.contains("hunter2"));
    assert!(home.run(&["inspect", "api", "--reveal"]).out.contains("hunter2"));
    let refused = home.run(&["inspect", "api", "--reveal", "--read-only"]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{refused:?}");
}

#[test]
fn a_name_that_is_none_or_several_is_a_usage_error() {
    let home = Home::new();
    let other = EngineSpec::named("web-2").with(ContainerSpec::new("calm", "shop:1"));
    home.serve(vec![web(), other]);
    let ran = home.run(&["inspect", "calm"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.contains("web-1/calm (") && ran.err.contains("web-2/calm ("),
        "{ran:?}"
    );
    let ran = home.run(&["inspect", "web-2/nosuch"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.contains("there is no container nosuch on web-2"),
        "{ran:?}"
    );
}

#[test]
fn a_container_is_found_by_the_beginning_of_its_id() {
    let home = Home::new();
    let controls = home.serve(vec![web()]);
    let id = controls[0].id("calm").expect("it is there");
    assert_eq!(home.run(&["inspect", &id[..12]]).code, Some(0));
    assert_eq!(home.run(&["inspect", &format!("web-1/{id}")]).code, Some(0));
    assert_eq!(home.run(&["inspect", &id[..3]]).code, Some(2));
}

#[test]
fn no_hosts_at_all_is_said_with_what_could_be_tried() {
    let home = Home::new();
    home.write(".ssh/config", "Host web-1\n");
    let ran = ran(home.command(&["ps"]).env("DOCKER_HOST", ""));
    // Where this machine has an engine of its own it is found.
    if !std::path::Path::new("/var/run/docker.sock").exists() {
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains("wheelhouse -H ssh://web-1"), "{ran:?}");
    }
}
