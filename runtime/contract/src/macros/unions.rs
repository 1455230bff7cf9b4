//! The tables of unions. `else` makes one open; a row without a type in parentheses has no payload.

/// `Contact { "email" | "mail" => Email(Plain), "none" => None, else Unrecognised }`
#[doc(hidden)]
#[macro_export]
macro_rules! __union_external {
    ($name:ident {
        $( $key:literal $(| $alias:literal)* => $variant:ident $(($codec:ty))? ),* $(,)?
        $(else $unknown:ident)?
    }) => {
        #[allow(deprecated, unreachable_patterns, reason = "all members may have payloads, or none")]
        impl $crate::__private::External for $name {
            fn named(name: &$crate::__private::str) -> $crate::__private::Named<Self> {
                match name {
                    $( $key $(| $alias)* => $crate::__named!(Self::$variant $(, $codec)?), )*
                    _ => $crate::__private::Named::Unknown,
                }
            }
            fn read_member<'de, A: $crate::__private::MapAccess<'de>>(
                name: &$crate::__private::str,
                input: &mut $crate::__private::Entries<'_, 'de, A>,
            ) -> $crate::__private::Result<Self, A::Error> {
                match name {
                    $( $key $(| $alias)* => $crate::__payload_of!(input, name, Self::$variant $(, $codec)?), )*
                    _ => input.no_member(name),
                }
            }
            fn write_member<S: $crate::__private::Serializer>(
                &self,
                output: $crate::__private::Member<'_, S>,
            ) -> $crate::__private::Result<S::Ok, S::Error> {
                match self {
                    $($( Self::$variant(value) => output.payload::<$codec, _>($key, value), )?)*
                    $( Self::$unknown(value) => output.unrecognised(value), )?
                    $( Self::$variant { .. } => output.unit($key), )*
                }
            }
            $(fn of_unrecognised(
                value: $crate::__private::Unrecognised,
            ) -> $crate::__private::Option<Self> {
                $crate::__private::Some(Self::$unknown(value))
            })?
        }
        $crate::__payload! { $name: $crate::__private::AsExternal }
    };
}

/// Reads the payload of a member.
#[doc(hidden)]
#[macro_export]
macro_rules! __payload_of {
    ($input:ident, $name:ident, $member:expr) => {
        $input.no_member($name)
    };
    ($input:ident, $name:ident, $member:expr, $codec:ty) => {
        $input.payload::<$codec, _>($name).map($member)
    };
}

/// What the name of a member means.
#[doc(hidden)]
#[macro_export]
macro_rules! __named {
    ($member:expr) => {
        $crate::__private::Named::Unit($member)
    };
    ($member:expr, $codec:ty) => {
        $crate::__private::Named::WithPayload
    };
}

/// `Ticket by "type" { "opened" => Opened(TicketOpened), "gone" => Gone, else Unrecognised }`
#[doc(hidden)]
#[macro_export]
macro_rules! __union_internal {
    ($name:ident by $tag:literal {
        $( $key:literal $(| $alias:literal)* => $variant:ident $(($part:ty))? ),* $(,)?
        $(else $unknown:ident)?
    }) => {
        const _: () = {
            const SHARES: &[$crate::__private::Share] = &[
                $($( $crate::__private::Share::of::<$part>(), )?)*
                $( $crate::__private::Share::open(::core::stringify!($unknown)), )?
            ];
            #[allow(deprecated, unreachable_patterns, reason = "all members may have payloads, or none")]
            impl $crate::__private::Object for $name {
                const UNCLAIMED: $crate::__private::Unclaimed = $crate::__private::strongest(SHARES);
                fn claims(key: &$crate::__private::str) -> $crate::__private::bool {
                    key == $tag || $crate::__private::any_claims(SHARES, key)
                }
                fn write_keys<M: $crate::__private::SerializeMap>(
                    &self,
                    output: &mut $crate::__private::Fields<'_, M>,
                ) -> $crate::__private::Result<(), M::Error> {
                    match self {
                        $($( Self::$variant(value) => output.tagged::<$part, _>($tag, $key, value), )?)*
                        $( Self::$unknown(value) => output.tagged_unrecognised($tag, value), )?
                        $( Self::$variant { .. } => output.tagged_unit($tag, $key), )*
                    }
                }
                fn read_keys<'de, A: $crate::__private::MapAccess<'de>>(
                    input: &mut $crate::__private::Entries<'_, 'de, A>,
                ) -> $crate::__private::Result<Self, A::Error> {
                    let name = input.tag($tag)?;
                    match &*name {
                        $( $key $(| $alias)* => $crate::__beside!(input, Self::$variant $(, $part)?), )*
                        _ => $crate::__unknown!(
                            input.no_tag($tag, &name) $(; input.unrecognised(&name).map(Self::$unknown))?
                        ),
                    }
                }
            }
        };
        $crate::__payload! { $name: $crate::__private::AsObject }
    };
}

/// `Happened by "type", "data" { "paid" => Paid(Plain), "ping" => Ping, else Unrecognised }`
#[doc(hidden)]
#[macro_export]
macro_rules! __union_adjacent {
    ($name:ident by $tag:literal, $content:literal {
        $( $key:literal $(| $alias:literal)* => $variant:ident $(($codec:ty))? ),* $(,)?
        $(else $unknown:ident)?
    }) => {
        #[allow(deprecated, unreachable_patterns, reason = "all members may have payloads, or none")]
        impl $crate::__private::Object for $name {
            fn claims(key: &$crate::__private::str) -> $crate::__private::bool {
                key == $tag || key == $content
            }
            fn write_keys<M: $crate::__private::SerializeMap>(
                &self,
                output: &mut $crate::__private::Fields<'_, M>,
            ) -> $crate::__private::Result<(), M::Error> {
                match self {
                    $($( Self::$variant(value) => {
                        output.tagged_beside::<$codec, _>(($tag, $content), $key, value)
                    } )?)*
                    $( Self::$unknown(value) => output.tagged_unrecognised($tag, value), )?
                    $( Self::$variant { .. } => output.tagged_unit($tag, $key), )*
                }
            }
            fn read_keys<'de, A: $crate::__private::MapAccess<'de>>(
                input: &mut $crate::__private::Entries<'_, 'de, A>,
            ) -> $crate::__private::Result<Self, A::Error> {
                let name = input.tag_beside($tag, $content)?;
                match &*name {
                    $( $key $(| $alias)* => $crate::__content!(input, $content, Self::$variant $(, $codec)?), )*
                    _ => $crate::__unknown!(
                        input.no_tag($tag, &name)
                        $(; input.unrecognised_content(&name, $content).map(Self::$unknown))?
                    ),
                }
            }
        }
        $crate::__payload! { $name: $crate::__private::AsObject }
    };
}

/// Reads what stands beside a tag.
#[doc(hidden)]
#[macro_export]
macro_rules! __beside {
    ($input:ident, $member:expr) => {
        $input.unit($member)
    };
    ($input:ident, $member:expr, $part:ty) => {
        $input.part::<$part, _>().map($member)
    };
}

/// Reads what stands under the key beside a tag.
#[doc(hidden)]
#[macro_export]
macro_rules! __content {
    ($input:ident, $content:literal, $member:expr) => {
        $input.unit($member)
    };
    ($input:ident, $content:literal, $member:expr, $codec:ty) => {
        $input.content::<$codec, _>($content).map($member)
    };
}

/// What an unknown name leads to: a refusal, or the value kept.
#[doc(hidden)]
#[macro_export]
macro_rules! __unknown {
    ($refused:expr) => {
        $refused
    };
    ($refused:expr; $kept:expr) => {
        $kept
    };
}
