//! What a message makes of the state: a room per subject.

mod actions;
mod containers;
mod hosts;
pub mod logs;
mod table;
mod view;

use super::effect::Effect;
use super::event::Event;
use super::intent::Intent;
use super::model::Now;
use super::state::{Activity, Notice, State, Subject};
use super::text::Printable;

/// A message to the fleet.
#[derive(Debug)]
pub enum Msg {
    /// A fact.
    Event(Event),
    /// A wish. `burst`: its key came together with others in one read, as pasted text does; such keys
    /// move, but never open or answer a prompt.
    Intent {
        /// The wish.
        intent: Intent,
        /// Whether it came in a burst.
        burst: bool,
    },
}

/// Takes one message in and answers with what is to be done. Never blocks, never asks a clock.
pub fn update(state: &mut State, now: Now, msg: Msg) -> Vec<Effect> {
    state.now = now;
    let effects = match msg {
        Msg::Event(event) => on_event(state, event),
        Msg::Intent {
            intent: Intent::Viewport(viewport),
            ..
        } => {
            state.view.viewport = viewport;
            let mut effects = logs::on_intent(state, &Intent::Viewport(viewport));
            effects.extend(table::settle(state));
            effects
        }
        Msg::Intent { intent, burst } => {
            // A wish is about what is on screen: rows must be as they are shown.
            table::refresh(state);
            let effects = view::on_intent(state, intent, burst);
            // Where a wish itself puts the cursor surprises nobody.
            table::refresh(state);
            state.table.slipped = None;
            effects
        }
    };
    actions::check_prompt(state);
    effects
}

fn on_event(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Host { host, epoch, fact } => hosts::on_fact(state, host, epoch, fact),
        Event::Sampled(samples) => {
            containers::on_samples(state, samples);
            Vec::new()
        }
        Event::Log { stream, fact } => logs::on_fact(state, stream, fact),
        Event::Inspected { key, result } => {
            containers::on_inspected(state, key, result);
            Vec::new()
        }
        Event::Ordered { order, fact } => {
            actions::on_fact(state, order, fact);
            Vec::new()
        }
        Event::Journal(result) => {
            state.journal = result;
            state.dirty = true;
            Vec::new()
        }
        Event::Ticked => view::on_tick(state),
    }
}

/// Lines of activity that are kept.
const ACTIVITY: usize = 1000;
/// Milliseconds for which a notice stands.
const NOTICE_MS: u64 = 6000;

fn note(state: &mut State, subject: Subject, what: &str, bad: bool) {
    let name = match subject {
        Subject::Console => Printable::default(),
        Subject::Host(host) => state.host_name(host),
        Subject::Container(key) => state.full_name(key),
    };
    note_as(state, subject, name, what, bad);
}

/// Like [`note`], for a subject whose name the state no longer knows.
fn note_as(state: &mut State, subject: Subject, name: Printable, what: &str, bad: bool) {
    if state.activity.len() == ACTIVITY {
        state.activity.pop_front();
    }
    state.activity.push_back(Activity {
        at_ms: state.now.wall_ms,
        subject,
        name,
        what: Printable::clean(what),
        bad,
    });
    if state.activity_offset > 0 {
        // Someone is reading older lines: hold them where they are.
        state.activity_offset += 1;
    }
    state.dirty = true;
}

fn notice(state: &mut State, text: &str, bad: bool) {
    let until = state.now.mono_ms + NOTICE_MS;
    state.view.notice = Some(Notice {
        text: Printable::clean(text),
        bad,
        until,
    });
    state.dirty = true;
}
