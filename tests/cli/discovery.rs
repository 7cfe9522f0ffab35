//! Where hosts come from, and in which order.

use std::process::Command;

use serde_json::Value;

use crate::support::{Home, ran};

/// Names of the hosts a command finds. None of them answers: they are ports where nothing listens.
fn names(command: &mut Command) -> Vec<String> {
    let ran = ran(command);
    let hosts = ran.json();
    let name = |host: &Value| host["name"].as_str().map(str::to_owned);
    let mut names: Vec<_> = hosts
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(name)
        .collect();
    // The machine's own socket, where it has one.
    names.retain(|name| !name.starts_with("local"));
    names
}

fn context(home: &Home, directory: &str, name: &str, url: &str) {
    let meta = format!(
        "{{\"Name\":\"{name}\",\"Metadata\":{{}},\"Endpoints\":{{\"docker\":{{\"Host\":\"{url}\"}}}}}}"
    );
    home.write(&format!("{directory}/contexts/meta/{name}/meta.json"), &meta);
}

#[test]
fn arguments_replace_the_file_and_the_file_replaces_the_machine() {
    let home = Home::new();
    context(&home, ".docker", "prod", "tcp://127.0.0.1:3");
    let mut command = home.command(&["hosts", "--json"]);
    command.env("DOCKER_HOST", "tcp://127.0.0.1:2");
    assert_eq!(names(&mut command), ["127.0.0.1", "prod"]);

    home.write(
        "other.toml",
        "[[host]]\nname = \"other\"\nurl = \"tcp://127.0.0.1:4\"\n",
    );
    command.env("WHEELHOUSE_CONFIG", home.path("other.toml"));
    assert_eq!(names(&mut command), ["other"]);

    home.write(
        "third.toml",
        "[[host]]\nname = \"third\"\nurl = \"tcp://127.0.0.1:5\"\n",
    );
    command.arg("--config").arg(home.path("third.toml"));
    assert_eq!(names(&mut command), ["third"]);

    command.args(["-H", "tcp://127.0.0.1:6", "-H", "tcp://127.0.0.1:7"]);
    assert_eq!(names(&mut command), ["127.0.0.1:6", "127.0.0.1:7"]);
}

#[test]
fn the_usual_file_is_read_and_without_hosts_in_it_the_machine_is_asked() {
    let home = Home::new();
    home.write(".config/wheelhouse/config.toml", "read_only = true\n");
    context(&home, "docker", "prod", "tcp://127.0.0.1:3");
    let mut command = home.command(&["hosts", "--json"]);
    command.env("DOCKER_CONFIG", home.path("docker"));
    assert_eq!(names(&mut command), ["prod"]);
    home.write(
        ".config/wheelhouse/config.toml",
        "[[host]]\nname = \"mine\"\nurl = \"tcp://127.0.0.1:8\"\n",
    );
    assert_eq!(names(&mut command), ["mine"]);
}

#[test]
fn two_names_of_one_endpoint_are_one_host() {
    let home = Home::new();
    context(&home, ".docker", "prod", "tcp://127.0.0.1:3");
    context(&home, ".docker", "same", "tcp://127.0.0.1:3");
    let mut command = home.command(&["hosts", "--json"]);
    command.env("DOCKER_HOST", "tcp://127.0.0.1:3");
    assert_eq!(names(&mut command), ["prod"]);
}

#[test]
fn ssh_hosts_are_offered_and_not_dialled() {
    let home = Home::new();
    home.write(".ssh/config", "Host web-1 *.example\n  User ops\n");
    let ran = home.run(&["check", "-H", "tcp://127.0.0.1:1"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out.contains("wheelhouse -H ssh://web-1\n") && !ran.out.contains("example"),
        "{ran:?}"
    );
}

#[test]
fn check_says_where_the_configuration_came_from_and_what_is_wrong() {
    let home = Home::new();
    let key = home.write("key.pem", "not a key");
    home.write("cert.pem", "not a certificate");
    home.write(
        ".config/wheelhouse/config.toml",
        "[[host]]\nname = \"web-1\"\nurl = \"tcp://127.0.0.1:1\"\ntls = { cert = \"~/cert.pem\", key = \"~/key.pem\" }\n",
    );
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("permissions");
    let ran = home.run(&["check"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out.contains("wheelhouse/config.toml; 1 hosts from the file"),
        "{ran:?}"
    );
    assert!(
        ran.out.contains(&format!("chmod 600 {}", key.display())),
        "{ran:?}"
    );
}
