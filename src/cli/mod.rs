//! The command line: the console, and what works without a terminal.

mod check;
mod console;
mod exit;
mod fleet;
mod hosts;
mod inspect;
mod logs;
mod man;
mod orders;
mod out;
mod patience;
mod ps;
mod trace;

use std::path::PathBuf;

use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use tracing::level_filters::LevelFilter;

pub use exit::Exit;
pub use out::complain;

use crate::config::{self, Config, Placed};
use crate::fleet::model::{Command, LogFrom};

const EXIT_CODES: &str = "Exit codes: 0 good; 1 an order failed or was refused, or check found a fault; 2 usage or \
configuration; 3 some source could not be reached; 6 outcome of an order unknown; 130 interrupted.";

/// A console for the Docker hosts you have: every container on one screen, the broken ones first. Without a command it opens on
/// the terminal.
#[derive(Debug, Parser)]
#[command(name = "wheelhouse", version, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten, next_help_heading = "Options of every command")]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Debug, ClapArgs)]
struct Flags {
    /// A host: unix://, tcp:// or ssh://; may be repeated; replaces those of the configuration
    #[arg(short = 'H', long = "host", value_name = "[NAME=]URL", global = true)]
    hosts: Vec<String>,
    /// The configuration file; else `WHEELHOUSE_CONFIG`, else ~/.config/wheelhouse/config.toml
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Only look: no order can be sent
    #[arg(long, global = true)]
    read_only: bool,
    /// Colours: dark, light, contrast, or a theme file of yours
    #[arg(long, value_name = "NAME", global = true)]
    theme: Option<String>,
    /// Draw with ASCII characters alone
    #[arg(long, global = true)]
    ascii: bool,
    /// Draw less often, for a slow line to this terminal
    #[arg(long, global = true)]
    slow_link: bool,
    /// What the trace file tells: error, warn (the usual), info, debug (without LEVEL) or trace
    #[arg(
        long,
        value_name = "LEVEL",
        global = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "debug"
    )]
    trace: Option<LevelFilter>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Shows the console on a small embedded fleet; needs no Docker
    Demo,
    #[command(flatten)]
    OneShot(OneShot),
    /// Prints a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the manual page
    Man,
}

/// What is done with the configured fleet, without a terminal.
#[derive(Debug, Subcommand)]
enum OneShot {
    #[command(flatten)]
    Report(Report),
    /// Restarts containers
    Restart(OrderArgs),
    /// Starts containers
    Start(OrderArgs),
    /// Stops containers
    Stop(OrderArgs),
    /// Pauses containers: their processes stand still
    Pause(OrderArgs),
    /// Lets paused containers go on
    Unpause(OrderArgs),
    /// Kills containers at once (SIGKILL)
    Kill(OrderArgs),
    /// Removes containers, running or not
    Rm(OrderArgs),
}

/// What only reads.
#[derive(Debug, Subcommand)]
enum Report {
    /// Lists all containers, problems first
    Ps {
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Lists the hosts and how they are
    Hosts {
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Prints a container's log
    Logs(LogArgs),
    /// Shows everything about one container
    Inspect {
        /// The container: name, id, or the beginning of an id; HOST/ may be left out where it is clear
        #[arg(value_name = "HOST/CONTAINER")]
        container: String,
        /// Show masked values
        #[arg(long)]
        reveal: bool,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Reads the configuration, tries every host, says what is wrong and how to mend it
    Check,
}

#[derive(Debug, ClapArgs)]
struct LogArgs {
    /// The container: name, id, or the beginning of an id; HOST/ may be left out where it is clear
    #[arg(value_name = "HOST/CONTAINER")]
    container: String,
    /// Only the last N lines
    #[arg(long, value_name = "N", conflicts_with = "since")]
    tail: Option<u32>,
    /// Only from then on: 10m, 2h, 1d, RFC 3339, or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = logs::since)]
    since: Option<i64>,
    /// Go on as lines come
    #[arg(short, long)]
    follow: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl LogArgs {
    fn from(&self) -> LogFrom {
        match (self.tail, self.since) {
            (Some(lines), _) => LogFrom::Tail(lines),
            (None, Some(at_ns)) => LogFrom::Since(at_ns),
            (None, None) => LogFrom::Start,
        }
    }
}

#[derive(Debug, ClapArgs)]
struct OrderArgs {
    /// The containers: name, id, or the beginning of an id; HOST/ may be left out where it is clear
    #[arg(value_name = "HOST/CONTAINER", required = true)]
    containers: Vec<String>,
    /// Send it; without this, only what would be sent is said
    #[arg(long)]
    yes: bool,
}

impl Flags {
    fn load(&self) -> Result<Config, config::ConfigError> {
        let mut config = config::load(&self.hosts, self.config.as_deref())?;
        self.apply(&mut config);
        Ok(config)
    }

    fn apply(&self, config: &mut Config) {
        config.read_only |= self.read_only;
        config.ascii |= self.ascii;
        config.slow_link |= self.slow_link;
        if let Some(theme) = &self.theme {
            config.theme = Some(Placed {
                value: theme.clone(),
                place: "--theme".to_owned(),
            });
        }
    }
}

/// Does what the command line says; the exit code. Must be called within a current-thread tokio runtime.
pub async fn run(args: Args) -> u8 {
    let paths = config::Paths::find();
    trace::start(
        paths.state.as_deref(),
        args.flags.trace.unwrap_or(LevelFilter::WARN),
    );
    let Some(task) = args.command else {
        return match args.flags.load() {
            Ok(config) => console::run(&config).await,
            Err(error) => wrong(&error),
        };
    };
    match task {
        Task::Demo => console::demo(&args.flags).await,
        Task::Completions { shell } => completions(shell).code(),
        Task::Man => manual().code(),
        Task::OneShot(task) => match args.flags.load() {
            Ok(config) => one_shot(&config, task).await.code(),
            Err(error) => wrong(&error),
        },
    }
}

fn wrong(error: &config::ConfigError) -> u8 {
    complain(&error.0);
    Exit::Usage.code()
}

async fn one_shot(config: &Config, task: OneShot) -> Exit {
    let (command, args) = match &task {
        OneShot::Restart(args) => (Command::Restart, args),
        OneShot::Start(args) => (Command::Start, args),
        OneShot::Stop(args) => (Command::Stop, args),
        OneShot::Pause(args) => (Command::Pause, args),
        OneShot::Unpause(args) => (Command::Unpause, args),
        OneShot::Kill(args) => (Command::Kill, args),
        OneShot::Rm(args) => (Command::Remove, args),
        OneShot::Report(report) => {
            return tokio::select! {
                exit = tell(config, report) => exit,
                Ok(()) = tokio::signal::ctrl_c() => Exit::Interrupted,
            };
        }
    };
    // An order minds signals itself: what has left is not dropped.
    orders::run(config, command, args).await
}

async fn tell(config: &Config, report: &Report) -> Exit {
    match report {
        Report::Ps { json } => ps::run(config, *json).await,
        Report::Hosts { json } => hosts::run(config, *json).await,
        Report::Logs(args) => logs::run(config, args).await,
        Report::Inspect {
            container,
            reveal,
            json,
        } => inspect::run(config, container, *reveal, *json).await,
        Report::Check => check::run(config).await,
    }
}

fn completions(shell: Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "wheelhouse", &mut text);
    out::print(&String::from_utf8_lossy(&text), Exit::Good)
}

fn manual() -> Exit {
    match man::page(Args::command()) {
        Ok(text) => out::print(&String::from_utf8_lossy(&text), Exit::Good),
        Err(error) => {
            complain(&format!("the manual page cannot be written: {error}"));
            Exit::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Args;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
