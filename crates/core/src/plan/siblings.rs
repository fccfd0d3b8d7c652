//! What the parts of a pool name of each other must be there, stay there, or come with them: in a pool that is new as in
//! one that stays.

use std::collections::BTreeMap;

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde_json::Value as Json;

use super::address::One;
use super::{Request, targeted};
use crate::declaration::STANDARD_SCOPES;
use crate::kinds::{Kind, client, identity_provider, resource_server, user_pool};
use crate::resource::{Desired, Observed};
use crate::setting;

impl One<'_> {
    /// Checks a part against its siblings. `pool` is what is there of its pool, None for one that is new.
    pub(super) fn check_siblings(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &Desired>,
        desired: &Desired,
        pool: Option<&Observed>,
        diagnostics: &mut Diagnostics,
    ) {
        if self.observed.is_none() || pool.is_none() {
            self.check_pool(request, desired, pool.is_none(), diagnostics);
        }
        if desired.kind == client::KIND.name {
            self.check_names(request, all, desired, pool.is_none(), diagnostics);
            self.check_attributes(all, desired, pool, diagnostics);
        }
        if desired.kind == identity_provider::KIND.name {
            self.check_mapping(all, desired, pool, diagnostics);
        }
    }

    /// What of a kind is recorded for a pool and no longer declared, so that it goes: the members that name each.
    fn going<'r>(request: &'r Request<'_>, all: &BTreeMap<&str, &Desired>, call: &str, kind: &Kind) -> Vec<&'r str> {
        let goes = request.recorded.iter().filter(|(address, recorded)| {
            recorded.kind == kind.name
                && recorded.pool_of(address) == call
                && !all.contains_key(address.as_str())
                && targeted(request.targets, address)
        });
        goes.filter_map(|(_, recorded)| recorded.identity.get(kind.key).map(String::as_str)).collect()
    }

    /// A new part that names its pool must name the one that it is declared in.
    fn check_pool(&self, request: &Request<'_>, desired: &Desired, pool_is_new: bool, diagnostics: &mut Diagnostics) {
        let Some(named) = setting::get(&desired.settings, "UserPoolId").as_str() else { return };
        let own = request.recorded.get(&desired.pool).filter(|_| !pool_is_new);
        let own = own.and_then(|pool| pool.identity.get("UserPoolId"));
        if own.is_none_or(|own| own != named) {
            let detail = format!(
                "user_pool_id names {}, and this client is declared in {}, {}. Leave user_pool_id out, or declare the client in that pool's own module call.",
                desired.shown("UserPoolId", named),
                desired.pool,
                own.map_or_else(|| "which is not there yet".to_owned(), |own| format!("which is {own}")),
            );
            diagnostics.push(
                Diagnostic::error("Client of another pool", detail).about(&desired.call, &desired.place("UserPoolId")),
            );
        }
    }

    /// A client of a pool that is not there yet can only name what is declared beside it; of one that is there nothing that
    /// goes.
    fn check_names(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &Desired>,
        desired: &Desired,
        pool_is_new: bool,
        diagnostics: &mut Diagnostics,
    ) {
        let siblings =
            |kind: &'static Kind| all.values().filter(|each| each.pool == desired.pool && each.kind == kind.name);
        let mut providers = vec!["COGNITO".to_owned()];
        for each in siblings(&identity_provider::KIND) {
            providers.extend(setting::get(&each.settings, "ProviderName").as_str().map(str::to_owned));
        }
        let mut scopes: Vec<String> = STANDARD_SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
        scopes.extend(siblings(&resource_server::KIND).flat_map(|each| resource_server::scopes(&each.settings)));
        for (path, known, noun, list, kind) in [
            (
                "SupportedIdentityProviders",
                &providers,
                "identity provider",
                "identity_providers",
                &identity_provider::KIND,
            ),
            ("AllowedOAuthScopes", &scopes, "scope", "resource_servers", &resource_server::KIND),
        ] {
            let going = Self::going(request, all, &desired.pool, kind);
            let wanted =
                setting::get(&desired.settings, path).as_array().into_iter().flatten().filter_map(Json::as_str);
            for name in wanted.filter(|name| !known.iter().any(|other| other == name)) {
                let of_one = |going: &&&str| {
                    name.strip_prefix(**going).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                if let Some(goes) = going.iter().find(of_one).filter(|_| !pool_is_new) {
                    let named = desired.shown(path, format_args!("\"{name}\""));
                    let goes = desired.shown(path, format_args!("\"{goes}\""));
                    let detail = format!(
                        "This client names {named}, and the {} {goes} is no longer declared, so that it goes. Take it out \
                         of the client, or leave it in {list}.",
                        kind.noun
                    );
                    let summary = format!("Named {} that goes", kind.noun);
                    diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &desired.place(path)));
                    continue;
                }
                if !pool_is_new {
                    // Made elsewhere, for all that is known here.
                    continue;
                }
                let near = poolform_value::suggest(name, known.iter().map(String::as_str));
                let remedy = near
                    .filter(|_| !desired.hides(path))
                    .map_or_else(|| format!("Declare it in {list}."), |near| format!("Did you mean \"{near}\"?"));
                let name = desired.shown(path, format_args!("\"{name}\""));
                let detail = format!("The {noun} {name} does not exist in a pool that is new. {remedy}");
                let summary = format!("Unknown {noun}");
                diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &desired.place(path)));
            }
        }
    }

    /// A client can only read and write attributes that its pool has or gets.
    fn check_attributes(
        &self,
        all: &BTreeMap<&str, &Desired>,
        desired: &Desired,
        pool: Option<&Observed>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(schema) = schema_of(all, desired, pool) else { return };
        let schema = &schema;
        let where_to = if pool.is_none() { "in a pool that is new" } else { "in this pool" };
        let listed = |path: &str| -> Vec<&str> {
            setting::get(&desired.settings, path).as_array().into_iter().flatten().filter_map(Json::as_str).collect()
        };
        let access = |name: &str| match exactly(pool, name) {
            Some(entry) => {
                let kept = user_pool::KEPT_BY_COGNITO.contains(&name);
                (!name.starts_with("dev:"), entry["Mutable"] != Json::Bool(false) && !kept)
            }
            None => user_pool::attribute_access(schema, name),
        };
        let (read, written) = (listed("ReadAttributes"), listed("WriteAttributes"));
        let mut refuse = |path: &str, name: &str, reason: &str| {
            let name = desired.shown(path, format_args!("\"{name}\""));
            let detail = format!("The attribute {name} {reason}");
            diagnostics
                .push(Diagnostic::error("Impossible attribute", detail).about(&desired.call, &desired.place(path)));
        };
        let missing = format!(
            "does not exist {where_to}, or only administrators see it. Declare it in schema_attributes, and write custom:NAME here."
        );
        let missing = missing.as_str();
        for name in read.into_iter().filter(|name| !access(name).0) {
            refuse("ReadAttributes", name, missing);
        }
        for name in &written {
            match access(name) {
                (false, _) => refuse("WriteAttributes", name, missing),
                // What Cognito keeps is refused with the client itself.
                (true, false) if !user_pool::KEPT_BY_COGNITO.contains(name) => {
                    refuse("WriteAttributes", name, "is not mutable, so that no client can write it.");
                }
                (true, _) => {}
            }
        }
        if !written.is_empty() {
            for name in user_pool::required_of_writers(schema).into_iter().filter(|name| !written.contains(name)) {
                refuse("WriteAttributes", name, "is required of every user and must be among write_attributes.");
            }
        }
    }

    /// A provider can only map to attributes that its pool has or gets.
    fn check_mapping(
        &self,
        all: &BTreeMap<&str, &Desired>,
        desired: &Desired,
        pool: Option<&Observed>,
        diagnostics: &mut Diagnostics,
    ) {
        const PATH: &str = "AttributeMapping";
        let Some(schema) = schema_of(all, desired, pool) else { return };
        let schema = &schema;
        let where_to = if pool.is_none() { "in a pool that is new" } else { "in this pool" };
        let names = setting::get(&desired.settings, PATH).as_object().into_iter().flat_map(Object::keys);
        for name in names.filter(|name| {
            *name != "username" && exactly(pool, name).is_none() && !user_pool::attribute_exists(schema, name)
        }) {
            let name = if desired.hides_all(PATH) { "(sensitive)".to_owned() } else { format!("\"{name}\"") };
            let detail = format!(
                "The attribute {name} does not exist {where_to}. Declare it in schema_attributes, and write custom:NAME here."
            );
            diagnostics
                .push(Diagnostic::error("Impossible attribute", detail).about(&desired.call, &desired.place(PATH)));
        }
    }
}

/// The entry of an attribute that is there, by its full name.
fn exactly<'p>(pool: Option<&'p Observed>, name: &str) -> Option<&'p Json> {
    setting::get(&pool?.settings, "Schema").as_array()?.iter().find(|entry| entry["Name"] == name)
}

/// The schema that the pool of a part will have, in the words of a declaration; None where it is not known.
fn schema_of(all: &BTreeMap<&str, &Desired>, desired: &Desired, pool: Option<&Observed>) -> Option<Json> {
    let declared = all.get(desired.pool.as_str()).map_or(&Json::Null, |pool| setting::get(&pool.settings, "Schema"));
    let there = pool.map(|pool| setting::get(&pool.settings, "Schema"));
    match there {
        None => Some(declared.clone()),
        Some(there) if setting::is_empty(there) => None,
        Some(there) => Some(user_pool::schema_with(there, declared)),
    }
}
