//! Answers over HTTP.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::oauth::request;
use crate::server::wire::{self, Reply};

/// Headers that browsers need (W1; what a page may send is what the SDKs for browsers send).
pub(crate) const CORS: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
];

/// What a browser is told that asks first.
const PREFLIGHT: &[(&str, &str)] = &[
    ("access-control-allow-methods", "GET,POST,OPTIONS"),
    (
        "access-control-allow-headers",
        "authorization,cache-control,content-type,x-amz-target,x-amz-user-agent,x-amz-date,x-amz-security-token,\
         x-amz-content-sha256,amz-sdk-invocation-id,amz-sdk-request",
    ),
    ("access-control-max-age", "172800"),
];

/// An answer on its way to hyper.
pub(crate) type HttpResponse = Response<Full<Bytes>>;

/// An answer of a page or an endpoint.
pub(crate) fn written(reply: request::Reply) -> HttpResponse {
    let mut answer = Response::new(Full::new(Bytes::from(reply.body)));
    *answer.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    answer
}

pub(crate) fn replied(reply: Reply) -> HttpResponse {
    let mut answer = Response::new(Full::new(Bytes::from(reply.body)));
    *answer.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    let refused = reply.refused.unwrap_or_default();
    for (name, value) in
        [("x-amzn-requestid", reply.request_id), ("x-amzn-errortype", refused.0), ("x-amzn-errormessage", refused.1)]
    {
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_str(&value)) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

pub(crate) fn preflight() -> HttpResponse {
    let mut answer = Response::new(Full::new(Bytes::new()));
    *answer.status_mut() = StatusCode::NO_CONTENT;
    put(answer.headers_mut(), PREFLIGHT);
    answer
}

pub(crate) fn put(headers: &mut HeaderMap, rows: &'static [(&str, &str)]) {
    for (name, value) in rows {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

pub(crate) fn text(status: StatusCode, body: &str) -> HttpResponse {
    typed(status, "text/plain; charset=utf-8", body.to_owned())
}

pub(crate) fn json(status: StatusCode, body: String) -> HttpResponse {
    typed(status, wire::CONTENT_TYPE, body)
}

pub(crate) fn typed(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> HttpResponse {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
