//! The manual page: one page for all commands.

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

const FILES: [(&str, &str); 4] = [
    (
        "~/.config/wheelhouse/config.toml",
        "The configuration. The README has a whole commented example.",
    ),
    ("~/.config/wheelhouse/themes/NAME.toml", "Themes of yours."),
    (
        "~/.local/state/wheelhouse/journal.jsonl",
        "The journal: every order, before it leaves and after it ended, one JSON object a line.",
    ),
    (
        "~/.local/state/wheelhouse/trace.DATE.log",
        "What the program says of itself; five days are kept.",
    ),
];

const ENVIRONMENT: [(&str, &str); 4] = [
    (
        "WHEELHOUSE_CONFIG",
        "The configuration file, where --config names none.",
    ),
    (
        "DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_CONFIG",
        "As for docker; asked where no host is configured.",
    ),
    ("NO_COLOR", "Set to anything: no colours."),
    (
        "XDG_CONFIG_HOME, XDG_STATE_HOME",
        "Other places than ~/.config and ~/.local/state.",
    ),
];

const EXIT_STATUS: [(&str, &str); 6] = [
    ("0", "Good."),
    ("1", "An order failed or was refused, or check found a fault."),
    ("2", "Wrong usage or configuration."),
    (
        "3",
        "Some host could not be reached. What could be read is printed; the rest is named on standard error.",
    ),
    ("6", "The outcome of an order is not known."),
    ("130", "Interrupted."),
];

/// The page, in the words of roff(7).
pub(super) fn page(mut command: Command) -> io::Result<Vec<u8>> {
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for task in command.get_subcommands() {
        describe(&mut roff, task);
    }
    list(&mut roff, "FILES", &FILES);
    list(&mut roff, "ENVIRONMENT", &ENVIRONMENT);
    list(&mut roff, "EXIT STATUS", &EXIT_STATUS);
    roff.to_writer(&mut page)?;
    Ok(page)
}

/// A command and what only it takes.
fn describe(roff: &mut Roff, task: &Command) {
    let own = |arg: &&Arg| !arg.is_global_set() && !matches!(arg.get_id().as_str(), "help" | "version");
    let mut usage = format!("wheelhouse {}", task.get_name());
    for arg in task.get_positionals().filter(own) {
        usage.extend([" ", &arg.to_string()]);
    }
    roff.control("TP", []).text([bold(usage)]);
    roff.text([roman(about(task.get_about()))]);
    let options: Vec<_> = task.get_opts().chain(flags(task)).filter(own).collect();
    if !options.is_empty() {
        roff.control("RS", []);
        for arg in options {
            let short = arg
                .get_short()
                .map_or_else(String::new, |short| format!("-{short}, "));
            roff.control("TP", []).text([bold(format!("{short}{arg}"))]);
            roff.text([roman(about(arg.get_help()))]);
        }
        roff.control("RE", []);
    }
}

/// Options without a value.
fn flags(task: &Command) -> impl Iterator<Item = &Arg> {
    task.get_arguments()
        .filter(|arg| !arg.is_positional() && !arg.get_action().takes_values())
}

fn about(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

fn list(roff: &mut Roff, heading: &str, entries: &[(&str, &str)]) {
    roff.control("SH", [heading]);
    for (what, says) in entries {
        roff.control("TP", []).text([bold(*what)]).text([roman(*says)]);
    }
}
