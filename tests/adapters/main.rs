//! What goes over the wire: the adapters, and the engines that stand in for Docker.

#![expect(clippy::expect_used, reason = "helpers of tests may panic, as tests may")]

mod demo_engine;
mod demo_faults;
mod demo_streams;
mod http;
mod runtime;
