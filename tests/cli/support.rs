//! A home of its own for every test, and embedded engines behind sockets in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;
use wheelhouse::demo::{Control, Engine, EngineSpec};

/// A home directory in which nothing of this machine's own configuration is seen.
pub(crate) struct Home(TempDir);

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, with the directories above it; its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        fs::write(&path, text).expect("written");
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wheelhouse"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// Serves engines named by their specs on sockets here, and writes a configuration that names them.
    pub(crate) fn serve(&self, specs: Vec<EngineSpec>) -> Vec<Control> {
        let mut file = String::new();
        let mut sockets = Vec::new();
        for spec in &specs {
            let socket = self.path(&format!("{}.sock", spec.name));
            file += &host(&spec.name, &socket);

            sockets.push(socket);
        }
        self.write(".config/wheelhouse/config.toml", &file);
        engines(specs.into_iter().zip(sockets).collect())
    }

    /// Adds a host to the configuration at whose address nothing listens.
    pub(crate) fn add_dead_host(&self, name: &str) {
        let file = self.path(".config/wheelhouse/config.toml");
        let mut text = fs::read_to_string(&file).unwrap_or_default();
        let socket = self.path("nothing.sock");
        text += &host(name, &socket);
        self.write(".config/wheelhouse/config.toml", &text);
    }
}

/// A host's table in a configuration file.
fn host(name: &str, socket: &Path) -> String {
    format!(
        "[[host]]\nname = \"{name}\"\nurl = \"unix://{}\"\n",
        socket.display()
    )
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program starts");
    Ran {
        code: status.code(),
        out: String::from_utf8(stdout).expect("UTF-8"),
        err: String::from_utf8(stderr).expect("UTF-8"),
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The engines live on a thread of their own until the test process ends.
fn engines(specs: Vec<(EngineSpec, PathBuf)>) -> Vec<Control> {
    let (sender, controls) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let mut engines = Vec::new();
            for (spec, socket) in specs {
                engines.push(serve(spec, &socket).await);
            }
            sender
                .send(engines.iter().map(Engine::control).collect())
                .expect("the test waits");
            std::future::pending::<()>().await;
        });
    });
    controls.recv().expect("the engines start")
}

async fn serve(spec: EngineSpec, socket: &Path) -> Engine {
    Engine::serve_unix(spec, socket).await.expect("a socket")
}
