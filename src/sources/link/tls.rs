//! TLS over TCP: the server is always verified; we show a certificate where the configuration names one.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{CONNECT, tcp, within, words};
use crate::fleet::model::{ErrorKind, SourceError, TlsFiles};

/// What a TLS connection needs; the session is kept in it, so that later connections are cheap.
pub(super) struct Tls {
    host: String,
    port: u16,
    name: ServerName<'static>,
    connector: TlsConnector,
}

impl Tls {
    /// Reads the files. Nothing is connected yet.
    pub(super) async fn prepare(host: &str, port: u16, files: &TlsFiles) -> Result<Self, SourceError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| fault_of("the host's name is not one that a certificate can be for"))?;
        let files = files.clone();
        let config = tokio::task::spawn_blocking(move || configure(&files))
            .await
            .map_err(|_| SourceError::new(ErrorKind::Internal, "reading the certificates failed"))??;
        Ok(Self {
            host: host.to_owned(),
            port,
            name,
            connector: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Connects, and checks whom it is connected to.
    pub(super) async fn connect(&self) -> Result<TlsStream<TcpStream>, SourceError> {
        let stream = tcp::connect(&self.host, self.port).await?;
        within(CONNECT, async {
            self.connector
                .connect(self.name.clone(), stream)
                .await
                .map_err(|error| words::broken(&error))
        })
        .await
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({}:{})", self.host, self.port)
    }
}

fn configure(files: &TlsFiles) -> Result<ClientConfig, SourceError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&error))?
        .with_root_certificates(roots(files.ca.as_deref())?);
    match (&files.cert, &files.key) {
        (None, None) => Ok(config.with_no_client_auth()),
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
                pem::Error::NoItemsFound => fault_of(format!("{} holds no key we can use", key.display()))
                    .advise("a key with a passphrase cannot be used: write it without one"),
                other => unreadable(key, &other),
            })?;
            config.with_client_auth_cert(chain, secret).map_err(|_| {
                fault_of(format!(
                    "the key {} does not belong to the certificate {}",
                    key.display(),
                    cert.display()
                ))
            })
        }
        (Some(_), None) => Err(fault_of("a client certificate is named, but not its key")),
        (None, Some(_)) => Err(fault_of("a client key is named, but not its certificate")),
    }
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, SourceError> {
    let mut roots = RootCertStore::empty();
    if let Some(ca) = ca {
        for certificate in certificates(ca)? {
            roots
                .add(certificate)
                .map_err(|_| fault_of(format!("{} holds something that is no certificate", ca.display())))?;
        }
    } else {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            return Err(fault_of("this machine trusts no certificate at all")
                .advise("install ca-certificates, or name the CA's file: tls = { ca = … }"));
        }
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SourceError> {
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(path, &error))?;
    if found.is_empty() {
        return Err(fault_of(format!("{} holds no certificate", path.display())));
    }
    Ok(found)
}

fn unreadable(path: &Path, error: &pem::Error) -> SourceError {
    match error {
        pem::Error::Io(error) => fault_of(format!("{} cannot be read: {error}", path.display())),
        _ => fault_of(format!("{} is not a PEM file", path.display())),
    }
}

fn fault_of(reason: impl AsRef<str>) -> SourceError {
    SourceError::new(ErrorKind::Tls, reason)
}

/// What rustls found wrong, in words.
pub(super) fn fault(error: &rustls::Error) -> SourceError {
    use rustls::Error as Fault;
    match error {
        Fault::InvalidCertificate(why) => certificate(why),
        Fault::InvalidMessage(_) => fault_of("the server does not speak TLS")
            .advise("check the port, or take tls out of the host's entry"),
        Fault::AlertReceived(alert) => refused(*alert),
        other => fault_of(format!("TLS: {}", words::clip(&other.to_string()))),
    }
}

fn certificate(why: &CertificateError) -> SourceError {
    use CertificateError as Bad;
    match why {
        Bad::UnknownIssuer => fault_of("TLS: unknown CA")
            .advise("the server's certificate is signed by a CA that tls.ca does not hold"),
        Bad::Expired | Bad::ExpiredContext { .. } => fault_of("TLS: certificate expired")
            .advise("the server needs a new certificate; check this machine's clock"),
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
            fault_of("TLS: certificate not valid yet").advise("check this machine's clock")
        }
        Bad::NotValidForNameContext { presented, .. } => fault_of("TLS: certificate is for another name")
            .advise(format!(
                "it is for {}; name the host as the certificate does",
                words::clip(&presented.join(", "))
            )),
        Bad::NotValidForName => fault_of("TLS: certificate is for another name"),
        Bad::Revoked => fault_of("TLS: certificate revoked"),
        other => fault_of(format!(
            "TLS: bad certificate ({})",
            words::clip(&format!("{other:?}"))
        )),
    }
}

fn refused(alert: AlertDescription) -> SourceError {
    use AlertDescription as Alert;
    match alert {
        Alert::CertificateRequired
        | Alert::BadCertificate
        | Alert::NoCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied
        | Alert::DecryptError => fault_of("TLS: server refuses our certificate")
            .advise("tls.cert and tls.key must be a pair that the engine's CA signed for clients"),
        other => fault_of(format!("TLS: the server gave up ({other:?})")),
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, CertificateError, Error};

    use super::{Tls, fault};
    use crate::fleet::model::{ErrorKind, TlsFiles};

    #[test]
    fn faults_are_said_in_words() {
        for (error, words) in [
            (
                Error::InvalidCertificate(CertificateError::UnknownIssuer),
                "TLS: unknown CA",
            ),
            (
                Error::InvalidCertificate(CertificateError::Expired),
                "TLS: certificate expired",
            ),
            (
                Error::InvalidCertificate(CertificateError::NotValidForName),
                "TLS: certificate is for another name",
            ),
            (
                Error::AlertReceived(AlertDescription::CertificateRequired),
                "TLS: server refuses our certificate",
            ),
            (
                Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
                "the server does not speak TLS",
            ),
        ] {
            assert_eq!(fault(&error).reason, words);
        }
    }

    #[tokio::test]
    async fn missing_and_halved_files_are_named() {
        let missing = TlsFiles {
            ca: Some("/nowhere/ca.pem".into()),
            ..TlsFiles::default()
        };
        let error = Tls::prepare("localhost", 1, &missing).await.expect_err("no file");
        assert_eq!(error.kind, ErrorKind::Tls);
        assert!(error.reason.contains("/nowhere/ca.pem"), "{error}");
        let half = TlsFiles {
            cert: Some("/nowhere/cert.pem".into()),
            ..TlsFiles::default()
        };
        assert!(Tls::prepare("localhost", 1, &half).await.is_err());
    }
}
