//! The configuration: a file, the command line, and what the machine knows already. Nothing is read after [`load`].

mod discover;
mod file;
mod near;
mod paths;
mod ssh;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use file::{FileConfig, in_words};

pub use near::nearest;
pub use paths::Paths;

use crate::fleet::model::{AppRule, Endpoint, HostSpec};
use crate::fleet::policy::ConfirmRules;
use crate::fleet::state::Settings;
use crate::fleet::text::Printable;

/// What is wrong with the configuration: one line that begins with the place and repeats no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// A value that is judged later, with the place to blame: `file:line:column: key`, or a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The value.
    pub value: String,
    /// Where it stands.
    pub place: String,
}

/// Where the hosts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `-H`.
    Arguments,
    /// The configuration file.
    File,
    /// `DOCKER_HOST`, Docker contexts, the local socket.
    Machine,
}

/// Everything the program is started with.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of a configuration file"
)]
pub struct Config {
    /// The file that was read, where there is one.
    pub file: Option<PathBuf>,
    /// Where the hosts come from.
    pub origin: Origin,
    /// The hosts, names and endpoints unique; may be empty.
    pub hosts: Vec<HostSpec>,
    /// What was left out, and why.
    pub notes: Vec<String>,
    /// The fleet's name; may be empty.
    pub name: Printable,
    /// Nothing but reading.
    pub read_only: bool,
    /// The theme's name, where one is asked for.
    pub theme: Option<Placed>,
    /// Whether to take the mouse.
    pub mouse: bool,
    /// Whether the terminal is at the end of a slow line.
    pub slow_link: bool,
    /// Whether to draw with ASCII alone.
    pub ascii: bool,
    /// Another ssh configuration than the user's own.
    pub ssh_config: Option<PathBuf>,
    /// `[[app]]`.
    pub apps: Vec<AppRule>,
    /// `[confirm]`.
    pub confirm: ConfirmRules,
    /// `[keys]`: action and key.
    pub keys: Vec<(String, Placed)>,
    /// Directories of ours.
    pub paths: Paths,
}

/// More hosts than one screen can be asked to hold.
const MOST_HOSTS: usize = 5_000;

/// Reads the file and finds the hosts. `arguments` are the `-H`, `file` is `--config`.
pub fn load(arguments: &[String], file: Option<&Path>) -> Result<Config, ConfigError> {
    let paths = Paths::find();
    let (path, said) = read_file(file, &paths)?;
    let mut notes = Vec::new();
    let (origin, candidates) = if !arguments.is_empty() {
        (Origin::Arguments, discover::from_arguments(arguments, &paths)?)
    } else if !said.hosts.is_empty() {
        (Origin::File, said.hosts)
    } else {
        (Origin::Machine, discover::from_environment(&paths, &mut notes)?)
    };
    let hosts = discover::settle(candidates, &mut notes);
    if hosts.len() > MOST_HOSTS {
        return Err(ConfigError(format!(
            "{} hosts are too many: at most {MOST_HOSTS}",
            hosts.len()
        )));
    }
    Ok(Config {
        file: path,
        origin,
        hosts,
        notes,
        name: said.name,
        read_only: said.read_only,
        theme: said.theme,
        mouse: said.mouse.unwrap_or(true),
        slow_link: said.slow_link,
        ascii: said.ascii,
        ssh_config: said.ssh_config,
        apps: said.apps,
        confirm: said.confirm,
        keys: said.keys,
        paths,
    })
}

/// The file that is asked for must exist; the usual one need not.
fn read_file(asked: Option<&Path>, paths: &Paths) -> Result<(Option<PathBuf>, FileConfig), ConfigError> {
    let asked = asked
        .map(Path::to_owned)
        .or_else(|| discover::variable("WHEELHOUSE_CONFIG").map(PathBuf::from));
    let must = asked.is_some();
    let Some(path) = asked.or_else(|| Some(paths.config.as_ref()?.join("config.toml"))) else {
        return Ok((None, FileConfig::default()));
    };
    match fs::read_to_string(&path) {
        Ok(text) => {
            let said = file::parse(&path, &text, paths)?;
            Ok((Some(path), said))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must => {
            Ok((None, FileConfig::default()))
        }
        Err(error) => Err(ConfigError(format!(
            "{}: cannot be read: {}",
            path.display(),
            in_words(&error)
        ))),
    }
}

impl Config {
    /// What the fleet is started with.
    pub fn settings(&self) -> Settings {
        Settings {
            fleet: self.name.clone(),
            read_only: self.read_only,
            confirm: self.confirm.clone(),
            apps: self.apps.clone(),
        }
    }

    /// Where orders are written down. Without a home there is no such place: the empty path, which cannot be written.
    pub fn journal(&self) -> PathBuf {
        self.paths
            .state
            .as_ref()
            .map_or_else(PathBuf::new, |state| state.join("journal.jsonl"))
    }

    /// Hosts of the ssh configuration that are not in the fleet: to be offered, never dialled unasked.
    pub fn offered(&self) -> Vec<String> {
        let own = || Some(self.paths.home.as_ref()?.join(".ssh/config"));
        let Some(file) = self.ssh_config.clone().or_else(own) else {
            return Vec::new();
        };
        let mut aliases = ssh::aliases(&file);
        aliases.retain(|alias| {
            let reached =
                |host: &HostSpec| matches!(&host.endpoint, Endpoint::Ssh { host, .. } if host == alias);
            !self
                .hosts
                .iter()
                .any(|host| reached(host) || *host.name == *alias)
        });
        aliases.iter().map(|alias| format!("ssh://{alias}")).collect()
    }
}
