//! The messages, and the twins of their types with serde's derive.

use chrono::{DateTime, Utc};
use compiled_load::shapes;
use serde::{Deserialize, Serialize};

use crate::Shape;

/// Hands over one after another.
pub(crate) fn each(take: &mut dyn FnMut(Shape)) {
    take(Shape::new::<shapes::Job, Job>("Job", JOB));
    take(Shape::new::<shapes::Customer, Customer>(
        "Customer", CUSTOMER,
    ));
    take(Shape::new::<shapes::Order, Order>("Order", ORDER));
    take(Shape::new::<shapes::Parcel, Parcel>("Parcel", PARCEL));
    take(Shape::new::<shapes::Journey, Journey>("Journey", JOURNEY));
}

const JOB: &str = r#"{"id":123456,"kind":"invoice.created","customer":"Ada Lovelace, Ockham Park, Surrey",
    "note":"to be paid within thirty days","amount":1234.5,"urgent":false}"#;

#[derive(Serialize, Deserialize)]
struct Job {
    id: u64,
    kind: String,
    customer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    amount: f64,
    urgent: bool,
}

const CUSTOMER: &str = r#"{"id":4711,"name":"Ada Lovelace","street":"Ockham Park","city":"Ockham","country":"GB",
    "points":1250,"visits":-3}"#;

#[derive(Serialize, Deserialize)]
struct Customer {
    id: u64,
    name: String,
    street: String,
    city: String,
    country: String,
    points: u32,
    visits: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<String>,
}

const ORDER: &str = r#"{"id":99,"customer":"Ada Lovelace","lines":[
    {"sku":"A-1000","count":1,"price":12.25,"state":"pending"},
    {"sku":"A-2000","count":20,"price":0.75,"state":"shipped"},
    {"sku":"B-1000","count":3,"price":199.99,"state":"shipped"},
    {"sku":"C-1000","count":4,"price":1.5,"state":"returned"}]}"#;

#[derive(Serialize, Deserialize)]
struct Order {
    id: u64,
    customer: String,
    lines: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    sku: String,
    count: u32,
    price: f64,
    state: State,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Pending,
    Paid,
    Shipped,
    Delivered,
    Returned,
}

const PARCEL: &str = r#"{"state":"shipped","last":"paid","next":"delivered","weight":1200}"#;

#[derive(Serialize, Deserialize)]
struct Parcel {
    state: State,
    last: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<State>,
    weight: u32,
}

const JOURNEY: &str = r#"{"id":7,"planned":"2026-03-01T08:00:00Z","begun":"2026-03-01T08:01:30.125Z",
    "seen":1772352090250}"#;

#[derive(Serialize, Deserialize)]
struct Journey {
    id: u64,
    planned: DateTime<Utc>,
    begun: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<DateTime<Utc>>,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    seen: DateTime<Utc>,
}
