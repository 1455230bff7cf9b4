//! The real contracts of the repository's corpus: each gives a model, with no problem at all.

use std::path::Path;
use std::path::PathBuf;

use microagent_schema::Analysis;
use microagent_schema::Input;
use microagent_schema::analyze;
use microagent_schema::diagnostic::Severity;
use microagent_schema::limits::Limits;
use microagent_schema::model::HandlerKind;
use microagent_schema::model::Shape;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
}

/// All `.mag` files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the corpus is readable") {
            let path = entry.expect("the corpus is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "mag") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn analyze_root(root: &Path) -> Analysis {
    let inputs = files(root).into_iter().map(|file| {
        let path = file.strip_prefix(root).expect("it is below the root");
        let path = path.to_str().expect("names are text").replace('\\', "/");
        Input {
            root: 0,
            shown: path.clone(),
            path,
            text: Ok(std::fs::read(&file).expect("the corpus is readable")),
        }
    });
    analyze(inputs.collect(), &Limits::default())
}

#[test]
fn every_contract_gives_a_model() {
    let mut roots = 0;
    for entry in std::fs::read_dir(corpus()).expect("the corpus is there") {
        let root = entry.expect("the corpus is readable").path();
        if !root.is_dir() {
            continue;
        }
        roots += 1;
        let analysis = analyze_root(&root);
        let errors: Vec<_> = analysis
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|it| {
                format!(
                    "{} {:?}: {}",
                    it.code,
                    analysis.sources.line_column(it.primary.span.start),
                    it.message
                )
            })
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", root.display());
        assert!(analysis.model.is_some(), "{}", root.display());
    }
    assert!(roots >= 9, "the corpus has nine contracts");
}

#[test]
fn variants_of_one_name_stand_behind_what_their_use_line_binds() {
    let analysis = analyze_root(&corpus().join("orders"));
    let model = analysis.model.expect("the contract is good");
    let both = model.agents[0]
        .handlers
        .iter()
        .find(|handler| handler.method == "both");
    let HandlerKind::Receive { signals, union, .. } = &both.expect("it is declared").kind else {
        panic!("`both` receives");
    };
    let variants: Vec<&str> = signals
        .iter()
        .map(|signal| signal.variant.as_str())
        .collect();
    assert_eq!(variants, ["V1OrderPlaced", "NewOrderPlaced"]);
    assert_eq!(union.as_deref(), Some("Both"));
    let wires: Vec<&str> = model
        .signals
        .iter()
        .map(|signal| signal.wire.as_str())
        .collect();
    assert_eq!(wires, ["orders.v1.order_placed", "orders.v2.order_placed"]);
}

#[test]
fn types_stand_behind_those_they_use_and_bound_queues_carry_what_their_exchange_does() {
    let analysis = analyze_root(&corpus().join("language_md"));
    let model = analysis.model.expect("the contract is good");
    let names: Vec<&str> = model.types.iter().map(|ty| ty.name.as_str()).collect();
    let position = |name: &str| {
        names
            .iter()
            .position(|known| *known == name)
            .expect("it is declared")
    };
    for (user, used) in [
        ("Invoice", "Money"),
        ("Mail", "Email"),
        ("Ticket", "TicketOpened"),
        ("TicketOpened", "Head"),
    ] {
        assert!(position(user) > position(used), "{user} {used}: {names:?}");
    }
    assert!(
        model
            .types
            .iter()
            .enumerate()
            .all(|(index, ty)| ty.id.0 as usize == index)
    );
    let welcome = model
        .queues
        .iter()
        .find(|queue| queue.name == "welcome")
        .expect("it is declared");
    let Shape::Named(payload) = welcome.payload.shape else {
        panic!("it carries a struct");
    };
    assert_eq!(model[payload].name, "Invoice");
    assert_eq!(welcome.wire, "accounts.welcome");
    let fingerprints: Vec<u64> = model
        .packages
        .iter()
        .map(|package| package.fingerprint)
        .collect();
    assert!(fingerprints.iter().all(|fingerprint| *fingerprint != 0));
}
