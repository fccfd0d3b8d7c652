//! Identity provider. Built on CreateIdentityProvider, UpdateIdentityProvider, DescribeIdentityProvider,
//! DeleteIdentityProvider.
//!
//! Cannot change in place: name and type. Must exist first: the pool and the custom attributes that are mapped to.
//! Cognito adds keys of its own to the details and to the mapping (endpoints, `username`), so only declared keys are
//! compared; what it derives from SAML metadata is read-only and never sent back.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics, Value};

use super::{Kind, Listed, PLAIN, Rules, Terraform, user_pool};
use crate::argument::{Argument, Default, Rule, Simple, map, set, string};
use crate::decode::Decoded;
use crate::plan::{self, Draft, Drafting, Siblings};
use crate::resource::{Address, Desired};
use crate::setting;

/// One provider of `identity_providers`.
pub static ARGUMENTS: &[Argument] = &[
    string("provider_name")
        .api("ProviderName")
        .required()
        .doc("Name of the provider; social providers have a fixed one."),
    string("provider_type")
        .api("ProviderType")
        .required()
        .rule(Rule::OneOf(&["SAML", "OIDC", "Google", "Facebook", "LoginWithAmazon", "SignInWithApple"]))
        .immutable("a provider's type is part of what it is")
        .doc("SAML, OIDC, Google, Facebook, LoginWithAmazon or SignInWithApple."),
    map("provider_details")
        .secret()
        .api("ProviderDetails")
        .required()
        .doc("Settings of the type: client_id, authorize_scopes, MetadataURL …; secrets only as sensitive values."),
    map("attribute_mapping")
        .api("AttributeMapping")
        .or(Default::Empty)
        .doc("From attributes of the pool to attributes of the provider."),
    set("idp_identifiers")
        .api("IdpIdentifiers")
        .or(Default::Empty)
        .doc("Other names that sign-in requests may use, mail domains for instance; 50 at most."),
    map("acr_mapping")
        .api("AcrMapping")
        .or(Default::Empty)
        .doc("From levels of the pool, Level1 to Level4, to what the provider says in acr."),
];

/// Identity provider.
pub static KIND: Kind = Kind {
    name: "IdentityProvider",
    noun: "identity provider",
    segment: "identity_provider",
    key: "ProviderName",
    arguments: ARGUMENTS,
    create: "CreateIdentityProvider",
    update: "UpdateIdentityProvider",
    delete: "DeleteIdentityProvider",
    look: &[("DescribeIdentityProvider", "IdentityProvider", "")],
    identity: &[("UserPoolId", "UserPoolId"), ("ProviderName", "ProviderName")],
    never_echoed: &[("ProviderDetails.ActiveEncryptionCertificate", "read-only: a request that carries it is refused")],
    listed: Some(Listed {
        operation: "ListIdentityProviders",
        member: "Providers",
        limit: "MaxResults",
        most: 60,
        name: "ProviderName",
    }),
    secret_keys: SECRET_DETAILS,
    advice: super::advice::IDENTITY_PROVIDER,
    terraform: Terraform {
        aws_type: "aws_cognito_identity_provider",
        offered: true,
        id: Some(':'),
        import: Some(':'),
        computed: &[("id", Simple::String, false, "POOL:NAME.")],
        own: &[],
        example: "  user_pool_id  = poolform_user_pool.pool.id\n  provider_name = \"example\"\n  provider_type = \"SAML\"\n  provider_details = {\n    MetadataURL = \"https://idp.example.com/metadata\"\n  }\n",
        example_id: "us-east-1_AbCdEfGhI:example",
    },
    rules: &IdentityProvider,
    ..PLAIN
};

struct IdentityProvider;

impl Rules for IdentityProvider {
    fn check(&self, decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        check(desired, decoded.get("provider_details"), diagnostics);
    }

    fn check_together(&self, all: &[Desired], _complete: &dyn Fn(&Kind) -> bool, diagnostics: &mut Diagnostics) {
        check_identifiers(all, diagnostics);
    }

    fn derives(&self, settings: &Object, path: &str, key: &str) -> bool {
        let of_type = setting::get(settings, "ProviderType").as_str().unwrap_or_default();
        match path {
            "ProviderDetails" => derives(of_type, key),
            MAPPING => key == "username",
            _ => false,
        }
    }

    fn check_siblings(&self, siblings: &Siblings<'_>, diagnostics: &mut Diagnostics) {
        check_mapping(siblings, diagnostics);
    }

    fn arrange(&self, drafts: &mut Vec<(Address, Draft)>, request: &plan::Request<'_>) {
        release(drafts, request);
    }
}

const MAPPING: &str = "AttributeMapping";

/// A provider can only map to attributes that its pool has or gets.
fn check_mapping(siblings: &Siblings<'_>, diagnostics: &mut Diagnostics) {
    let desired = siblings.desired;
    let Some(schema) = user_pool::schema_of(siblings) else { return };
    let where_to = siblings.where_to();
    let names = setting::get(&desired.settings, MAPPING).as_object().into_iter().flat_map(Object::keys);
    for name in names.filter(|name| {
        *name != "username"
            && user_pool::exactly(siblings.pool, name).is_none()
            && !user_pool::attribute_exists(&schema, name)
    }) {
        let name = if desired.hides_all(MAPPING) { "(sensitive)".to_owned() } else { format!("\"{name}\"") };
        let detail = format!(
            "The attribute {name} does not exist {where_to}. Declare it in schema_attributes, and write custom:NAME here."
        );
        diagnostics
            .push(Diagnostic::error("Impossible attribute", detail).about(&desired.call, &desired.place(MAPPING)));
    }
}

/// Details that are secrets wherever they stand.
const SECRET_DETAILS: &[&str] = &["client_secret", "private_key"];

/// Details that Cognito derives from the others (recorded answers): no difference, and not written when adopting.
const DERIVED_DETAILS: &[&str] = &[
    "authorize_url",
    "token_url",
    "attributes_url",
    "oidc_issuer",
    "token_request_method",
    "attributes_url_add_attributes",
    "ActiveEncryptionCertificate",
    "SSORedirectBindingURI",
    "SLORedirectBindingURI",
];

/// Whether Cognito derives a detail of a provider of this type. Of an OIDC provider it derives one only: issuer and
/// endpoints are what somebody gave [DescribeIdentityProvider.oidc.documentation].
fn derives(provider_type: &str, detail: &str) -> bool {
    match provider_type {
        "OIDC" => detail == "attributes_url_add_attributes",
        _ => DERIVED_DETAILS.contains(&detail),
    }
}

/// What each type cannot do without (recorded refusals of CreateIdentityProvider).
const NEEDED: &[(&str, &[&str])] = &[
    ("Google", &["client_id", "client_secret", "authorize_scopes"]),
    ("Facebook", &["client_id", "client_secret", "authorize_scopes"]),
    ("LoginWithAmazon", &["client_id", "client_secret", "authorize_scopes"]),
    ("SignInWithApple", &["client_id", "team_id", "key_id", "private_key", "authorize_scopes"]),
    ("OIDC", &["client_id", "authorize_scopes", "oidc_issuer", "attributes_request_method"]),
];

/// The identifiers in a provider's settings.
fn identifiers(settings: &Object) -> impl Iterator<Item = &str> {
    setting::get(settings, "IdpIdentifiers").as_array().into_iter().flatten().filter_map(serde_json::Value::as_str)
}

/// Identifiers stand for one provider of the pool each, so one that moves to another provider is let go of first: in the
/// update that its holder gets anyway, or in one of its own where that takes over another in turn, or comes too late.
fn release(drafts: &mut Vec<(Address, Draft)>, request: &plan::Request<'_>) {
    let held = |address: &str| {
        let recorded = request.recorded.get(address).filter(|recorded| recorded.kind == KIND.name);
        let observed = recorded.and_then(|_| request.observed.get(address));
        observed.map(|observed| identifiers(&observed.settings).collect::<Vec<_>>()).unwrap_or_default()
    };
    // From an address and its pool to what it will have.
    let wanted: Vec<(Address, Address, Vec<String>)> = drafts
        .iter()
        .filter(|(_, draft)| [KIND.create, KIND.update].contains(&draft.operation.as_str()))
        .map(|(pool, draft)| {
            (draft.address.clone(), pool.clone(), identifiers(&draft.body).map(str::to_owned).collect())
        })
        .collect();
    for (address, recorded) in request.recorded {
        let pool = recorded.pool_of(address);
        let moves = |identifier: &&str| {
            wanted.iter().any(|(other, of, identifiers)| {
                other != address && of == pool && identifiers.iter().any(|one| one == identifier)
            })
        };
        let (moving, staying): (Vec<&str>, Vec<&str>) = held(address).into_iter().partition(moves);
        let at = |operation: &str| {
            drafts.iter().position(|(_, draft)| draft.address == *address && draft.operation == operation)
        };
        let (update, delete) = (at(KIND.update), at(KIND.delete));
        if moving.is_empty() || update.or(delete).is_none() {
            continue;
        }
        let own = wanted.iter().filter(|(each, ..)| each == address).flat_map(|(.., identifiers)| identifiers);
        let takes = own.into_iter().any(|one| {
            request.recorded.iter().any(|(other, recorded)| {
                other != address && recorded.pool_of(other) == pool && held(other).contains(&one.as_str())
            })
        });
        if let Some(update) = update.filter(|_| !takes) {
            drafts[update].1.phase = plan::Phase::Release;
            continue;
        }
        let drafting = Drafting {
            kind: &KIND,
            address,
            call: pool,
            desired: None,
            recorded: Some(recorded),
            observed: request.observed.get(address),
            changes: &[],
            replaces: false,
        };
        let mut body = drafting.identity().unwrap_or_default();
        body.insert("IdpIdentifiers".to_owned(), staying.into());
        let why = "another provider will have its identifiers";
        let release = Draft::new(&drafting, KIND.update, body, plan::Phase::Release, why);
        drafts.push((drafting.call.to_owned(), release));
    }
}

/// Identifiers stand for one provider of the pool each.
fn check_identifiers(desired: &[Desired], diagnostics: &mut Diagnostics) {
    let mut seen: Vec<&str> = Vec::new();
    for each in desired.iter().filter(|each| each.kind == KIND.name) {
        let identifiers: Vec<&str> = identifiers(&each.settings).collect();
        for identifier in identifiers.iter().filter(|identifier| seen.contains(identifier)) {
            let identifier = each.shown("IdpIdentifiers", format_args!("\"{identifier}\""));
            let detail =
                format!("Another identity provider has the identifier {identifier}. Take it out of one of them.");
            diagnostics.push(
                Diagnostic::error("Identifier given twice", detail).about(&each.call, &each.place("IdpIdentifiers")),
            );
        }
        seen.extend(identifiers);
    }
}

/// The rules between a provider's settings. `details` is the decoded argument, with its marks.
fn check(desired: &Desired, details: Option<&Value>, diagnostics: &mut Diagnostics) {
    let text = |path: &str| setting::get(&desired.settings, path).as_str().unwrap_or_default().to_owned();
    let (name, kind) = (text("ProviderName"), text("ProviderType"));
    let shown_kind = desired.shown("ProviderType", &kind);
    let plain = details.filter(|details| !details.sensitive).and_then(Value::members);
    let in_sight = |key: &str| plain.and_then(|members| members.get(key)).is_some_and(|value| !value.sensitive);
    for key in SECRET_DETAILS.iter().filter(|key| in_sight(key)) {
        let detail = format!(
            "\"{key}\" is a secret. Give it by a sensitive variable or wrap it in sensitive(), so that it is never shown or stored."
        );
        let error = Diagnostic::error("Secret in plain sight", detail).secret();
        diagnostics.push(error.about(&desired.call, &desired.place("ProviderDetails")));
    }
    let mut error = |summary: &str, detail: String, path: &str| {
        diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &desired.place(path)));
    };
    if name.eq_ignore_ascii_case("COGNITO") {
        let detail = format!("{name} stands for the pool's own users. Give the provider another name.");
        error("Reserved provider name", detail, "ProviderName");
    }
    let social = ["Google", "Facebook", "LoginWithAmazon", "SignInWithApple"];
    let both = desired.decided(&["provider_name", "provider_type"]);
    if both && social.contains(&kind.as_str()) && name != kind {
        error(
            "Fixed provider name",
            format!("A provider of type {shown_kind} must be named {shown_kind}."),
            "ProviderName",
        );
    }
    if both && social.contains(&name.as_str()) && kind != name {
        error("Fixed provider name", format!("Only a provider of type {name} may be named {name}."), "ProviderName");
    }
    let Some(members) = details.and_then(Value::members) else { return };
    let needed = NEEDED.iter().find(|(each, _)| *each == kind).map_or(&[][..], |(_, keys)| keys);
    let given = |key: &str| members.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if kind == "OIDC" && given("oidc_issuer") && !text("ProviderDetails.oidc_issuer").starts_with("https://") {
        error(
            "Issuer without https",
            "\"oidc_issuer\" in provider_details must start with https://.".to_owned(),
            "ProviderDetails",
        );
    }
    for key in needed.iter().filter(|key| !given(key)) {
        error(
            "Missing provider detail",
            format!("A provider of type {shown_kind} needs \"{key}\" in provider_details."),
            "ProviderDetails",
        );
    }
    if kind == "SAML" {
        let sources = ["MetadataURL", "MetadataFile"].iter().filter(|key| given(key)).count();
        if sources != 1 {
            error(
                "SAML metadata",
                "A SAML provider needs exactly one of \"MetadataURL\" and \"MetadataFile\" in provider_details."
                    .to_owned(),
                "ProviderDetails",
            );
        }
    }
}
