//! Hosts of the ssh configuration: offered to the operator, never dialled unasked.

use std::fs;
use std::path::{Path, PathBuf};

/// `Host` aliases without wildcards of an ssh configuration and the files it includes, in their order.
/// A file that cannot be read offers nothing.
pub(super) fn aliases(config: &Path) -> Vec<String> {
    let mut found = Vec::new();
    read(
        config,
        config.parent().unwrap_or(Path::new("")),
        &mut Vec::new(),
        &mut found,
    );
    found
}

fn read(file: &Path, base: &Path, seen: &mut Vec<PathBuf>, found: &mut Vec<String>) {
    if seen.iter().any(|known| known == file) {
        return;
    }
    seen.push(file.to_owned());
    let Ok(text) = fs::read_to_string(file) else {
        return;
    };
    for line in text.lines() {
        let mut words = line
            .split(|c: char| c.is_whitespace() || c == '=')
            .map(|word| word.trim_matches('"'))
            .filter(|word| !word.is_empty());
        match words.next().map(str::to_ascii_lowercase).as_deref() {
            Some("host") => {
                for alias in words.filter(|alias| !alias.contains(['*', '?', '!'])) {
                    if !found.iter().any(|known| known == alias) {
                        found.push(alias.to_owned());
                    }
                }
            }
            Some("include") => {
                for pattern in words {
                    for file in included(base, pattern) {
                        read(&file, base, seen, found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The files an `Include` names: relative to the first file's directory, with `*` in the last component.
fn included(base: &Path, pattern: &str) -> Vec<PathBuf> {
    let path = match pattern.strip_prefix("~/.ssh/") {
        Some(rest) => base.join(rest),
        None => base.join(pattern),
    };
    let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
    else {
        return Vec::new();
    };
    let Some((head, tail)) = name.split_once('*') else {
        return vec![path];
    };
    let mut files: Vec<_> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::aliases;

    #[test]
    fn aliases_come_from_the_file_and_what_it_includes() {
        let dir = tempfile::tempdir().expect("a directory");
        let config = dir.path().join("config");
        fs::create_dir(dir.path().join("conf.d")).expect("a directory");
        fs::write(dir.path().join("conf.d/a.conf"), "Host db-1\n  User ops\n").expect("written");
        fs::write(dir.path().join("conf.d/b.txt"), "Host not-this\n").expect("written");
        fs::write(
            &config,
            "Include conf.d/*.conf\n# Host commented\nHost web-1 web-2 *.example !x\nHost *\n  User me\nhost=edge\n",
        )
        .expect("written");
        assert_eq!(aliases(&config), ["db-1", "web-1", "web-2", "edge"]);
        assert!(aliases(&dir.path().join("none")).is_empty());
    }

    #[test]
    fn a_file_that_includes_itself_ends() {
        let dir = tempfile::tempdir().expect("a directory");
        let config = dir.path().join("config");
        fs::write(&config, "Include config\nHost a\n").expect("written");
        assert_eq!(aliases(&config), ["a"]);
    }
}
