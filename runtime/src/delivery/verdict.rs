//! What becomes of a message after an attempt: the policy in one place, with no tasks and no broker.

use super::Policy;
use super::stats::{Stats, count};
use crate::broker::{Cause, Reason, Verdict};
use crate::failure::{Failure, FailureKind, Outcome};
use crate::random::Random;

/// Causes are cut to this many bytes, so that a broker's headers can hold them.
const LONGEST_DETAIL: usize = 1024;

/// The verdict on an attempt.
pub(super) fn of_attempt(
    outcome: &Outcome,
    attempt: u32,
    policy: &Policy,
    random: &mut Random,
) -> Verdict {
    let failure = match outcome {
        Ok(()) => return Verdict::Ack,
        Err(failure) => failure,
    };
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

/// Counts how an attempt ended.
pub(super) fn record(outcome: &Outcome, stats: &Stats) {
    let failure = match outcome {
        Ok(()) => return count(&stats.succeeded),
        Err(failure) => failure,
    };
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
