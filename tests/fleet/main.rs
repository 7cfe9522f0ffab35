//! The pure fleet: facts and wishes in, effects out. No clock, no I/O.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod identity;
mod orders;
mod problems;
mod support;
mod table;
