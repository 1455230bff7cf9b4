//! The tables of generated code that are not about JSON: constructors, and the markers of what is declared. Each expands
//! to a few items by absolute paths, so that it works in any module, without a prelude, and whatever names the user's
//! types and fields have. It must not hold logic: what can be a function is one.

use std::time::Duration;

use crate::codec::{Codec, decode_with};

/// A duration, as generated code writes them.
pub const fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A default that is no literal of Rust.
///
/// # Panics
/// Where `json` is no value of the type: a schema with such a default is refused.
pub fn default_value<C: Codec<T>, T>(json: &str) -> T {
    decode_with::<C, T>(json.as_bytes())
        .expect("a default fits its type, as the schema was checked")
}

/// `Mail(to as String, user_id: u64) { body: String::new() }`: `new` of what must be given.
///
/// A parameter is `name: T`, or `name as T` for anything that becomes it; where the field is an `Option` of it, `name => T`
/// and `name | T`.
#[doc(hidden)]
#[macro_export]
macro_rules! __constructor {
    ($name:ident(
        $($field:ident $(: $ty:ty)? $(as $text:ty)? $(=> $given:ty)? $(| $some:ty)?),*
    ) { $($rest:ident: $value:expr),* $(,)? }) => {
        impl $name {
            /// A value of what must be given; all else is what the contract says it is where it is left out.
            #[must_use]
            #[allow(
                clippy::fn_params_excessive_bools,
                clippy::too_many_arguments,
                reason = "what must be given is the contract's to say"
            )]
            pub fn new($(
                $field: $($ty)? $(impl ::core::convert::Into<$text>)? $($given)? $(impl ::core::convert::Into<$some>)?
            ),*) -> Self {
                $(
                    $(let $field: $ty = $field;)?
                    $(let $field = ::core::convert::Into::<$text>::into($field);)?
                    $(let $field = ::core::option::Option::<$given>::Some($field);)?
                    $(let $field = ::core::option::Option::Some(::core::convert::Into::<$some>::into($field));)?
                )*
                Self {
                    $($field,)*
                    $($rest: $value,)*
                }
            }
        }
    };
}

/// `Options { page: 1 }`: `new` and `Default` of a struct of which nothing must be given.
#[doc(hidden)]
#[macro_export]
macro_rules! __default {
    ($name:ident { $($rest:tt)* }) => {
        $crate::__constructor! { $name() { $($rest)* } }

        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

/// `Started: Empty as Plain = SignalMeta::new(…);`, and for a signal with a reply
/// `Count: super::Count as Plain => u64 as Replies<Plain> = …;`
#[doc(hidden)]
#[macro_export]
macro_rules! __signals {
    ($(
        $(#[$head:meta])*
        $name:ident: $payload:ty as $codec:ty $(=> $reply:ty as $reply_codec:ty)? = $meta:expr;
    )*) => {$(
        $(#[$head])*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        pub struct $name;

        impl $crate::__private::Channel for $name {
            const WIRE: &'static ::core::primitive::str = $meta.wire();
            const KIND: $crate::__private::ChannelKind = $crate::__private::ChannelKind::Signal;
        }

        impl $crate::__private::Signal for $name {
            type Payload = $payload;
            type Codec = $codec;
            const META: &'static $crate::__private::SignalMeta = &$meta;
        }

        $(impl $crate::__private::Asked for $name {
            type Reply = $reply;
            type ReplyCodec = $reply_codec;
        }

        $crate::__question! { $name: $payload as $codec => $reply as $reply_codec })?
    )*};
}

/// `Count: super::Count as Plain => u64 as Replies<Plain>`, of a signal or a call.
#[doc(hidden)]
#[macro_export]
macro_rules! __question {
    ($name:ident: $payload:ty as $codec:ty => $reply:ty as $reply_codec:ty) => {
        impl $crate::__private::Question for $name {
            type Asks = $payload;
            type AsksCodec = $codec;
            type Answer = $reply;
            type AnswerCodec = $reply_codec;
        }
    };
}

/// `Charge: super::Charge as Plain => Result<super::Receipt, super::Refusal> as Throws<Plain, Plain> = CallMeta::new(…);`
#[doc(hidden)]
#[macro_export]
macro_rules! __calls {
    ($(
        $(#[$head:meta])*
        $name:ident: $payload:ty as $codec:ty => $reply:ty as $reply_codec:ty = $meta:expr;
    )*) => {$(
        $(#[$head])*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        pub struct $name;

        impl $crate::__private::Channel for $name {
            const WIRE: &'static ::core::primitive::str = $meta.wire();
            const KIND: $crate::__private::ChannelKind = $crate::__private::ChannelKind::Call;
        }

        impl $crate::__private::Call for $name {
            type Payload = $payload;
            type Codec = $codec;
            type Reply = $reply;
            type ReplyCodec = $reply_codec;
            const META: &'static $crate::__private::CallMeta = &$meta;
        }

        $crate::__question! { $name: $payload as $codec => $reply as $reply_codec }
    )*};
}

/// `Mailer: super::Mail as Plain = QueueMeta::new(…);`
#[doc(hidden)]
#[macro_export]
macro_rules! __queues {
    ($(
        $(#[$head:meta])*
        $name:ident: $payload:ty as $codec:ty = $meta:expr;
    )*) => {$(
        $(#[$head])*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        pub struct $name;

        impl $crate::__private::Channel for $name {
            const WIRE: &'static ::core::primitive::str = $meta.wire();
            const KIND: $crate::__private::ChannelKind = $crate::__private::ChannelKind::Queue;
        }

        impl $crate::__private::Queue for $name {
            type Payload = $payload;
            type Codec = $codec;
            const META: &'static $crate::__private::QueueMeta = &$meta;
        }
    )*};
}

/// `Users: super::UserCreated as Plain => () = ExchangeMeta::new(…);`, with the type of the key behind the arrow.
#[doc(hidden)]
#[macro_export]
macro_rules! __exchanges {
    ($(
        $(#[$head:meta])*
        $name:ident: $payload:ty as $codec:ty => $key:ty = $meta:expr;
    )*) => {$(
        $(#[$head])*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        pub struct $name;

        impl $crate::__private::Channel for $name {
            const WIRE: &'static ::core::primitive::str = $meta.wire();
            const KIND: $crate::__private::ChannelKind = $crate::__private::ChannelKind::Exchange;
        }

        impl $crate::__private::Exchange for $name {
            type Payload = $payload;
            type Codec = $codec;
            type Key = $key;
            const META: &'static $crate::__private::ExchangeMeta = &$meta;
        }
    )*};
}

/// `PushKey, "accounts.push": value(kind), literal("news"), value(platform)`
#[doc(hidden)]
#[macro_export]
macro_rules! __routing_key {
    ($name:ident, $wire:literal: $($word:ident($($field:ident)? $($literal:literal)?)),*) => {
        impl $crate::__private::RoutingKey for $name {
            fn routing_key(
                &self,
            ) -> ::core::result::Result<
                ::core::option::Option<::std::string::String>,
                $crate::__private::SendError,
            > {
                $crate::__private::RoutingWords::new($wire)
                    $(.$word($(&self.$field)? $($literal)?))*
                    .finish()
            }
        }
    };
}
