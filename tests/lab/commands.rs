//! The command line on real engines.

use std::process::{Command, Output};

use serde_json::Value;

use crate::console::HOSTS;
use crate::ground::{Lab, alone_here};

/// A home with a configuration that names hosts of the lab.
struct Home(tempfile::TempDir);

impl Home {
    fn new(lab: &Lab, hosts: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("lab.toml"), lab.configuration(hosts)).unwrap();
        Self(dir)
    }

    /// Exit code, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_wheelhouse"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("WHEELHOUSE_CONFIG", self.0.path().join("lab.toml"))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code(), text(stdout), text(stderr))
    }

    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let (code, out, err) = self.run(arguments);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?}");
        let value: Value = serde_json::from_str(&out).unwrap();
        value.as_array().unwrap().clone()
    }
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn reports_tell_what_the_engines_tell() {
    let _alone = alone_here();
    let lab = Lab::open();
    let home = Home::new(&lab, &HOSTS);
    let rows = home.json(&["ps", "--json"]);
    for host in HOSTS {
        let ids = lab.docker(host, &["ps", "-aq", "--no-trunc"]);
        let mut theirs: Vec<&str> = ids.lines().collect();
        let mut ours: Vec<&str> = rows
            .iter()
            .filter(|row| row["host"] == host)
            .filter_map(|row| row["id"].as_str())
            .collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, theirs, "{host}");
        let one = |name: &str| {
            rows.iter()
                .find(|row| row["host"] == host && row["name"] == name)
                .unwrap()
        };
        assert_eq!(one("lab-exit137")["exit_code"], 137);
        assert_eq!(one("lab-unhealthy")["health"], "unhealthy");
        assert_eq!(
            (&one("shop-web-1")["app"], &one("shop-web-1")["service"]),
            (&"shop".into(), &"web".into())
        );
        assert_eq!(one("lab-paused")["state"], "paused");
    }
    let hosts = home.json(&["hosts", "--json"]);
    assert_eq!(hosts.len(), 4);
    for host in hosts {
        assert_eq!(host["state"], "live", "{host}");
        assert!(
            host["reason"].is_null() && host["latency_ms"].is_number() && host["engine"].is_string(),
            "{host}"
        );
    }
    let (code, out, err) = home.run(&["check"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    for host in HOSTS {
        assert!(
            out.lines()
                .any(|line| line.starts_with(host) && line.contains(" ok ")),
            "{out}"
        );
    }
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn one_container_is_inspected_read_and_restarted_over_tls_and_ssh() {
    let _alone = alone_here();
    let lab = Lab::open();
    let home = Home::new(&lab, &HOSTS);
    for host in ["tls", "ssh"] {
        let secrets = format!("{host}/lab-secrets");
        let (code, masked, _) = home.run(&["inspect", &secrets]);
        assert_eq!(code, Some(0));
        let (code, open, _) = home.run(&["inspect", &secrets, "--reveal"]);
        assert_eq!(code, Some(0));
        for secret in lab.secrets() {
            assert!(!masked.contains(&secret) && open.contains(&secret), "{secret}");
        }
        let (code, out, err) = home.run(&["logs", &format!("{host}/lab-logger"), "--tail", "20"]);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let numbers: Vec<u64> = out
            .lines()
            .map(|line| line.strip_prefix("line ").unwrap().parse().unwrap())
            .collect();
        assert!(
            numbers.len() == 20 && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
            "{out}"
        );
        let (code, out, _) = home.run(&["logs", &format!("{host}/lab-hostile"), "--tail", "40"]);
        assert_eq!(code, Some(0));
        assert!(
            out.contains("PWN") && !out.contains(|c: char| c != '\n' && c.is_control()),
            "{}",
            out.escape_debug()
        );

        let _made = lab.container(host, "proof-cli");
        let target = format!("{host}/proof-cli");
        let started = || {
            lab.docker(
                host,
                &["inspect", "--format", "{{.State.StartedAt}}", "proof-cli"],
            )
        };
        let before = started();
        assert_eq!(home.run(&["restart", &target]).0, Some(2));
        assert_eq!(home.run(&["restart", &target, "--yes", "--read-only"]).0, Some(1));
        assert_eq!(started(), before);
        let (code, out, err) = home.run(&["restart", &target, "--yes"]);
        assert_eq!(
            (code, out),
            (Some(0), format!("restart {target}: done\n")),
            "{err}"
        );
        assert_ne!(started(), before);
        assert_eq!(home.run(&["rm", &target, "--yes"]).0, Some(0));
        assert_eq!(home.run(&["inspect", &target]).0, Some(2));
    }
}

#[test]
#[ignore = "needs the lab: run tests/run"]
fn a_host_that_does_not_answer_is_named_and_the_rest_is_told() {
    let _alone = alone_here();
    let lab = Lab::open();
    let home = Home::new(&lab, &HOSTS);
    let _cut = lab.fault("cut", "heal", "tls");
    let (code, out, err) = home.run(&["ps", "--json"]);
    assert_eq!(code, Some(3), "{err}");
    assert!(
        err.starts_with("wheelhouse: tls: ") && err.lines().count() == 1,
        "{err}"
    );
    let rows: Value = serde_json::from_str(&out).unwrap();
    for (host, there) in [("tcp", true), ("tls", false), ("ssh", true), ("unix", true)] {
        assert_eq!(
            rows.as_array().unwrap().iter().any(|row| row["host"] == host),
            there,
            "{host}"
        );
    }
    let (code, out, _) = home.run(&["check"]);
    assert_eq!(code, Some(1));
    assert!(
        out.lines()
            .any(|line| line.starts_with("tls") && line.contains("WRONG")),
        "{out}"
    );
    let (code, _, err) = home.run(&["restart", "tls/lab-up", "--yes"]);
    assert_eq!(code, Some(3), "{err}");
}
