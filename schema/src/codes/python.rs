//! Codes 06xx: `signals.json`, the contract file of the Python library. Those who read and write it give them; the checks
//! of `.mag` files don't.

codes! {
    /// A file that is no JSON.
    NOT_JSON = 601 in "MAG0601";
    /// JSON of another shape than `signals.json` has.
    NOT_SIGNALS_JSON = 602 in "MAG0602";
    /// Topics that a `.mag` queue can't be bound by.
    TOPICS_WITHOUT_FORM = 603 in "MAG0603";
    /// What the other side has no words for.
    LOST_IN_TRANSLATION = 604 in "MAG0604";
}
