//! What goes over the wire: the adapters, and the engines that stand in for Docker.

#![recursion_limit = "256"] // the layout of futures as deep as a request through all layers
#![expect(clippy::expect_used, reason = "a test whose ground is not there fails")]

#[path = "../contract/mod.rs"]
mod contract;
mod demo_engine;
mod demo_faults;
mod demo_fleet;
mod demo_streams;
mod docker;
mod http;
mod runtime;
