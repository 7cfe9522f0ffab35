//! What a message makes of the state.

pub mod logs;

use super::effect::Effect;
use super::event::Event;
use super::intent::Intent;
use super::model::Now;
use super::state::State;

/// A message to the fleet.
#[derive(Debug)]
pub enum Msg {
    /// A fact.
    Event(Event),
    /// A wish. `burst`: its key came together with others in one read, as pasted text does; such keys
    /// move, but never open or answer a prompt.
    Intent {
        /// The wish.
        intent: Intent,
        /// Whether it came in a burst.
        burst: bool,
    },
}

/// Takes one message in and answers with what is to be done. Never blocks, never asks a clock.
pub fn update(state: &mut State, now: Now, msg: Msg) -> Vec<Effect> {
    let _ = msg;
    state.now = now;
    Vec::new()
}
