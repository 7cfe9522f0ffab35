//! The adapters, the console and the command line against real engines. The lab is brought up by `tests/run`; the file that `WHEELHOUSE_LAB_ENV`
//! names says where everything is.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test whose ground is not there fails"
)]

mod commands;
mod console;
#[path = "../contract/mod.rs"]
mod contract;
mod faults;
mod ground;
#[path = "../e2e/hands.rs"]
mod hands;
mod orders;
mod outages;
mod reach;
#[path = "../e2e/scan.rs"]
mod scan;
mod streams;
#[path = "../e2e/support.rs"]
mod support;
