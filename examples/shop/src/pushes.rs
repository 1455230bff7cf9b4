//! Talks to the devices: queues behind a fanout and a topic exchange.

use microagent::Outcome;
use shop_contract::Push;

use crate::{PushAgent, push_agent::Context};

pub(crate) struct Pushes;

impl PushAgent for Pushes {
    async fn announce_android(&self, _cx: &Context, push: Push) -> Outcome {
        show("announcement on android", &push)
    }

    async fn announce_ios(&self, _cx: &Context, push: Push) -> Outcome {
        show("announcement on ios", &push)
    }

    async fn consume_push_android(&self, _cx: &Context, push: Push) -> Outcome {
        show("android", &push)
    }

    async fn consume_push_ios(&self, _cx: &Context, push: Push) -> Outcome {
        show("ios", &push)
    }

    async fn consume_push_alerts(&self, _cx: &Context, push: Push) -> Outcome {
        show("alert", &push)
    }
}

fn show(device: &str, push: &Push) -> Outcome {
    println!("pushes: {device}: {} to {}", push.text, push.user_id);
    Ok(())
}
