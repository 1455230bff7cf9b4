//! How contract crates find one another through Cargo. A contract crate has `links = "mag-<crate>"`, and its build
//! script publishes where its schema stands, with the closure of the contracts that it uses, since Cargo hands metadata
//! to direct dependants only. Knows neither files nor schemas: only the text that is published, and Rust paths.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::error::{Error, ErrorKind};

/// The key of the metadata: dependants see `DEP_MAG_<CRATE>_CONTRACTS`.
pub const KEY: &str = "contracts";
/// The form of the published text.
const VERSION: &str = "1";

/// A crate that owns packages of contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The name of its Cargo package.
    pub name: String,
    /// Its include roots.
    pub folders: Vec<PathBuf>,
    /// Its packages with their fingerprints.
    pub packages: Vec<(String, u64)>,
}

/// A contract crate as a dependant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The crate, wherever it is seen from.
    pub contract: Contract,
    /// `::accounts`, or `::billing::__mag::__dep_accounts` where only `billing` depends on it.
    pub path: String,
}

/// The name by which Rust code knows a crate, unless it is renamed.
#[must_use]
pub fn identifier(crate_name: &str) -> String {
    crate_name.replace('-', "_")
}

/// The `links` key that a contract crate must have.
#[must_use]
pub fn links(crate_name: &str) -> String {
    format!("mag-{crate_name}")
}

/// What a contract crate publishes: itself first, then those that it uses.
///
/// # Errors
/// [`ErrorKind::Contract`] where a folder's path is not Unicode, which Cargo can't hand on.
pub fn publish(contracts: &[Contract]) -> Result<String, Error> {
    let mut text = VERSION.to_owned();
    for contract in contracts {
        let mut folders = Vec::new();
        for folder in &contract.folders {
            let folder = folder.to_str().ok_or_else(|| unpublishable(contract))?;
            folders.push(escape(folder));
        }
        let packages: Vec<String> = contract
            .packages
            .iter()
            .map(|(name, fingerprint)| format!("{}:{fingerprint:016x}", escape(name)))
            .collect();
        let name = escape(&contract.name);
        let (folders, packages) = (folders.join("+"), packages.join("+"));
        write!(text, ";{name},{folders},{packages}").expect("a string takes all that is written");
    }
    Ok(text)
}

fn unpublishable(contract: &Contract) -> Error {
    Error::new(
        ErrorKind::Contract,
        format!(
            "the path of the schema of crate `{}` is not Unicode, so Cargo can't hand it to dependants",
            contract.name
        ),
    )
}

/// All contract crates that can be reached, by name: from what the direct dependencies published, and the aliases of
/// those that are renamed in `Cargo.toml`.
///
/// # Errors
/// [`ErrorKind::Contract`] where a published text can't be read, where one crate stands in two places, or where an
/// alias is for no contract crate.
pub fn dependencies(
    published: &[(String, String)],
    aliases: &[(String, String)],
) -> Result<Vec<Dependency>, Error> {
    let mut direct = Vec::new();
    let mut indirect = Vec::new();
    for (variable, text) in published {
        let mut contracts = read(text).ok_or_else(|| unreadable(variable))?.into_iter();
        let Some(first) = contracts.next() else {
            return Err(unreadable(variable));
        };
        let path = format!("::{}", seen_as(&first.name, aliases));
        indirect.extend(contracts.map(|contract| Dependency {
            path: format!("{path}::__mag::{}", reexport(&contract.name)),
            contract,
        }));
        direct.push(Dependency {
            contract: first,
            path,
        });
    }
    check_aliases(&direct, aliases)?;
    let mut all: Vec<Dependency> = Vec::new();
    for dependency in direct.into_iter().chain(indirect) {
        let name = &dependency.contract.name;
        match all.iter().find(|known| known.contract.name == *name) {
            None => all.push(dependency),
            Some(known) if known.contract.folders == dependency.contract.folders => {}
            Some(_) => return Err(in_two_places(name)),
        }
    }
    all.sort_by(|left, right| left.contract.name.cmp(&right.contract.name));
    Ok(all)
}

/// The name under which generated code hands on a crate that it uses.
#[must_use]
pub fn reexport(crate_name: &str) -> String {
    format!("__dep_{}", identifier(crate_name))
}

fn seen_as(name: &str, aliases: &[(String, String)]) -> String {
    let alias = aliases.iter().find(|(of, _)| of == name);
    alias.map_or_else(|| identifier(name), |(_, alias)| identifier(alias))
}

fn check_aliases(direct: &[Dependency], aliases: &[(String, String)]) -> Result<(), Error> {
    let names = || direct.iter().map(|known| known.contract.name.as_str());
    for (name, alias) in aliases {
        if names().any(|known| known == name) {
            continue;
        }
        let meant = microagent_schema::suggest::suggest(name, names());
        let found = names().collect::<Vec<_>>().join("`, `");
        let hint = match meant {
            Some(meant) => format!("\n  help: did you mean `{meant}`?"),
            None if found.is_empty() => String::new(),
            None => format!("\n  note: these are: `{found}`"),
        };
        let text = format!(
            "`.contract(\"{name}\", \"{alias}\")`: no direct dependency is a contract crate `{name}`{hint}"
        );
        return Err(Error::new(ErrorKind::Contract, text));
    }
    Ok(())
}

fn in_two_places(name: &str) -> Error {
    Error::new(
        ErrorKind::Contract,
        format!(
            "contract crate `{name}` is reached in two versions\n  help: make all dependencies agree on one; \
             a breaking contract is a new package in the same crate"
        ),
    )
}

fn unreadable(variable: &str) -> Error {
    Error::new(
        ErrorKind::Contract,
        format!(
            "`{variable}` is not in a form that this version of `microagent-build` reads\n  help: build this crate \
             and its contract crates with one version of `microagent-build` (`cargo update -p microagent-build`)"
        ),
    )
}

/// The contracts in a published text; `None` where it is of another form.
fn read(text: &str) -> Option<Vec<Contract>> {
    let mut records = text.split(';');
    if records.next() != Some(VERSION) {
        return None;
    }
    records.map(read_record).collect()
}

fn read_record(record: &str) -> Option<Contract> {
    let mut parts = record.split(',');
    let name = unescape(parts.next()?)?;
    let folders = parts.next()?.split('+').filter(|part| !part.is_empty());
    let folders = folders.map(|folder| unescape(folder).map(PathBuf::from));
    let folders = folders.collect::<Option<_>>()?;
    let packages = parts.next()?.split('+').filter(|part| !part.is_empty());
    let packages = packages.map(|package| {
        let (name, fingerprint) = package.split_once(':')?;
        let fingerprint = u64::from_str_radix(fingerprint, 16).ok()?;
        Some((unescape(name)?, fingerprint))
    });
    let packages = packages.collect::<Option<_>>()?;
    parts.next().is_none().then_some(Contract {
        name,
        folders,
        packages,
    })
}

/// Percent signs for what separates, and for what Cargo would trim or take for the end of a line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || character.is_whitespace() || "%;,+:".contains(character) {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                write!(escaped, "%{byte:02x}").expect("a string takes all that is written");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(name: &str, folder: &str) -> Contract {
        Contract {
            name: name.to_owned(),
            folders: vec![folder.into()],
            packages: vec![
                (identifier(name), 7),
                (format!("{}.v2", identifier(name)), u64::MAX),
            ],
        }
    }

    fn published(contracts: &[Contract]) -> (String, String) {
        let name = contracts[0].name.to_uppercase().replace('-', "_");
        (
            format!("DEP_MAG_{name}_CONTRACTS"),
            publish(contracts).unwrap(),
        )
    }

    #[test]
    fn what_is_published_is_read_back() {
        for folder in ["/a/schema", "/with space/100%;,+:\n\t/é", "C:\\crates\\a"] {
            let contracts = vec![contract("mail-accounts", folder), contract("billing", "/b")];
            let text = publish(&contracts).unwrap();
            assert!(!text.contains(char::is_whitespace), "{text}");
            assert_eq!(read(&text).as_ref(), Some(&contracts), "{text}");
        }
        for text in [
            "",
            "2;a,b,c",
            "1;a",
            "1;a,/a,b",
            "1;a,/a,b:x",
            "1;%,/a,",
            "1;a,/a,,",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_crate_is_reached_directly_or_through_the_one_that_uses_it() {
        let accounts = || contract("mail-accounts", "/a");
        let billing = published(&[contract("billing", "/b"), accounts()]);
        let paths = |published: &[(String, String)], aliases: &[(String, String)]| -> Vec<String> {
            let found = dependencies(published, aliases).unwrap();
            found
                .into_iter()
                .map(|dependency| dependency.path)
                .collect()
        };
        let billing_only = [billing.clone()];
        assert_eq!(
            paths(&billing_only, &[]),
            ["::billing", "::billing::__mag::__dep_mail_accounts"]
        );
        assert_eq!(
            paths(&[billing.clone(), published(&[accounts()])], &[]),
            ["::billing", "::mail_accounts"]
        );
        assert_eq!(
            paths(&billing_only, &[("billing".into(), "bill-v1".into())]),
            ["::bill_v1", "::bill_v1::__mag::__dep_mail_accounts"]
        );
    }

    #[test]
    fn what_can_not_be_used_is_said() {
        let accounts = published(&[contract("accounts", "/a")]);
        let other = published(&[contract("billing", "/b"), contract("accounts", "/other")]);
        let check =
            |published: &[(String, String)], aliases: &[(String, String)], expected: &str| {
                let error = dependencies(published, aliases).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Contract);
                assert!(error.to_string().contains(expected), "{error}");
            };
        check(
            &[accounts.clone(), other],
            &[],
            "`accounts` is reached in two versions",
        );
        check(
            &[("DEP_MAG_A_CONTRACTS".into(), "2;".into())],
            &[],
            "one version of `microagent-build`",
        );
        check(
            &[accounts],
            &[("acounts".into(), "a".into())],
            "did you mean `accounts`?",
        );
    }
}
