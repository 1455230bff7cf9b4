//! The table of a struct.

/// `Mail { "to" => to: String, Required; "text" => text: String, Defaulted = String::new(); ..head: Head; }`
///
/// A struct of more than 16 fields has its rows in groups of 16, each in braces; one of more than 256 has groups of
/// 16 groups.
#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    ($name:ident {}) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::Object for $name {
            fn claims(_key: &$crate::__private::str) -> $crate::__private::bool {
                false
            }
            fn write_keys<M: $crate::__private::SerializeMap>(
                &self,
                _output: &mut $crate::__private::Fields<'_, M>,
            ) -> $crate::__private::Result<(), M::Error> {
                $crate::__private::Ok(())
            }
            fn read_keys<'de, A: $crate::__private::MapAccess<'de>>(
                input: &mut $crate::__private::Entries<'_, 'de, A>,
            ) -> $crate::__private::Result<Self, A::Error> {
                input.unit(Self {})
            }
        }
        $crate::__payload! { $name: $crate::__private::AsObject }
    };
    ($name:ident { $( .. $spread:ident : $part:ty ; )+ }) => {
        $crate::__spread! { $name [&[], &[]] [()] [()] [] [] $( .. $spread : $part ; )+ |_it| [()] [()] }
    };
    ($name:ident { $(
        $key:literal $(| $alias:literal)* $(& $both:literal)* $(+ $emit:literal)* =>
            $field:ident : $type:ty, $kind:ident $(<$codec:ty>)? $(= $default:expr)? ;
    )* }) => {
        #[allow(deprecated, clippy::unused_unit, reason = "what is deprecated still travels, and some have no field")]
        impl $crate::__private::Table for $name {
            const NAMES: $crate::__private::Names = (&[$($key),*], &[$(
                $(($key, $crate::__private::Place::Name, $alias),)*
                $(($key, $crate::__private::Place::Copy, $both),)*
                $(($key, $crate::__private::Place::OnlyWritten, $emit),)*
            )*]);
            type Values = ($($type,)*);
            type Kinds = ($($crate::__private::$kind $(<$codec>)?,)*);
            fn references(&self) -> <Self::Values as $crate::__private::Values>::References<'_> {
                ($(&self.$field,)*)
            }
            fn of_found(($($field,)*): $crate::__private::Found<Self>) -> Self {
                $( $( let $field = $crate::__given!($field, $default); )? )*
                Self { $($field),* }
            }
        }
        $crate::__payload! { $name: $crate::__private::AsObject }
    };
    ($name:ident { $( {$(
        $key:literal $(| $alias:literal)* $(& $both:literal)* $(+ $emit:literal)* =>
            $field:ident : $type:ty, $kind:ident $(<$codec:ty>)? $(= $default:expr)? ;
    )*} )+ }) => {
        #[allow(deprecated, clippy::unused_unit, reason = "what is deprecated still travels, and some have no field")]
        impl $crate::__private::Table for $name {
            const NAMES: $crate::__private::Names = (&[$($($key,)*)+], &[$($(
                $(($key, $crate::__private::Place::Name, $alias),)*
                $(($key, $crate::__private::Place::Copy, $both),)*
                $(($key, $crate::__private::Place::OnlyWritten, $emit),)*
            )*)+]);
            type Values = $crate::__private::Groups<($(($($type,)*),)+)>;
            type Kinds = $crate::__private::Groups<($(($($crate::__private::$kind $(<$codec>)?,)*),)+)>;
            fn references(&self) -> <Self::Values as $crate::__private::Values>::References<'_> {
                ($(($(&self.$field,)*),)+)
            }
            fn of_found(($(($($field,)*),)+): $crate::__private::Found<Self>) -> Self {
                $($( $( let $field = $crate::__given!($field, $default); )? )*)+
                Self { $($($field,)*)+ }
            }
        }
        $crate::__payload! { $name: $crate::__private::AsObject }
    };
    ($name:ident { $( {$( {$(
        $key:literal $(| $alias:literal)* $(& $both:literal)* $(+ $emit:literal)* =>
            $field:ident : $type:ty, $kind:ident $(<$codec:ty>)? $(= $default:expr)? ;
    )*} )+} )+ }) => {
        #[allow(deprecated, clippy::unused_unit, reason = "what is deprecated still travels, and some have no field")]
        impl $crate::__private::Table for $name {
            const NAMES: &'static [$crate::__private::Name] =
                &[$($($( ($key, &[$($alias),*], &[$($both),*], &[$($emit),*]) ,)*)+)+];
            type Values = $crate::__private::Groups<($($crate::__private::Groups<($(($($type,)*),)+)>,)+)>;
            type Kinds = $crate::__private::Groups<($($crate::__private::Groups<($(($($crate::__private::$kind $(<$codec>)?,)*),)+)>,)+)>;
            fn references(&self) -> <Self::Values as $crate::__private::Values>::References<'_> {
                ($(($(($(&self.$field,)*),)+),)+)
            }
            fn of_found(($(($(($($field,)*),)+),)+): $crate::__private::Found<Self>) -> Self {
                $($($( $( let $field = $crate::__given!($field, $default); )? )*)+)+
                Self { $($($($field,)*)+)+ }
            }
        }
        $crate::__payload! { $name: $crate::__private::AsObject }
    };
    ($name:ident { $(
        $key:literal $(| $alias:literal)* $(& $both:literal)* $(+ $emit:literal)* =>
            $field:ident : $type:ty, $kind:ident $(<$codec:ty>)? $(= $default:expr)? ;
    )* $( .. $spread:ident : $part:ty ; )+ }) => {
        $crate::__spread! { $name
            [&[$($key),*], &[$(
                $(($key, $crate::__private::Place::Name, $alias),)*
                $(($key, $crate::__private::Place::Copy, $both),)*
                $(($key, $crate::__private::Place::OnlyWritten, $emit),)*
            )*]]
            [($($crate::__private::$kind $(<$codec>)?,)*)] [($($type,)*)]
            [$($field)*] [$($( $field = $default; )?)*]
            $( .. $spread : $part ; )+
            |it| [($(&it.$field,)*)] [($($field,)*)]
        }
    };
    ($name:ident { $( {$(
        $key:literal $(| $alias:literal)* $(& $both:literal)* $(+ $emit:literal)* =>
            $field:ident : $type:ty, $kind:ident $(<$codec:ty>)? $(= $default:expr)? ;
    )*} )+ $( .. $spread:ident : $part:ty ; )+ }) => {
        $crate::__spread! { $name
            [&[$($($key,)*)+], &[$($(
                $(($key, $crate::__private::Place::Name, $alias),)*
                $(($key, $crate::__private::Place::Copy, $both),)*
                $(($key, $crate::__private::Place::OnlyWritten, $emit),)*
            )*)+]]
            [$crate::__private::Groups<($(($($crate::__private::$kind $(<$codec>)?,)*),)+)>]
            [$crate::__private::Groups<($(($($type,)*),)+)>]
            [$($($field)*)+] [$($($( $field = $default; )?)*)+]
            $( .. $spread : $part ; )+
            |it| [($(($(&it.$field,)*),)+)] [($(($($field,)*),)+)]
        }
    };
    ($name:ident { $( {$( {$(
        $key:literal $(| $alias:literal)* $(& $both:literal)* $(+ $emit:literal)* =>
            $field:ident : $type:ty, $kind:ident $(<$codec:ty>)? $(= $default:expr)? ;
    )*} )+} )+ $( .. $spread:ident : $part:ty ; )+ }) => {
        $crate::__spread! { $name
            [$($($( ($key, &[$($alias),*], &[$($both),*], &[$($emit),*]), )*)+)+]
            [$crate::__private::Groups<($($crate::__private::Groups<($(($($crate::__private::$kind $(<$codec>)?,)*),)+)>,)+)>]
            [$crate::__private::Groups<($($crate::__private::Groups<($(($($type,)*),)+)>,)+)>]
            [$($($($field)*)+)+] [$($($($( $field = $default; )?)*)+)+]
            $( .. $spread : $part ; )+
            |it| [($(($(($(&it.$field,)*),)+),)+)] [($(($(($($field,)*),)+),)+)]
        }
    };
}

/// A struct into which others are spread.
#[doc(hidden)]
#[macro_export]
macro_rules! __spread {
    ($name:ident [$($names:tt)*] [$kinds:ty] [$values:ty]
     [$($field:ident)*] [$($defaulted:ident = $default:expr;)*]
     $( .. $spread:ident : $part:ty ; )+
     |$it:ident| [$references:expr] [$pattern:pat]
    ) => {
        const _: () = {
            const NAMES: $crate::__private::Names = ($($names)*);
            const SHARES: &[$crate::__private::Share] = &[$($crate::__private::Share::of::<$part>()),+];
            #[allow(deprecated, reason = "what is deprecated still travels")]
            impl $crate::__private::Object for $name {
                const UNCLAIMED: $crate::__private::Unclaimed = $crate::__private::strongest(SHARES);
                fn claims(key: &$crate::__private::str) -> $crate::__private::bool {
                    $crate::__private::claims(NAMES, key) || $crate::__private::any_claims(SHARES, key)
                }
                fn write_keys<M: $crate::__private::SerializeMap>(
                    &self,
                    output: &mut $crate::__private::Fields<'_, M>,
                ) -> $crate::__private::Result<(), M::Error> {
                    output.claim(<Self as $crate::__private::Object>::claims);
                    let $it = self;
                    output.fields::<$kinds, $values>(NAMES, $references)?;
                    $( output.part::<$part, _>(&self.$spread)?; )+
                    $crate::__private::Ok(())
                }
                fn read_keys<'de, A: $crate::__private::MapAccess<'de>>(
                    input: &mut $crate::__private::Entries<'_, 'de, A>,
                ) -> $crate::__private::Result<Self, A::Error> {
                    let mut dealer = $crate::__private::Dealer::new(SHARES);
                    let $pattern = input
                        .read::<$kinds, $values>(NAMES, |key, input| dealer.keep(key, input))?;
                    $( let $spread = dealer.part::<$part, _, A>(input)?; )+
                    $( let $defaulted = $crate::__given!($defaulted, $default); )*
                    $crate::__private::Ok(Self { $($field,)* $($spread),+ })
                }
            }
        };
        $crate::__payload! { $name: $crate::__private::AsObject }
    };
}

/// What was found, or the default.
#[doc(hidden)]
#[macro_export]
macro_rules! __given {
    ($found:ident, $default:expr) => {
        match $found {
            $crate::__private::Some(value) => value,
            $crate::__private::None => $default,
        }
    };
}

/// Gives a type its codec, and serde's traits by it.
#[doc(hidden)]
#[macro_export]
macro_rules! __payload {
    ($name:ident: $codec:ty) => {
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::Payload for $name {
            type Codec = $codec;
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl $crate::__private::Serialize for $name {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                output: S,
            ) -> $crate::__private::Result<S::Ok, S::Error> {
                $crate::__private::serialize(self, output)
            }
        }
        #[allow(deprecated, reason = "what is deprecated still travels")]
        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                input: D,
            ) -> $crate::__private::Result<Self, D::Error> {
                $crate::__private::deserialize(input)
            }
        }
    };
}
