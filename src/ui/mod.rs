//! Draws the state and turns keys into intents. Names nothing of `sources` or `runtime`.

mod keymap;
mod layout;
mod overlay;
mod theme;
mod views;
mod widgets;

use crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub use keymap::Keymap;
pub use theme::{Depth, Theme};

use crate::fleet::State;
use crate::fleet::intent::{Field, Intent, Pane, Step, Viewport};
use crate::fleet::state::Overlay;
use keymap::{Chord, Context};
use layout::Layout;
use theme::{Role, Skin};
use widgets::{Canvas, TextField};

/// Lines a turn of the mouse wheel moves.
const WHEEL: i32 = 3;

/// How the terminal wants to be drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looks {
    /// Not `NO_COLOR`.
    pub colour: bool,
    /// UTF-8 glyphs; else ASCII ones.
    pub unicode: bool,
}

/// The interface.
#[derive(Debug)]
pub struct Ui {
    skin: Skin,
    keymap: Keymap,
    unicode: bool,
    zone: TimeZone,
    field: Option<TextField>,
}

impl Ui {
    /// An interface with this theme and these keys; times are shown in the system's time zone.
    pub fn new(theme: Theme, keymap: Keymap, looks: Looks) -> Self {
        Self {
            skin: theme.skin(looks),
            keymap,
            unicode: looks.unicode,
            zone: TimeZone::system(),
            field: None,
        }
    }

    /// The same interface in another time zone.
    #[must_use]
    pub fn with_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// The room each pane has on a screen of this size: told to the fleet before every draw.
    pub fn viewport(&self, state: &State, area: Rect) -> Viewport {
        Layout::of(area, state).map_or_else(Viewport::default, |layout| layout.viewport(state))
    }

    /// Draws everything into the buffer.
    pub fn render(&self, state: &State, buffer: &mut Buffer) {
        let area = buffer.area;
        let mut canvas = Canvas {
            buf: buffer,
            skin: &self.skin,
            zone: &self.zone,
        };
        canvas.clear(area);
        match Layout::of(area, state) {
            Some(layout) => self.draw(&mut canvas, state, &layout),
            None => too_small(&mut canvas, area),
        }
        if !self.unicode {
            widgets::fold_to_ascii(buffer);
        }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &State, layout: &Layout) {
        views::header::draw(canvas, state, layout.header);
        if !layout.tabs.is_empty() {
            views::header::tabs(canvas, state, layout.tabs);
        }
        let covered = state.view.overlay.is_some() || state.prompt.is_some();
        for pane in layout::PANES {
            let area = layout.pane(pane);
            if area.is_empty() {
                continue;
            }
            let focused = pane == state.view.focus && !covered;
            match pane {
                Pane::Hosts => views::hosts::draw(canvas, state, area, focused),
                Pane::Containers => views::containers::draw(canvas, state, area, focused),
                Pane::Logs => views::logs::draw(canvas, state, area, focused),
                Pane::Activity => views::activity::draw(canvas, state, area, focused),
            }
        }
        let (beneath, context, field) = (pane_context(state), context(state), self.field.as_ref());
        overlay::draw(canvas, state, &self.keymap, beneath, field, layout.overlay);
        if let Some(prompt) = &state.prompt {
            overlay::confirm::draw(canvas, state, prompt, &self.keymap, field, layout.overlay);
        }
        views::bar::draw(canvas, state, &self.keymap, context, field, layout.bar);
    }

    /// What a key means now.
    pub fn key(&mut self, state: &State, key: KeyEvent) -> Option<Intent> {
        self.sync(state);
        let chord = Chord::of(key);
        if key.kind == KeyEventKind::Release {
            return None;
        }
        let held = key.kind == KeyEventKind::Repeat;
        if chord == Chord::of(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)) {
            return (!held).then_some(Intent::Interrupt);
        }
        if state.view.quit_asked
            && !held
            && self
                .keymap
                .find(Context::Prompt, chord)
                .is_some_and(|action| action.acting)
        {
            return Some(Intent::Yes);
        }
        if let Some(field) = &mut self.field {
            return type_key(field, state, key, held);
        }
        let context = context(state);
        let action = self.keymap.find(context, chord)?;
        if held && !matches!(action.intent, Intent::Move(_)) {
            return None;
        }
        if action.acting && state.settings.read_only && context != Context::Prompt {
            return Some(Intent::Denied);
        }
        Some(action.intent.clone())
    }

    /// What a mouse event means now: it selects and scrolls, and never gives an order.
    pub fn mouse(&mut self, state: &State, area: Rect, event: MouseEvent) -> Option<Intent> {
        if state.prompt.is_some() {
            return None;
        }
        let wheel = match event.kind {
            MouseEventKind::ScrollDown => WHEEL,
            MouseEventKind::ScrollUp => -WHEEL,
            MouseEventKind::Down(MouseButton::Left) => 0,
            _ => return None,
        };
        if wheel != 0 {
            return Some(Intent::Move(Step::Lines(wheel)));
        }
        if state.view.overlay.is_some() {
            return None;
        }
        let layout = Layout::of(area, state)?;
        if layout.tabs.contains((event.column, event.row).into()) {
            return views::header::tab_at(layout.tabs, event.column).map(Intent::Focus);
        }
        let pane = layout.pane_at(event.column, event.row)?;
        let inner = layout::inner(layout.pane(pane));
        let selected = match pane {
            Pane::Hosts => views::hosts::host_at(state, inner, event.row).map(Intent::SelectHost),
            Pane::Containers => views::containers::container_at(state, inner, event.row).map(Intent::Select),
            Pane::Logs | Pane::Activity => None,
        };
        Some(selected.unwrap_or(Intent::Focus(pane)))
    }

    /// Pasted text: goes into an open field (never into an answer), else nowhere.
    pub fn paste(&mut self, state: &State, text: &str) -> Option<Intent> {
        self.sync(state);
        let open = state
            .view
            .editing
            .as_ref()
            .is_some_and(|editing| editing.field != Field::Answer);
        let field = self.field.as_mut().filter(|_| open && state.prompt.is_none())?;
        field.insert(text).then(|| Intent::Type(field.text().to_owned()))
    }

    /// Makes the field hold what the state says.
    fn sync(&mut self, state: &State) {
        let old = self.field.take();
        self.field = state
            .view
            .editing
            .as_ref()
            .map(|editing| TextField::synced(old, editing));
    }
}

/// A key while a field is open.
fn type_key(field: &mut TextField, state: &State, key: KeyEvent, held: bool) -> Option<Intent> {
    match key.code {
        KeyCode::Enter => (!held).then_some(Intent::Accept),
        KeyCode::Esc => (!held).then_some(Intent::Back),
        KeyCode::Up | KeyCode::Down if state.prompt.is_none() => {
            Some(Intent::Move(Step::Lines(if key.code == KeyCode::Up {
                -1
            } else {
                1
            })))
        }
        _ => {
            let at = field.place();
            let changed = field.key(key);
            // A cursor that moved wants a new picture too.
            (changed || at != field.place()).then(|| Intent::Type(field.text().to_owned()))
        }
    }
}

/// Where keys go when nothing lies over the panes.
fn pane_context(state: &State) -> Context {
    match state.view.focus {
        Pane::Hosts => Context::Hosts,
        Pane::Containers => Context::Containers,
        Pane::Logs => Context::Logs,
        Pane::Activity => Context::Activity,
    }
}

fn context(state: &State) -> Context {
    if state.prompt.is_some() {
        return Context::Prompt;
    }
    match state.view.overlay {
        Some(Overlay::Help) => Context::Help,
        Some(Overlay::Problems) => Context::Problems,
        Some(Overlay::Details) => Context::Details,
        Some(Overlay::Palette) | None => pane_context(state),
    }
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let (width, height) = layout::LEAST;
    let text = format!("needs {width}x{height}, has {}x{}", area.width, area.height);
    canvas.pen(area, area.height / 2).role(&text, Role::Warn);
}

#[cfg(test)]
mod tests;
