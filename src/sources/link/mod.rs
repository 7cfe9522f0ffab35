//! How to reach a machine: unix, tcp, tls, ssh.

use std::path::PathBuf;

/// What may travel over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only requests on the list of reads; anything else is refused before it is sent.
    ReadOnly,
    /// Orders too.
    Full,
}

/// How ssh is run.
#[derive(Debug, Clone, Default)]
pub struct SshSettings {
    /// Another configuration file than the user's own (`ssh -F`).
    pub config: Option<PathBuf>,
}
