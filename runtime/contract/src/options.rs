//! How a message is to be sent, beside what the contract says. Knows no port.

use std::collections::BTreeMap;
use std::time::Duration;

/// How a message is to be sent: `cx.with(Options::new().priority(5)).send_mailer(mail)`.
///
/// An option that means nothing where it is used (a delay on a signal, a priority on a queue that declares none) is an
/// error of the send, never ignored.
///
/// ```
/// use std::time::Duration;
/// use microagent_contract::Options;
///
/// let options = Options::new()
///     .priority(5)
///     .after(Duration::from_secs(600))
///     .header("tenant", "acme");
/// assert_eq!(options.headers().get("tenant").map(String::as_str), Some("acme"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(Option<Box<Said>>);

/// What was said; most messages go without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    priority: Option<u8>,
    after: Option<Duration>,
    deadline: Option<Duration>,
    headers: BTreeMap<String, String>,
}

impl Options {
    /// No option set.
    pub fn new() -> Self {
        Self::default()
    }

    fn said(&mut self) -> &mut Said {
        self.0.get_or_insert_default()
    }

    /// Before messages of a lower priority, up to the queue's `max_priority`. Default: 0, the lowest.
    #[must_use]
    pub fn priority(mut self, priority: u8) -> Self {
        self.said().priority = Some(priority);
        self
    }

    /// Not before this time has passed; the broker keeps it until then. Default: at once.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.said().after = Some(delay);
        self
    }

    /// How long to wait: for answers of an ask or a call (default: what the contract says), for the broker's
    /// confirmation of a send (default: 30 s).
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.said().deadline = Some(deadline);
        self
    }

    /// A header of the message, beside its payload; the last value of a name holds.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.said().headers.insert(name.into(), value.into());
        self
    }

    /// The priority that was asked for.
    pub fn get_priority(&self) -> Option<u8> {
        self.0.as_ref()?.priority
    }

    /// The delay that was asked for.
    pub fn get_after(&self) -> Option<Duration> {
        self.0.as_ref()?.after
    }

    /// The deadline that was asked for.
    pub fn get_deadline(&self) -> Option<Duration> {
        self.0.as_ref()?.deadline
    }

    /// The headers, by name.
    pub fn headers(&self) -> &BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        self.0.as_ref().map_or(&NONE, |it| &it.headers)
    }
}
