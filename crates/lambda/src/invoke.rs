//! Lambda's Invoke operation (API reference), for the functions of a root: a process for each event that is under way.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::instance::{Answered, Event, Instance};
use crate::{Function, Line, Shared, Tell, source};

/// The largest event: 6 MB (Lambda quotas, synchronous invocation).
const EVENT: usize = 6 << 20;

/// A function and its processes that have nothing to do.
pub(crate) struct Slot {
    function: Function,
    tell: Arc<Tell>,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    instances: Vec<Instance>,
    /// Of the files that they were started from.
    stamp: (Option<SystemTime>, usize),
}

/// What says of a failure what Lambda would.
fn failure(kind: &str, message: &str) -> Bytes {
    Bytes::from(json!({"errorType": kind, "errorMessage": message}).to_string())
}

impl Slot {
    pub fn new(function: Function, tell: Arc<Tell>) -> Self {
        Slot { function, tell, idle: Mutex::default() }
    }

    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Whether an ARN is the function's own, or that of a version or an alias of it.
    pub fn is(&self, arn: &str) -> bool {
        arn.strip_prefix(self.function.arn.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// A process that waits; those that were started from other files go.
    fn waiting(&self) -> Option<Instance> {
        let stamp = source::stamp(&self.function.folder);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.stamp != stamp {
            idle.instances.clear();
            idle.stamp = stamp;
        }
        while let Some(mut instance) = idle.instances.pop() {
            // One that has ended in the meantime is no use.
            if matches!(instance.child.try_wait(), Ok(None)) {
                return Some(instance);
            }
        }
        None
    }

    /// Says on the console what a function cannot say itself.
    fn say(&self, request: &str, failure: &Bytes) {
        let text = serde_json::from_slice::<serde_json::Value>(failure).ok();
        let text = text.and_then(|failure| failure["errorMessage"].as_str().map(str::to_owned)).unwrap_or_default();
        (self.tell)(&Line { function: self.function.name.clone(), request: request.to_owned(), text });
    }

    async fn invoke(&self, payload: Bytes, endpoint: Option<&str>) -> Answered {
        let mut instance = match self.waiting() {
            Some(instance) => instance,
            None => {
                let started = Instance::start(&self.function, Arc::clone(&self.tell), endpoint).await;
                started.map_err(|reason| {
                    let failure = failure("Runtime.NotStarted", &reason);
                    self.say("", &failure);
                    failure
                })?
            }
        };
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| failure("Runtime.NotStarted", &error.to_string()))?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let deadline = (now + self.function.timeout).as_millis();
        let (answer, answered) = oneshot::channel();
        let event = Event { id: id.clone(), arn: self.function.arn.clone(), deadline, payload, answer };
        let ended = {
            let work = async {
                instance.send(event).await;
                tokio::select! {
                    biased;
                    answered = answered => answered.ok(),
                    _ = instance.child.wait() => None,
                }
            };
            timeout(self.function.timeout, work).await
        };
        match ended {
            Ok(Some(answered)) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).instances.push(instance);
                answered
            }
            Ok(None) => {
                let said = instance.failure();
                let status = instance.child.wait().await.map(|status| status.to_string()).unwrap_or_default();
                let message = format!("RequestId: {id} Error: Runtime exited with error: {status}");
                let failure = said.unwrap_or_else(|| failure("Runtime.ExitError", &message));
                self.say(&id, &failure);
                Err(failure)
            }
            // It is ended with the process that goes here.
            Err(_) => {
                let seconds = self.function.timeout.as_secs_f64();
                let at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
                let message = format!("{at} {id} Task timed out after {seconds:.2} seconds");
                let failure = failure("Sandbox.Timedout", &message);
                self.say(&id, &failure);
                Err(failure)
            }
        }
    }
}

/// Answers `POST /2015-03-31/functions/NAME/invocations`.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(answer(&shared, request).await) }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let refuse = |status: StatusCode, message: String| {
        let mut response = Response::new(Full::new(failure("ResourceNotFoundException", &message)));
        *response.status_mut() = status;
        response
    };
    let path = request.uri().path().to_owned();
    let name = path.strip_prefix("/2015-03-31/functions/").and_then(|rest| rest.strip_suffix("/invocations"));
    let Some(slot) = name.filter(|_| request.method() == Method::POST).and_then(|name| shared.slot(name)) else {
        return refuse(StatusCode::NOT_FOUND, format!("There is no function at {path}."));
    };
    let Ok(payload) = Limited::new(request.into_body(), EVENT).collect().await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, format!("The event is larger than {EVENT} bytes."));
    };
    // As Invoke answers: the status says whether Lambda could, the header whether the function did.
    match slot.invoke(payload.to_bytes(), shared.endpoint.get().map(String::as_str)).await {
        Ok(payload) => Response::new(Full::new(payload)),
        Err(payload) => {
            let mut response = Response::new(Full::new(payload));
            response.headers_mut().insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
            response
        }
    }
}
