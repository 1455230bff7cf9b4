//! Full texts, read by people when they change; behaviour is shown by what is compiled and run elsewhere.

mod support;

use support::{generate, model, packages};

#[test]
fn a_contract() {
    insta::assert_snapshot!(packages(&model("accounts", &[])));
}

#[test]
fn a_service() {
    insta::assert_snapshot!(packages(&model("mail_service", &["accounts"])));
}

#[test]
fn types() {
    insta::assert_snapshot!(packages(&model("types", &[])));
}

#[test]
fn channels() {
    insta::assert_snapshot!(packages(&model("channels", &[])));
}

#[test]
fn names_that_rust_uses() {
    insta::assert_snapshot!(packages(&model("names", &[])));
}

#[test]
fn docs() {
    insta::assert_snapshot!(packages(&model("docs", &[])));
}

#[test]
fn roots() {
    let mut model = model("accounts", &[]);
    for name in ["accounts.v2", "orders.v1", "people", "self.type"] {
        let mut package = model.packages[0].clone();
        package.name = name.to_owned();
        model.packages.push(package);
    }
    let files = generate(&model);
    let files: Vec<String> = files
        .iter()
        .skip(1)
        .map(|it| format!("==> {}\n{}", it.path, it.text))
        .collect();
    insta::assert_snapshot!(files.join("\n"));
}
