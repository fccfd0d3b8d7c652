//! The kinds of resource, one file each, always in the same order: what it is built on, its rows, what rows cannot
//! say, how to look and what to send.

mod advice;
pub mod client;
pub mod domain;
pub mod group;
pub mod identity_provider;
pub mod log_delivery;
pub mod managed_login_branding;
pub mod resource_server;
pub mod risk_configuration;
pub(crate) mod rules;
pub mod ui_customization;
pub mod user;
pub mod user_in_group;
pub mod user_pool;

use poolform_model::Object;
pub(crate) use rules::Rules;
use serde_json::Value as Json;

use crate::argument::{Argument, Kind as Type, Reset, Simple};
use crate::fold::Fold;
use crate::plan::{Draft, Drafting};
use crate::resource::Observed;

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
    /// Requests beside `create` and `update` that some of its settings go into.
    pub families: &'static [Family],
    /// How those of a pool are listed; None for the pool itself, and for what its pool's answer names.
    pub listed: Option<Listed>,
    /// Whom those of a pool are asked for, where nothing lists them.
    pub asked: Asked,
    /// Members of the pool's answer that name one, for kinds that are not listed.
    pub named_by_pool: &'static [&'static str],
    /// How all that may have one name are listed, where names are not unique: operation, member of the answer, and the
    /// members of an entry that are its name and its id.
    pub namesakes: Option<(&'static str, &'static str, &'static str, &'static str)>,
    /// Whether its names are everybody's, so that one that has a name lets go of it before another takes it.
    pub name_is_everybodys: bool,
    /// Whether it must go before its pool; others go with it.
    pub goes_before_pool: bool,
    /// What one that cannot change in place may do.
    pub replacement: Replacement,
    /// Members whose limits in the API model are not the service's.
    pub beyond_model: &'static [&'static str],
    /// Keys of its maps whose values are secrets wherever they stand.
    pub secret_keys: &'static [&'static str],
    /// What its settings name of its pool.
    pub names: &'static [Names],
    /// What a declaration allows that its owner may not know of.
    pub advice: &'static [Advice],
    /// What Terraform calls it.
    pub terraform: Terraform,
    /// What it does beyond its rows.
    pub(crate) rules: &'static dyn Rules,
}

/// A request of its own for the settings under one member.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The member of the tree of settings.
    pub under: &'static str,
    /// The operation that sets all of it.
    pub operation: &'static str,
}

/// How those of a pool are listed.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The operation.
    pub operation: &'static str,
    /// The member of its answer that holds them.
    pub member: &'static str,
    /// The member of the request that says how many a page has.
    pub limit: &'static str,
    /// The most that a page can have (API model).
    pub most: u32,
    /// The member of an entry that names it in requests.
    pub name: &'static str,
}

/// Whom the parts of a kind are asked for: each has one at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nobody: they are listed, or named by the pool.
    Nobody,
    /// The pool.
    OfPool,
    /// Every client, and who stands for all, where somebody does: a client's name, or none where that is empty.
    OfClients {
        /// Who stands for all.
        all: Option<&'static str>,
    },
}

/// What one that cannot change in place may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Make room for another where its own name changes, unasked; any other such change is refused.
    Never,
    /// Make room for another where the operator names it: its id is lost, and all that hangs on it.
    Named,
}

/// A setting that lists what its pool must have.
#[derive(Debug)]
pub struct Names {
    /// The path of the setting.
    pub path: &'static str,
    /// What is named.
    pub kind: &'static Kind,
    /// From an element of the list to the name of the part; None where it is no part of the pool.
    pub part: fn(&str) -> Option<&str>,
}

/// How bad it is that something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; mostly meant so.
    Info,
    /// Weakens what else protects.
    Low,
    /// A known way in, with something else in it.
    Medium,
    /// A way in by itself.
    High,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Severity; 4] = [Severity::Info, Severity::Low, Severity::Medium, Severity::High];

    /// `medium`
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

/// A rule of the audit: what a declaration or a pool may allow that its owner may not know of.
#[derive(Debug)]
pub struct Advice {
    /// What it is called in reports and suppressions: `enumerable-users`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The path of the setting that it is about.
    pub path: &'static str,
    /// What of it is so, in words that stand at `{}` in the reason; None where nothing is.
    pub finds: fn(&Audited<'_>) -> Option<String>,
    /// A few words.
    pub summary: &'static str,
    /// What follows from it.
    pub reason: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// Where more is said of it.
    pub reference: &'static str,
}

/// What a rule of the audit looks at.
pub struct Audited<'a> {
    /// The settings of what it is about.
    pub settings: &'a Object,
    /// The settings of the pool and of all its parts that are known, each with its kind.
    pub together: &'a [(&'static Kind, &'a Object)],
    /// Whether together is all that the pool has, as far as the source says.
    pub complete: bool,
}

impl Audited<'_> {
    /// A setting of what it is about; null where there is none.
    pub(crate) fn get(&self, path: &str) -> &Json {
        crate::setting::get(self.settings, path)
    }

    /// A text of it; empty where there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.get(path).as_str().unwrap_or_default()
    }

    /// The texts of a list of it.
    pub(crate) fn texts(&self, path: &str) -> Vec<&str> {
        self.get(path).as_array().into_iter().flatten().filter_map(Json::as_str).collect()
    }

    /// The settings of the parts of a kind, or of the pool itself.
    pub(crate) fn of_kind(&self, kind: &'static Kind) -> impl Iterator<Item = &Object> {
        self.together.iter().filter(move |(each, _)| each.name == kind.name).map(|(_, settings)| *settings)
    }
}

/// The condition of a rule that says nothing more.
pub(crate) fn so(condition: bool) -> Option<String> {
    condition.then(String::new)
}

/// What Terraform calls a kind.
#[derive(Debug)]
pub struct Terraform {
    /// The AWS provider's resource type.
    pub aws_type: &'static str,
    /// Whether poolform's provider has a resource for it.
    pub offered: bool,
    /// What joins the pool's id and its own name in `id`; None where the last member of its identity is the id.
    pub id: Option<char>,
    /// What joins them in the id that it is imported by; None likewise.
    pub import: Option<char>,
    /// Attributes that Cognito makes up.
    pub computed: &'static [Extra],
    /// Attributes between the user and poolform.
    pub own: &'static [Extra],
    /// The body of an example.
    pub example: &'static str,
    /// The id that the example is imported by.
    pub example_id: &'static str,
}

/// An attribute that is no row: its path, type, whether it is hidden, and what it is.
pub type Extra = (&'static str, Simple, bool, &'static str);

/// What most kinds have nothing to say of. A kind writes the rest: what stands empty here at the top, it must.
const PLAIN: Kind = Kind {
    name: "",
    noun: "",
    segment: "",
    key: "",
    arguments: &[],
    create: "",
    update: "",
    delete: "",
    look: &[],
    identity: &[],
    never_echoed: &[],
    families: &[],
    listed: None,
    asked: Asked::Nobody,
    named_by_pool: &[],
    namesakes: None,
    name_is_everybodys: false,
    goes_before_pool: false,
    replacement: Replacement::Never,
    beyond_model: &[],
    secret_keys: &[],
    names: &[],
    advice: &[],
    terraform: Terraform {
        aws_type: "",
        offered: false,
        id: None,
        import: None,
        computed: &[],
        own: &[],
        example: "",
        example_id: "",
    },
    rules: &rules::Part,
};

/// The members that name one in requests.
pub type Identity = std::collections::BTreeMap<String, String>;

/// Every kind. Parents come before their parts.
pub static KINDS: &[&Kind] = &[
    &user_pool::KIND,
    &resource_server::KIND,
    &identity_provider::KIND,
    &group::KIND,
    &domain::KIND,
    &client::KIND,
    &user::KIND,
    &user_in_group::KIND,
    &ui_customization::KIND,
    &managed_login_branding::KIND,
    &risk_configuration::KIND,
    &log_delivery::KIND,
];

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

    /// Whether one is somebody who signs in: what is lost with them does not come again with their declaration.
    pub fn is_a_user(&self) -> bool {
        self.name == user::KIND.name
    }

    /// The rows that the module has arguments for.
    pub fn module_arguments(&self) -> Vec<Argument> {
        self.arguments.iter().filter(|row| !row.only_in_resource).copied().collect()
    }

    /// The shape of its create request, to which `api` paths of its rows belong.
    pub fn shape(&self) -> &'static str {
        poolform_model::operation(self.create).map_or("", |operation| operation.input)
    }

    /// The rows that place something, those of single records included, outermost first.
    pub fn settings(&self) -> Vec<&'static Argument> {
        self.flat(&|_| true)
    }

    /// Those of [`Kind::settings`] that the module has arguments for.
    pub fn module_settings(&self) -> Vec<&'static Argument> {
        self.flat(&|row| !row.only_in_resource)
    }

    fn flat(&self, wanted: &dyn Fn(&Argument) -> bool) -> Vec<&'static Argument> {
        let mut found = Vec::new();
        let mut open: Vec<&'static Argument> = self.arguments.iter().rev().collect();
        while let Some(row) = open.pop() {
            if !wanted(row) {
                continue;
            }
            if !row.api.is_empty() {
                found.push(row);
            }
            if let Type::Record(inner) = row.kind {
                open.extend(inner.iter().rev());
            }
        }
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

    /// The row of its name: the first.
    pub fn name_row(&self) -> &'static Argument {
        &self.arguments[0]
    }

    /// The setting that people call it by.
    pub fn name_setting(&self) -> &'static str {
        self.name_row().api
    }

    /// Whether one may have a secret.
    pub fn has_secret(&self) -> bool {
        self.arguments.iter().any(|row| row.api == "GenerateSecret")
    }

    /// Whether two names are one to Cognito, or to the module, which registers names in a way of its own.
    pub fn same_name(&self, one: &str, other: &str) -> bool {
        self.alike(&self.registered_name(one), &self.registered_name(other))
    }

    /// Whether two names are one to Cognito.
    pub fn alike(&self, one: &str, other: &str) -> bool {
        let fold = self.folds_alike();
        fold.fold(one) == fold.fold(other)
    }

    /// The name under which the module registers one that is called `name`.
    pub fn registered_name(&self, name: &str) -> String {
        self.folds_registered().fold(name)
    }

    /// What the module makes of a name before it registers it.
    pub fn folds_registered(&self) -> Fold {
        self.rules.registered()
    }

    /// What Cognito makes of names that it compares.
    pub fn folds_alike(&self) -> Fold {
        self.rules.alike()
    }

    /// What an answer to a look says about the one of `identity`; None where it is not there.
    pub fn found(&self, identity: &Object, answer: Object) -> Option<Object> {
        self.rules.found(identity, answer)
    }

    /// The members of settings that tell one from its siblings: those of its identity but the pool's.
    pub fn names_in(&self, settings: &Object) -> Vec<String> {
        let members = self.identity.iter().map(|(member, _)| *member).filter(|member| *member != "UserPoolId");
        members.filter_map(|member| Some(settings.get(member)?.as_str()?.to_owned())).collect()
    }

    /// Whether one is told from its siblings by whose it is, the pool's or another part's, and by nothing else.
    pub fn is_told_by_parts(&self) -> bool {
        self.asked != Asked::Nobody
    }

    /// Whether one that is of the whole pool is named by the pool alone, and one of a client by both.
    pub fn is_told_of_all_by_none(&self) -> bool {
        self.asked == Asked::OfClients { all: Some("") }
    }

    /// From an answer to settings in the shape of the create request.
    pub fn settle(&self, answer: &Object) -> Object {
        self.rules.settle(answer)
    }

    /// What is at stake where a change is not possible in place, and what it is to make another all the same.
    pub fn stake(&self, observed: &Observed) -> Option<(String, &'static str)> {
        self.rules.stake(observed)
    }

    /// Whether Cognito makes up an entry of one of its maps.
    pub fn derives(&self, settings: &Object, path: &str, key: &str) -> bool {
        self.rules.derives(settings, path, key)
    }

    /// Whether `operation` sends back what is there, where something is: its update, and the requests of its families.
    pub fn echoes(&self, operation: &str) -> bool {
        self.update == operation || self.families.iter().any(|family| family.operation == operation)
    }

    /// The family that a setting belongs to.
    pub fn family(&self, path: &str) -> Option<&'static Family> {
        self.families.iter().find(|family| crate::address::within(path, family.under))
    }

    /// The requests that a change takes.
    pub(crate) fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        self.rules.draft(drafting)
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

    /// Adds to an answer whose it is, where that is part of its identity and not every answer shows it.
    pub fn say_whose(&self, named: &Identity, answer: &mut Object) {
        for row in self.arguments.iter().filter(|row| row.id_of.is_some()) {
            if let Some(id) = named.get(row.api) {
                answer.entry(row.api).or_insert_with(|| Json::String(id.clone()));
            }
        }
    }

    /// What an answer to `operation` says about a resource of this kind, on top of what was known. Returns whether
    /// more has changed than the answer shows, so that it must be looked at again.
    pub fn absorb(&self, operation: &str, answer: &Object, named: &Identity, observed: &mut Observed) -> bool {
        if let Some(family) = self.families.iter().find(|family| family.operation == operation) {
            observed.answer.insert(family.under.to_owned(), Json::Object(answer.clone()));
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
        self.say_whose(named, &mut observed.answer);
        observed.settings = self.settle(&observed.answer);
        false
    }

    /// The identity that a create gives: members of its body, then members of its answer.
    pub fn identify(&self, body: &Object, answer: &Object) -> Identity {
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

/// Keys of maps whose values are secrets wherever they stand, of any kind.
pub fn is_secret_key(key: &str) -> bool {
    KINDS.iter().any(|kind| kind.secret_keys.contains(&key))
}

/// The kind of user pools.
pub fn pool() -> &'static Kind {
    KINDS[0]
}
