//! What goes wrong on a line, in words.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use super::tls;
use crate::fleet::model::{ErrorKind, SourceError};
use crate::fleet::text::Printable;

/// Characters kept of an engine's words.
const WORDS: usize = 500;

/// No answer came within a deadline.
pub(super) fn overdue(deadline: Duration) -> SourceError {
    SourceError::new(
        ErrorKind::Timeout,
        format!("no answer for {} s", deadline.as_secs_f32().round()),
    )
}

/// A failed call of the operating system.
pub(super) fn io(error: &io::Error) -> SourceError {
    use io::ErrorKind as Io;
    let reason = match error.kind() {
        Io::ConnectionRefused => "connection refused".to_owned(),
        Io::ConnectionReset | Io::BrokenPipe => "the connection was reset".to_owned(),
        Io::UnexpectedEof => "the connection was closed".to_owned(),
        Io::TimedOut => "the line is dead: nothing came back".to_owned(),
        Io::HostUnreachable => "no route to the host".to_owned(),
        Io::NetworkUnreachable => "the network is unreachable".to_owned(),
        _ => Printable::clean(&error.to_string()).to_string(),
    };
    SourceError::new(ErrorKind::Unreachable, reason)
}

/// A line that broke under HTTP: the innermost cause that says something.
pub(super) fn broken(error: &(dyn Error + 'static)) -> SourceError {
    let mut cause = Some(error);
    let mut parse = false;
    let mut ended = false;
    while let Some(this) = cause {
        if let Some(http) = this.downcast_ref::<hyper::Error>() {
            parse |= http.is_parse();
            ended |= http.is_incomplete_message() || http.is_closed() || http.is_canceled();
        }
        if let Some(fault) = this.downcast_ref::<rustls::Error>() {
            return tls::fault(fault);
        }
        if let Some(fault) = this.downcast_ref::<io::Error>() {
            // rustls hands its errors on inside an io::Error, which does not name them as its source.
            return match fault
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            {
                Some(fault) => tls::fault(fault),
                None => io(fault),
            };
        }
        cause = this.source();
    }
    if parse {
        return SourceError::new(ErrorKind::Protocol, "what answers there does not speak HTTP")
            .advise("check the port: is it the engine's, and does it want TLS?");
    }
    if ended {
        return SourceError::new(ErrorKind::Unreachable, "the connection was closed");
    }
    SourceError::new(
        ErrorKind::Unreachable,
        Printable::clean(&error.to_string()).to_string(),
    )
}

/// An answer that is no success, with the engine's own words.
pub(super) fn refusal(status: StatusCode, body: &[u8]) -> SourceError {
    #[derive(Deserialize)]
    struct Said {
        message: String,
    }
    let said = String::from_utf8_lossy(body);
    if status == StatusCode::BAD_REQUEST && said.contains("HTTP request to an HTTPS server") {
        return SourceError::new(ErrorKind::Tls, "the engine wants TLS")
            .advise("give the host tls = { ca, cert, key }");
    }
    let mut error = if status.is_redirection() {
        SourceError::new(
            ErrorKind::Protocol,
            "the answer leads elsewhere, and that is not followed",
        )
        .advise("check the port: this does not look like a Docker Engine")
    } else if let Ok(said) = serde_json::from_slice::<Said>(body) {
        SourceError::new(ErrorKind::Engine, clip(&said.message))
    } else if said.trim().is_empty() || said.trim_start().starts_with('<') {
        SourceError::new(ErrorKind::Protocol, format!("the answer is HTTP {status}"))
    } else {
        SourceError::new(
            ErrorKind::Protocol,
            format!("the answer is HTTP {status}: {}", clip(&said)),
        )
    };
    error.status = Some(status.as_u16());
    error
}

/// Foreign words on one line, clean and of a bearable length.
pub(super) fn clip(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean = Printable::clean(&line);
    match clean.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::refusal;
    use crate::fleet::model::ErrorKind;

    #[test]
    fn engines_are_quoted_clean() {
        let error = refusal(
            StatusCode::NOT_FOUND,
            b"{\"message\":\"No such container:\\u001b[2J x\\n\"}",
        );
        assert_eq!(error.kind, ErrorKind::Engine);
        assert_eq!(error.status, Some(404));
        assert_eq!(error.reason, "No such container:\\x1b[2J x");
    }

    #[test]
    fn what_is_no_engine_is_said() {
        let plain = refusal(
            StatusCode::BAD_REQUEST,
            b"Client sent an HTTP request to an HTTPS server.\n",
        );
        assert_eq!(
            (plain.kind, plain.reason.as_str()),
            (ErrorKind::Tls, "the engine wants TLS")
        );
        let moved = refusal(StatusCode::FOUND, b"");
        assert_eq!(moved.kind, ErrorKind::Protocol);
        let page = refusal(StatusCode::BAD_GATEWAY, b"<html>nginx</html>");
        assert_eq!(page.reason, "the answer is HTTP 502 Bad Gateway");
        let long = refusal(StatusCode::INTERNAL_SERVER_ERROR, "x".repeat(9000).as_bytes());
        assert!(long.reason.chars().count() < 600);
    }
}
