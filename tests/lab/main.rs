//! The adapters against real engines. The lab is brought up by `tests/run`; the file that `WHEELHOUSE_LAB_ENV`
//! names says where everything is.

#![expect(clippy::expect_used, reason = "a test whose ground is not there fails")]

#[path = "../contract/mod.rs"]
mod contract;
mod faults;
mod ground;
mod reach;
mod streams;
