//! The lines of an agent: what each handler takes and returns, and what the runtime is told of it.

use std::time::Duration;

use microagent_schema::cron;
use microagent_schema::model::{
    Answered, Batch, Handler, HandlerKind, Missed, Overlap, Received, TypeRef,
};

use super::channels::{self, Named, duration};
use super::scope::Scope;
use super::types;
use crate::docs;
use crate::ident::{ident, screaming};
use crate::literal;

/// Defaults that the runtime has as well: what equals them is not said again.
const TIMEOUT: Duration = Duration::new(60, 0);
const RETRIES: u32 = 3;
const BACKOFF: (Duration, Duration) = (Duration::new(1, 0), Duration::new(60, 0));

const OUTCOME: &str = "__rt::Outcome";

/// What a handler gets beside the context.
pub(crate) fn parameter(scope: &Scope<'_>, handler: &Handler, module: &str) -> Option<String> {
    let message =
        |payload: Option<&TypeRef>| Some(format!("message: {}", types::rust_type(scope, payload?)));
    match &handler.kind {
        HandlerKind::Every { .. } | HandlerKind::Cron { .. } => Some("tick: __rt::Tick".to_owned()),
        HandlerKind::Receive {
            union: Some(union), ..
        } => Some(format!("message: {module}::{}", ident(union))),
        HandlerKind::Receive { signals, .. } => {
            message(scope.model[signals.first()?.signal].payload.as_ref())
        }
        HandlerKind::Answer {
            to: Answered::Signal(id),
            ..
        } => message(scope.model[*id].payload.as_ref()),
        HandlerKind::Answer {
            to: Answered::Call(id),
            ..
        } => message(scope.model[*id].payload.as_ref()),
        HandlerKind::Consume {
            queue, batch: None, ..
        } => message(Some(&scope.model[*queue].payload)),
        HandlerKind::Consume {
            queue,
            batch: Some(_),
            ..
        } => {
            let payload = types::rust_type(scope, &scope.model[*queue].payload);
            Some(format!(
                "messages: ::std::vec::Vec<__rt::Delivery<{payload}>>"
            ))
        }
        HandlerKind::Serve => None,
    }
}

/// What a handler's future comes to.
pub(crate) fn outcome(scope: &Scope<'_>, handler: &Handler) -> String {
    match &handler.kind {
        HandlerKind::Answer {
            to: Answered::Signal(id),
            ..
        } => {
            let reply = scope.model[*id]
                .reply
                .as_ref()
                .map_or_else(|| "()".to_owned(), |it| types::rust_type(scope, it));
            format!("{OUTCOME}<{reply}>")
        }
        HandlerKind::Answer {
            to: Answered::Call(id),
            ..
        } => {
            format!(
                "{OUTCOME}<{}>",
                channels::reply_type(scope, &scope.model[*id])
            )
        }
        HandlerKind::Consume { batch: Some(_), .. } => format!("::std::vec::Vec<{OUTCOME}>"),
        _ => OUTCOME.to_owned(),
    }
}

/// The docs of a handler that the schema does not document: its line.
pub(crate) fn describe(scope: &Scope<'_>, handler: &Handler) -> String {
    match &handler.kind {
        HandlerKind::Every { period, .. } => format!("Runs every {period:?}."),
        HandlerKind::Cron {
            expression,
            timezone,
            ..
        } => {
            format!(
                "Runs at {} in {}.",
                docs::code(expression),
                docs::code(timezone)
            )
        }
        HandlerKind::Receive { signals, .. } => {
            let names: Vec<String> = signals
                .iter()
                .map(|it| format!("`{}`", received(scope, it)))
                .collect();
            format!("Receives {}.", names.join(", "))
        }
        HandlerKind::Answer { to, .. } => {
            format!("Answers `{}`.", answered(scope, *to).full(scope.model))
        }
        HandlerKind::Consume { queue, .. } => {
            format!(
                "Consumes `{}`.",
                Named::from(&scope.model[*queue]).full(scope.model)
            )
        }
        HandlerKind::Serve => "Serves until the agent stops.".to_owned(),
    }
}

fn answered<'a>(scope: &Scope<'a>, to: Answered) -> Named<'a> {
    match to {
        Answered::Signal(id) => (&scope.model[id]).into(),
        Answered::Call(id) => (&scope.model[id]).into(),
    }
}

fn received(scope: &Scope<'_>, received: &Received) -> String {
    Named::from(&scope.model[received.signal]).full(scope.model)
}

/// The rows of a handler: one, or one per signal that it receives.
pub(crate) fn lower(scope: &Scope<'_>, handler: &Handler) -> Vec<String> {
    let method = ident(&handler.method);
    let name = literal::string(&handler.method);
    match &handler.kind {
        HandlerKind::Every { .. } => vec![format!(
            "every({}) => |tick| {method}(tick);",
            every(handler)
        )],
        HandlerKind::Cron { .. } => {
            vec![format!("cron({}) => |tick| {method}(tick);", cron(handler))]
        }
        HandlerKind::Receive { signals, union, .. } => {
            let line = format!(
                "__rt::ReceiveLine::new({name}){}",
                receive_options(&handler.kind)
            );
            signals
                .iter()
                .map(|it| receive(scope, it, (union.as_deref(), &method, &line)))
                .collect()
        }
        HandlerKind::Answer { .. } => vec![answer(scope, handler)],
        HandlerKind::Consume { .. } => vec![consume(scope, handler)],
        HandlerKind::Serve => vec![format!("serve({name}) => {method}();")],
    }
}

fn option<T>(name: &str, value: &T, default: &T, text: impl Fn(&T) -> String) -> String
where
    T: PartialEq,
{
    if value == default {
        String::new()
    } else {
        format!(".{name}({})", text(value))
    }
}

fn timeout(value: Duration) -> String {
    option("timeout", &value, &TIMEOUT, |it| duration(*it))
}

fn concurrency(value: Option<u32>) -> String {
    value.map_or_else(String::new, |it| {
        format!(".concurrency({})", literal::integer(it.into()))
    })
}

fn overlap(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Skip => "",
        Overlap::Queue => ".overlap(__rt::Overlap::Queue)",
        Overlap::Parallel => ".overlap(__rt::Overlap::Parallel)",
    }
}

fn every(handler: &Handler) -> String {
    let HandlerKind::Every {
        period,
        start_after,
        jitter,
        timeout: limit,
        overlap: what,
    } = &handler.kind
    else {
        return String::new();
    };
    let id = screaming(&handler.method);
    let start_after = option("start_after", start_after, &Duration::ZERO, |it| {
        duration(*it)
    });
    let jitter = option("jitter", jitter, &Duration::ZERO, |it| duration(*it));
    let line = format!("__rt::EveryLine::new({id}, {})", duration(*period));
    format!(
        "{line}{start_after}{jitter}{}{}",
        timeout(*limit),
        overlap(*what)
    )
}

fn cron(handler: &Handler) -> String {
    let HandlerKind::Cron {
        expression,
        timezone,
        timeout: limit,
        overlap: what,
        missed,
        once_per_fleet,
    } = &handler.kind
    else {
        return String::new();
    };
    let arguments = [
        screaming(&handler.method),
        literal::string(expression),
        cron_fields(expression),
        literal::string(timezone),
    ];
    let missed = if *missed == Missed::Once {
        ".missed(__rt::Missed::Once)"
    } else {
        ""
    };
    let fleet = if *once_per_fleet {
        ".once_per_fleet()"
    } else {
        ""
    };
    let line = format!("__rt::CronLine::new({})", arguments.join(", "));
    format!("{line}{}{}{missed}{fleet}", timeout(*limit), overlap(*what))
}

/// The expression as the runtime wants it, which has no parser.
fn cron_fields(expression: &str) -> String {
    let fields = cron::parse(expression).expect("the checker lets valid expressions through alone");
    let sets = [
        ("minutes", fields.minutes),
        ("hours", fields.hours.into()),
        ("days", fields.days.into()),
        ("months", fields.months.into()),
        ("weekdays", fields.weekdays.into()),
    ];
    let stars = [
        ("hour_star", fields.hour_star),
        ("day_star", fields.day_star),
        ("weekday_star", fields.weekday_star),
    ];
    let sets = sets.map(|(name, set)| format!("{name}: {}", literal::hexadecimal(set)));
    let stars = stars.map(|(name, star)| format!("{name}: {star}"));
    format!(
        "__rt::CronFields {{ {}, {} }}",
        sets.join(", "),
        stars.join(", ")
    )
}

fn receive_options(kind: &HandlerKind) -> String {
    let HandlerKind::Receive {
        timeout: limit,
        concurrency: limit_of_runs,
        ..
    } = kind
    else {
        return String::new();
    };
    format!("{}{}", timeout(*limit), concurrency(*limit_of_runs))
}

fn receive(
    scope: &Scope<'_>,
    received: &Received,
    (union, method, line): (Option<&str>, &str, &str),
) -> String {
    let signal = &scope.model[received.signal];
    let marker = scope.item_of(signal.into(), "signals");
    let variant = union.map(|it| format!("{}::{}", ident(it), ident(&received.variant)));
    let (parameter, argument) = match (variant, &signal.payload) {
        (None, Some(_)) => ("message", "message".to_owned()),
        (None, None) => ("_message", String::new()),
        (Some(variant), Some(_)) => ("message", format!("{variant}(message)")),
        (Some(variant), None) => ("_message", variant),
    };
    format!("receive::<{marker}>({line}) => |{parameter}| {method}({argument});")
}

fn answer(scope: &Scope<'_>, handler: &Handler) -> String {
    let HandlerKind::Answer {
        to,
        timeout,
        concurrency: limit_of_runs,
    } = &handler.kind
    else {
        return String::new();
    };
    let (function, kind) = match to {
        Answered::Signal(_) => ("answer", "signals"),
        Answered::Call(_) => ("answer_call", "calls"),
    };
    let marker = scope.item_of(answered(scope, *to), kind);
    let timeout = timeout.map_or_else(String::new, |it| format!(".timeout({})", duration(it)));
    let concurrency = concurrency(*limit_of_runs);
    let line = format!(
        "__rt::AnswerLine::new({}){timeout}{concurrency}",
        literal::string(&handler.method)
    );
    let (parameter, argument) = match parameter(scope, handler, "") {
        None => ("_message", ""),
        Some(_) => ("message", "message"),
    };
    format!(
        "{function}::<{marker}>({line}) => |{parameter}| {}({argument});",
        ident(&handler.method)
    )
}

fn consume(scope: &Scope<'_>, handler: &Handler) -> String {
    let HandlerKind::Consume { queue, batch, .. } = &handler.kind else {
        return String::new();
    };
    let marker = scope.item_of(Named::from(&scope.model[*queue]), "queues");
    let (function, message) = match batch {
        Some(_) => ("consume_batch", "messages"),
        None => ("consume", "message"),
    };
    let line = format!(
        "__rt::ConsumeLine::new({}){}",
        literal::string(&handler.method),
        consume_options(&handler.kind)
    );
    format!(
        "{function}::<{marker}>({line}) => |{message}| {}({message});",
        ident(&handler.method)
    )
}

fn consume_options(kind: &HandlerKind) -> String {
    let HandlerKind::Consume {
        concurrency,
        retries,
        backoff,
        timeout: limit,
        batch,
        dedupe,
        ..
    } = kind
    else {
        return String::new();
    };
    let number = |it: &u32| literal::integer((*it).into());
    let concurrency = option("concurrency", concurrency, &1, number);
    let retries = option("retries", retries, &RETRIES, number);
    let backoff = option("backoff", backoff, &BACKOFF, |(min, max)| {
        format!("{}, {}", duration(*min), duration(*max))
    });
    let batch = batch.map_or_else(String::new, |Batch { size, wait }| {
        format!(".batch({}, {})", number(&size), duration(wait))
    });
    let dedupe = dedupe.map_or_else(String::new, |it| format!(".dedupe({})", duration(it)));
    let timeout = timeout(*limit);
    format!("{concurrency}{retries}{backoff}{timeout}{batch}{dedupe}")
}
