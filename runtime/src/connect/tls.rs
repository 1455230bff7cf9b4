//! TLS for every backend whose client takes a socket: the server's certificate is verified unless the DSN says otherwise in so
//! many words, and a client certificate is shown where there is one. It must not know what is said above it.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore,
    SignatureScheme,
};

use crate::dsn::Dsn;
use crate::error::{Error, ErrorKind};

/// How to talk TLS to a server.
#[derive(Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Reads the certificates that the DSN names, else those that the system trusts.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] where a file can't be read or is something else, or there is a certificate without its key.
    pub(crate) fn from_dsn(dsn: &Dsn) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("the provider has the suites of TLS 1.2 and 1.3");
        let builder = match dsn.option("insecure") {
            None => builder.with_root_certificates(roots(dsn.option("ca"))?),
            Some("yes") => {
                tracing::warn!(server = %dsn, "the certificate of the server is not verified");
                let anyone = Arc::new(Anyone(provider));
                builder.dangerous().with_custom_certificate_verifier(anyone)
            }
            Some(_) => return Err(refused("option `insecure` is `yes` or not there")),
        };
        let config = match (dsn.option("cert"), dsn.option("key")) {
            (None, None) => builder.with_no_client_auth(),
            (Some(certificates), Some(key)) => {
                let certificates = read("cert", certificates)?;
                let key = PrivateKeyDer::from_pem_file(key)
                    .map_err(|it| unread("key", key, &it.to_string()))?;
                let with = builder.with_client_auth_cert(certificates, key);
                with.map_err(|it| refused(&format!("`cert` and `key` do not go together: {it}")))?
            }
            _ => return Err(refused("options `cert` and `key` go together")),
        };
        Ok(Self(Arc::new(config)))
    }

    /// Agrees on keys with the server of this name.
    pub(crate) async fn over(
        &self,
        name: &str,
        stream: TcpStream,
    ) -> io::Result<TlsStream<TcpStream>> {
        let server = ServerName::try_from(name.to_owned());
        let server = server.map_err(|it| io::Error::new(io::ErrorKind::InvalidInput, it))?;
        let connector = TlsConnector::from(Arc::clone(&self.0));
        connector.connect(server, stream).await
    }
}

/// Those whom a server's certificate may come from.
fn roots(path: Option<&str>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let certificates = match path {
        Some(path) => read("ca", path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    // The system's may hold some of a form that nobody reads any more.
    let (added, _) = roots.add_parsable_certificates(certificates);
    match (added, path) {
        (0, None) => Err(refused(
            "this system trusts no certificates; name a file with those of your authority: `?ca=/path/ca.pem`",
        )),
        (0, Some(path)) => Err(unread(
            "ca",
            path,
            "there is no certificate that can be used",
        )),
        _ => Ok(roots),
    }
}

/// The certificates in a file.
fn read(option: &str, path: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = CertificateDer::pem_file_iter(Path::new(path)).and_then(Iterator::collect);
    let certificates: Vec<_> = read.map_err(|it| unread(option, path, &it.to_string()))?;
    if certificates.is_empty() {
        return Err(unread(option, path, "there is none"));
    }
    Ok(certificates)
}

fn unread(option: &str, path: &str, why: &str) -> Error {
    refused(&format!(
        "no PEM file for option `{option}` at `{path}`: {why}"
    ))
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Config, message)
}

/// Why TLS failed, and how to mend it, where trying again won't help.
pub(crate) fn explain(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let why = match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate comes from an authority that is not trusted here; name that with `?ca=/path/ca.pem`"
        }
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "its certificate has expired",
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "its certificate is not valid yet",
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name than the DSN's",
        rustls::Error::InvalidMessage(_) => "it does not speak TLS on this port",
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure,
        ) => {
            "it wants a client certificate; name one with `?cert=/path/cert.pem&key=/path/key.pem`"
        }
        rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::DecryptError,
        ) => "it refuses the client certificate of `cert`",
        other => return Some(format!("TLS failed: {other}")),
    };
    Some(why.to_owned())
}

/// Takes any certificate, but a signature by its key there must be.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
