//! Constraints that stand where a type is used: each gets a marker type that the codec checks by. Owns their names.

use std::collections::BTreeSet;

use microagent_schema::model::{Constraints, Format, Shape, TypeRef};

use crate::literal;

/// The markers of one package, in order of their use.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    names: BTreeSet<String>,
    rows: Vec<String>,
}

impl Checks {
    /// A marker for the constraints of `ty`, called `name` unless another is.
    pub(crate) fn marker(&mut self, name: &str, ty: &TypeRef) -> String {
        let mut marker = name.to_owned();
        let mut count = 1;
        while !self.names.insert(marker.clone()) {
            count += 1;
            marker = format!("{name}{count}");
        }
        self.rows
            .push(format!("{marker}: {}", rules(&ty.shape, &ty.constraints)));
        marker
    }

    /// `MailSubject: max(200)`
    pub(crate) fn into_rows(self) -> Vec<String> {
        self.rows
    }
}

/// What a value must keep: `min(1), max(64), pattern("^evt_"), format(Email)`.
pub(crate) fn rules(shape: &Shape, constraints: &Constraints) -> String {
    let is_float = matches!(shape, Shape::F32 | Shape::F64);
    let mut rules = Vec::new();
    for (name, bound) in [("min", &constraints.min), ("max", &constraints.max)] {
        if let Some(bound) = bound {
            rules.push(if is_float {
                format!("{name}_float({})", float(bound))
            } else {
                format!("{name}({})", integer(bound))
            });
        }
    }
    if let Some(pattern) = &constraints.pattern {
        rules.push(format!("pattern({})", literal::string(pattern)));
    }
    if let Some(format) = constraints.format {
        rules.push(format!("format({})", format_name(format)));
    }
    rules.join(", ")
}

fn float(bound: &str) -> String {
    literal::float(
        bound
            .parse()
            .expect("the checker lets numbers through alone"),
    )
}

fn integer(bound: &str) -> String {
    literal::integer(bound.parse().unwrap_or_else(|_| whole(bound)))
}

/// `7.0` and `1e3`: a whole number, however it is written.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the checker lets whole numbers through alone"
)]
fn whole(bound: &str) -> i128 {
    let value: f64 = bound
        .parse()
        .expect("the checker lets numbers through alone");
    value as i128
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Email => "Email",
        Format::Uri => "Uri",
        Format::Hostname => "Hostname",
        Format::Ipv4 => "Ipv4",
        Format::Ipv6 => "Ipv6",
    }
}
