//! Constraints: `min`, `max`, `pattern`, `format`. They hold when sending and when receiving.
//! It must not know how the constrained value stands on the wire.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::OnceLock;

use ::bytes::Bytes;
use regex_lite::Regex;
use serde::de::Deserializer;
use serde::ser::Serializer;

use super::error::Invalid;
use super::format::Format;
use super::payload::Codec;
use super::trail::Trail;

/// The constraints of a type; one `static` per constrained type, in which the pattern is compiled once.
#[derive(Debug)]
pub struct Limits {
    min: Option<i128>,
    max: Option<i128>,
    min_float: Option<f64>,
    max_float: Option<f64>,
    pattern: Option<&'static str>,
    compiled: OnceLock<Regex>,
    format: Option<Format>,
}

impl Limits {
    /// No constraint.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            min: None,
            max: None,
            min_float: None,
            max_float: None,
            pattern: None,
            compiled: OnceLock::new(),
            format: None,
        }
    }

    /// At least so long, so many or so much.
    #[must_use]
    pub const fn min(mut self, min: i128) -> Self {
        self.min = Some(min);
        self
    }

    /// At most so long, so many or so much.
    #[must_use]
    pub const fn max(mut self, max: i128) -> Self {
        self.max = Some(max);
        self
    }

    /// At least so much, of a floating-point number.
    #[must_use]
    pub const fn min_float(mut self, min: f64) -> Self {
        self.min_float = Some(min);
        self
    }

    /// At most so much, of a floating-point number.
    #[must_use]
    pub const fn max_float(mut self, max: f64) -> Self {
        self.max_float = Some(max);
        self
    }

    /// A part of the text matches.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// The text is of this format.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Whether the value keeps to them.
    ///
    /// # Errors
    /// Which one it breaks, the first of them.
    pub fn check(&self, value: &impl Measured) -> Result<(), Invalid> {
        match value.measure() {
            Measure::Text(text) => self.check_text(text),
            Measure::Count(count, unit) => self.check_count(count, unit),
            Measure::Integer(value) => self.check_bounds(value, ""),
            Measure::Float(value) => self.check_float(value),
            Measure::Nothing => Ok(()),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), Invalid> {
        if self.min.is_some() || self.max.is_some() {
            self.check_count(text.chars().count(), " characters")?;
        }
        if let Some(pattern) = self.pattern {
            let compiled = self.compiled.get_or_init(|| {
                Regex::new(pattern).expect("a schema's patterns are compiled when it is checked")
            });
            if !compiled.is_match(text) {
                return Err(Invalid::new(format!("text that matches `{pattern}`")));
            }
        }
        match self.format {
            Some(format) if !format.fits(text) => Err(Invalid::new(format.article())),
            _ => Ok(()),
        }
    }

    fn check_count(&self, count: usize, unit: &str) -> Result<(), Invalid> {
        // A length of more than i128::MAX does not exist.
        self.check_bounds(i128::try_from(count).unwrap_or(i128::MAX), unit)
    }

    fn check_bounds(&self, value: i128, unit: &str) -> Result<(), Invalid> {
        match (self.min, self.max) {
            (Some(min), _) if value < min => Err(Invalid::new(format!("at least {min}{unit}"))),
            (_, Some(max)) if value > max => Err(Invalid::new(format!("at most {max}{unit}"))),
            _ => Ok(()),
        }
    }

    fn check_float(&self, value: f64) -> Result<(), Invalid> {
        match (self.min_float, self.max_float) {
            (Some(min), _) if value < min => Err(Invalid::new(format!("at least {min}"))),
            (_, Some(max)) if value > max => Err(Invalid::new(format!("at most {max}"))),
            _ => Ok(()),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// What of a value is constrained.
#[derive(Clone, Copy, Debug)]
pub enum Measure<'a> {
    /// A text: its characters, its pattern, its format.
    Text(&'a str),
    /// A number of entries, and their unit with a space before it.
    Count(usize, &'static str),
    /// The value of an integer.
    Integer(i128),
    /// The value of a float.
    Float(f64),
    /// An option that holds none: nothing to constrain.
    Nothing,
}

/// A type that can be constrained.
pub trait Measured {
    /// What of it.
    fn measure(&self) -> Measure<'_>;
}

impl<T: Measured> Measured for Option<T> {
    fn measure(&self) -> Measure<'_> {
        self.as_ref().map_or(Measure::Nothing, T::measure)
    }
}

impl Measured for String {
    fn measure(&self) -> Measure<'_> {
        Measure::Text(self)
    }
}

impl Measured for Bytes {
    fn measure(&self) -> Measure<'_> {
        Measure::Count(self.len(), " bytes")
    }
}

impl<T> Measured for Vec<T> {
    fn measure(&self) -> Measure<'_> {
        Measure::Count(self.len(), " entries")
    }
}

impl<T> Measured for BTreeMap<String, T> {
    fn measure(&self) -> Measure<'_> {
        Measure::Count(self.len(), " entries")
    }
}

macro_rules! measured_numbers {
    ($($type:ident $measure:ident),*) => { $(
        impl Measured for $type {
            fn measure(&self) -> Measure<'_> {
                Measure::$measure((*self).into())
            }
        }
    )* };
}

measured_numbers! {
    i8 Integer, i16 Integer, i32 Integer, i64 Integer, u8 Integer, u16 Integer, u32 Integer, u64 Integer,
    f32 Float, f64 Float
}

/// A type that stands for constraints.
pub trait Rules {
    /// The constraints.
    fn limits() -> &'static Limits;
}

/// What `C` says, if it keeps to the constraints of `R`.
#[derive(Debug)]
pub struct Checked<R, C>(PhantomData<(R, C)>);

impl<R: Rules, C: Codec<T>, T: Measured> Codec<T> for Checked<R, C> {
    fn write<S: Serializer>(value: &T, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        if let Err(invalid) = R::limits().check(value) {
            return Err(trail.refuse_write(invalid.into_fault()));
        }
        C::write(value, output, trail)
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        let value = C::read(input, trail)?;
        match R::limits().check(&value) {
            Ok(()) => Ok(value),
            Err(invalid) => Err(trail.refuse_read(invalid.into_fault())),
        }
    }
}

/// Whether a value keeps to the constraints of `R`.
///
/// # Errors
/// Which one it breaks, the first of them.
pub fn check<R: Rules, T: Measured>(value: &T) -> Result<(), Invalid> {
    R::limits().check(value)
}
