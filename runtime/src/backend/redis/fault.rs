//! Errors of the server, the client and the socket as errors of the runtime: what is known to have happened, and how to mend
//! it. No address and no password is in what the client says; what the server says of a wrong password is not repeated.

use std::error::Error as _;
use std::io;

use ::redis::{ErrorKind as ClientErrorKind, RedisConnectionInfo, RedisError, ServerError, Value};

use super::place::Place;
use crate::connect::socket::Security;
use crate::error::{Error, ErrorKind};

/// What the server answered, or its error.
pub(super) fn checked(answer: Value) -> Result<Value, Error> {
    match answer {
        Value::ServerError(error) => Err(of_server(&error)),
        answer => Ok(answer),
    }
}

/// The answer to a single command.
pub(super) fn first(answers: Vec<Value>) -> Result<Value, Error> {
    answers
        .into_iter()
        .next()
        .ok_or_else(|| Error::new(ErrorKind::Backend, "redis gave no answer"))
        .and_then(checked)
}

/// An error of the server, by what is known to have happened.
fn of_server(error: &ServerError) -> Error {
    let kind = match error.code() {
        // Refused before anything was done.
        "OOM" | "LOADING" | "READONLY" | "MASTERDOWN" | "CLUSTERDOWN" | "BUSY" | "NOSCRIPT"
        | "MISCONF" | "NOREPLICAS" => ErrorKind::Unavailable,
        "NOPERM" | "NOAUTH" => ErrorKind::Config,
        "NOGROUP" => ErrorKind::NotFound,
        "WRONGTYPE" => ErrorKind::Mismatch,
        _ => ErrorKind::Backend,
    };
    let details = error.details().unwrap_or("");
    let hint = match error.code() {
        "NOPERM" => {
            "; the user needs `ACL SETUSER user ~* &* +@all -@admin -@dangerous`, or what the documentation of \
             `backend::redis` lists"
        }
        _ => "",
    };
    Error::new(kind, format!("redis says {} {details}{hint}", error.code()))
}

/// What a new connection, perhaps to another server, may cure.
pub(super) fn is_unusable(answer: &Value) -> bool {
    let Value::ServerError(error) = answer else {
        return false;
    };
    matches!(error.code(), "NOSCRIPT" | "READONLY" | "MASTERDOWN")
}

/// Why no connection came about: [`ErrorKind::Config`] where trying again won't help before somebody changes something.
pub(super) fn of_connecting(
    place: &Place,
    settings: &RedisConnectionInfo,
    error: &RedisError,
) -> Error {
    let Some(socket) = error.source().and_then(|it| it.downcast_ref::<io::Error>()) else {
        return of_greeting(place, settings.username().unwrap_or("default"), error);
    };
    let error = of_socket(place, socket);
    if error.kind() == ErrorKind::Config || !matches!(place.security, Security::Plain) {
        return error;
    }
    // So does a port for TLS that hears something else.
    let message = format!("{}; if it wants TLS, write `rediss`", error.message());
    Error::new(ErrorKind::Unavailable, message)
}

/// Why there is no socket.
pub(super) fn of_socket(place: &Place, error: &io::Error) -> Error {
    #[cfg(feature = "tls")]
    if let Some(why) = crate::connect::tls::explain(error) {
        return Error::new(ErrorKind::Config, format!("no TLS with `{place}`: {why}"));
    }
    Error::new(ErrorKind::Unavailable, format!("`{place}`: {error}"))
}

/// Why the server did not let the client in.
fn of_greeting(place: &Place, user: &str, error: &RedisError) -> Error {
    match (error.kind(), error.code()) {
        (ClientErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => {
            let message = format!(
                "`{place}` does not let user `{user}` in: the password is wrong, or there is no such user"
            );
            Error::new(ErrorKind::Config, message)
        }
        (_, Some("NOAUTH")) => {
            let message = format!(
                "`{place}` wants a password: write `user:password@`, or `:password@` for the default user, before the server"
            );
            Error::new(ErrorKind::Config, message)
        }
        (_, Some("NOPERM")) => {
            let message = format!(
                "`{place}` does not allow user `{user}` all that is needed: {}; `ACL SETUSER {user} +@all -@admin -@dangerous ~* &*` \
                 does, and the documentation of `backend::redis` lists what is the least",
                error.detail().unwrap_or("redis says NOPERM")
            );
            Error::new(ErrorKind::Config, message)
        }
        (ClientErrorKind::InvalidClientConfig, _) => {
            Error::new(ErrorKind::Config, format!("`{place}`: {}", told(error)))
        }
        _ => {
            let message = format!(
                "`{place}` did not answer as a redis server does: {}",
                told(error)
            );
            Error::new(ErrorKind::Unavailable, message)
        }
    }
}

/// Why a command on a connection of its own failed.
pub(super) fn lost(error: &RedisError) -> Error {
    let server = error
        .source()
        .and_then(|it| it.downcast_ref::<ServerError>());
    match server {
        Some(server) => of_server(server),
        None => Error::new(
            ErrorKind::Unavailable,
            format!("the connection is lost: {}", told(error)),
        ),
    }
}

/// An error of the client in a few words; it holds no address and no password.
pub(super) fn told(error: &RedisError) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.category()),
        None => error.category().to_owned(),
    }
}
