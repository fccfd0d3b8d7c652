//! Wrappers around a Cognito: one keeps a log, one retries, one keeps to the service's quotas.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use poolform_core::kinds::is_secret_key;
use poolform_model::{Cognito, Content, Failure, Request, Response, Shape};
use serde_json::{Value as Json, json};

/// Writes a line of JSON per request to a log: operation, body without what is secret, outcome, milliseconds.
pub struct Logged<C> {
    inner: C,
    log: Mutex<Box<dyn Write + Send>>,
    /// Texts that the files mark as sensitive, wherever they stand.
    secrets: BTreeSet<String>,
}

impl<C: Cognito> Logged<C> {
    /// Around `inner`; `secrets` are texts that must not be written.
    pub fn new(inner: C, log: Box<dyn Write + Send>, secrets: BTreeSet<String>) -> Self {
        Logged { inner, log: Mutex::new(log), secrets }
    }
}

impl<C: Cognito> Cognito for Logged<C> {
    fn call(&self, request: &Request) -> Response {
        let begun = Instant::now();
        let response = self.inner.call(request);
        let input =
            poolform_model::operation(&request.operation).and_then(|operation| poolform_model::shape(operation.input));
        let line = json!({
            "operation": request.operation,
            "request": masked(input, &Json::Object(request.body.clone()), &self.secrets),
            "outcome": response.as_ref().err().map_or_else(|| "ok".to_owned(), ToString::to_string),
            "milliseconds": begun.elapsed().as_millis(),
        });
        // A log that cannot be written must not stop an apply half way.
        let _ = writeln!(self.log.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
        response
    }
}

/// A body without what the model calls sensitive, and without the secrets of identity providers, which it does not.
fn masked(shape: Option<&Shape>, body: &Json, secrets: &BTreeSet<String>) -> Json {
    match (body, shape) {
        (_, Some(shape)) if shape.sensitive => json!("(sensitive)"),
        (Json::String(text), _) if secrets.iter().any(|secret| text.contains(secret)) => json!("(sensitive)"),
        (Json::Number(number), _) if secrets.contains(&number.to_string()) => json!("(sensitive)"),
        (Json::Object(members), _) => Json::Object(
            members
                .iter()
                .map(|(name, member)| {
                    let secret = is_secret_key(name);
                    let inner = shape.and_then(|shape| shape.member(name));
                    (name.clone(), if secret { json!("(sensitive)") } else { masked(inner, member, secrets) })
                })
                .collect(),
        ),
        (Json::Array(items), _) => {
            let inner = shape.and_then(|shape| match &shape.content {
                Content::List(inner) => poolform_model::shape(inner),
                _ => None,
            });
            Json::Array(items.iter().map(|item| masked(inner, item, secrets)).collect())
        }
        (other, _) => other.clone(),
    }
}

/// Sends again what failed for a passing reason: throttling, overlapping writes, faults of the service, and for reads
/// a lost connection. LimitExceededException is a quota here, and never sent again.
pub struct Retrying<C> {
    inner: C,
    attempts: u32,
    first_pause: Duration,
}

impl<C: Cognito> Retrying<C> {
    /// Around `inner`: at most `attempts` tries, the pause between them doubling from `first_pause`, with jitter.
    pub fn new(inner: C, attempts: u32, first_pause: Duration) -> Self {
        Retrying { inner, attempts, first_pause }
    }
}

/// Codes that pass.
const PASSING: &[&str] = &["TooManyRequestsException", "ThrottlingException", "ConcurrentModificationException"];

/// Codes that pass when the role was made or changed a moment ago: IAM tells everybody within seconds, not at once.
const ROLE_DELAYS: &[&str] = &["InvalidSmsRoleTrustRelationshipException", "InvalidSmsRoleAccessPolicyException"];

/// How much longer than others they take.
const ROLE_DELAY: u32 = 8;

/// Whether a request makes something that another one like it would make again.
fn makes(request: &Request) -> bool {
    ["Create", "Add", "Admin"].iter().any(|verb| request.operation.starts_with(verb)) && !request.is_read()
}

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

fn passes(request: &Request, failure: &Failure) -> bool {
    match failure {
        Failure::Refused(refusal) if PASSING.contains(&refusal.code.as_str()) => true,
        Failure::Refused(refusal) if ROLE_DELAYS.contains(&refusal.code.as_str()) => true,
        // A fault may come after the work was done: sent again, a create would make a second one.
        Failure::Refused(refusal) => refusal.status >= 500 && !makes(request),
        // Whether a write was carried out is unknown then; the next plan finds out.
        Failure::Unreachable(_) => request.is_read(),
    }
}

impl<C: Cognito> Cognito for Retrying<C> {
    fn call(&self, request: &Request) -> Response {
        let mut pause = self.first_pause;
        for _ in 1..self.attempts {
            match self.inner.call(request) {
                Err(failure) if passes(request, &failure) => {
                    let role = failure.code().is_some_and(|code| ROLE_DELAYS.contains(&code));
                    let longer = (pause * if role { ROLE_DELAY } else { 1 }).min(LONGEST_PAUSE);
                    std::thread::sleep(longer.mul_f64(0.5 + fastrand::f64()));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                answered => return answered,
            }
        }
        self.inner.call(request)
    }
}

/// Keeps each operation within the service's rate quotas: 5 requests a second for one operation on one pool
/// (quotas page: UserPoolResourceRead and its siblings; the account-wide ones are wider).
pub struct Paced<C> {
    inner: C,
    per_second: f64,
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl<C: Cognito> Paced<C> {
    /// Around `inner`: at most `per_second` requests of each operation, after a burst of as many.
    pub fn new(inner: C, per_second: f64) -> Self {
        Paced { inner, per_second, buckets: Mutex::new(BTreeMap::new()) }
    }

    /// How long the next request of `operation` must wait; its token is taken.
    fn wait(&self, operation: &str, now: Instant) -> Duration {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket =
            buckets.entry(operation.to_owned()).or_insert_with(|| Bucket { tokens: self.per_second, filled: now });
        let refill = now.saturating_duration_since(bucket.filled).as_secs_f64() * self.per_second;
        bucket.tokens = (bucket.tokens + refill).min(self.per_second) - 1.0;
        bucket.filled = bucket.filled.max(now);
        Duration::from_secs_f64((-bucket.tokens / self.per_second).max(0.0))
    }
}

impl<C: Cognito> Cognito for Paced<C> {
    fn call(&self, request: &Request) -> Response {
        std::thread::sleep(self.wait(&request.operation, Instant::now()));
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use poolform_model::{Object, Refusal};

    use super::*;

    struct Failing {
        code: &'static str,
        times: u32,
        calls: AtomicU32,
    }

    impl Cognito for Failing {
        fn call(&self, _: &Request) -> Response {
            if self.calls.fetch_add(1, Ordering::Relaxed) < self.times {
                let status = if self.code == "InternalErrorException" { 500 } else { 400 };
                Err(Refusal { status, ..Refusal::new(self.code, "no") }.into())
            } else {
                Ok(Object::new())
            }
        }
    }

    fn calls_of(code: &'static str, times: u32) -> (bool, u32) {
        let inner = Failing { code, times, calls: AtomicU32::new(0) };
        let retrying = Retrying::new(inner, 4, Duration::from_millis(1));
        let result = retrying.call(&Request::new("CreateGroup", Object::new()));
        (result.is_ok(), retrying.inner.calls.load(Ordering::Relaxed))
    }

    #[test]
    fn retries_what_passes_and_nothing_else() {
        assert_eq!(calls_of("TooManyRequestsException", 2), (true, 3));
        assert_eq!(calls_of("TooManyRequestsException", 9), (false, 4));
        assert_eq!(calls_of("InvalidSmsRoleTrustRelationshipException", 2), (true, 3));
        assert_eq!(calls_of("LimitExceededException", 1), (false, 1));
        assert_eq!(calls_of("InvalidParameterException", 1), (false, 1));
        // The fault of a create may have come after the work.
        assert_eq!(calls_of("InternalErrorException", 1), (false, 1));
    }

    #[test]
    fn a_log_holds_no_secret() {
        let request = json!({"UserPoolId": "p", "ProviderDetails": {"client_id": "i", "client_secret": "hush"}});
        let shape = poolform_model::shape("CreateIdentityProviderRequest");
        let none = BTreeSet::new();
        let shown = masked(shape, &request, &none).to_string();
        assert!(shown.contains("client_id") && !shown.contains("hush"), "{shown}");
        let user = json!({"UserPoolId": "p", "Username": "ann", "TemporaryPassword": "hush"});
        let marked = BTreeSet::from(["marked".to_owned()]);
        let tagged = json!({"UserPoolTags": {"a.b": "is marked here"}});
        assert!(!masked(None, &tagged, &marked).to_string().contains("marked here"));
        assert!(!masked(poolform_model::shape("AdminCreateUserRequest"), &user, &none).to_string().contains("hush"));
    }

    #[test]
    fn paces_each_operation_by_itself() {
        let paced = Paced::new(Failing { code: "", times: 0, calls: AtomicU32::new(0) }, 5.0);
        let now = Instant::now();
        let waits: Vec<f64> = (0..7).map(|_| paced.wait("CreateGroup", now).as_secs_f64()).collect();
        assert!(waits[..5].iter().all(|wait| *wait == 0.0), "{waits:?}");
        assert!((waits[5] - 0.2).abs() < 1e-9 && (waits[6] - 0.4).abs() < 1e-9, "{waits:?}");
        assert_eq!(paced.wait("GetGroup", now), Duration::ZERO);
    }
}
