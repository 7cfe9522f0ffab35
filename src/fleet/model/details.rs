//! One container whole, as an inspection tells it.

use secrecy::{ExposeSecret, SecretString};

use super::{ContainerKey, RunState};
use crate::fleet::text::Printable;

/// Text that must be asked for. Its debug print and its display are masked.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Hides a value.
    pub fn new(value: String) -> Self {
        Self(value.into())
    }

    /// The value, cleaned for the screen. Call only where a person asked for this one.
    pub fn reveal(&self) -> Printable {
        Printable::clean(self.0.expose_secret())
    }
}

/// A field's value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Shown.
    Plain(Printable),
    /// Masked until asked for.
    Masked(Secret),
}

/// One labelled value.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is.
    pub label: Printable,
    /// What it says.
    pub value: Value,
}

/// Fields that belong together.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading ("State", "Ports", "Environment", …).
    pub title: &'static str,
    /// The fields, in the engine's order.
    pub fields: Vec<Field>,
}

/// An inspected container: the facts other rooms need, and everything to read.
#[derive(Debug, Clone)]
pub struct Details {
    /// Whose.
    pub key: ContainerKey,
    /// What it does.
    pub state: RunState,
    /// Unix milliseconds of the last start; `None` when it never was started.
    pub started_ms: Option<i64>,
    /// The engine's own text of `StartedAt`: compared to prove a restart.
    pub started_at: String,
    /// Unix milliseconds of the last end.
    pub finished_ms: Option<i64>,
    /// Exit code, when it is not running.
    pub exit_code: Option<i64>,
    /// Whether the kernel ended it for want of memory.
    pub oom_killed: bool,
    /// How often the restart policy started it.
    pub restarts: u32,
    /// Whether it has a TTY: decides how its log is framed.
    pub tty: bool,
    /// Seconds the engine waits before it kills on stop.
    pub stop_timeout_s: u64,
    /// Everything to read.
    pub sections: Vec<Section>,
}
