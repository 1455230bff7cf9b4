//! The queues of an exchange and the form of its keys, which `signals.json` shows only by the topics that queues are
//! bound by. Knows neither JSON nor `.mag`.

use microagent_schema::codes::TOPICS_WITHOUT_FORM;
use microagent_schema::diagnostic::Diagnostic;
use microagent_schema::span::Span;

use super::contract::Queue;
use super::json::Text;

/// An exchange with its queues, where its first one stands.
#[derive(Debug)]
pub(crate) struct Exchange<'c> {
    pub(crate) name: &'c Text,
    /// How many words a key has; none where it is a fanout.
    pub(crate) words: Option<usize>,
    pub(crate) queues: Vec<&'c Queue>,
}

/// The exchanges in order, and what can't be said of them.
pub(crate) fn exchanges(queues: &[Queue]) -> (Vec<Exchange<'_>>, Vec<Diagnostic>) {
    let mut exchanges: Vec<Exchange<'_>> = Vec::new();
    let mut problems = Vec::new();
    for queue in queues {
        problems.extend(queue_alone(queue));
        let Some(name) = &queue.exchange else {
            continue;
        };
        match exchanges.iter_mut().find(|it| it.name.text == name.text) {
            Some(exchange) => exchange.queues.push(queue),
            None => exchanges.push(Exchange {
                name,
                words: None,
                queues: vec![queue],
            }),
        }
    }
    for exchange in &mut exchanges {
        problems.extend(mixed(exchange));
        match words(exchange) {
            Ok(words) => exchange.words = words,
            Err(problem) => problems.push(*problem),
        }
    }
    (exchanges, problems)
}

fn queue_alone(queue: &Queue) -> Option<Diagnostic> {
    let (name, first) = (&queue.name.text, queue.topics.first()?);
    if queue.exchange.is_none() {
        let message = format!("queue `{name}` has topics and no exchange");
        return Some(wrong(
            first.span,
            message,
            "name the `exchange` that it is bound to",
        ));
    }
    let second = queue.topics.get(1)?;
    let message = format!("queue `{name}` is bound by {} topics", queue.topics.len());
    let help = "a `.mag` queue is bound by one: give each topic a queue, or take one that matches all, such as `user.*`";
    Some(wrong(second.span, message, help))
}

/// A queue with topics makes the exchange one that routes, a queue without would get nothing of it.
fn mixed(exchange: &Exchange<'_>) -> Option<Diagnostic> {
    let routed = exchange.queues.iter().any(|it| !it.topics.is_empty());
    let bare = exchange.queues.iter().find(|it| it.topics.is_empty())?;
    let name = &exchange.name.text;
    let message = format!(
        "queue `{}` has no topics, and others of exchange `{name}` have",
        bare.name.text
    );
    let help = "give it `[\"#\"]` for all messages, or an exchange of its own";
    routed.then(|| wrong(bare.name.span, message, help))
}

/// As many words as all patterns have; `#` stands for any number of them, so that it says the least only.
fn words(exchange: &Exchange<'_>) -> Result<Option<usize>, Box<Diagnostic>> {
    let topics = exchange.queues.iter().flat_map(|it| &it.topics);
    let mut exact: Option<(usize, Span)> = None;
    let mut least = None;
    for topic in topics {
        let all = topic.text.split('.').count();
        let fixed = topic.text.split('.').filter(|it| *it != "#").count();
        least = least.max(Some(fixed.max(1)));
        if all != fixed {
            continue;
        }
        match exact {
            Some((words, first)) if words != all => {
                let name = &exchange.name.text;
                let message = format!("topics of exchange `{name}` have {words} and {all} words");
                let help =
                    "the keys of an exchange have one number of words: make an exchange for each";
                return Err(wrong(topic.span, message, help)
                    .related(first, "the first")
                    .into());
            }
            _ => exact = Some((all, topic.span)),
        }
    }
    Ok(exact.map(|(words, _)| words).or(least))
}

fn wrong(span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(TOPICS_WITHOUT_FORM, span, message).help(help)
}
