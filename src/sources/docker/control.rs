//! The half that acts. Every order is sent once.

use std::time::Duration;

use http::Method;

use crate::fleet::model::{Command, ContainerId, SourceError};
use crate::sources::link::{Access, Link, OrderError};

/// The half that acts. Not built when read-only.
#[derive(Debug, Clone)]
pub struct Control {
    link: Link,
}

/// The engine took an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// HTTP status: 204 done, 304 it already was so.
    pub status: u16,
}

/// Why an order did not (surely) work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The engine said no, in its own words.
    #[error("{words}")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The engine's words.
        words: String,
    },
    /// It never left.
    #[error("{0}")]
    NotSent(SourceError),
    /// The line died after it was sent, or no answer came by the deadline.
    #[error("{0}")]
    Unknown(String),
}

impl Control {
    /// `None` over a read-only link.
    pub(super) fn over(link: &Link) -> Option<Self> {
        (link.access() == Access::Full).then(|| Self { link: link.clone() })
    }

    /// Sends one command and waits for the engine's answer until the deadline. Never sends twice.
    pub async fn apply(
        &self,
        id: ContainerId,
        command: Command,
        deadline: Duration,
    ) -> Result<Receipt, ActionError> {
        let (method, path) = request(id, command);
        match self.link.order(method, &path, deadline).await {
            Ok(status) => Ok(Receipt {
                status: status.as_u16(),
            }),
            Err(OrderError::NotSent(error)) => Err(ActionError::NotSent(error)),
            Err(OrderError::Refused(error)) => Err(ActionError::Rejected {
                status: error.status.unwrap_or(0),
                words: error.reason,
            }),
            Err(OrderError::Unknown(error)) => Err(ActionError::Unknown(error.reason)),
        }
    }
}

fn request(id: ContainerId, command: Command) -> (Method, String) {
    match command {
        Command::Remove => (Method::DELETE, format!("/containers/{id}?force=true")),
        Command::Start
        | Command::Restart
        | Command::Stop
        | Command::Pause
        | Command::Unpause
        | Command::Kill => (Method::POST, format!("/containers/{id}/{}", command.word())),
    }
}
