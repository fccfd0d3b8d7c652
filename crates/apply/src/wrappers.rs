//! Wrappers around a Cognito: one records, one retries, one keeps to the service's quotas.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use poolform_model::{Cognito, Failure, Request, Response};

/// Records every request, for tests and for counting.
pub struct Recording<C> {
    inner: C,
    calls: Mutex<Vec<Request>>,
}

impl<C: Cognito> Recording<C> {
    /// Around `inner`.
    pub fn new(inner: C) -> Self {
        Recording { inner, calls: Mutex::new(Vec::new()) }
    }

    /// The requests so far, in the order in which they were sent.
    pub fn calls(&self) -> Vec<Request> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<C: Cognito> Cognito for Recording<C> {
    fn call(&self, request: &Request) -> Response {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        self.inner.call(request)
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
const PASSING: &[&str] = &["TooManyRequestsException", "ThrottlingException", "ConcurrentModificationException", "InternalErrorException"];

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

fn passes(request: &Request, failure: &Failure) -> bool {
    match failure {
        Failure::Refused(refusal) => PASSING.contains(&refusal.code.as_str()) || refusal.status >= 500,
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
                    std::thread::sleep(pause.mul_f64(0.5 + fastrand::f64()));
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
                Err(Refusal::new(self.code, "no").into())
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
        assert_eq!(calls_of("LimitExceededException", 1), (false, 1));
        assert_eq!(calls_of("InvalidParameterException", 1), (false, 1));
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
