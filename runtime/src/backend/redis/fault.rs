//! Errors of the server, the client and the socket as errors of the runtime: what is known to have happened, and how to mend
//! it. No address and no password is in what the client says; what the server says of a wrong password is not repeated.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use ::redis::{
    ErrorKind as ClientErrorKind, RedisConnectionInfo, RedisError, ServerError, ServerErrorKind,
    Value,
};

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
        "OOM" | "LOADING" | "READONLY" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" | "BUSY"
        | "NOSCRIPT" | "MISCONF" | "NOREPLICAS" => ErrorKind::Unavailable,
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
    let Some(socket) = socket_error(error) else {
        let code = match error.kind() {
            ClientErrorKind::AuthenticationFailed => Some("WRONGPASS"),
            ClientErrorKind::Server(ServerErrorKind::ResponseError) => Some("ERR"),
            _ => error.code(),
        };
        return of_greeting(place, settings, (code, &told(error)));
    };
    let error = of_socket(place, socket);
    if error.kind() == ErrorKind::Config || !matches!(place.security, Security::Plain) {
        return error;
    }
    // So does a port for TLS that hears something else.
    let message = format!("{}; if it wants TLS, write `rediss`", error.message());
    Error::new(ErrorKind::Unavailable, message)
}

/// The error of the socket beneath, if there is one.
fn socket_error(error: &RedisError) -> Option<&io::Error> {
    let shared = error
        .source()?
        .downcast_ref::<Arc<dyn StdError + Send + Sync>>()?;
    shared.downcast_ref()
}

/// Why there is no socket.
pub(super) fn of_socket(place: &Place, error: &io::Error) -> Error {
    #[cfg(feature = "tls")]
    if let Some(why) = crate::connect::tls::explain(error) {
        return Error::new(ErrorKind::Config, format!("no TLS with `{place}`: {why}"));
    }
    Error::new(ErrorKind::Unavailable, format!("`{place}`: {error}"))
}

/// Why the server did not let the client in, by the code of its answer.
pub(super) fn of_greeting(
    place: &Place,
    settings: &RedisConnectionInfo,
    (code, said): (Option<&str>, &str),
) -> Error {
    let user = settings.username().unwrap_or("default");
    let why = match code {
        Some("WRONGPASS") => format!(
            "`{place}` does not let user `{user}` in: the password is wrong, or there is no such user"
        ),
        Some("NOAUTH") => format!(
            "`{place}` wants a password: write `user:password@` before the server, or `:password@` for the default user"
        ),
        Some("NOPERM") => format!(
            "`{place}` does not allow user `{user}` all that is needed: {said}; `ACL SETUSER {user} +@all -@admin -@dangerous \
             ~* &*` does, and the documentation of `backend::redis` lists what is the least"
        ),
        Some("ERR") => format!("`{place}` does not take what the DSN says: {said}"),
        _ => {
            let message = format!("`{place}` does not answer as a redis server does: {said}");
            return Error::new(ErrorKind::Unavailable, message);
        }
    };
    Error::new(ErrorKind::Config, why)
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
