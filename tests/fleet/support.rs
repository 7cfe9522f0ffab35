//! A fleet to play with: time is a number, engines are facts.

use wheelhouse::fleet::effect::Effect;
use wheelhouse::fleet::event::{Action, EngineEvent, Event, HostFact};
use wheelhouse::fleet::intent::{Intent, Viewport};
use wheelhouse::fleet::model::{
    Container, ContainerId, ContainerKey, Endpoint, Env, HostId, HostSpec, Now, OrderId, RunState,
    SourceError,
};
use wheelhouse::fleet::state::{Row, Settings};
use wheelhouse::fleet::{Msg, State, update};

pub(crate) struct Play {
    pub(crate) state: State,
    pub(crate) now: Now,
}

/// Unix milliseconds at which every play begins.
pub(crate) const START: i64 = 1_780_000_000_000;

pub(crate) fn key(host: u16, n: u64) -> ContainerKey {
    let id = ContainerId::parse(&format!("{n:064x}")).expect("64 hex digits");
    ContainerKey {
        host: HostId(host),
        id,
    }
}

pub(crate) fn container(key: ContainerKey, name: &str, state: RunState) -> Container {
    Container {
        key,
        name: name.into(),
        image: "shop:1".into(),
        image_id: "sha256:1".into(),
        state,
        status: "".into(),
        health: None,
        exit_code: None,
        created: START / 1000 - 3600,
        since: Some(START / 1000 - 3600),
        restarts: None,
        app: None,
        service: None,
        colour: None,
        ports: Vec::new(),
    }
}

impl Play {
    /// `hosts`: names and environments; all connecting.
    pub(crate) fn new(hosts: &[(&str, Env)]) -> Self {
        Self::with(Settings::default(), hosts)
    }

    pub(crate) fn with(settings: Settings, hosts: &[(&str, Env)]) -> Self {
        let now = Now {
            mono_ms: 0,
            wall_ms: START,
        };
        let specs = hosts.iter().map(|(name, env)| HostSpec {
            name: (*name).into(),
            endpoint: Endpoint::Unix("/nowhere".into()),
            env: *env,
            tags: Vec::new(),
        });
        let mut play = Self {
            state: State::new(settings, specs.collect(), now),
            now,
        };
        for host in 0..hosts.len() {
            play.fact(host as u16, 1, HostFact::Dialled);
        }
        play
    }

    /// One production host, live, with these containers.
    pub(crate) fn one_host(containers: Vec<Container>) -> Self {
        let mut play = Self::new(&[("web-1", Env::Production)]);
        play.fact(0, 1, HostFact::Listed(containers));
        play.draw();
        play
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        self.now.mono_ms += ms;
        self.now.wall_ms += ms as i64;
    }

    pub(crate) fn event(&mut self, event: Event) -> Vec<Effect> {
        update(&mut self.state, self.now, Msg::Event(event))
    }

    pub(crate) fn fact(&mut self, host: u16, epoch: u32, fact: HostFact) -> Vec<Effect> {
        self.event(Event::Host {
            host: HostId(host),
            epoch,
            fact,
        })
    }

    pub(crate) fn lost(&mut self, host: u16, error: SourceError, retry_in_ms: Option<u64>) -> Vec<Effect> {
        self.fact(host, 1, HostFact::Lost { error, retry_in_ms })
    }

    pub(crate) fn happened(&mut self, key: ContainerKey, action: Action) -> Vec<Effect> {
        let event = EngineEvent {
            key,
            name: "x".into(),
            at_ms: self.now.wall_ms,
            action,
        };
        self.fact(key.host.0, 1, HostFact::Happened(event))
    }

    pub(crate) fn wish(&mut self, intent: Intent) -> Vec<Effect> {
        update(&mut self.state, self.now, Msg::Intent { intent, burst: false })
    }

    pub(crate) fn burst(&mut self, intent: Intent) -> Vec<Effect> {
        update(&mut self.state, self.now, Msg::Intent { intent, burst: true })
    }

    /// What happens before every draw, on a screen with room for 20 rows.
    pub(crate) fn draw(&mut self) -> Vec<Effect> {
        self.state.take_dirty();
        self.wish(Intent::Viewport(Viewport {
            containers: 20,
            hosts: 10,
            log: (80, 10),
            activity: 10,
            overlay: 20,
        }))
    }

    pub(crate) fn rows(&self) -> Vec<String> {
        let rows = self.state.table.rows.iter().map(|row| match row {
            Row::Group { title, count } => format!("# {title} {count}"),
            Row::Container(key) => self.state.entry(*key).expect("a row's container").title(),
        });
        rows.collect()
    }

    pub(crate) fn cursor_name(&self) -> String {
        let key = self.state.table.cursor.expect("a cursor");
        self.state
            .entry(key)
            .expect("the cursor's container")
            .container
            .name
            .to_string()
    }

    pub(crate) fn notice(&self) -> String {
        self.state
            .view
            .notice
            .as_ref()
            .map(|notice| notice.text.to_string())
            .unwrap_or_default()
    }
}

/// The orders among effects.
pub(crate) fn orders(effects: &[Effect]) -> Vec<(OrderId, ContainerKey, &'static str)> {
    let orders = effects.iter().filter_map(|effect| match effect {
        Effect::Order(order) => Some((order.id, order.key, order.command.word())),
        _ => None,
    });
    orders.collect()
}
