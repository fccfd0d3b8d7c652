//! From settings to a connection.

use std::fmt;
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::service_config::ServiceConfigKey;

use crate::exchange::Aws;

/// A role to take before anything is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssumeRole {
    /// The role.
    pub role_arn: String,
    /// The name of the session; `poolform` unless told.
    pub session_name: Option<String>,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
    /// How long the session lasts.
    pub duration: Option<Duration>,
    /// A policy that narrows the session.
    pub policy: Option<String>,
}

/// What the provider block says; anything absent comes from the usual AWS environment and files.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Region.
    pub region: Option<String>,
    /// Profile.
    pub profile: Option<String>,
    /// Endpoint instead of the service's own.
    pub endpoint: Option<String>,
    /// Access key id and secret access key, and a session token.
    pub keys: Option<(String, String, Option<String>)>,
    /// Role.
    pub assume_role: Option<AssumeRole>,
    /// The only certificate to trust, in PEM: that of a server that made its own.
    pub certificate: Option<Vec<u8>>,
}

/// Shows no key.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("endpoint", &self.endpoint)
            .field("assume_role", &self.assume_role)
            .finish_non_exhaustive()
    }
}

/// Why there is no connection, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectError(pub String);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConnectError {}

/// Reads configuration and gets ready to send. Credentials are fetched when the first request needs them.
pub fn connect(settings: &Settings) -> Result<Aws, ConnectError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| ConnectError(format!("Starting the network runtime failed: {error}")))?;
    let (region, endpoint, sts_endpoint, credentials) = runtime.block_on(load(settings))?;
    Aws::new(runtime, region, endpoint, sts_endpoint, credentials, settings.certificate.as_deref())
}

type Loaded = (String, Option<String>, Option<String>, SharedCredentialsProvider);

async fn load(settings: &Settings) -> Result<Loaded, ConnectError> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some((id, secret, token)) = &settings.keys {
        let credentials = Credentials::new(id, secret, token.clone(), None, "provider block");
        loader = loader.credentials_provider(credentials);
    }
    let config = loader.load().await;
    let region = config.region().map(ToString::to_string).ok_or_else(|| {
        ConnectError(
            "No region is configured. Set it in the provider \"aws\" block, in AWS_REGION or in the profile."
                .to_owned(),
        )
    })?;
    let credentials = config.credentials_provider().ok_or_else(|| {
        ConnectError(
            "No AWS credentials are configured. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
                .to_owned(),
        )
    })?;
    let (of_cognito, of_sts) = endpoints_of(&config);
    let endpoint = settings.endpoint.clone().or(of_cognito);
    let sts_endpoint = of_sts;
    let credentials = match &settings.assume_role {
        None => credentials,
        Some(role) => {
            let mut builder = AssumeRoleProvider::builder(&role.role_arn)
                .region(Region::new(region.clone()))
                .session_name(role.session_name.as_deref().unwrap_or("poolform"))
                .configure(&config);
            if let Some(external_id) = &role.external_id {
                builder = builder.external_id(external_id);
            }
            if let Some(duration) = role.duration {
                builder = builder.session_length(duration);
            }
            if let Some(policy) = &role.policy {
                builder = builder.policy(policy);
            }
            SharedCredentialsProvider::new(builder.build_from_provider(credentials).await)
        }
    };
    Ok((region, endpoint, sts_endpoint, credentials))
}

/// The endpoints of Cognito and of STS that environment and profile name. The service's own variable and profile setting win
/// over the general ones, as in every AWS tool.
fn endpoints_of(config: &SdkConfig) -> (Option<String>, Option<String>) {
    let of_service = |service: &str| {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        config.service_config()?.load_config(key).filter(|url| !url.is_empty())
    };
    let general = || config.endpoint_url().map(str::to_owned);
    // With underscores, as sections of services in profiles have them (AWS SDKs and Tools Reference Guide); the SDK would make
    // dashes of spaces. The variable is called the same either way.
    (of_service("Cognito_Identity_Provider").or_else(general), of_service("STS").or_else(general))
}

/// The endpoint of Cognito that the environment or the profile names. Nothing is sent.
pub fn configured_endpoint(settings: &Settings) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    // With a region at hand nobody is asked for one.
    let region = settings.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(Region::new(region)).no_credentials();
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    endpoints_of(&runtime.block_on(loader.load())).0
}

/// Whether credentials can be had: the message of why not otherwise.
pub(crate) async fn credentials(provider: &SharedCredentialsProvider) -> Result<Credentials, String> {
    provider.provide_credentials().await.map_err(|error| {
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            reason = format!("{reason}: {inner}");
            source = inner.source();
        }
        format!("No AWS credentials ({reason}). Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in.")
    })
}

/// The service's own endpoint in a region. China has a name of its own; user pools are nowhere else outside `aws`.
pub(crate) fn regional_endpoint(service: &str, region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://{service}.{region}.{suffix}")
}
