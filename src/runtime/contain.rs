//! A panic in one task ends that task alone.

use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;

use crate::fleet::model::{ErrorKind, SourceError};

/// Runs a task by itself; a panic in it becomes an error (the panic hook knows a task's panic, and lets the screen alone).
/// Dropping the future ends the task.
pub(super) async fn contained<T: Send + 'static>(
    task: impl Future<Output = T> + Send + 'static,
) -> Result<T, SourceError> {
    AbortOnDropHandle::new(tokio::spawn(task)).await.map_err(internal)
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

#[cfg(test)]
mod tests {
    use super::contained;
    use crate::fleet::model::ErrorKind;

    #[tokio::test]
    async fn a_panic_is_an_error_with_its_words() {
        let error = contained::<()>(async { panic!("number {}\u{1b}[2J", 7) })
            .await
            .expect_err("a panic");
        assert_eq!(error.kind, ErrorKind::Internal);
        assert_eq!(error.reason, "internal error: number 7\\x1b[2J");
        assert_eq!(contained(async { 7 }).await, Ok(7));
    }
}
