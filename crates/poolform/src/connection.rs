//! The Cognito that a command talks to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use poolform_apply::{Logged, Paced, Retrying};
use poolform_client::{AssumeRole, Aws, Settings};
use poolform_core::plan::call_of;
use poolform_emulator::{Emulator, OpenError, Options, Triggers, pages_at};
use poolform_model::{Cognito, Failure, Object, Request, Response};
use poolform_value::{Diagnostic, Diagnostics, Value};

use crate::stop::Stop;
use crate::workspace::Places;

/// A connection.
pub struct Connection {
    /// What answers.
    pub cognito: Arc<dyn Cognito>,
    /// The endpoint, where it is not the service's own; the first, where there are several.
    pub endpoint: Option<String>,
    /// Where apps reach the pools of each region; never none.
    reached: Vec<Reached>,
    /// Whether it is the embedded Cognito of the root.
    pub local: bool,
}

/// Where apps reach the pools of a region.
struct Reached {
    region: String,
    /// The endpoint, where it is not the service's own.
    endpoint: Option<String>,
    /// Where tokens of a pool of the embedded Cognito say they are from, up to the pool's id.
    issuer: Option<String>,
    /// What an endpoint publishes about its pools.
    published: Option<Published>,
}

/// Requests a second for one operation, within the service's quota of 5 for one pool (quotas page), less a margin for
/// whoever else works on it.
const PER_SECOND: f64 = 4.5;

/// The port of the local issuer while nothing serves: the one that `poolform serve` takes unless told.
const SERVE_PORT: u16 = 9229;

impl Connection {
    /// Its regions, each once; never none.
    pub fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<&str> = Vec::new();
        for one in &self.reached {
            if !regions.contains(&one.region.as_str()) {
                regions.push(&one.region);
            }
        }
        regions
    }

    /// Its regions, for people.
    pub fn region(&self) -> String {
        self.regions().join(" and ")
    }

    /// The issuer of a pool: what its tokens say. Behind an endpoint it is what the endpoint publishes; one that publishes
    /// nothing issues tokens in AWS's name, as moto does.
    pub fn issuer(&self, pool: &str) -> String {
        let of_aws = || format!("https://cognito-idp.{}.amazonaws.com/{pool}", region_of(pool));
        match &self.of(pool).issuer {
            Some(address) => format!("{address}/{pool}"),
            None => self.published(pool, "issuer").unwrap_or_else(of_aws),
        }
    }

    /// Where apps find the keys of a pool. An endpoint's are with the endpoint, whoever its tokens say they are from.
    pub fn keys(&self, pool: &str) -> String {
        let path = ".well-known/jwks.json";
        let Reached { endpoint, issuer, .. } = self.of(pool);
        match (self.published(pool, "jwks_uri"), endpoint) {
            (Some(published), _) => published,
            (None, Some(endpoint)) if issuer.is_none() => format!("{endpoint}/{pool}/{path}"),
            _ => format!("{}/{path}", self.issuer(pool)),
        }
    }

    /// Where a pool is reached. Of two connections in one region it is the first.
    fn of(&self, pool: &str) -> &Reached {
        self.reached.iter().find(|one| one.region == region_of(pool)).unwrap_or(&self.reached[0])
    }

    fn published(&self, pool: &str, member: &str) -> Option<String> {
        self.of(pool).published.as_ref()?.of(pool)?.get(member)?.as_str().map(str::to_owned)
    }

    /// The address to which apps send their requests about a pool, where it is not the service's own.
    pub fn served(&self, pool: &str) -> Option<&str> {
        let Reached { endpoint, issuer, .. } = self.of(pool);
        issuer.as_deref().or(endpoint.as_deref())
    }

    /// With a log of its requests where `POOLFORM_LOG` names a file; `secrets` are left out of it.
    pub fn logged(mut self, secrets: BTreeSet<String>) -> Result<Self, Stop> {
        if let Some(file) = std::env::var_os("POOLFORM_LOG").filter(|file| !file.is_empty()) {
            let log = std::fs::File::options().create(true).append(true).open(&file).map_err(|error| {
                Stop::message("Log not written", format!("POOLFORM_LOG names {}: {error}.", file.to_string_lossy()))
            })?;
            self.cognito = Arc::new(Logged::new(self.cognito, Box::new(log), secrets));
        }
        Ok(self)
    }

    /// Where the pages of a pool's domain are: for browsers, which take names under `localhost` for this machine.
    pub fn pages(&self, pool: &str, domain: &str) -> String {
        let published = self.published(pool, "authorization_endpoint");
        if let Some(pages) = published.as_deref().and_then(|address| address.strip_suffix("/oauth2/authorize")) {
            return pages.to_owned();
        }
        match &self.of(pool).issuer {
            Some(address) => pages_at(address, pool, domain).unwrap_or_else(|| format!("{address}/{pool}")),
            None if domain.contains('.') => format!("https://{domain}"),
            None => format!("https://{domain}.auth.{}.amazoncognito.com", region_of(pool)),
        }
    }

    /// What stands before the paths of a pool's domain, `/oauth2/token` among them, for any program: the embedded Cognito
    /// has them under its own address too, since few programs but browsers resolve names under `localhost`.
    pub fn domain(&self, pool: &str, domain: &str) -> String {
        match (&self.of(pool).issuer, self.published(pool, "token_endpoint")) {
            (Some(address), _) => format!("{address}/{pool}"),
            (None, Some(token)) => token.strip_suffix("/oauth2/token").unwrap_or(&token).to_owned(),
            (None, None) => self.pages(pool, domain),
        }
    }
}

/// The discovery documents of an endpoint's pools, each asked for once, when it is needed.
struct Published {
    aws: Arc<Aws>,
    documents: Mutex<BTreeMap<String, Option<Object>>>,
}

impl Published {
    fn of(&self, pool: &str) -> Option<Object> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.entry(pool.to_owned()).or_insert_with(|| self.aws.discovered(pool)).clone()
    }
}

/// The region in a pool's id.
pub fn region_of(pool: &str) -> &str {
    pool.split_once('_').map_or("", |(region, _)| region)
}

/// Sends each request to the Cognito of the call that it is about; one about a pool that is no longer declared to the
/// first of its region.
struct Routed {
    by_call: BTreeMap<String, Arc<dyn Cognito>>,
    by_region: Vec<(String, Arc<dyn Cognito>)>,
}

impl Cognito for Routed {
    fn call(&self, request: &Request) -> Response {
        let of_call = || self.by_call.get(&request.address).or_else(|| self.by_call.get(call_of(&request.address)));
        let of_region = || {
            let region = region_of(request.body.get("UserPoolId")?.as_str()?);
            self.by_region.iter().find(|(other, _)| other == region).map(|(_, cognito)| cognito)
        };
        match of_call().or_else(of_region).or_else(|| self.by_region.first().map(|(_, cognito)| cognito)) {
            Some(cognito) => cognito.call(request),
            None => Err(Failure::Unreachable("there is no connection".to_owned())),
        }
    }
}

/// One connection for calls that have one each: pairs of a call's address and the number of its connection.
pub fn routed(mut connections: Vec<Connection>, calls: &[(String, usize)]) -> Connection {
    if connections.len() == 1 {
        return connections.remove(0);
    }
    let by_call =
        calls.iter().map(|(call, number)| (call.clone(), Arc::clone(&connections[*number].cognito))).collect();
    let of_region = |each: &Connection| (each.reached[0].region.clone(), Arc::clone(&each.cognito));
    let by_region = connections.iter().map(of_region).collect();
    let reached = connections.iter_mut().flat_map(|each| std::mem::take(&mut each.reached)).collect();
    let first = connections.swap_remove(0);
    Connection { cognito: Arc::new(Routed { by_call, by_region }), reached, ..first }
}

/// The embedded Cognito of a root, or the server that holds it: a connection per region.
pub fn local(places: &Places, regions: &[String]) -> Result<Vec<Connection>, Stop> {
    std::fs::create_dir_all(places.own()).map_err(|error| {
        Stop::message("Embedded Cognito not available", format!("Making {} failed: {error}.", places.own().display()))
    })?;
    let connection = |region: &String, cognito: Arc<dyn Cognito>, endpoint: Option<&String>| {
        let issuer = endpoint.cloned().unwrap_or_else(|| format!("http://127.0.0.1:{SERVE_PORT}"));
        let endpoint = endpoint.cloned();
        let reached =
            Reached { region: region.clone(), endpoint: endpoint.clone(), issuer: Some(issuer), published: None };
        Connection { cognito, endpoint, reached: vec![reached], local: true }
    };
    // Nothing serves: what a declared user would have been asked about is left out, and said.
    let mut triggers = Triggers::default();
    triggers.leave_out_the_rest();
    triggers
        .tell(|left_out| say!("Trigger left out: {} for {}. poolform dev runs it.", left_out.source, left_out.user));
    match Emulator::open(&places.store(), Options { triggers, ..Options::default() }) {
        Ok(emulator) => {
            Ok(regions.iter().map(|region| connection(region, Arc::new(emulator.in_region(region)), None)).collect())
        }
        Err(OpenError::Held { by: Some(holder), .. }) if holder.address.is_some() => {
            let address = holder.address.unwrap_or_default();
            let mut connections = Vec::new();
            for region in regions {
                // A server of this root answers any key; the region is part of its pools' ids.
                let settings = Settings {
                    region: Some(region.clone()),
                    endpoint: Some(address.clone()),
                    keys: Some(("local".to_owned(), "local".to_owned(), None)),
                    // What `serve -tls` made for itself.
                    certificate: std::fs::read(places.own().join("localhost.pem"))
                        .ok()
                        .filter(|_| address.starts_with("https:")),
                    ..Settings::default()
                };
                let aws = poolform_client::connect(&settings)
                    .map_err(|error| Stop::message("No connection", error.to_string()))?;
                connections.push(connection(region, Arc::new(aws), Some(&address)));
            }
            Ok(connections)
        }
        Err(error) => Err(Stop::message("Embedded Cognito not available", format!("{error}."))),
    }
}

/// Cognito on AWS or behind an endpoint.
pub fn remote(settings: &Settings) -> Result<(Connection, Arc<Aws>), Stop> {
    let aws = Arc::new(
        poolform_client::connect(settings).map_err(|error| Stop::message("No connection", error.to_string()))?,
    );
    let region = aws.region().to_owned();
    let endpoint = aws.endpoint().map(str::to_owned);
    let retrying = |inner| Retrying::new(inner, 6, Duration::from_millis(300));
    // Another server has no quotas to keep to.
    let cognito: Arc<dyn Cognito> = match endpoint {
        None => Arc::new(retrying(Paced::new(Arc::clone(&aws), PER_SECOND))),
        Some(_) => Arc::new(Retrying::new(Arc::clone(&aws), 3, Duration::from_millis(100))),
    };
    let published = endpoint.is_some().then(|| Published { aws: Arc::clone(&aws), documents: Mutex::default() });
    let reached = vec![Reached { region, endpoint: endpoint.clone(), issuer: None, published }];
    Ok((Connection { cognito, endpoint, reached, local: false }, aws))
}

/// Arguments of `provider "aws"` that say nothing about Cognito: S3's own, checks that poolform does not do, tags to
/// ignore (poolform leaves alone every tag that is not declared), and accounts, which are checked when connecting.
const ELSEWHERE: &[&str] = &[
    "alias",
    "version",
    "allowed_account_ids",
    "forbidden_account_ids",
    "ignore_tags",
    "s3_use_path_style",
    "s3_force_path_style",
    "s3_us_east_1_regional_endpoint",
    "skip_credentials_validation",
    "skip_get_ec2_platforms",
    "skip_metadata_api_check",
    "skip_region_validation",
    "skip_requesting_account_id",
];

/// What a provider configuration means for a connection. Unsupported arguments that would change where requests go are
/// errors at their place.
pub fn settings(arguments: &BTreeMap<String, Value>) -> (Settings, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut settings = Settings::default();
    let (mut access, mut secret, mut token) = (None, None, None);
    for (name, value) in arguments {
        let span = value.name_span.as_ref().or(value.span.as_ref());
        if value.is_null() {
            continue;
        }
        if let Some(unknown) = value.first_unknown()
            && !ELSEWHERE.contains(&name.as_str())
        {
            let detail = format!(
                "The provider's {name} depends on {unknown:?}, which poolform does not evaluate. Give it with -set."
            );
            diagnostics.push(Diagnostic::error("Unresolved provider argument", detail).at(span));
            continue;
        }
        let text = || value.as_str().map(str::to_owned);
        match name.as_str() {
            "region" => settings.region = text(),
            "profile" => settings.profile = text(),
            "access_key" => access = text(),
            "secret_key" => secret = text(),
            "token" => token = text(),
            "assume_role" => settings.assume_role = assume_role(value),
            "endpoints" => {
                let urls = blocks(value)
                    .iter()
                    .find_map(|block| block.get("cognitoidp").or_else(|| block.get("cognitoidentityprovider")));
                settings.endpoint = urls.and_then(|url| url.as_str()).filter(|url| !url.is_empty()).map(str::to_owned);
            }
            "default_tags" => {}
            other if ELSEWHERE.contains(&other) => {}
            other => {
                let detail = format!(
                    "poolform does not support the argument \"{other}\" of the provider; set it by the AWS environment or profile instead."
                );
                diagnostics.push(Diagnostic::error("Unsupported provider argument", detail).at(span));
            }
        }
    }
    if let (Some(access), Some(secret)) = (access, secret) {
        settings.keys = Some((access, secret, token));
    }
    (settings, diagnostics)
}

fn blocks(value: &Value) -> Vec<&BTreeMap<String, Value>> {
    match value.items() {
        Some(items) => items.iter().filter_map(Value::members).collect(),
        None => value.members().into_iter().collect(),
    }
}

fn assume_role(value: &Value) -> Option<AssumeRole> {
    let block = *blocks(value).first()?;
    let text = |name: &str| block.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(AssumeRole {
        role_arn: text("role_arn")?,
        session_name: text("session_name"),
        external_id: text("external_id"),
        duration: text("duration").and_then(|text| duration(&text)),
        policy: text("policy"),
    })
}

/// The tags of `default_tags`.
pub fn default_tags(arguments: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    arguments
        .get("default_tags")
        .map(blocks)
        .unwrap_or_default()
        .iter()
        .filter_map(|block| block.get("tags").and_then(Value::members))
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// `90s`, `5m`, `1h`, and Go's sums of them: `1h30m`.
pub fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|each: char| !each.is_ascii_digit())?;
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        let unit_end = rest[digits..].find(|each: char| each.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let unit = match &rest[digits..unit_end] {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_secs(60),
            "h" => Duration::from_secs(3600),
            _ => return None,
        };
        total = total.checked_add(unit.checked_mul(u32::try_from(number).ok()?)?)?;
        rest = &rest[unit_end..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        assert_eq!(duration("90s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("soon"), None);
        assert_eq!(duration("5"), None);
    }
}
