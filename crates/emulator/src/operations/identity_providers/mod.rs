//! Identity providers: CreateIdentityProvider, DescribeIdentityProvider, GetIdentityProviderByIdentifier,
//! UpdateIdentityProvider, DeleteIdentityProvider, ListIdentityProviders.
//!
//! Cannot change in place: ProviderName, ProviderType. What an update leaves out is kept, member by member (the documents
//! are silent, service rules C1). Nothing is fetched: a SAML MetadataURL and an OIDC issuer's configuration stay unread.

use std::collections::BTreeSet;

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{
    APPLE_KEYS, Answer, BAD_MAPPING, IDENTIFIER_TAKEN, NO_IDENTIFIER, OIDC_ISSUER, OIDC_KEYS, PROVIDER_EXISTS,
    PROVIDER_NAME, SAML_BOTH, SAML_NONE, SAML_READ_ONLY, SOCIAL_KEYS, UNKNOWN_PROVIDER, Words, fault,
};
use crate::forms::{certificate, identifier};
use crate::kept::identity_provider::Provider;
use crate::kept::paging;
use crate::kept::shelf::{IDENTITY_PROVIDERS, USER_POOLS};
use crate::kept::store::{Reader, Writer};
use crate::operations::groups::group;
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};
use crate::rules::call::Call;
use crate::rules::omission::Omitted;
use crate::rules::quota::expect_room;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("CreateIdentityProvider", Write(create)),
    ("DescribeIdentityProvider", Read(describe)),
    ("GetIdentityProviderByIdentifier", Read(by_identifier)),
    ("UpdateIdentityProvider", Write(update)),
    ("DeleteIdentityProvider", Write(delete)),
    ("ListIdentityProviders", Read(list)),
];

/// What a type of provider asks for and what the service adds.
struct Kind {
    name: &'static str,
    /// The one name a provider of this type may have.
    fixed_name: Option<&'static str>,
    /// Keys of ProviderDetails that must be there.
    required: &'static [&'static str],
    /// How their absence is refused.
    words: Words,
    /// Keys that are filled in when they are not sent. `{}` stands for api_version.
    derived: &'static [(&'static str, &'static str)],
    /// What `username` is mapped to unless told (C2).
    username: Option<&'static str>,
}

/// Derived keys: Google as recorded [CloudControl.UserPoolIdentityProvider.2026-07.google], OIDC
/// [DescribeIdentityProvider.oidc.documentation], the others from the API reference of ProviderDetails. The version in
/// Facebook's addresses follows api_version; v17.0 is the reference's, a sample of 2019 has v2.9.
const KINDS: &[Kind] = &[
    Kind {
        name: "Google",
        fixed_name: Some("Google"),
        required: &["client_id", "client_secret", "authorize_scopes"],
        words: SOCIAL_KEYS,
        derived: &[
            ("attributes_url", "https://people.googleapis.com/v1/people/me?personFields="),
            ("attributes_url_add_attributes", "true"),
            ("authorize_url", "https://accounts.google.com/o/oauth2/v2/auth"),
            ("oidc_issuer", "https://accounts.google.com"),
            ("token_request_method", "POST"),
            ("token_url", "https://www.googleapis.com/oauth2/v4/token"),
        ],
        username: Some("sub"),
    },
    Kind {
        name: "Facebook",
        fixed_name: Some("Facebook"),
        required: &["client_id", "client_secret", "authorize_scopes"],
        words: SOCIAL_KEYS,
        derived: &[
            ("attributes_url", "https://graph.facebook.com/{}/me?fields="),
            ("attributes_url_add_attributes", "true"),
            ("authorize_url", "https://www.facebook.com/{}/dialog/oauth"),
            ("token_request_method", "GET"),
            ("token_url", "https://graph.facebook.com/{}/oauth/access_token"),
        ],
        username: Some("id"),
    },
    Kind {
        name: "LoginWithAmazon",
        fixed_name: Some("LoginWithAmazon"),
        required: &["client_id", "client_secret", "authorize_scopes"],
        words: SOCIAL_KEYS,
        derived: &[
            ("attributes_url", "https://api.amazon.com/user/profile"),
            ("attributes_url_add_attributes", "false"),
            ("authorize_url", "https://www.amazon.com/ap/oa"),
            ("token_request_method", "POST"),
            ("token_url", "https://api.amazon.com/auth/o2/token"),
        ],
        username: Some("user_id"),
    },
    Kind {
        name: "SignInWithApple",
        fixed_name: Some("SignInWithApple"),
        required: &["client_id", "team_id", "key_id", "private_key", "authorize_scopes"],
        words: APPLE_KEYS,
        derived: &[
            ("attributes_url_add_attributes", "false"),
            ("authorize_url", "https://appleid.apple.com/auth/authorize"),
            ("oidc_issuer", "https://appleid.apple.com"),
            ("token_request_method", "POST"),
            ("token_url", "https://appleid.apple.com/auth/token"),
        ],
        username: Some("sub"),
    },
    Kind {
        name: "OIDC",
        fixed_name: None,
        required: &["client_id", "authorize_scopes", "oidc_issuer", "attributes_request_method"],
        words: OIDC_KEYS,
        derived: &[("attributes_url_add_attributes", "false")],
        username: Some("sub"),
    },
    Kind { name: "SAML", fixed_name: None, required: &[], words: SAML_NONE, derived: &[], username: None },
];

/// Keys that SAML derives from the metadata, and the element they are read from.
const SAML_DERIVED: &[(&str, &str)] =
    &[("SSORedirectBindingURI", "SingleSignOnService"), ("SLORedirectBindingURI", "SingleLogoutService")];
const SAML_CERTIFICATE: &str = "ActiveEncryptionCertificate";
const FACEBOOK_VERSION: &str = "v17.0";

/// CreateIdentityProvider
fn create(call: &Call, writer: &mut Writer) -> Answer {
    let mut pool = call.pool(writer.reader())?;
    let (id, name, kind) = (call.pool_id(), call.text("ProviderName"), kind(call.text("ProviderType")));
    check_name(name, kind)?;
    if writer.reader().bytes(IDENTITY_PROVIDERS, id, name)?.is_some() {
        return Err(PROVIDER_EXISTS.with(&[name, id]));
    }
    let count = writer.reader().count(IDENTITY_PROVIDERS, id)? + 1;
    expect_room(count, call.quotas.identity_providers, "identity providers in a user pool")?;
    let mut answer = Object::new();
    for member in ["UserPoolId", "ProviderName", "ProviderType", "ProviderDetails", "AttributeMapping", "AcrMapping"] {
        if let Some(value) = call.body.member(member) {
            answer.insert(member.to_owned(), value.clone());
        }
    }
    // Present though empty [CloudControl.UserPoolIdentityProvider.2026-07.google].
    let identifiers = call.body.member("IdpIdentifiers").cloned().unwrap_or_else(|| json!([]));
    answer.insert("IdpIdentifiers".to_owned(), identifiers);
    answer.insert("LastModifiedDate".to_owned(), call.stamp());
    answer.insert("CreationDate".to_owned(), call.stamp());
    let mut provider = Provider { answer };
    complete(call, &mut pool.saml_certificate, &mut provider, kind)?;
    check(call, writer.reader(), &pool.answer, &provider)?;
    writer.put(USER_POOLS, "", id, &pool)?;
    writer.put(IDENTITY_PROVIDERS, id, name, &provider)?;
    group::create_for_provider(call, writer, name)?;
    Ok(only("IdentityProvider", shown(provider)))
}

/// DescribeIdentityProvider
fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    Ok(only("IdentityProvider", shown(named(call, reader)?)))
}

/// GetIdentityProviderByIdentifier
fn by_identifier(call: &Call, reader: &dyn Reader) -> Answer {
    call.expect_pool(reader)?;
    let identifier = call.text("IdpIdentifier");
    let all = reader.all::<Provider>(IDENTITY_PROVIDERS, call.pool_id())?;
    let found = all.into_iter().find(|provider| provider.answer.texts("IdpIdentifiers").contains(&identifier));
    match found {
        Some(provider) => Ok(only("IdentityProvider", shown(provider))),
        None => Err(NO_IDENTIFIER.with(&[identifier])),
    }
}

/// UpdateIdentityProvider
fn update(call: &Call, writer: &mut Writer) -> Answer {
    let mut pool = call.pool(writer.reader())?;
    let mut provider = named(call, writer.reader())?;
    let kind = kind(provider.answer.text("ProviderType").unwrap_or_default());
    for member in ["ProviderDetails", "AttributeMapping", "IdpIdentifiers", "AcrMapping"] {
        match call.body.member(member) {
            Some(value) => {
                provider.answer.insert(member.to_owned(), value.clone());
            }
            // Details hold what the provider cannot be without, so they are kept in any case.
            None if member == "ProviderDetails" || call.omission.keeps(Omitted::Keeps) => {}
            None if member == "IdpIdentifiers" => {
                provider.answer.insert(member.to_owned(), json!([]));
            }
            None => {
                provider.answer.shift_remove(member);
            }
        }
    }
    provider.answer.insert("LastModifiedDate".to_owned(), call.stamp());
    complete(call, &mut pool.saml_certificate, &mut provider, kind)?;
    check(call, writer.reader(), &pool.answer, &provider)?;
    writer.put(USER_POOLS, "", call.pool_id(), &pool)?;
    writer.put(IDENTITY_PROVIDERS, call.pool_id(), call.text("ProviderName"), &provider)?;
    Ok(only("IdentityProvider", shown(provider)))
}

/// DeleteIdentityProvider
fn delete(call: &Call, writer: &mut Writer) -> Answer {
    named(call, writer.reader())?;
    writer.remove(IDENTITY_PROVIDERS, call.pool_id(), call.text("ProviderName"))?;
    group::delete_for_provider(call, writer, call.text("ProviderName"))?;
    Ok(Object::new())
}

/// ListIdentityProviders: names, types and dates.
fn list(call: &Call, reader: &dyn Reader) -> Answer {
    call.expect_pool(reader)?;
    let (providers, token) = paging::page::<Provider>(
        reader,
        IDENTITY_PROVIDERS,
        call.pool_id(),
        call.limit("MaxResults", 60),
        call.body.text("NextToken"),
    )?;
    let shown =
        providers.into_iter().map(|provider| Json::Object(in_model_order("ProviderDescription", provider.answer)));
    let mut answer = only("Providers", shown.collect::<Vec<Json>>());
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), json!(token));
    }
    Ok(answer)
}

fn named(call: &Call, reader: &dyn Reader) -> Answer<Provider> {
    call.expect_pool(reader)?;
    let name = call.text("ProviderName");
    reader.get(IDENTITY_PROVIDERS, call.pool_id(), name)?.ok_or_else(|| UNKNOWN_PROVIDER.with(&[name]))
}

fn shown(provider: Provider) -> Json {
    Json::Object(in_model_order("IdentityProviderType", provider.answer))
}

fn kind(name: &str) -> &'static Kind {
    // The model allows no other; the last row asks for nothing that another type has.
    KINDS.iter().find(|kind| kind.name == name).unwrap_or(&KINDS[KINDS.len() - 1])
}

fn check_name(name: &str, kind: &Kind) -> Answer<()> {
    let fixed = KINDS.iter().find(|other| other.fixed_name == Some(name));
    if kind.fixed_name.is_some_and(|fixed| fixed != name) || fixed.is_some_and(|fixed| fixed.name != kind.name) {
        return Err(PROVIDER_NAME.with(&[name, kind.name]));
    }
    Ok(())
}

/// Checks the details and fills in what the service derives.
fn complete(call: &Call, certificate: &mut Option<String>, provider: &mut Provider, kind: &Kind) -> Answer<()> {
    let sent = call.body.object("ProviderDetails");
    let mut details = provider.answer.object("ProviderDetails").cloned().unwrap_or_default();
    if kind.required.iter().any(|key| details.text(key).is_none_or(str::is_empty)) {
        return kind.words.refuse();
    }
    let issuer = details.text("oidc_issuer").unwrap_or_default();
    // One on this machine, such as another pool here, cannot have a certificate that the world trusts.
    if kind.name == "OIDC" && !issuer.starts_with("https://") && !is_here(issuer) {
        return OIDC_ISSUER.refuse();
    }
    if kind.name == "SAML" {
        complete_saml(call, certificate, sent, &mut details)?;
    }
    let version = details.text("api_version").unwrap_or(FACEBOOK_VERSION).to_owned();
    for (key, value) in kind.derived {
        // Addresses follow a changed version.
        if !details.contains_key(*key) || value.contains("{}") {
            details.insert((*key).to_owned(), json!(value.replace("{}", &version)));
        }
    }
    provider.answer.insert("ProviderDetails".to_owned(), Json::Object(details));
    let mapping = provider.answer.entry("AttributeMapping").or_insert_with(|| json!({}));
    if let (Json::Object(mapping), Some(username)) = (mapping, kind.username)
        && !mapping.contains_key("username")
    {
        mapping.insert("username".to_owned(), json!(username));
    }
    Ok(())
}

/// Whether an address of plain HTTP is on this machine.
fn is_here(address: &str) -> bool {
    let uri = address.parse::<hyper::Uri>().ok().filter(|uri| uri.scheme_str() == Some("http"));
    uri.is_some_and(|uri| uri.host().is_some_and(identifier::is_this_machine))
}

fn complete_saml(
    call: &Call,
    certificate: &mut Option<String>,
    sent: Option<&Object>,
    details: &mut Object,
) -> Answer<()> {
    if sent.is_some_and(|sent| sent.contains_key(SAML_CERTIFICATE)) {
        return Err(SAML_READ_ONLY.with(&[SAML_CERTIFICATE]));
    }
    let given = |key: &str| details.text(key).filter(|value| !value.is_empty()).map(str::to_owned);
    let file = match (given("MetadataURL"), given("MetadataFile")) {
        (None, None) => return SAML_NONE.refuse(),
        (Some(_), Some(_)) => return SAML_BOTH.refuse(),
        (_, file) => file,
    };
    for (key, element) in SAML_DERIVED {
        if let Some(address) = file.as_deref().and_then(|file| redirect_address(file, element)) {
            details.insert((*key).to_owned(), json!(address));
        }
    }
    let certificate = match certificate {
        Some(certificate) => certificate.clone(),
        None => {
            let made = certificate::for_saml(call.pool_id(), call.now).map_err(fault)?;
            certificate.insert(made).clone()
        }
    };
    details.insert(SAML_CERTIFICATE.to_owned(), json!(certificate));
    Ok(())
}

/// The Location of the element of that name with the redirect binding in a SAML metadata file.
fn redirect_address(file: &str, element: &str) -> Option<String> {
    let mut rest = file;
    while let Some(at) = rest.find(element) {
        let after = &rest[at + element.len()..];
        let end = after.find('>').unwrap_or(after.len());
        let tag = &after[..end];
        // Closing tags have no attributes.
        if tag.contains("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect")
            && let Some((_, location)) = tag.split_once("Location=")
        {
            let mut letters = location.chars();
            let quote = letters.next()?;
            return letters.as_str().split(quote).next().map(|address| address.replace("&amp;", "&"));
        }
        rest = &after[end..];
    }
    None
}

fn check(call: &Call, reader: &dyn Reader, pool: &Object, provider: &Provider) -> Answer<()> {
    let known: BTreeSet<&str> =
        pool.list("SchemaAttributes").iter().filter_map(|attribute| attribute.text("Name")).collect();
    if let Some(mapping) = provider.answer.object("AttributeMapping") {
        let bad: Vec<&str> = mapping
            .keys()
            .map(String::as_str)
            .filter(|attribute| *attribute != "username" && !known.contains(attribute))
            .collect();
        if !bad.is_empty() {
            return Err(BAD_MAPPING.with(&[&bad.join(", ")]));
        }
    }
    let identifiers = provider.answer.texts("IdpIdentifiers");
    if identifiers.is_empty() {
        return Ok(());
    }
    for other in reader.all::<Provider>(IDENTITY_PROVIDERS, call.pool_id())? {
        if other.answer.text("ProviderName") == provider.answer.text("ProviderName") {
            continue;
        }
        if let Some(taken) = other.answer.texts("IdpIdentifiers").into_iter().find(|one| identifiers.contains(one)) {
            return Err(IDENTIFIER_TAKEN.with(&[taken]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_metadata() {
        let file = r#"<md:EntityDescriptor><md:IDPSSODescriptor>
            <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://a/post"/>
            <md:SingleSignOnService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='https://a/sso?x=1&amp;y=2'/>
            </md:IDPSSODescriptor></md:EntityDescriptor>"#;
        assert_eq!(redirect_address(file, "SingleSignOnService").as_deref(), Some("https://a/sso?x=1&y=2"));
        assert_eq!(redirect_address(file, "SingleLogoutService"), None);
        assert_eq!(redirect_address("SingleSignOnService", "SingleSignOnService"), None);
        assert_eq!(
            redirect_address(
                "SingleSignOnService urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect Location=",
                "SingleSignOnService"
            ),
            None
        );
    }
}
