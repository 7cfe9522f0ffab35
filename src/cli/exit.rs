//! Exit codes.

/// How a command ended. 4 (rolled back) and 5 (conflict) are kept for route flips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Good = 0,
    /// Some source could not be reached; what could be read was printed.
    Unreachable = 3,
    /// An order failed or was refused, or `check` found a fault.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// An order left, and what became of it is not known.
    Unknown = 6,
    /// Ended by an interrupt.
    Interrupted = 130,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The one that asks more of a person: unknown, then failed, then unreachable.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |exit| match exit {
            Self::Good => 0,
            Self::Unreachable => 1,
            Self::Failed => 2,
            Self::Usage => 3,
            Self::Unknown => 4,
            Self::Interrupted => 5,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn an_unknown_outcome_outweighs_a_refusal() {
        assert_eq!(Exit::Good.worse(Exit::Unreachable), Exit::Unreachable);
        assert_eq!(Exit::Failed.worse(Exit::Unreachable), Exit::Failed);
        assert_eq!(Exit::Unknown.worse(Exit::Failed).code(), 6);
    }
}
