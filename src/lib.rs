//! wheelhouse.
pub mod demo;
