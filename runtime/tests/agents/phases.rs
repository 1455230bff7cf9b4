//! Each phase of an agent's life × each way in which it fails: what is said and which code it is, which hooks run, how
//! long it takes, and that another agent of the run stops in order.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use microagent::__private as __rt;
use microagent::backend::memory::Memory;
use microagent::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, Settled, Settlement, Topology,
};
use microagent::message::{BoxFuture, Delivery, Outgoing, Tag, Wait};
use microagent::{Agent, Error, ErrorKind, Outcome};
use tokio::time::{Instant, sleep};

use self::Way::{Config, Fails, GoesOn, Hangs, Panics, Returns, Unavailable};
use crate::accounts::{Mail, queues};
use crate::mails::Log;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// How a phase fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Fails,
    /// With an error of the runtime's own, as a helper of the agent may pass on.
    Unavailable,
    Config,
    Panics,
    Hangs,
    /// It succeeds, where it should not come to its end.
    Returns,
    /// It asks for the end of the run and goes on.
    GoesOn,
}

impl Way {
    async fn go(self) -> Result<(), Cause> {
        match self {
            Fails => Err("as asked".into()),
            Unavailable => Err(Error::new(ErrorKind::Unavailable, "no database"))?,
            Config => Err(Error::new(ErrorKind::Config, "no key"))?,
            Panics => panic!("as asked"),
            Hangs | GoesOn => pending().await,
            Returns => Ok(()),
        }
    }

    async fn of_backend(self) -> Result<(), Error> {
        let failure = match self.go().await {
            Ok(()) => return Ok(()),
            Err(failure) => failure.to_string(),
        };
        Err(match self {
            Unavailable => Error::new(ErrorKind::Unavailable, failure),
            _ => Error::new(ErrorKind::Mismatch, failure),
        })
    }
}

/// What happens in which phase.
#[derive(Clone)]
struct Plan {
    log: Log,
    phase: &'static str,
    way: Way,
}

impl Plan {
    async fn at(&self, phase: &str) -> Outcome {
        self.log.add(phase);
        if self.phase == phase {
            self.way.go().await?;
        }
        Ok(())
    }

    async fn serve(&self, cx: __rt::Context) -> Outcome {
        self.log.add("serve");
        if self.phase == "serve" && self.way != GoesOn {
            return Ok(self.way.go().await?);
        }
        cx.stopping().await;
        if self.phase == "serve" {
            self.way.go().await?;
        }
        self.log.add("served");
        Ok(())
    }

    /// A mail that is still being handled when the run is told to stop.
    async fn mail(&self) -> Outcome {
        if self.phase == "drain" {
            self.log.add("mail");
            sleep(STOP + Duration::from_secs(5)).await;
            self.way.go().await?;
        }
        Ok(())
    }

    fn agent(self) -> Agent {
        const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "Agent", 0);
        // The one that fails has the queue for itself.
        let fails = self.phase != NONE;
        let lines = if fails { hooks_and_queue } else { hooks };
        let make = || async move {
            self.log.add("made");
            if self.phase == "made" {
                self.way.go().await?;
            }
            Ok::<_, Cause>(self)
        };
        Agent::with(META, make, lines)
    }
}

fn hooks(lines: &mut __rt::Lines<Plan>) {
    lines.pre_start(|plan, _| async move { plan.at("pre_start").await });
    lines.post_start(|plan, cx| async move {
        if plan.phase == "drain" {
            let (to, subject) = ("ada@example.org".into(), "x".into());
            __rt::send::<queues::Mailer>(&cx, Mail { to, subject }).await?;
        }
        plan.at("post_start").await
    });
    lines.pre_stop(|plan, _| async move { plan.at("pre_stop").await });
    lines.serve("serve_http", |plan, cx| async move { plan.serve(cx).await });
}

fn hooks_and_queue(lines: &mut __rt::Lines<Plan>) {
    hooks(lines);
    let line = __rt::ConsumeLine::new("consume_mailer").timeout(Duration::MAX);
    lines.consume::<queues::Mailer, _>(line, |plan, _, _| async move { plan.mail().await });
}

/// A broker that fails where the plan says.
#[derive(Debug)]
struct Faulty {
    memory: Memory,
    declares: Option<Way>,
    consumes: Option<Way>,
    /// Consumers end for good after a second.
    ends: bool,
}

impl BrokerBackend for Faulty {
    fn capabilities(&self) -> &Capabilities {
        BrokerBackend::capabilities(&self.memory)
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async {
            if let Some(way) = self.declares {
                way.of_backend().await?;
            }
            self.memory.declare(topology).await
        })
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        self.memory.send(batch)
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async {
            if let Some(way) = self.consumes {
                way.of_backend().await?;
            }
            let consumer = self.memory.consume(queue, options).await?;
            if !self.ends {
                return Ok(consumer);
            }
            let deleted = Instant::now() + Duration::from_secs(1);
            Ok(Box::new(Ending { consumer, deleted }) as Box<dyn Consumer>)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        BrokerBackend::close(&self.memory)
    }
}

/// A consumer whose queue is deleted after a second.
#[derive(Debug)]
struct Ending {
    consumer: Box<dyn Consumer>,
    deleted: Instant,
}

impl Consumer for Ending {
    fn next<'a>(&'a self, _: usize, _: &'a mut Vec<Delivery>) -> Wait<'a, Result<(), Error>> {
        Wait::later(async {
            tokio::time::sleep_until(self.deleted).await;
            Err(Error::new(ErrorKind::NotFound, "the queue was deleted"))
        })
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>> {
        self.consumer.settle(batch)
    }

    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        self.consumer.renew(held)
    }

    fn stop(&self) -> Wait<'_, Result<(), Error>> {
        self.consumer.stop()
    }

    fn is_attached(&self) -> bool {
        self.consumer.is_attached()
    }
}

/// The phase of an agent that does not fail.
const NONE: &str = "none";

/// When the run is told to end, where nothing ends it before.
const STOP: Duration = Duration::from_mins(1);

struct Case {
    phase: &'static str,
    way: Way,
    code: u8,
    said: &'static str,
    /// How long the run lasts.
    seconds: u64,
    /// What is run of the agent that fails, and of the other one.
    hooks: &'static str,
    other: &'static str,
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    case("made", Fails, (70, "could not be made", 0), "made", EARLY),
    case("made", Unavailable, (69, "could not be made", 0), "made", EARLY),
    case("made", Config, (78, "could not be made", 0), "made", EARLY),
    case("made", Panics, (70, "could not be made", 0), "made", EARLY),
    case("made", Hangs, (0, "", 60), "made", EARLY),
    case("pre_start", Fails, (70, "failed in `pre_start`", 0), "made pre_start", EARLY),
    case("pre_start", Unavailable, (69, "failed in `pre_start`", 0), "made pre_start", EARLY),
    case("pre_start", Panics, (70, "failed in `pre_start`", 0), "made pre_start", EARLY),
    case("pre_start", Hangs, (0, "", 60), "made pre_start", EARLY),
    case("bind", Fails, (78, "could not be bound", 0), EARLY, EARLY),
    case("bind", Unavailable, (69, "could not be bound", 0), EARLY, EARLY),
    case("bind", Hangs, (69, "could not be bound", 30), EARLY, EARLY),
    case("bind", GoesOn, (0, "", 10), EARLY, EARLY),
    case("bind", Panics, (70, "could not be bound", 0), EARLY, EARLY),
    case("attach", Fails, (78, "could not be bound", 0), EARLY, EARLY),
    case("attach", Panics, (70, "could not be bound", 0), EARLY, EARLY),
    case("post_start", Fails, (70, "failed in `post_start`", 0), UNSERVED, WHOLE),
    case("post_start", Panics, (70, "failed in `post_start`", 0), UNSERVED, WHOLE),
    case("post_start", Hangs, (0, "", 60), UNSERVED, WHOLE),
    case("serve", Fails, (70, "failed in `serve_http`", 0), UNENDED, WHOLE),
    case("serve", Unavailable, (69, "failed in `serve_http`", 0), UNENDED, WHOLE),
    case("serve", Panics, (70, "failed in `serve_http`", 0), UNENDED, WHOLE),
    case("serve", Returns, (70, "`serve_http` ended", 0), UNENDED, WHOLE),
    case("serve", Hangs, (0, "", 60), UNENDED, WHOLE),
    case("serve", GoesOn, (0, "", 85), UNENDED, WHOLE),
    case("consume", Fails, (69, "can't go on", 1), WHOLE, WHOLE),
    case("drain", Fails, (0, "", 65), MAILED, WHOLE),
    case("drain", Panics, (0, "", 65), MAILED, WHOLE),
    case("drain", Hangs, (0, "", 85), MAILED, WHOLE),
    case("pre_stop", Fails, (70, "failed in `pre_stop`", 60), WHOLE, WHOLE),
    case("pre_stop", Unavailable, (69, "failed in `pre_stop`", 60), WHOLE, WHOLE),
    case("pre_stop", Panics, (70, "failed in `pre_stop`", 60), WHOLE, WHOLE),
    case("pre_stop", Hangs, (70, "`pre_stop` did not end in time", 85), WHOLE, WHOLE),
];

const EARLY: &str = "made pre_start pre_stop";
const UNSERVED: &str = "made pre_start post_start pre_stop";
const UNENDED: &str = "made pre_start post_start serve pre_stop";
const MAILED: &str = "made pre_start post_start serve mail served pre_stop";
const WHOLE: &str = "made pre_start post_start serve served pre_stop";

const fn case(
    phase: &'static str,
    way: Way,
    (code, said, seconds): (u8, &'static str, u64),
    hooks: &'static str,
    other: &'static str,
) -> Case {
    Case {
        phase,
        way,
        code,
        said,
        seconds,
        hooks,
        other,
    }
}

#[tokio::test(start_paused = true)]
async fn each_phase_and_way_of_failing_has_one_outcome() {
    let mut wrong = Vec::new();
    for case in CASES {
        let Case { phase, way, .. } = *case;
        let (bad, good) = (Log::default(), Log::default());
        let plan = |phase, log: &Log| Plan {
            log: log.clone(),
            phase,
            way,
        };
        let memory = Memory::new();
        let broker = Faulty {
            memory: memory.clone(),
            declares: (phase == "bind").then_some(way),
            consumes: (phase == "attach").then_some(way),
            ends: phase == "consume",
        };
        let agents = [plan(phase, &bad).agent(), plan(NONE, &good).agent()];
        let begun = Instant::now();
        // Binding has a deadline of its own, before which it is stopped as well.
        let early = phase == "bind" && way == GoesOn;
        let stop = if early { Duration::from_secs(10) } else { STOP };
        let app = microagent::app(agents).shutdown(sleep(stop));
        let app = app.bus_backend(Arc::new(memory));
        let ended = app.broker_backend(Arc::new(broker)).run().await;

        let name = format!("{phase} {way:?}");
        let took = begun.elapsed().as_secs();
        let code = ended.as_ref().err().map_or(0, Error::exit_code);
        let said = ended.err().map_or(String::new(), |it| it.to_string());
        let (hooks, other) = (bad.take().join(" "), good.take().join(" "));
        let wanted = (case.code, case.seconds, case.hooks, case.other);
        if (code, took, &*hooks, &*other) != wanted || !said.contains(case.said) {
            wrong.push(format!(
                "{name}: {code} after {took} s, {said}\n  {hooks}\n  {other}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
