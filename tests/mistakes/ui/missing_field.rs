use mistakes::Mail;

fn main() {
    let _ = Mail::new("ada@example.org");
}
