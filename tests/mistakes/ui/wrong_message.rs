use microagent::Outcome;
use mistakes::{Audit, Charge, Mail, MailAgent, UserCreated, mail_agent::Context};

struct Mails;

impl MailAgent for Mails {
    async fn on_user_created(&self, _cx: &Context, _user: UserCreated) -> Outcome {
        Ok(())
    }
    async fn answer_charge(&self, _cx: &Context, _asked: Charge) -> Outcome<Result<u64, Mail>> {
        Ok(Ok(1))
    }
    async fn consume_mailer(&self, cx: &Context, mail: Mail) -> Outcome {
        cx.send_audit(mail).await?;
        cx.send_audit(Audit::new("sent")).await?;
        Ok(())
    }
}

fn main() {}
