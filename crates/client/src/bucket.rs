//! Objects in S3, and in whatever speaks its protocol: read, conditional write, conditional delete. That is all that a
//! state needs, and the signed exchange is there already (docs/decisions/0009).

use crate::connect::ConnectError;
use crate::exchange::{Answer, Aws, Exchange};

/// Where a bucket is and how objects are kept in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketSettings {
    /// The bucket.
    pub bucket: String,
    /// Endpoint instead of S3's own: MinIO, R2 and others.
    pub endpoint: Option<String>,
    /// The bucket in the path instead of the host name.
    pub path_style: bool,
    /// Server-side encryption by keys of S3.
    pub encrypt: bool,
    /// Server-side encryption by this KMS key.
    pub kms_key_id: Option<String>,
}

/// When a write is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Only where there is no object yet.
    Absent,
    /// Only while the object is this version of it.
    Is(String),
}

/// Why a write was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutError {
    /// The condition does not hold.
    Conflict,
    /// Anything else.
    Failed(String),
}

/// A bucket.
pub struct Bucket {
    aws: Aws,
    settings: BucketSettings,
}

impl Bucket {
    /// A bucket over a connection, whose region must be the bucket's.
    pub fn new(aws: Aws, settings: BucketSettings) -> Result<Self, ConnectError> {
        if settings.bucket.is_empty() || settings.bucket.contains('/') {
            return Err(ConnectError(format!("\"{}\" is no name of a bucket.", settings.bucket)));
        }
        Ok(Bucket { aws, settings })
    }

    /// Where an object is, for messages.
    pub fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.settings.bucket)
    }

    fn url(&self, key: &str) -> String {
        let key: String = key
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect();
        let BucketSettings { bucket, endpoint, path_style, .. } = &self.settings;
        let endpoint = match endpoint {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None => crate::connect::regional_endpoint("s3", self.aws.region()),
        };
        // Names with dots do not fit S3's certificates.
        match endpoint.split_once("://") {
            Some((scheme, host)) if !path_style && !bucket.contains('.') => format!("{scheme}://{bucket}.{host}/{key}"),
            _ => format!("{endpoint}/{bucket}/{key}"),
        }
    }

    fn send(&self, method: &str, key: &str, headers: &[(&str, String)], body: Vec<u8>) -> Result<Answer, String> {
        let exchange = Exchange { method, service: "s3", url: self.url(key), headers, body };
        self.aws.block_on(self.aws.send(exchange))
    }

    fn failed(&self, doing: &str, key: &str, answer: &Answer) -> String {
        let code = answer.element("Code").unwrap_or_else(|| "no code".to_owned());
        let message = answer.element("Message").unwrap_or_default();
        format!("{doing} {} failed with status {}: {code} {message}", self.place(key), answer.status)
    }

    /// An object and its version; None where there is none.
    pub fn get(&self, key: &str) -> Result<Option<(Vec<u8>, String)>, String> {
        let answer = self.send("GET", key, &[], Vec::new())?;
        match (answer.status, answer.header("etag")) {
            (200, Some(tag)) => Ok(Some((answer.body.to_vec(), tag.to_owned()))),
            (404, _) if answer.element("Code").as_deref() != Some("NoSuchBucket") => Ok(None),
            _ => Err(self.failed("Reading", key, &answer)),
        }
    }

    /// Writes an object where the condition holds; its new version.
    pub fn put(&self, key: &str, body: Vec<u8>, condition: &Condition) -> Result<String, PutError> {
        let mut headers = vec![match condition {
            Condition::Absent => ("if-none-match", "*".to_owned()),
            Condition::Is(tag) => ("if-match", tag.clone()),
        }];
        headers.push(("content-type", "application/json".to_owned()));
        match &self.settings.kms_key_id {
            Some(id) => {
                headers.push(("x-amz-server-side-encryption", "aws:kms".to_owned()));
                headers.push(("x-amz-server-side-encryption-aws-kms-key-id", id.clone()));
            }
            None if self.settings.encrypt => headers.push(("x-amz-server-side-encryption", "AES256".to_owned())),
            None => {}
        }
        let answer = self.send("PUT", key, &headers, body).map_err(PutError::Failed)?;
        match (answer.status, answer.header("etag")) {
            (200, Some(tag)) => Ok(tag.to_owned()),
            // 412: the condition does not hold. 409: somebody else is writing. 404: the version to replace is gone.
            (412 | 409, _) => Err(PutError::Conflict),
            (404, _) if matches!(condition, Condition::Is(_)) => Err(PutError::Conflict),
            _ => Err(PutError::Failed(self.failed("Writing", key, &answer))),
        }
    }

    /// Deletes an object while it is this version of it. One that is gone is fine.
    pub fn delete(&self, key: &str, tag: &str) -> Result<(), PutError> {
        let headers = [("if-match", tag.to_owned())];
        let answer = self.send("DELETE", key, &headers, Vec::new()).map_err(PutError::Failed)?;
        match answer.status {
            200 | 204 | 404 => Ok(()),
            412 | 409 => Err(PutError::Conflict),
            _ => Err(PutError::Failed(self.failed("Deleting", key, &answer))),
        }
    }
}
