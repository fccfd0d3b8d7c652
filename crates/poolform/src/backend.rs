//! Where a root keeps its state: its own `terraform { backend }` block, at poolform's own key.

use std::time::{SystemTime, UNIX_EPOCH};

use poolform_client::{Bucket, BucketSettings, Condition, PutError, Settings};
use poolform_language::{Inputs, Storage, load};
use poolform_state::{Backend, Holder, Local, Objects, Remote};
use poolform_value::{Content, Diagnostic, Value};

use crate::disk::Disk;
use crate::stop::Stop;
use crate::workspace::{DEFAULT, Places};

/// The backend that a root names; a local file where it names none.
pub fn of(storage: Option<&Storage>, places: &Places, workspace: &str) -> Result<Box<dyn Backend>, Diagnostic> {
    let Some(storage) = storage else { return Ok(Box::new(Local::new(places.state(workspace, None)))) };
    match storage.kind.as_str() {
        "local" => {
            let path = storage.settings.get("path").and_then(Value::as_str);
            Ok(Box::new(Local::new(places.state(workspace, path))))
        }
        "s3" => s3(storage, workspace),
        other => {
            let detail = format!(
                "This root keeps its state in \"{other}\", which poolform does not support yet; \"local\" and \"s3\" are \
                 supported. With -local everything is kept on this machine."
            );
            Err(Diagnostic::error("Unsupported backend", detail).at(Some(&storage.span)))
        }
    }
}

/// The backend of the root in a directory, without evaluating anything else of it.
pub fn of_directory(places: &Places, workspace: &str) -> Result<Box<dyn Backend>, Stop> {
    if places.is_local() {
        return Ok(Box::new(Local::new(places.state(workspace, None))));
    }
    let (configuration, _) = load(&Disk, places.root(), Inputs::default());
    let (settings, _) = configuration.terraform();
    of(settings.storage.as_ref(), places, workspace).map_err(|problem| Stop::of(problem.into(), Box::new(|_| None)))
}

/// Settings of the backend "s3" that change nothing for poolform: Terraform's own locks, which it does not use, and
/// checks that it does not make.
const ELSEWHERE: &[&str] = &[
    "dynamodb_table",
    "use_lockfile",
    "skip_credentials_validation",
    "skip_metadata_api_check",
    "skip_region_validation",
    "skip_requesting_account_id",
    "skip_s3_checksum",
];

fn s3(storage: &Storage, workspace: &str) -> Result<Box<dyn Backend>, Diagnostic> {
    let error = |detail: String| Diagnostic::error("Invalid backend configuration", detail).at(Some(&storage.span));
    let mut settings = Settings::default();
    let mut bucket = BucketSettings::default();
    let (mut key, mut prefix) = (None, "env:".to_owned());
    let (mut access, mut secret, mut token) = (None, None, None);
    for (name, value) in &storage.settings {
        let text = value.as_str().map(str::to_owned);
        let flag = value.as_bool().unwrap_or(false);
        match name.as_str() {
            _ if value.is_null() => {}
            "bucket" => bucket.bucket = text.unwrap_or_default(),
            "key" => key = text,
            "region" => settings.region = text,
            "profile" => settings.profile = text,
            "access_key" => access = text,
            "secret_key" => secret = text,
            "token" => token = text,
            "endpoint" => bucket.endpoint = text,
            "endpoints" => bucket.endpoint = member(value, "s3"),
            "use_path_style" | "force_path_style" => bucket.path_style = flag,
            "encrypt" => bucket.encrypt = flag,
            "kms_key_id" => bucket.kms_key_id = text,
            "workspace_key_prefix" => prefix = text.unwrap_or_default(),
            other if ELSEWHERE.contains(&other) => {}
            other => {
                return Err(error(format!(
                    "poolform does not support the setting \"{other}\" of the backend \"s3\" yet; set it by the AWS \
                     environment or profile instead."
                )));
            }
        }
    }
    if bucket.bucket.is_empty() {
        return Err(error(
            "The backend \"s3\" needs a bucket, in its block or by -backend-config=bucket=NAME.".to_owned(),
        ));
    }
    let key = key.ok_or_else(|| error("The backend \"s3\" needs a key.".to_owned()))?;
    if let (Some(access), Some(secret)) = (access, secret) {
        settings.keys = Some((access, secret, token));
    }
    let aws = poolform_client::connect(&settings).map_err(|problem| error(problem.to_string()))?;
    let bucket = Bucket::new(aws, bucket).map_err(|problem| error(problem.to_string()))?;
    let key = if workspace == DEFAULT { key } else { format!("{prefix}/{workspace}/{key}") };
    Ok(Box::new(Remote::new(InBucket(bucket), &format!("{key}.poolform.json"), holder)))
}

fn member(value: &Value, name: &str) -> Option<String> {
    let of = |value: &Value| value.members()?.get(name)?.as_str().map(str::to_owned);
    match &value.content {
        Content::Tuple(items) | Content::List(_, items) => items.iter().find_map(of),
        _ => of(value),
    }
}

/// Who takes a lock: enough for somebody else to find them.
fn holder(why: &str) -> Holder {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = variable("USER").or_else(|| variable("USERNAME")).unwrap_or_else(|| "somebody".to_owned());
    let machine = variable("HOSTNAME")
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned()))
        .unwrap_or_else(|| "some machine".to_owned());
    let process = std::process::id();
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    Holder {
        id: format!("{nanoseconds:x}-{process:x}"),
        who: format!("{user} on {machine}, process {process}"),
        when: jiff::Timestamp::now().to_string(),
        why: why.to_owned(),
    }
}

/// A bucket as the state sees it.
struct InBucket(Bucket);

impl Objects for InBucket {
    fn place(&self, key: &str) -> String {
        self.0.place(key)
    }

    fn get(&self, key: &str) -> Result<Option<(Vec<u8>, String)>, String> {
        self.0.get(key)
    }

    fn put(&self, key: &str, body: Vec<u8>, while_it_is: Option<&str>) -> Result<Option<String>, String> {
        let condition = while_it_is.map_or(Condition::Absent, |tag| Condition::Is(tag.to_owned()));
        match self.0.put(key, body, &condition) {
            Ok(tag) => Ok(Some(tag)),
            Err(PutError::Conflict) => Ok(None),
            Err(PutError::Failed(reason)) => Err(reason),
        }
    }

    fn delete(&self, key: &str, while_it_is: &str) -> Result<bool, String> {
        match self.0.delete(key, while_it_is) {
            Ok(()) => Ok(true),
            Err(PutError::Conflict) => Ok(false),
            Err(PutError::Failed(reason)) => Err(reason),
        }
    }
}
