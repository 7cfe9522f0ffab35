//! The embedded fleet: Docker Engines that speak the real Engine HTTP API (1.41 to 1.50) over private
//! sockets. `wheelhouse demo` shows them, and the tests drive them; the adapters do not know.
//!
//! ```text
//!  EngineSpec ─▶ Engine ──(unix or tcp, http1)──▶ whoever connects
//!                  │
//!               Control: causes facts, injects faults, reads back what was asked
//! ```
//!
//! One [`Engine`] owns one state behind a lock that is never held across a wait. Everything that happens
//! by itself (a crash loop, a health check, a line in a log) is an entry with a due time in that state, so
//! an engine whose clock stands still does nothing at all.

mod chatter;
mod clock;
mod containers;
mod content;
mod control;
mod engine;
mod events;
mod faults;
mod filters;
mod logs;
mod orders;
mod refusal;
mod rng;
mod routes;
mod spec;
mod state;
mod stats;
mod views;
mod wire;

pub use chatter::Voice;
pub use clock::Clock;
pub use content::Fleet;
pub use control::Control;
pub use engine::Engine;
pub use faults::{Asked, Fault};
pub use logs::Stream;
pub use spec::{Chatter, ContainerSpec, Crash, EngineSpec, Health, HealthSpec, Mount, Port, Start};
