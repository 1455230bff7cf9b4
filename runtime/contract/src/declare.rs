//! What generated code says of each declaration: a marker type with its payload, how that is written, and its names.
//! The runtime and the helpers of this crate are generic over these traits; users meet the markers where they name a
//! channel (`world.sent::<queues::Mailer>()`).

use crate::codec::{Codec, decode_with, encode_with};
use crate::meta::{CallMeta, ExchangeMeta, QueueMeta, SignalMeta};
use crate::port::RawAnswer;
use crate::{DecodeError, EncodeError, SendError};

/// What can be sent, whichever kind it is of. For tests, which name a channel and do not care how it is reached.
pub trait Channel: 'static {
    /// Its name on the wire.
    const WIRE: &'static str;
    /// Which kind it is.
    const KIND: ChannelKind;
}

/// Which kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// Heard by all who receive it.
    Signal,
    /// Answered by one.
    Call,
    /// Kept until one has handled it.
    Queue,
    /// Copied to queues.
    Exchange,
}

/// What can be asked: a signal with a reply, or a call. For tests, which answer both in one way.
pub trait Question: Channel {
    /// What is asked.
    type Asks: Send + 'static;
    /// How that is written.
    type AsksCodec: Codec<Self::Asks>;
    /// What is answered: the reply, or where the call declares an error a `Result` of both.
    type Answer: Send + 'static;
    /// How that is written.
    type AnswerCodec: AnswerCodec<Self::Answer>;
}

/// A signal.
pub trait Signal: 'static {
    /// What it carries.
    type Payload: Send + 'static;
    /// How that is written.
    type Codec: Codec<Self::Payload>;
    /// Its names.
    const META: &'static SignalMeta;
}

/// A signal with a reply.
pub trait Asked: Signal {
    /// What each receiver answers.
    type Reply: Send + 'static;
    /// How that is written.
    type ReplyCodec: AnswerCodec<Self::Reply>;
}

/// A call: one replica answers.
pub trait Call: 'static {
    /// What it carries.
    type Payload: Send + 'static;
    /// How that is written.
    type Codec: Codec<Self::Payload>;
    /// What the caller gets: the reply, or a `Result` of the reply and the declared error.
    type Reply: Send + 'static;
    /// How that is written: [`Replies`] or [`Throws`].
    type ReplyCodec: AnswerCodec<Self::Reply>;
    /// Its names.
    const META: &'static CallMeta;
}

/// A queue.
pub trait Queue: 'static {
    /// What it carries.
    type Payload: Send + 'static;
    /// How that is written.
    type Codec: Codec<Self::Payload>;
    /// Its names and options.
    const META: &'static QueueMeta;
}

/// An exchange.
pub trait Exchange: 'static {
    /// What it carries.
    type Payload: Send + 'static;
    /// How that is written.
    type Codec: Codec<Self::Payload>;
    /// What it routes by; `()` on a fanout.
    type Key: RoutingKey;
    /// Its names.
    const META: &'static ExchangeMeta;
}

/// The key of a routed exchange: words between dots.
pub trait RoutingKey {
    /// The key as it goes on the wire; none on a fanout.
    ///
    /// # Errors
    /// [`SendErrorKind::Invalid`](crate::SendErrorKind::Invalid) where a value is empty or has a dot, since it would be
    /// read as other words than it was written as.
    fn routing_key(&self) -> Result<Option<String>, SendError>;
}

impl RoutingKey for () {
    fn routing_key(&self) -> Result<Option<String>, SendError> {
        Ok(None)
    }
}

/// How an answer, which may be a declared error, is written and read.
pub trait AnswerCodec<T>: 'static {
    /// Writes an answer.
    ///
    /// # Errors
    /// Where it breaks a rule of its contract.
    fn write(answer: &T) -> Result<RawAnswer, EncodeError>;
    /// Reads an answer.
    ///
    /// # Errors
    /// Where the bytes are not what the contract says.
    fn read(answer: &RawAnswer) -> Result<T, DecodeError>;
}

/// Answers with nothing but a reply, written by codec `C`.
#[derive(Clone, Copy, Debug)]
pub struct Replies<C>(std::marker::PhantomData<C>);

impl<T, C: Codec<T> + 'static> AnswerCodec<T> for Replies<C> {
    fn write(answer: &T) -> Result<RawAnswer, EncodeError> {
        encode_with::<C, T>(answer).map(RawAnswer::Reply)
    }

    fn read(answer: &RawAnswer) -> Result<T, DecodeError> {
        // A declared error of a contract that declares none comes from a peer with a newer contract: it is read as the
        // reply, and refused as such with the path of what does not fit.
        decode_with::<C, T>(answer.body())
    }
}

/// Answers with a reply, written by codec `C`, or a declared error, written by codec `E`.
#[derive(Clone, Copy, Debug)]
pub struct Throws<C, E>(std::marker::PhantomData<(C, E)>);

impl<T, D, C: Codec<T> + 'static, E: Codec<D> + 'static> AnswerCodec<Result<T, D>>
    for Throws<C, E>
{
    fn write(answer: &Result<T, D>) -> Result<RawAnswer, EncodeError> {
        match answer {
            Ok(reply) => encode_with::<C, T>(reply).map(RawAnswer::Reply),
            Err(declared) => encode_with::<E, D>(declared).map(RawAnswer::Thrown),
        }
    }

    fn read(answer: &RawAnswer) -> Result<Result<T, D>, DecodeError> {
        match answer {
            RawAnswer::Reply(body) => decode_with::<C, T>(body).map(Ok),
            RawAnswer::Thrown(body) => decode_with::<E, D>(body).map(Err),
        }
    }
}
