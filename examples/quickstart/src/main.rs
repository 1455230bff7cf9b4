//! Two agents: one lets people in, the other one welcomes them.

use std::env;
use std::process::ExitCode;

use microagent::{Outcome, Tick};

microagent::include_schema!(hello);

struct Entrance;

impl Door for Entrance {
    async fn open(&self, cx: &door::Context, _tick: Tick) -> Outcome {
        cx.emit_arrived(Arrived::new("Ada")).await?;
        Ok(())
    }
}

struct Reception;

impl Desk for Reception {
    async fn on_arrived(&self, cx: &desk::Context, guest: Arrived) -> Outcome {
        println!("{} is here", guest.name);
        cx.send_mailer(Mailer::new(guest.name)).await?;
        Ok(())
    }

    async fn consume_mailer(&self, cx: &desk::Context, mail: Mailer) -> Outcome {
        println!("mail to {}: {}", mail.to, mail.text);
        cx.stop();
        Ok(())
    }
}

fn main() -> ExitCode {
    let place = |variable| env::var(variable).unwrap_or_else(|_| "memory:".into());
    microagent::app([Entrance.agent(), Reception.agent()])
        .bus(place("MICROAGENT_BUS"))
        .broker(place("MICROAGENT_BROKER"))
        .main()
}
