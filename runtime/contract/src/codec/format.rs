//! The formats of strings, as JSON Schema names them, in their ASCII form.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What a text may be asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An address of RFC 5321, without quotes and comments.
    Email,
    /// A URI of RFC 3986, with its scheme.
    Uri,
    /// A host name of RFC 1123.
    Hostname,
    /// Four decimal numbers.
    Ipv4,
    /// An address of RFC 4291, without a zone.
    Ipv6,
}

impl Format {
    /// How an error calls it.
    pub(crate) fn article(self) -> &'static str {
        match self {
            Self::Email => "an email address",
            Self::Uri => "a URI",
            Self::Hostname => "a host name",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
        }
    }

    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Email => is_email(text),
            Self::Uri => is_uri(text),
            Self::Hostname => is_hostname(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
        }
    }
}

fn is_email(text: &str) -> bool {
    /// Of a path in RFC 5321, without its brackets.
    const LONGEST: usize = 254;
    const LONGEST_LOCAL: usize = 64;
    let is_atom = |part: &str| {
        let allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        !part.is_empty() && part.bytes().all(allowed)
    };
    text.len() <= LONGEST
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            local.len() <= LONGEST_LOCAL && local.split('.').all(is_atom) && is_hostname(domain)
        })
}

fn is_hostname(text: &str) -> bool {
    const LONGEST: usize = 253;
    const LONGEST_LABEL: usize = 63;
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= LONGEST && text.split('.').all(is_label)
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let is_escaped = rest.split('%').skip(1).all(|after| {
        after
            .get(..2)
            .is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    is_scheme && rest.bytes().all(allowed) && is_escaped && rest.matches('#').count() <= 1
}
