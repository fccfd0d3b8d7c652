//! The provider as Terraform speaks to it, without Terraform: the same environment, line, TLS and messages.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use poolform_provider::wire::messages::*;
use poolform_provider::wire::{decode, encode};
use poolform_provider::{CLIENT_CERTIFICATE, COOKIE, PROTOCOL, VERSIONS};
use poolform_value::{Content, Type, Value, from_json};
use prost::Message;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, PKCS_ECDSA_P521_SHA512};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use crate::command::Folder;

/// A certificate as Terraform makes one: P-521, its own authority.
struct Identity {
    pem: String,
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

fn identity() -> Identity {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = parameters.self_signed(&key).unwrap();
    Identity { pem: certificate.pem(), certificate: certificate.der().clone(), key: key.serialize_der() }
}

/// Takes the certificate of the line and no other, as Terraform does.
#[derive(Debug)]
struct Only {
    server: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Only {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, tokio_rustls::rustls::Error> {
        assert_eq!(certificate, &self.server);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, tokio_rustls::rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, tokio_rustls::rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A provider that runs, and a connection to it.
struct Plugin {
    process: Child,
    address: SocketAddr,
    authority: CertificateDer<'static>,
    runtime: Runtime,
    sender: Option<SendRequest<Full<Bytes>>>,
    _folder: Folder,
}

fn start(name: &str, client: &Identity) -> Plugin {
    let folder = Folder::new(&format!("protocol-{name}"));
    let mut process = Command::new(env!("CARGO_BIN_EXE_terraform-provider-poolform"))
        .current_dir(&folder.0)
        .env(COOKIE.0, COOKIE.1)
        .env(VERSIONS, "5,6")
        .env(CLIENT_CERTIFICATE, &client.pem)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let parts: Vec<&str> = line.trim_end().split('|').collect();
    assert_eq!((parts[0], parts[1], parts[2], parts[4]), ("1", PROTOCOL, "tcp", "grpc"), "{line}");
    let address = parts[3].parse().unwrap();
    let authority = CertificateDer::from(STANDARD_NO_PAD.decode(parts[5]).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    Plugin { process, address, authority, runtime, sender: None, _folder: folder }
}

impl Plugin {
    /// Connects as `client`; whether it was let in.
    fn connect(&mut self, client: &Identity) -> bool {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let only = Only { server: self.authority.clone(), provider: Arc::clone(&provider) };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(client.key.clone()));
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(only))
            .with_client_auth_cert(vec![client.certificate.clone()], key)
            .unwrap();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let address = self.address;
        let sender = self.runtime.block_on(async move {
            let stream = TcpStream::connect(address).await.ok()?;
            let name = ServerName::try_from("localhost").unwrap();
            let stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await.ok()?;
            let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.ok()?;
            tokio::spawn(connection);
            Some(sender)
        });
        self.sender = sender;
        self.sender.is_some() && self.call::<_, HealthCheckResponse>("/grpc.health.v1.Health/Check", Empty {}).is_ok()
    }

    fn call<Q: Message, A: Message + Default>(&self, path: &str, question: Q) -> Result<A, String> {
        let mut sender = self.sender.clone().unwrap();
        let request = framed(path, &question);
        self.runtime.block_on(async move { answer(sender.send_request(request).await).await })
    }

    fn ask<Q: Message, A: Message + Default>(&self, operation: &str, question: Q) -> A {
        self.call(&format!("/tfplugin6.Provider/{operation}"), question).unwrap()
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn framed<Q: Message>(path: &str, question: &Q) -> http::Request<Full<Bytes>> {
    let message = question.encode_to_vec();
    let mut body = BytesMut::new();
    body.put_u8(0);
    body.put_u32(u32::try_from(message.len()).unwrap());
    body.extend_from_slice(&message);
    http::Request::post(format!("https://localhost{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Full::new(body.freeze()))
        .unwrap()
}

async fn answer<A: Message + Default>(
    response: hyper::Result<http::Response<hyper::body::Incoming>>,
) -> Result<A, String> {
    let response = response.map_err(|error| error.to_string())?;
    let head = response.headers().clone();
    let collected = response.into_body().collect().await.map_err(|error| error.to_string())?;
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let status = trailers.get("grpc-status").or(head.get("grpc-status")).map(|status| status.as_bytes().to_vec());
    if status.as_deref() != Some(b"0") {
        return Err(format!("{status:?}"));
    }
    let bytes = collected.to_bytes();
    A::decode(&bytes[5..]).map_err(|error| error.to_string())
}

fn attributes(schemas: &GetProviderSchemaResponse, type_name: &str, given: serde_json::Value) -> DynamicValue {
    let block = schemas.resource_schemas[type_name].block.as_ref().unwrap();
    let given = given.as_object().cloned().unwrap();
    let value = |name: &String| given.get(name).map_or_else(Value::null, from_json);
    encode(&Value::object(block.attributes.iter().map(|attribute| (attribute.name.clone(), value(&attribute.name)))))
}

fn is_clean(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().all(|diagnostic| diagnostic.severity != ERROR)
}

const POOL: &str = "poolform_user_pool";

#[test]
fn a_resource_lives_by_the_protocol() {
    let client = identity();
    let mut plugin = start("life", &client);
    assert!(plugin.connect(&client));
    let schemas: GetProviderSchemaResponse = plugin.ask("GetProviderSchema", Empty {});
    assert_eq!(schemas.resource_schemas.len(), poolform_core::terraform::schema::offered().count());
    assert_eq!(schemas.data_source_schemas.len(), 2);
    assert_eq!(schemas.ephemeral_resource_schemas.len(), 1);
    let metadata: GetMetadataResponse = plugin.ask("GetMetadata", Empty {});
    assert_eq!(metadata.resources.len(), schemas.resource_schemas.len());

    // Before it is configured: a wrong value is refused at its path, an apply says why it is not possible.
    let wrong = attributes(&schemas, POOL, json!({"name": "orders", "password_policy": [{"minimum_length": 5}]}));
    let request = TypedConfigRequest { type_name: POOL.to_owned(), config: Some(wrong) };
    let said: DiagnosticsResponse = plugin.ask("ValidateResourceConfig", request);
    let path: Vec<Selector> =
        said.diagnostics[0].attribute.as_ref().unwrap().steps.iter().filter_map(|step| step.selector.clone()).collect();
    // The attribute alone: of a path into it Terraform shows the whole resource. The detail names the rest.
    assert_eq!(path, [Selector::AttributeName("password_policy".to_owned())]);
    assert!(said.diagnostics[0].detail.contains("password_policy.minimum_length"), "{}", said.diagnostics[0].detail);
    let unknown = Value::object([("region", Content::Unknown(Type::Any, None).into())]);
    let request = ConfigureProviderRequest { terraform_version: "1.11.4".to_owned(), config: Some(encode(&unknown)) };
    let said: DiagnosticsResponse = plugin.ask("ConfigureProvider", request);
    assert!(said.diagnostics.is_empty(), "what is not known yet is waited for");
    let config = attributes(&schemas, POOL, json!({"name": "orders", "tags": {"a": "b"}}));
    let null = encode(&Value::null());
    let plan_of = |prior: &DynamicValue, config: &DynamicValue, private: &[u8]| PlanResourceChangeRequest {
        type_name: POOL.to_owned(),
        prior_state: Some(prior.clone()),
        proposed_new_state: Some(config.clone()),
        config: Some(config.clone()),
        prior_private: private.to_vec(),
    };
    let planned: PlanResourceChangeResponse = plugin.ask("PlanResourceChange", plan_of(&null, &config, &[]));
    assert!(is_clean(&planned.diagnostics), "{:?}", planned.diagnostics);
    let apply_of = |prior: &DynamicValue, planned: &PlanResourceChangeResponse, config: &DynamicValue| {
        ApplyResourceChangeRequest {
            type_name: POOL.to_owned(),
            prior_state: Some(prior.clone()),
            planned_state: planned.planned_state.clone(),
            config: Some(config.clone()),
            planned_private: planned.planned_private.clone(),
        }
    };
    let early: ApplyResourceChangeResponse = plugin.ask("ApplyResourceChange", apply_of(&null, &planned, &config));
    assert_eq!(early.diagnostics[0].summary, "Provider not configured");

    let local = Value::object([("local", true.into()), ("region", "eu-west-1".into())]);
    let request = ConfigureProviderRequest { terraform_version: "1.11.4".to_owned(), config: Some(encode(&local)) };
    let said: DiagnosticsResponse = plugin.ask("ConfigureProvider", request);
    assert!(said.diagnostics.is_empty(), "{:?}", said.diagnostics);
    let made: ApplyResourceChangeResponse = plugin.ask("ApplyResourceChange", apply_of(&null, &planned, &config));
    assert!(is_clean(&made.diagnostics), "{:?}", made.diagnostics);
    let state = made.new_state.unwrap();
    let id = decode(Some(&state)).unwrap().members().unwrap()["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("eu-west-1_"), "{id}");

    // Concurrent reads all bring the state that is there.
    let read_of = || ReadResourceRequest {
        type_name: POOL.to_owned(),
        current_state: Some(state.clone()),
        private: made.private.clone(),
    };
    let answers = plugin.runtime.block_on(async {
        let sender = plugin.sender.clone().unwrap();
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let mut sender = sender.clone();
                let request = framed("/tfplugin6.Provider/ReadResource", &read_of());
                tokio::spawn(async move { answer::<ReadResourceResponse>(sender.send_request(request).await).await })
            })
            .collect();
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.unwrap().unwrap());
        }
        answers
    });
    for read in answers {
        assert_eq!(decode(read.new_state.as_ref()), decode(Some(&state)));
    }
    let again: PlanResourceChangeResponse = plugin.ask("PlanResourceChange", plan_of(&state, &config, &made.private));
    assert_eq!(decode(again.planned_state.as_ref()), decode(Some(&state)), "the next plan changes nothing");

    // The secret of a client is given to who asks, and kept by no state.
    let client = "poolform_user_pool_client";
    let given = json!({"user_pool_id": id, "name": "job", "generate_secret": true, "store_secret": false});
    let config_of_client = attributes(&schemas, client, given);
    let request = PlanResourceChangeRequest { type_name: client.to_owned(), ..plan_of(&null, &config_of_client, &[]) };
    let planned: PlanResourceChangeResponse = plugin.ask("PlanResourceChange", request);
    let request =
        ApplyResourceChangeRequest { type_name: client.to_owned(), ..apply_of(&null, &planned, &config_of_client) };
    let with_client: ApplyResourceChangeResponse = plugin.ask("ApplyResourceChange", request);
    let members = decode(with_client.new_state.as_ref()).unwrap().members().unwrap().clone();
    assert!(members["client_secret"].is_null());
    let asked = Value::object([("user_pool_id", Value::from(id.as_str())), ("client_id", members["id"].clone())]);
    let request =
        TypedConfigRequest { type_name: "poolform_user_pool_client_secret".to_owned(), config: Some(encode(&asked)) };
    let opened: OpenEphemeralResourceResponse = plugin.ask("OpenEphemeralResource", request);
    let secret = decode(opened.result.as_ref()).unwrap().members().unwrap()["client_secret"].clone();
    assert!(secret.as_str().is_some_and(|secret| secret.len() > 20));

    // By its id alone it is the same, and what was stored is read again.
    let request = ImportResourceStateRequest { type_name: POOL.to_owned(), id: id.clone() };
    let imported: ImportResourceStateResponse = plugin.ask("ImportResourceState", request);
    let request = ReadResourceRequest {
        type_name: POOL.to_owned(),
        current_state: imported.imported_resources[0].state.clone(),
        private: imported.imported_resources[0].private.clone(),
    };
    let read: ReadResourceResponse = plugin.ask("ReadResource", request);
    assert_eq!(decode(read.new_state.as_ref()).unwrap().members().unwrap()["name"].as_str(), Some("orders"));
    let raw = RawState { json: json!({"id": id, "gone_since": 1}).to_string().into_bytes() };
    let stored = |version: i64| UpgradeResourceStateRequest {
        type_name: POOL.to_owned(),
        version,
        raw_state: Some(raw.clone()),
    };
    let upgraded: UpgradeResourceStateResponse = plugin.ask("UpgradeResourceState", stored(0));
    let members = decode(upgraded.upgraded_state.as_ref()).unwrap().members().unwrap().clone();
    assert!(members["id"].as_str() == Some(&id) && !members.contains_key("gone_since"));
    let newer: UpgradeResourceStateResponse = plugin.ask("UpgradeResourceState", stored(99));
    assert_eq!(newer.diagnostics[0].summary, "State of a newer provider");

    // Moved from the AWS provider, and from nobody else.
    let moved = |provider: &str| MoveResourceStateRequest {
        source_provider_address: provider.to_owned(),
        source_type_name: "aws_cognito_user_pool".to_owned(),
        source_state: Some(raw.clone()),
        target_type_name: POOL.to_owned(),
        ..MoveResourceStateRequest::default()
    };
    for address in ["registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws", "aws"] {
        let ours: MoveResourceStateResponse = plugin.ask("MoveResourceState", moved(address));
        assert!(ours.diagnostics.is_empty() && ours.target_state.is_some(), "{address}");
    }
    let other: MoveResourceStateResponse = plugin.ask("MoveResourceState", moved("registry.terraform.io/acme/other"));
    assert_eq!(other.diagnostics[0].summary, "Move of another resource");

    // Garbage is an error, not an end.
    let garbage = DynamicValue { msgpack: vec![0x92], json: Vec::new() };
    let request = TypedConfigRequest { type_name: POOL.to_owned(), config: Some(garbage) };
    let said: DiagnosticsResponse = plugin.ask("ValidateResourceConfig", request);
    assert_eq!(said.diagnostics[0].summary, "Message not understood");
    let request = TypedConfigRequest { type_name: "poolform_nothing".to_owned(), config: Some(null.clone()) };
    let said: DiagnosticsResponse = plugin.ask("ValidateResourceConfig", request);
    assert_eq!(said.diagnostics[0].summary, "Unknown type");
    assert!(plugin.call::<_, Empty>("/tfplugin6.Provider/NoSuchThing", Empty {}).unwrap_err().contains("49, 50"));

    let mut removal = plan_of(&state, &null, &made.private);
    removal.config = Some(null.clone());
    let planned: PlanResourceChangeResponse = plugin.ask("PlanResourceChange", removal);
    let gone: ApplyResourceChangeResponse = plugin.ask("ApplyResourceChange", apply_of(&state, &planned, &null));
    assert!(is_clean(&gone.diagnostics), "{:?}", gone.diagnostics);
    assert!(decode(gone.new_state.as_ref()).unwrap().is_null());
    let _: StopProviderResponse = plugin.ask("StopProvider", Empty {});
    let _: Empty = plugin.call("/plugin.GRPCController/Shutdown", Empty {}).unwrap();
    let asked = Instant::now();
    while plugin.process.try_wait().unwrap().is_none() {
        assert!(asked.elapsed() < Duration::from_secs(2), "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(plugin.process.wait().unwrap().success());
}

#[test]
fn nobody_but_the_one_who_started_it_gets_in() {
    let mut by_hand = Command::new(env!("CARGO_BIN_EXE_terraform-provider-poolform"))
        .env_remove(COOKIE.0)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    by_hand.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!by_hand.wait().unwrap().success() && said.contains("provider for Terraform"), "{said}");
    let (ours, theirs) = (identity(), identity());
    let mut plugin = start("strangers", &ours);
    assert!(!plugin.connect(&theirs));
    assert!(plugin.connect(&ours));
}
