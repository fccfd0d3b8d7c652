//! Requests that this server makes: to triggers, and to identity providers that users come from. Plain HTTP only, since
//! both run on this machine or beside it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How long an answer may take: what the service gives a trigger (developer guide: five seconds).
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer: Lambda's own limit is 6 MB.
const ANSWER: usize = 6 << 20;

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// None came in time.
    TooLate,
    /// Any other reason, for a person.
    Because(String),
}

impl Unanswered {
    fn because(reason: impl fmt::Display) -> Unanswered {
        Unanswered::Because(reason.to_string())
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unanswered::TooLate => write!(f, "timed out after {} s", PATIENCE.as_secs()),
            Unanswered::Because(reason) => f.write_str(reason),
        }
    }
}

/// A request to be made.
pub(crate) struct Outbound {
    pub(crate) method: Method,
    /// `http://127.0.0.1:9000/path?query`
    pub(crate) address: String,
    pub(crate) headers: Vec<(header::HeaderName, String)>,
    pub(crate) body: String,
}

impl Outbound {
    pub(crate) fn get(address: &str) -> Outbound {
        Outbound { method: Method::GET, address: address.to_owned(), headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn post(address: &str, content_type: &str, body: String) -> Outbound {
        let headers = vec![(header::CONTENT_TYPE, content_type.to_owned())];
        Outbound { method: Method::POST, address: address.to_owned(), headers, body }
    }

    pub(crate) fn with(mut self, name: header::HeaderName, value: String) -> Outbound {
        self.headers.push((name, value));
        self
    }

    /// Sends it, and waits for status and body; otherwise why there are none.
    pub(crate) fn send(self) -> Result<(u16, Vec<u8>), Unanswered> {
        // On a thread of its own: this may be one of a runtime's, which must not wait for another runtime.
        std::thread::Builder::new()
            .name("poolform-outbound".to_owned())
            .spawn(move || self.exchange())
            .map_err(Unanswered::because)
            .and_then(|thread| thread.join().unwrap_or_else(|_| Err(Unanswered::because("it broke off"))))
    }

    fn exchange(self) -> Result<(u16, Vec<u8>), Unanswered> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Unanswered::because)?;
        runtime.block_on(async {
            tokio::time::timeout(PATIENCE, self.answered()).await.unwrap_or(Err(Unanswered::TooLate))
        })
    }

    async fn answered(self) -> Result<(u16, Vec<u8>), Unanswered> {
        let uri: Uri =
            self.address.parse().map_err(|error| Unanswered::because(format_args!("{}: {error}", self.address)))?;
        let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(Unanswered::because(format_args!("{}: only http:// is spoken here", self.address)));
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder().method(self.method).uri(path).header(header::HOST, authority.as_str());
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(self.body))).map_err(Unanswered::because)?;
        let unreached = |error: &dyn fmt::Display| Unanswered::because(format_args!("no answer: {error}"));
        let stream = connect(authority.host(), authority.port_u16().unwrap_or(80)).await;
        let stream = stream.map_err(|error| unreached(&error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| unreached(&error))?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(|error| unreached(&error))?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ANSWER).collect().await.map_err(Unanswered::because)?;
        connection.abort();
        Ok((status, body.to_bytes().to_vec()))
    }
}

/// Names under `localhost` are this machine, whether or not its resolver knows that (RFC 6761, 6.3).
async fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    if host.ends_with(".localhost") {
        return TcpStream::connect((IpAddr::from(Ipv4Addr::LOCALHOST), port)).await;
    }
    TcpStream::connect((host.trim_matches(['[', ']']), port)).await
}
