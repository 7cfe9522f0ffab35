//! The real binary in a pseudo-terminal.
//!
//! Nothing here sleeps: a test waits for what it wants to see, and shows that something did not happen by causing a later thing
//! that nothing precedes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod engine;
mod guard;
mod hands;
mod hosts;
mod mistakes;
mod orders;
mod outside;
mod quiet;
mod readonly;
mod scan;
mod support;
mod table;
mod terminal;
