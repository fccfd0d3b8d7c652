//! A stand-in for the AWS provider: its schemas as recorded states tell them, its upgrade of a state, and nothing that it
//! could write with. It notes what it is asked.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use poolform_provider::Handshake;
use poolform_provider::wire::messages::*;
use poolform_provider::wire::{decode, encode};
use prost::Message;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::command::{fixtures, folders};

/// The file in which the stand-in notes what it is asked.
const ASKED: &str = "POOLFORM_OLD_PROVIDER_ASKED";
/// gRPC's status for an operation that is not there.
const UNIMPLEMENTED: &str = "12";

/// The stand-in of one root.
pub struct OldProvider {
    /// The folder that holds it, for `dev_overrides`.
    pub folder: PathBuf,
}

impl OldProvider {
    /// Puts it into `root`: a program that starts this test binary, which is given to nobody else.
    pub fn new(root: &Path) -> Self {
        let folder = root.join("old");
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("terraform-provider-aws");
        let tests = std::env::current_exe().unwrap();
        // What the test harness prints is not for Terraform, which reads one line.
        let script = format!(
            "#!/bin/sh\nexport {ASKED}='{}'\nexec 3>&1 >/dev/null\nexec '{}' --ignored --exact {}\n",
            folder.join("asked").display(),
            tests.display(),
            "terraform::old_provider::stands_in_for_the_aws_provider"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        OldProvider { folder }
    }

    /// What it was asked so far, each operation once.
    pub fn asked(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("asked")).unwrap_or_default();
        let mut asked: Vec<String> = text.lines().map(str::to_owned).collect();
        asked.sort();
        asked.dedup();
        asked
    }
}

/// The types of the old provider's resources. Three are outputs of the original module, and a state keeps their types;
/// the fourth is from the AWS provider's page of the resource.
fn types() -> HashMap<&'static str, Value> {
    let mut found = HashMap::from([(
        "aws_cognito_resource_server",
        json!({
            "id": "string",
            "identifier": "string",
            "name": "string",
            "scope": ["set", ["object", {"scope_description": "string", "scope_name": "string"}]],
            "scope_identifiers": ["list", "string"],
            "user_pool_id": "string",
        }),
    )]);
    for case in folders(&fixtures().join("adoption")) {
        let state: Value = serde_json::from_slice(&fs::read(case.join("terraform.tfstate")).unwrap()).unwrap();
        let outputs = &state["outputs"];
        let mut take = |name: &'static str, of: &Value| {
            if of[0] == "object" {
                let mut attributes = of[1].clone();
                if attributes.get("client_secret").is_some() {
                    // The output hides it, and a value that is null has no type.
                    attributes["client_secret"] = json!("string");
                }
                found.insert(name, attributes);
            }
        };
        take("aws_cognito_user_pool", &outputs["user_pool"]["type"]);
        take("aws_cognito_user_pool_domain", &outputs["domain"]["type"]);
        for client in outputs["clients"]["type"][1].as_object().into_iter().flatten() {
            take("aws_cognito_user_pool_client", client.1);
        }
    }
    found
}

fn schema(attributes: &Value) -> Schema {
    let attribute = |(name, ty): (&String, &Value)| Attribute {
        name: name.clone(),
        ty: ty.to_string().into_bytes(),
        optional: true,
        computed: true,
        sensitive: name == "client_secret",
        ..Attribute::default()
    };
    let attributes = attributes.as_object().into_iter().flatten().map(attribute).collect();
    Schema { version: 0, block: Some(Block { attributes, ..Block::default() }) }
}

fn schemas() -> GetProviderSchemaResponse {
    GetProviderSchemaResponse {
        provider: Some(schema(&json!({"region": "string"}))),
        resource_schemas: types()
            .into_iter()
            .map(|(name, attributes)| (name.to_owned(), schema(&attributes)))
            .collect(),
        ..GetProviderSchemaResponse::default()
    }
}

/// A state of the version that is the only one, as Terraform reads it.
fn upgraded(request: &UpgradeResourceStateRequest) -> UpgradeResourceStateResponse {
    let json = request.raw_state.as_ref().map(|raw| raw.json.clone()).unwrap_or_default();
    let state = decode(Some(&DynamicValue { msgpack: Vec::new(), json })).unwrap();
    UpgradeResourceStateResponse { upgraded_state: Some(encode(&state)), diagnostics: Vec::new() }
}

/// The answer to an operation. None for those that write, and for what a provider may lack.
fn answer(path: &str, question: &[u8]) -> Option<Vec<u8>> {
    let operation = path.strip_prefix("/tfplugin6.Provider/");
    Some(match operation.unwrap_or(path) {
        "GetProviderSchema" => schemas().encode_to_vec(),
        "UpgradeResourceState" => upgraded(&UpgradeResourceStateRequest::decode(question).ok()?).encode_to_vec(),
        "ValidateProviderConfig" => ValidateProviderConfigResponse::default().encode_to_vec(),
        "ConfigureProvider" => DiagnosticsResponse::default().encode_to_vec(),
        "StopProvider" => StopProviderResponse::default().encode_to_vec(),
        "ReadResource" => {
            let request = ReadResourceRequest::decode(question).ok()?;
            let (new_state, private) = (request.current_state, request.private);
            ReadResourceResponse { new_state, private, diagnostics: Vec::new() }.encode_to_vec()
        }
        "/plugin.GRPCController/Shutdown" => Vec::new(),
        "/grpc.health.v1.Health/Check" => HealthCheckResponse { status: SERVING }.encode_to_vec(),
        _ => return None,
    })
}

type Answered = Response<http_body_util::combinators::BoxBody<Bytes, Infallible>>;

async fn route(request: Request<Incoming>, asked: &Path, done: &Notify) -> Result<Answered, hyper::Error> {
    let path = request.uri().path().to_owned();
    let question = request.into_body().collect().await?.to_bytes();
    let mut log = OpenOptions::new().create(true).append(true).open(asked).unwrap();
    writeln!(log, "{}", path.rsplit('/').next().unwrap_or_default()).unwrap();
    // Five bytes: not compressed, and the length.
    let answered = answer(&path, question.get(5..).unwrap_or_default());
    let status = if answered.is_some() { "0" } else { UNIMPLEMENTED };
    let mut body = BytesMut::new();
    if let Some(message) = answered {
        body.put_u8(0);
        body.put_u32(u32::try_from(message.len()).unwrap());
        body.extend_from_slice(&message);
    }
    let trailers =
        HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), HeaderValue::from_static(status))]);
    if path.ends_with("/Shutdown") {
        done.notify_one();
    }
    let body = Full::new(body.freeze()).with_trailers(async move { Some(Ok(trailers)) }).boxed();
    Ok(Response::builder().header("content-type", "application/grpc").body(body).unwrap())
}

async fn serve(handshake: Handshake, asked: PathBuf) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut output = OpenOptions::new().write(true).open("/dev/fd/3").unwrap();
    handshake.announce(listener.local_addr().unwrap(), &mut output).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(handshake.tls));
    let done = Arc::new(Notify::new());
    let ended = Arc::clone(&done);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, asked, done) = (acceptor.clone(), asked.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(move |request| {
                    let (asked, done) = (asked.clone(), Arc::clone(&done));
                    async move { route(request, &asked, &done).await }
                });
                let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    ended.notified().await;
    // The answer to the shutdown gets out.
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[test]
#[ignore = "Terraform starts it, in the place of the AWS provider"]
fn stands_in_for_the_aws_provider() {
    let variable = |name: &str| std::env::var(name).ok();
    let Some(asked) = variable(ASKED) else {
        println!("[skipped] nobody started it as a provider");
        return;
    };
    let handshake = Handshake::read(&variable).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(serve(handshake, asked.into()));
    runtime.shutdown_background();
}

#[test]
fn its_schemas_are_those_of_the_recorded_states() {
    let types = types();
    let mut compared = 0;
    for case in folders(&fixtures().join("adoption")) {
        let state: Value = serde_json::from_slice(&fs::read(case.join("terraform.tfstate")).unwrap()).unwrap();
        for resource in state["resources"].as_array().unwrap() {
            let known = types[resource["type"].as_str().unwrap()].as_object().unwrap();
            for instance in resource["instances"].as_array().unwrap() {
                assert_eq!(instance["schema_version"], 0, "{resource}");
                let mut names: Vec<&String> = instance["attributes"].as_object().unwrap().keys().collect();
                let mut expected: Vec<&String> = known.keys().collect();
                names.sort();
                expected.sort();
                assert_eq!(names, expected, "{}", resource["type"]);
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "{compared} resources");
}
