//! The tables of newtypes, of constraints, and what hides sensitive fields from `Debug`.

/// `Amount(Decimal): Plain`, for `pub struct Amount(pub Decimal)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype {
    ($name:ident($inner:ty): $codec:ty) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::From<$inner> for $name {
            fn from(inner: $inner) -> Self {
                Self(inner)
            }
        }
        $crate::__newtype_common! { $name($inner): $codec }
    };
}

/// `Email(String): Plain, max(254), format(Email)`, for `pub struct Email(String)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __checked_newtype {
    ($name:ident($inner:ty): $codec:ty, $($rule:ident($bound:expr)),+ $(,)?) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $name {
            /// A value that keeps to the constraints.
            ///
            /// # Errors
            ///
            /// If the value does not keep to the constraints.
            pub fn new(
                inner: impl $crate::__private::Into<$inner>,
            ) -> $crate::__private::Result<Self, $crate::__private::Invalid> {
                let inner = $crate::__private::Into::<$inner>::into(inner);
                $crate::__private::check::<Self, _>(&inner)?;
                $crate::__private::Ok(Self(inner))
            }

            /// The value.
            #[must_use]
            pub fn get(&self) -> &$inner {
                &self.0
            }
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::TryFrom<$inner> for $name {
            type Error = $crate::__private::Invalid;
            fn try_from(inner: $inner) -> $crate::__private::Result<Self, Self::Error> {
                Self::new(inner)
            }
        }
        $crate::__rules_of! { $name: $($rule($bound)),+ }
        $crate::__newtype_common! { $name($inner): $crate::__private::Checked<$name, $codec> }
    };
}

/// What all newtypes have.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_common {
    ($name:ident($inner:ty): $codec:ty) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $name {
            /// The value, given away.
            #[must_use]
            pub fn into_inner(self) -> $inner {
                self.0
            }
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::From<$name> for $inner {
            fn from(outer: $name) -> Self {
                outer.0
            }
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::AsRef<$inner> for $name {
            fn as_ref(&self) -> &$inner {
                &self.0
            }
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::Newtype for $name {
            type Inner = $inner;
            fn inner(&self) -> &$inner {
                &self.0
            }
            fn of_inner(inner: $inner) -> Self {
                Self(inner)
            }
        }
        $crate::__payload! { $name: $crate::__private::AsInner<$codec> }
    };
}

/// Makes a newtype of an object an object, to be spread and to stand under a tag.
#[doc(hidden)]
#[macro_export]
macro_rules! __object_newtype {
    ($name:ident) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::Object for $name {
            const UNCLAIMED: $crate::__private::Unclaimed =
                <<Self as $crate::__private::Payload>::Codec as $crate::__private::ObjectCodec<
                    Self,
                >>::UNCLAIMED;
            fn claims(key: &$crate::__private::str) -> $crate::__private::bool {
                <<Self as $crate::__private::Payload>::Codec as $crate::__private::ObjectCodec<
                    Self,
                >>::claims(key)
            }
            fn write_keys<M: $crate::__private::SerializeMap>(
                &self,
                output: &mut $crate::__private::Fields<'_, M>,
            ) -> $crate::__private::Result<(), M::Error> {
                <<Self as $crate::__private::Payload>::Codec as $crate::__private::ObjectCodec<
                    Self,
                >>::write_keys(self, output)
            }
            fn read_keys<'de, A: $crate::__private::MapAccess<'de>>(
                input: &mut $crate::__private::Entries<'_, 'de, A>,
            ) -> $crate::__private::Result<Self, A::Error> {
                <<Self as $crate::__private::Payload>::Codec as $crate::__private::ObjectCodec<
                    Self,
                >>::read_keys(input)
            }
        }
    };
}

/// `MailSubject: min(1), max(200), pattern("^[a-z]"), format(Email)`: a marker that stands for constraints.
#[doc(hidden)]
#[macro_export]
macro_rules! __rules {
    ($name:ident: $($rule:ident($bound:expr)),+ $(,)?) => {
        #[derive(::core::fmt::Debug)]
        pub enum $name {}
        $crate::__rules_of! { $name: $($rule($bound)),+ }
    };
}

/// The constraints of a type.
#[doc(hidden)]
#[macro_export]
macro_rules! __rules_of {
    ($name:ident: $($rule:ident($bound:expr)),+) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::Rules for $name {
            fn limits() -> &'static $crate::__private::Limits {
                #[allow(unused_imports, reason = "only `format` names one")]
                use $crate::__private::Format::{Email, Hostname, Ipv4, Ipv6, Uri};
                static LIMITS: $crate::__private::Limits =
                    $crate::__private::Limits::new()$(.$rule($bound))+;
                &LIMITS
            }
        }
    };
}

/// `Mail { to: shown, token: redacted }`, or `Secret(..)` for a newtype: `Debug` without what is sensitive.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug_redacted {
    ($name:ident { $($field:ident: $shown:ident),* $(,)? }) => {
        #[allow(deprecated, reason = "what is deprecated is shown, too")]
        impl ::core::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::debug_fields(
                    formatter,
                    ::core::stringify!($name),
                    &[$((::core::stringify!($field), $crate::__private::$shown(&self.$field))),*],
                )
            }
        }
    };
    ($name:ident(..)) => {
        #[allow(deprecated, reason = "what is deprecated is shown, too")]
        impl ::core::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::debug_hidden(formatter, ::core::stringify!($name))
            }
        }
    };
}
