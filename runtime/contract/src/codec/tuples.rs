//! The tuples of up to 16 fields, groups of such for wider structs, and groups of groups for those of more than 256. It must not know anything that `fields`
//! does not say: this is repetition only.

use std::marker::PhantomData;

use serde::de::MapAccess;
use serde::ser::SerializeMap;

use super::fields::{Kinds, Slot, Values};
use super::kind::Kind;
use super::names::{Names, Place};
use super::object::{Entries, Fields};

/// Fields of one group, at most.
const GROUP: usize = 16;

// `names` are of as many fields as the tuple has: one table says both, so that no index is beyond them.
macro_rules! tuples {
    ($( ($($kind:ident $value:ident $index:tt),*) )*) => { $(
        impl<$($value),*> Values for ($($value,)*) {
            type References<'a> = ($(&'a $value,)*) where Self: 'a;
        }

        #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple is among them")]
        impl<$($kind: Kind<$value>, $value),*> Kinds<($($value,)*)> for ($($kind,)*) {
            const WIDTH: usize = GROUP;

            type Slots = ($(Slot<$kind::Found>,)*);
            type Found = ($($kind::Found,)*);

            #[inline]
            fn slots() -> Self::Slots {
                ($(Slot::<$kind::Found>::new(),)*)
            }

            #[inline]
            fn read<'de, A: MapAccess<'de>>(
                slots: &mut Self::Slots,
                (index, place): (usize, Place),
                names: &[&'static str],
                input: &mut Entries<'_, 'de, A>,
            ) -> Result<(), A::Error> {
                match index {
                    $($index => slots.$index.read::<$kind, $value, A>(names[$index], place, input),)*
                    _ => input.skip(),
                }
            }

            #[inline]
            fn take<'de, A: MapAccess<'de>>(
                slots: Self::Slots,
                names: &[&'static str],
                input: &Entries<'_, 'de, A>,
            ) -> Result<Self::Found, A::Error> {
                Ok(($(slots.$index.take::<$kind, $value, A>(names[$index], input)?,)*))
            }

            #[inline]
            fn write<M: SerializeMap>(
                values: ($(&$value,)*),
                (names, others): Names,
                output: &mut Fields<'_, M>,
            ) -> Result<(), M::Error> {
                $(output.field::<$kind, $value>(values.$index, names[$index], others)?;)*
                Ok(())
            }
        }
    )* };
}

tuples! {
    ()
    (K0 V0 0)
    (K0 V0 0, K1 V1 1)
    (K0 V0 0, K1 V1 1, K2 V2 2)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12, K13 V13 13)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12, K13 V13 13, K14 V14 14)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12, K13 V13 13, K14 V14 14, K15 V15 15)
}

/// A tuple of tuples: of kinds, or of values.
#[derive(Debug)]
pub struct Groups<T>(PhantomData<T>);

macro_rules! groups {
    ($( ($($kinds:ident $values:ident $index:tt),*) )*) => { $(
        impl<$($values: Values),*> Values for Groups<($($values,)*)> {
            type References<'a> = ($($values::References<'a>,)*) where Self: 'a;
        }

        impl<$($kinds: Kinds<$values>, $values: Values),*> Kinds<Groups<($($values,)*)>>
            for Groups<($($kinds,)*)>
        {
            const WIDTH: usize = GROUP * K0::WIDTH;

            type Slots = ($($kinds::Slots,)*);
            type Found = ($($kinds::Found,)*);

            #[inline]
            fn slots() -> Self::Slots {
                ($($kinds::slots(),)*)
            }

            #[inline]
            fn read<'de, A: MapAccess<'de>>(
                slots: &mut Self::Slots,
                (index, place): (usize, Place),
                names: &[&'static str],
                input: &mut Entries<'_, 'de, A>,
            ) -> Result<(), A::Error> {
                match index / K0::WIDTH {
                    $($index => $kinds::read(
                        &mut slots.$index, (index % K0::WIDTH, place), &names[$index * K0::WIDTH..], input,
                    ),)*
                    _ => input.skip(),
                }
            }

            #[inline]
            fn take<'de, A: MapAccess<'de>>(
                slots: Self::Slots,
                names: &[&'static str],
                input: &Entries<'_, 'de, A>,
            ) -> Result<Self::Found, A::Error> {
                Ok(($($kinds::take(slots.$index, &names[$index * K0::WIDTH..], input)?,)*))
            }

            #[inline]
            fn write<M: SerializeMap>(
                values: <Groups<($($values,)*)> as Values>::References<'_>,
                (names, others): Names,
                output: &mut Fields<'_, M>,
            ) -> Result<(), M::Error> {
                $($kinds::write(values.$index, (&names[$index * K0::WIDTH..], others), output)?;)*
                Ok(())
            }
        }
    )* };
}

groups! {
    (K0 V0 0)
    (K0 V0 0, K1 V1 1)
    (K0 V0 0, K1 V1 1, K2 V2 2)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12, K13 V13 13)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12, K13 V13 13, K14 V14 14)
    (K0 V0 0, K1 V1 1, K2 V2 2, K3 V3 3, K4 V4 4, K5 V5 5, K6 V6 6, K7 V7 7, K8 V8 8, K9 V9 9, K10 V10 10, K11 V11 11, K12 V12 12, K13 V13 13, K14 V14 14, K15 V15 15)
}
