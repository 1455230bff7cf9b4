//! Takes types of three contracts, and hands those of one through another.

use accounts::*;
use billing::*;
use goods::*;
use microagent::Outcome;

microagent::include_schema!(service);

struct Desk;

impl Clerk for Desk {
    async fn on_paid(&self, cx: &clerk::Context, paid: Paid) -> Outcome {
        cx.send_mailer(receipt(paid)).await?;
        cx.emit_billing_started().await?;
        Ok(())
    }

    async fn consume_arrivals(&self, cx: &clerk::Context, _item: Item) -> Outcome {
        cx.emit_catalog_started().await?;
        Ok(())
    }
}

/// The type inside `billing` is the type of `accounts`: nothing is mapped.
fn receipt(paid: billing::Paid) -> accounts::Mail {
    paid.receipt
}

fn main() {
    let _agent = Desk.agent();
    let paid = Paid::new(7, Mail::new("ada@example.org", "Paid"));
    println!("{}", receipt(paid).subject);
}
