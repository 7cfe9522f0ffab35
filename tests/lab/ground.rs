//! Where the lab is, and its faults.

// Writing to a String cannot fail.
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};
use wheelhouse::fleet::model::TlsFiles;
use wheelhouse::sources::link::SshSettings;

use super::contract::Way;

/// Faults are for one test at a time; every test here takes this, for a fault on a host disturbs all that use it.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other test of the lab runs.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// The same, for a test that is not asynchronous.
pub(crate) fn alone_here() -> MutexGuard<'static, ()> {
    ALONE.blocking_lock()
}

pub(crate) struct Lab(Value);

impl Lab {
    pub(crate) fn open() -> Self {
        let path = std::env::var("WHEELHOUSE_LAB_ENV").expect("WHEELHOUSE_LAB_ENV names the lab's file");
        let json = std::fs::read(path).expect("the lab's file");
        Self(serde_json::from_slice(&json).expect("JSON"))
    }

    pub(crate) fn host(&self, name: &str) -> &Value {
        let hosts = self.0["hosts"].as_array().expect("hosts");
        hosts.iter().find(|host| host["name"] == name).expect("the host")
    }

    /// How a host is reached; with its certificates, where it has some.
    pub(crate) fn way(&self, name: &str) -> Way {
        let host = self.host(name);
        Way {
            tls: (!host["tls"].is_null()).then(|| files(&host["tls"])),
            ssh: self.ssh(),
            ..Way::plain(host["url"].as_str().expect("a URL"))
        }
    }

    /// An alias of the lab's ssh configuration.
    pub(crate) fn alias(&self, alias: &str) -> Way {
        Way {
            ssh: self.ssh(),
            ..Way::plain(&format!("ssh://{alias}"))
        }
    }

    fn ssh(&self) -> SshSettings {
        SshSettings {
            config: self.host("ssh")["ssh"]["config"].as_str().map(PathBuf::from),
        }
    }

    pub(crate) fn secrets(&self) -> Vec<String> {
        let secrets = self.0["secrets"].as_array().expect("secrets");
        secrets
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// How often the ssh host took a session on a port.
    pub(crate) fn sessions(&self, port: &str) -> usize {
        let log = self.host("ssh")["ssh"]["logs"][port].as_str().expect("a log");
        let log = std::fs::read_to_string(log).expect("sshd's log");
        log.lines()
            .filter(|line| line.starts_with("Accepted publickey"))
            .count()
    }

    fn command(&self, arguments: &[&str]) -> String {
        let lab = self.0["lab"].as_str().expect("the lab's script");
        let done = Command::new(lab).args(arguments).output().expect("the lab runs");
        assert!(
            done.status.success(),
            "lab {arguments:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8(done.stdout).expect("text")
    }

    /// What the docker command says, against a host, whatever its faults.
    pub(crate) fn docker(&self, host: &str, arguments: &[&str]) -> String {
        self.command(&[&["docker", host], arguments].concat())
    }

    /// A container of the test's own, which does nothing.
    pub(crate) fn container(&self, host: &'static str, name: &'static str) -> Made<'_> {
        let image = self.0["image"].as_str().expect("an image");
        // Left over from a run that was broken off.
        self.docker(host, &["rm", "-f", name]);
        let made = [
            "run",
            "-d",
            "--network",
            "none",
            "--stop-signal",
            "KILL",
            "--name",
            name,
            image,
        ];
        self.docker(host, &[&made[..], &["sleep", "100000000"]].concat());
        Made {
            lab: self,
            host,
            name,
        }
    }

    /// A configuration that names these hosts, as the lab calls them.
    pub(crate) fn configuration(&self, hosts: &[&str]) -> String {
        let config = self.host("ssh")["ssh"]["config"].as_str().expect("a path");
        let mut text = format!("name = \"lab\"\n[ssh]\nconfig = \"{config}\"\n");
        for host in hosts.iter().map(|name| self.host(name)) {
            let (name, url, tls) = (&host["name"], &host["url"], &host["tls"]);
            let _ = write!(text, "[[host]]\nname = {name}\nurl = {url}\n");
            if !tls.is_null() {
                let (ca, cert, key) = (&tls["ca"], &tls["cert"], &tls["key"]);
                let _ = writeln!(text, "tls = {{ ca = {ca}, cert = {cert}, key = {key} }}");
            }
        }
        text
    }

    /// Does something to a host; it is undone when the answer is dropped.
    pub(crate) fn fault(&self, act: &'static str, back: &'static str, host: &'static str) -> Undo<'_> {
        self.command(&[act, host]);
        Undo {
            lab: self,
            act: back,
            host,
        }
    }
}

/// Files of a TLS link out of the lab's description.
pub(crate) fn files(tls: &Value) -> TlsFiles {
    let path = |key: &str| tls[key].as_str().map(PathBuf::from);
    TlsFiles {
        ca: path("ca"),
        cert: path("cert"),
        key: path("key"),
    }
}

pub(crate) struct Undo<'a> {
    lab: &'a Lab,
    act: &'static str,
    host: &'static str,
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        self.lab.command(&[self.act, self.host]);
    }
}

/// A container that goes with the test.
pub(crate) struct Made<'a> {
    lab: &'a Lab,
    host: &'static str,
    name: &'static str,
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // It is a success also when there is none.
        self.lab.docker(self.host, &["rm", "-f", self.name]);
    }
}
