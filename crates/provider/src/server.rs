//! The gRPC server: one connection's worth of HTTP/2 over TLS, a path per operation, each carried out on a thread that may
//! wait. Panics become diagnostics.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tonic::body::Body;
use tonic::server::{Grpc, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::handshake::Handshake;
use crate::provider::Provider;
use crate::wire::messages::{self as wire, Empty, HealthCheckResponse};

/// The greatest message that is read. Terraform's own bound is as high, 256 MiB.
const MESSAGE: usize = 256 << 20;
/// How long the answer to a shutdown may take to get out.
const FAREWELL: Duration = Duration::from_millis(100);

/// Serves until Terraform says that it is done; writes the handshake's line to `output`.
///
/// # Errors
/// When there is no port, or nobody reads the line.
pub fn serve(handshake: Handshake, provider: Provider, output: &mut dyn Write) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let provider = Arc::new(provider);
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        handshake.announce(listener.local_addr()?, output)?;
        let acceptor = TlsAcceptor::from(Arc::new(handshake.tls));
        let done = Arc::new(Notify::new());
        let accepting = tokio::spawn(accept(listener, acceptor, Arc::clone(&provider), Arc::clone(&done)));
        done.notified().await;
        accepting.abort();
        tokio::time::sleep(FAREWELL).await;
        provider.close();
        io::Result::Ok(())
    })?;
    // A request that still waits for Cognito is not waited for.
    runtime.shutdown_background();
    Ok(())
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, provider: Arc<Provider>, done: Arc<Notify>) {
    while let Ok((stream, _)) = listener.accept().await {
        // Answers are small; waiting to send fuller packets only delays them.
        let _ = stream.set_nodelay(true);
        let (acceptor, provider, done) = (acceptor.clone(), Arc::clone(&provider), Arc::clone(&done));
        tokio::spawn(async move {
            // Whoever does not hold Terraform's certificate ends here.
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = service_fn(|request| {
                let (provider, done) = (Arc::clone(&provider), Arc::clone(&done));
                async move { Ok::<_, Infallible>(route(provider, done, request).await) }
            });
            // A connection that breaks is Terraform's to open again.
            let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn route(provider: Arc<Provider>, done: Arc<Notify>, request: http::Request<Incoming>) -> http::Response<Body> {
    let path = request.uri().path().to_owned();
    let Some(operation) = path.strip_prefix("/tfplugin6.Provider/") else {
        return match path.as_str() {
            // The part of go-plugin that ends a plugin.
            "/plugin.GRPCController/Shutdown" => {
                done.notify_one();
                unary(provider, request, |_, _: Empty| Empty {}).await
            }
            "/grpc.health.v1.Health/Check" => {
                unary(provider, request, |_, _: Empty| HealthCheckResponse { status: wire::SERVING }).await
            }
            // go-plugin also asks for streams of standard output and of further connections, and does without.
            _ => Status::unimplemented("").into_http(),
        };
    };
    match operation {
        "GetMetadata" => unary(provider, request, Provider::metadata).await,
        "GetProviderSchema" => unary(provider, request, Provider::schemas).await,
        "GetResourceIdentitySchemas" => unary(provider, request, Provider::identity_schemas).await,
        "ValidateProviderConfig" => unary(provider, request, Provider::validate_configuration).await,
        "ConfigureProvider" => unary(provider, request, Provider::configure).await,
        "ValidateResourceConfig" => unary(provider, request, Provider::validate_resource).await,
        "ValidateDataResourceConfig" => unary(provider, request, Provider::validate_data_source).await,
        "ValidateEphemeralResourceConfig" => unary(provider, request, Provider::validate_data_source).await,
        "UpgradeResourceState" => unary(provider, request, Provider::upgrade).await,
        "ReadResource" => unary(provider, request, Provider::read).await,
        "PlanResourceChange" => unary(provider, request, Provider::plan).await,
        "ApplyResourceChange" => unary(provider, request, Provider::apply).await,
        "ImportResourceState" => unary(provider, request, Provider::import).await,
        "MoveResourceState" => unary(provider, request, Provider::take_over).await,
        "ReadDataSource" => unary(provider, request, Provider::read_data_source).await,
        "OpenEphemeralResource" => unary(provider, request, Provider::open_ephemeral).await,
        "CloseEphemeralResource" | "RenewEphemeralResource" => {
            unary(provider, request, |_, _: Empty| wire::DiagnosticsResponse::default()).await
        }
        "GetFunctions" => unary(provider, request, |_, _: Empty| wire::GetFunctionsResponse::default()).await,
        "StopProvider" => unary(provider, request, Provider::stop).await,
        _ => Status::unimplemented("").into_http(),
    }
}

/// One operation: its question and its answer.
struct Call<Q, A> {
    provider: Arc<Provider>,
    work: fn(&Provider, Q) -> A,
}

impl<Q: Send + 'static, A: Answer> UnaryService<Q> for Call<Q, A> {
    type Response = A;
    type Future = Pin<Box<dyn Future<Output = Result<Response<A>, Status>> + Send>>;

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let (provider, work) = (Arc::clone(&self.provider), self.work);
        Box::pin(async move {
            let question = request.into_inner();
            let work = move || {
                catch_unwind(AssertUnwindSafe(|| work(&provider, question)))
                    .unwrap_or_else(|panic| A::failed(said(&*panic)))
            };
            tokio::task::spawn_blocking(work)
                .await
                .map(Response::new)
                .map_err(|error| Status::internal(error.to_string()))
        })
    }
}

async fn unary<Q, A>(
    provider: Arc<Provider>,
    request: http::Request<Incoming>,
    work: fn(&Provider, Q) -> A,
) -> http::Response<Body>
where
    Q: Message + Default + 'static,
    A: Answer,
{
    Grpc::new(ProstCodec::<A, Q>::default())
        .max_decoding_message_size(MESSAGE)
        .max_encoding_message_size(MESSAGE)
        .unary(Call { provider, work }, request)
        .await
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> wire::Diagnostic {
    let words = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    wire::Diagnostic {
        severity: wire::ERROR,
        summary: "Mistake in poolform".to_owned(),
        detail: format!(
            "This should not have happened: {words}. Nothing more was done. Please report it with what you did."
        ),
        attribute: None,
    }
}

/// A message that can say that something went wrong.
trait Answer: Message + Default + Send + 'static {
    /// An answer that only says so.
    fn failed(diagnostic: wire::Diagnostic) -> Self;
}

macro_rules! answers {
    ($($message:ident),*) => {
        $(impl Answer for wire::$message {
            fn failed(diagnostic: wire::Diagnostic) -> Self {
                let mut answer = wire::$message::default();
                answer.diagnostics.push(diagnostic);
                answer
            }
        })*
    };
}

answers!(
    GetMetadataResponse,
    GetProviderSchemaResponse,
    GetResourceIdentitySchemasResponse,
    ValidateProviderConfigResponse,
    DiagnosticsResponse,
    UpgradeResourceStateResponse,
    ReadResourceResponse,
    PlanResourceChangeResponse,
    ApplyResourceChangeResponse,
    ImportResourceStateResponse,
    MoveResourceStateResponse,
    ReadDataSourceResponse,
    OpenEphemeralResourceResponse,
    GetFunctionsResponse
);

impl Answer for Empty {
    fn failed(_: wire::Diagnostic) -> Self {
        Empty {}
    }
}

impl Answer for HealthCheckResponse {
    fn failed(_: wire::Diagnostic) -> Self {
        HealthCheckResponse::default()
    }
}

impl Answer for wire::StopProviderResponse {
    fn failed(diagnostic: wire::Diagnostic) -> Self {
        wire::StopProviderResponse { error: diagnostic.detail }
    }
}
