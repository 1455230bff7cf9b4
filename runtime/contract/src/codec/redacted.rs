//! What is `@sensitive`: no error about it and no `Debug` of it shows the value.

use std::fmt::{self, Debug};
use std::marker::PhantomData;

use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Plain};
use super::trail::Trail;

/// What `C` says, with errors that tell neither the value nor where inside it.
#[derive(Debug)]
pub struct Redacted<C = Plain>(PhantomData<C>);

impl<C: Codec<T>, T> Codec<T> for Redacted<C> {
    fn write<S: Serializer>(value: &T, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        C::write(value, output, trail).inspect_err(|_| trail.redact())
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        C::read(input, trail).inspect_err(|_| trail.redact())
    }
}

/// A field that `Debug` shows.
pub fn shown<T: Debug>(value: &T) -> &dyn Debug {
    value
}

/// A field that `Debug` does not show.
pub fn redacted<T>(_value: &T) -> &'static dyn Debug {
    &Hidden
}

struct Hidden;

impl Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<redacted>")
    }
}

/// What `Debug` of a struct with sensitive fields does.
///
/// # Errors
/// Those of the formatter.
pub fn debug_fields(
    formatter: &mut fmt::Formatter<'_>,
    name: &str,
    fields: &[(&str, &dyn Debug)],
) -> fmt::Result {
    let mut debug = formatter.debug_struct(name.trim_start_matches("r#"));
    for (field, value) in fields {
        debug.field(field.trim_start_matches("r#"), value);
    }
    debug.finish()
}

/// What `Debug` of a sensitive newtype does.
///
/// # Errors
/// Those of the formatter.
pub fn debug_hidden(formatter: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let mut debug = formatter.debug_tuple(name.trim_start_matches("r#"));
    debug.field(&Hidden).finish()
}
