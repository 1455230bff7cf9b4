//! What becomes of a message before and after an attempt: the policy in one place, with no tasks and no broker.

use std::time::Duration;

use super::Policy;
use super::dedupe::{Claim, Known};
use super::stats::{Stats, count};
use crate::broker::{Cause, Reason, Verdict};
use crate::failure::{Failure, FailureKind};
use crate::message::MessageId;
use crate::random::Random;

/// Causes are cut to this many bytes, so that a broker's headers can hold them.
const LONGEST_DETAIL: usize = 1024;
/// How long a message waits that is being handled already.
const PUT_OFF: Duration = Duration::from_secs(1);

/// The right to handle a message, or what becomes of it where it is not to be handled.
pub(super) fn of_claim(
    id: &MessageId,
    policy: &Policy,
    stats: &Stats,
) -> Result<Option<Box<Claim>>, Verdict> {
    let Some(dedupe) = &policy.dedupe else {
        return Ok(None);
    };
    match dedupe.claim(id) {
        Known::New(claim) => Ok(Some(Box::new(claim))),
        Known::Handled => {
            count(&stats.deduplicated);
            Err(Verdict::Ack)
        }
        Known::Running => Err(Verdict::Retry {
            after: PUT_OFF,
            counted: false,
        }),
    }
}

/// The verdict on an attempt that failed.
pub(super) fn of_failure(
    failure: &Failure,
    attempt: u32,
    policy: &Policy,
    random: &mut Random,
) -> Verdict {
    let reason = match failure.kind() {
        FailureKind::Rejected => Reason::Rejected,
        FailureKind::Undecodable => Reason::Undecodable,
        _ if attempt >= policy.attempts => Reason::Exhausted,
        FailureKind::RetryAfter(after) => {
            return Verdict::Retry {
                after,
                counted: true,
            };
        }
        _ => {
            let after = policy.backoff.jittered(attempt, random.next());
            return Verdict::Retry {
                after,
                counted: true,
            };
        }
    };
    Verdict::DeadLetter(Cause {
        reason,
        detail: detail(failure),
    })
}

/// Why a message is given up whose last attempt ended with its process, before it is tried once more than allowed.
pub(super) fn of_crash(attempt: u32, policy: &Policy) -> Option<Cause> {
    let tried = attempt.saturating_sub(1);
    (attempt > policy.attempts).then(|| Cause {
        reason: Reason::Exhausted,
        detail: format!("delivered {tried} times, and the last did not end in order").into(),
    })
}

/// Why a message is given up that is larger than any that may be sent, before its bytes are looked at.
pub(super) fn of_size(size: usize, limit: usize) -> Option<Cause> {
    (size > limit).then(|| Cause {
        reason: Reason::Undecodable,
        detail: format!("{size} bytes, where {limit} may be sent").into(),
    })
}

/// Counts how an attempt failed.
pub(super) fn record(failure: &Failure, stats: &Stats) {
    count(&stats.failed);
    match failure.kind() {
        FailureKind::Panicked => count(&stats.panicked),
        FailureKind::TimedOut => count(&stats.timed_out),
        FailureKind::Undecodable => count(&stats.undecodable),
        _ => {}
    }
}

fn detail(failure: &Failure) -> Box<str> {
    let mut text = failure.to_string();
    let end = (0..=LONGEST_DETAIL.min(text.len())).rfind(|it| text.is_char_boundary(*it));
    text.truncate(end.unwrap_or(0));
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_detail_is_cut_between_characters() {
        for (text, length) in [
            ("x".repeat(5000), 1024),
            ("é".repeat(5000), 1024),
            ("€".repeat(5000), 1023),
        ] {
            assert_eq!(detail(&Failure::new(text)).len(), length);
        }
    }
}
