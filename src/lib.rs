//! wheelhouse: the room from which a fleet of Docker hosts is steered.
//!
//! An event is a fact, an intent is a wish, an effect is an order:
//!
//! ```text
//!             keys ── ui/keymap ──▶ Intent ─┐
//!                                           ├─▶ fleet::update(State) ─▶ Effects ─▶ runtime ─▶ sources
//!  sources ──▶ Event (bounded, coalesced) ──┘            │                                     │
//!         ▲                                              └─▶ dirty? ─▶ ui::render(&State)      │
//!         └────────────────────────── facts come back as Events ◀──────────────────────────────┘
//! ```
//!
//! `fleet` is pure; `sources` talks to engines; `runtime` turns effects into tasks and their answers into
//! events; `ui` draws the state and turns keys into intents; `demo` is an embedded fleet that speaks the
//! engines' real protocol. `tests/architecture.rs` keeps these borders.

pub mod app;
pub mod demo;
pub mod fleet;
pub mod runtime;
pub mod sources;
pub mod ui;
