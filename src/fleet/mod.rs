//! The fleet: what is known, what is wished, what is ordered. Pure: no async, no I/O, no clock.
//!
//! **An [event](event::Event) is a fact (past tense), an [intent](intent::Intent) is a wish (imperative), an
//! [effect](effect::Effect) is an order.** [`update()`] takes the one [`State`] and a message and
//! answers with effects; time enters with every message as [`Now`].

pub mod commands;
pub mod effect;
pub mod event;
pub mod format;
pub mod intent;
pub mod logbook;
pub mod model;
pub mod near;
pub mod policy;
pub mod search;
pub mod state;
pub mod text;
pub mod update;

pub use model::Now;
pub use state::State;
pub use update::{Msg, update};
