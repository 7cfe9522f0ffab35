//! Where an engine is, and how a URL says so.

use std::fmt;
use std::path::PathBuf;

use crate::fleet::text::is_hostile;

/// Files of a TLS link. Paths; nothing is read here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsFiles {
    /// Certificates that may sign the server's; none: the system's.
    pub ca: Option<PathBuf>,
    /// Our certificate.
    pub cert: Option<PathBuf>,
    /// Our key.
    pub key: Option<PathBuf>,
}

/// Where an engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `unix:///path`.
    Unix(PathBuf),
    /// `tcp://host[:port]`, port 2375 unless named (2376 with TLS).
    Tcp {
        /// Name or address, IPv6 without brackets.
        host: String,
        /// Port.
        port: u16,
        /// With TLS, its files.
        tls: Option<TlsFiles>,
    },
    /// `ssh://[user@]host[:port]`, by the system's ssh and its configuration.
    Ssh {
        /// User, where the URL names one.
        user: Option<String>,
        /// Host name or alias of the ssh configuration.
        host: String,
        /// Port, where the URL names one.
        port: Option<u16>,
    },
}

/// Why a URL is no endpoint: a whole sentence without the URL itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EndpointError(pub String);

fn no<T>(why: impl Into<String>) -> Result<T, EndpointError> {
    Err(EndpointError(why.into()))
}

impl Endpoint {
    /// Reads a URL. `tls` turns `tcp://` into a TLS link; `http://` and `https://` are taken as Docker takes them.
    pub fn parse(url: &str, tls: Option<TlsFiles>) -> Result<Self, EndpointError> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return no("no scheme: expected unix://, tcp:// or ssh://");
        };
        if url.chars().any(|c| is_hostile(c) || c.is_whitespace()) {
            return no("a URL has no spaces or control characters");
        }
        match scheme {
            "unix" if rest.starts_with('/') && rest.len() > 1 => match tls {
                Some(_) => no("a unix socket takes no tls"),
                None => Ok(Self::Unix(rest.into())),
            },
            "unix" => no("a unix socket is named by its whole path: unix:///var/run/docker.sock"),
            "tcp" | "http" | "https" => {
                let tls = if scheme == "https" {
                    Some(tls.unwrap_or_default())
                } else {
                    tls
                };
                let (user, host, port) = authority(rest)?;
                if user.is_some() {
                    return no("tcp:// takes no user; use tls = { ca, cert, key } to say who you are");
                }
                let port = port.unwrap_or(if tls.is_some() { 2376 } else { 2375 });
                Ok(Self::Tcp { host, port, tls })
            }
            "ssh" => {
                let (user, host, port) = authority(rest)?;
                if host.starts_with('-') || user.as_deref().is_some_and(|user| user.starts_with('-')) {
                    return no("a host or user name does not begin with '-'");
                }
                match tls {
                    Some(_) => no("ssh takes no tls"),
                    None => Ok(Self::Ssh { user, host, port }),
                }
            }
            _ => no(format!(
                "unknown scheme {scheme}://: expected unix://, tcp:// or ssh://"
            )),
        }
    }
}

/// Splits `[user@]host[:port][/]`.
fn authority(rest: &str) -> Result<(Option<String>, String, Option<u16>), EndpointError> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#']) {
        return no("nothing may follow the host and port");
    }
    let (user, rest) = match rest.rsplit_once('@') {
        Some(("", _)) => return no("the user before '@' is empty"),
        Some((user, _)) if user.contains(':') => return no("a password does not belong in a URL"),
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, rest),
    };
    let (host, port) = if let Some(v6) = rest.strip_prefix('[') {
        match v6.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, port)) if port.starts_with(':') => (host, Some(&port[1..])),
            _ => return no("an IPv6 address stands in brackets: tcp://[::1]:2375"),
        }
    } else {
        match rest.split_once(':') {
            Some((_, port)) if port.contains(':') => {
                return no("an IPv6 address stands in brackets: tcp://[::1]:2375");
            }
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        }
    };
    if host.is_empty() {
        return no("the host is missing");
    }
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port > 0 => Some(port),
        Some(_) => return no("the port is not a number from 1 to 65535"),
    };
    Ok((user, host.to_owned(), port))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracketed = |host: &str| {
            if host.contains(':') {
                format!("[{host}]")
            } else {
                host.to_owned()
            }
        };
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port, .. } => write!(f, "tcp://{}:{port}", bracketed(host)),
            Self::Ssh { user, host, port } => {
                f.write_str("ssh://")?;
                if let Some(user) = user {
                    write!(f, "{user}@")?;
                }
                f.write_str(&bracketed(host))?;
                port.map_or(Ok(()), |port| write!(f, ":{port}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, TlsFiles};

    #[test]
    fn good_urls_come_back_as_they_were() {
        for url in [
            "unix:///run/docker.sock",
            "tcp://10.0.0.1:2375",
            "tcp://[::1]:99",
            "ssh://web-1",
            "ssh://ops@web-1:2222",
        ] {
            assert_eq!(Endpoint::parse(url, None).expect(url).to_string(), url);
        }
        assert_eq!(
            Endpoint::parse("tcp://a", None).expect("plain").to_string(),
            "tcp://a:2375"
        );
        assert_eq!(
            Endpoint::parse("tcp://a", Some(TlsFiles::default()))
                .expect("tls")
                .to_string(),
            "tcp://a:2376"
        );
    }

    #[test]
    fn bad_urls_say_why() {
        for (url, why) in [
            ("web-1", "no scheme"),
            ("unix://docker.sock", "whole path"),
            ("tcp://", "host is missing"),
            ("tcp://a:0", "port"),
            ("tcp://a:70000", "port"),
            ("tcp://::1:2375", "brackets"),
            ("tcp://a/b", "nothing may follow"),
            ("ssh://u:p@a", "password"),
            ("ssh://-oProxyCommand=x", "begin with '-'"),
            ("ftp://a", "unknown scheme"),
            ("tcp://a b", "no spaces"),
            ("unix:///run/\u{202e}kcos", "control characters"),
        ] {
            let error = Endpoint::parse(url, None).expect_err(url).to_string();
            assert!(error.contains(why), "{url}: {error}");
        }
    }
}
