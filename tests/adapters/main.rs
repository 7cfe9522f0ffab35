//! What goes over the wire: the adapters, and the engines that stand in for Docker.

mod runtime;
