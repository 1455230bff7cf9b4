//! The contracts of the corpus as generated Rust, with a round trip (bytes → value → bytes) for whatever they declare.
#![deny(warnings)]
#![allow(
    clippy::module_inception,
    reason = "the folder of a contract is named like its package"
)]

use bytes::Bytes;
use microagent_contract::__private::{
    self as rt, AnswerCodec, Asked, Call, Codec, Exchange, Plain, Queue, Signal,
};
use microagent_contract::RawAnswer;

/// Decodes and encodes again, or says why not.
pub type RoundTrip = fn(&[u8]) -> Result<Bytes, String>;

/// A contract's name, and its declarations by package and name.
pub type Contract = (&'static str, &'static [(&'static str, RoundTrip)]);

include!(concat!(env!("OUT_DIR"), "/contracts.rs"));

fn through<C: Codec<T>, T>(body: &[u8]) -> Result<Bytes, String> {
    let value = rt::decode_with::<C, T>(body).map_err(|problem| problem.to_string())?;
    rt::encode_with::<C, T>(&value).map_err(|problem| problem.to_string())
}

fn plain<T>(body: &[u8]) -> Result<Bytes, String>
where
    Plain: Codec<T>,
{
    through::<Plain, T>(body)
}

fn signal<S: Signal>(body: &[u8]) -> Result<Bytes, String> {
    through::<S::Codec, S::Payload>(body)
}

fn queue<Q: Queue>(body: &[u8]) -> Result<Bytes, String> {
    through::<Q::Codec, Q::Payload>(body)
}

fn exchange<E: Exchange>(body: &[u8]) -> Result<Bytes, String> {
    through::<E::Codec, E::Payload>(body)
}

fn call<C: Call>(body: &[u8]) -> Result<Bytes, String> {
    through::<C::Codec, C::Payload>(body)
}

fn answer<S: Asked>(body: &[u8]) -> Result<Bytes, String> {
    through_answer::<S::ReplyCodec, S::Reply>(body)
}

fn reply<C: Call>(body: &[u8]) -> Result<Bytes, String> {
    through_answer::<C::ReplyCodec, C::Reply>(body)
}

fn through_answer<C: AnswerCodec<T>, T>(body: &[u8]) -> Result<Bytes, String> {
    let received = RawAnswer::Reply(Bytes::copy_from_slice(body));
    let value = C::read(&received).map_err(|problem| problem.to_string())?;
    let written = C::write(&value).map_err(|problem| problem.to_string())?;
    Ok(Bytes::copy_from_slice(written.body()))
}
