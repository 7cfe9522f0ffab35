//! Finding, sorting, marking, looking: the table and what opens from it.

use std::time::Duration;

use wheelhouse::demo::{ContainerSpec, EngineSpec, Health, Start as Begin, Stream};

use crate::engine::Embedded;
use crate::support::{Start, Tui};

const MINUTE: Duration = Duration::from_secs(60);

/// Two engines: a shop of four containers, two of them in trouble.
struct Shop {
    east: Embedded,
    west: Embedded,
}

impl Shop {
    fn open() -> Self {
        let east = EngineSpec::named("east")
            .with(ContainerSpec::new("shop-web-1", "shop:1").compose("shop", "web"))
            .with(
                ContainerSpec::new("anchor", "acme/anchor:2")
                    .env("DB_PASSWORD=hunter2")
                    .env("COLOUR=blue"),
            );
        let west = EngineSpec::named("west")
            .with(
                ContainerSpec::new("shop-worker-1", "shop:1")
                    .compose("shop", "worker")
                    .start(Begin::Exited(137, MINUTE)),
            )
            .with(ContainerSpec::new("beacon", "acme/beacon:7").health(Health::Unhealthy, "false"));
        Self {
            east: Embedded::start(east),
            west: Embedded::start(west),
        }
    }

    fn console(&self, size: (u16, u16)) -> Tui {
        let (east, west) = (self.east.host("east"), self.west.host("west"));
        let tui = Start::new(&["-H", &east, "-H", &west])
            .size(size.0, size.1)
            .start();
        tui.wait_text("4/4  sort: state");
        tui
    }
}

/// The lines of the screen from the container table's left edge on.
fn table(screen: &str) -> Vec<String> {
    let edge = |line: &str| Some(line[..line.find("╭ 2 Containers")?].chars().count());
    let edge = screen.lines().find_map(edge).unwrap_or(0);
    screen
        .lines()
        .map(|line| line.chars().skip(edge + 1).collect())
        .collect()
}

/// The titles of the table's rows, in their order.
fn titles(screen: &str) -> Vec<String> {
    let lines = table(screen).into_iter();
    let rows = lines.skip_while(|line| !line.contains("APP/SERVICE")).skip(1);
    let title = |row: String| {
        row.split_whitespace()
            .find(|word| word.len() > 3)
            .map(str::to_owned)
    };
    rows.take_while(|row| !row.contains('─'))
        .filter_map(title)
        .collect()
}

/// The row under the cursor.
fn cursor(screen: &str) -> String {
    let row = table(screen).into_iter().find(|line| line.starts_with('›'));
    row.unwrap_or_default()
}

fn wait_titles(tui: &Tui, what: &str, wanted: &[&str]) {
    tui.wait_for(what, |screen| titles(&screen.contents()) == wanted);
}

#[test]
fn a_filter_narrows_as_it_is_typed_and_goes_back() {
    let shop = Shop::open();
    let mut tui = shop.console((140, 36));
    let all = ["shop/worker", "beacon", "anchor", "shop/web"];
    wait_titles(&tui, "what is broken first", &all);
    tui.press("/", "the field", |screen| screen.contents().contains("filter /"));
    for (typed, left) in [
        ("shp", &["shop/worker", "shop/web"][..]),
        ("!worker", &["beacon", "anchor", "shop/web"]),
        ("host:west", &["shop/worker", "beacon"]),
        ("state:problem !shop", &["beacon"]),
        ("app:shop state:up", &["shop/web"]),
        ("image:acme", &["beacon", "anchor"]),
    ] {
        tui.send(b"\x15");
        wait_titles(&tui, "all again", &all);
        tui.type_text(typed);
        wait_titles(&tui, typed, left);
    }
    tui.press("\r", "the filter stays", |screen| {
        screen.contents().contains("filter: image:acme")
    });
    tui.press("\x1b", "all again", |screen| {
        !screen.contents().contains("filter: ")
    });
    wait_titles(&tui, "all again", &all);
}

#[test]
fn the_table_is_sorted_and_grouped() {
    let shop = Shop::open();
    let mut tui = shop.console((140, 36));
    tui.press("o", "by name", |screen| screen.contents().contains("sort: name"));
    wait_titles(&tui, "by name", &["anchor", "beacon", "shop/web", "shop/worker"]);
    tui.press("o", "by host", |screen| screen.contents().contains("sort: host"));
    wait_titles(&tui, "by host", &["anchor", "shop/web", "beacon", "shop/worker"]);
    tui.press("O", "by app", |screen| screen.contents().contains("group: app"));
    tui.wait_for("headings", |screen| {
        let text = screen.contents();
        text.contains(" shop  2") && text.contains(" no app  2")
    });
    tui.press("O", "by host", |screen| screen.contents().contains("group: host"));
    tui.wait_for("headings", |screen| {
        let text = screen.contents();
        text.contains(" east  2") && text.contains(" west  2")
    });
    tui.press("O", "no groups", |screen| !screen.contents().contains("group: "));
}

#[test]
fn secrets_are_masked_until_each_is_asked_for() {
    let shop = Shop::open();
    let mut tui = shop.console((140, 60));
    tui.send(b"G");
    tui.wait_for("the last row", |screen| {
        cursor(&screen.contents()).contains("shop/web")
    });
    tui.press("k", "the one before", |screen| {
        cursor(&screen.contents()).contains("anchor")
    });
    tui.press("i", "the inspection", |screen| {
        let text = screen.contents();
        text.contains("Inspect  anchor@east")
            && text.contains("DB_PASSWORD   ••••••")
            && text.contains("COLOUR        ••••••")
    });
    // Down to the value.
    while !tui.contents().lines().any(|line| line.contains("›  DB_PASSWORD")) {
        tui.type_alone(b"j");
    }
    tui.press("v", "the value", |screen| {
        screen.contents().contains("DB_PASSWORD   hunter2")
    });
    assert!(!tui.contents().contains("blue"), "the other stays masked");
    tui.press("v", "masked again", |screen| {
        !screen.contents().contains("hunter2")
    });
    tui.press("v", "the value", |screen| screen.contents().contains("hunter2"));
    tui.press("q", "the inspection gone", |screen| {
        !screen.contents().contains("Inspect  ")
    });
    tui.press("i", "masked anew", |screen| {
        screen.contents().contains("DB_PASSWORD   ••••••")
    });
}

#[test]
fn a_problem_leads_to_its_container_and_its_host() {
    let shop = Shop::open();
    let (east, west) = (shop.east.host("east"), shop.west.host("west"));
    let mut tui = Start::new(&["-H", &east, "-H", &west, "-H", "dead=tcp://127.0.0.1:1"])
        .size(140, 36)
        .start();
    tui.wait_text("▲ 3 problems");
    tui.press("!", "the problems", |screen| {
        let text = screen.contents();
        let place = |words: &str| text.find(words);
        // Hosts first, then what exited, then what is unwell.
        place("down: connection refused").is_some()
            && place("down: connection refused") < place("shop-worker-1@west")
            && place("shop-worker-1@west") < place("beacon@west")
    });
    tui.type_alone(b"j");
    tui.type_alone(b"j");
    tui.press("\r", "the container", |screen| {
        let text = screen.contents();
        !text.contains("Problems  ") && cursor(&text).contains("beacon")
    });
    tui.press("!", "the problems", |screen| {
        screen.contents().contains("Problems  3")
    });
    tui.press("\r", "the host, with its trouble", |screen| {
        let text = screen.contents();
        text.lines().any(|line| line.starts_with("│›✖ dead")) && text.contains("connection refused")
    });
}

#[test]
fn a_command_is_called_by_its_name() {
    let shop = Shop::open();
    let mut tui = shop.console((140, 36));
    tui.press(":", "the commands", |screen| {
        screen.contents().contains("Commands")
    });
    tui.type_text("grou");
    tui.press("\r", "grouped", |screen| screen.contents().contains("group: app"));
    tui.press(":", "the commands", |screen| {
        screen.contents().contains("Commands")
    });
    tui.type_text("start");
    // It is the whole name: `restart` comes after it. An order asks, however it was called.
    tui.press("\r", "the question", |screen| {
        screen.contents().contains("Start shop-worker-1?")
    });
    tui.press("y", "started", |screen| screen.contents().contains("start done"));
    assert_eq!(shop.west.control.state("shop-worker-1"), Some("running"));
}

#[test]
fn the_selection_survives_every_size() {
    let shop = Shop::open();
    let mut tui = shop.console((140, 36));
    tui.press("G", "the last row", |screen| {
        cursor(&screen.contents()).contains("shop/web")
    });
    for (columns, rows) in [(80, 24), (40, 10), (20, 5), (300, 100), (1, 1), (120, 16)] {
        tui.resize(columns, rows);
        if columns >= 40 {
            tui.wait_for("the same row", |screen| {
                screen
                    .contents()
                    .lines()
                    .any(|line| line.contains('›') && line.contains("shop/web"))
            });
        }
    }
}

#[test]
fn names_rows_and_values_are_copied_to_the_clipboard() {
    let shop = Shop::open();
    let mut tui = shop.console((140, 36));
    tui.wait_for("the first row", |screen| {
        cursor(&screen.contents()).contains("shop/worker")
    });
    tui.press("y", "the word", |screen| {
        screen.contents().contains("copied: shop-worker-1")
    });
    tui.press("Y", "the word", |screen| {
        screen.contents().contains("copied: west  shop-worker-1")
    });
    tui.send(b"q");
    assert_eq!(tui.wait_exit(), 0);
    let copied = tui.assert_restored().copied;
    assert_eq!(copied.len(), 2);
    assert_eq!(copied[0], "c2hvcC13b3JrZXItMQ==", "shop-worker-1 in base 64");
    assert!(
        copied[1].starts_with("d2VzdAlzaG9wLXdvcmtlci0x"),
        "west, a tab, the name, and more"
    );
}

#[test]
fn a_log_is_followed_held_and_searched() {
    let shop = Shop::open();
    let control = &shop.east.control;
    let write = |numbers: std::ops::Range<u32>| {
        for number in numbers {
            let line = format!(
                "order {number} {}\n",
                if number % 50 == 7 { "kettle" } else { "cup" }
            );
            assert!(control.log("anchor", Stream::Stdout, line.as_bytes()));
        }
    };
    write(0..100);
    let mut tui = shop.console((140, 36));
    tui.press("/", "the field", |screen| screen.contents().contains("filter /"));
    tui.type_text("anchor");
    tui.wait_text("1/4  sort");
    tui.type_alone(b"\r");
    tui.press("\r", "its log", |screen| screen.contents().contains("order 99 "));
    tui.wait_text("follow · 100 lines");
    write(100..120);
    tui.wait_text("order 119 ");
    // Up holds the place, whatever comes.
    tui.press("g", "the first line", |screen| {
        screen.contents().contains("order 0 ")
    });
    write(120..150);
    tui.wait_text("held +30 new");
    assert!(tui.contents().contains("order 0 ") && !tui.contents().contains("order 149 "));
    tui.press("f", "the end", |screen| screen.contents().contains("order 149 "));
    tui.wait_text("follow · 150 lines");
    tui.press("/", "the search", |screen| screen.contents().contains("search /"));
    tui.type_text("kettle");
    tui.wait_text("/3");
    tui.press("\r", "the matches", |screen| {
        let text = screen.contents();
        !text.contains("search /") && text.contains("/kettle ")
    });
    for (key, line) in [("N", "order 57 "), ("N", "order 7 "), ("n", "order 57 ")] {
        tui.press(key, line, |screen| screen.contents().contains(line));
    }
    // A link that is lost and found again loses no line and doubles none.
    tui.press("f", "the end", |screen| screen.contents().contains("order 149 "));
    control.drop_connections();
    write(150..160);
    tui.wait_text("order 159 ");
    tui.wait_text("follow · 160 lines");
}

#[test]
fn statistics_and_their_history_appear() {
    let shop = Shop::open();
    shop.east.control.load("anchor", 37.0, 123 << 20);
    let mut tui = shop.console((170, 36));
    tui.press("G", "the last row", |screen| {
        cursor(&screen.contents()).contains("shop/web")
    });
    tui.press("k", "the one before", |screen| {
        cursor(&screen.contents()).contains("anchor")
    });
    tui.wait_for("processor and memory", |screen| {
        let row = cursor(&screen.contents());
        row.contains("% ") && row.contains("M ")
    });
    let spark = |line: &str| line.contains(|c| ('▁'..='█').contains(&c));
    tui.wait_for("the row's history and the host's", |screen| {
        let text = screen.contents();
        let row = text
            .lines()
            .any(|line| line.contains("anchor@east") && line.contains("cpu ") && spark(line));
        let host = text
            .lines()
            .any(|line| line.contains("● east") && spark(line.split("││").next().unwrap_or("")));
        row && host
    });
    // What does not run is not asked for.
    assert_eq!(
        shop.west.asked(
            "GET",
            &format!("{}/stats", shop.west.control.id("shop-worker-1").unwrap())
        ),
        0
    );
}
