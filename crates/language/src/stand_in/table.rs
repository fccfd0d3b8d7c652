//! What attributes look like that only the service knows, by type. One row per attribute; a later Terraform type is a row.
//!
//! In a text, `{a|b}` is the first that is there of: an argument that is written, a literal in single quotes, and what begins
//! with `@`: `@partition`, `@region`, `@account`, `@name` (the block's own name, with its module and key, as one word),
//! `@hex(n)`, `@digits(n)`, `@letters(n)` and `@uuid`, which are drawn from the address. `{a~}` is what is after the last colon
//! of `a`. The forms of ARNs are those of the Service Authorization Reference of AWS.

/// How a stand-in is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Text(&'static str),
    /// Several texts.
    Texts(&'static [&'static str]),
    /// The value of an argument, whatever its type.
    Argument(&'static str),
    /// Drawn from the address as the type's arguments say: see `random.rs`.
    Drawn,
    /// As for a type without rows, and never shown.
    Secret,
}

use Made::{Argument, Drawn, Secret, Text, Texts};

pub(super) type Row = (&'static [&'static str], &'static str, Made);

const LAMBDA: &str = "arn:{@partition}:lambda:{@region}:{@account}:function:{function_name~|@name}";
const S3: &str = "{bucket|bucket_prefix|@name}";

/// Types, attribute, and how it is made. The types are of resources and of data sources alike.
pub(super) const ROWS: &[Row] = &[
    // Lambda.
    (&["aws_lambda_function"], "arn", Text(LAMBDA)),
    (&["aws_lambda_function"], "id", Text("{function_name|@name}")),
    (&["aws_lambda_function"], "version", Text("1")),
    (
        &["aws_lambda_function"],
        "qualified_arn",
        Text("arn:{@partition}:lambda:{@region}:{@account}:function:{function_name~|@name}:1"),
    ),
    (
        &["aws_lambda_function"],
        "invoke_arn",
        Text(
            "arn:{@partition}:apigateway:{@region}:lambda:path/2015-03-31/functions/\
             arn:{@partition}:lambda:{@region}:{@account}:function:{function_name~|@name}/invocations",
        ),
    ),
    (
        &["aws_lambda_alias"],
        "arn",
        Text("arn:{@partition}:lambda:{@region}:{@account}:function:{function_name~|@name}:{name|@name}"),
    ),
    (
        &["aws_lambda_alias"],
        "invoke_arn",
        Text(
            "arn:{@partition}:apigateway:{@region}:lambda:path/2015-03-31/functions/\
             arn:{@partition}:lambda:{@region}:{@account}:function:{function_name~|@name}:{name|@name}/invocations",
        ),
    ),
    (&["aws_lambda_function_url"], "function_url", Text("https://{@name}.lambda-url.localhost/")),
    // Identities and permissions.
    (&["aws_iam_role"], "arn", Text("arn:{@partition}:iam::{@account}:role{path|'/'}{name|name_prefix|@name}")),
    (&["aws_iam_role"], "id", Text("{name|name_prefix|@name}")),
    (&["aws_iam_role"], "name", Text("{name_prefix|@name}")),
    (&["aws_iam_role"], "unique_id", Text("AROA{@letters(17)}")),
    (&["aws_iam_policy"], "arn", Text("arn:{@partition}:iam::{@account}:policy{path|'/'}{name|name_prefix|@name}")),
    (&["aws_iam_user"], "arn", Text("arn:{@partition}:iam::{@account}:user{path|'/'}{name|@name}")),
    (&["aws_iam_openid_connect_provider"], "arn", Text("arn:{@partition}:iam::{@account}:oidc-provider/{@name}")),
    (&["aws_iam_saml_provider"], "arn", Text("arn:{@partition}:iam::{@account}:saml-provider/{name|@name}")),
    (&["aws_caller_identity"], "account_id", Text("{@account}")),
    (&["aws_caller_identity"], "id", Text("{@account}")),
    (&["aws_caller_identity"], "arn", Text("arn:{@partition}:iam::{@account}:user/local")),
    (&["aws_caller_identity"], "user_id", Text("AIDA{@letters(17)}")),
    (&["aws_region"], "name", Text("{region|name|@region}")),
    (&["aws_region"], "region", Text("{name|@region}")),
    (&["aws_region"], "id", Text("{region|name|@region}")),
    (&["aws_partition"], "partition", Text("{@partition}")),
    (&["aws_partition"], "id", Text("{@partition}")),
    (&["aws_partition"], "dns_suffix", Text("amazonaws.com")),
    // Mail and messages.
    (&["aws_ses_domain_identity"], "arn", Text("arn:{@partition}:ses:{@region}:{@account}:identity/{domain|@name}")),
    (&["aws_ses_domain_identity"], "verification_token", Text("{@hex(43)}")),
    (&["aws_ses_email_identity"], "arn", Text("arn:{@partition}:ses:{@region}:{@account}:identity/{email|@name}")),
    (
        &["aws_sesv2_email_identity"],
        "arn",
        Text("arn:{@partition}:ses:{@region}:{@account}:identity/{email_identity|@name}"),
    ),
    (
        &["aws_ses_configuration_set"],
        "arn",
        Text("arn:{@partition}:ses:{@region}:{@account}:configuration-set/{name|@name}"),
    ),
    (
        &["aws_sesv2_configuration_set"],
        "arn",
        Text("arn:{@partition}:ses:{@region}:{@account}:configuration-set/{configuration_set_name|@name}"),
    ),
    (&["aws_sns_topic"], "arn", Text("arn:{@partition}:sns:{@region}:{@account}:{name|name_prefix|@name}")),
    (&["aws_sns_topic"], "id", Text("arn:{@partition}:sns:{@region}:{@account}:{name|name_prefix|@name}")),
    (&["aws_sqs_queue"], "arn", Text("arn:{@partition}:sqs:{@region}:{@account}:{name|name_prefix|@name}")),
    (&["aws_sqs_queue"], "url", Text("https://sqs.localhost/{@account}/{name|name_prefix|@name}")),
    (&["aws_pinpoint_app"], "application_id", Text("{@hex(32)}")),
    // Certificates and keys. Cognito takes certificates of us-east-1 alone.
    (
        &["aws_acm_certificate", "aws_acm_certificate_validation"],
        "arn",
        Text("arn:{@partition}:acm:us-east-1:{@account}:certificate/{@uuid}"),
    ),
    (&["aws_acm_certificate", "aws_acm_certificate_validation"], "id", Text("{certificate_arn|@name}")),
    (
        &["aws_acm_certificate", "aws_acm_certificate_validation"],
        "certificate_arn",
        Text("arn:{@partition}:acm:us-east-1:{@account}:certificate/{@uuid}"),
    ),
    (&["aws_kms_key"], "arn", Text("arn:{@partition}:kms:{@region}:{@account}:key/{@uuid}")),
    (&["aws_kms_key"], "key_id", Text("{@uuid}")),
    (&["aws_kms_key"], "id", Text("{@uuid}")),
    (&["aws_kms_alias"], "arn", Text("arn:{@partition}:kms:{@region}:{@account}:{name|'alias/stand-in'}")),
    (&["aws_kms_alias"], "target_key_arn", Text("arn:{@partition}:kms:{@region}:{@account}:key/{target_key_id|@uuid}")),
    (&["aws_kms_alias"], "target_key_id", Text("{@uuid}")),
    (&["aws_kms_secrets"], "plaintext", Secret),
    // Names and addresses.
    (&["aws_route53_zone"], "zone_id", Text("Z{@letters(19)}")),
    (&["aws_route53_zone"], "id", Text("Z{@letters(19)}")),
    (&["aws_route53_zone"], "arn", Text("arn:{@partition}:route53:::hostedzone/Z{@letters(19)}")),
    (
        &["aws_route53_zone"],
        "name_servers",
        Texts(&[
            "ns-1.{@name}.localhost",
            "ns-2.{@name}.localhost",
            "ns-3.{@name}.localhost",
            "ns-4.{@name}.localhost",
        ]),
    ),
    (&["aws_route53_record"], "fqdn", Text("{name|@name}")),
    (&["aws_cloudfront_distribution"], "domain_name", Text("{@name}.cloudfront.localhost")),
    // The zone of all distributions, from the AWS General Reference.
    (&["aws_cloudfront_distribution"], "hosted_zone_id", Text("Z2FDTNDATAQYW2")),
    (&["aws_cloudfront_distribution"], "id", Text("E{@letters(13)}")),
    (
        &["aws_cloudfront_distribution"],
        "arn",
        Text("arn:{@partition}:cloudfront::{@account}:distribution/E{@letters(13)}"),
    ),
    (&["aws_lb", "aws_alb"], "dns_name", Text("{@name}.elb.localhost")),
    (&["aws_lb", "aws_alb"], "zone_id", Text("Z{@letters(13)}")),
    (
        &["aws_lb", "aws_alb"],
        "arn",
        Text("arn:{@partition}:elasticloadbalancing:{@region}:{@account}:loadbalancer/app/{name|@name}/{@hex(16)}"),
    ),
    (&["aws_apigatewayv2_api"], "api_endpoint", Text("https://{@name}.execute-api.localhost")),
    (&["aws_apigatewayv2_api"], "id", Text("{@hex(10)}")),
    (&["aws_apigatewayv2_api"], "execution_arn", Text("arn:{@partition}:execute-api:{@region}:{@account}:{@hex(10)}")),
    (
        &["aws_apigatewayv2_stage", "aws_api_gateway_stage", "aws_api_gateway_deployment"],
        "invoke_url",
        Text("https://{@name}.execute-api.localhost/{stage_name|name|''}"),
    ),
    (&["aws_api_gateway_rest_api"], "id", Text("{@hex(10)}")),
    (
        &["aws_api_gateway_rest_api"],
        "execution_arn",
        Text("arn:{@partition}:execute-api:{@region}:{@account}:{@hex(10)}"),
    ),
    (&["aws_amplify_app"], "default_domain", Text("{@name}.amplifyapp.localhost")),
    (&["aws_amplify_app"], "id", Text("d{@hex(13)}")),
    (&["aws_instance", "aws_eip"], "public_ip", Text("127.0.0.1")),
    (&["aws_instance", "aws_eip"], "public_dns", Text("{@name}.ec2.localhost")),
    // What is stored.
    (&["aws_s3_bucket"], "id", Text(S3)),
    (&["aws_s3_bucket"], "bucket", Text(S3)),
    (&["aws_s3_bucket"], "arn", Text("arn:{@partition}:s3:::{bucket|bucket_prefix|@name}")),
    (&["aws_s3_bucket"], "bucket_domain_name", Text("{bucket|bucket_prefix|@name}.s3.localhost")),
    (&["aws_s3_bucket"], "bucket_regional_domain_name", Text("{bucket|bucket_prefix|@name}.s3.{@region}.localhost")),
    (
        &["aws_s3_bucket", "aws_s3_bucket_website_configuration"],
        "website_endpoint",
        Text("{@name}.s3-website.localhost"),
    ),
    (&["aws_dynamodb_table"], "arn", Text("arn:{@partition}:dynamodb:{@region}:{@account}:table/{name|@name}")),
    (&["aws_dynamodb_table"], "id", Text("{name|@name}")),
    (&["aws_cloudwatch_log_group"], "arn", Text("arn:{@partition}:logs:{@region}:{@account}:log-group:{name|@name}")),
    (
        &["aws_kinesis_firehose_delivery_stream"],
        "arn",
        Text("arn:{@partition}:firehose:{@region}:{@account}:deliverystream/{name|@name}"),
    ),
    (
        &["aws_wafv2_web_acl"],
        "arn",
        Text("arn:{@partition}:wafv2:{@region}:{@account}:regional/webacl/{name|@name}/{@uuid}"),
    ),
    (
        &["aws_secretsmanager_secret"],
        "arn",
        Text("arn:{@partition}:secretsmanager:{@region}:{@account}:secret:{name|name_prefix|@name}-{@letters(6)}"),
    ),
    (
        &["aws_secretsmanager_secret"],
        "id",
        Text("arn:{@partition}:secretsmanager:{@region}:{@account}:secret:{name|name_prefix|@name}-{@letters(6)}"),
    ),
    (&["aws_secretsmanager_secret_version"], "secret_string", Secret),
    (&["aws_secretsmanager_secret_version"], "secret_binary", Secret),
    (&["aws_secretsmanager_random_password"], "random_password", Secret),
    (&["aws_ssm_parameter"], "value", Secret),
    (&["aws_ssm_parameter"], "arn", Text("arn:{@partition}:ssm:{@region}:{@account}:parameter/{name|@name}")),
    (&["aws_cognito_identity_pool"], "id", Text("{@region}:{@uuid}")),
    (
        &["aws_cognito_identity_pool"],
        "arn",
        Text("arn:{@partition}:cognito-identity:{@region}:{@account}:identitypool/{@region}:{@uuid}"),
    ),
    // What is drawn by lot.
    (&["random_string", "random_password"], "result", Drawn),
    (&["random_string"], "id", Drawn),
    (&["random_password"], "bcrypt_hash", Secret),
    (&["random_id"], "hex", Drawn),
    (&["random_id"], "dec", Drawn),
    (&["random_id"], "b64_url", Drawn),
    (&["random_id"], "b64_std", Drawn),
    (&["random_id"], "id", Drawn),
    (&["random_pet"], "id", Drawn),
    (&["random_integer"], "result", Drawn),
    (&["random_uuid"], "result", Text("{@uuid}")),
    (&["random_uuid"], "id", Text("{@uuid}")),
    (&["random_shuffle"], "result", Argument("input")),
    (&["tls_private_key"], "private_key_pem", Secret),
    // What is nothing but Terraform's. The time is any that stays.
    (&["terraform_data"], "output", Argument("input")),
    (&["terraform_data"], "id", Text("{@uuid}")),
    (&["null_resource"], "id", Text("{@digits(18)}")),
    (&["null_data_source"], "outputs", Argument("inputs")),
    (&["time_static", "time_offset", "time_rotating"], "rfc3339", Text("2024-01-01T00:00:00Z")),
    (&["time_static", "time_offset", "time_rotating"], "id", Text("2024-01-01T00:00:00Z")),
    (&["time_static", "time_offset", "time_rotating"], "unix", Text("1704067200")),
    (&["time_sleep"], "id", Text("2024-01-01T00:00:00Z")),
];

/// What a value is like whose type has no row, by the last word of its name: the first that it ends with.
pub(super) const ENDINGS: &[(&[&str], &str)] = &[
    (
        &["url", "urls", "uri", "uris", "endpoint", "issuer", "origin", "callback", "redirect"],
        "https://{@slug}.localhost",
    ),
    (&["domain", "domain_name", "host", "hostname", "fqdn", "dns_name"], "{@slug}.example.localhost"),
    // A prefix of a domain may not have the word cognito in it, which names of such variables have.
    (&["prefix"], "local-{@hex(8)}"),
    (&["email", "email_address", "mail"], "{@slug}@example.com"),
    (&["account_id", "aws_account", "account"], "{@account}"),
    (&["partition"], "{@partition}"),
    (&["region"], "{@region}"),
];

/// What an ARN of such a value is, by a word in its name: the first that is in it, or else the last row.
pub(super) const ARNS: &[(&[&str], &str)] = &[
    (&["certificate", "cert", "acm"], "arn:{@partition}:acm:us-east-1:{@account}:certificate/{@uuid}"),
    (&["role", "iam"], "arn:{@partition}:iam::{@account}:role/{@slug}"),
    (&["lambda", "function", "trigger"], "arn:{@partition}:lambda:{@region}:{@account}:function:{@slug}"),
    (&["kms", "key"], "arn:{@partition}:kms:{@region}:{@account}:key/{@uuid}"),
    (&["ses", "email", "mail", "identity"], "arn:{@partition}:ses:{@region}:{@account}:identity/{@slug}.example"),
    (&["sns", "topic"], "arn:{@partition}:sns:{@region}:{@account}:{@slug}"),
    (&["bucket", "s3"], "arn:{@partition}:s3:::{@slug}"),
    (&[], "arn:{@partition}:lambda:{@region}:{@account}:function:{@slug}"),
];

/// What else a variable may be that has no value, by its name.
pub(super) const VARIABLES: &[(&[&str], &str)] = &[
    (&["environment", "env", "stage", "stage_name"], "local"),
    (&["account_ids"], "{@account}"),
    (&["zone", "zone_name", "apex"], "{@slug}.example.localhost"),
    // Mostly prefixes, which have no points.
    (&["cognito_domain", "user_pool_domain", "pool_domain", "hosted_ui_domain"], "local-{@hex(8)}"),
];
