//! Which of a cluster's 16,384 slots a key belongs to, and which key a command is about. Knows no servers.

use ::redis::{Arg, Cmd};

/// The slot of a key: that of its hash tag, where it has one.
pub(super) fn of_key(key: &[u8]) -> u16 {
    crc16(tag(key)) % 16384
}

/// The slot that a command belongs to; none where any server will do.
pub(super) fn of_command(command: &Cmd) -> Option<u16> {
    let mut words = command.args_iter().filter_map(|it| match it {
        Arg::Simple(word) => Some(word),
        _ => None,
    });
    let key = match words.next()? {
        // Digest and number of keys stand before the keys.
        b"EVALSHA" => words.nth(2),
        _ => words.next(),
    };
    key.map(of_key)
}

/// What stands in the first pair of braces, unless that is nothing; else all of it.
fn tag(key: &[u8]) -> &[u8] {
    let Some(open) = key.iter().position(|it| *it == b'{') else {
        return key;
    };
    let rest = &key[open + 1..];
    match rest.iter().position(|it| *it == b'}') {
        Some(close @ 1..) => &rest[..close],
        _ => key,
    }
}

/// CRC-16/XMODEM, as the specification of Redis Cluster says.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let carried = crc & 0x8000 != 0;
            (crc << 1) ^ if carried { 0x1021 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(of_key(b"foo"), 12182);
        for (one, other) in [
            ("{user1000}.following", "user1000"),
            ("foo{bar}{zap}", "bar"),
            ("{p.mailer}:delayed", "p.mailer"),
        ] {
            assert_eq!(of_key(one.as_bytes()), of_key(other.as_bytes()), "{one}");
        }
        // Nothing in the braces, or no end: all of it counts.
        assert_eq!(tag(b"foo{}{bar}"), b"foo{}{bar}");
        assert_eq!(tag(b"foo{bar"), b"foo{bar");
    }

    #[test]
    fn commands_are_about_their_first_key() {
        let slot = |words: &[&str]| {
            let mut command = Cmd::new();
            command.arg(words);
            of_command(&command)
        };
        assert_eq!(slot(&["XADD", "q", "*"]), Some(of_key(b"q")));
        assert_eq!(slot(&["EVALSHA", "d", "1", "q", "a"]), Some(of_key(b"q")));
        // Any server passes on what is published; one for each channel keeps its order.
        assert_eq!(slot(&["PUBLISH", "q", "a"]), Some(of_key(b"q")));
        assert_eq!(slot(&["PING"]), None);
    }
}
