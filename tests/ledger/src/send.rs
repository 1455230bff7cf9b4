//! The process that sends: each message is written down before it goes, and again once it is confirmed or refused.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use microagent::{Broker, Bus, Options};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::arguments::Arguments;
use crate::book::{Book, Deed as Done};
use crate::{Beat, Deed, Jobs, LedgerSenders, Result};

pub(crate) const ARGUMENTS: &[&str] = &[
    "beats", "count", "deed", "dsn", "first", "hold", "insist", "ledger", "rate", "within",
];

/// Sends that wait for their confirmation at once, where no rate is said.
const WINDOW: usize = 64;
/// How long who insists waits before it sends again.
const AGAIN: Duration = Duration::from_millis(50);

/// What to send, and how.
struct Order {
    first: u64,
    count: u64,
    /// A second; 0 for as many as there is room for.
    rate: f64,
    /// Sends until it is confirmed.
    insists: bool,
    /// How long a send may take.
    within: Duration,
    job: Jobs,
}

/// Sends what it is told to, and ends.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let order = Order {
        first: arguments.number("first", 0)?,
        count: arguments.number("count", 1)?,
        rate: arguments.number("rate", 0.0)?,
        insists: arguments.has("insist"),
        within: Duration::from_secs(arguments.number("within", 30)?),
        job: Jobs {
            id: 0,
            deed: match arguments.text("deed") {
                Some("fail") => Deed::Fail,
                Some("abort") => Deed::Abort,
                _ => Deed::Work,
            },
            hold: arguments.number("hold", 0)?,
        },
    };
    let dsn = arguments.needed("dsn")?;
    let book = Arc::new(Book::open(arguments.needed("ledger")?.as_ref())?);
    let reactor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    reactor.block_on(async {
        if arguments.has("beats") {
            return beat(&microagent::connect_bus(dsn).await?, &book, &order).await;
        }
        let broker = microagent::connect_broker(dsn).await?;
        send(&broker, &book, order).await?;
        broker.close().await?;
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn send(broker: &Broker, book: &Arc<Book>, order: Order) -> Result<()> {
    let mut sending = JoinSet::new();
    let every = |rate: f64| interval(Duration::from_secs_f64(1.0 / rate));
    let mut ticks = (order.rate > 0.0).then(|| every(order.rate));
    let order = Arc::new(order);
    for id in order.first..order.first + order.count {
        match &mut ticks {
            Some(ticks) => {
                ticks.tick().await;
            }
            None if sending.len() >= WINDOW => {
                sending.join_next().await.transpose()?.transpose()?;
            }
            None => {}
        }
        let (broker, book, order) = (broker.clone(), Arc::clone(book), Arc::clone(&order));
        sending.spawn(async move { send_one(&broker, &book, id, &order).await });
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    Ok(())
}

async fn send_one(broker: &Broker, book: &Book, id: u64, order: &Order) -> Result<()> {
    loop {
        book.write(Done::Sent, id)?;
        let options = Options::new().deadline(order.within);
        let job = Jobs {
            id,
            ..order.job.clone()
        };
        let sent = broker.with(options).send_jobs(job).await;
        let deed = if sent.is_ok() {
            Done::Confirmed
        } else {
            Done::Refused
        };
        book.write(deed, id)?;
        if sent.is_ok() || !order.insists {
            return Ok(());
        }
        sleep(AGAIN).await;
    }
}

/// Signals of which nobody promises anything.
async fn beat(bus: &Bus, book: &Book, order: &Order) -> Result<()> {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / order.rate.max(1.0)));
    for id in order.first..order.first + order.count {
        ticks.tick().await;
        if bus.emit_beat(Beat { id }).await.is_ok() {
            book.write(Done::Emitted, id)?;
        }
    }
    Ok(())
}
