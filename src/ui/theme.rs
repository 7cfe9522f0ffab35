//! Themes: a palette of named colours, and the roles that use them.
//!
//! A user's file of a built-in's name wins over it; a file may name another theme in `inherits` and say only
//! what differs.

use std::collections::BTreeMap;
use std::path::Path;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::Looks;
use crate::fleet::near::nearest;

/// What something is, not how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Plain text.
    Text,
    /// Of less weight; rows of hosts that are not live.
    Dim,
    /// Frames.
    Border,
    /// The frame of the pane with the focus.
    Focus,
    /// Titles and names.
    Title,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Needs a person.
    Bad,
    /// News, neither good nor bad.
    Info,
    /// The row under the cursor.
    Cursor,
    /// Marks.
    Mark,
    /// Headings.
    Group,
    /// Keys to press.
    Key,
    /// Badges, such as READ-ONLY.
    Badge,
    /// A field to type into.
    Field,
    /// What a search found.
    Matched,
}

/// Roles, the names they have in files, and what tells them apart without colour.
const ROLES: [(Role, &str, Modifier); 16] = [
    (Role::Text, "text", Modifier::empty()),
    (Role::Dim, "dim", Modifier::DIM),
    (Role::Border, "border", Modifier::DIM),
    (Role::Focus, "focus", Modifier::BOLD),
    (Role::Title, "title", Modifier::BOLD),
    (Role::Good, "good", Modifier::empty()),
    (Role::Warn, "warn", Modifier::BOLD),
    (Role::Bad, "bad", Modifier::BOLD),
    (Role::Info, "info", Modifier::empty()),
    (Role::Cursor, "cursor", Modifier::REVERSED),
    (Role::Mark, "mark", Modifier::BOLD),
    (Role::Group, "group", Modifier::UNDERLINED),
    (Role::Key, "key", Modifier::BOLD),
    (Role::Badge, "badge", Modifier::REVERSED),
    (Role::Field, "field", Modifier::UNDERLINED),
    (Role::Matched, "matched", Modifier::REVERSED),
];

const BUILT_IN: [(&str, &str); 3] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("contrast", include_str!("../../themes/contrast.toml")),
];

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// The sixteen everyone has.
    Sixteen,
    /// 256.
    #[default]
    Indexed,
    /// All.
    True,
}

impl Depth {
    /// What `COLORTERM` and `TERM` promise.
    pub fn promised(colorterm: Option<&str>, term: Option<&str>) -> Self {
        if matches!(colorterm, Some("truecolor" | "24bit")) {
            Self::True
        } else if term.is_some_and(|term| term.contains("256color")) {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

/// Colours.
#[derive(Debug, Clone)]
pub struct Theme {
    styles: [Style; ROLES.len()],
    depth: Depth,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    inherits: Option<String>,
    #[serde(default)]
    palette: BTreeMap<String, String>,
    #[serde(default)]
    roles: BTreeMap<String, Spec>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Spec {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    mods: Vec<String>,
}

impl Theme {
    /// A built-in theme, or a file of the user's themes directory. The error says what is wrong and which themes there are.
    pub fn load(name: &str, user_dir: Option<&Path>) -> Result<Self, String> {
        let file = gather(name, user_dir, 0)?;
        let mut styles = [Style::new(); ROLES.len()];
        for (role, spec) in &file.roles {
            let Some(at) = ROLES.iter().position(|(_, name, _)| name == role) else {
                let names = ROLES.map(|(_, name, _)| name);
                return Err(format!(
                    "theme {name}: unknown role \"{role}\"{}",
                    suggestion(role, &names)
                ));
            };
            styles[at] = spec
                .style(&file.palette)
                .map_err(|why| format!("theme {name}: role {role}: {why}"))?;
        }
        Ok(Self {
            styles,
            depth: Depth::default(),
        })
    }

    /// The names that [`Theme::load`] knows: built in, and those of the user's directory.
    pub fn names(user_dir: Option<&Path>) -> Vec<String> {
        let mut names: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        let files = user_dir
            .and_then(|dir| std::fs::read_dir(dir).ok())
            .into_iter()
            .flatten()
            .flatten();
        for path in files
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        {
            if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
                && !names.iter().any(|name| name == stem)
            {
                names.push(stem.to_owned());
            }
        }
        names
    }

    /// The same theme for a terminal with so many colours.
    #[must_use]
    pub fn with_depth(mut self, depth: Depth) -> Self {
        self.depth = depth;
        self
    }

    /// The styles as this terminal can show them.
    pub(super) fn skin(self, looks: Looks) -> Skin {
        let mut styles = self.styles;
        for (style, (_, _, mono)) in styles.iter_mut().zip(ROLES) {
            if looks.colour {
                style.fg = style.fg.map(|colour| reduce(colour, self.depth));
                style.bg = style.bg.map(|colour| reduce(colour, self.depth));
            } else {
                *style = Style::new().add_modifier(mono);
            }
        }
        Skin {
            styles,
            depth: looks.colour.then_some(self.depth),
        }
    }
}

/// A theme, made for one terminal.
#[derive(Debug, Clone)]
pub(super) struct Skin {
    styles: [Style; ROLES.len()],
    /// `None`: no colours at all.
    depth: Option<Depth>,
}

impl Skin {
    /// How a role looks.
    pub(super) fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// A colour that a program gave its own text, as this terminal can show it.
    pub(super) fn colour(&self, colour: Color) -> Option<Color> {
        self.depth.map(|depth| reduce(colour, depth))
    }
}

impl Spec {
    fn style(&self, palette: &BTreeMap<String, String>) -> Result<Style, String> {
        let colour = |name: &String| {
            let text = palette.get(name).unwrap_or(name);
            text.parse::<Color>().map_err(|_| {
                format!("\"{text}\" is neither a name of the palette, nor a colour's name, nor #rrggbb")
            })
        };
        let mut style = Style {
            fg: self.fg.as_ref().map(colour).transpose()?,
            bg: self.bg.as_ref().map(colour).transpose()?,
            ..Style::new()
        };
        for word in &self.mods {
            style = style.add_modifier(match word.as_str() {
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "italic" => Modifier::ITALIC,
                "underlined" => Modifier::UNDERLINED,
                "reversed" => Modifier::REVERSED,
                _ => {
                    return Err(format!(
                        "\"{word}\" is not one of bold, dim, italic, underlined, reversed"
                    ));
                }
            });
        }
        Ok(style)
    }
}

/// Reads a theme and what it inherits; what the heir says wins.
fn gather(name: &str, user_dir: Option<&Path>, depth: u8) -> Result<File, String> {
    if depth > 4 {
        return Err(format!("theme {name}: inherits from itself, or too deeply"));
    }
    let (place, text) = read(name, user_dir)?;
    let file: File = toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        format!("{place}:{line}:{column}: {}", error.message())
    })?;
    let Some(parent) = &file.inherits else {
        return Ok(file);
    };
    // A file that has a built-in's name may build on the built-in.
    let dir = if parent == name { None } else { user_dir };
    let mut base = gather(parent, dir, depth + 1)?;
    base.palette.extend(file.palette);
    base.roles.extend(file.roles);
    Ok(base)
}

fn read(name: &str, user_dir: Option<&Path>) -> Result<(String, String), String> {
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(format!(
            "\"{name}\" is not a theme's name: it is a file's name without .toml"
        ));
    }
    if let Some(path) = user_dir
        .map(|dir| dir.join(format!("{name}.toml")))
        .filter(|path| path.exists())
    {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok((path.display().to_string(), text));
    }
    if let Some((_, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
        return Ok((format!("theme {name}"), (*text).to_owned()));
    }

    let names = Theme::names(user_dir);
    Err(format!(
        "unknown theme \"{name}\"{}; there are {}",
        suggestion(name, &names),
        names.join(", ")
    ))
}

fn suggestion<S: AsRef<str>>(word: &str, names: &[S]) -> String {
    nearest(word, names.iter().map(AsRef::as_ref))
        .map_or_else(String::new, |near| format!(" (did you mean {near}?)"))
}

fn reduce(colour: Color, depth: Depth) -> Color {
    match (colour, depth) {
        (Color::Rgb(r, g, b), Depth::Indexed) => indexed(r, g, b),
        (Color::Rgb(r, g, b), Depth::Sixteen) => sixteen(r, g, b),
        _ => colour,
    }
}

/// The nearest of the 6×6×6 cube and the 24 greys.
fn indexed(r: u8, g: u8, b: u8) -> Color {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let near = |value: u8| {
        (0..6u8)
            .min_by_key(|at| STEPS[usize::from(*at)].abs_diff(value))
            .unwrap_or(0)
    };
    let cube = [near(r), near(g), near(b)];
    let grey = ((u16::from(r) + u16::from(g) + u16::from(b)) / 3).saturating_sub(3) / 10;
    let grey = grey.min(23) as u8;
    let level = 8 + grey * 10;
    let far = |to: [u8; 3]| -> u32 {
        [r, g, b]
            .iter()
            .zip(to)
            .map(|(a, b)| u32::from(a.abs_diff(b)).pow(2))
            .sum()
    };
    if far([level; 3]) < far(cube.map(|at| STEPS[usize::from(at)])) {
        Color::Indexed(232 + grey)
    } else {
        Color::Indexed(16 + 36 * cube[0] + 6 * cube[1] + cube[2])
    }
}

/// One of the sixteen, by hue rather than by distance: a dark blue must stay blue.
fn sixteen(r: u8, g: u8, b: u8) -> Color {
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    if max - min < 48 {
        return match max {
            0..64 => Color::Black,
            64..128 => Color::DarkGray,
            128..208 => Color::Gray,
            _ => Color::White,
        };
    }
    let half = min + (max - min) / 2;
    let bright = max > 200;
    match (r > half, g > half, b > half) {
        (true, false, false) if bright => Color::LightRed,
        (true, false, false) => Color::Red,
        (false, true, false) if bright => Color::LightGreen,
        (false, true, false) => Color::Green,
        (true, true, _) if bright => Color::LightYellow,
        (true, true, _) => Color::Yellow,
        (true, false, true) if bright => Color::LightMagenta,
        (true, false, true) => Color::Magenta,
        (false, true, true) if bright => Color::LightCyan,
        (false, true, true) => Color::Cyan,
        _ if bright => Color::LightBlue,
        _ => Color::Blue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Looks = Looks {
        colour: true,
        unicode: true,
    };

    #[test]
    fn every_theme_loads_and_gives_every_role_a_style() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
        let files = std::fs::read_dir(&dir).expect("themes").count();
        assert_eq!(files, BUILT_IN.len(), "every file of themes/ is built in");
        for (name, _) in BUILT_IN {
            let theme = Theme::load(name, None).expect(name);
            for (at, (role, word, _)) in ROLES.into_iter().enumerate() {
                assert_eq!(role as usize, at);
                assert_ne!(theme.styles[at], Style::new(), "{name}: {word}");
            }
        }
    }

    #[test]
    fn a_users_file_may_say_only_what_differs() {
        let dir = tempfile::tempdir().expect("dir");
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("write");
        write("dark.toml", "inherits = \"dark\"\n[palette]\nred = \"#0000ff\"\n");
        write(
            "mine.toml",
            "inherits = \"dark\"\n[roles]\ndim = { fg = \"blue\" }\n",
        );
        let mine = Theme::load("mine", Some(dir.path()))
            .expect("mine")
            .with_depth(Depth::True)
            .skin(TERMINAL);
        assert_eq!(mine.style(Role::Bad).fg, Some(Color::Rgb(0, 0, 255)));
        assert_eq!(mine.style(Role::Dim).fg, Some(Color::Blue));
        write("bad.toml", "[roles]\ndim = { fg = \"blu\" }\n");
        write("odd.toml", "[roles]\ndimm = { fg = \"blue\" }\n");
        write("broken.toml", "[roles]\n  dim = 3\n");
        write("loop.toml", "inherits = \"pool\"");
        write("pool.toml", "inherits = \"loop\"");
        for (name, says) in [
            ("bad", "\"blu\" is neither"),
            ("odd", "did you mean dim?"),
            ("broken", "broken.toml:2:9: "),
            ("loop", "inherits from itself"),
            ("darc", "did you mean dark?"),
            ("../x", "is not a theme's name"),
        ] {
            let error = Theme::load(name, Some(dir.path())).expect_err(name);
            assert!(error.contains(says), "{name}: {error}");
        }
    }

    #[test]
    fn fewer_colours_keep_their_hue() {
        assert_eq!(
            reduce(Color::Rgb(0xff, 0x6b, 0x63), Depth::Sixteen),
            Color::LightRed
        );
        assert_eq!(reduce(Color::Rgb(0x05, 0x50, 0xae), Depth::Sixteen), Color::Blue);
        assert_eq!(reduce(Color::Rgb(255, 0, 0), Depth::Indexed), Color::Indexed(196));
        assert_eq!(
            reduce(Color::Rgb(128, 128, 128), Depth::Indexed),
            Color::Indexed(244)
        );
        let mono = Theme::load("dark", None).expect("dark").skin(Looks {
            colour: false,
            unicode: true,
        });
        for (role, word, _) in ROLES {
            assert_eq!((mono.style(role).fg, mono.style(role).bg), (None, None), "{word}");
        }
    }
}
