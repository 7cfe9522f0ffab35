//! Draws the state and turns keys into intents. Names nothing of `sources` or `runtime`.

pub mod views;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::intent::{Intent, Viewport};

/// Keys to intents; see `Keymap::new`.
#[derive(Debug, Clone)]
pub struct Keymap {}

impl Keymap {
    /// The defaults with the configuration's changes `(action, key)`. A clash is refused by name.
    pub fn new(overrides: &[(String, String)]) -> Result<Self, String> {
        todo!()
    }
}

/// Colours and glyphs.
#[derive(Debug, Clone)]
pub struct Theme {}

impl Theme {
    /// A built-in theme, or a file of the user's themes directory. The error says what is wrong and which themes there are.
    pub fn load(name: &str, user_dir: Option<&std::path::Path>) -> Result<Self, String> {
        todo!()
    }
}

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
pub struct Ui {}

impl Ui {
    /// An interface with this theme and these keys.
    pub fn new(theme: Theme, keymap: Keymap, looks: Looks) -> Self {
        todo!()
    }
    /// The room each pane has on a screen of this size: told to the fleet before every draw.
    pub fn viewport(&self, state: &State, area: Rect) -> Viewport {
        todo!()
    }
    /// Draws everything into the buffer.
    pub fn render(&self, state: &State, buffer: &mut Buffer) {
        todo!()
    }
    /// What a key means now.
    pub fn key(&mut self, state: &State, key: KeyEvent) -> Option<Intent> {
        todo!()
    }
    /// What a mouse event means now.
    pub fn mouse(&mut self, state: &State, area: Rect, event: MouseEvent) -> Option<Intent> {
        todo!()
    }
    /// Pasted text: goes into an open field (never into an answer), else nowhere.
    pub fn paste(&mut self, state: &State, text: &str) -> Option<Intent> {
        todo!()
    }
}
