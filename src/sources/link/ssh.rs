//! One ssh session to a machine, and streams to its engine over it.
//!
//! The system's own ssh does the work, with the user's configuration, agent, known hosts and jumps. Streams are
//! forwards from a private unix socket here to the engine's socket there; where the machine forbids forwarding,
//! `docker system dial-stdio` runs over the same session.

use std::error::Error as _;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::process;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use openssh::{
    ChildStdin, ChildStdout, ControlPersist, ForwardType, KnownHosts, Session, SessionBuilder, Socket, Stdio,
};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::sync::{Mutex, OnceCell};

use super::pool::Lease;
use super::{CONNECT, SshSettings, Stream, within, words};
use crate::fleet::model::{ErrorKind, SourceError};

/// Where the engine listens on the machine.
const SOCKET: &str = "/var/run/docker.sock";
/// How long a session may take to stand, jumps included.
const SESSION: Duration = Duration::from_secs(20);
/// A master that nobody uses ends after this by itself, even where we were killed.
const ORPHAN_S: usize = 60;

/// A session. Its master ends when this is closed or dropped.
pub(super) struct Ssh {
    session: Mutex<Option<Arc<Session>>>,
    /// How streams are made, found out with the first.
    way: OnceCell<Way>,
    /// Holds the control socket, the master's log and the forwarded socket; readable by us alone.
    dir: TempDir,
    /// For words: as whom, where.
    target: String,
}

#[derive(Debug)]
enum Way {
    /// Connect to this socket.
    Forward(PathBuf),
    /// Run `docker system dial-stdio`.
    DialStdio,
}

impl Ssh {
    /// Opens the session.
    pub(super) async fn open(
        user: Option<&str>,
        host: &str,
        port: Option<u16>,
        settings: &SshSettings,
    ) -> Result<Self, SourceError> {
        let target = user.map_or_else(|| host.to_owned(), |user| format!("{user}@{host}"));
        let dir = tempfile::Builder::new()
            .prefix("wheelhouse-")
            .tempdir_in(runtime_dir())
            .map_err(|error| {
                SourceError::new(
                    ErrorKind::Internal,
                    format!("no private directory for ssh's socket: {error}"),
                )
            })?;
        let mut builder = SessionBuilder::default();
        builder
            .known_hosts_check(KnownHosts::Strict)
            .connect_timeout(CONNECT)
            .server_alive_interval(Duration::from_secs(5))
            .control_directory(dir.path());
        if let Some(idle) = std::num::NonZeroUsize::new(ORPHAN_S) {
            builder.control_persist(ControlPersist::IdleFor(idle));
        }
        if let Some(user) = user {
            builder.user(user.to_owned());
        }
        if let Some(port) = port {
            builder.port(port);
        }
        if let Some(config) = &settings.config {
            builder.config_file(config);
        }
        let session = within(SESSION, async {
            builder
                .connect_mux(host)
                .await
                .map_err(|error| refusal(&target, &error))
        })
        .await?;
        Ok(Self {
            session: Mutex::new(Some(Arc::new(session))),
            way: OnceCell::new(),
            dir,
            target,
        })
    }

    /// A stream to the engine.
    pub(super) async fn connect(&self) -> Result<Box<dyn Stream>, SourceError> {
        match within(SESSION, self.way.get_or_try_init(|| self.find_way())).await? {
            Way::Forward(socket) => match UnixStream::connect(socket).await {
                Ok(stream) => Ok(Box::new(stream)),
                Err(error) => Err(self.explain(words::io(&error)).await),
            },
            Way::DialStdio => Ok(Box::new(self.dial_stdio().await?.0)),
        }
    }

    /// Requests that may be under way at once: an sshd allows ten sessions a connection, and events, pings and a log have one each.
    pub(super) fn at_once(&self) -> usize {
        match self.way.get() {
            Some(Way::Forward(_)) => super::pool::KEPT,
            Some(Way::DialStdio) | None => 4,
        }
    }

    /// Tries the forward with a ping: only its first bytes tell whether the machine allows it.
    async fn find_way(&self) -> Result<Way, SourceError> {
        let socket = self.dir.path().join("docker.sock");
        let session = self.session().await?;
        let forwarded = session
            .request_port_forward(
                ForwardType::Local,
                Socket::from(socket.as_path()),
                Socket::from(PathBuf::from(SOCKET)),
            )
            .await;
        if forwarded.is_ok()
            && let Ok(stream) = UnixStream::connect(&socket).await
        {
            match ping(Box::new(stream)).await {
                Ok(()) => return Ok(Way::Forward(socket)),
                Err(error) if error.kind == ErrorKind::Timeout => return Err(error),
                Err(error) => {
                    tracing::debug!(target = %self.target, %error, "ssh forward failed, trying dial-stdio");
                }
            }
        }
        let (stream, mut stderr) = self.dial_stdio().await?;
        let Err(error) = ping(Box::new(stream)).await else {
            return Ok(Way::DialStdio);
        };
        let mut said = Vec::new();
        if let Some(stderr) = &mut stderr {
            let _ = tokio::time::timeout(CONNECT, stderr.take(16 * 1024).read_to_end(&mut said)).await;
        }
        Err(self
            .explain(no_engine(&self.target, &String::from_utf8_lossy(&said), error))
            .await)
    }

    async fn dial_stdio(&self) -> Result<(DialStdio, Option<openssh::ChildStderr>), SourceError> {
        let session = self.session().await?;
        let mut child = Session::to_command(session, "docker")
            .arg("system")
            .arg("dial-stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .await
            .map_err(|error| {
                SourceError::new(
                    ErrorKind::Unreachable,
                    format!("ssh: no command can be run there: {}", chain(&error)),
                )
            })?;
        let (Some(stdin), Some(stdout)) = (child.stdin().take(), child.stdout().take()) else {
            return Err(SourceError::new(ErrorKind::Internal, "ssh gave no pipes"));
        };
        let stderr = child.stderr().take();
        Ok((
            DialStdio {
                stdin,
                stdout,
                _child: child,
            },
            stderr,
        ))
    }

    /// The session may be the reason why a stream broke.
    pub(super) async fn explain(&self, error: SourceError) -> SourceError {
        let Ok(session) = self.session().await else {
            return error;
        };
        if tokio::time::timeout(CONNECT, session.check())
            .await
            .is_ok_and(|alive| alive.is_ok())
        {
            return error;
        }
        SourceError::new(ErrorKind::Unreachable, "the ssh session ended")
    }

    async fn session(&self) -> Result<Arc<Session>, SourceError> {
        self.session
            .lock()
            .await
            .clone()
            .ok_or_else(|| SourceError::new(ErrorKind::Unreachable, "the ssh session was closed"))
    }

    /// Ends the master, and with it whatever stream is still open. The session's own closing would wait for those.
    pub(super) async fn close(&self) {
        let Some(session) = self.session.lock().await.take() else {
            return;
        };
        let mut exit = tokio::process::Command::new("ssh");
        exit.arg("-S")
            .arg(session.control_socket())
            .args(["-O", "exit", "wheelhouse"]);
        exit.stdin(process::Stdio::null())
            .stdout(process::Stdio::null())
            .stderr(process::Stdio::null());
        exit.kill_on_drop(true);
        let _ = tokio::time::timeout(CONNECT, exit.status()).await;
    }
}

impl fmt::Debug for Ssh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ssh({})", self.target)
    }
}

/// A directory for sockets: its path must be short, for a socket's may have 108 bytes at most.
fn runtime_dir() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|dir| dir.is_dir() && dir.as_os_str().len() <= 40)
        .or_else(|| Some(std::env::temp_dir()).filter(|dir| dir.as_os_str().len() <= 40))
        .unwrap_or_else(|| "/tmp".into())
}

async fn ping(stream: Box<dyn Stream>) -> Result<(), SourceError> {
    within(CONNECT, async {
        let mut lease = Lease::over(stream).await?;
        match lease.send(http::Method::GET, "/_ping").await {
            Ok(_) => Ok(()),
            Err(failed) => Err(failed.error),
        }
    })
    .await
}

/// The command's two pipes as one stream. Dropping it closes them, which ends the command.
struct DialStdio {
    stdin: ChildStdin,
    stdout: ChildStdout,
    _child: openssh::Child<Arc<Session>>,
}

impl AsyncRead for DialStdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stdout).poll_read(cx, buf)
    }
}

impl AsyncWrite for DialStdio {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stdin).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stdin).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stdin).poll_shutdown(cx)
    }
}

/// Why no session came to be: ssh's own words, read for what they mean.
fn refusal(target: &str, error: &openssh::Error) -> SourceError {
    let said = match error {
        openssh::Error::Connect(said) => said.to_string(),
        other => chain(other),
    };
    explain_refusal(target, &said)
}

fn explain_refusal(target: &str, said: &str) -> SourceError {
    let auth = |reason: &str, advice: String| SourceError::new(ErrorKind::Auth, reason).advise(advice);
    let unreachable = |reason: &str| SourceError::new(ErrorKind::Unreachable, reason);
    let has = |words: &str| said.contains(words);
    if has("HOST IDENTIFICATION HAS CHANGED") || has("Host key for") && has("has changed") {
        auth(
            "ssh: host key changed",
            format!(
                "make sure that it is the same machine; then: ssh-keygen -R {}, and ssh {target} once",
                bare(target)
            ),
        )
    } else if has("Host key verification failed") || has("host key is known") {
        auth(
            "ssh: host key unknown",
            format!("connect once by hand and compare the key: ssh {target}"),
        )
    } else if has("UNPROTECTED PRIVATE KEY") {
        auth(
            "ssh: the key's file is readable by others",
            "chmod 600 the key".to_owned(),
        )
    } else if has("Permission denied (") {
        denied(target, said)
    } else if has("Too many authentication failures") {
        auth(
            "ssh: too many keys were tried",
            format!("name the one for {target} in ~/.ssh/config: IdentityFile and IdentitiesOnly yes"),
        )
    } else if has("Could not resolve hostname") {
        unreachable("ssh: the name cannot be resolved").advise("check the host's name, or ~/.ssh/config")
    } else if has("Connection refused") {
        unreachable("ssh: connection refused").advise("is sshd running, and on this port?")
    } else if has("timed out") {
        unreachable("ssh: connecting timed out")
    } else if has("No route to host") {
        unreachable("ssh: no route to the host")
    } else if has("Network is unreachable") {
        unreachable("ssh: the network is unreachable")
    } else if has("No such file or directory") && has("os error 2") {
        SourceError::new(ErrorKind::Internal, "there is no ssh command on this machine")
            .advise("install the OpenSSH client")
    } else if has("Bad configuration option") || has("terminating,") || has("Can't open user config file") {
        auth("ssh: its configuration is wrong", words::clip(said))
    } else {
        unreachable(&format!("ssh: {}", words::clip(said)))
    }
}

/// No key was taken. ssh cannot ask us anything, so a passphrase or a second factor ends here too.
fn denied(target: &str, said: &str) -> SourceError {
    let who = said
        .lines()
        .find_map(|line| line.split_once(": Permission denied ("))
        .map_or(target, |(who, _)| who.rsplit(' ').next().unwrap_or(who));
    let who = words::clip(who);
    let offers = said
        .split_once("Permission denied (")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or("", |(methods, _)| methods);
    let error = SourceError::new(
        ErrorKind::Auth,
        format!("ssh: permission denied: no key was accepted for {who}"),
    );
    if offers.split(',').any(|method| method == "publickey") {
        error.advise(format!(
            "if the key has a passphrase, add it to the agent: ssh-add; if it is a new one: ssh-copy-id {target}"
        ))
    } else {
        SourceError::new(
            ErrorKind::Auth,
            format!(
                "ssh: the machine asks {who} for more than a key ({})",
                words::clip(offers)
            ),
        )
        .advise("a second factor cannot be answered here: let this machine take the key alone")
    }
}

/// The session stands, but no engine answers over it.
fn no_engine(target: &str, said: &str, error: SourceError) -> SourceError {
    let has = |words: &str| said.contains(words);
    let user = target.split_once('@').map_or("USER", |(user, _)| user);
    if has("permission denied") && has("sock") {
        SourceError::new(ErrorKind::Auth, format!("permission denied on {SOCKET} there")).advise(format!(
            "add {user} to the docker group on the machine: usermod -aG docker {user}"
        ))
    } else if has("not found") || has("No such file or directory") && has("docker:") {
        SourceError::new(ErrorKind::Unreachable, "Docker is not there, or may not be forwarded to").advise(
            "allow AllowStreamLocalForwarding in the machine's sshd_config, or install the docker command there",
        )
    } else if has("Cannot connect to the Docker daemon") {
        SourceError::new(
            ErrorKind::Unreachable,
            format!("nothing listens on {SOCKET} there"),
        )
        .advise("start Docker on the machine")
    } else if said.trim().is_empty() {
        error
    } else {
        SourceError::new(error.kind, words::clip(said))
    }
}

fn bare(target: &str) -> &str {
    target.rsplit_once('@').map_or(target, |(_, host)| host)
}

/// An error and its causes.
fn chain(error: &openssh::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(this) = cause {
        words.push_str(": ");
        words.push_str(&this.to_string());
        cause = this.source();
    }
    words::clip(&words)
}

#[cfg(test)]
mod tests {
    use super::{explain_refusal, no_engine};
    use crate::fleet::model::{ErrorKind, SourceError};

    #[test]
    fn refusals_are_told_apart() {
        for (said, kind, words) in [
            (
                "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key for a has changed and you have \
                 requested strict checking.\r\nHost key verification failed.",
                ErrorKind::Auth,
                "ssh: host key changed",
            ),
            (
                "No ED25519 host key is known for a and you have requested strict checking.\r\nHost key \
                 verification failed.",
                ErrorKind::Auth,
                "ssh: host key unknown",
            ),
            (
                "ops@a: Permission denied (publickey).",
                ErrorKind::Auth,
                "ssh: permission denied: no key was accepted for ops@a",
            ),
            (
                "ops@a: Permission denied (keyboard-interactive).",
                ErrorKind::Auth,
                "ssh: the machine asks ops@a for more than a key (keyboard-interactive)",
            ),
            (
                "Could not resolve hostname nowhere: Name or service not known",
                ErrorKind::Unreachable,
                "ssh: the name cannot be resolved",
            ),
            (
                "connect to host a port 22: Connection refused",
                ErrorKind::Unreachable,
                "ssh: connection refused",
            ),
        ] {
            let error = explain_refusal("ops@a", said);
            assert_eq!((error.kind, error.reason.as_str()), (kind, words));
        }
    }

    #[test]
    fn a_missing_group_is_said_with_what_to_do() {
        let error = no_engine(
            "ops@a",
            "failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: permission denied",
            SourceError::new(ErrorKind::Unreachable, "the connection was closed"),
        );
        assert_eq!(error.kind, ErrorKind::Auth);
        assert!(
            error
                .advice
                .is_some_and(|advice| advice.contains("usermod -aG docker ops"))
        );
    }
}
