//! Mistakes of the operator: one clear message before the screen is taken, and exit code 2.

use std::fs;
use std::path::Path;

use crate::support::Start;

/// Starts the console with a mistake; all that it says.
fn complaint(arguments: &[&str]) -> String {
    let mut tui = Start::new(arguments).size(200, 24).start();
    assert_eq!(tui.wait_exit(), 2, "{arguments:?}:\n{}", tui.contents());
    tui.assert_restored();
    let said = String::from_utf8(tui.output_since(0)).unwrap();
    assert!(!said.contains('\x1b'), "the screen was not touched: {said:?}");
    assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    said.trim_end().to_owned()
}

fn of_file(dir: &Path, text: &str) -> String {
    let file = dir.join("w.toml");
    fs::write(&file, text).unwrap();
    let said = complaint(&["--config", file.to_str().unwrap()]);
    let head = format!("wheelhouse: {}:", file.display());
    said.strip_prefix(&head)
        .unwrap_or_else(|| panic!("{said}"))
        .to_owned()
}

#[test]
fn a_mistake_on_the_command_line_is_told_before_the_screen_is_taken() {
    for (arguments, words) in [
        (&["-H", "web-1"][..], "-H number 1: no scheme"),
        (&["-H", "tcp://a", "-H", "gopher://b"], "-H number 2: "),
        (&["-H", "tcp://a:port"], "-H number 1: "),
        (
            &["-H", "ssh://ops:hunter2@web-1"],
            "a password does not belong in a URL",
        ),
        (&["-H", "tcp://127.0.0.1:1", "--theme", "nosuch"], "--theme: "),
        (&["--config", "/no/such/file"], "there is no such file"),
    ] {
        let said = complaint(arguments);
        assert!(
            said.contains(words) && !said.contains("hunter2"),
            "{words}: {said}"
        );
    }
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_place_before_the_screen_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("cert.pem"), "").unwrap();
    fs::create_dir(dir.path().join("key.pem")).unwrap();
    let host = "[[host]]\nurl = \"tcp://a\"\n";
    for (text, words) in [
        ("theme = ".to_owned(), "1:9: "),
        (
            "theem = \"dark\"\n".to_owned(),
            "1:1: theem: unknown key, did you mean `theme`?",
        ),
        (format!("theme = \"nosuch\"\n{host}"), "1:9: theme: "),
        (format!("{host}env = 3\n"), "3:7: host.env: expected a string"),
        (
            format!("{host}tls = {{ cert = \"none.pem\", key = \"key.pem\" }}\n"),
            "3:16: host.tls.cert: cannot read ",
        ),
        (
            format!("{host}tls = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n"),
            "it is a directory",
        ),
        (format!("{host}[keys]\nkill = \"enter\"\n"), "4:8: keys.kill: "),
    ] {
        let said = of_file(dir.path(), &text);
        assert!(said.contains(words), "{words}: {said}");
    }
}
