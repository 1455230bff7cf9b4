//! Where the server is, as a DSN says it: the servers to ask, how to talk to them, and as whom. The grammar is documented
//! with the backend; nothing is connected here, and no password is shown.

use std::fmt;
use std::time::Duration;

use ::redis::RedisConnectionInfo;

use crate::connect::socket::{Endpoint, Security};
use crate::dsn::{Dsn, Host};
use crate::error::{Error, ErrorKind};

/// The usual port of a server.
const PORT: u16 = 6379;
/// The usual port of a sentinel.
const SENTINEL_PORT: u16 = 26379;
/// How long the server may take to be there when a backend connects for the first time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// Options that are about connections, but for those of TLS.
const OPTIONS: [&str; 8] = [
    "lease",
    "prefix",
    "channels",
    "connect_timeout",
    "reconnect_timeout",
    "wait",
    "sentinel_user",
    "sentinel_password",
];

/// Where the server is.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) servers: Servers,
    pub(super) security: Security,
    /// As whom, and in which database.
    pub(super) settings: RedisConnectionInfo,
    /// How long the first connection may take to come about.
    pub(super) connect_timeout: Duration,
    /// How long an outage may last; none where as long as it takes.
    pub(super) reconnect_timeout: Option<Duration>,
    /// How many replicas must have what is sent before it counts as sent.
    pub(super) replicas: u16,
    shown: Box<str>,
}

/// Which servers there are.
#[derive(Clone)]
pub(super) enum Servers {
    One(Endpoint),
    /// Some of a cluster, who know all others.
    Cluster(Vec<Endpoint>),
    /// Sentinels know which server leads at the moment.
    Sentinels {
        sentinels: Vec<Endpoint>,
        /// As whom to ask them.
        settings: RedisConnectionInfo,
        master: Box<str>,
    },
}

/// Whether a broker's queues are lists.
pub(super) fn is_on_lists(dsn: &Dsn) -> bool {
    flavours(dsn).any(|it| it == "list")
}

/// The words behind the first one of a scheme, such as `sentinel` of `redis+sentinel`.
fn flavours(dsn: &Dsn) -> impl Iterator<Item = &str> {
    dsn.scheme().split('+').skip(1)
}

/// Refuses options that a Redis backend does not have.
pub(super) fn check_options(dsn: &Dsn) -> Result<(), Error> {
    let tls: &[&str] = &["ca", "cert", "key", "insecure"];
    let tls = if is_secure(dsn) { tls } else { &[] };
    dsn.check_options(&[&OPTIONS, tls].concat())
}

fn is_secure(dsn: &Dsn) -> bool {
    dsn.scheme().split('+').next() == Some("rediss")
}

impl Place {
    /// Reads where the server is.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with what is wrong and how to write it.
    pub(super) fn from_dsn(dsn: &Dsn) -> Result<Self, Error> {
        check_options(dsn)?;
        if dsn.user().is_some() && dsn.password().is_none() {
            return Err(refused(
                "a user without a password: write `user:password@`, or `:password@` for the default user",
            ));
        }
        let settings = settings(dsn.user(), dsn.password());
        let flavour = flavours(dsn).find(|it| *it != "list");
        let (servers, database) = match flavour {
            None => (Servers::One(one(dsn)?), dsn.path().first()),
            Some("unix") => (Servers::One(socket(dsn)?), None),
            Some("sentinel") => (sentinels(dsn)?, dsn.path().get(1)),
            Some("cluster") => (cluster(dsn)?, None),
            Some(_) => {
                return Err(refused(
                    "the scheme of a redis server is `redis` or `rediss`, perhaps with `+sentinel`, `+cluster` or `+unix`",
                ));
            }
        };
        let database = match database {
            None => 0,
            Some(text) => text.parse::<u32>().map_err(|_| {
                refused("the database in the DSN of a redis server is a number, such as `/7`")
            })?,
        };
        Ok(Self {
            servers,
            security: security(dsn)?,
            settings: settings.set_db(database.into()),
            connect_timeout: dsn.seconds("connect_timeout")?.unwrap_or(CONNECT_TIMEOUT),
            reconnect_timeout: dsn.seconds("reconnect_timeout")?,
            replicas: dsn
                .read_option("wait", "a number of replicas")?
                .unwrap_or(0),
            shown: dsn.to_string().into(),
        })
    }
}

impl Place {
    /// One server of it.
    pub(super) fn at(&self, endpoint: Endpoint) -> Self {
        Self {
            servers: Servers::One(endpoint),
            ..self.clone()
        }
    }

    /// The servers of a cluster that are asked first.
    pub(super) fn seeds(&self) -> &[Endpoint] {
        match &self.servers {
            Servers::Cluster(seeds) => seeds,
            Servers::One(_) | Servers::Sentinels { .. } => &[],
        }
    }
}

fn cluster(dsn: &Dsn) -> Result<Servers, Error> {
    if dsn.hosts().is_empty() || !dsn.path().is_empty() {
        return Err(refused(
            "a cluster is named by some of its servers, and has one database: `redis+cluster://host:6379,host:6379`",
        ));
    }
    let seeds = dsn.hosts().iter().map(|it| endpoint(it, PORT));
    Ok(Servers::Cluster(seeds.collect()))
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Config, message)
}

fn settings(user: Option<&str>, password: Option<&str>) -> RedisConnectionInfo {
    let mut settings =
        RedisConnectionInfo::default().set_lib_name("microagent", env!("CARGO_PKG_VERSION"));
    if let Some(user) = user {
        settings = settings.set_username(user);
    }
    if let Some(password) = password {
        settings = settings.set_password(password);
    }
    settings
}

fn endpoint(host: &Host, port: u16) -> Endpoint {
    Endpoint::Tcp {
        name: host.name.clone(),
        port: host.port.unwrap_or(port),
    }
}

fn one(dsn: &Dsn) -> Result<Endpoint, Error> {
    if dsn.path().len() > 1 {
        return Err(refused(
            "behind the server of a redis DSN stands one number, its database, such as `/7`",
        ));
    }
    match dsn.hosts() {
        [host] => Ok(endpoint(host, PORT)),
        [] => Err(refused(
            "a redis DSN names its server: `redis://localhost`, `redis://user:password@host:6379/0`",
        )),
        _ => Err(refused(
            "a redis DSN names one server; for several there is `redis+sentinel://host,host/master`",
        )),
    }
}

fn socket(dsn: &Dsn) -> Result<Endpoint, Error> {
    if !dsn.hosts().is_empty() || dsn.path().is_empty() || is_secure(dsn) {
        return Err(refused(
            "a socket in the file system is named by its path, and needs no TLS: `redis+unix:///run/redis.sock`",
        ));
    }
    Ok(Endpoint::Path(format!("/{}", dsn.path().join("/")).into()))
}

fn sentinels(dsn: &Dsn) -> Result<Servers, Error> {
    let (hosts, path) = (dsn.hosts(), dsn.path());
    let (false, [master] | [master, _]) = (hosts.is_empty(), path) else {
        return Err(refused(
            "sentinels are named with the master that they watch, and perhaps a database: \
             `redis+sentinel://host:26379,host:26379/mymaster/0`",
        ));
    };
    Ok(Servers::Sentinels {
        sentinels: hosts.iter().map(|it| endpoint(it, SENTINEL_PORT)).collect(),
        settings: settings(dsn.option("sentinel_user"), dsn.option("sentinel_password")),
        master: master.clone(),
    })
}

#[cfg(feature = "tls")]
fn security(dsn: &Dsn) -> Result<Security, Error> {
    use crate::connect::tls::Tls;
    if is_secure(dsn) {
        return Tls::from_dsn(dsn).map(Security::Tls);
    }
    Ok(Security::Plain)
}

#[cfg(not(feature = "tls"))]
fn security(dsn: &Dsn) -> Result<Security, Error> {
    if is_secure(dsn) {
        return Err(refused(
            "`rediss://` needs feature `tls` of crate `microagent`",
        ));
    }
    Ok(Security::Plain)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}
