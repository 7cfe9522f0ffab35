//! The console on the lab: what it shows of real engines, and that read-only it changes nothing of them.

use std::path::Path;

use crate::ground::{Lab, alone_here};
use crate::hands::{ESCAPE, press_everything};
use crate::scan::Seen;
use crate::support::{Start, Tui};

/// All four ways to an engine.
pub(crate) const HOSTS: [&str; 4] = ["tcp", "tls", "ssh", "unix"];

/// Where the operator is said to come from.
pub(crate) const SSH_CONNECTION: &str = "192.0.2.7 50022 192.0.2.9 22";

/// A console on hosts of the lab, and where its configuration is.
pub(crate) struct Room {
    pub(crate) tui: Tui,
    secrets: Vec<String>,
    _dir: tempfile::TempDir,
}

impl Room {
    /// Starts one; its trace tells everything.
    pub(crate) fn on(lab: &Lab, hosts: &[&str], more: &str, size: (u16, u16)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("lab.toml");
        std::fs::write(&file, lab.configuration(hosts) + more).unwrap();
        let arguments = ["--config", file.to_str().unwrap(), "--trace=trace"];
        let tui = Start::new(&arguments)
            .env("SSH_CONNECTION", SSH_CONNECTION)
            .size(size.0, size.1)
            .start();
        Self {
            tui,
            secrets: lab.secrets(),
            _dir: dir,
        }
    }

    /// Narrows the table to what is typed.
    pub(crate) fn filter(&mut self, text: &str) {
        self.tui.type_alone(b"2");
        self.tui
            .press("/", "the filter", |screen| screen.contents().contains("filter /"));
        self.tui.type_alone(b"\x15");
        self.tui.type_text(text);
        let shown = format!("filter: {text} ");
        self.tui.press("\r", "the filtered table", |screen| {
            let text = screen.contents();
            !text.contains("filter /") && text.contains(&shown)
        });
    }

    /// Leaves by `q`; the terminal was given back, its output was fit for it, and neither that nor any file holds a secret.
    pub(crate) fn leave(mut self) -> Seen {
        // From wherever it is: back to the root first.
        for _ in 0..5 {
            self.tui.type_alone(ESCAPE);
        }
        self.tui.send(b"q");
        assert_eq!(self.tui.wait_exit(), 0);
        let seen = self.tui.assert_restored();
        no_secret(&self.secrets, "the terminal", &self.tui.output_since(0));
        for file in files(self.tui.home()) {
            no_secret(&self.secrets, &file, &std::fs::read(&file).unwrap());
        }
        seen
    }
}

fn no_secret(secrets: &[String], place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} in {place}");
    }
}

/// All plain files below a directory.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn every_container_of_every_host_is_on_one_screen_and_what_is_broken_stands_first() {
    let _alone = alone_here();
    let lab = Lab::open();
    let mut room = Room::on(&lab, &HOSTS, "", (120, 36));
    room.tui.wait_text("4 hosts ● 4 live");
    room.tui.resize(170, 100);
    let wanted: Vec<(&str, String)> = HOSTS
        .into_iter()
        .flat_map(|host| {
            let names = lab.docker(host, &["ps", "-a", "--format", "{{.Names}}"]);
            let names: Vec<_> = names.lines().map(str::to_owned).collect();
            names.into_iter().map(move |name| (host, name))
        })
        .collect();
    assert!(wanted.len() > 60);
    // The pair of the Compose project is shown by its service.
    let title = |name: &str| {
        name.replace("shop-web-1", "shop/web")
            .replace("shop-worker-1", "shop/worker")
    };
    room.tui.wait_for("every name beside its host", |screen| {
        let rows: Vec<Vec<String>> = rows(&screen.contents());
        wanted.iter().all(|(host, name)| {
            let title = title(name);
            let title = title.rsplit('/').next().unwrap_or_default().to_owned();
            rows.iter().any(|row| {
                row.iter().any(|word| word.ends_with(&title)) && row.iter().any(|word| word == host)
            })
        })
    });
    room.tui.wait_for("what is broken first", |screen| {
        let text = screen.contents();
        let broken: Vec<bool> = table(&text).iter().map(|row| row.contains('▲')).collect();
        let first_good = broken.iter().position(|broken| !broken).unwrap();
        // On each host one that exited, one that is unhealthy, one that is restarted again and again.
        first_good >= 12 && broken[first_good..].iter().all(|broken| !broken)
    });
    let seen = room.leave();
    assert!(seen.colours > 0 && seen.beyond_ascii > 0 && seen.copied.is_empty());
}

/// The screen in two: what is left of the container table, and the table.
pub(crate) fn halves(screen: &str) -> (Vec<String>, Vec<String>) {
    let edge = |line: &str| Some(line[..line.find("╭ 2 Containers")?].chars().count());
    let edge = screen.lines().find_map(edge).unwrap_or(0);
    let cut = |line: &str| {
        let mut chars = line.chars();
        let left: String = chars.by_ref().take(edge).collect();
        (left, chars.skip(1).collect::<String>())
    };
    screen.lines().map(cut).unzip()
}

/// The rows of the container table.
fn table(screen: &str) -> Vec<String> {
    let lines = halves(screen).1.into_iter();
    let rows = lines.skip_while(|line| !line.contains("APP/SERVICE")).skip(1);
    rows.filter(|line| !line.trim_matches(['│', ' ']).is_empty())
        .collect()
}

fn rows(screen: &str) -> Vec<Vec<String>> {
    table(screen)
        .iter()
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn logs_of_terminals_and_hostile_ones_open_and_secrets_stay_masked() {
    let _alone = alone_here();
    let lab = Lab::open();
    let mut room = Room::on(&lab, &HOSTS, "", (140, 60));
    room.tui.wait_text("4 hosts ● 4 live");
    for (filter, words) in [
        ("lab-tty-binary host:unix", "binary line"),
        ("lab-tty-binary host:ssh", "binary line"),
        ("lab-hostile host:tls", "PWN bidi"),
        ("lab-logger host:ssh", "line "),
    ] {
        room.filter(filter);
        room.tui
            .press("l", filter, |screen| screen.contents().contains(words));
        room.tui.wait_text("follow ·");
    }
    for host in HOSTS {
        room.filter(&format!("lab-secrets host:{host}"));
        room.tui.press("i", "the inspection", |screen| {
            let text = screen.contents();
            text.contains("DB_PASSWORD") && text.contains("API_TOKEN") && text.contains("••••••")
        });
        room.tui.wait_text(&format!("Inspect  lab-secrets@{host}"));
        room.tui.press("q", "the inspection gone", |screen| {
            !screen.contents().contains("Inspect  ")
        });
    }
    room.leave();
}

/// When each container was started, and how it is. The crash loop has a life of its own.
fn states(lab: &Lab, host: &str) -> Vec<String> {
    let ids = lab.docker(host, &["ps", "-aq", "--filter", "label=wheelhouse.lab"]);
    let format = "{{.Name}} {{.State.StartedAt}} {{.State.Status}}";
    let ask: Vec<&str> = ["inspect", "--format", format]
        .into_iter()
        .chain(ids.lines())
        .collect();
    steady(&lab.docker(host, &ask))
}

/// What happened to any container. The checks of health are commands that the engine runs.
fn events(lab: &Lab, host: &str, since: &str) -> Vec<String> {
    let format = "{{.Action}} {{.Actor.Attributes.name}}";
    let window = ["events", "--since", since, "--until", "0s"];
    let what = ["--filter", "type=container", "--format", format];
    let mut lines = steady(&lab.docker(host, &[&window[..], &what].concat()));
    lines.retain(|line| !line.starts_with("exec_"));
    lines
}

fn steady(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.contains("lab-restarting"));
    lines.map(str::to_owned).collect()
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn no_key_of_a_read_only_console_changes_anything_over_tls_and_ssh() {
    let _alone = alone_here();
    let lab = Lab::open();
    let since = lab.docker("tls", &["info", "--format", "{{.SystemTime}}"]);
    let before = ["tls", "ssh"].map(|host| states(&lab, host));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wall.toml");
    let orders = ["start", "stop", "restart", "pause", "unpause", "kill", "remove"];
    let nothing = orders.map(|order| format!("{order} = \"nothing\"")).join(", ");
    let text = format!(
        "read_only = true\n{}[confirm]\nproduction = {{ {nothing} }}\n",
        lab.configuration(&["tls", "ssh"])
    );
    std::fs::write(&file, text).unwrap();
    let size = (100, 30);
    let mut tui = press_everything(size, || {
        let tui = Start::new(&["--config", file.to_str().unwrap()])
            .size(size.0, size.1)
            .start();
        tui.wait_text("● 2 live");
        tui.wait_text("READ-ONLY");
        tui
    });
    tui.send(b"q");
    assert_eq!(tui.wait_exit(), 0);
    tui.assert_restored();
    no_secret(&lab.secrets(), "the terminal", &tui.output_since(0));
    for (host, before) in ["tls", "ssh"].into_iter().zip(before) {
        assert_eq!(states(&lab, host), before, "{host}");
        assert_eq!(events(&lab, host, since.trim()), Vec::<String>::new(), "{host}");
    }
    for file in files(tui.home()) {
        assert!(file.contains("/trace."), "it wrote {file}");
    }
}
