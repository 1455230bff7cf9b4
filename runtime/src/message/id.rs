//! Ids of messages. They are 16 bytes and made without an allocation; text is formatted only where a wire wants it.

use std::fmt;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::random::{next_number, random};

/// Names a message from its first send to its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(Repr);

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    /// The high and the low half, so that messages need not stand at multiples of 16.
    Own(u64, u64),
    Foreign(Arc<str>),
}

impl MessageId {
    /// An id that no other process and no other call makes: a random half drawn once, and a count.
    pub fn fresh() -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(random);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        if let Some(number) = next_number() {
            return Self(Repr::Own(0, number));
        }
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(Repr::Own(*PROCESS, count))
    }

    /// The id with this value; simulations number messages by it.
    #[expect(clippy::cast_possible_truncation, reason = "each half is one")]
    pub const fn from_u128(value: u128) -> Self {
        Self(Repr::Own((value >> 64) as u64, value as u64))
    }

    /// Reads what [`Display`](fmt::Display) wrote; any other text of a foreign peer is kept as it stands.
    pub fn from_text(text: &str) -> Self {
        let own = text.len() == 32
            && text
                .bytes()
                .all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it));
        match u128::from_str_radix(text, 16) {
            Ok(value) if own => Self::from_u128(value),
            _ => Self(Repr::Foreign(text.into())),
        }
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Own(high, low) => write!(f, "{high:016x}{low:016x}"),
            Repr::Foreign(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MessageId;

    #[test]
    fn text_reads_back() {
        for text in [
            "0000000000000000000000000000002a",
            "0-1",
            "",
            "0000000000000000000000000000002A",
            "+000000000000000000000000000002a",
        ] {
            assert_eq!(MessageId::from_text(text).to_string(), text);
        }
        assert_eq!(
            MessageId::from_text("0000000000000000000000000000002a"),
            MessageId::from_u128(42)
        );
        assert_ne!(MessageId::fresh(), MessageId::fresh());
    }
}
