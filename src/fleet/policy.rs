//! What must be asked before an order is sent.

use super::model::{Command, Env};

/// What an order needs before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// Nothing.
    Nothing,
    /// `y`.
    Yes,
    /// The target's name typed (of a set: its count).
    Type,
}

impl Ask {
    /// Reads the configuration's word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "nothing" => Self::Nothing,
            "y" => Self::Yes,
            "type" => Self::Type,
            _ => return None,
        })
    }
}

/// `[confirm]`: what the configuration asks for instead of the built-in table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfirmRules {
    /// On hosts marked `dev`.
    pub dev: Vec<(Command, Ask)>,
    /// On all others.
    pub production: Vec<(Command, Ask)>,
}

/// What one command on one container, or on `count` of them, needs.
pub fn ask(rules: &ConfirmRules, env: Env, command: Command, count: usize) -> Ask {
    let own = match env {
        Env::Dev => &rules.dev,
        Env::Production => &rules.production,
    };
    let single = own
        .iter()
        .find(|(c, _)| *c == command)
        .map_or_else(|| built_in(env, command), |(_, ask)| *ask);
    if count <= 1 {
        return single;
    }
    match env {
        Env::Dev => single.max(Ask::Yes),
        Env::Production => Ask::Type,
    }
}

fn built_in(env: Env, command: Command) -> Ask {
    match (command, env) {
        (Command::Start | Command::Unpause, Env::Dev) => Ask::Nothing,
        (Command::Kill | Command::Remove, Env::Production) => Ask::Type,
        _ => Ask::Yes,
    }
}
