//! Why a source could not answer, in words an operator can act on.

use std::fmt;

use crate::fleet::text::Printable;

/// What kind of thing went wrong between us and a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Nothing listens, no route, name unknown, line cut.
    Unreachable,
    /// No answer within the deadline.
    Timeout,
    /// Credentials, keys or permissions.
    Auth,
    /// Certificates or the TLS handshake.
    Tls,
    /// The other side answered something that is not its protocol.
    Protocol,
    /// The engine answered with an error of its own (its words are the reason).
    Engine,
    /// The engine is older than what we can speak to.
    TooOld,
    /// The request is not on the list of reads of a read-only link.
    ReadOnly,
    /// A fault of our own; a trace was written.
    Internal,
}

/// A source's failure. `Display` gives the reason alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceError {
    /// What kind of thing went wrong.
    pub kind: ErrorKind,
    /// What was wrong, in words, without a trailing full stop ("connection refused").
    pub reason: String,
    /// What to do about it, where there is something to do.
    pub advice: Option<String>,
    /// HTTP status of the engine's answer, where there was one.
    pub status: Option<u16>,
}

impl SourceError {
    /// An error with a reason and nothing more. The reason may hold text from outside: it is cleaned.
    pub fn new(kind: ErrorKind, reason: impl AsRef<str>) -> Self {
        Self {
            kind,
            reason: Printable::clean(reason.as_ref()).to_string(),
            advice: None,
            status: None,
        }
    }

    /// The same error with advice, cleaned too.
    #[must_use]
    pub fn advise(mut self, advice: impl AsRef<str>) -> Self {
        self.advice = Some(Printable::clean(advice.as_ref()).to_string());
        self
    }

    /// Whether trying again by itself makes sense: wrong credentials, host keys and certificates
    /// stay wrong until a person mends them.
    pub fn retries(&self) -> bool {
        !matches!(
            self.kind,
            ErrorKind::Auth | ErrorKind::Tls | ErrorKind::TooOld | ErrorKind::ReadOnly
        )
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for SourceError {}

#[cfg(test)]
mod tests {
    use super::{ErrorKind, SourceError};

    #[test]
    fn nothing_hostile_is_said() {
        let error = SourceError::new(ErrorKind::Internal, "no \u{1b}[2J").advise("do \u{202e}it");
        assert_eq!(error.to_string(), "no \\x1b[2J");
        assert_eq!(error.advice.as_deref(), Some("do \\u{202e}it"));
    }
}
