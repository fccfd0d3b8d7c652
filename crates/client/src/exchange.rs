//! One request and its answer over HTTP.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use poolform_model::{Cognito, Failure, Object, Refusal, Request, Response, SERVICE, TARGET_PREFIX};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value as Json;
use tokio::runtime::Runtime;

use crate::connect::{ConnectError, credentials, regional_endpoint};

/// How long one request may take in all; Cognito itself answers or gives up well before.
const TIME_OUT: Duration = Duration::from_secs(60);

/// How long a discovery document may take: it is asked of an endpoint that answers requests, and there may be none.
const DISCOVERY: Duration = Duration::from_secs(5);

/// The largest answer that is read: pages are small, a pool with all its messages is below a megabyte.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// A connection to Cognito.
pub struct Aws {
    runtime: Runtime,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    region: String,
    endpoint: Option<String>,
    sts_endpoint: Option<String>,
    credentials: SharedCredentialsProvider,
}

impl Aws {
    pub(crate) fn new(
        runtime: Runtime,
        region: String,
        endpoint: Option<String>,
        sts_endpoint: Option<String>,
        credentials: SharedCredentialsProvider,
        certificate: Option<&[u8]>,
    ) -> Result<Self, ConnectError> {
        for url in endpoint.iter().chain(&sts_endpoint) {
            let valid = url.parse::<http::Uri>().is_ok_and(|uri| uri.authority().is_some() && uri.scheme().is_some());
            if !valid {
                return Err(ConnectError(format!("The endpoint {url} is no URL such as http://127.0.0.1:9229.")));
            }
        }
        let builder = hyper_rustls::HttpsConnectorBuilder::new();
        let provider = rustls::crypto::aws_lc_rs::default_provider;
        let trusting = |roots: RootCertStore| {
            let config = rustls::ClientConfig::builder_with_provider(provider().into())
                .with_safe_default_protocol_versions()
                .map_err(|error| ConnectError(format!("TLS is not available: {error}")))?
                .with_root_certificates(roots)
                .with_no_client_auth();
            let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config);
            Ok(builder.https_or_http().enable_http1().build())
        };
        let connector = match (certificate, builder.with_provider_and_native_roots(provider())) {
            (Some(pem), _) => {
                let unusable =
                    |error: String| ConnectError(format!("The certificate of the server is not usable: {error}"));
                let mut roots = RootCertStore::empty();
                let certificate = CertificateDer::from_pem_slice(pem).map_err(|error| unusable(error.to_string()))?;
                roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
                trusting(roots)?
            }
            (None, Ok(builder)) => builder.https_or_http().enable_http1().build(),
            (None, Err(error)) if endpoint.is_none() => {
                return Err(ConnectError(format!(
                    "No certificates of authorities were found on this machine ({error})."
                )));
            }
            // A machine without certificates can still talk to a plain endpoint.
            (None, Err(_)) => trusting(RootCertStore::empty())?,
        };
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Aws { runtime, client, region, endpoint, sts_endpoint, credentials })
    }

    /// The region that requests go to.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The endpoint, where it is not the service's own.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Runs something of this connection to its end.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.handle().block_on(future)
    }

    pub(crate) fn sts_endpoint(&self) -> String {
        self.sts_endpoint.clone().unwrap_or_else(|| regional_endpoint("sts", &self.region))
    }

    /// Signs and sends.
    pub(crate) async fn send(&self, exchange: Exchange<'_>) -> Result<Answer, String> {
        let Exchange { method, service, url, headers, body } = exchange;
        let identity = credentials(&self.credentials).await?.into();
        let mut settings = SigningSettings::default();
        if service == "s3" {
            // S3 signs the path as it stands, encoded once, and wants the digest of the body as a header.
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|error| format!("Signing failed: {error}"))?
            .into();
        let authority = url
            .parse::<http::Uri>()
            .ok()
            .and_then(|uri| uri.authority().map(|authority| authority.to_string()))
            .ok_or_else(|| format!("{url} is no URL"))?;
        let signed_headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).chain([("host", authority.as_str())]).collect();
        let signable = SignableRequest::new(method, &url, signed_headers.into_iter(), SignableBody::Bytes(&body))
            .map_err(|error| format!("Signing failed: {error}"))?;
        let (instructions, _) =
            sign(signable, &parameters).map_err(|error| format!("Signing failed: {error}"))?.into_parts();
        let mut builder = http::Request::builder().method(method).uri(&url).header("host", &authority);
        for (name, value) in headers {
            builder = builder.header(*name, value);
        }
        let mut request = builder.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
        instructions.apply_to_request_http1x(&mut request);
        self.answer(request, &url, TIME_OUT).await
    }

    /// Sends, within a time.
    async fn answer(
        &self,
        request: http::Request<Full<Bytes>>,
        url: &str,
        time_out: Duration,
    ) -> Result<Answer, String> {
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| explain(&error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|error| error.to_string())?;
            Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
        };
        match tokio::time::timeout(time_out, exchange).await {
            Ok(answered) => answered.map_err(|reason: String| format!("{url} did not answer: {reason}")),
            Err(_) => Err(format!("{url} did not answer within {} seconds", time_out.as_secs())),
        }
    }

    /// What an endpoint that is not the service's own publishes about a pool: its OpenID Connect discovery document
    /// (`/POOL_ID/.well-known/openid-configuration`). None on AWS, which is known, and where there is no such document.
    pub fn discovered(&self, pool: &str) -> Option<Object> {
        let url =
            format!("{}/{pool}/.well-known/openid-configuration", self.endpoint.as_deref()?.trim_end_matches('/'));
        let request = http::Request::get(&url).body(Full::default()).ok()?;
        let answer = self.block_on(self.answer(request, &url, DISCOVERY)).ok()?;
        let document = serde_json::from_slice::<Json>(&answer.body).ok().filter(|_| answer.status == 200)?;
        document.as_object().cloned()
    }
}

/// What is sent.
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    pub(crate) service: &'a str,
    pub(crate) url: String,
    pub(crate) headers: &'a [(&'a str, String)],
    pub(crate) body: Vec<u8>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The text of an element of an XML body, which answers of the query protocol and of S3 are.
    pub(crate) fn element(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once("</").map(|(value, _)| value.trim().to_owned())
    }
}

/// The whole chain of causes in one line.
fn explain(error: &dyn std::error::Error) -> String {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        reason = format!("{reason}: {inner}");
        source = inner.source();
    }
    reason
}

impl Cognito for Aws {
    fn call(&self, request: &Request) -> Response {
        let endpoint = self.endpoint.clone().unwrap_or_else(|| regional_endpoint(SERVICE, &self.region));
        let headers = [
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{TARGET_PREFIX}.{}", request.operation)),
        ];
        let body = serde_json::to_vec(&request.body).expect("a request is JSON");
        let url = format!("{}/", endpoint.trim_end_matches('/'));
        let exchange = Exchange { method: "POST", service: SERVICE, url, headers: &headers, body };
        let answer = self.block_on(self.send(exchange)).map_err(Failure::Unreachable)?;
        let name =
            answer.header("x-amzn-errortype").map(|value| value.split(':').next().unwrap_or_default().to_owned());
        read(answer.status, name, &answer.body, &endpoint)
    }
}

/// An answer or a refusal from a response; anything else is not Cognito.
fn read(status: u16, name: Option<String>, body: &[u8], endpoint: &str) -> Response {
    let json: Option<Object> = if body.iter().all(u8::is_ascii_whitespace) {
        Some(Object::new())
    } else {
        serde_json::from_slice::<Json>(body).ok().and_then(|json| json.as_object().cloned())
    };
    if (200..300).contains(&status) {
        return json.ok_or_else(|| {
            Failure::Unreachable(format!("{endpoint} answered {status} with something that is no JSON object"))
        });
    }
    let text = |name: &str| json.as_ref().and_then(|json| json.get(name)).and_then(Json::as_str).map(str::to_owned);
    let code = text("__type").map(|code| code.rsplit('#').next().unwrap_or_default().to_owned()).or(name);
    match code {
        Some(code) => {
            let message = text("message").or_else(|| text("Message")).unwrap_or_default();
            Err(Refusal { code, message, status }.into())
        }
        None => Err(Failure::Unreachable(format!("{endpoint} answered {status}, and not as Cognito would"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_refusals_in_every_form_that_was_seen() {
        let plain = read(400, None, br#"{"__type":"ResourceNotFoundException","message":"No."}"#, "e");
        assert_eq!(plain, Err(Refusal::new("ResourceNotFoundException", "No.").into()));
        let prefixed = read(400, None, br##"{"__type":"com.amazonaws#SerializationException","Message":"No."}"##, "e");
        assert_eq!(prefixed, Err(Refusal::new("SerializationException", "No.").into()));
        let header = read(400, Some("AccessDeniedException".to_owned()), b"{}", "e");
        assert_eq!(header, Err(Refusal::new("AccessDeniedException", "").into()));
        assert!(matches!(read(502, None, b"<html>", "e"), Err(Failure::Unreachable(_))));
        assert_eq!(read(200, None, b"", "e"), Ok(Object::new()));
    }
}
