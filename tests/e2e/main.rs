//! The real binary in a pseudo-terminal.
//!
//! Nothing here sleeps: a test waits for what it wants to see, and shows that something did not happen by causing a later thing
//! that nothing precedes.

mod guard;
mod scan;
mod support;
mod terminal;
