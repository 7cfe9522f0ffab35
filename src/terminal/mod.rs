//! The terminal: taken, drawn on, listened to, and given back exactly as it was.
//!
//! All of it goes over one open description of the terminal device that is ours alone ([`Tty`]), so that reading and
//! writing never block without changing the mode of the descriptors shared with the shell. Input bytes are
//! read by the same reactor that waits for the engines: there is no input thread and no wake-up while nobody types.

mod input;
mod keys;
mod pen;
mod screen;
mod session;
mod signals;
mod tty;

use crate::ui::Looks;

pub use input::{Batch, Input, InputEvent};
pub use pen::Pen;
pub use screen::Screen;
pub use session::{Session, restore, restore_on_panic};
pub use signals::{Signal, Signals};
pub use tty::Tty;

/// Why the console cannot run here, in words; `None` when it can.
pub fn unfit() -> Option<&'static str> {
    use rustix::termios::isatty;
    if !isatty(rustix::stdio::stdin()) {
        return Some(
            "the console needs a terminal, but standard input is not one; for scripts use `wheelhouse ps`",
        );
    }
    if !isatty(rustix::stdio::stdout()) {
        return Some(
            "the console needs a terminal, but standard output is not one; for scripts use `wheelhouse ps`",
        );
    }
    match std::env::var("TERM") {
        Ok(term) if term == "dumb" => Some(
            "the console cannot draw on this terminal (TERM=dumb); use `wheelhouse ps`, or set TERM to what it is",
        ),
        _ => None,
    }
}

/// How the environment wants to be drawn on: `NO_COLOR`, and UTF-8 by the locale's usual order of variables.
pub fn looks() -> Looks {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Looks {
        colour: set("NO_COLOR").is_none(),
        unicode: speaks_utf8(["LC_ALL", "LC_CTYPE", "LANG"].map(set)),
    }
}

/// Whether the first locale that is set names UTF-8. None set is the C locale, which is ASCII.
fn speaks_utf8(locales: [Option<String>; 3]) -> bool {
    locales.into_iter().flatten().next().is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::speaks_utf8;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let some = |text: &str| Some(text.to_owned());
        assert!(speaks_utf8([None, None, some("en_GB.UTF-8")]));
        assert!(speaks_utf8([None, some("C.utf8"), some("C")]));
        assert!(!speaks_utf8([some("C"), None, some("en_GB.UTF-8")]));
        assert!(!speaks_utf8([None, None, None]));
    }
}
