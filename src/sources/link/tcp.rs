//! Plain TCP: no delay, keepalive, a deadline for connecting.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};

use super::{CONNECT, words};
use crate::fleet::model::{ErrorKind, SourceError};

/// Connects to a name or address: to each of its addresses in turn, until one takes it.
pub(super) async fn connect(host: &str, port: u16) -> Result<TcpStream, SourceError> {
    let attempt = async {
        let addresses = lookup_host((host, port))
            .await
            .map_err(|error| unknown_name(host, &error))?;
        let mut last = None;
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return prepare(stream).map_err(|error| words::io(&error)),
                Err(error) => last = Some(words::io(&error)),
            }
        }
        Err(last.unwrap_or_else(|| {
            SourceError::new(ErrorKind::Unreachable, format!("the name {host} has no address"))
        }))
    };
    match tokio::time::timeout(CONNECT, attempt).await {
        Ok(result) => result,
        Err(_) => Err(SourceError::new(
            ErrorKind::Unreachable,
            format!("connecting timed out after {} s", CONNECT.as_secs()),
        )),
    }
}

/// A silently cut line ends after 10 s + 3 × 5 s even where nothing is asked.
fn prepare(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(10))
        .with_interval(Duration::from_secs(5))
        .with_retries(3);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}

fn unknown_name(host: &str, error: &io::Error) -> SourceError {
    SourceError::new(
        ErrorKind::Unreachable,
        format!("the name {host} cannot be resolved"),
    )
    .advise(format!("check the name and the resolver ({error})"))
}

#[cfg(test)]
mod tests {
    use super::connect;
    use crate::fleet::model::ErrorKind;

    #[tokio::test]
    async fn a_closed_port_is_refused_in_words() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let error = connect("127.0.0.1", port).await.expect_err("closed");
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert_eq!(error.reason, "connection refused");
    }

    #[tokio::test]
    async fn connections_are_kept_alive_and_not_delayed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let stream = connect("127.0.0.1", port).await.expect("taken");
        assert!(stream.nodelay().expect("an option"));
        let socket = socket2::SockRef::from(&stream);
        assert!(socket.keepalive().expect("an option"));
        assert_eq!(socket.tcp_keepalive_time().expect("an option").as_secs(), 10);
        assert_eq!(socket.tcp_keepalive_interval().expect("an option").as_secs(), 5);
        assert_eq!(socket.tcp_keepalive_retries().expect("an option"), 3);
    }
}
