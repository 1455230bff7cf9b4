//! TLS and client certificates against a real server: who is let in, and what is said to those who are not. All certificates
//! are made here.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

use super::server::{Server, directory, free_port};
use super::*;

/// An authority, as PEM files in the directory of a server.
struct Authority {
    directory: PathBuf,
    name: &'static str,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(directory: &Path, name: &'static str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let distinguished = &mut params.distinguished_name;
        distinguished.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(directory.join(format!("{name}.pem")), certificate.pem()).unwrap();
        Self {
            directory: directory.to_owned(),
            name,
            issuer: Issuer::new(params, key),
        }
    }

    fn path(&self) -> String {
        self.file(&format!("{}.pem", self.name))
    }

    fn file(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }

    /// The paths of a certificate for this host and of its key.
    fn issue(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let number = std::fs::read_dir(&self.directory).unwrap().count();
        let (cert, pem) = (
            self.file(&format!("{number}.pem")),
            self.file(&format!("{number}.key")),
        );
        std::fs::write(&cert, certificate.pem()).unwrap();
        std::fs::write(&pem, key.serialize_pem()).unwrap();
        (cert, pem)
    }
}

/// A server with this certificate, that wants one of `clients` from its clients, or none.
fn serve(port: u16, (cert, key): &(String, String), clients: Option<&Authority>) -> Server {
    let number = port.to_string();
    let path = clients.map_or(cert.clone(), Authority::path);
    let wanted = if clients.is_some() { "yes" } else { "no" };
    let arguments = [
        "--port",
        "0",
        "--tls-port",
        &number,
        "--tls-cert-file",
        cert,
        "--tls-key-file",
        key,
        "--tls-ca-cert-file",
        &path,
        "--tls-auth-clients",
        wanted,
    ];
    Server::on(port, &arguments)
}

fn good(_: &mut CertificateParams) {}

fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
}

async fn works(dsn: &str) {
    let redis = connect(dsn).await.unwrap();
    declare(&redis).await.unwrap();
    send(&redis, "a").await.unwrap();
}

async fn says(dsn: &str, said: &str) {
    let error = refused(dsn).await;
    assert_eq!(error.kind(), ErrorKind::Config, "{dsn}: {error}");
    assert!(error.message().contains(said), "{dsn}: {error}");
}

#[tokio::test]
async fn a_server_is_let_in_by_its_certificate_alone() {
    if skipped() {
        return;
    }
    let port = free_port();
    let authority = Authority::new(&directory(port), "ours");
    let other = Authority::new(&directory(port), "theirs");
    let server = serve(port, &authority.issue("localhost", good), None);
    let at = format!("rediss://localhost:{port}");
    let (ca, wrong) = (authority.path(), other.path());
    works(&format!("{at}?ca={ca}")).await;
    says(&format!("{at}?ca={wrong}"), "`?ca=/path/ca.pem`").await;
    // The system's authorities do not know ours either.
    says(&at, "`?ca=/path/ca.pem`").await;
    let by_address = format!("rediss://127.0.0.1:{port}?ca={ca}");
    says(&by_address, "for another name").await;
    works(&format!("rediss://127.0.0.1:{port}?insecure=yes")).await;

    // Without TLS, the hint is what it may want; it is not there for good, so it is asked again until the deadline.
    let error = refused(&format!("redis://localhost:{port}?connect_timeout=1")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("write `rediss`"), "{error}");
    drop(server);

    let port = free_port();
    let authority = Authority::new(&directory(port), "ours");
    let ca = authority.path();
    let _server = serve(port, &authority.issue("localhost", expired), None);
    let at = format!("rediss://localhost:{port}?ca={ca}");
    let error = refused_when_there(&at).await;
    assert!(error.message().contains("expired"), "{error}");
}

/// The server may not listen yet, which is no reason to give up.
async fn refused_when_there(dsn: &str) -> Error {
    let error = refused(dsn).await;
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    error
}

#[tokio::test]
async fn a_client_is_let_in_by_its_certificate() {
    if skipped() {
        return;
    }
    let port = free_port();
    let authority = Authority::new(&directory(port), "ours");
    let other = Authority::new(&directory(port), "theirs");
    let _server = serve(port, &authority.issue("localhost", good), Some(&authority));
    let at = format!("rediss://localhost:{port}?ca={}", authority.path());
    let (cert, key) = authority.issue("client", good);
    works(&format!("{at}&cert={cert}&key={key}")).await;
    says(&at, "wants a client certificate").await;
    let (theirs, their_key) = other.issue("client", good);
    let dsn = format!("{at}&cert={theirs}&key={their_key}");
    says(&dsn, "refuses the client certificate").await;
    let (old, old_key) = authority.issue("client", expired);
    let dsn = format!("{at}&cert={old}&key={old_key}");
    says(&dsn, "refuses the client certificate").await;
    says(
        &format!("{at}&cert={cert}&key={their_key}"),
        "do not go together",
    )
    .await;
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_from_one_that_is_away() {
    if skipped() {
        return;
    }
    let server = Server::plain();
    server.direct().await;
    let at = format!("rediss://127.0.0.1:{}?insecure=yes", server.port);
    let error = refused(&format!("{at}&connect_timeout=1")).await;
    assert!(error.message().contains("speak TLS"), "{error}");
}
