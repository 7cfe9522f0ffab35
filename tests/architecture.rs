//! Keeps the borders that `src/lib.rs` draws.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(room: &str) -> Vec<(PathBuf, String)> {
    fn walk(path: &Path, out: &mut Vec<(PathBuf, String)>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a readable folder") {
                walk(&entry.expect("an entry").path(), out);
            }
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(path).expect("a readable file");
            // Comments may name anything.
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            out.push((path.to_owned(), code));
        }
    }
    let mut out = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in [root.join(room), root.join(format!("{room}.rs"))] {
        if path.exists() {
            walk(&path, &mut out);
        }
    }
    assert!(!out.is_empty(), "no such room: {room}");
    out
}

/// Whether `code` names the path or crate `word`, as a whole word.
fn names(code: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back().is_some_and(part_of_word);
        let after = code[at + word.len()..].chars().next().is_some_and(part_of_word);
        !before && !after
    })
}

fn assert_never(room: &str, words: &[&str]) {
    for (path, code) in sources(room) {
        for word in words {
            assert!(!names(&code, word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn fleet_is_pure() {
    assert_never(
        "fleet",
        &[
            "async",
            "await",
            "tokio",
            "futures_util",
            "bollard",
            "hyper",
            "reqwest",
            "openssh",
            "crossterm",
            "ratatui",
            "std::fs",
            "std::net",
            "std::io",
            "std::process",
            "std::thread",
            "std::env",
            "Instant",
            "SystemTime",
            "Timestamp::now",
            "Zoned::now",
            "crate::sources",
            "crate::runtime",
            "crate::ui",
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::demo",
        ],
    );
}

#[test]
fn ui_knows_no_sources() {
    assert_never(
        "ui",
        &[
            "crate::sources",
            "crate::runtime",
            "crate::app",
            "crate::cli",
            "tokio",
            "bollard",
            "hyper::",
        ],
    );
}

#[test]
fn sources_know_only_models_events_and_text() {
    for (path, code) in sources("sources") {
        for (at, _) in code.match_indices("crate::fleet") {
            let rest = &code[at + "crate::fleet".len()..];
            let allowed = ["::model", "::event", "::text"]
                .iter()
                .any(|room| rest.starts_with(room));
            assert!(
                allowed,
                "{}: crate::fleet{}",
                path.display(),
                &rest[..rest.len().min(30)]
            );
        }
    }
    assert_never(
        "sources",
        &[
            "crate::runtime",
            "crate::ui",
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::demo",
        ],
    );
}

#[test]
fn only_the_runtime_carries_effects_to_sources() {
    for room in ["sources", "ui", "cli", "config", "demo"] {
        assert_never(room, &["fleet::effect"]);
    }
    assert_never("app", &["crate::sources"]);
    assert_never(
        "demo",
        &["crate::fleet", "crate::sources", "crate::ui", "crate::runtime"],
    );
}

#[test]
fn unsafe_is_forbidden() {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("the manifest");
    assert!(manifest.contains("unsafe_code = \"forbid\""));
}
