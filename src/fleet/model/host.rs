//! A host: one Docker Engine, how to reach it, and how it is.

use super::{Endpoint, SourceError};
use crate::fleet::text::Printable;

/// Whether mistakes on a host are cheap. Everything not marked `dev` counts as production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Env {
    /// `env = "dev"`.
    Dev,
    /// Any other value, or none.
    #[default]
    Production,
}

/// A host as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSpec {
    /// Unique within the fleet.
    pub name: Printable,
    /// Where its engine is.
    pub endpoint: Endpoint,
    /// How careful to be with orders.
    pub env: Env,
    /// Free words for filtering.
    pub tags: Vec<Printable>,
}

/// `[[app]]`: containers that belong together although no label says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRule {
    /// The app's name.
    pub name: Printable,
    /// Container names, with `*` for any run of characters.
    pub containers: Vec<String>,
}

impl AppRule {
    /// Whether a container of this name belongs to the app.
    pub fn covers(&self, name: &str) -> bool {
        self.containers.iter().any(|glob| matches_glob(glob, name))
    }
}

/// Whether a name fits a pattern in which `*` stands for any run of characters.
fn matches_glob(glob: &str, name: &str) -> bool {
    let Some((head, mut tail)) = glob.split_once('*') else {
        return glob == name;
    };
    let Some(mut rest) = name.strip_prefix(head) else {
        return false;
    };
    while let Some((middle, next)) = tail.split_once('*') {
        match rest.find(middle) {
            Some(at) => rest = &rest[at + middle.len()..],
            None => return false,
        }
        tail = next;
    }
    rest.ends_with(tail)
}

/// What an engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EngineInfo {
    /// Its own id (`/info` `ID`); cloned machines share it.
    pub id: Option<Printable>,
    /// Version ("28.2.2").
    pub version: Printable,
    /// API version ("1.50").
    pub api: Printable,
    /// Operating system, as the engine words it.
    pub os: Printable,
    /// Processors.
    pub cpus: Option<u32>,
    /// Memory in bytes.
    pub memory: Option<u64>,
}

/// How a host is. Times are `Now::mono_ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Liveness {
    /// Being dialled, nothing heard in this attempt yet.
    Connecting {
        /// Since when.
        since: u64,
    },
    /// Answering.
    Live,
    /// Silent: the last answer is older than it should be.
    Stale {
        /// When it last answered.
        since: u64,
    },
    /// Not reachable, with the reason in words.
    Down {
        /// Since when.
        since: u64,
        /// Why.
        error: SourceError,
        /// When it is tried again; `None`: only when asked.
        retry_at: Option<u64>,
    },
}

impl Liveness {
    /// Whether orders may be sent.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }
}

#[cfg(test)]
mod tests {
    use super::matches_glob;

    #[test]
    fn globs() {
        for (glob, name) in [
            ("shop-*", "shop-api"),
            ("*", ""),
            ("a*b*c", "aXbYc"),
            ("shop", "shop"),
            ("*-db", "shop-db"),
        ] {
            assert!(matches_glob(glob, name), "{glob} {name}");
        }
        for (glob, name) in [
            ("shop-*", "shop"),
            ("shop", "shop2"),
            ("a*b*c", "acb"),
            ("ab*ba", "aba"),
        ] {
            assert!(!matches_glob(glob, name), "{glob} {name}");
        }
    }
}
