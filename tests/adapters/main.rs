//! What goes over the wire: the adapters, and the engines that stand in for Docker.

mod demo_engine;
mod demo_faults;
mod demo_streams;
mod http;
#[cfg(test)] // so that clippy takes its helpers for tests
mod runtime;
