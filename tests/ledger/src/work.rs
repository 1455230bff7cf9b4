//! The process that consumes: generated agents that write down what they did.

use std::process::ExitCode;
use std::time::Duration;

use microagent::{Agent, Outcome};
use tokio::time::sleep;

use crate::arguments::Arguments;
use crate::book::{Book, Deed as Done};
use crate::{Beat, Careful, Crowd, Deed, Jobs, Result, careful, crowd};

pub(crate) const ARGUMENTS: &[&str] = &["agent", "deadline", "dsn", "ledger"];

/// How often the agent looks at itself.
const LOOK: Duration = Duration::from_millis(50);

/// Consumes until a signal ends it.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let dsn = arguments.needed("dsn")?;
    let deeds = Deeds(Book::open(arguments.needed("ledger")?.as_ref())?);
    let deadline: f64 = arguments.number("deadline", 25.0)?;
    let agent: Agent = match arguments.text("agent") {
        Some("careful") => Careful::agent(deeds),
        _ => Crowd::agent(deeds),
    };
    let app = microagent::app([agent]).bus(dsn).broker(dsn);
    Ok(app.deadline(Duration::from_secs_f64(deadline)).main())
}

/// What an agent does, whichever it is.
struct Deeds(Book);

impl Deeds {
    async fn handle(&self, job: Jobs) -> Outcome {
        self.0.write(Done::Began, job.id)?;
        sleep(Duration::from_millis(job.hold)).await;
        match job.deed {
            Deed::Work => self.0.write(Done::Processed, job.id)?,
            Deed::Fail => return Err("it was told to fail".into()),
            Deed::Abort => std::process::abort(),
        }
        Ok(())
    }

    fn hear(&self, beat: &Beat) -> Outcome {
        self.0.write(Done::Heard, beat.id)?;
        Ok(())
    }

    /// Writes down when the agent becomes ready or no longer is, and each acknowledgement that was refused.
    async fn watch(&self, cx: &microagent::Context) -> Outcome {
        let (mut was_ready, mut late) = (false, 0);
        loop {
            if cx.is_ready() != was_ready {
                was_ready = !was_ready;
                let deed = if was_ready {
                    Done::Ready
                } else {
                    Done::Unready
                };
                self.0.write(deed, 0)?;
            }
            let now_late = cx.info()["agents"][0]["lines"][0]["counts"]["late"].as_u64();
            while now_late.is_some_and(|it| it > late) {
                late += 1;
                self.0.write(Done::Late, late)?;
            }
            sleep(LOOK).await;
        }
    }

    fn stop(&self) -> Outcome {
        self.0.write(Done::Stopping, 0)?;
        Ok(())
    }
}

impl Crowd for Deeds {
    async fn consume_jobs(&self, _cx: &crowd::Context, job: Jobs) -> Outcome {
        self.handle(job).await
    }

    async fn on_beat(&self, _cx: &crowd::Context, beat: Beat) -> Outcome {
        self.hear(&beat)
    }

    async fn serve_watch(&self, cx: &crowd::Context) -> Outcome {
        self.watch(cx).await
    }

    async fn pre_stop(&self, _cx: &crowd::Context) -> Outcome {
        self.stop()
    }
}

impl Careful for Deeds {
    async fn consume_jobs(&self, _cx: &careful::Context, job: Jobs) -> Outcome {
        self.handle(job).await
    }

    async fn on_beat(&self, _cx: &careful::Context, beat: Beat) -> Outcome {
        self.hear(&beat)
    }

    async fn serve_watch(&self, cx: &careful::Context) -> Outcome {
        self.watch(cx).await
    }

    async fn pre_stop(&self, _cx: &careful::Context) -> Outcome {
        self.stop()
    }
}
