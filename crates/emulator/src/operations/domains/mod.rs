//! Domains: CreateUserPoolDomain, DescribeUserPoolDomain, UpdateUserPoolDomain, DeleteUserPoolDomain.
//!
//! A pool may have one prefix and one custom domain at once. Cannot change in place: the name. A name is unique in the
//! Region, so here in the store.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{
    Answer, DOMAIN_CERTIFICATE, DOMAIN_EXISTS, DOMAIN_FORM, DOMAIN_NOT_CUSTOM, DOMAIN_PARENT, DOMAIN_RESERVED,
    DOMAIN_SECOND, DOMAIN_TAKEN, LOGIN_VERSION, NO_DOMAIN, otherwise,
};
use crate::forms::{clock, identifier};
use crate::kept::domain::{Domain, find, forget, scope};
use crate::kept::pool::Pool;
use crate::kept::shelf::{DOMAINS, USER_POOLS};
use crate::kept::store::{Reader, Writer};
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};
use crate::rules::call::Call;
use crate::rules::quota::expect_room;
use crate::rules::tier;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("CreateUserPoolDomain", Write(create)),
    ("DescribeUserPoolDomain", Read(describe)),
    ("UpdateUserPoolDomain", Write(update)),
    ("DeleteUserPoolDomain", Write(delete)),
];

/// Words that no hyphen-separated part of a prefix may be (D1).
const RESERVED: &[&str] = &["aws", "amazon", "cognito"];

/// The part of S3Bucket that stands for the Region. The first three are recorded [DescribeUserPoolDomain.2017-11.prefix,
/// .2025-07.prefix, .2019-08.custom]; the others are the airports by which AWS names Regions elsewhere, inferred.
const AIRPORTS: &[(&str, &str)] = &[
    ("us-east-1", "iad"),
    ("ap-northeast-1", "nrt"),
    ("us-west-2", "pdx"),
    ("us-east-2", "cmh"),
    ("us-west-1", "sfo"),
    ("ca-central-1", "yul"),
    ("sa-east-1", "gru"),
    ("eu-west-1", "dub"),
    ("eu-west-2", "lhr"),
    ("eu-west-3", "cdg"),
    ("eu-central-1", "fra"),
    ("eu-north-1", "arn"),
    ("ap-south-1", "bom"),
    ("ap-southeast-1", "sin"),
    ("ap-southeast-2", "syd"),
    ("ap-northeast-2", "icn"),
];

/// The distribution of every prefix domain in us-east-1, the same in 2017 and 2026 [DescribeUserPoolDomain.2017-11.prefix,
/// CloudControl.UserPoolDomain.2026-06.prefix]. That of other Regions is not known and made up.
const PREFIX_DISTRIBUTION: (&str, &str) = ("us-east-1", "d3oia8etllorh5.cloudfront.net");

/// The version of the sign-in pages that a domain has unless told [CreateUserPoolDomain.2025-07.prefix].
const LOGIN: i64 = 1;

/// CreateUserPoolDomain
fn create(call: &Call, writer: &mut Writer) -> Answer {
    let mut pool = call.pool(writer.reader())?;
    let name = call.text("Domain");
    let custom = call.body.object("CustomDomainConfig");
    check_name(name, custom.is_some())?;
    if let Some(taken) = find(writer.reader(), name, call.region)? {
        let words =
            if taken.answer.text("UserPoolId") == Some(call.pool_id()) { &DOMAIN_EXISTS } else { &DOMAIN_TAKEN };
        return words.refuse();
    }
    let member = Pool::domain_member(custom.is_some());
    if pool.answer.contains_key(member) {
        return DOMAIN_SECOND.refuse();
    }
    check_certificate(custom)?;
    let login = login(call, &pool, LOGIN)?;
    if custom.is_some() {
        let mut count = 1;
        writer.reader().visit(DOMAINS, "", None, &mut |name, _| {
            count += u64::from(name.contains('.'));
            Ok(true)
        })?;
        expect_room(count, call.quotas.custom_domains, "custom domains in an account")?;
    }
    let region = call.region;
    let distribution = match custom {
        None if region == PREFIX_DISTRIBUTION.0 => PREFIX_DISTRIBUTION.1.to_owned(),
        None => identifier::distribution(region),
        Some(_) => identifier::distribution(name),
    };
    let airport = AIRPORTS.iter().find(|(known, _)| *known == region).map_or(region, |(_, airport)| airport);
    let mut answer = Object::new();
    for (name, value) in [
        ("UserPoolId", json!(call.pool_id())),
        ("AWSAccountId", json!(call.account)),
        ("Domain", json!(name)),
        ("S3Bucket", json!(format!("aws-cognito-prod-{airport}-assets"))),
        ("CloudFrontDistribution", json!(distribution)),
        ("Version", json!(clock::version(call.now))),
        ("Status", json!("ACTIVE")),
        ("ManagedLoginVersion", json!(login)),
    ] {
        answer.insert(name.to_owned(), value);
    }
    for name in ["CustomDomainConfig", "Routing"] {
        if let Some(value) = call.body.member(name) {
            answer.insert(name.to_owned(), value.clone());
        }
    }
    let domain = Domain { answer };
    writer.put(DOMAINS, scope(name, region), name, &domain)?;
    pool.answer.insert(member.to_owned(), json!(name));
    // The pool's LastModifiedDate does not move [DescribeUserPool.2025-07.essentials.cli].
    writer.put(USER_POOLS, "", call.pool_id(), &pool)?;
    Ok(changed(&domain))
}

/// DescribeUserPoolDomain. An unknown domain has an empty description [DescribeUserPoolDomain.missing].
fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    let here = |domain: &Domain| domain.answer.text("UserPoolId").map(identifier::region_of) == Some(call.region);
    let found = find(reader, call.text("Domain"), call.region)?.filter(here);
    let description = found.map(|domain| in_model_order("DomainDescriptionType", domain.answer)).unwrap_or_default();
    Ok(only("DomainDescription", description))
}

/// UpdateUserPoolDomain. What is left out is kept: not measured, and nothing is lost by it.
fn update(call: &Call, writer: &mut Writer) -> Answer {
    let pool = call.pool(writer.reader())?;
    let mut domain = own(call, writer.reader())?;
    let custom = call.body.object("CustomDomainConfig");
    if custom.is_some() && !domain.answer.contains_key("CustomDomainConfig") {
        return DOMAIN_NOT_CUSTOM.refuse();
    }
    check_certificate(custom)?;
    let login = login(call, &pool, domain.answer.number("ManagedLoginVersion").unwrap_or(LOGIN))?;
    domain.answer.insert("ManagedLoginVersion".to_owned(), json!(login));
    for name in ["CustomDomainConfig", "Routing"] {
        if let Some(value) = call.body.member(name) {
            domain.answer.insert(name.to_owned(), value.clone());
        }
    }
    let (name, region) = (call.text("Domain"), call.region);
    forget(writer, name, region)?;
    writer.put(DOMAINS, scope(name, region), name, &domain)?;
    Ok(changed(&domain))
}

/// DeleteUserPoolDomain
fn delete(call: &Call, writer: &mut Writer) -> Answer {
    let domain = own(call, writer.reader())?;
    let mut pool = call.pool(writer.reader())?;
    forget(writer, call.text("Domain"), call.region)?;
    let member = Pool::domain_member(domain.answer.contains_key("CustomDomainConfig"));
    pool.answer.shift_remove(member);
    writer.put(USER_POOLS, "", call.pool_id(), &pool)?;
    Ok(Object::new())
}

/// The domain of the request, when it is one of the request's pool.
fn own(call: &Call, reader: &dyn Reader) -> Answer<Domain> {
    otherwise(call.expect_pool(reader), &NO_DOMAIN)?;
    match find(reader, call.text("Domain"), call.region)? {
        Some(domain) if domain.answer.text("UserPoolId") == Some(call.pool_id()) => Ok(domain),
        _ => NO_DOMAIN.refuse(),
    }
}

/// The answer to a create or an update: a prefix domain has no CloudFrontDomain in it [CreateUserPoolDomain.2025-07.prefix].
fn changed(domain: &Domain) -> Object {
    let mut answer = Object::new();
    let mut copy = |from: &str, to: &str| {
        if let Some(value) = domain.answer.member(from) {
            answer.insert(to.to_owned(), value.clone());
        }
    };
    copy("ManagedLoginVersion", "ManagedLoginVersion");
    if domain.answer.contains_key("CustomDomainConfig") {
        copy("CloudFrontDistribution", "CloudFrontDomain");
    }
    copy("Routing", "Routing");
    answer
}

fn check_name(name: &str, custom: bool) -> Answer<()> {
    let label = |label: &str| {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| letter(byte) || byte == b'-')
            && letter(label.as_bytes()[0])
            && letter(label.as_bytes()[label.len() - 1])
    };
    if !custom {
        if !label(name) {
            return DOMAIN_FORM.refuse();
        }
        // By token, not by substring: `x-awsome-y` was deployed (pf:domain-reserved-word).
        if let Some(word) = RESERVED.iter().find(|word| name.split('-').any(|token| token == **word)) {
            return Err(DOMAIN_RESERVED.with(&[word]));
        }
        return Ok(());
    }
    let labels: Vec<&str> = name.split('.').collect();
    if !labels.iter().all(|part| label(part)) {
        return DOMAIN_FORM.refuse();
    }
    // Whether the parent resolves is not looked up; a parent that is a top-level domain is refused.
    if labels.len() < 3 {
        return DOMAIN_PARENT.refuse();
    }
    Ok(())
}

/// A certificate of ACM in us-east-1, whatever the pool's Region (C7). That it exists is taken on trust.
fn check_certificate(custom: Option<&Object>) -> Answer<()> {
    match custom.and_then(|custom| custom.text("CertificateArn")) {
        Some(arn) if !arn.starts_with("arn:aws:acm:us-east-1:") => Err(DOMAIN_CERTIFICATE.with(&[&identifier::uuid()])),
        _ => Ok(()),
    }
}

fn login(call: &Call, pool: &Pool, default: i64) -> Answer<i64> {
    match call.body.number("ManagedLoginVersion") {
        None => Ok(default),
        Some(1) => Ok(1),
        Some(2) => tier::expect_more_than_lite(&pool.answer, tier::MANAGED_LOGIN).map(|()| 2),
        Some(_) => LOGIN_VERSION.refuse(),
    }
}
