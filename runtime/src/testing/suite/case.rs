//! A case: a name, a promise, what it needs, and what is done. Knows nothing of how cases are run.

use super::ability::Ability;
use super::equipment::Scene;
use crate::message::BoxFuture;

/// One promise, and what shows that it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Group and function, as it is named on the command line.
    pub name: &'static str,
    /// What a backend promises, in one line.
    pub promise: &'static str,
    /// What a backend has to offer for it.
    pub needs: &'static [Ability],
    /// Panics where the promise is broken.
    pub(super) run: for<'a> fn(&'a Scene) -> BoxFuture<'a, ()>,
}

/// The contents of a file of cases: what each function shows, and what it needs beside a broker or a bus.
macro_rules! cases {
    ($group:literal, $base:ident: $($name:ident [$($need:ident),*] $promise:literal;)+) => {
        pub(crate) const CASES: &[$crate::testing::suite::Case] = &[$(
            $crate::testing::suite::Case {
                name: concat!($group, "::", stringify!($name)),
                promise: $promise,
                needs: &[
                    $crate::testing::suite::Ability::$base,
                    $($crate::testing::suite::Ability::$need),*
                ],
                run: |scene| Box::pin($name(scene)),
            }
        ),+];
    };
}
