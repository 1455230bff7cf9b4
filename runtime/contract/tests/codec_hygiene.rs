//! Tables work where nothing is in scope, and where everything has a name of the prelude.
#![no_implicit_prelude]
#![deny(warnings, clippy::pedantic)]

use ::microagent_contract::__private as __rt;

/// Types, fields and variants that are called like what tables need.
pub mod names {
    use super::__rt;

    #[derive(
        ::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq, ::core::default::Default,
    )]
    #[deprecated]
    pub struct Option {
        pub r#type: ::std::string::String,
        #[deprecated]
        pub input: ::core::option::Option<u8>,
        pub output: u8,
        pub value: u8,
        pub it: u8,
        pub key: u8,
    }
    __rt::object! { Option {
        "type" => r#type: ::std::string::String, Defaulted = ::std::string::String::new();
        "input" => input: ::core::option::Option<u8>, Optional;
        "output" => output: u8, Required;
        "value" => value: u8, Required;
        "it" => it: u8, Required;
        "key" => key: u8, Required;
    } }

    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    #[allow(deprecated, reason = "it holds what is deprecated")]
    pub struct Result {
        pub dealer: u8,
        pub name: Option,
        pub names: __rt::BTreeMap<::std::string::String, __rt::Json>,
    }
    #[allow(deprecated, reason = "it holds what is deprecated")]
    mod tables {
        use super::{__rt, Option, Result};
        __rt::object! { Result { "dealer" => dealer: u8, Required; ..name: Option; ..names: __rt::Map<__rt::Plain>; } }
    }

    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    pub enum String {
        None,
        Some(u8),
        #[deprecated]
        Ok(::std::boxed::Box<Box>),
        Err(__rt::Unrecognised),
    }
    __rt::union_external! { String { "none" => None, "some" => Some(__rt::Plain), "ok" => Ok(__rt::Plain), else Err } }

    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    pub struct Box {}
    __rt::object! { Box {} }

    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    pub enum Vec {
        Ok(Box),
        None,
    }
    __rt::union_internal! { Vec by "type" { "ok" => Ok(Box), "none" => None } }

    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    pub enum Into {
        Ok(Box),
        None,
    }
    __rt::union_adjacent! { Into by "type", "data" { "ok" => Ok(__rt::Plain), "none" => None } }

    #[derive(
        ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq,
    )]
    pub enum From {
        Ok,
        Err,
    }
    __rt::string_enum! { From { Ok = "ok", Err = "err", } }

    #[derive(
        ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq,
    )]
    pub enum TryFrom {
        Ok,
        Err,
    }
    __rt::integer_enum! { TryFrom { Ok = 1, Err = 100_000, } }

    #[derive(::core::clone::Clone, ::core::cmp::PartialEq)]
    pub struct Email(::std::string::String);
    __rt::checked_newtype! { Email(::std::string::String): __rt::Plain, max(254), format(Email) }
    __rt::debug_redacted! { Email(..) }

    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    pub struct Self_(pub ::std::vec::Vec<Email>);
    __rt::newtype! { Self_(::std::vec::Vec<Email>): __rt::Plain }

    /// Markers.
    pub mod checks {
        use super::super::__rt;
        __rt::rules! { Short: max(3), pattern("^a") }
    }
}

#[::core::prelude::v1::test]
fn they_work_all_the_same() {
    let body = br#"{"dealer":1,"type":"x","output":2,"value":3,"it":4,"key":5,"more":[]}"#;
    let value: names::Result = __rt::decode(body).expect("it is what the table says");
    ::core::assert_eq!(*__rt::encode(&value).expect("it was read"), *body);
    let email = names::Email::new("ada@example.org").expect("it is one");
    ::core::assert_eq!(::std::format!("{email:?}"), "Email(<redacted>)");
}
