//! Asks sentinels which server leads: one after the other until one knows, and anew for each connection, so that whoever
//! reconnects follows a failover. Knows nothing of what is said to the server that leads.

use std::time::Duration;

use ::redis::{AsyncConnectionConfig, RedisConnectionInfo, Value, cmd};
use tokio::time::timeout;

use super::answer::read;
use super::fault;
use super::open::{Opened, to};
use super::place::Place;
use crate::connect::socket::Endpoint;
use crate::error::{Error, ErrorKind};

/// How long one sentinel may take to answer, so that one that is gone leaves time for the others.
const ANSWER: Duration = Duration::from_secs(1);

/// The server that leads, as the first sentinel says that knows.
pub(super) async fn leader(
    place: &Place,
    sentinels: &[Endpoint],
    (settings, master): (&RedisConnectionInfo, &str),
) -> Result<Endpoint, Error> {
    let mut last = None;
    for sentinel in sentinels {
        let asked = timeout(ANSWER, ask(place, sentinel, settings, master)).await;
        match asked {
            Ok(Ok(leader)) => return Ok(leader),
            Ok(Err(error)) => {
                tracing::debug!(%sentinel, %error, "a sentinel does not know who leads");
                last = Some(error);
            }
            Err(_) => {
                tracing::debug!(%sentinel, "a sentinel does not answer");
                let message =
                    format!("sentinel {sentinel} of `{place}` did not answer within {ANSWER:?}");
                last = last.or(Some(Error::new(ErrorKind::Unavailable, message)));
            }
        }
    }
    Err(last.expect("a place with sentinels has at least one"))
}

async fn ask(
    place: &Place,
    sentinel: &Endpoint,
    settings: &RedisConnectionInfo,
    master: &str,
) -> Result<Endpoint, Error> {
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(ANSWER));
    let mut opened = to(place, sentinel, settings, config).await?;
    let mut question = cmd("SENTINEL");
    question.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
    let answer = opened.send_packed_command(&question).await;
    let answer = fault::checked(answer.map_err(|it| fault::of_connecting(place, settings, &it))?)?;
    let leader: Option<(String, u16)> = read(answer)?;
    let leader = leader.map(|(name, port)| Endpoint::Tcp {
        name: name.into(),
        port,
    });
    leader.ok_or_else(|| {
        let message = format!("sentinel {sentinel} of `{place}` watches no master of that name");
        Error::new(ErrorKind::Unavailable, message)
    })
}

/// Refuses a server that no longer leads: its sentinels may say so later than itself.
pub(super) async fn check_leads(opened: &mut Opened, leader: &Endpoint) -> Result<(), Error> {
    let answer = opened.send_packed_command(&cmd("ROLE")).await;
    let answer = fault::checked(answer.map_err(|it| fault::lost(&it))?)?;
    let role: Vec<Value> = read(answer)?;
    if let Some(Value::BulkString(role)) = role.first()
        && role == b"master"
    {
        return Ok(());
    }
    let message = format!("{leader} does not lead, although a sentinel says so");
    Err(Error::new(ErrorKind::Unavailable, message))
}
