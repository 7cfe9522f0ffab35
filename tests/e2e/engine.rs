//! An embedded engine, served from a thread of its own for as long as it is held.

use std::sync::mpsc;
use std::thread::JoinHandle;

use wheelhouse::demo::{Control, Engine, EngineSpec};

/// A running engine.
pub(crate) struct Embedded {
    /// What causes things to happen to it.
    pub(crate) control: Control,
    url: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _dir: tempfile::TempDir,
}

impl Embedded {
    /// Serves it on a socket.
    pub(crate) fn start(spec: EngineSpec) -> Self {
        Self::serve(spec, false)
    }

    /// Serves it on a port of this machine.
    pub(crate) fn start_tcp(spec: EngineSpec) -> Self {
        Self::serve(spec, true)
    }

    fn serve(spec: EngineSpec, tcp: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("engine.sock");
        let (ready, started) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let engine = if tcp {
                    Engine::serve_tcp(spec, ([127, 0, 0, 1], 0).into()).await
                } else {
                    Engine::serve_unix(spec, &socket).await
                };
                let engine = engine.unwrap();
                ready.send((engine.control(), engine.url())).unwrap();
                // Either way it is the end.
                let _ = stopped.await;
            });
        });
        let (control, url) = started.recv().unwrap();
        Self {
            control,
            url,
            stop: Some(stop),
            thread: Some(thread),
            _dir: dir,
        }
    }

    /// How it is reached.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The value of `-H` that names it.
    pub(crate) fn host(&self, name: &str) -> String {
        format!("{name}={}", self.url)
    }

    /// How many requests of this method it was asked whose path contains `part`.
    pub(crate) fn asked(&self, method: &str, part: &str) -> usize {
        let requests = self.control.requests();
        requests
            .iter()
            .filter(|asked| asked.method == method && asked.path.contains(part))
            .count()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has failed the test already.
            let _ = thread.join();
        }
    }
}
