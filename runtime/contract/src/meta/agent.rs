//! What the runtime knows of an agent beside its lines.

/// An agent: who declared it, and the contract it was generated from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentMeta {
    package: &'static str,
    name: &'static str,
    fingerprint: u64,
}

impl AgentMeta {
    /// An agent `name` of `package`, generated from the contract with this fingerprint.
    pub const fn new(package: &'static str, name: &'static str, fingerprint: u64) -> Self {
        Self {
            package,
            name,
            fingerprint,
        }
    }

    /// The package that declares it.
    pub const fn package(&self) -> &'static str {
        self.package
    }

    /// Its name in the schema.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The fingerprint of its package's wire contract.
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}
