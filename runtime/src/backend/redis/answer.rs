//! Answers of the server as what they have to be. Knows no commands.

use ::redis::{Value, from_redis_value};

use crate::error::{Error, ErrorKind};

/// An answer as what it has to be.
pub(super) fn read<T: ::redis::FromRedisValue>(answer: Value) -> Result<T, Error> {
    from_redis_value(answer).map_err(|error| {
        Error::new(
            ErrorKind::Backend,
            format!("redis answered strangely: {error}"),
        )
    })
}
