//! HTTPS with a certificate that the program makes for itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::forms::certificate;
use crate::forms::clock::{Clock, SystemClock};

/// A certificate and its key.
#[derive(Clone)]
pub struct Tls {
    certificate: String,
    key: String,
    path: Option<PathBuf>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the key.
        f.debug_struct("Tls").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Names that the certificate is for: this machine by each of its names, and the hosts of domains.
fn names(region: &str) -> Vec<String> {
    vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
        "*.localhost".to_owned(),
        format!("*.auth.{region}.localhost"),
    ]
}

impl Tls {
    /// The certificate kept in `folder` as `localhost.pem`, its key beside it; made when there is none.
    ///
    /// # Errors
    /// When the folder cannot be written or a key cannot be made.
    pub fn kept_in(folder: &Path, region: &str) -> io::Result<Tls> {
        let (path, key_path) = (folder.join("localhost.pem"), folder.join("localhost-key.pem"));
        if let (Ok(certificate), Ok(key)) = (std::fs::read_to_string(&path), std::fs::read_to_string(&key_path)) {
            return Ok(Tls { certificate, key, path: Some(path) });
        }
        let made = Tls::self_made(region)?;
        std::fs::create_dir_all(folder)?;
        write_private(&key_path, &made.key)?;
        std::fs::write(&path, &made.certificate)?;
        Ok(Tls { path: Some(path), ..made })
    }

    /// A certificate that goes with the process.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn self_made(region: &str) -> io::Result<Tls> {
        let (certificate, key) = certificate::for_server(names(region), SystemClock.now()).map_err(io::Error::other)?;
        Ok(Tls { certificate, key, path: None })
    }

    /// The certificate, for clients that are to trust it.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    /// The certificate's file, when it is kept: what `AWS_CA_BUNDLE` is set to.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(io::Error::other)?;
        let mut configuration = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(io::Error::other)?;
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(configuration)))
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}
