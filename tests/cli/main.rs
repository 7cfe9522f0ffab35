//! The real binary without a terminal: configuration, discovery, one-shot reports and orders, exit codes.

mod bad_input;
mod discovery;
mod following;
mod orders;
mod reports;
mod support;
