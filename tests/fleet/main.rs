//! The pure fleet: facts and wishes in, effects out. No clock, no I/O.

mod identity;
mod orders;
mod problems;
mod support;
mod table;
