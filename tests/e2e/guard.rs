//! The terminal's guard by itself: this very test program is the one in the pseudo-terminal.

use crate::support::{Start, Tui};

/// Set in the terminal only: elsewhere the helpers do nothing.
const HELPER: &str = "RUN_AS_HELPER";

/// Runs one of the helpers below in a terminal of its own.
fn helper(name: &str) -> Tui {
    let program = std::env::current_exe().unwrap();
    let path = format!("guard::{name}");
    let start = Start::program(&program, &["--exact", &path, "--nocapture", "--test-threads=1"]);
    start.env(HELPER, "1").start()
}

fn is_helper() -> bool {
    std::env::var_os(HELPER).is_some()
}

fn in_a_runtime<T>(run: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(run)
}

#[test]
fn takes_and_panics() {
    use wheelhouse::terminal::{Session, Tty, restore_on_panic};
    if !is_helper() {
        return;
    }
    in_a_runtime(async {
        let tty = Tty::open().unwrap();
        restore_on_panic(std::path::Path::new(&std::env::var_os("HOME").unwrap()));
        let _session = Session::take(&tty, true).unwrap();
        let task = tokio::spawn(async { panic!("a task's own trouble") });
        assert!(task.await.is_err());
        rustix::io::write(&tty, b"STILL HERE").unwrap();
        let mut key = [0];
        while rustix::io::read(&tty, &mut key).is_err() {
            tokio::task::yield_now().await;
        }
        panic!("the console's end");
    });
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_says_so() {
    let mut tui = helper("takes_and_panics");
    tui.wait_text("STILL HERE");
    assert!(
        tui.on_alternate_screen() && !tui.modes_as_before(),
        "a task's panic leaves the screen alone"
    );
    assert!(
        !tui.contents().contains("trouble"),
        "and says nothing on it:\n{}",
        tui.contents()
    );
    tui.send(b"x");
    assert_eq!(tui.wait_exit(), 101);
    tui.assert_restored();
    let screen = tui.contents();
    assert!(
        screen.contains("wheelhouse: internal error at tests/e2e/guard.rs"),
        "{screen}"
    );
    assert!(screen.contains("the console's end"), "{screen}");
    let trace = std::fs::read_to_string(tui.home().join("panic.txt")).unwrap();
    assert!(
        trace.contains("a task's own trouble") && trace.contains("the console's end"),
        "{trace}"
    );
}

#[test]
fn takes_and_fails() {
    use wheelhouse::terminal::{Session, Tty};
    if !is_helper() {
        return;
    }
    let early = in_a_runtime(async {
        let tty = Tty::open()?;
        let _session = Session::take(&tty, false)?;
        Err::<(), _>(std::io::Error::other("early"))
    });
    assert!(early.is_err());
}

#[test]
fn an_early_return_gives_the_terminal_back() {
    let mut tui = helper("takes_and_fails");
    assert_eq!(tui.wait_exit(), 0);
    tui.assert_restored();
    let end = tui.output_since(0);
    assert!(end.windows(8).any(|part| part == b"\x1b[?1049h"), "it was taken");
}
