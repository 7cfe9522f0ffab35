//! The log room.

use crate::fleet::effect::Effect;
use crate::fleet::event::LogFact;
use crate::fleet::intent::Intent;
use crate::fleet::model::{ContainerKey, HostId, StreamId};
use crate::fleet::state::State;

/// An open log.
#[derive(Debug)]
pub struct LogRoom {
    /// Its number.
    pub stream: StreamId,
    /// Whose it is.
    pub key: ContainerKey,
}
pub fn open(state: &mut State, key: ContainerKey) -> Vec<Effect> {
    vec![]
}
pub fn close(state: &mut State) -> Vec<Effect> {
    vec![]
}
pub fn on_fact(state: &mut State, stream: StreamId, fact: LogFact) -> Vec<Effect> {
    vec![]
}
pub fn on_host_live(state: &mut State, host: HostId) -> Vec<Effect> {
    vec![]
}
pub fn on_container_started(state: &mut State, key: ContainerKey) -> Vec<Effect> {
    vec![]
}
pub fn on_intent(state: &mut State, intent: &Intent) -> Vec<Effect> {
    vec![]
}
