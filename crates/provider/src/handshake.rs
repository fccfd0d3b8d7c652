//! How Terraform and a provider find each other (go-plugin's documented handshake): a cookie in the environment, the
//! protocol's versions, one certificate each way, one line on standard output.

use std::fmt;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

/// The variable and value by which a provider knows that Terraform started it (Terraform's plugin protocol).
pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");
/// The variable with the versions of the protocol that Terraform speaks, separated by commas.
pub const VERSIONS: &str = "PLUGIN_PROTOCOL_VERSIONS";
/// The variable with Terraform's certificate, PEM.
pub const CLIENT_CERTIFICATE: &str = "PLUGIN_CLIENT_CERT";
/// The version of the protocol that is spoken here.
pub const PROTOCOL: &str = "6";
/// The version of go-plugin's own protocol.
const CORE_PROTOCOL: &str = "1";

/// Why there was no handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeError(pub String);

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HandshakeError {}

/// What a handshake agrees on.
pub struct Handshake {
    /// TLS with a certificate made for this run, for whoever holds Terraform's certificate and nobody else.
    pub tls: ServerConfig,
    certificate: Vec<u8>,
}

impl Handshake {
    /// Reads what Terraform put into the environment; `variable` looks one up.
    ///
    /// # Errors
    /// When it was not Terraform that started the program, or a version that speaks another protocol.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Handshake, HandshakeError> {
        if variable(COOKIE.0).as_deref() != Some(COOKIE.1) {
            return Err(HandshakeError(
                "This is a provider for Terraform and OpenTofu, which start it themselves: it is of no use alone. \
                 The command of this project is poolform."
                    .to_owned(),
            ));
        }
        let versions = variable(VERSIONS).unwrap_or_default();
        if !versions.split(',').any(|version| version.trim() == PROTOCOL) {
            return Err(HandshakeError(format!(
                "This provider speaks version {PROTOCOL} of the plugin protocol, and it was asked for \"{versions}\". \
                 Terraform 1.0 or newer is needed."
            )));
        }
        let pem = variable(CLIENT_CERTIFICATE).unwrap_or_default();
        let client = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| HandshakeError(format!("{CLIENT_CERTIFICATE} holds no certificate: {error:?}.")))?;
        let failed = |error: &dyn fmt::Display| HandshakeError(format!("Making a certificate failed: {error}."));
        let key = KeyPair::generate().map_err(|error| failed(&error))?;
        // Terraform takes the certificate as its only authority for the name localhost.
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).map_err(|error| failed(&error))?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "localhost");
        let certificate = parameters.self_signed(&key).map_err(|error| failed(&error))?.der().clone();
        let crypto = Arc::new(aws_lc_rs::default_provider());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut tls = ServerConfig::builder_with_provider(Arc::clone(&crypto))
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_client_cert_verifier(Arc::new(Only { client, crypto }))
            .with_single_cert(vec![certificate.clone()], key)
            .map_err(|error| failed(&error))?;
        tls.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Handshake { tls, certificate: certificate.to_vec() })
    }

    /// The line that tells Terraform where to connect and which certificate to expect.
    pub fn line(&self, address: SocketAddr) -> String {
        format!("{CORE_PROTOCOL}|{PROTOCOL}|tcp|{address}|grpc|{}", STANDARD_NO_PAD.encode(&self.certificate))
    }

    /// Writes the line.
    ///
    /// # Errors
    /// When nobody reads.
    pub fn announce(&self, address: SocketAddr, output: &mut dyn Write) -> std::io::Result<()> {
        writeln!(output, "{}", self.line(address))?;
        output.flush()
    }
}

/// Accepts one certificate and no other. Terraform's is its own authority, which ordinary verifiers refuse.
#[derive(Debug)]
struct Only {
    client: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Only {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if certificate.as_ref() == self.client.as_ref() {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::General("not the certificate that started this provider".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terraform_gets_in() {
        let by_hand = Handshake::read(&|_| None).err().unwrap();
        assert!(by_hand.0.contains("provider for Terraform"), "{by_hand}");
        let old = |name: &str| match name {
            name if name == COOKIE.0 => Some(COOKIE.1.to_owned()),
            VERSIONS => Some("4,5".to_owned()),
            _ => None,
        };
        assert!(Handshake::read(&old).err().unwrap().0.contains("\"4,5\""));
        let bare = |name: &str| if name == VERSIONS { Some("5,6".to_owned()) } else { old(name) };
        assert!(Handshake::read(&bare).err().unwrap().0.contains("no certificate"));
    }
}
