//! Certificates that the emulator makes: for encrypted SAML assertions, and for its own HTTPS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, date_time_ymd,
};

use crate::forms::clock;

/// ActiveEncryptionCertificate of a pool: RSA 2048, SHA-256, self-signed, subject and issuer CN = the pool's id, ten years;
/// base64 of the DER without armour [CloudControl.UserPoolIdentityProvider.2026-08.saml-metadata-file]. The service's ends
/// half a day before ten years are over, this one ends with a whole day.
pub(crate) fn for_saml(pool: &str, now: i64) -> Result<String, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, pool);
    last_from(&mut parameters, now, 10);
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
    Ok(STANDARD.encode(parameters.self_signed(&key)?.der()))
}

/// A certificate and its key in PEM, for these names.
pub(crate) fn for_server(names: Vec<String>, now: i64) -> Result<(String, String), rcgen::Error> {
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "poolform local Cognito");
    // Systems refuse server certificates that last much longer than two years.
    last_from(&mut parameters, now, 2);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok((parameters.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn last_from(parameters: &mut CertificateParams, now: i64, years: i32) {
    let (year, month, day) = clock::date(now);
    let year = i32::try_from(year).unwrap_or(2000).clamp(1970, 9000);
    let month = u8::try_from(month).unwrap_or(1).clamp(1, 12);
    // The 28th exists in every month and year.
    let day = u8::try_from(day).unwrap_or(1).clamp(1, 28);
    parameters.not_before = date_time_ymd(year, month, day);
    parameters.not_after = date_time_ymd(year + years, month, day);
}
