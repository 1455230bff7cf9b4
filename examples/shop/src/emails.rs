//! Sends mail, and welcomes new users. The server of one user is out of order at first: that mail is tried again.

use microagent::{Failure, Outcome};
use shop_contract::{Mail, UserCreated};

use crate::{EmailAgent, email_agent::Context};

pub(crate) struct Emails;

impl EmailAgent for Emails {
    async fn on_user_created(&self, cx: &Context, user: UserCreated) -> Outcome {
        cx.send_mailer(Mail::new(user.email, "Welcome")).await?;
        Ok(())
    }

    async fn consume_mailer(&self, cx: &Context, mail: Mail) -> Outcome {
        let attempt = cx.message().attempt();
        if mail.to.starts_with("grace@") && attempt == 1 {
            println!("emails: the server of {} is out of order", mail.to);
            return Err(Failure::from("connection refused"));
        }
        println!(
            "emails: {:?} to {} at attempt {attempt}: {:?}",
            mail.subject, mail.to, mail.body
        );
        Ok(())
    }
}
