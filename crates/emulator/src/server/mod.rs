//! The emulator over HTTP/1.1, on the loopback addresses only.
//!
//! `POST /` is the API, `GET /health` says that it runs. Made on hyper itself: time-outs of slow clients and the size of
//! bodies are set here, and there is no router between, because the API has one address.

pub(crate) mod inspector;
mod response;
#[allow(clippy::disallowed_methods, reason = "a certificate is kept in files")]
pub(crate) mod tls;
pub(crate) mod wire;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::emulator::Emulator;
use crate::forms::clock::http_date;
use crate::forms::identifier;
use crate::forms::refusal::is_fault;
use crate::oauth::request::{self, DomainName};
use crate::oauth::{self, well_known};
use crate::operations::branding::classic::{self, PICTURE_PATH};
use crate::server::response::{CORS, HttpResponse, json, preflight, put, replied, text, typed, written};
use crate::server::tls::Tls;
use crate::server::wire::Head;

/// The port that the users of cognito-local have configured.
pub const DEFAULT_PORT: u16 = 9229;

/// The largest request: that of managed login branding is 2 MB, in base64 (service quotas).
const BODY: usize = 4 << 20;
/// The most that is read of a larger one, so that its client hears why it is refused.
const THROWN_AWAY: usize = 64 << 20;
/// How long a client may take to send its headers, and then its body.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long open requests may take to end after the shutdown was asked for.
const GRACE: Duration = Duration::from_secs(2);
/// How many connections there may be at once.
const CONNECTIONS: usize = 1024;

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The port; 0 takes any that is free.
    pub port: u16,
    /// HTTPS with this certificate instead of HTTP.
    pub tls: Option<Tls>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        ServerOptions { port: DEFAULT_PORT, tls: None }
    }
}

/// A server that has its port and waits to be run.
pub struct Server {
    emulator: Arc<Emulator>,
    listeners: Vec<StdListener>,
    port: u16,
    tls: Option<TlsAcceptor>,
}

/// A server that runs on a thread of its own. It stops when this is dropped.
pub struct Running {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<io::Result<()>>>,
}

impl Running {
    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Server {
    /// TakenAliases the port on 127.0.0.1, and on ::1 where the machine has it.
    ///
    /// # Errors
    /// When the port is taken, or the certificate is unusable.
    pub fn bind(emulator: Arc<Emulator>, options: &ServerOptions) -> io::Result<Server> {
        let first = StdListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))?;
        let port = first.local_addr()?.port();
        let mut listeners = vec![first];
        listeners.extend(StdListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))));
        for listener in &listeners {
            listener.set_nonblocking(true)?;
        }
        let tls = options.tls.as_ref().map(Tls::acceptor).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        emulator.announce(&format!("{scheme}://127.0.0.1:{port}"));
        Ok(Server { emulator, listeners, port, tls })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until `shutdown` is done, then lets open requests end. Blocks.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn run_until(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let runtime = runtime()?;
        let outcome = runtime.block_on(self.serve(shutdown));
        runtime.shutdown_timeout(GRACE);
        outcome
    }

    /// Serves on a thread of its own.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(self) -> io::Result<Running> {
        let (stop, stopped) = oneshot::channel::<()>();
        let port = self.port;
        let thread = std::thread::Builder::new().name("poolform-server".to_owned()).spawn(move || {
            self.run_until(async {
                let _ = stopped.await;
            })
        })?;
        Ok(Running { port, stop: Some(stop), thread: Some(thread) })
    }

    async fn serve(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let graceful = Arc::new(GracefulShutdown::new());
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let mut accepting = Vec::new();
        for listener in self.listeners {
            let listener = TcpListener::from_std(listener)?;
            let (emulator, tls) = (Arc::clone(&self.emulator), self.tls.clone());
            let (graceful, room) = (Arc::clone(&graceful), Arc::clone(&room));
            accepting.push(tokio::spawn(accept(listener, emulator, tls, graceful, room)));
        }
        pin!(shutdown).await;
        for task in accepting {
            task.abort();
            let _ = task.await;
        }
        if let Some(graceful) = Arc::into_inner(graceful) {
            let _ = timeout(GRACE, graceful.shutdown()).await;
        }
        Ok(())
    }
}

/// Done when the process is told to end: Ctrl-C, or SIGTERM.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        {
            let (mut terminate, mut interrupt) = (pin!(terminate.recv()), pin!(interrupt.recv()));
            std::future::poll_fn(|context| {
                if terminate.as_mut().poll(context).is_ready() {
                    return std::task::Poll::Ready(());
                }
                interrupt.as_mut().poll(context).map(|_| ())
            })
            .await;
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn runtime() -> io::Result<Runtime> {
    // Few threads: requests are short, and each thread costs memory while it idles.
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4);
    Builder::new_multi_thread()
        .worker_threads(workers)
        .max_blocking_threads(16)
        .thread_keep_alive(Duration::from_secs(2))
        .thread_name("poolform-server")
        .enable_all()
        .build()
}

async fn accept(
    listener: TcpListener,
    emulator: Arc<Emulator>,
    tls: Option<TlsAcceptor>,
    graceful: Arc<GracefulShutdown>,
    room: Arc<Semaphore>,
) {
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: wait for some to come free.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (emulator, tls, watcher) = (Arc::clone(&emulator), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _permit = permit;
            match tls {
                None => connection(stream, emulator, watcher).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = timeout(PATIENCE, tls.accept::<TcpStream>(stream)).await {
                        connection(stream, emulator, watcher).await;
                    }
                }
            }
        });
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin + 'static>(
    stream: S,
    emulator: Arc<Emulator>,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let answer = service_fn(move |request| respond(Arc::clone(&emulator), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_headers(100)
        .serve_connection(TokioIo::new(stream), answer);
    // A broken connection is the client's business.
    let _ = watcher.watch(connection).await;
}

async fn respond(emulator: Arc<Emulator>, request: Request<Incoming>) -> Result<HttpResponse, Infallible> {
    let foreign = request.headers().get(header::ORIGIN).is_some_and(|origin| !is_local(origin));
    if let Some(way) = domain_way(&emulator, &request, foreign).await {
        return Ok(domain(emulator, way, request).await);
    }
    // What is asked for without its text has the same answer; hyper leaves the text out.
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let mut answer = match (&method, request.uri().path()) {
        _ if foreign => text(
            StatusCode::FORBIDDEN,
            "poolform's local Cognito answers pages of this machine only: the page's origin is another one. See \
             docs/reference/local.md.\n",
        ),
        (&Method::POST, "/") => api(Arc::clone(&emulator), request).await,
        (&Method::OPTIONS, _) => preflight(),
        (&Method::GET, "/health") => {
            json(StatusCode::OK, format!("{{\"status\":\"ok\",\"version\":\"{}\"}}\n", env!("CARGO_PKG_VERSION")))
        }
        (&Method::GET, "/") => text(
            StatusCode::OK,
            "poolform's local Cognito. The API is POST / with X-Amz-Target, as the AWS SDKs send it. What is there: \
             /_poolform/.\n",
        ),
        (&Method::GET, path) if path.contains("/.well-known/") => {
            public_documents(Arc::clone(&emulator), path.to_owned()).await
        }
        (&Method::GET, path) if path.ends_with(PICTURE_PATH) => picture(Arc::clone(&emulator), path.to_owned()).await,
        (_, path) if path.starts_with(inspector::PREFIX) => inspect(Arc::clone(&emulator), request).await,
        (method, path) => text(
            StatusCode::NOT_FOUND,
            &format!(
                "{method} {path} is nothing that poolform's local Cognito answers. The API is POST /. See docs/reference/local.md.\n"
            ),
        ),
    };
    let headers = answer.headers_mut();
    if !foreign {
        put(headers, CORS);
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(emulator.options().clock.now())) {
        headers.insert(header::DATE, date);
    }
    Ok(answer)
}

/// Whether a page's origin is on this machine. Others are turned away: a page from elsewhere must not work on the pools
/// of whoever looks at it.
fn is_local(origin: &HeaderValue) -> bool {
    let Some((_, rest)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
        // `null`: a file, or a sandboxed frame of any page.
        return false;
    };
    is_local_host(rest)
        // Apps in a web view of a phone's emulator or a desktop shell have an origin of their own.
        || matches!(origin.to_str(), Ok(origin) if origin.starts_with("capacitor://") || origin.starts_with("ionic://") || origin.starts_with("tauri://"))
}

/// Why a request has no body that could be read.
enum Unread {
    TooLong,
    BrokenOff,
    TooSlow,
}

impl Unread {
    fn answer(&self) -> HttpResponse {
        match self {
            Unread::TooLong => text(StatusCode::PAYLOAD_TOO_LARGE, "The request's body is too long.\n"),
            Unread::BrokenOff => text(StatusCode::BAD_REQUEST, "The request's body broke off.\n"),
            Unread::TooSlow => text(StatusCode::REQUEST_TIMEOUT, "The request's body took too long.\n"),
        }
    }
}

/// A whole body. One that is too long is read on, and thrown away: a client that still sends when the connection ends
/// never sees the answer.
async fn read(mut body: Incoming) -> Result<Vec<u8>, Unread> {
    let reading = async {
        let mut kept = Vec::new();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unread::BrokenOff)?.into_data() else { continue };
            length += data.len();
            if length <= BODY {
                kept.extend_from_slice(&data);
            } else if length > THROWN_AWAY {
                break;
            }
        }
        if length > BODY { Err(Unread::TooLong) } else { Ok(kept) }
    };
    timeout(PATIENCE, reading).await.unwrap_or(Err(Unread::TooSlow))
}

async fn api(emulator: Arc<Emulator>, request: Request<Incoming>) -> HttpResponse {
    let take = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let head = Head {
        target: take(HeaderName::from_static("x-amz-target")),
        content_type: take(header::CONTENT_TYPE),
        signed: request.headers().contains_key(header::AUTHORIZATION),
    };
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let emulator = match authorization.and_then(region).filter(|region| *region != emulator.options().region) {
        Some(region) => Arc::new(emulator.in_region(region)),
        None => emulator,
    };
    let body = match read(request.into_body()).await {
        Ok(body) => body,
        Err(Unread::TooLong) => {
            return json(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("{{\"__type\":\"RequestEntityTooLargeException\",\"message\":\"More than {BODY} bytes.\"}}"),
            );
        }
        Err(unread) => return unread.answer(),
    };
    // The store waits for locks and files: not on the threads that serve connections.
    match tokio::task::spawn_blocking(move || wire::answer(&emulator, &head, &body)).await {
        Ok(reply) => replied(reply),
        Err(_) => json(
            StatusCode::INTERNAL_SERVER_ERROR,
            "{\"__type\":\"InternalErrorException\",\"message\":\"The local Cognito failed on this request.\"}"
                .to_owned(),
        ),
    }
}

/// The region that a signature names: `Credential=KEY/20261124/eu-west-1/cognito-idp/aws4_request`. It is the service's
/// address that tells the region; here all have one.
fn region(authorization: &str) -> Option<&str> {
    let scope = authorization.split_once("Credential=")?.1.split([',', ' ']).next()?;
    // A key has no slash; what is malformed names no region.
    scope.split('/').nth(2).filter(|region| identifier::is_region(region))
}

/// How a request names a pool's domain: by the domain's host, or by a path under this server's own. None for what is asked of
/// the server itself, and any other name is one of the server's.
async fn domain_way(emulator: &Arc<Emulator>, request: &Request<Incoming>, foreign: bool) -> Option<DomainName> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    let by_path = || {
        let (pool, rest) = request.uri().path().strip_prefix('/')?.split_once('/')?;
        let is_public = rest.starts_with(".well-known/") || rest.ends_with(PICTURE_PATH);
        (identifier::is_pool(pool) && !is_public).then(|| DomainName::Pool(pool.to_owned()))
    };
    let own = name == "localhost" || name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
    if own {
        return by_path();
    }
    let emulator = Arc::clone(emulator);
    let by_host = move || oauth::is_domain(&emulator, &name).then_some(DomainName::Host(name));
    // A container has a name of its own for this machine, such as host.docker.internal. A page under a name that somebody
    // pointed at this machine has not.
    tokio::task::spawn_blocking(by_host).await.ok()?.or_else(|| by_path().filter(|_| !foreign))
}

/// What a domain answers. Its pages and endpoints are for browsers of this machine: other origins get no permission to
/// read (`access-control-allow-origin`), but for the endpoints that apps without a server call.
async fn domain(emulator: Arc<Emulator>, way: DomainName, request: Request<Incoming>) -> HttpResponse {
    let (head, body) = request.into_parts();
    let path = match &way {
        DomainName::Host(_) => head.uri.path(),
        DomainName::Pool(pool) => &head.uri.path()[1 + pool.len()..],
    }
    .to_owned();
    let text = |name: HeaderName| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if head.method == Method::OPTIONS {
        let mut answer = preflight();
        put(answer.headers_mut(), CORS);
        return answer;
    }
    let endpoint = path.starts_with("/oauth2/") && head.method == Method::POST || path == "/oauth2/userInfo";
    let mut asked = request::Request {
        method: head.method.as_str().to_owned(),
        way,
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        content_type: text(header::CONTENT_TYPE),
        authorization: Some(text(header::AUTHORIZATION)).filter(|value| !value.is_empty()),
        cookies: text(header::COOKIE),
        navigates: text(HeaderName::from_static("sec-fetch-mode")) == "navigate",
        body: Vec::new(),
    };
    asked.body = match read(body).await {
        Ok(body) => body,
        Err(unread) => return unread.answer(),
    };
    let date = http_date(emulator.options().clock.now());
    let reply = match tokio::task::spawn_blocking(move || oauth::answer(&emulator, &asked)).await {
        Ok(Some(reply)) => reply,
        Ok(None) => {
            return self::text(
                StatusCode::NOT_FOUND,
                "There is no user pool with a domain here. A pool gets one by CreateUserPoolDomain. See docs/reference/local.md.\n",
            );
        }
        Err(_) => {
            return self::text(StatusCode::INTERNAL_SERVER_ERROR, "The local Cognito failed on this request.\n");
        }
    };
    let mut answer = written(reply.with("date", date));
    if endpoint {
        put(answer.headers_mut(), CORS);
    }
    answer
}

/// jwks.json and openid-configuration of a pool.
async fn public_documents(emulator: Arc<Emulator>, path: String) -> HttpResponse {
    match tokio::task::spawn_blocking(move || well_known::answer(&emulator, &path)).await {
        Ok(Ok(Some(answer))) => typed(StatusCode::OK, "application/json", answer.to_string()),
        Ok(Err(refusal)) if is_fault(&refusal) => text(StatusCode::INTERNAL_SERVER_ERROR, &refusal.message),
        // [well-known.2025-08.wrong-path]
        _ => typed(StatusCode::BAD_REQUEST, "application/json", wire::WRONG_PATH.to_owned()),
    }
}

/// A picture of the classic pages.
async fn picture(emulator: Arc<Emulator>, path: String) -> HttpResponse {
    let found = move || emulator.store.read(|reader| classic::picture(reader, &path));
    match tokio::task::spawn_blocking(found).await {
        Ok(Ok(Some((kind, bytes)))) => typed(StatusCode::OK, kind, bytes),
        Ok(Err(refusal)) => text(StatusCode::INTERNAL_SERVER_ERROR, &refusal.message),
        _ => text(StatusCode::NOT_FOUND, "There is no such picture, or another has taken its place.\n"),
    }
}

/// What poolform offers beside the service. Asked for under a name of this machine only: a page from elsewhere can give its
/// own name this address, and is then of the same origin.
async fn inspect(emulator: Arc<Emulator>, request: Request<Incoming>) -> HttpResponse {
    let (head, body) = request.into_parts();
    let header = |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_local_host(header(header::HOST)) {
        return text(StatusCode::FORBIDDEN, "This is shown under 127.0.0.1, [::1] and localhost only.\n");
    }
    let form = header(header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
    let path = head.uri.path().strip_prefix(inspector::PREFIX).unwrap_or_default().to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let body = match read(body).await {
        Ok(body) => body,
        Err(unread) => return unread.answer(),
    };
    // `curl -d '{…}'` says that its JSON is a form.
    let form = form && !body.starts_with(b"{");
    let asked = inspector::Request { method: head.method.to_string(), path, query, body, form };
    match tokio::task::spawn_blocking(move || inspector::answer(&emulator, &asked)).await {
        Ok(reply) => written(reply),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "The local Cognito failed on this request.\n"),
    }
}

/// Whether a host, with a port or without, is this machine.
fn is_local_host(host: &str) -> bool {
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    identifier::is_this_machine(&host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for local in [
            "http://localhost:3000",
            "http://127.0.0.1",
            "https://[::1]:8443",
            "http://a.auth.us-east-1.localhost:9229",
        ] {
            assert!(is_local(&HeaderValue::from_static(local)), "{local}");
        }
        for foreign in ["https://example.com", "null", "http://localhost.example.com", "http://192.168.0.1"] {
            assert!(!is_local(&HeaderValue::from_static(foreign)), "{foreign}");
        }
    }
}
