//! Pictures of whole screens, and what keys mean.

use std::collections::{HashSet, VecDeque};

use crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Keymap, Looks, Theme, Ui};
use crate::fleet::State;
use crate::fleet::intent::{Field, Grouping, Intent, Pane, Step};
use crate::fleet::model::{
    Command, Container, ContainerId, ContainerKey, Details, Endpoint, EngineInfo, Env, ErrorKind, Health,
    HostId, HostSpec, Liveness, Now, Order, OrderId, Port, RunState, Secret, Section, SourceError, Usage,
    Value,
};
use crate::fleet::policy::Ask;
use crate::fleet::state::{
    Activity, Editing, Entry, Inspection, Notice, OrderRecord, Overlay, Phase, Problem, Prompt, Row,
    Settings, Subject, Target,
};

const WALL_S: i64 = 1_780_000_000;

fn key(host: u16, n: u64) -> ContainerKey {
    let id = ContainerId::parse(&format!("{:0<64}", format!("{n:02x}f3a9c1b7d4"))).expect("64 digits");
    ContainerKey {
        host: HostId(host),
        id,
    }
}

fn container(key: ContainerKey, app: &str, service: &str, state: RunState, since: i64) -> Container {
    Container {
        key,
        name: format!("{app}-{service}-1").into(),
        image: format!("registry.example/{app}:1.8.2").into(),
        image_id: "sha256:1".into(),
        state,
        status: "".into(),
        health: None,
        exit_code: None,
        created: WALL_S - 5 * 86_400,
        since: Some(WALL_S - since),
        restarts: None,
        app: Some(app.into()),
        service: Some(service.into()),
        colour: None,
        ports: Vec::new(),
    }
}

fn put(state: &mut State, container: Container, cpu: f32) {
    let (key, up) = (container.key, container.state.is_up());
    let usage = Usage {
        cpu: Some(cpu),
        memory: (cpu * 9e6) as u64,
        memory_limit: 0,
        net: Some(((cpu * 1e4) as u64, 900)),
    };
    let entry = Entry {
        app: container.app.clone(),
        container,
        stop_asked: false,
        deaths: VecDeque::new(),
        heard: None,
        oom: false,
        sample: None,
        usage: up.then_some(usage),
        cpu_history: (0..30).map(|n| (n * n % 90) as f32).collect(),
        inspected_at: None,
        order: None,
    };
    state.hosts[key.host.index()].containers.insert(key.id, entry);
    state.table.rows.push(Row::Container(key));
    state.table.total += 1;
    state.table.shown += 1;
    state.table.running += usize::from(up);
}

fn trouble(state: &mut State, subject: Subject, what: &str, ago_s: i64) {
    let since_ms = Some((WALL_S - ago_s) * 1000);
    state.problems.push(Problem {
        subject,
        what: what.to_owned(),
        since_ms,
        rank: 0,
    });
}

fn unconnected(read_only: bool) -> State {
    let spec = |(name, url, env): (&str, &str, Env)| HostSpec {
        name: name.into(),
        endpoint: Endpoint::parse(url, None).expect(url),
        env,
        tags: Vec::new(),
    };
    let hosts = [
        ("web-1", "tcp://10.0.0.1:2375", Env::Production),
        ("web-2", "tcp://10.0.0.2:2375", Env::Production),
        ("db-1", "ssh://ops@db-1", Env::Production),
        ("staging", "unix:///var/run/docker.sock", Env::Dev),
        ("edge-amsterdam-1", "ssh://edge-amsterdam-1", Env::Production),
    ];
    let settings = Settings {
        fleet: "acme".into(),
        read_only,
        ..Settings::default()
    };
    let now = Now {
        mono_ms: 1_000_000,
        wall_ms: WALL_S * 1000,
    };
    State::new(settings, hosts.map(spec).into(), now)
}

/// Five hosts: three live, one stale, one down; containers in every state.
fn fleet(read_only: bool) -> State {
    let mut state = unconnected(read_only);
    for (at, host) in state.hosts.iter_mut().enumerate() {
        host.liveness = Liveness::Live;
        host.listed = at != 4;
        host.latency_ms = Some(0.6 + at as f32);
        host.engine = Some(EngineInfo {
            version: "28.2.2".into(),
            cpus: Some(2),
            ..EngineInfo::default()
        });
        host.cpu_history = (0..40).map(|n| ((n * 37 + at * 50) % 170) as f32).collect();
    }
    state.hosts[1].twin = Some(HostId(0));
    state.hosts[2].liveness = Liveness::Stale { since: 958_000 };
    let error = SourceError::new(ErrorKind::Auth, "ssh: the host key changed")
        .advise("compare it with the machine's, then mend known_hosts");
    state.hosts[4].liveness = Liveness::Down {
        since: 820_000,
        error,
        retry_at: None,
    };
    let mut worker = container(key(1, 1), "shop", "worker", RunState::Exited, 180);
    worker.exit_code = Some(137);
    put(&mut state, worker, 0.0);
    let mut api = container(key(0, 2), "shop", "api", RunState::Running, 2 * 86_400);
    api.health = Some(Health::Unhealthy);
    api.ports = vec![
        Port {
            ip: Some("0.0.0.0".into()),
            public: Some(8080),
            private: 80,
            protocol: "tcp".into(),
        },
        Port {
            ip: Some("::".into()),
            public: Some(8080),
            private: 80,
            protocol: "tcp".into(),
        },
    ];
    put(&mut state, api, 81.0);
    let mut mailer = container(key(0, 3), "shop", "mailer", RunState::Restarting, 4);
    mailer.restarts = Some(4);
    put(&mut state, mailer, 0.0);
    for (n, (host, app, service, run, since)) in [
        (0, "shop", "web", RunState::Running, 400),
        (1, "shop", "web", RunState::Running, 500),
        (1, "billing", "cron", RunState::Paused, 3000),
        (2, "postgres", "primary", RunState::Running, 9_000_000),
        (
            2,
            "postgres",
            "replica-with-a-rather-long-name",
            RunState::Running,
            9_000_000,
        ),
        (3, "lab", "scratch", RunState::Created, 60),
        (3, "lab", "old", RunState::Dead, 60),
    ]
    .into_iter()
    .enumerate()
    {
        let mut one = container(key(host, 10 + n as u64), app, service, run, since);
        one.health = (run == RunState::Running).then_some(Health::Healthy);
        put(&mut state, one, 3.5 * n as f32);
    }
    let ordered = key(0, 10);
    let order = Order {
        id: OrderId(1),
        key: ordered,
        host: "web-1".into(),
        name: "shop-web-1".into(),
        image: "".into(),
        command: Command::Restart,
    };
    state.orders.push_back(OrderRecord {
        order,
        phase: Phase::Sent,
        at_ms: WALL_S * 1000,
    });
    state.hosts[0].containers.get_mut(&ordered.id).expect("put").order = Some(OrderId(1));
    state.table.cursor = Some(key(0, 2));
    state.table.marks = HashSet::from([key(1, 11)]);
    trouble(
        &mut state,
        Subject::Host(HostId(4)),
        "down: ssh: the host key changed",
        180,
    );
    trouble(&mut state, Subject::Container(key(1, 1)), "exited 137", 180);
    trouble(&mut state, Subject::Container(key(0, 2)), "unhealthy", 600);
    trouble(&mut state, Subject::Container(key(0, 3)), "restarting ×4", 240);
    trouble(&mut state, Subject::Host(HostId(2)), "stale", 42);
    for (ago, name, what, bad) in [
        (400, "shop-web-1@web-1", "started", false),
        (180, "shop-worker-1@web-2", "exited 137", true),
        (60, "edge-amsterdam-1", "ssh: the host key changed", true),
        (0, "shop-web-1@web-1", "restart sent", false),
    ] {
        let at_ms = (WALL_S - ago) * 1000;
        state.activity.push_back(Activity {
            at_ms,
            subject: Subject::Console,
            name: name.into(),
            what: what.into(),
            bad,
        });
    }
    state
}

fn empty() -> State {
    let mut state = unconnected(false);
    state.table.cursor = None;
    state
}

fn prompted(command: Command, ask: Ask) -> State {
    let mut state = fleet(false);
    let target = |key: ContainerKey| Target {
        key,
        host: state.host_name(key.host),
        container: state.entry(key).expect("there").container.clone(),
    };
    let targets = vec![target(key(0, 2))];
    let expected = targets[0].container.name.to_string();
    if ask == Ask::Type {
        state.view.editing = Some(Editing {
            field: Field::Answer,
            text: "shop-a".into(),
            before: String::new(),
        });
    }
    state.prompt = Some(Prompt {
        command,
        targets,
        left_out: Vec::new(),
        ask,
        expected,
        expires: 1_025_000,
        void: None,
    });
    state
}

fn prompted_for_many() -> State {
    let mut state = prompted(Command::Stop, Ask::Type);
    let targets = [key(0, 2), key(0, 10), key(1, 11), key(1, 12)].map(|key| Target {
        key,
        host: state.host_name(key.host),
        container: state.entry(key).expect("there").container.clone(),
    });
    let prompt = state.prompt.as_mut().expect("open");
    prompt.targets = targets.into();
    prompt.expected = "4".into();
    prompt.left_out = vec![("postgres-primary-1@db-1".into(), "its host is not live".into())];
    prompt.expires = 1_007_000;
    state
}

fn inspected(read_only: bool) -> State {
    let mut state = fleet(read_only);
    let plain = |label: &str, text: &str| crate::fleet::model::Field {
        label: label.into(),
        value: Value::Plain(text.into()),
    };
    let masked = |label: &str| crate::fleet::model::Field {
        label: label.into(),
        value: Value::Masked(Secret::new("hunter2".into())),
    };
    let sections = vec![
        Section {
            title: "State",
            fields: vec![
                plain("status", "running"),
                plain("started", "2026-05-27T20:26:40Z"),
                plain("restart policy", "unless-stopped"),
            ],
        },
        Section {
            title: "Command",
            fields: vec![plain(
                "arguments",
                &"/usr/bin/server --listen 0.0.0.0:80 --workers 8 ".repeat(4),
            )],
        },
        Section {
            title: "Environment",
            fields: vec![
                plain("PATH", "/usr/bin"),
                masked("DB_PASSWORD"),
                masked("API_TOKEN"),
            ],
        },
        Section {
            title: "Labels",
            fields: (0..30).map(|n| plain(&format!("label.{n}"), "value")).collect(),
        },
    ];
    let details = Details {
        key: key(0, 2),
        state: RunState::Running,
        started_ms: None,
        started_at: String::new(),
        finished_ms: None,
        exit_code: None,
        oom_killed: false,
        restarts: 0,
        tty: false,
        stop_timeout_s: 10,
        sections,
    };
    state.inspection = Some(Inspection {
        key: key(0, 2),
        details: Some(Ok(Box::new(details))),
        revealed: HashSet::new(),
    });
    state.view.overlay = Some(Overlay::Details);
    state.view.overlay_cursor = 5;
    state
}

fn ui(looks: Looks) -> Ui {
    let theme = Theme::load("dark", None).expect("dark");
    Ui::new(theme, Keymap::new(&[]).expect("defaults"), looks).with_zone(TimeZone::UTC)
}

const PLAIN: Looks = Looks {
    colour: true,
    unicode: true,
};

fn draw(ui: &Ui, state: &State, width: u16, height: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    ui.render(state, &mut buffer);
    buffer
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer.content.chunks(usize::from(buffer.area.width.max(1)));
    rows.map(|row| {
        row.iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect::<String>()
            .trim_end()
            .to_owned()
            + "\n"
    })
    .collect()
}

fn picture(state: &State, width: u16, height: u16) -> String {
    text(&draw(&ui(PLAIN), state, width, height))
}

#[test]
fn pictures() {
    let with = |name: &str, state: &State, sizes: &[(u16, u16)]| {
        for (width, height) in sizes {
            insta::assert_snapshot!(
                format!("{name}_{width}x{height}"),
                picture(state, *width, *height)
            );
        }
    };
    let all = [(200, 60), (120, 40), (80, 24), (40, 10), (39, 9)];
    with("fleet", &fleet(false), &all);
    with("empty", &empty(), &[(120, 40), (80, 24), (40, 10)]);
    with(
        "prompt_yes",
        &prompted(Command::Restart, Ask::Yes),
        &[(120, 40), (80, 24), (40, 10)],
    );
    with(
        "prompt_type",
        &prompted(Command::Kill, Ask::Type),
        &[(80, 24), (40, 10)],
    );
    with("prompt_many", &prompted_for_many(), &[(80, 24), (40, 10)]);
    with("details", &inspected(false), &[(120, 40), (80, 24), (40, 10)]);
    let mut state = fleet(true);
    state.view.overlay = Some(Overlay::Help);
    with("help_read_only", &state, &[(80, 24)]);
    let mut state = fleet(false);
    state.view.overlay = Some(Overlay::Help);
    with("help", &state, &[(120, 40), (40, 10)]);
    state.view.overlay = Some(Overlay::Problems);
    with("problems", &state, &[(120, 40), (80, 24), (40, 10)]);
    state.view.overlay = Some(Overlay::Palette);
    state.view.editing = Some(Editing {
        field: Field::Palette,
        text: "re".into(),
        before: String::new(),
    });
    with("palette", &state, &[(80, 24)]);
    let mut state = fleet(false);
    state.view.focus = Pane::Hosts;
    state.host_list.cursor = 4;
    with("hosts", &state, &[(120, 40), (80, 24), (40, 10)]);
    state.view.focus = Pane::Activity;
    with("activity", &state, &[(80, 24)]);
    state.view.focus = Pane::Containers;
    state.table.filter = "shop !web".into();
    state.view.editing = Some(Editing {
        field: Field::Filter,
        text: "shop !web".into(),
        before: String::new(),
    });
    state.table.grouping = Grouping::App;
    state.table.rows.insert(
        0,
        Row::Group {
            title: "shop".into(),
            count: 5,
        },
    );
    with("filter", &state, &[(120, 40), (80, 24)]);
    state.table.rows.clear();
    with("filter_matches_nothing", &state, &[(80, 24)]);
}

#[test]
fn a_terminal_without_unicode_or_colour_sees_words_and_ascii() {
    let buffer = draw(
        &ui(Looks {
            colour: false,
            unicode: false,
        }),
        &fleet(true),
        120,
        30,
    );
    assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
    assert!(
        buffer
            .content
            .iter()
            .all(|cell| cell.fg == ratatui::style::Color::Reset)
    );
    insta::assert_snapshot!("ascii_120x30", text(&buffer));
}

#[test]
fn a_read_only_console_shows_no_key_that_acts() {
    for overlay in [None, Some(Overlay::Help)] {
        let mut state = fleet(true);
        state.view.overlay = overlay;
        let shown = picture(&state, 200, 60);
        for word in ["r restart", "restart it", "kill and", "stop", "pause,"] {
            assert!(!shown.contains(word), "{overlay:?}: {word}\n{shown}");
        }
        assert!(shown.contains("READ-ONLY"));
    }
    assert!(!picture(&inspected(true), 120, 40).contains("reveal"));
    assert!(picture(&inspected(false), 120, 40).contains("v reveals"));
}

fn press(ui: &mut Ui, state: &State, code: KeyCode) -> Option<Intent> {
    ui.key(state, KeyEvent::new(code, KeyModifiers::NONE))
}

#[test]
fn keys_mean_what_the_place_makes_of_them() {
    let mut ui = ui(PLAIN);
    let mut state = fleet(false);
    assert_eq!(
        press(&mut ui, &state, KeyCode::Char('r')),
        Some(Intent::Order(Command::Restart))
    );
    state.view.focus = Pane::Logs;
    assert_eq!(press(&mut ui, &state, KeyCode::Char('r')), None);
    assert_eq!(
        press(&mut ui, &state, KeyCode::Char('/')),
        Some(Intent::Edit(Field::Search))
    );
    let mut event = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE);
    event.kind = KeyEventKind::Release;
    assert_eq!(ui.key(&state, event), None);
    event.kind = KeyEventKind::Repeat;
    assert_eq!(ui.key(&state, event), Some(Intent::Move(Step::Lines(1))));
    event.code = KeyCode::Char('f');
    assert_eq!(ui.key(&state, event), None, "only moves repeat");
    let state = fleet(true);
    for code in ['r', 't', 'S', 'P', 'K', 'D'] {
        assert_eq!(press(&mut ui, &state, KeyCode::Char(code)), Some(Intent::Denied));
    }
    assert_eq!(
        press(&mut ui, &inspected(true), KeyCode::Char('v')),
        Some(Intent::Denied)
    );
    let mut state = fleet(true);
    state.view.quit_asked = true;
    assert_eq!(press(&mut ui, &state, KeyCode::Char('y')), Some(Intent::Yes));
}

#[test]
fn a_question_hears_only_its_answer() {
    let mut ui = ui(PLAIN);
    let state = prompted(Command::Restart, Ask::Yes);
    for code in [
        KeyCode::Enter,
        KeyCode::Char(' '),
        KeyCode::Char('r'),
        KeyCode::Char('j'),
        KeyCode::Char('q'),
    ] {
        assert_eq!(press(&mut ui, &state, code), None, "{code:?}");
    }
    assert_eq!(press(&mut ui, &state, KeyCode::Char('y')), Some(Intent::Yes));
    assert_eq!(press(&mut ui, &state, KeyCode::Char('n')), Some(Intent::Back));
    assert_eq!(press(&mut ui, &state, KeyCode::Esc), Some(Intent::Back));
    let state = prompted(Command::Kill, Ask::Type);
    assert_eq!(
        press(&mut ui, &state, KeyCode::Char('y')),
        Some(Intent::Type("shop-ay".into()))
    );
    assert_eq!(press(&mut ui, &state, KeyCode::Enter), Some(Intent::Accept));
    assert_eq!(ui.paste(&state, "pi-1"), None, "an answer is never pasted");
}

#[test]
fn typing_edits_and_pasting_is_cleaned() {
    let mut ui = ui(PLAIN);
    let mut state = fleet(false);
    let typed = |ui: &mut Ui, state: &mut State, event: KeyEvent| {
        if let Some(Intent::Type(text)) = ui.key(state, event)
            && let Some(editing) = &mut state.view.editing
        {
            editing.text = text;
        }
        state.view.editing.as_ref().expect("open").text.clone()
    };
    assert_eq!(ui.paste(&state, "rrr"), None, "nothing is open");
    state.view.editing = Some(Editing {
        field: Field::Filter,
        text: "shop".into(),
        before: String::new(),
    });
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    assert_eq!(typed(&mut ui, &mut state, plain(KeyCode::Left)), "shop");
    assert_eq!(typed(&mut ui, &mut state, plain(KeyCode::Char('é'))), "shoép");
    assert!(text(&draw(&ui, &state, 80, 24)).contains("filter /shoép"));
    assert_eq!(typed(&mut ui, &mut state, plain(KeyCode::Backspace)), "shop");
    assert_eq!(typed(&mut ui, &mut state, ctrl('u')), "p");
    assert_eq!(
        ui.paste(&state, "a\x1b[2J\r\n\u{202e}b"),
        Some(Intent::Type("a[2Jbp".into()))
    );
    assert_eq!(ui.key(&state, ctrl('c')), Some(Intent::Interrupt));
}

#[test]
fn the_mouse_selects_and_never_orders() {
    let mut ui = ui(PLAIN);
    let state = fleet(false);
    let area = Rect::new(0, 0, 120, 40);
    let mut at = |state: &State, area, column, row, kind| {
        ui.mouse(
            state,
            area,
            MouseEvent {
                kind,
                column,
                row,
                modifiers: KeyModifiers::NONE,
            },
        )
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    assert_eq!(at(&state, area, 3, 3, click), Some(Intent::SelectHost(HostId(1))));
    assert_eq!(at(&state, area, 50, 3, click), Some(Intent::Select(key(1, 1))));
    assert_eq!(
        at(&state, area, 50, 36, click),
        Some(Intent::Focus(Pane::Containers))
    );
    assert_eq!(
        at(&state, area, 50, 10, MouseEventKind::ScrollUp),
        Some(Intent::Move(Step::Lines(-3)))
    );
    let narrow = Rect::new(0, 0, 80, 24);
    assert_eq!(at(&state, narrow, 2, 1, click), Some(Intent::Focus(Pane::Hosts)));
    assert_eq!(
        at(&prompted(Command::Restart, Ask::Yes), area, 50, 20, click),
        None
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_size_and_no_state_panics(
        width in 1u16..=300, height in 1u16..=100, small in any::<bool>(), kind in 0usize..8, focus in 0usize..4,
        zoom in any::<bool>(), offset in 0usize..200, cursor in 0usize..200, overlay in 0usize..5, unicode in any::<bool>(),
        noticed in any::<bool>(), name in ".{0,40}",
    ) {
        let (width, height) = if small { (width.min(60), height.min(16)) } else { (width, height) };
        let mut state = match kind {
            0 => empty(),
            1 => prompted(Command::Restart, Ask::Yes),
            2 => prompted(Command::Kill, Ask::Type),
            3 => prompted_for_many(),
            4 => State::new(Settings::default(), Vec::new(), Now::default()),
            5 => inspected(true),
            _ => inspected(false),
        };
        state.view.focus = super::layout::PANES[focus];
        state.view.zoom = zoom;
        (state.view.overlay_offset, state.view.overlay_cursor) = (offset, cursor);
        (state.table.offset, state.host_list.offset, state.activity_offset) = (offset % 12, offset % 6, offset % 9);
        state.view.overlay = [None, Some(Overlay::Help), Some(Overlay::Problems), Some(Overlay::Details), Some(Overlay::Palette)][overlay];
        if let Some(host) = state.hosts.first_mut() {
            host.spec.name = name.as_str().into();
            host.containers.values_mut().for_each(|entry| entry.container.name = name.as_str().into());
        }
        if noticed {
            state.view.notice = Some(Notice { text: name.as_str().into(), bad: true, until: 0 });
            state.view.editing = Some(Editing { field: Field::Filter, text: name.clone(), before: String::new() });
        }
        let mut ui = ui(Looks { colour: unicode, unicode });
        let area = Rect::new(0, 0, width, height);
        let viewport = ui.viewport(&state, area);
        prop_assert!(viewport.containers < usize::from(height) && viewport.log.0 <= usize::from(width));
        draw(&ui, &state, width, height);
        for kind in [MouseEventKind::Down(MouseButton::Left), MouseEventKind::ScrollDown] {
            ui.mouse(&state, area, MouseEvent { kind, column: width / 2, row: height / 2, modifiers: KeyModifiers::NONE });
        }
        press(&mut ui, &state, KeyCode::Char('x'));
    }
}
