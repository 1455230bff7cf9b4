use mistakes::{MailerSender, mail_agent::Context};

fn greet(_cx: &impl MailerSender) {}

fn handler(cx: &Context) {
    greet(cx);
}

fn main() {
    let _ = handler;
}
