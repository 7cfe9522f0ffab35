//! What the README shows works.

use crate::support::{Home, ran};

/// The README's blocks of TOML.
fn examples() -> Vec<&'static str> {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```toml\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap_or_default())
        .collect()
}

#[test]
fn its_configuration_and_its_theme_are_good() {
    let home = Home::new();
    let [config, theme] = examples()[..] else {
        panic!("a configuration and a theme");
    };
    home.write(".config/wheelhouse/config.toml", config);
    home.write(".config/wheelhouse/themes/mine.toml", theme);
    home.write(".ssh/config", "");
    for file in ["ca", "cert", "key"] {
        home.write(&format!(".config/wheelhouse/tls/{file}.pem"), "");
    }
    for arguments in [&[][..], &["--theme", "mine"]] {
        let ran = ran(home.command(arguments).env("TERM", "xterm"));
        // Hosts, keys and colours are judged before the terminal, and only that is missing.
        assert_eq!((ran.code, ran.err.lines().count()), (Some(2), 1), "{ran:?}");
        assert!(
            ran.err.contains("terminal") && !ran.err.contains(".toml"),
            "{ran:?}"
        );
    }
}
