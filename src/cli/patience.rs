//! Signals while orders are on their way: none of them may lose an outcome.

use std::io;
use std::pin::pin;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long orders are waited for. The first SIGINT or SIGHUP recalls what has not left and lets the rest be waited for; a
/// second one, or SIGTERM at once, ends that too.
#[derive(Debug)]
pub(super) struct Patience {
    interrupt: Signal,
    hangup: Signal,
    terminate: Signal,
    /// What has not left stays at home.
    pub(super) recall: CancellationToken,
    /// Nothing is waited for any longer.
    pub(super) leave: CancellationToken,
}

impl Patience {
    /// Listens from now on: none of these signals has its default action any more.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            recall: CancellationToken::new(),
            leave: CancellationToken::new(),
        })
    }

    /// Does a work that minds both tokens itself, and hears signals meanwhile. `first` is called at the first one.
    pub(super) async fn through<T>(&mut self, work: impl Future<Output = T>, first: impl Fn()) -> T {
        let mut work = pin!(work);
        loop {
            let ends = tokio::select! {
                done = &mut work => return done,
                _ = self.interrupt.recv() => false,
                _ = self.hangup.recv() => false,
                _ = self.terminate.recv() => true,
            };
            if ends || self.recall.is_cancelled() {
                self.leave.cancel();
            } else {
                first();
            }
            self.recall.cancel();
        }
    }

    /// Does a work that may be dropped at any time; `None` where the first signal did so.
    pub(super) async fn unless_recalled<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let recall = self.recall.clone();
        self.through(recall.run_until_cancelled(work), || {}).await
    }
}
