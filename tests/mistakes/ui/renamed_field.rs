use mistakes::Mail;

fn main() {
    let mail = Mail { recipient: "ada@example.org".into(), ..Mail::new("ada@example.org", "Welcome") };
    println!("{}", mail.recipient);
}
