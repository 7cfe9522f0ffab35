//! What is pictured.

use std::path::{Path, PathBuf};

use color_eyre::Result;
use ratatui::buffer::{Buffer, Cell};

use super::stage::Stage;
use super::svg::{self, Paper};

/// One picture: the console at a size, in a theme, after some keys.
pub(crate) struct Scene {
    /// The file's name without its ending.
    name: &'static str,
    /// Columns and rows.
    pub(crate) size: (u16, u16),
    /// A built-in theme.
    pub(crate) theme: &'static str,
    /// Nothing but reading.
    pub(crate) read_only: bool,
    /// The keys that are pressed, in order; `\n` is Enter.
    pub(crate) keys: &'static str,
    /// What must be on screen before the picture is taken.
    pub(crate) shows: &'static str,
}

const FLEET: Scene = Scene {
    name: "fleet",
    size: (120, 40),
    theme: "dark",
    read_only: false,
    keys: "",
    shows: "unhealthy",
};

const SCENES: [Scene; 8] = [
    FLEET,
    Scene {
        name: "log",
        keys: "jjlz",
        shows: "7731",
        ..FLEET
    },
    Scene {
        name: "prompt",
        keys: "jjr",
        shows: "shop-api-blue",
        ..FLEET
    },
    Scene {
        name: "inspect",
        keys: "jji",
        shows: "DATABASE_URL",
        ..FLEET
    },
    Scene {
        name: "problems",
        keys: "!",
        ..FLEET
    },
    Scene {
        name: "narrow",
        size: (80, 24),
        ..FLEET
    },
    Scene {
        name: "read-only",
        read_only: true,
        keys: "r",
        shows: "READ-ONLY",
        ..FLEET
    },
    Scene {
        name: "light",
        theme: "light",
        ..FLEET
    },
];

/// Where the pictures are kept.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots")
}

/// Every file's name and content; the same in every run.
pub(crate) async fn all() -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for scene in &SCENES {
        let screen = Stage::set(scene).await?.play(scene).await?;
        let paper = match scene.theme {
            "light" => Paper::LIGHT,
            _ => Paper::DARK,
        };
        files.push((format!("{}.svg", scene.name), svg::draw(&screen, paper)));
        if scene.name == FLEET.name {
            files.push(("fleet.txt".to_owned(), text(&screen)));
        }
    }
    Ok(files)
}

/// The characters alone.
pub(crate) fn text(screen: &Buffer) -> String {
    let mut text = String::new();
    for row in screen.content.chunks(usize::from(screen.area.width).max(1)) {
        let line: String = row.iter().map(Cell::symbol).collect();
        text.extend([line.trim_end(), "\n"]);
    }
    text
}
