//! Options of an agent's lines: which line knows which, their defaults, schedules and time zones. Knows nothing of
//! methods' names.

use std::time::Duration;

use crate::ast;
use crate::ast::LineKind;
use crate::ast::ValueKind;
use crate::codes;
use crate::cron;
use crate::diagnostic::Diagnostic;
use crate::model::Answered;
use crate::model::Batch;
use crate::model::HandlerKind;
use crate::model::Missed;
use crate::model::Overlap;
use crate::model::QueueId;
use crate::model::Received;
use crate::resolve::channels::SOME_TIME;
use crate::resolve::draft::Draft;
use crate::resolve::options;
use crate::resolve::options::Given;
use crate::span::Span;
use crate::timezones;

const TIMEOUT: Duration = Duration::from_mins(1);
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
const RETRIES: u32 = 3;
/// How long a batch waits to be filled.
const BATCH_WAIT: Duration = Duration::from_millis(100);
const OVERLAPS: [(&str, Overlap); 3] = [
    ("skip", Overlap::Skip),
    ("queue", Overlap::Queue),
    ("parallel", Overlap::Parallel),
];

/// Each option and the lines that have it.
const OPTIONS: [(&str, &[&str]); 13] = [
    ("start_after", &["every"]),
    ("jitter", &["every"]),
    (
        "timeout",
        &["every", "cron", "receive", "answer", "consume"],
    ),
    ("overlap", &["every", "cron"]),
    ("timezone", &["cron"]),
    ("missed", &["cron"]),
    ("once_per_fleet", &["cron"]),
    ("concurrency", &["receive", "consume"]),
    ("retries", &["consume"]),
    ("backoff", &["consume"]),
    ("batch", &["consume"]),
    ("batch_wait", &["consume"]),
    ("dedupe", &["consume"]),
];

fn keyword(kind: &LineKind) -> &'static str {
    match kind {
        LineKind::Every { .. } => "every",
        LineKind::Cron { .. } => "cron",
        LineKind::Receive(_) => "receive",
        LineKind::Answer(_) => "answer",
        LineKind::Consume(_) => "consume",
        LineKind::Serve { .. } => "serve",
        LineKind::Emits(_) => "emits",
        LineKind::Sends(_) => "sends",
        LineKind::Calls(_) => "calls",
    }
}

/// The options of a line; those that it does not have are refused with the lines that do.
pub(crate) fn options<'a>(draft: &mut Draft<'_>, line: &'a ast::Line) -> Given<'a> {
    let given = Given::unchecked(draft, line.options.as_ref());
    let keyword = keyword(&line.kind);
    let known: Vec<&str> = OPTIONS
        .iter()
        .filter(|(_, lines)| lines.contains(&keyword))
        .map(|(name, _)| *name)
        .collect();
    for entry in given.entries() {
        let name = entry.name.text.as_str();
        match OPTIONS.iter().find(|(option, _)| *option == name) {
            Some((_, lines)) if lines.contains(&keyword) => {}
            Some((_, lines)) => {
                let message = format!("`{name}` does not belong on `{keyword}`");
                let diagnostic =
                    Diagnostic::error(codes::OPTION_ON_WRONG_LINE, entry.name.span, message)
                        .related(line.keyword, "this line")
                        .help(format!("it is an option of `{}`", lines.join("`, `")));
                draft.report(diagnostic);
            }
            None => options::unknown(draft, entry, &format!("`{keyword}`"), &known),
        }
    }
    given
}

pub(crate) fn every(
    draft: &mut Draft<'_>,
    given: Given<'_>,
    period: &ast::Value,
) -> Option<HandlerKind> {
    let start_after = given
        .duration(draft, "start_after", Duration::ZERO)
        .unwrap_or_default();
    let jitter = given
        .duration(draft, "jitter", Duration::ZERO)
        .unwrap_or_default();
    let timeout = given
        .duration(draft, "timeout", SOME_TIME)
        .unwrap_or(TIMEOUT);
    let overlap = given
        .choice(draft, "overlap", &OVERLAPS)
        .unwrap_or_default();
    let period = match &period.kind {
        ValueKind::Duration(it) if it.milliseconds > 0 => Duration::from_millis(it.milliseconds),
        _ => {
            let diagnostic = Diagnostic::error(
                codes::BAD_PERIOD,
                period.span,
                "`every` takes a duration that is longer than nothing",
            )
            .help("write `every 15s name;`; times of day are `cron`");
            draft.report(diagnostic);
            return None;
        }
    };
    Some(HandlerKind::Every {
        period,
        start_after,
        jitter,
        timeout,
        overlap,
    })
}

pub(crate) fn cron(
    draft: &mut Draft<'_>,
    given: Given<'_>,
    expression: &ast::Quoted,
) -> Option<HandlerKind> {
    let timezone = given.get("timezone").map(|value| timezone(draft, value));
    let timeout = given
        .duration(draft, "timeout", SOME_TIME)
        .unwrap_or(TIMEOUT);
    let overlap = given
        .choice(draft, "overlap", &OVERLAPS)
        .unwrap_or_default();
    let missed = given.choice(
        draft,
        "missed",
        &[("skip", Missed::Skip), ("once", Missed::Once)],
    );
    let once_per_fleet = given.boolean(draft, "once_per_fleet").unwrap_or(false);
    if let Err(problem) = cron::parse(&expression.text) {
        let span = inside(expression, &problem.range);
        let diagnostic = Diagnostic::error(codes::BAD_CRON, span, problem.message)
            .help(problem.help)
            .suggest(problem.suggestion);
        draft.report(diagnostic);
        return None;
    }
    Some(HandlerKind::Cron {
        expression: expression.text.clone(),
        timezone: timezone.flatten().unwrap_or_else(|| "UTC".to_owned()),
        timeout,
        overlap,
        missed: missed.unwrap_or_default(),
        once_per_fleet,
    })
}

/// A part of a quoted text in the file; the whole text where escapes make that unknown.
fn inside(quoted: &ast::Quoted, range: &std::ops::Range<usize>) -> Span {
    let length = (quoted.span.end - quoted.span.start) as usize;
    if length != quoted.text.len() + 2 || range.is_empty() {
        return quoted.span;
    }
    let offset = |at: usize| {
        quoted
            .span
            .start
            .saturating_add(1)
            .saturating_add(u32::try_from(at).unwrap_or(0))
    };
    Span::new(offset(range.start), offset(range.end))
}

fn timezone(draft: &mut Draft<'_>, value: &ast::Value) -> Option<String> {
    let ValueKind::String { text, .. } = &value.kind else {
        options::wrong(
            draft,
            value,
            "write the name of a time zone in quotes: `\"Europe/Berlin\"`",
        );
        return None;
    };
    if timezones::is_known(text) {
        return Some(text.clone());
    }
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_TIMEZONE,
        value.span,
        format!("there is no time zone `{text}`"),
    )
    .help("names are those of the IANA database, such as `Europe/Berlin`; `UTC` is the default")
    .suggest(timezones::suggest(text));
    draft.report(diagnostic);
    None
}

pub(crate) fn receive(
    draft: &mut Draft<'_>,
    given: Given<'_>,
    signals: Vec<Received>,
    union: Option<String>,
) -> HandlerKind {
    HandlerKind::Receive {
        signals,
        union,
        timeout: given
            .duration(draft, "timeout", SOME_TIME)
            .unwrap_or(TIMEOUT),
        concurrency: given.small(draft, "concurrency", (1, 65_535)),
    }
}

pub(crate) fn answer(draft: &mut Draft<'_>, given: Given<'_>, to: Answered) -> HandlerKind {
    let timeout = given.duration(draft, "timeout", SOME_TIME);
    let deadline = match to {
        Answered::Signal(id) => draft.model[id].deadline,
        Answered::Call(id) => draft.model[id].deadline,
    };
    if let (Some(timeout), Some(value)) = (timeout, given.get("timeout"))
        && timeout > deadline
    {
        let message = format!("an answer may take longer than the {deadline:?} that askers wait");
        let diagnostic = Diagnostic::warning(codes::ANSWER_AFTER_DEADLINE, value.span, message)
            .help("shorten the timeout, or give the declaration a longer `deadline`");
        draft.report(diagnostic);
    }
    HandlerKind::Answer {
        to,
        timeout,
        concurrency: None,
    }
}

pub(crate) fn consume(draft: &mut Draft<'_>, given: Given<'_>, queue: QueueId) -> HandlerKind {
    let wait = given.duration(draft, "batch_wait", SOME_TIME);
    let size = given.small(draft, "batch", (1, 65_535));
    if let (Some(span), None) = (given.name_span("batch_wait"), given.get("batch")) {
        let diagnostic = Diagnostic::error(
            codes::OPTION_NEEDS_ANOTHER,
            span,
            "`batch_wait` means nothing without `batch`",
        )
        .help("add `batch: 100`, or take `batch_wait` away");
        draft.report(diagnostic);
    }
    HandlerKind::Consume {
        queue,
        concurrency: given.small(draft, "concurrency", (1, 65_535)).unwrap_or(1),
        retries: given
            .small(draft, "retries", (0, 1_000_000))
            .unwrap_or(RETRIES),
        backoff: given
            .get("backoff")
            .and_then(|value| backoff(draft, value))
            .unwrap_or(BACKOFF),
        timeout: given
            .duration(draft, "timeout", SOME_TIME)
            .unwrap_or(TIMEOUT),
        batch: size.map(|size| Batch {
            size,
            wait: wait.unwrap_or(BATCH_WAIT),
        }),
        dedupe: given.duration(draft, "dedupe", SOME_TIME),
    }
}

fn backoff(draft: &mut Draft<'_>, value: &ast::Value) -> Option<(Duration, Duration)> {
    let ValueKind::Range(first, last) = &value.kind else {
        options::wrong(
            draft,
            value,
            "write the first and the longest wait: `1s..60s`",
        );
        return None;
    };
    let first = options::duration(draft, first, SOME_TIME)?;
    let last = options::duration(draft, last, SOME_TIME)?;
    if first > last {
        options::wrong(draft, value, "the first wait is the shorter one");
        return None;
    }
    Some((first, last))
}
