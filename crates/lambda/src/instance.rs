//! A process of a function, and the runtime API that it takes its events from (AWS documentation: "Using the Lambda runtime
//! API for custom runtimes").

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::{Function, Line, Tell, source};

/// The largest answer: 6 MB (Lambda quotas, synchronous invocation), in bytes as Lambda's own error says it.
const ANSWER: usize = 6_291_556;
/// The longest line that is told whole, and how many of one invocation, in bytes and lines.
const LINE: usize = 4_096;
const LINES: usize = 500;

/// What a function answered: the payload, or what it says of its failure.
pub(crate) type Answered = Result<Bytes, Bytes>;

/// One event, and who waits for the answer.
pub(crate) struct Event {
    pub id: String,
    pub arn: String,
    /// In milliseconds since 1970.
    pub deadline: u128,
    pub payload: Bytes,
    pub answer: oneshot::Sender<Answered>,
}

/// A process that waits for events, or has one.
pub(crate) struct Instance {
    pub child: Child,
    /// Open as long as this is: its end is what the process hears of ours.
    _input: Option<ChildStdin>,
    events: mpsc::Sender<Event>,
    /// What it said of itself before it ended.
    failure: Arc<Mutex<Option<Bytes>>>,
    output: Arc<Output>,
    server: JoinHandle<()>,
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Where a process's lines go.
struct Output {
    function: String,
    /// The id of the invocation under way, and how many lines were told of it.
    request: Mutex<(String, usize)>,
    tell: Arc<Tell>,
}

impl Output {
    fn tell(&self, text: &str) {
        let mut request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        request.1 += 1;
        let text = match request.1 {
            count if count < LINES => text.to_owned(),
            count if count == LINES => "… more lines are left out".to_owned(),
            _ => return,
        };
        (self.tell)(&Line { function: self.function.clone(), request: request.0.clone(), text });
    }

    /// Tells every line, and reads on whatever is written: a process must not wait for its reader.
    async fn follow(self: Arc<Self>, from: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(from);
        let mut line: Vec<u8> = Vec::new();
        loop {
            let part = match reader.fill_buf().await {
                Ok(part) if !part.is_empty() => part,
                _ => break,
            };
            let end = part.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(part.len(), |end| end + 1);
            let room = LINE.saturating_sub(line.len()).min(end.unwrap_or(part.len()));
            line.extend_from_slice(&part[..room]);
            reader.consume(taken);
            if end.is_some() {
                self.tell(&String::from_utf8_lossy(&line));
                line.clear();
            }
        }
        if !line.is_empty() {
            self.tell(&String::from_utf8_lossy(&line));
        }
    }
}

/// What the runtime API of one process knows.
struct Api {
    events: AsyncMutex<mpsc::Receiver<Event>>,
    open: Mutex<BTreeMap<String, oneshot::Sender<Answered>>>,
    failure: Arc<Mutex<Option<Bytes>>>,
}

impl Instance {
    /// Starts a process. Err with why there is none.
    pub async fn start(function: &Function, tell: Arc<Tell>, endpoint: Option<&str>) -> Result<Instance, String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|error| format!("no port for the runtime API: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
        let mut command = source::command(function, &address, endpoint)?;
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                format!("{program} is not on PATH; functions of {} need it", function.runtime)
            }
            _ => format!("{program} cannot be started: {error}"),
        })?;
        let output = Arc::new(Output { function: function.name.clone(), request: Mutex::default(), tell });
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(Arc::clone(&output).follow(stdout));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(Arc::clone(&output).follow(stderr));
        }
        let failure = Arc::new(Mutex::new(None));
        let (events, receiver) = mpsc::channel(1);
        let api = Api { events: AsyncMutex::new(receiver), open: Mutex::default(), failure: Arc::clone(&failure) };
        let server = tokio::spawn(serve(listener, Arc::new(api)));
        // Waiting for a process would close it.
        let input = child.stdin.take();
        Ok(Instance { child, _input: input, events, failure, output, server })
    }

    /// Hands an event over.
    pub async fn send(&self, event: Event) {
        *self.output.request.lock().unwrap_or_else(PoisonError::into_inner) = (event.id.clone(), 0);
        // A process that is gone is seen by its end.
        let _ = self.events.send(event).await;
    }

    /// What it said of itself before it ended.
    pub fn failure(&self) -> Option<Bytes> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body; None where it is larger than an answer may be. It is read to its end all the same, so that its sender hears of
/// it.
async fn whole(mut body: Incoming) -> Option<Bytes> {
    let mut read = Vec::new();
    let mut fits = true;
    while let Some(frame) = body.frame().await {
        let data = frame.ok()?.into_data().unwrap_or_default();
        fits = fits && read.len() + data.len() <= ANSWER;
        if fits {
            read.extend_from_slice(&data);
        }
    }
    fits.then(|| read.into())
}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let api = Arc::clone(&api);
                async move { Ok::<_, Infallible>(api.answer(request).await) }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let body = if status.is_success() { r#"{"status":"OK"}"# } else { r#"{"errorType":"InvalidRequestID"}"# };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
}

impl Api {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default().to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["init", "error"]) => {
                let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = body.ok();
                status(StatusCode::ACCEPTED)
            }
            (&Method::POST, ["invocation", id, how @ ("response" | "error")]) => {
                let answered = match (whole(request.into_body()).await, *how) {
                    (Some(body), "response") => Ok(body),
                    (Some(body), _) => Err(body),
                    (None, _) => Err(Bytes::from(format!(
                        "{{\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":\"Response payload size exceeded \
                         maximum allowed payload size ({ANSWER} bytes).\"}}"
                    ))),
                };
                let waiting = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(*id);
                match waiting {
                    Some(waiting) => {
                        let _ = waiting.send(answered);
                        status(StatusCode::ACCEPTED)
                    }
                    None => status(StatusCode::BAD_REQUEST),
                }
            }
            _ => status(StatusCode::NOT_FOUND),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        let Some(event) = self.events.lock().await.recv().await else { return status(StatusCode::GONE) };
        let mut response = Response::new(Full::new(event.payload));
        let deadline = event.deadline.to_string();
        for (name, value) in [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", event.id.as_str()),
            ("lambda-runtime-deadline-ms", deadline.as_str()),
            ("lambda-runtime-invoked-function-arn", event.arn.as_str()),
        ] {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(event.id, event.answer);
        response
    }
}
