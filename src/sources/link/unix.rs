//! A unix socket on this machine.

use std::io::ErrorKind as Io;
use std::path::Path;

use tokio::net::UnixStream;

use super::{CONNECT, within, words};
use crate::fleet::model::{ErrorKind, SourceError};

/// Connects to a socket file.
pub(super) async fn connect(path: &Path) -> Result<UnixStream, SourceError> {
    // A listener whose queue is full makes even this wait.
    within(CONNECT, async {
        UnixStream::connect(path)
            .await
            .map_err(|error| match error.kind() {
                Io::NotFound => {
                    SourceError::new(ErrorKind::Unreachable, format!("no socket at {}", path.display()))
                        .advise("start Docker there, or name another socket")
                }
                Io::PermissionDenied => SourceError::new(
                    ErrorKind::Auth,
                    format!("permission denied on the socket {}", path.display()),
                )
                .advise("add yourself to the group that owns it (docker), and log in again"),
                Io::ConnectionRefused => SourceError::new(
                    ErrorKind::Unreachable,
                    format!("nothing listens on {}", path.display()),
                )
                .advise("start Docker there"),
                _ => words::io(&error),
            })
    })
    .await
}
