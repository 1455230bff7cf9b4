//! Sockets to servers, for every backend whose client takes one: TCP, TCP under TLS, or a socket in the file system. Knows no
//! protocol above.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

#[cfg(feature = "tls")]
use super::tls::Tls;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Endpoint {
    Tcp {
        name: Box<str>,
        port: u16,
    },
    /// A socket in the file system, where the system has such.
    Path(PathBuf),
}

/// A connected socket.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Whether the bytes are encrypted, and whom they are for.
#[derive(Debug, Clone)]
pub(crate) enum Security {
    Plain,
    #[cfg(feature = "tls")]
    Tls(Tls),
}

/// Connects. There is no deadline: the caller has one for all that belongs to connecting. Cancel safe.
pub(crate) async fn connect(
    endpoint: &Endpoint,
    security: &Security,
) -> io::Result<Box<dyn Stream>> {
    let (name, port) = match endpoint {
        Endpoint::Tcp { name, port } => (&**name, *port),
        #[cfg(unix)]
        Endpoint::Path(path) => {
            let stream = tokio::net::UnixStream::connect(path).await?;
            return Ok(Box::new(stream));
        }
        #[cfg(not(unix))]
        Endpoint::Path(_) => return Err(io::ErrorKind::Unsupported.into()),
    };
    let stream = TcpStream::connect((name, port)).await?;
    // Requests are small, and each waits for its answer.
    stream.set_nodelay(true)?;
    match security {
        Security::Plain => Ok(Box::new(stream)),
        #[cfg(feature = "tls")]
        Security::Tls(tls) => Ok(Box::new(tls.over(name, stream).await?)),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { name, port } if name.contains(':') => write!(f, "[{name}]:{port}"),
            Self::Tcp { name, port } => write!(f, "{name}:{port}"),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}
