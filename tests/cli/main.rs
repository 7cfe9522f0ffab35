//! The real binary without a terminal: configuration, discovery, one-shot reports and orders, exit codes.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why and fails")]

mod bad_input;
mod discovery;
mod following;
mod orders;
mod readme;
mod reports;
mod support;
