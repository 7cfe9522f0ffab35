//! The server: sockets, connections, and the faults that happen to them.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::{JoinHandle, JoinSet};

use super::control::Control;
use super::routes;
use super::spec::EngineSpec;
use super::state::{Shared, State};

/// A running engine. Dropping it ends it, closes its connections and removes its socket.
#[derive(Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    place: Place,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Clone, Debug)]
enum Place {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// Whatever bytes go over.
trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

impl Engine {
    /// Starts an engine on a socket of the file system; a socket that is there already is replaced.
    pub async fn serve_unix(spec: EngineSpec, socket: &Path) -> io::Result<Self> {
        Self::serve(spec, Place::Unix(socket.to_owned())).await
    }

    /// Starts an engine on an address; port 0 takes a free one, see [`Engine::addr`].
    pub async fn serve_tcp(spec: EngineSpec, addr: SocketAddr) -> io::Result<Self> {
        Self::serve(spec, Place::Tcp(addr)).await
    }

    async fn serve(spec: EngineSpec, mut place: Place) -> io::Result<Self> {
        let listener = Listener::open(&place).await?;
        if let Listener::Tcp(tcp) = &listener {
            place = Place::Tcp(tcp.local_addr()?);
        }
        let shared = Shared::new(State::new(spec));
        let living = Arc::clone(&shared);
        let tasks = [
            tokio::spawn(accept(Arc::clone(&shared), place.clone(), listener)),
            tokio::spawn(async move { living.live().await }),
        ];
        Ok(Self { shared, place, tasks })
    }

    /// Where it is reached: `unix:///…` or `tcp://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Unix(path) => format!("unix://{}", path.display()),
            Place::Tcp(addr) => format!("tcp://{addr}"),
        }
    }

    /// Its address, when it is on one.
    pub fn addr(&self) -> Option<SocketAddr> {
        match self.place {
            Place::Unix(_) => None,
            Place::Tcp(addr) => Some(addr),
        }
    }

    /// The hand that causes things to happen to it.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.shared))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        if let Place::Unix(path) = &self.place {
            // Gone already is as good.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Listener {
    async fn open(place: &Place) -> io::Result<Self> {
        match place {
            Place::Unix(path) => {
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                Ok(Self::Unix(UnixListener::bind(path)?))
            }
            Place::Tcp(addr) => Ok(Self::Tcp(TcpListener::bind(addr).await?)),
        }
    }

    async fn accept(&self) -> io::Result<Box<dyn Line>> {
        match self {
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// The next connection; never, while nobody listens.
async fn next(listener: Option<&Listener>) -> io::Result<Box<dyn Line>> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Accepts for as long as it is polled; its connections end with it.
async fn accept(shared: Arc<Shared>, place: Place, listener: Listener) {
    let mut wanted = shared.listening.subscribe();
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    loop {
        let mut again = None;
        if !*wanted.borrow_and_update() {
            listener = None;
        } else if listener.is_none() {
            listener = Listener::open(&place).await.ok();
            // The address may be taken for a moment.
            again = listener.is_none().then_some(Duration::from_millis(20));
        }
        tokio::select! {
            change = wanted.changed() => if change.is_err() { return },
            () = super::wire::wait(again), if again.is_some() => {}
            Some(_) = connections.join_next() => {}
            // One connection that failed before it began is no reason to end.
            line = next(listener.as_ref()) => if let Ok(line) = line {
                connections.spawn(connection(Arc::clone(&shared), line));
            }
        }
    }
}

async fn connection(shared: Arc<Shared>, mut line: Box<dyn Line>) {
    let mut severed = shared.severed.subscribe();
    let talk = async {
        if shared.read(|state| state.faults.garbles) {
            return garble(&mut line).await;
        }
        let answering = Arc::clone(&shared);
        let service = service_fn(move |request| routes::serve(Arc::clone(&answering), request));
        let served = http1::Builder::new()
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(line), service)
            .await;
        served.map_err(io::Error::other)
    };
    tokio::select! {
        // How a connection ended is the client's concern.
        _ = talk => {}
        _ = severed.changed() => {}
    }
}

/// Answers the first bytes with what is not HTTP, and hangs up.
async fn garble(line: &mut Box<dyn Line>) -> io::Result<()> {
    let mut asked = [0; 1024];
    if line.read(&mut asked).await? > 0 {
        line.write_all(b"\x15\x03\x01\x00\x02\x02\x0aSSH-2.0-garbage\r\n\xff\xfe\x00\r\n\r\n")
            .await?;
        line.shutdown().await?;
    }
    Ok(())
}
