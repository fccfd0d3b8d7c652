//! Domain. Built on CreateUserPoolDomain, UpdateUserPoolDomain, DescribeUserPoolDomain, DeleteUserPoolDomain.
//!
//! Cannot change in place: the name; another name is another domain, and sign-in pages are away in between. Can change
//! in place: the certificate of a custom domain. Must exist first: the pool, and for a custom domain its parent's DNS.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics, Value};
use serde_json::{Value as Json, json};

use super::{Kind, PLAIN, Rules, Terraform};
use crate::argument::{Argument, Reset, Rule, Simple, number, record, string};
use crate::decode::Decoded;
use crate::output::Endpoints;
use crate::plan::{Draft, Drafting, Phase, Until};
use crate::resource::{Desired, Form, Observed};
use crate::setting;

/// The module's own arguments for its domain.
pub static ARGUMENTS: &[Argument] = &[
    string("domain")
        .api("Domain")
        .by_code()
        .doc("Prefix of the sign-in pages' host name, or a full name together with certificate_arn."),
    string("certificate_arn")
        .api("CustomDomainConfig.CertificateArn")
        .by_code()
        .rule(Rule::Arn)
        .doc("Issued ACM certificate in us-east-1 for a full domain name; means nothing without domain."),
    number("managed_login_version")
        .api("ManagedLoginVersion")
        .rule(Rule::Between(1, 2))
        .reset(Reset::Json("1"))
        .doc("Which sign-in pages: 1 is the classic hosted UI, 2 managed login."),
    string("domain_security_policy")
        .resource("security_policy")
        .api("CustomDomainConfig.SecurityPolicy")
        .rule(Rule::OneOf(&["TLS_V1", "TLS_V1_2_2021", "TLS_V1_3_2025"]))
        .doc("Least TLS of a custom domain: TLS_V1, TLS_V1_2_2021 or TLS_V1_3_2025."),
    record("domain_routing", ROUTING)
        .resource("routing")
        .doc("Where a domain of a replicated pool goes when its region fails."),
];

static ROUTING: &[Argument] = &[
    string("secondary_region").api("Routing.Failover.SecondaryRegion").required().doc("Region of the replica."),
    string("primary_route53_health_check_id")
        .api("Routing.Failover.PrimaryRoute53HealthCheckId")
        .required()
        .doc("Health check of Route 53 that tells whether the first region answers."),
];

/// Domain.
pub static KIND: Kind = Kind {
    name: "Domain",
    noun: "domain",
    segment: "domain",
    key: "",
    arguments: ARGUMENTS,
    create: "CreateUserPoolDomain",
    update: "UpdateUserPoolDomain",
    delete: "DeleteUserPoolDomain",
    look: &[("DescribeUserPoolDomain", "DomainDescription", "")],
    identity: &[("UserPoolId", "UserPoolId"), ("Domain", "Domain")],
    named_by_pool: &["Domain", "CustomDomain"],
    name_is_everybodys: true,
    goes_before_pool: true,
    beyond_model: &["Domain"],
    advice: super::advice::DOMAIN,
    terraform: Terraform {
        aws_type: "aws_cognito_user_pool_domain",
        offered: true,
        id: None,
        import: None,
        computed: &[
            ("id", Simple::String, false, "The domain."),
            ("aws_account_id", Simple::String, false, "Account of the pool."),
            ("cloudfront_distribution", Simple::String, false, "Host name that the domain's DNS record must name."),
            ("cloudfront_distribution_arn", Simple::String, false, "The same, as the AWS provider calls it."),
            ("cloudfront_distribution_zone_id", Simple::String, false, "Route 53 zone of all such host names."),
            ("s3_bucket", Simple::String, false, "Where Cognito keeps the pages' files."),
            ("version", Simple::String, false, "Version of the pages."),
        ],
        own: &[],
        example: "  user_pool_id = poolform_user_pool.pool.id\n  domain       = \"orders\"\n",
        example_id: "orders",
    },
    rules: &Domain,
    ..PLAIN
};

struct Domain;

impl Rules for Domain {
    fn place(&self, decoded: &Decoded, _tags: &Object, _form: Form, settings: &mut Object) {
        for (argument, path) in [("domain", "Domain"), ("certificate_arn", "CustomDomainConfig.CertificateArn")] {
            if let Some(text) = decoded.get(argument).and_then(Value::as_str) {
                setting::put(settings, path, json!(text));
            }
        }
    }

    fn check(&self, _decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        if setting::get(&desired.settings, "Domain").is_string() {
            check(desired, diagnostics);
        }
    }

    fn same(&self, path: &str, _desired: &Json, observed: &Json) -> Option<bool> {
        // Servers that keep no certificate (moto) show none; there is nothing to compare then.
        (path == "CustomDomainConfig.CertificateArn" && setting::is_empty(observed)).then_some(true)
    }

    fn lost_with(&self, _observed: &Observed) -> Option<String> {
        Some("the sign-in pages are away until the domain answers again".to_owned())
    }

    fn lost_by_renaming(&self) -> Option<String> {
        Some("the sign-in pages are away until the new domain answers".to_owned())
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        draft(drafting)
    }

    fn foretold(&self, settings: &Object) -> Object {
        Object::from_iter([("id".to_owned(), setting::get(settings, "Domain").clone())])
    }

    fn attributes(&self, _: &Kind, observed: &Observed, _: &Json, _: &Json, _: &Endpoints<'_>) -> Object {
        output(&observed.answer).as_object().cloned().unwrap_or_default()
    }
}

fn draft(drafting: &Drafting<'_>) -> Vec<Draft> {
    let removal = |identity: Object| {
        Draft::new(
            drafting,
            KIND.delete,
            identity,
            Phase::DomainRemoval,
            "the domain must go before its pool or its successor",
        )
    };
    let ready = |domain: &Json| {
        let body = [("Domain".to_owned(), domain.clone())].into_iter().collect();
        let mut draft = Draft::new(drafting, "DescribeUserPoolDomain", body, Phase::Domain, "until it answers");
        draft.until = Some(Until {
            path: "DomainDescription.Status".to_owned(),
            is: "ACTIVE".to_owned(),
            fails: "FAILED".to_owned(),
        });
        draft.chained = true;
        draft
    };
    let create = |settings: &Object| {
        let mut create = Draft::new(drafting, KIND.create, setting::compact(settings), Phase::Domain, "new");
        create.holes.push(drafting.pool_hole());
        create.remembers = true;
        vec![create, ready(setting::get(settings, "Domain"))]
    };
    match (drafting.desired, drafting.identity()) {
        (Some(desired), None) => create(&desired.settings),
        (Some(desired), Some(identity)) if drafting.replaces => {
            let mut drafts = vec![removal(identity)];
            drafts.extend(create(&desired.settings));
            drafts
        }
        (Some(_), Some(identity)) => {
            let mut body = KIND.echo(&drafting.merged());
            body.extend(identity);
            let domain = setting::get(&body, "Domain").clone();
            vec![Draft::new(drafting, KIND.update, body, Phase::Domain, "in place"), ready(&domain)]
        }
        (None, Some(identity)) => {
            let mut draft = removal(identity);
            draft.forgets = true;
            vec![draft]
        }
        (None, None) => Vec::new(),
    }
}

/// What the API model cannot say about names: its pattern is for prefixes only.
fn check(desired: &Desired, diagnostics: &mut Diagnostics) {
    let name = setting::get(&desired.settings, "Domain").as_str().unwrap_or_default();
    // Recorded refusal; other partitions have a home Region of their own.
    let certificate = setting::get(&desired.settings, "CustomDomainConfig.CertificateArn").as_str().unwrap_or_default();
    let parts: Vec<&str> = certificate.splitn(5, ':').collect();
    if matches!(parts.as_slice(), ["arn", "aws", "acm", region, _] if *region != "us-east-1") {
        let detail = "Cognito takes certificates of us-east-1 only, whatever the pool's Region. Issue one there.";
        diagnostics.push(
            Diagnostic::error("Certificate of another Region", detail)
                .about(&desired.call, &desired.place("CustomDomainConfig.CertificateArn")),
        );
    }
    let shown = desired.shown("Domain", format_args!("\"{name}\""));
    let custom = !setting::is_empty(setting::get(&desired.settings, "CustomDomainConfig"));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let reason = if !desired.decided(&["domain", "certificate_arn"]) {
        // Whether it is a prefix or a full name is not known.
        None
    } else if custom {
        let labels: Vec<&str> = name.split('.').collect();
        (labels.len() < 3 || !labels.iter().all(|each| label(each)) || name.len() > 253).then(|| {
            format!("{shown} is no host name below a domain of yours, such as auth.example.com, in lower case")
        })
    } else if name.contains('.') {
        Some(format!("{shown} is a full name, which needs certificate_arn; a prefix has no dots"))
    } else if !label(name) {
        Some(format!(
            "{shown} may only have lower-case letters, digits and hyphens, 63 at most, and no hyphen at either end"
        ))
    } else {
        // Reserved as a whole part between hyphens (recorded: x-awsome-y is accepted, x-aws-y is not).
        let reserved = name.split('-').find(|part| ["aws", "amazon", "cognito"].contains(part));
        reserved.map(|word| format!("{shown} contains the reserved word {word}"))
    };
    if let Some(reason) = reason {
        diagnostics.push(
            Diagnostic::error("Invalid domain name", format!("{reason}."))
                .about(&desired.call, &desired.place("Domain")),
        );
    }
}

/// The `domain` output: the attribute names of `aws_cognito_user_pool_domain`.
pub(crate) fn output(answer: &Object) -> Json {
    let text = |path: &str| match setting::get(answer, path) {
        Json::Null => json!(""),
        value => value.clone(),
    };
    json!({
        "aws_account_id": text("AWSAccountId"),
        "certificate_arn": text("CustomDomainConfig.CertificateArn"),
        "cloudfront_distribution": text("CloudFrontDistribution"),
        "cloudfront_distribution_arn": text("CloudFrontDistribution"),
        // The one zone of all CloudFront distributions (AWS::Route53::RecordSet AliasTarget page).
        "cloudfront_distribution_zone_id": "Z2FDTNDATAQYW2",
        "domain": text("Domain"),
        "id": text("Domain"),
        "s3_bucket": text("S3Bucket"),
        "user_pool_id": text("UserPoolId"),
        "version": text("Version"),
    })
}
