//! Outside systems, one room each. They name of the fleet only `model`, `event` and `text`.

pub mod docker;
pub mod link;
