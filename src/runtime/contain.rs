//! A panic in one task ends that task alone.

use std::panic::PanicHookInfo;

use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;

use crate::fleet::model::{ErrorKind, SourceError};

tokio::task_local! {
    static CONTAINED: ();
}

/// Runs a task by itself; a panic in it becomes an error. Dropping the future ends the task.
pub(super) async fn contained<T: Send + 'static>(
    task: impl Future<Output = T> + Send + 'static,
) -> Result<T, SourceError> {
    AbortOnDropHandle::new(tokio::spawn(CONTAINED.scope((), task)))
        .await
        .map_err(internal)
}

fn internal(error: JoinError) -> SourceError {
    let words = match error.try_into_panic() {
        Ok(panic) => panic
            .downcast_ref::<&str>()
            .map(|words| (*words).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without words".to_owned()),
        Err(cancelled) => cancelled.to_string(),
    };
    SourceError::new(ErrorKind::Internal, format!("internal error: {words}"))
        .advise("the trace file says where; this is a bug, please report it")
}

/// For the panic hook: whether this panic stays within one task of the runtime, so that the program goes on and
/// the terminal stays as it is. Its place and a backtrace are then in the trace.
pub fn contained_panic(info: &PanicHookInfo<'_>) -> bool {
    let contained = CONTAINED.try_with(|()| ()).is_ok();
    if contained {
        let backtrace = std::backtrace::Backtrace::force_capture();
        tracing::error!(%backtrace, "a task ended in a panic: {info}");
    }
    contained
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{contained, contained_panic};
    use crate::fleet::model::ErrorKind;

    #[tokio::test]
    async fn a_panic_is_an_error_with_its_words_and_the_hook_can_tell() {
        static CONTAINED: AtomicUsize = AtomicUsize::new(0);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if contained_panic(info) {
                CONTAINED.fetch_add(1, Ordering::Relaxed);
            } else {
                before(info);
            }
        }));
        let error = contained::<()>(async { panic!("number {}", 7) })
            .await
            .expect_err("a panic");
        assert_eq!(error.kind, ErrorKind::Internal);
        assert_eq!(error.reason, "internal error: number 7");
        assert_eq!(contained(async { 7 }).await, Ok(7));
        assert!(CONTAINED.load(Ordering::Relaxed) >= 1);
    }
}
