//! Every mistake: one clear message, exit 2, nothing secret in it.

use crate::support::{Home, ran};

/// Runs `ps` with this file; the one line it says, without the program's name and the file's.
fn complaint(text: &str) -> String {
    let home = Home::new();
    let file = home.write("w.toml", text);
    let ran = home.run(&["ps", "--config", file.to_str().expect("a path")]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(ran.out, "");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    let head = format!("wheelhouse: {}:", file.display());
    let rest = ran.err.strip_prefix(&head).unwrap_or_else(|| panic!("{ran:?}"));
    rest.trim_end().to_owned()
}

#[test]
fn the_configuration_is_blamed_by_line_and_column() {
    let unknown = complaint("name = \"acme\"\n[[host]]\nurl = \"tcp://a\"\nenvv = \"dev\"\n");
    assert_eq!(unknown, "4:1: host.envv: unknown key, did you mean `env`?");
    let kind = complaint("read_only = 1\n");
    assert_eq!(kind, "1:13: read_only: expected true or false, found a number");
    let missing = complaint("[[host]]\nurl = \"tcp://a\"\ntls = { ca = \"certs/ca.pem\" }\n");
    assert!(
        missing.starts_with("3:14: host.tls.ca: cannot read /"),
        "{missing}"
    );
    assert!(
        missing.ends_with("certs/ca.pem: there is no such file"),
        "{missing}"
    );
    let directory = complaint("[[host]]\nurl = \"tcp://a\"\ntls = { ca = \".\" }\n");
    assert!(directory.ends_with("it is a directory"), "{directory}");
    let half = complaint("[[host]]\nurl = \"tcp://a\"\ntls = { cert = \"w.toml\" }\n");
    assert_eq!(
        half,
        "3:7: host.tls: `cert` and `key` belong together; one of them is missing"
    );
    let twice =
        complaint("[[host]]\nname = \"a\"\nurl = \"tcp://a\"\n[[host]]\nname = \"a\"\nurl = \"tcp://b\"\n");
    assert_eq!(twice, "4:1: host: `name` is already the name of another host");
    assert!(complaint("name = \"x\nread_only = true\n").starts_with("1:"));
}

#[test]
fn secrets_are_not_repeated() {
    let said = complaint("[[host]]\nurl = \"ssh://ops:hunter2@web-1\"\n");
    assert!(
        said.starts_with("2:7: host.url: a password") && !said.contains("hunter2"),
        "{said}"
    );
    let ran = Home::new().run(&["ps", "-H", "ssh://ops:hunter2@web-1"]);
    assert_eq!(
        (ran.code, ran.err.contains("hunter2")),
        (Some(2), false),
        "{ran:?}"
    );
    assert!(
        ran.err
            .contains("-H number 1: a password does not belong in a URL"),
        "{ran:?}"
    );
}

#[test]
fn a_bad_command_line_is_a_usage_error() {
    let home = Home::new();
    for (arguments, said) in [
        (&["frobnicate"][..], "frobnicate"),
        (&["ps", "-H", "web-1"], "-H number 1: no scheme"),
        (
            &["ps", "-H", "a=tcp://a", "-H", "a=tcp://b"],
            "-H number 2: its name is already",
        ),
        (
            &["ps", "-H", "a/b=tcp://a"],
            "-H number 1: a host's name has no slashes",
        ),
        (
            &["ps", "--config", "/no/such/file"],
            "/no/such/file: cannot be read: there is no such file",
        ),
        (&["logs", "a/b", "--since", "soon"], "expected 10m, 2h, 1d"),
        (
            &["logs", "a/b", "--tail", "1", "--since", "1h"],
            "cannot be used with",
        ),
        (&["restart"], "required"),
        (
            &["logs", "web-2/x", "-H", "web-1=tcp://127.0.0.1:1"],
            "there is no host web-2; did you mean web-1?",
        ),
        (&["demo", "-H", "tcp://a"], "takes no -H"),
    ] {
        let ran = home.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(said), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_console_without_a_terminal_says_so_in_one_line() {
    let ran = ran(Home::new()
        .command(&["-H", "tcp://127.0.0.1:1"])
        .env("TERM", "xterm"));
    assert_eq!((ran.code, ran.err.lines().count()), (Some(2), 1), "{ran:?}");
    assert!(ran.err.contains("terminal"), "{ran:?}");
}

#[test]
fn an_unknown_theme_and_a_bad_key_are_named_before_the_screen_is_taken() {
    let home = Home::new();
    let ran = home.run(&["-H", "tcp://127.0.0.1:1", "--theme", "nosuch"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.starts_with("wheelhouse: --theme: "), "{ran:?}");
    let file = home.write(
        "w.toml",
        "[keys]\nnosuch = \"x\"\n[[host]]\nurl = \"tcp://127.0.0.1:1\"\n",
    );
    let ran = home.run(&["--config", file.to_str().expect("a path")]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("w.toml:2:10: keys.nosuch: "), "{ran:?}");
}

#[test]
fn help_completions_and_the_manual_need_no_configuration() {
    let home = Home::new();
    home.write(".config/wheelhouse/config.toml", "broken");
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["completions", "bash"],
        &["completions", "fish"],
        &["man"],
    ] {
        let ran = home.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        assert!(ran.out.contains("wheelhouse"), "{arguments:?}");
    }
}
