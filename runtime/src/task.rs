//! Futures of the user and of backends, run so that a panic in them is a failure of theirs and no crash of ours.

use crate::delivery::guard::Guarded;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::message::BoxFuture;
use crate::watchdog::Watched;

/// Runs what makes a future, and the future, to their end or their panic.
///
/// What was borrowed by it may be left half done, which is as visible to the user as after an error.
pub(crate) async fn catch<'a, T>(
    watched: &'a Watched,
    make: impl FnOnce() -> BoxFuture<'a, Outcome<T>>,
) -> Outcome<T> {
    let ended = Guarded::new(watched, make).await;
    ended.unwrap_or_else(|panic| Err(Failure::of(FailureKind::Panicked, String::from(panic))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_failure() {
        let watched = Watched::default();
        let failures = [
            catch::<()>(&watched, || Box::pin(async { panic!("of number {}", 7) })).await,
            catch::<()>(&watched, || panic!("of number {}", 7)).await,
        ];
        for failure in failures {
            let failure = failure.unwrap_err();
            assert_eq!(failure.kind(), FailureKind::Panicked);
            assert_eq!(failure.to_string(), "panicked: of number 7");
        }
        assert_eq!(
            catch(&watched, || Box::pin(async { Ok(1) })).await.unwrap(),
            1
        );
    }
}
