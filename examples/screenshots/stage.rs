//! The console without a terminal, on the demo fleet at a moment that does not pass.
//!
//! Everything is the real thing: engines, adapters, runtime, fleet and interface. What a clock or this machine would put
//! into a picture is held still: the moment, the use of processors, the pings, the sockets' names.

use std::time::Duration;

use color_eyre::Result;
use color_eyre::eyre::{OptionExt as _, WrapErr as _, eyre};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use wheelhouse::demo::{Fleet, Stream};
use wheelhouse::fleet::State;
use wheelhouse::fleet::effect::Effect;
use wheelhouse::fleet::event::{Event, HostFact};
use wheelhouse::fleet::intent::Intent;
use wheelhouse::fleet::model::{ContainerKey, Endpoint, Env, HostId, HostSpec, Now, Sample};
use wheelhouse::fleet::state::Settings;
use wheelhouse::fleet::update::{Msg, update};
use wheelhouse::runtime::{Options, Runtime};
use wheelhouse::sources::docker::Engine;
use wheelhouse::sources::link::{Access, SshSettings};
use wheelhouse::ui::{Depth, Keymap, Looks, Theme, Ui};

use super::pictures::{Scene, text};

/// When the pictures are taken.
const MOMENT: &str = "2026-11-27T02:14:07Z";
/// So many readings of the statistics make the sparklines, so many seconds apart.
const READINGS: u32 = 15;
const APART: u32 = 5;
const SECOND: Duration = Duration::from_secs(1);
/// The last line of the log that is shown.
const LAST_LINE: &[u8] =
    br#"{"time":"2026-11-27T02:14:07.000Z","level":"ERROR","msg":"upstream timed out after 5s","order":7731}
"#;
/// A ping takes so many milliseconds in a picture.
const LATENCY_MS: f32 = 0.6;
/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A console at work.
pub(crate) struct Stage {
    state: State,
    ui: Ui,
    area: Rect,
    now: Now,
    runtime: Runtime,
    facts: mpsc::Receiver<Event>,
    /// Inspections that are not answered yet.
    asked: usize,
    _fleet: Fleet,
    _room: TempDir,
}

impl Stage {
    /// Starts the demo fleet and a console on it, and waits until that knows every host.
    pub(crate) async fn set(scene: &Scene) -> Result<Self> {
        let room = tempfile::tempdir()?;
        let moment: Timestamp = MOMENT.parse()?;
        let began = moment.checked_sub(jiff::SignedDuration::from_secs(i64::from(APART * READINGS)))?;
        let fleet = Fleet::still(room.path(), began).await?;
        let hosts = hosts(&fleet)?;
        let readings = readings(&fleet, &hosts).await?;
        let control = fleet.control("web-1").ok_or_eyre("no host web-1")?;
        control.log("shop-api-blue", Stream::Stdout, LAST_LINE);

        let now = Now {
            mono_ms: 60_000,
            wall_ms: moment.as_millisecond(),
        };
        let settings = Settings {
            fleet: "demo".into(),
            read_only: scene.read_only,
            ..Settings::default()
        };
        let options = Options {
            read_only: scene.read_only,
            journal: room.path().join("journal.jsonl"),
            ssh: SshSettings::default(),
        };
        let (sender, facts) = mpsc::channel(512);
        let theme = Theme::load(scene.theme, None).map_err(|why| eyre!(why))?;
        let keymap = Keymap::new(&[]).map_err(|why| eyre!(why))?;
        let looks = Looks {
            colour: true,
            unicode: true,
        };
        let mut stage = Self {
            state: State::new(settings, hosts.iter().map(shown).collect::<Result<_>>()?, now),
            ui: Ui::new(theme.with_depth(Depth::True), keymap, looks).with_zone(TimeZone::UTC),
            area: Rect::new(0, 0, scene.size.0, scene.size.1),
            now,
            runtime: Runtime::start(&hosts, options, sender),
            facts,
            asked: 0,
            _fleet: fleet,
            _room: room,
        };
        let deadline = Instant::now() + PATIENCE;
        // What happened in the listing's own second, the end of a crashing container, is told after it.
        while stage.state.activity.is_empty() || !stage.knows_its_hosts() {
            timeout_at(deadline, stage.hear()).await??;
        }
        for reading in readings {
            stage.tell(Msg::Event(Event::Sampled(reading)));
        }
        Ok(stage)
    }

    fn knows_its_hosts(&self) -> bool {
        self.state
            .hosts
            .iter()
            .all(|host| host.listed && host.engine.is_some())
    }

    /// Presses the scene's keys and draws what there is then.
    pub(crate) async fn play(mut self, scene: &Scene) -> Result<Buffer> {
        self.settle("").await?;
        for key in scene.keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                key => KeyCode::Char(key),
            };
            let key = KeyEvent::new(code, KeyModifiers::NONE);
            if let Some(intent) = self.ui.key(&self.state, key) {
                self.tell(Msg::Intent { intent, burst: false });
            }
            self.settle("").await?;
        }
        let screen = self.settle(scene.shows).await?;
        self.runtime.shutdown().await;
        Ok(screen)
    }

    /// Draws until nothing is under way any more and the text is on screen.
    async fn settle(&mut self, shows: &str) -> Result<Buffer> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.draw();
            if self.asked == 0 && text(&screen).contains(shows) {
                return Ok(screen);
            }
            let heard = timeout_at(deadline, self.hear()).await;
            heard.wrap_err_with(|| {
                format!(
                    "{} answers and {shows:?} are missing:\n{}",
                    self.asked,
                    text(&screen)
                )
            })??;
        }
    }

    fn draw(&mut self) -> Buffer {
        let viewport = self.ui.viewport(&self.state, self.area);
        self.tell(Msg::Intent {
            intent: Intent::Viewport(viewport),
            burst: false,
        });
        let mut screen = Buffer::empty(self.area);
        self.ui.render(&self.state, &mut screen);
        screen
    }

    /// Takes one fact in, the same whatever this machine does meanwhile.
    async fn hear(&mut self) -> Result<()> {
        let mut event = self.facts.recv().await.ok_or_eyre("the runtime is gone")?;
        match &mut event {
            Event::Host { fact, .. } => match fact {
                HostFact::Answered { latency_ms } => *latency_ms = LATENCY_MS,
                HostFact::Silent { .. } => return Ok(()),
                HostFact::Lost { error, .. } => return Err(eyre!("a host is lost: {error}")),
                _ => {}
            },
            Event::Inspected { .. } => self.asked -= 1,
            _ => {}
        }
        self.tell(Msg::Event(event));
        Ok(())
    }

    fn tell(&mut self, msg: Msg) {
        for effect in update(&mut self.state, self.now, msg) {
            match effect {
                // They are there already: the runtime reads by the clock on the wall.
                Effect::WatchStats(_) => continue,
                Effect::Inspect(_) => self.asked += 1,
                _ => {}
            }
            self.runtime.dispatch(effect);
        }
    }
}

fn hosts(fleet: &Fleet) -> Result<Vec<HostSpec>> {
    let spec = |(name, url, env): (String, String, Option<&str>)| {
        Ok(HostSpec {
            name: name.into(),
            endpoint: Endpoint::parse(&url, None)?,
            env: match env {
                Some("dev") => Env::Dev,
                _ => Env::Production,
            },
            tags: Vec::new(),
        })
    };
    fleet.hosts().into_iter().map(spec).collect()
}

/// A host as the picture names it: the demo's sockets are called otherwise in every run.
fn shown(host: &HostSpec) -> Result<HostSpec> {
    Ok(HostSpec {
        endpoint: Endpoint::parse(&format!("unix:///run/{}.sock", host.name), None)?,
        ..host.clone()
    })
}

/// Reads the statistics of all that runs again and again, as the fleet's clock goes on to the moment of the picture.
async fn readings(fleet: &Fleet, hosts: &[HostSpec]) -> Result<Vec<Vec<(ContainerKey, Sample)>>> {
    let mut engines = Vec::new();
    for (id, host) in (0..).map(HostId).zip(hosts) {
        let engine = Engine::dial(id, &host.endpoint, Access::ReadOnly, &SshSettings::default()).await?;
        let control = fleet.control(&host.name).ok_or_eyre("a host without a hand")?;
        engines.push((engine, control));
    }
    let mut readings = Vec::new();
    for _ in 0..READINGS {
        let mut reading = Vec::new();
        for (engine, control) in &engines {
            // Second by second: what is written to a log has the time at which the clock was moved.
            for _ in 0..APART {
                control.advance(SECOND);
            }
            let containers = engine.list(None).await?;
            for container in containers.iter().filter(|container| container.state.is_up()) {
                reading.push((container.key, engine.sample(container.key.id).await?));
            }
        }
        readings.push(reading);
    }
    Ok(readings)
}
