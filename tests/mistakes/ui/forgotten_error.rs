use microagent::Outcome;
use mistakes::{Charge, Mail, MailAgent, UserCreated, mail_agent::Context};

struct Mails;

impl MailAgent for Mails {
    async fn on_user_created(&self, _cx: &Context, _user: UserCreated) -> Outcome {
        Ok(())
    }
    async fn answer_charge(&self, _cx: &Context, _asked: Charge) -> Outcome<u64> {
        Ok(1)
    }
    async fn consume_mailer(&self, _cx: &Context, _mail: Mail) -> Outcome {
        Ok(())
    }
}

fn main() {}
