//! User pools: CreateUserPool, DescribeUserPool, UpdateUserPool, DeleteUserPool, ListUserPools.
//!
//! Cannot change in place: AliasAttributes, UsernameAttributes, UsernameConfiguration, existing attributes (service
//! rules C3): UpdateUserPool has no members for them. Cannot be unset: SmsConfiguration (C9), custom attributes. Must be
//! gone before a pool goes: its domains and its deletion protection (C4).

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::{Members, in_model_order, is_empty, only};
use crate::forms::refusal::{Answer, POOL_HAS_DOMAIN, POOL_PROTECTED};
use crate::kept::paging;
use crate::kept::pool::{Factors, Pool, pool};
use crate::kept::shelf::{CLIENT_POOLS, CLIENTS, USER_POOLS, USERS, of_a_pool};
use crate::kept::store::{Reader, Writer};
use crate::kept::vault::Vault;
use crate::rules::call::Call;
use crate::rules::omission::Omitted::{self, Keeps, Resets};
use crate::rules::quota::expect_room;
use crate::rules::{pool as pool_rules, schema};

/// A member of CreateUserPool and UpdateUserPool.
struct Member {
    /// In the request.
    name: &'static str,
    /// In answers.
    answered: &'static str,
    /// What an update that leaves it out does.
    omitted: Omitted,
    /// What the service fills in, as JSON; empty when it fills in nothing.
    default: &'static str,
}

const fn member(name: &'static str, omitted: Omitted, default: &'static str) -> Member {
    Member { name, answered: name, omitted, default }
}

/// The members that an update can carry. Omission as measured (C1): AutoVerifiedAttributes resets, MfaConfiguration and
/// both policies are kept (`policies` below); AdminCreateUserConfig resets (notes of 2025-07, recorded/README.md). Not
/// measured and taken from the documents: what resets. Not measured and kept because newer reports see no loss:
/// DeletionProtection (CRD#630), UserPoolTags; because it cannot be removed (C9): SmsConfiguration; because a plan or a
/// key does not change by leaving it out: UserPoolTier, KeyConfiguration, IssuerConfiguration; documented as kept:
/// DcrConfiguration. PoolName is kept: a pool cannot be without.
const MEMBERS: &[Member] = &[
    Member { name: "PoolName", answered: "Name", omitted: Keeps, default: "" },
    member("DeletionProtection", Keeps, r#""INACTIVE""#),
    member("LambdaConfig", Resets, "{}"),
    member("AutoVerifiedAttributes", Resets, ""),
    member("SmsVerificationMessage", Resets, ""),
    member("EmailVerificationMessage", Resets, ""),
    member("EmailVerificationSubject", Resets, ""),
    member("VerificationMessageTemplate", Resets, r#"{"DefaultEmailOption":"CONFIRM_WITH_CODE"}"#),
    member("SmsAuthenticationMessage", Resets, ""),
    member("UserAttributeUpdateSettings", Resets, r#"{"AttributesRequireVerificationBeforeUpdate":[]}"#),
    member("MfaConfiguration", Keeps, r#""OFF""#),
    member("DeviceConfiguration", Resets, ""),
    member("EmailConfiguration", Resets, r#"{"EmailSendingAccount":"COGNITO_DEFAULT"}"#),
    member("SmsConfiguration", Keeps, ""),
    member("UserPoolTags", Keeps, ""),
    member("AdminCreateUserConfig", Resets, r#"{"AllowAdminCreateUserOnly":false}"#),
    member("UserPoolAddOns", Resets, ""),
    member("DcrConfiguration", Keeps, ""),
    member(
        "AccountRecoverySetting",
        Resets,
        r#"{"RecoveryMechanisms":[{"Priority":1,"Name":"verified_email"},{"Priority":2,"Name":"verified_phone_number"}]}"#,
    ),
    member("UserPoolTier", Keeps, r#""ESSENTIALS""#),
    member("KeyConfiguration", Keeps, r#"{"KeyType":"AWS_OWNED_KEY"}"#),
    member("IssuerConfiguration", Keeps, r#"{"Type":"ORIGINAL"}"#),
    member("AcrConfiguration", Resets, ""),
];

/// Members that an update can change and never take away: a pool has a name, and an SMS configuration stays (C9).
const CANNOT_BE_UNSET: &[&str] = &["PoolName", "SmsConfiguration"];

/// Members that only CreateUserPool has.
const CREATED: &[&str] = &["AliasAttributes", "UsernameAttributes", "UsernameConfiguration"];

/// The password policy of a pool whose request has none [CloudControl.UserPool.2026-07.plain], and what a policy that is
/// sent in part is filled up with [CloudControl.UserPool.2026-06.partial-password-policy].
const PASSWORD_POLICY: &[(&str, Fill, Fill)] = &[
    ("MinimumLength", Fill::Number(8), Fill::Number(8)),
    ("RequireUppercase", Fill::Flag(true), Fill::Flag(false)),
    ("RequireLowercase", Fill::Flag(true), Fill::Flag(false)),
    ("RequireNumbers", Fill::Flag(true), Fill::Flag(false)),
    ("RequireSymbols", Fill::Flag(true), Fill::Flag(false)),
    ("TemporaryPasswordValidityDays", Fill::Number(7), Fill::Number(7)),
];

#[derive(Clone, Copy)]
enum Fill {
    Number(i64),
    Flag(bool),
}

impl From<Fill> for Json {
    fn from(fill: Fill) -> Json {
        match fill {
            Fill::Number(number) => json!(number),
            Fill::Flag(flag) => json!(flag),
        }
    }
}

/// Texts that the pool has and its verification template repeats [DescribeUserPool.2017-08.pool-of-2016,
/// CloudControl.UserPool.2026-06.rich-mfa].
const REPEATED: &[(&str, &str)] = &[
    ("EmailVerificationMessage", "EmailMessage"),
    ("EmailVerificationSubject", "EmailSubject"),
    ("SmsVerificationMessage", "SmsMessage"),
];

/// CreateUserPool
pub(crate) fn create(call: &Call, writer: &mut Writer) -> Answer {
    pool_rules::check_request(call.body)?;
    let mut answer = Object::new();
    for member in MEMBERS {
        match call.body.member(member.name).filter(|value| is_kept(member.name, value)) {
            Some(value) => insert(&mut answer, member.answered, value.clone()),
            None => fill_in(&mut answer, member),
        }
    }
    for name in CREATED {
        if let Some(value) = call.body.member(name).filter(|value| !is_empty(value)) {
            insert(&mut answer, name, value.clone());
        }
    }
    insert(&mut answer, "Policies", policies(call.body, None));
    complete(&mut answer, call.body);
    insert(&mut answer, "SchemaAttributes", Json::Array(schema::attributes(call.body.list("Schema"))?));
    let mut pool = Pool { answer, factors: Factors::default(), saml_certificate: None };
    pool_rules::check_created(call, &mut pool)?;
    pool_rules::check_pool(call, &pool.answer)?;
    let quotas = &call.quotas;
    expect_room(
        schema::count_custom(pool.answer.list("SchemaAttributes")),
        quotas.custom_attributes,
        "custom attributes in a user pool",
    )?;
    expect_room(writer.reader().count(USER_POOLS, "")? + 1, quotas.user_pools, "user pools in an account")?;
    let id = identifier::pool(call.region);
    insert(&mut pool.answer, "Arn", arn(call, &id));
    insert(&mut pool.answer, "CreationDate", call.stamp());
    pool.touch(call.now);
    insert(&mut pool.answer, "Id", Json::from(id.as_str()));
    writer.put(USER_POOLS, "", &id, &pool)?;
    // Create leaves out tags when there are none, Describe has an empty object [CreateUserPool.2024-12].
    let mut answered = described(writer.reader(), pool)?;
    if answered.get("UserPoolTags").is_some_and(is_empty) {
        answered.shift_remove("UserPoolTags");
    }
    Ok(only("UserPool", answered))
}

/// DescribeUserPool
pub(crate) fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    let pool = call.pool(reader)?;
    Ok(only("UserPool", described(reader, pool)?))
}

/// UpdateUserPool
pub(crate) fn update(call: &Call, writer: &mut Writer) -> Answer {
    let before = call.pool(writer.reader())?;
    pool_rules::check_request(call.body)?;
    let omission = call.omission;
    let mut pool = before.clone();
    for member in MEMBERS {
        match call.body.member(member.name) {
            Some(value) if is_kept(member.name, value) => insert(&mut pool.answer, member.answered, value.clone()),
            Some(_) => reset(&mut pool.answer, member),
            None if omission.keeps(member.omitted) => {}
            None => reset(&mut pool.answer, member),
        }
    }
    let kept = before.answer.object("Policies").filter(|_| omission.keeps(Keeps));
    insert(&mut pool.answer, "Policies", policies(call.body, kept));
    complete(&mut pool.answer, call.body);
    pool_rules::check_updated(call, &before, &mut pool)?;
    pool_rules::check_pool(call, &pool.answer)?;
    pool.touch(call.now);
    writer.put(USER_POOLS, "", call.pool_id(), &pool)?;
    Ok(Object::new())
}

/// DeleteUserPool. Which of two reasons the service names first is not measured; protection comes first here.
pub(crate) fn delete(call: &Call, vault: &Vault) -> Answer {
    vault.write(|writer| delete_all(call, writer))?;
    vault.key_ring.forget(call.pool_id());
    Ok(Object::new())
}

/// Deletes a pool and all that belongs to it.
fn delete_all(call: &Call, writer: &mut Writer) -> Answer<()> {
    let pool = call.pool(writer.reader())?;
    if pool.answer.text("DeletionProtection") == Some("ACTIVE") {
        return POOL_PROTECTED.refuse();
    }
    if pool.answer.contains_key("Domain") || pool.answer.contains_key("CustomDomain") {
        return POOL_HAS_DOMAIN.refuse();
    }
    let id = call.pool_id();
    let mut clients = Vec::new();
    writer.reader().visit(CLIENTS, id, None, &mut |name, _| {
        clients.push(name.to_owned());
        Ok(true)
    })?;
    for client in clients {
        writer.remove(CLIENT_POOLS, "", &client)?;
    }
    for shelf in of_a_pool() {
        writer.clear(shelf, id)?;
    }
    writer.remove(USER_POOLS, "", id)?;
    Ok(())
}

/// ListUserPools: id, name, triggers and dates of each [ListUserPools.2025-10].
pub(crate) fn list(call: &Call, reader: &dyn Reader) -> Answer {
    let here = |pool: &Pool| pool.answer.text("Id").map(identifier::region_of) == Some(call.region);
    let (limit, after) = (call.limit("MaxResults", 60), call.body.text("NextToken"));
    let (pools, token) = paging::filtered::<Pool>(reader, USER_POOLS, "", limit, after, |_| true, here)?;
    let shown = pools.into_iter().map(|mut pool| {
        pool.answer.retain(|name, _| {
            ["Id", "Name", "LambdaConfig", "LastModifiedDate", "CreationDate"].contains(&name.as_str())
        });
        Json::Object(in_model_order("UserPoolDescriptionType", pool.answer))
    });
    let mut answer = only("UserPools", shown.collect::<Vec<Json>>());
    if let Some(token) = token {
        insert(&mut answer, "NextToken", Json::from(token));
    }
    Ok(answer)
}

/// The pool of an ARN in this account and region.
pub(crate) fn of_arn(call: &Call, reader: &dyn Reader, resource: &str) -> Answer<Option<Pool>> {
    let prefix = format!("arn:aws:cognito-idp:{}:{}:userpool/", call.region, call.account);
    match resource.strip_prefix(&prefix) {
        Some(id) => pool(reader, id).map(Some),
        None => Ok(None),
    }
}

pub(crate) fn arn(call: &Call, id: &str) -> Json {
    json!(format!("arn:aws:cognito-idp:{}:{}:userpool/{id}", call.region, call.account))
}

/// A pool as Describe answers it.
fn described(reader: &dyn Reader, mut pool: Pool) -> Answer {
    let id = pool.answer.text("Id").unwrap_or_default().to_owned();
    insert(&mut pool.answer, "EstimatedNumberOfUsers", json!(reader.count(USERS, &id)?));
    if !pool.answer.contains_key("UserPoolTags") {
        insert(&mut pool.answer, "UserPoolTags", json!({}));
    }
    Ok(in_model_order("UserPoolType", pool.answer))
}

/// Whether a value that was sent is kept; otherwise it counts as unset. An empty LambdaConfig is the same either way.
fn is_kept(name: &str, value: &Json) -> bool {
    !is_empty(value) || name == "LambdaConfig"
}

fn insert(object: &mut Object, name: &str, value: impl Into<Json>) {
    object.insert(name.to_owned(), value.into());
}

fn fill_in(answer: &mut Object, member: &Member) {
    if let Ok(value) = serde_json::from_str::<Json>(member.default) {
        insert(answer, member.answered, value);
    }
}

fn reset(answer: &mut Object, member: &Member) {
    if !CANNOT_BE_UNSET.contains(&member.name) {
        answer.shift_remove(member.answered);
        fill_in(answer, member);
    }
}

/// Both policies: each is taken from the request, or else kept, or else the default.
fn policies(body: &Object, kept: Option<&Object>) -> Json {
    let sent = body.object("Policies");
    let password = match sent.and_then(|sent| sent.object("PasswordPolicy")) {
        Some(policy) => filled(policy, |(_, _, partial)| *partial),
        None => match kept.and_then(|kept| kept.object("PasswordPolicy")) {
            Some(policy) => policy.clone(),
            None => filled(&Object::new(), |(_, whole, _)| *whole),
        },
    };
    let sign_in = match sent.and_then(|sent| sent.member("SignInPolicy")).filter(|policy| !is_empty(policy)) {
        Some(policy) => policy.clone(),
        None => match kept.and_then(|kept| kept.member("SignInPolicy")) {
            Some(policy) => policy.clone(),
            None => json!({"AllowedFirstAuthFactors": ["PASSWORD"]}),
        },
    };
    json!({"PasswordPolicy": password, "SignInPolicy": sign_in})
}

/// The policies of a pool that was never told any.
pub(crate) fn default_policies() -> Json {
    policies(&Object::new(), None)
}

fn filled(policy: &Object, fill: fn(&(&str, Fill, Fill)) -> Fill) -> Object {
    let mut policy = policy.clone();
    for row in PASSWORD_POLICY {
        if !policy.contains_key(row.0) {
            insert(&mut policy, row.0, fill(row));
        }
    }
    in_model_order("PasswordPolicyType", policy)
}

/// What follows from other members.
pub(crate) fn complete(answer: &mut Object, body: &Object) {
    // A validity given by its old name is the password policy's (recorded/README.md: one mirrors the other).
    let old = body.object("AdminCreateUserConfig").and_then(|config| config.number("UnusedAccountValidityDays"));
    let policy = answer.get_mut("Policies").and_then(|policies| policies.get_mut("PasswordPolicy"));
    let days = match policy {
        Some(Json::Object(policy)) => {
            let sent = body.object("Policies").and_then(|policies| policies.object("PasswordPolicy"));
            let named = sent.and_then(|policy| policy.number("TemporaryPasswordValidityDays"));
            if let (Some(old), None) = (old, named) {
                insert(policy, "TemporaryPasswordValidityDays", json!(old));
            }
            policy.number("TemporaryPasswordValidityDays")
        }
        _ => None,
    };
    if let Some(Json::Object(config)) = answer.get_mut("AdminCreateUserConfig") {
        if !config.contains_key("AllowAdminCreateUserOnly") {
            insert(config, "AllowAdminCreateUserOnly", json!(false));
        }
        insert(config, "UnusedAccountValidityDays", json!(days.unwrap_or(7)));
    }
    if let Some(Json::Object(email)) = answer.get_mut("EmailConfiguration")
        && !email.contains_key("EmailSendingAccount")
    {
        insert(email, "EmailSendingAccount", json!("COGNITO_DEFAULT"));
    }
    repeat_texts(answer);
    twin_triggers(answer);
}

/// Token generation has two members for one trigger, and each is filled in from the other: pools that were given one show
/// both ([InitiateAuth.2024-01.CUSTOM_CHALLENGE], note; ion#669 of 2024: of version 1 where PreTokenGeneration alone was
/// given). Where both are there they must name one function (pool_rules).
fn twin_triggers(answer: &mut Object) {
    let Some(Json::Object(triggers)) = answer.get_mut("LambdaConfig") else { return };
    let configured = triggers.object("PreTokenGenerationConfig").and_then(|config| config.text("LambdaArn"));
    match (triggers.text("PreTokenGeneration").map(str::to_owned), configured.map(str::to_owned)) {
        (Some(arn), None) => {
            let config = json!({"LambdaVersion": "V1_0", "LambdaArn": arn});
            insert(triggers, "PreTokenGenerationConfig", config);
        }
        (None, Some(arn)) => insert(triggers, "PreTokenGeneration", arn),
        _ => {}
    }
    let ordered = in_model_order("LambdaConfigType", std::mem::take(triggers));
    *triggers = ordered;
}

/// The template and the pool's own texts show the same. Where both are there and differ, the template's is taken.
fn repeat_texts(answer: &mut Object) {
    let mut template = match answer.get("VerificationMessageTemplate") {
        Some(Json::Object(template)) => template.clone(),
        _ => Object::new(),
    };
    for (own, templated) in REPEATED {
        match (template.text(templated), answer.text(own)) {
            (Some(text), _) => {
                let text = json!(text);
                insert(answer, own, text);
            }
            (None, Some(text)) => {
                let text = json!(text);
                insert(&mut template, templated, text);
            }
            (None, None) => {}
        }
    }
    if !template.contains_key("DefaultEmailOption") {
        insert(&mut template, "DefaultEmailOption", json!("CONFIRM_WITH_CODE"));
    }
    insert(answer, "VerificationMessageTemplate", in_model_order("VerificationMessageTemplateType", template));
}
