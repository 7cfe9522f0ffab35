//! The binary: arguments, TLS provider, exit code; nothing else.

use std::process::exit;

use clap::Parser;
use wheelhouse::cli;

/// Keys and sockets are looked at again after so many turns of busy tasks. The library's 61 are tens of milliseconds when
/// each turn takes in a piece of a log that floods.
const TURNS: u32 = 4;

fn main() {
    let args = cli::Args::parse();
    // Both can only fail when they were done already.
    let _ = color_eyre::install();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .event_interval(TURNS)
        .build();
    let code = match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(cli::run(args));
            // A thread may still wait for a pipe that nobody reads.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            cli::complain(&format!("cannot start: {error}"));
            cli::Exit::Failed.code()
        }
    };
    exit(code.into());
}
