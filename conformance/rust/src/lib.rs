//! The AWS SDK for Rust, configured for the Cognito endpoint that is tested (`COGNITO_ENDPOINT`).

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::retry::RetryConfig;
use aws_sdk_cognitoidentityprovider::config::{BehaviorVersion, Credentials, Region};

/// Where the tests go: `COGNITO_ENDPOINT`, or the port that `poolform serve` takes unless told.
pub fn endpoint() -> String {
    std::env::var("COGNITO_ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:9229".to_owned())
}

/// A client of the endpoint that tries once: refusals are what the tests are about.
pub fn client() -> Client {
    let config = aws_sdk_cognitoidentityprovider::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}
