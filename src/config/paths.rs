//! Where files of ours are.

use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

/// The directories this machine gives us; none where there is no home directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// The operator's home directory.
    pub home: Option<PathBuf>,
    /// Configuration: `config.toml` and `themes/`.
    pub config: Option<PathBuf>,
    /// State: the journal and our own trace.
    pub state: Option<PathBuf>,
}

impl Paths {
    /// Asks the environment.
    pub fn find() -> Self {
        let ours = ProjectDirs::from("", "", "wheelhouse");
        Self {
            home: BaseDirs::new().map(|base| base.home_dir().to_owned()),
            config: ours.as_ref().map(|ours| ours.config_dir().to_owned()),
            state: ours
                .as_ref()
                .map(|ours| ours.state_dir().unwrap_or(ours.data_local_dir()).to_owned()),
        }
    }

    /// A path as a person writes it: `~/` is the home directory, anything relative is relative to `base`.
    pub fn expand(&self, base: &Path, written: &str) -> PathBuf {
        match (written.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => base.join(written),
        }
    }
}
