//! What a test has answered where nobody real would: one answer, a failure, silence, or one after the other. Knows
//! questions by their markers and answers as bytes; who asks is not its concern.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::codec::decode_with;
use crate::declare::{AnswerCodec, Question};
use crate::port::RawAnswer;
use crate::{DecodeError, EncodeError};

/// What a test has answered to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Canned<R> {
    /// This answer; a declared error is one too.
    Answer(R),
    /// The receiver fails: the asker gets [`CallErrorKind::Failed`](crate::CallErrorKind::Failed).
    Failure,
    /// No answer comes: the asker gets [`CallErrorKind::TimedOut`](crate::CallErrorKind::TimedOut).
    Silence,
}

impl<R> Canned<R> {
    /// The same, with the answer as it goes on the wire.
    fn write<C: AnswerCodec<R>>(&self) -> Result<Canned<RawAnswer>, EncodeError> {
        Ok(match self {
            Self::Answer(answer) => Canned::Answer(C::write(answer)?),
            Self::Failure => Canned::Failure,
            Self::Silence => Canned::Silence,
        })
    }
}

type Reply = dyn FnMut(&[u8]) -> Result<Canned<RawAnswer>, DecodeError> + Send;

/// Stands for those who would answer a question.
pub struct Stub(Mutex<Box<Reply>>);

impl Stub {
    /// Answers what the function says.
    pub fn new<Q: Question>(
        mut answer: impl FnMut(Q::Asks) -> Canned<Q::Answer> + Send + 'static,
    ) -> Self {
        Self(Mutex::new(Box::new(move |body| {
            let asked = decode_with::<Q::AsksCodec, Q::Asks>(body)?;
            Ok(kept::<Q>(&answer(asked)))
        })))
    }

    /// Gives these answers, one after the other; the last one again and again.
    ///
    /// # Panics
    /// Where there is none.
    pub fn in_turn<Q: Question>(answers: impl IntoIterator<Item = Canned<Q::Answer>>) -> Self {
        let mut answers: Vec<_> = answers.into_iter().map(|it| kept::<Q>(&it)).collect();
        answers.reverse();
        let mut next = answers.pop().expect("a question has at least one answer");
        Self(Mutex::new(Box::new(move |_| {
            let after = answers.pop().unwrap_or_else(|| next.clone());
            Ok(std::mem::replace(&mut next, after))
        })))
    }

    /// What is answered to an encoded question.
    ///
    /// # Errors
    /// Where the bytes are not what the contract says.
    pub fn reply(&self, asked: &[u8]) -> Result<Canned<RawAnswer>, DecodeError> {
        let mut reply = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reply(asked)
    }
}

fn kept<Q: Question>(answer: &Canned<Q::Answer>) -> Canned<RawAnswer> {
    let written = answer.write::<Q::AnswerCodec>();
    written.expect("a canned answer keeps its contract")
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stub").finish_non_exhaustive()
    }
}
