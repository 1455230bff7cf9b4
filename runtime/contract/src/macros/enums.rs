//! The tables of enums.

/// `Plan { Free = "free" | "gratis", Pro = "pro", _ => Unrecognised }`: closed without the last.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($name:ident {
        $( $variant:ident = $value:literal $(| $alias:literal)* , )* $(_ => $unknown:ident)?
    }) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $name {
            /// The value as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &$crate::__private::str {
                match self {
                    $( Self::$variant => $value, )*
                    $( Self::$unknown(value) => $crate::__private::unrecognised_text(value), )?
                }
            }
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::TextEnum for $name {
            fn of_text(text: &$crate::__private::str) -> $crate::__private::Option<Self> {
                match text {
                    $( $value $(| $alias)* => $crate::__private::Some(Self::$variant), )*
                    _ => $crate::__private::None,
                }
            }
            fn as_text(&self) -> &$crate::__private::str {
                self.as_str()
            }
            $(fn of_unrecognised(
                value: $crate::__private::Unrecognised,
            ) -> $crate::__private::Option<Self> {
                $crate::__private::Some(Self::$unknown(value))
            })?
        }
        $crate::__payload! { $name: $crate::__private::AsTextEnum }
    };
}

/// `Level { Low = 1, High = -2, _ => Unrecognised }`: closed without the last.
#[doc(hidden)]
#[macro_export]
macro_rules! __integer_enum {
    ($name:ident {
        $( $variant:ident = $value:literal $(| $alias:literal)* , )* $(_ => $unknown:ident)?
    }) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $name {
            /// The value as it stands on the wire.
            #[must_use]
            pub fn as_integer(&self) -> $crate::__private::i64 {
                match self {
                    $( Self::$variant => $value, )*
                    $( Self::$unknown(value) => $crate::__private::unrecognised_integer(value), )?
                }
            }
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::IntegerEnum for $name {
            fn of_integer(value: $crate::__private::i64) -> $crate::__private::Option<Self> {
                match value {
                    $( $value $(| $alias)* => $crate::__private::Some(Self::$variant), )*
                    _ => $crate::__private::None,
                }
            }
            fn to_integer(&self) -> $crate::__private::i64 {
                self.as_integer()
            }
            $(fn of_unrecognised(
                value: $crate::__private::Unrecognised,
            ) -> $crate::__private::Option<Self> {
                $crate::__private::Some(Self::$unknown(value))
            })?
        }
        $crate::__payload! { $name: $crate::__private::AsIntegerEnum }
    };
}
