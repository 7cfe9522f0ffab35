//! Identities. A container is (host, full id); never a row, never a name.

use std::fmt;

/// Index of a host in the fleet's configuration; stable for the life of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId(pub u16);

impl HostId {
    /// The host's place in `State::hosts`.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A container's full id, as the engine gives it: 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContainerId([u8; 32]);

impl ContainerId {
    /// Reads 64 hex digits; anything else is `None`.
    pub fn parse(hex: &str) -> Option<Self> {
        let hex = hex.as_bytes();
        if hex.len() != 64 {
            return None;
        }
        let mut id = [0; 32];
        for (byte, pair) in id.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(id))
    }

    /// The first 12 hex digits, as the `docker` command shows them.
    pub fn short(self) -> String {
        let mut hex = self.to_string();
        hex.truncate(12);
        hex
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|n| n as u8)
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// One container on one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContainerKey {
    /// The host it is on.
    pub host: HostId,
    /// Its full id there.
    pub id: ContainerId,
}

/// An order given in this run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderId(pub u64);

/// A log that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u64);

#[cfg(test)]
mod tests {
    use super::ContainerId;

    #[test]
    fn only_64_hex_digits_are_an_id() {
        let hex = "0123456789abcdef".repeat(4);
        let id = ContainerId::parse(&hex).expect("a full id");
        assert_eq!(id.to_string(), hex);
        assert_eq!(id.short(), "0123456789ab");
        assert_eq!(ContainerId::parse("0123456789ab"), None);
        assert_eq!(ContainerId::parse(&"g".repeat(64)), None);
        assert_eq!(ContainerId::parse(&"é".repeat(32)), None);
    }
}
