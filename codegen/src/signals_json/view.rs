//! The file as final strings: every text is a JSON literal, quotes included.

use askama::Template;

#[derive(Clone, Debug, Template)]
#[template(path = "signals_json/signals.json.jinja", escape = "none")]
pub(crate) struct File {
    pub(crate) signals: Vec<Signal>,
    pub(crate) queues: Vec<Queue>,
}

#[derive(Clone, Debug)]
pub(crate) struct Signal {
    pub(crate) name: String,
    /// The brackets of the arguments: braces where they have types.
    pub(crate) open: char,
    pub(crate) close: char,
    /// `"user_id"`, or with its types: `"user_id": "number"`.
    pub(crate) arguments: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) exchange: Option<String>,
    pub(crate) topic: Option<String>,
}
