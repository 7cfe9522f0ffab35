//! What goes over the wire: the adapters, and the engines that stand in for Docker.

mod demo_engine;
mod demo_faults;
mod demo_streams;
mod http;
