//! Codes 04xx: signals, calls, queues and exchanges.

codes! {
    /// An unknown signal, call, queue or exchange.
    UNKNOWN_CHANNEL = 401 in "MAG0401";
    /// A channel of another kind.
    WRONG_KIND_OF_CHANNEL = 402 in "MAG0402";
    /// Two things with one name on the wire.
    DUPLICATE_WIRE_NAME = 403 in "MAG0403";
    /// A name that a backend would read otherwise.
    BAD_WIRE_NAME = 404 in "MAG0404";
    /// A signal or call that carries no object.
    PAYLOAD_IS_NO_OBJECT = 405 in "MAG0405";
    /// A queue or exchange without payload.
    NO_PAYLOAD = 406 in "MAG0406";
    /// A payload that may be missing.
    OPTIONAL_PAYLOAD = 407 in "MAG0407";
    /// A payload of a queue on an exchange.
    PAYLOAD_OF_BOUND_QUEUE = 408 in "MAG0408";
    /// A call without a reply.
    CALL_WITHOUT_REPLY = 409 in "MAG0409";
    /// A binding that does not fit its place.
    BAD_BINDING = 410 in "MAG0410";
    /// A pattern on an exchange that does not route.
    PATTERN_ON_FANOUT = 411 in "MAG0411";
    /// A queue without pattern on a routed exchange.
    PATTERN_MISSING = 412 in "MAG0412";
    /// A pattern that is none.
    BAD_BINDING_PATTERN = 413 in "MAG0413";
    /// A pattern that no key can match.
    IMPOSSIBLE_PATTERN = 414 in "MAG0414";
    /// A routing template that is none.
    BAD_ROUTING = 415 in "MAG0415";
    /// A routing parameter that is no single word.
    ROUTING_TYPE = 416 in "MAG0416";
    /// A partition key that the payload does not have.
    BAD_KEY = 417 in "MAG0417";
    /// A dead-letter queue that does not fit.
    BAD_DEAD_LETTER = 418 in "MAG0418";
    /// An unknown option.
    UNKNOWN_OPTION = 419 in "MAG0419";
    /// An option that is given twice.
    REPEATED_OPTION = 420 in "MAG0420";
    /// An option with a value it does not take.
    OPTION_VALUE = 421 in "MAG0421";
    /// An option that means nothing alone.
    OPTION_NEEDS_ANOTHER = 422 in "MAG0422";
    /// Something that a broker that the agents run on can't do.
    BEYOND_BROKER = 423 in "MAG0423";
}
