//! The kinds of resource, one file each, always in the same order: what it is built on, its rows, what rows cannot
//! say, how to look and what to send.

pub mod client;
pub mod domain;
pub mod group;
pub mod identity_provider;
pub mod resource_server;
pub mod user_pool;

use poolform_model::Object;
use serde_json::Value as Json;

use crate::argument::{Argument, Kind as Type, Reset};
use crate::plan::{Draft, Drafting};

/// One kind of resource.
pub struct Kind {
    /// `UserPool`
    pub name: &'static str,
    /// As messages say it: `user pool`.
    pub noun: &'static str,
    /// Its part of an address: `client`; empty for the pool itself.
    pub segment: &'static str,
    /// The setting that tells siblings apart; empty where a pool has at most one.
    pub key: &'static str,
    /// Its rows.
    pub arguments: &'static [Argument],
    /// The operation that makes one.
    pub create: &'static str,
    /// The operation that changes one.
    pub update: &'static str,
    /// The operation that removes one.
    pub delete: &'static str,
    /// The operations that show one, each with the member of its answer that holds it (empty: the whole answer) and
    /// the member under which it is kept (empty: the root).
    pub look: &'static [(&'static str, &'static str, &'static str)],
    /// The members that name one in requests, each with the member of the answer that gives it.
    pub identity: &'static [(&'static str, &'static str)],
    /// Members of an answer that an update must not send back although its request has them, and why.
    pub never_echoed: &'static [(&'static str, &'static str)],
    /// From an answer to settings in the shape of the create request.
    pub settle: fn(&Object) -> Object,
    /// Whether two values of a setting are the same to Cognito, where that is not plain equality: (path, desired,
    /// observed).
    pub same: fn(&str, &Json, &Json) -> Option<bool>,
    /// The requests that a change takes.
    pub(crate) draft: fn(&Drafting<'_>) -> Vec<Draft>,
}

/// Every kind. Parents come before their parts.
pub static KINDS: &[&Kind] =
    &[&user_pool::KIND, &resource_server::KIND, &identity_provider::KIND, &group::KIND, &domain::KIND, &client::KIND];

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Kind {
    /// Whether it is the pool itself, which the others are parts of.
    pub fn is_pool(&self) -> bool {
        self.segment.is_empty()
    }

    /// The shape of its create request, to which `api` paths of its rows belong.
    pub fn shape(&self) -> &'static str {
        poolform_model::operation(self.create).map_or("", |operation| operation.input)
    }

    /// The rows that place something, those of single records included, outermost first.
    pub fn settings(&self) -> Vec<&'static Argument> {
        fn flat(rows: &'static [Argument], found: &mut Vec<&'static Argument>) {
            for row in rows {
                if !row.api.is_empty() {
                    found.push(row);
                }
                if let Type::Record(inner) = row.kind {
                    flat(inner, found);
                }
            }
        }
        let mut found = Vec::new();
        flat(self.arguments, &mut found);
        found
    }

    /// The address of one of its kind.
    pub fn address(&self, call: &str, key: &str) -> String {
        match (self.segment, self.key) {
            ("", _) => call.to_owned(),
            (segment, "") => format!("{call}.{segment}"),
            (segment, _) => format!("{call}.{segment}[{}]", crate::resource::quoted(key)),
        }
    }

    /// The setting that people call it by.
    pub fn name_setting(&self) -> &'static str {
        match (self.key, self.name) {
            ("", "Domain") => "Domain",
            ("", _) => "PoolName",
            (key, _) => key,
        }
    }

    /// Every member of a tree of settings that an update's request takes, but for those that must not be echoed; and
    /// those that the API model has nowhere, since they are newer than it: left out, they would be reset.
    pub fn echo(&self, settings: &Object) -> Object {
        let input = |name: &str| poolform_model::operation(name).and_then(|each| poolform_model::shape(each.input));
        let Some(update) = input(self.update) else { return Object::new() };
        let shown = self.look.iter().filter_map(|(operation, member, under)| {
            let output = poolform_model::shape(poolform_model::operation(operation)?.output?)?;
            Some((if member.is_empty() { output } else { output.member(member)? }, *under))
        });
        let known: Vec<_> = shown.collect();
        let is_known = |name: &str| {
            input(self.create).is_some_and(|create| create.member(name).is_some())
                || known.iter().any(|(shape, under)| *under == name || under.is_empty() && shape.member(name).is_some())
        };
        let mut echo: Object = settings
            .iter()
            .filter(|(name, _)| update.member(name).is_some() || !is_known(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for (path, _) in self.never_echoed {
            crate::setting::remove(&mut echo, path);
        }
        echo
    }

    /// What an answer to `operation` says about a resource of this kind, on top of what was known. Returns whether
    /// more has changed than the answer shows, so that it must be looked at again.
    pub fn absorb(&self, operation: &str, answer: &Object, observed: &mut crate::Observed) -> bool {
        if operation == "SetUserPoolMfaConfig" {
            observed.answer.insert("MfaConfig".to_owned(), Json::Object(answer.clone()));
        } else if let Some(shown) =
            self.look.first().and_then(|(_, member, _)| answer.get(*member)).and_then(Json::as_object)
        {
            // What another operation shows, and a secret, which not every answer shows, must not be lost; a member that
            // is gone is gone.
            let other = |name: &str| name == "ClientSecret" || self.look.iter().any(|(_, _, under)| *under == name);
            observed.answer.retain(|name, _| other(name));
            observed.answer.extend(shown.clone());
        } else {
            return true;
        }
        observed.settings = (self.settle)(&observed.answer);
        false
    }

    /// The identity that a create gives: members of its body, then members of its answer.
    pub fn identify(&self, body: &Object, answer: &Object) -> std::collections::BTreeMap<String, String> {
        let shown = self.look.first().and_then(|(_, member, _)| answer.get(*member));
        self.identity
            .iter()
            .filter_map(|(member, path)| {
                let value = body.get(*member).or_else(|| shown?.get(*path))?;
                Some(((*member).to_owned(), value.as_str()?.to_owned()))
            })
            .collect()
    }

    /// What Cognito shows for a setting that is not set, as far as a row knows it.
    pub fn unset_value(row: &Argument) -> Json {
        match row.reset {
            Reset::Json(text) => serde_json::from_str(text).unwrap_or(Json::Null),
            Reset::Omit | Reset::Never(_) => Json::Null,
        }
    }
}

/// For kinds whose settings compare plainly.
pub(crate) fn plainly(_path: &str, _desired: &Json, _observed: &Json) -> Option<bool> {
    None
}

/// For kinds whose answers have the shape of their requests.
pub(crate) fn as_answered(answer: &Object) -> Object {
    crate::setting::compact(answer)
}
