//! The configuration file: TOML, every mistake named by file, line, column and key.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::discover::Candidate;
use super::paths::Paths;
use super::table::{Document, Entry, Table};
use super::{ConfigError, Placed};
use crate::fleet::model::{AppRule, Command, Endpoint, Env, TlsFiles};
use crate::fleet::policy::{Ask, ConfirmRules};
use crate::fleet::text::{Printable, is_hostile};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct FileConfig {
    pub(super) name: Printable,
    pub(super) read_only: bool,
    pub(super) theme: Option<Placed>,
    pub(super) mouse: Option<bool>,
    pub(super) slow_link: bool,
    pub(super) ascii: bool,
    pub(super) ssh_config: Option<PathBuf>,
    pub(super) hosts: Vec<Candidate>,
    pub(super) apps: Vec<AppRule>,
    pub(super) confirm: ConfirmRules,
    pub(super) keys: Vec<(String, Placed)>,
}

const ROOT: [&str; 11] = [
    "name",
    "read_only",
    "theme",
    "mouse",
    "slow_link",
    "ascii",
    "ssh",
    "host",
    "app",
    "confirm",
    "keys",
];

/// Reads a file's text.
pub(super) fn parse(path: &Path, text: &str, paths: &Paths) -> Result<FileConfig, ConfigError> {
    let document = Document { path, text };
    let parsed = document.parse()?;
    let files = Files {
        base: path.parent().unwrap_or(Path::new("")),
        paths,
    };
    let mut config = FileConfig::default();
    for entry in Table::root(document, &parsed).entries() {
        match entry.key {
            "name" => config.name = Printable::clean(entry.string()?),
            "read_only" => config.read_only = entry.boolean()?,
            "theme" => config.theme = Some(placed(&entry)?),
            "mouse" => config.mouse = Some(entry.boolean()?),
            "slow_link" => config.slow_link = entry.boolean()?,
            "ascii" => config.ascii = entry.boolean()?,
            "ssh" => config.ssh_config = ssh(&entry.table()?, &files)?,
            "host" => {
                for table in entry.tables()? {
                    let host = host(&table, &files)?;
                    if config.hosts.iter().any(|other| other.name == host.name) && host.name.is_some() {
                        return Err(table.error("`name` is already the name of another host"));
                    }
                    config.hosts.push(host);
                }
            }
            "app" => config.apps = entry.tables()?.iter().map(app).collect::<Result<_, _>>()?,
            "confirm" => config.confirm = confirm(&entry.table()?)?,
            "keys" => {
                for key in entry.table()?.entries() {
                    config.keys.push((key.key.to_owned(), placed(&key)?));
                }
            }
            _ => return Err(entry.unknown(&ROOT)),
        }
    }
    Ok(config)
}

/// How a file's paths are read.
struct Files<'a> {
    base: &'a Path,
    paths: &'a Paths,
}

impl Files<'_> {
    /// A path to a file that can be read now: better said here than after the screen is taken.
    fn readable(&self, entry: &Entry<'_>) -> Result<PathBuf, ConfigError> {
        let path = self.paths.expand(self.base, entry.string()?);
        match readable(&path) {
            Ok(()) => Ok(path),
            Err(error) => Err(entry.error(format!("cannot read {}: {}", path.display(), in_words(&error)))),
        }
    }
}

/// Whether a file can be opened and is one.
pub(super) fn readable(path: &Path) -> io::Result<()> {
    if File::open(path)?.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(())
}

/// An I/O error without its number.
pub(super) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

fn placed(entry: &Entry<'_>) -> Result<Placed, ConfigError> {
    Ok(Placed {
        value: entry.string()?.to_owned(),
        place: entry.place(),
    })
}

fn ssh(table: &Table<'_>, files: &Files<'_>) -> Result<Option<PathBuf>, ConfigError> {
    let mut config = None;
    for entry in table.entries() {
        match entry.key {
            "config" => config = Some(files.readable(&entry)?),
            _ => return Err(entry.unknown(&["config"])),
        }
    }
    Ok(config)
}

fn host(table: &Table<'_>, files: &Files<'_>) -> Result<Candidate, ConfigError> {
    let (mut name, mut url, mut tls) = (None, None, None);
    let mut env = Env::Production;
    let mut tags = Vec::new();
    for entry in table.entries() {
        match entry.key {
            "name" => name = Some(host_name(entry.string()?).map_err(|why| entry.error(why))?),
            "url" => url = Some(entry),
            "env" if entry.string()? == "dev" => env = Env::Dev,
            "env" => {}
            "tags" => tags = entry.strings()?.into_iter().map(Printable::clean).collect(),
            "tls" => tls = Some(tls_files(&entry.table()?, files)?),
            _ => return Err(entry.unknown(&["name", "url", "env", "tags", "tls"])),
        }
    }
    let url = table.need("url", url)?;
    let endpoint = Endpoint::parse(url.string()?, tls).map_err(|why| url.error(why.0))?;
    Ok(Candidate {
        name,
        endpoint,
        env,
        tags,
    })
}

/// A host's name, which must be good for `HOST/CONTAINER` on a command line.
pub(super) fn host_name(name: &str) -> Result<String, &'static str> {
    if name.is_empty() {
        Err("a host's name is not empty")
    } else if name
        .chars()
        .any(|c| c == '/' || c.is_whitespace() || is_hostile(c))
    {
        Err("a host's name has no slashes, spaces or control characters")
    } else {
        Ok(name.to_owned())
    }
}

fn tls_files(table: &Table<'_>, files: &Files<'_>) -> Result<TlsFiles, ConfigError> {
    let mut tls = TlsFiles::default();
    for entry in table.entries() {
        match entry.key {
            "ca" => tls.ca = Some(files.readable(&entry)?),
            "cert" => tls.cert = Some(files.readable(&entry)?),
            "key" => tls.key = Some(files.readable(&entry)?),
            _ => return Err(entry.unknown(&["ca", "cert", "key"])),
        }
    }
    if tls.cert.is_some() != tls.key.is_some() {
        return Err(table.error("`cert` and `key` belong together; one of them is missing"));
    }
    Ok(tls)
}

fn app(table: &Table<'_>) -> Result<AppRule, ConfigError> {
    let (mut name, mut containers) = (None, None);
    for entry in table.entries() {
        match entry.key {
            "name" => name = Some(Printable::clean(entry.string()?)),
            "containers" => {
                let globs = entry.strings()?;
                if globs.is_empty() || globs.contains(&"") {
                    return Err(entry.error("expected container names such as \"shop-*\""));
                }
                containers = Some(globs.into_iter().map(str::to_owned).collect());
            }
            _ => return Err(entry.unknown(&["name", "containers"])),
        }
    }
    Ok(AppRule {
        name: table.need("name", name)?,
        containers: table.need("containers", containers)?,
    })
}

fn confirm(table: &Table<'_>) -> Result<ConfirmRules, ConfigError> {
    let mut rules = ConfirmRules::default();
    for entry in table.entries() {
        match entry.key {
            "dev" => rules.dev = asks(&entry.table()?)?,
            "production" => rules.production = asks(&entry.table()?)?,
            _ => return Err(entry.unknown(&["dev", "production"])),
        }
    }
    Ok(rules)
}

fn asks(table: &Table<'_>) -> Result<Vec<(Command, Ask)>, ConfigError> {
    let ask = |entry: &Entry<'_>| {
        let Some(command) = Command::ALL
            .into_iter()
            .find(|command| command.word() == entry.key)
        else {
            return Err(entry.unknown(&Command::ALL.map(Command::word)));
        };
        let ask = Ask::parse(entry.string()?)
            .ok_or_else(|| entry.error("expected \"nothing\", \"y\" or \"type\""))?;
        Ok((command, ask))
    };
    table.entries().iter().map(ask).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FileConfig, parse};
    use crate::config::paths::Paths;
    use crate::fleet::model::{Command, Endpoint, Env};
    use crate::fleet::policy::Ask;

    fn read(text: &str) -> Result<FileConfig, String> {
        parse(Path::new("/etc/w.toml"), text, &Paths::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_file_is_understood() {
        let config = read(
            r#"
            name = "acme"
            read_only = true
            theme = "night"
            mouse = false
            slow_link = true
            ascii = true
            [[host]]
            name = "web-1"
            url = "ssh://ops@web-1"
            env = "dev"
            tags = ["web"]
            [[host]]
            url = "tcp://10.0.0.2"
            env = "staging"
            [[app]]
            name = "shop"
            containers = ["shop-*", "cart"]
            [confirm]
            dev = { restart = "nothing" }
            production = { kill = "y" }
            [keys]
            restart = "R"
            "#,
        )
        .expect("a good file");
        assert_eq!(&*config.name, "acme");
        assert!(config.read_only && config.slow_link && config.ascii);
        assert_eq!(config.mouse, Some(false));
        assert_eq!(config.hosts[0].env, Env::Dev);
        assert_eq!(config.hosts[1].env, Env::Production);
        assert_eq!(
            config.hosts[1].endpoint,
            Endpoint::parse("tcp://10.0.0.2:2375", None).expect("a URL")
        );
        assert_eq!(config.confirm.dev, [(Command::Restart, Ask::Nothing)]);
        assert_eq!(config.confirm.production, [(Command::Kill, Ask::Yes)]);
        assert_eq!(config.apps[0].containers, ["shop-*", "cart"]);
        assert_eq!(config.keys[0].1.value, "R");
    }

    #[test]
    fn every_mistake_names_its_place() {
        for (text, message) in [
            ("name = ", "/etc/w.toml:1:8: "),
            (
                "nmae = 1",
                "/etc/w.toml:1:1: nmae: unknown key, did you mean `name`?",
            ),
            (
                "\nread_only = \"yes\"",
                "/etc/w.toml:2:13: read_only: expected true or false, found a string",
            ),
            (
                "theme = 3",
                "/etc/w.toml:1:9: theme: expected a string in quotes, found a number",
            ),
            (
                "host = 3",
                "/etc/w.toml:1:8: host: expected a list of tables: [[host]], found a number",
            ),
            (
                "[[host]]\nname = \"a\"",
                "/etc/w.toml:1:1: host: `url` is missing",
            ),
            (
                "[[host]]\nurl = \"web-1\"",
                "/etc/w.toml:2:7: host.url: no scheme: expected unix://, tcp:// or ssh://",
            ),
            (
                "[[host]]\nurl = \"tcp://a\"\nlabels = []",
                "/etc/w.toml:3:1: host.labels: unknown key, expected one of name, url, env, tags, tls",
            ),
            (
                "[[host]]\nurl = \"tcp://a\"\ntls = { ca = \"/no/such.pem\" }",
                "/etc/w.toml:3:14: host.tls.ca: cannot read /no/such.pem: there is no such file",
            ),
            (
                "[[host]]\nname = \"a b\"\nurl = \"tcp://a\"",
                "/etc/w.toml:2:8: host.name: a host's name has no slashes",
            ),
            (
                "[[host]]\nname = \"a\"\nurl = \"tcp://a\"\n[[host]]\nname = \"a\"\nurl = \"tcp://b\"",
                "/etc/w.toml:4:1: host: `name` is already the name of another host",
            ),
            (
                "[confirm]\ndev = { restrat = \"y\" }",
                "/etc/w.toml:2:9: confirm.dev.restrat: unknown key, did you mean `restart`?",
            ),
            (
                "[confirm]\ndev = { kill = \"enter\" }",
                "/etc/w.toml:2:16: confirm.dev.kill: expected \"nothing\", \"y\" or \"type\"",
            ),
            (
                "[[app]]\nname = \"x\"",
                "/etc/w.toml:1:1: app: `containers` is missing",
            ),
            (
                "[ssh]\nconfig = \"/no/ssh\"",
                "/etc/w.toml:2:10: ssh.config: cannot read /no/ssh",
            ),
            ("# é\né = 1", "/etc/w.toml:2:1: "),
        ] {
            let error = read(text).err().unwrap_or_else(|| panic!("{text} was taken"));
            assert!(error.starts_with(message), "{text}\n  {error}\n  {message}");
        }
    }

    #[test]
    fn a_value_is_not_echoed() {
        let error = read("[[host]]\nurl = \"ssh://ops:hunter2@web-1\"").expect_err("a password");
        assert!(
            error.contains("password") && !error.contains("hunter2"),
            "{error}"
        );
        let error = read("[[host]]\nurl = \"tcp://a\"\ntls = \"hunter2\"").expect_err("not a table");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
