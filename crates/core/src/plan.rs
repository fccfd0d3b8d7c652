//! The plan: which requests, in which order, and why. A complete value; whoever applies it chooses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::change::{self, Action, Change, SettingChange};
use crate::declaration::{Declaration, STANDARD_SCOPES, kind_of};
use crate::kinds::{KINDS, Kind, client, domain, identity_provider, resource_server, user_pool};
use crate::resource::{Address, Desired, Observed, Recorded, quoted};
use crate::setting;

/// The layout of a plan's JSON.
pub const VERSION: u32 = 1;

/// A member of a request that an earlier step gives: the identity of another address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// The member, at the root of the body.
    pub member: String,
    /// Whose identity has a member of that name.
    pub address: Address,
}

/// A read that is repeated until what it answers has come true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Until {
    /// Path in the answer.
    pub path: String,
    /// What it must become.
    pub is: String,
    /// What it must never become.
    pub fails: String,
}

/// One request of a plan.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Whose.
    pub address: Address,
    /// The name of its kind.
    pub kind: String,
    /// `CreateUserPool`
    pub operation: String,
    /// The body, complete but for the holes.
    pub body: Object,
    /// What earlier steps give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
    /// The steps that must have succeeded, by position in the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// Why it is there.
    pub why: String,
    /// Repeat until this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// Whether the answer names something new whose identity must be kept at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remembers: bool,
    /// Addresses that are gone once it has succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgets: Vec<Address>,
    /// Paths in the body that are secret.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub secret: BTreeSet<String>,
}

/// Never shows the body of a step that carries a secret.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body =
            if self.secret.is_empty() { Json::Object(self.body.clone()).to_string() } else { "(sensitive)".to_owned() };
        write!(f, "{} {} {body} after {:?}", self.address, self.operation, self.after)
    }
}

/// What is lost when a pool goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stake {
    /// The pool.
    pub address: Address,
    /// Its name.
    pub name: String,
    /// Whether it has any user; None when nobody asked.
    pub users: Option<bool>,
    /// Cognito's estimate, which lags.
    pub estimated_users: u64,
    /// App clients that go with it.
    pub clients: usize,
    /// Its domain.
    pub domain: Option<String>,
    /// Whether deletion protection is on.
    pub protected: bool,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Layout.
    pub version: u32,
    /// Per address, parents first.
    pub changes: Vec<Change>,
    /// In an order in which they could be done one by one.
    pub steps: Vec<Step>,
    /// What the state will remember of each address once its steps have succeeded, identity apart.
    pub records: BTreeMap<Address, Recorded>,
    /// What is lost.
    pub stakes: Vec<Stake>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether any step carries a secret.
    pub fn has_secrets(&self) -> bool {
        self.steps.iter().any(|step| !step.secret.is_empty())
    }

    /// How many addresses an action happens to.
    pub fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|change| change.action == action).count()
    }
}

/// What the operator has allowed by name.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Pools with users that may be deleted.
    pub delete: BTreeSet<Address>,
    /// Pools and clients that may be replaced.
    pub replace: BTreeSet<Address>,
}

/// Everything a plan is made of.
pub struct Request<'a> {
    /// What the files declare.
    pub declarations: &'a [Declaration],
    /// What the state remembers.
    pub recorded: &'a BTreeMap<Address, Recorded>,
    /// What Cognito answered about what is recorded; absent when it is not there any more.
    pub observed: &'a BTreeMap<Address, Observed>,
    /// What is allowed.
    pub permissions: &'a Permissions,
    /// Only these addresses and what they need; empty for all.
    pub targets: &'a [String],
}

/// When a step comes within its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Pool,
    Attributes,
    Mfa,
    DomainRemoval,
    Domain,
    Part,
    ClientRemoval,
    Client,
    PartRemoval,
    PoolRemoval,
}

impl Phase {
    /// The phases of the same pool that must be over first. Writes to the pool itself never overlap (Cognito answers
    /// ConcurrentModificationException); what names something comes after it and goes before it.
    fn after(self) -> &'static [Phase] {
        use Phase::{Attributes, Client, ClientRemoval, Domain, DomainRemoval, Mfa, Part, PartRemoval, Pool};
        match self {
            Pool | ClientRemoval => &[],
            Attributes => &[Pool],
            Mfa => &[Pool, Attributes],
            DomainRemoval => &[Pool, Attributes, Mfa],
            Domain => &[Pool, Attributes, Mfa, DomainRemoval],
            Part => &[Pool, Attributes],
            Client => &[Pool, Attributes, Part],
            PartRemoval => &[Client, ClientRemoval],
            Phase::PoolRemoval => {
                &[Pool, Attributes, Mfa, DomainRemoval, Domain, Part, Client, ClientRemoval, PartRemoval]
            }
        }
    }
}

/// A step before it has a place in a plan.
pub(crate) struct Draft {
    pub(crate) address: Address,
    pub(crate) kind: &'static str,
    pub(crate) operation: String,
    pub(crate) body: Object,
    pub(crate) holes: Vec<Hole>,
    pub(crate) phase: Phase,
    pub(crate) why: String,
    pub(crate) until: Option<Until>,
    pub(crate) remembers: bool,
    pub(crate) forgets: bool,
    /// Comes after the draft before it.
    pub(crate) chained: bool,
    pub(crate) secret: BTreeSet<String>,
}

impl Draft {
    pub(crate) fn new(drafting: &Drafting<'_>, operation: &str, body: Object, phase: Phase, why: &str) -> Self {
        let secret = drafting.desired.map(|desired| carried(desired, &body)).unwrap_or_default();
        Draft {
            address: drafting.address.to_owned(),
            kind: drafting.kind.name,
            operation: operation.to_owned(),
            holes: Vec::new(),
            phase,
            why: why.to_owned(),
            until: None,
            remembers: false,
            forgets: false,
            chained: false,
            secret,
            body,
        }
    }
}

/// The paths in a body that carry what must never be shown.
fn carried(desired: &Desired, body: &Object) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, key) in &desired.secret {
        for path in user_pool::sent_as(path) {
            let value = setting::get(body, &path);
            match key {
                Some(key) if value.get(key).is_some() => found.insert(format!("{path}[{}]", quoted(key))),
                None if !value.is_null() => found.insert(path),
                _ => false,
            };
        }
    }
    found
}

/// What a kind needs to know to draft its requests.
pub(crate) struct Drafting<'a> {
    pub(crate) kind: &'static Kind,
    pub(crate) address: &'a str,
    /// The address of the pool.
    pub(crate) call: &'a str,
    pub(crate) desired: Option<&'a Desired>,
    pub(crate) recorded: Option<&'a Recorded>,
    pub(crate) observed: Option<&'a Observed>,
    pub(crate) changes: &'a [SettingChange],
    /// Whether what is there goes and another comes.
    pub(crate) replaces: bool,
}

impl Drafting<'_> {
    /// The members that name what is there, or None when nothing is.
    pub(crate) fn identity(&self) -> Option<Object> {
        self.observed?;
        let recorded = self.recorded?;
        Some(recorded.identity.iter().map(|(member, value)| (member.clone(), Json::String(value.clone()))).collect())
    }

    /// The settings after the change: everything that is there, overlaid with what changes.
    pub(crate) fn merged(&self) -> Object {
        self.observed.map(|observed| change::overlay(&observed.settings, self.changes)).unwrap_or_default()
    }

    /// The hole for the pool's id.
    pub(crate) fn pool_hole(&self) -> Hole {
        Hole { member: "UserPoolId".to_owned(), address: self.call.to_owned() }
    }
}

/// The drafts of a part of a pool that is made, changed by a full echo, and removed by one request each.
pub(crate) fn part(drafting: &Drafting<'_>, phase: Phase, removal: Phase) -> Vec<Draft> {
    let kind = drafting.kind;
    let creation = |settings: &Object| {
        let mut create = Draft::new(drafting, kind.create, setting::compact(settings), phase, "new");
        create.holes.push(drafting.pool_hole());
        create.remembers = true;
        create
    };
    let delete = |identity: Object| {
        let mut delete = Draft::new(drafting, kind.delete, identity, removal, "no longer declared");
        delete.forgets = true;
        delete
    };
    match (drafting.desired, drafting.identity()) {
        (None, None) => Vec::new(),
        (None, Some(identity)) => vec![delete(identity)],
        (Some(desired), None) => vec![creation(&desired.settings)],
        (Some(desired), Some(identity)) if drafting.replaces => {
            let mut create = creation(&desired.settings);
            create.chained = true;
            vec![Draft { forgets: false, phase, ..delete(identity) }, create]
        }
        (Some(_), Some(identity)) => {
            let mut body = kind.echo(&drafting.merged());
            body.extend(identity);
            vec![Draft::new(drafting, kind.update, body, phase, "in place, everything else sent back as it is")]
        }
    }
}

/// Changes as a reader may see them: secrets left out, the argument's words instead of the API's.
fn shown(kind: &Kind, changes: Vec<SettingChange>) -> Vec<SettingChange> {
    let rows = kind.settings();
    let show = |mut change: SettingChange| {
        if change.secret {
            change.old = Json::Null;
            change.new = Json::Null;
            change.key = change.key.filter(|_| change.argument.ends_with(']'));
        } else if change.path == "Schema" {
            // What is there stays; only what comes is of interest.
            change.new = Json::Array(user_pool::added_entries(&change.new, &change.old));
            change.old = Json::Null;
        } else if let Some(row) = rows.iter().find(|row| row.api == change.path && !row.words.is_empty()) {
            change.old = row.in_words(&change.old);
            change.new = row.in_words(&change.new);
        }
        change
    };
    let mut shown: Vec<SettingChange> = changes.into_iter().map(show).collect();
    shown.dedup();
    shown
}

/// Whether `address` is one of `targets` or lies below one.
fn targeted(targets: &[String], address: &str) -> bool {
    targets.is_empty()
        || targets.iter().any(|target| {
            address == target || address.strip_prefix(target.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']))
        })
}

/// What the state will remember of a declaration, identity apart.
pub fn records(declarations: &[Declaration]) -> BTreeMap<Address, Recorded> {
    let desired = declarations.iter().flat_map(|declaration| &declaration.desired);
    desired
        .filter_map(|desired| {
            let (declared, keys) = change::declared(kind_of(desired.kind)?, desired);
            let record = Recorded { kind: desired.kind.to_owned(), identity: BTreeMap::new(), declared, keys };
            Some((desired.address.clone(), record))
        })
        .collect()
}

/// Makes the plan. With errors among the diagnostics the plan must not be applied.
pub fn plan(request: &Request<'_>) -> (Plan, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut plan = Plan { version: VERSION, ..Plan::default() };
    let mut drafts: Vec<(Address, Draft)> = Vec::new();
    let desired: BTreeMap<&str, &Desired> = request
        .declarations
        .iter()
        .flat_map(|declaration| &declaration.desired)
        .map(|desired| (desired.address.as_str(), desired))
        .collect();
    let mut addresses: Vec<(usize, &str)> = desired
        .iter()
        .map(|(address, desired)| (order(desired.kind), *address))
        .chain(request.recorded.iter().map(|(address, recorded)| (order(&recorded.kind), address.as_str())))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    let wanted: Vec<&str> = addresses
        .iter()
        .map(|(_, address)| *address)
        .filter(|address| {
            targeted(request.targets, address)
                // A part needs its pool.
                || request.targets.iter().any(|target| {
                    target.strip_prefix(address).is_some_and(|rest| rest.starts_with('.')) && desired.contains_key(address)
                })
        })
        .collect();
    let mut removals: Vec<(Address, Draft)> = Vec::new();
    for address in wanted {
        let one = One {
            address,
            desired: desired.get(address).copied(),
            recorded: request.recorded.get(address),
            observed: request.observed.get(address),
        };
        if one.goes_with_its_pool(request, &desired) {
            one.replace(request, &mut plan, &mut removals, &mut drafts, &mut diagnostics);
        } else {
            one.plan(request, &desired, &mut plan, &mut drafts, &mut diagnostics);
        }
    }
    // The old pools go before the new ones come: their domains may be wanted again.
    place(removals, &mut plan);
    place(drafts, &mut plan);
    (plan, diagnostics)
}

fn order(kind: &str) -> usize {
    KINDS.iter().position(|each| each.name == kind).unwrap_or(KINDS.len())
}

/// The call in an address: `module.auth.module.pool["a"]` of `module.auth.module.pool["a"].client["b"]`.
pub fn call_of(address: &str) -> &str {
    let mut end = 0;
    while let Some(rest) = address[end..].strip_prefix(if end == 0 { "module." } else { ".module." }) {
        let start = address.len() - rest.len();
        let name = rest.find(['.', '[']).unwrap_or(rest.len());
        end = start + name;
        if let Some(key) = address[end..].strip_prefix('[') {
            let closing =
                if key.starts_with('"') { closing_quote(key).map(|at| at + 2) } else { key.find(']').map(|at| at + 1) };
            end += 1 + closing.unwrap_or(key.len());
        }
    }
    &address[..end]
}

/// Where the quote that `key` starts with ends.
fn closing_quote(key: &str) -> Option<usize> {
    let mut escaped = false;
    key.char_indices().skip(1).find_map(|(at, each)| {
        let closes = each == '"' && !escaped;
        escaped = each == '\\' && !escaped;
        closes.then_some(at)
    })
}

struct One<'a> {
    address: &'a str,
    desired: Option<&'a Desired>,
    recorded: Option<&'a Recorded>,
    observed: Option<&'a Observed>,
}

impl One<'_> {
    /// Whether its pool is replaced: something of it cannot change in place, and the operator said so.
    fn goes_with_its_pool(&self, request: &Request<'_>, all: &BTreeMap<&str, &Desired>) -> bool {
        let call = call_of(self.address);
        let (Some(desired), Some(recorded), Some(observed)) =
            (all.get(call), request.recorded.get(call), request.observed.get(call))
        else {
            return false;
        };
        request.permissions.replace.contains(call)
            && !change::compare(&user_pool::KIND, desired, recorded, observed).refusals.is_empty()
    }

    /// The pool and its domain go, and everything that is declared comes anew.
    fn replace(
        &self,
        request: &Request<'_>,
        plan: &mut Plan,
        removals: &mut Vec<(Address, Draft)>,
        drafts: &mut Vec<(Address, Draft)>,
        diagnostics: &mut Diagnostics,
    ) {
        let name = self.desired.map(|desired| desired.kind).or(self.recorded.map(|recorded| recorded.kind.as_str()));
        let Some(kind) = name.and_then(kind_of) else { return };
        let call = call_of(self.address).to_owned();
        let drafting = |desired, recorded, observed| Drafting {
            kind,
            address: self.address,
            call: &call,
            desired,
            recorded,
            observed,
            changes: &[],
            replaces: false,
        };
        if let Some(observed) = self.observed {
            self.judge_removal(request, kind, observed, plan, diagnostics);
            if kind.name == user_pool::KIND.name || kind.name == domain::KIND.name {
                let gone = (kind.draft)(&drafting(None, self.recorded, self.observed));
                removals.extend(gone.into_iter().map(|draft| (call.clone(), draft)));
            }
        }
        let (action, settings) = match self.desired {
            Some(desired) => {
                drafts.extend(
                    (kind.draft)(&drafting(self.desired, None, None)).into_iter().map(|draft| (call.clone(), draft)),
                );
                let (declared, keys) = change::declared(kind, desired);
                let record = Recorded { kind: kind.name.to_owned(), identity: BTreeMap::new(), declared, keys };
                plan.records.insert(self.address.to_owned(), record);
                let action = if self.observed.is_some() { Action::Replace } else { Action::Create };
                (action, shown(kind, change::creation(kind, desired)))
            }
            None => (Action::Delete, Vec::new()),
        };
        let notes = vec!["its pool is replaced, as -allow-replace says".to_owned()];
        plan.changes.push(Change {
            address: self.address.to_owned(),
            kind: kind.name.to_owned(),
            action,
            settings,
            notes,
        });
    }

    fn plan(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &Desired>,
        plan: &mut Plan,
        drafts: &mut Vec<(Address, Draft)>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(kind) = self
            .desired
            .map(|desired| desired.kind)
            .or(self.recorded.map(|recorded| recorded.kind.as_str()))
            .and_then(kind_of)
        else {
            return;
        };
        let call = call_of(self.address).to_owned();
        let mut notes = Vec::new();
        let (action, changes) = match (self.desired, self.recorded, self.observed) {
            (Some(desired), Some(recorded), Some(observed)) => {
                let comparison = change::compare(kind, desired, recorded, observed);
                notes = comparison.notes;
                let replaces =
                    kind.name == domain::KIND.name && comparison.changes.iter().any(|change| change.path == "Domain");
                let action = self.judge(request, kind, &comparison.refusals, desired, observed, diagnostics);
                if kind.name == user_pool::KIND.name
                    && let Some(path) = user_pool::outside_its_tier(&observed.settings, &comparison.changes)
                {
                    let detail = "advanced_security_mode AUDIT or ENFORCED needs the tier PLUS, and this pool has or gets another. Add user_pool_tier = \"PLUS\", which is billed per active user.";
                    diagnostics.push(
                        Diagnostic::error("Threat protection outside its tier", detail)
                            .about(&desired.call, &desired.place(path)),
                    );
                }
                let changes =
                    if action == Some(Action::Replace) { change::creation(kind, desired) } else { comparison.changes };
                if replaces {
                    notes.push("the sign-in pages are away until the new domain answers".to_owned());
                }
                if changes.is_empty() && action.is_none() {
                    self.record(kind, desired, plan);
                    return;
                }
                (action.unwrap_or(if replaces { Action::Replace } else { Action::Update }), changes)
            }
            (Some(desired), recorded, _) => {
                self.check_pool(request, desired, diagnostics);
                if kind.name == client::KIND.name && !request.observed.contains_key(&call) {
                    self.check_names(all, desired, diagnostics);
                }
                if kind.name == identity_provider::KIND.name && !request.observed.contains_key(&call) {
                    self.check_mapping(all, desired, diagnostics);
                }
                if let Some(recorded) = recorded {
                    notes.push("it was deleted outside poolform and is made anew".to_owned());
                    self.judge_absence(request, kind, desired, recorded, diagnostics);
                }
                (Action::Create, change::creation(kind, desired))
            }
            (None, Some(_), Some(observed)) => {
                self.judge_removal(request, kind, observed, plan, diagnostics);
                // Of a pool that goes, everything goes.
                let alone = all.contains_key(call.as_str()) || !request.recorded.contains_key(&call);
                if kind.name == client::KIND.name && alone {
                    notes.extend(self.of_a_lost_client(request, all, observed));
                }
                (Action::Delete, Vec::new())
            }
            (None, Some(_), None) => (Action::Forget, Vec::new()),
            (None, None, _) => return,
        };
        if let Some(desired) = self.desired {
            self.record(kind, desired, plan);
        }
        let drafting = Drafting {
            kind,
            address: self.address,
            call: &call,
            desired: self.desired,
            recorded: self.recorded,
            observed: self.observed,
            changes: &changes,
            replaces: action == Action::Replace,
        };
        // A part goes with its pool; only the domain must go first.
        let goes_with_pool = action == Action::Delete
            && kind.name != user_pool::KIND.name
            && kind.name != domain::KIND.name
            && !all.contains_key(call.as_str())
            && request.recorded.contains_key(&call)
            && targeted(request.targets, &call);
        if !goes_with_pool && action != Action::Forget {
            drafts.extend((kind.draft)(&drafting).into_iter().map(|draft| (call.clone(), draft)));
        }
        let settings = shown(kind, changes);
        plan.changes.push(Change {
            address: self.address.to_owned(),
            kind: kind.name.to_owned(),
            action,
            settings,
            notes,
        });
    }

    /// A pool that is recorded and not found is not made anew unasked: mostly it is this run that looks elsewhere.
    fn judge_absence(
        &self,
        request: &Request<'_>,
        kind: &Kind,
        desired: &Desired,
        recorded: &Recorded,
        diagnostics: &mut Diagnostics,
    ) {
        if kind.name != user_pool::KIND.name || request.permissions.replace.contains(self.address) {
            return;
        }
        let detail = format!(
            "The pool {} is not found, and making another one would not bring its users back. Look whether account, \
             profile and endpoint are those that it was made with. If it is really gone, make another: -allow-replace='{}'.",
            recorded.identity.get("UserPoolId").map_or("that is recorded here", String::as_str),
            self.address
        );
        diagnostics.push(Diagnostic::error("Recorded pool not found", detail).about(&desired.call, &desired.place("")));
    }

    /// What goes with a client: the id that apps hold, and how to keep it where the client was only renamed.
    fn of_a_lost_client(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &Desired>,
        observed: &Observed,
    ) -> Vec<String> {
        let call = call_of(self.address);
        let id = setting::get(&observed.answer, "ClientId").as_str().unwrap_or_default();
        let mut notes = vec![format!("client id {id} will be refused from then on")];
        let mut new = all.values().filter(|each| {
            each.kind == client::KIND.name && each.call == call && !request.recorded.contains_key(&each.address)
        });
        if let Some(first) = new.next() {
            let to = if new.next().is_none() { first.address.as_str() } else { "its new address" };
            notes.push(format!(
                "if it was only renamed, a moved block keeps the client id: from = {}, to = {to}",
                self.address
            ));
        }
        notes
    }

    /// A new part that names its pool must name the one that it is declared in.
    fn check_pool(&self, request: &Request<'_>, desired: &Desired, diagnostics: &mut Diagnostics) {
        let Some(named) = setting::get(&desired.settings, "UserPoolId").as_str() else { return };
        let own = request.recorded.get(&desired.call).and_then(|pool| pool.identity.get("UserPoolId"));
        if own.is_none_or(|own| own != named) {
            let detail = format!(
                "user_pool_id names {}, and this client is declared in {}, {}. Leave user_pool_id out, or declare the client in that pool's own module call.",
                desired.shown("UserPoolId", named),
                desired.call,
                own.map_or_else(|| "which is not there yet".to_owned(), |own| format!("which is {own}")),
            );
            diagnostics.push(
                Diagnostic::error("Client of another pool", detail).about(&desired.call, &desired.place("UserPoolId")),
            );
        }
    }

    /// A client of a pool that is not there yet can only name what is declared beside it.
    fn check_names(&self, all: &BTreeMap<&str, &Desired>, desired: &Desired, diagnostics: &mut Diagnostics) {
        let siblings =
            |kind: &'static Kind| all.values().filter(|each| each.call == desired.call && each.kind == kind.name);
        let mut providers = vec!["COGNITO".to_owned()];
        for each in siblings(&identity_provider::KIND) {
            providers.extend(setting::get(&each.settings, "ProviderName").as_str().map(str::to_owned));
        }
        let mut scopes: Vec<String> = STANDARD_SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
        scopes.extend(siblings(&resource_server::KIND).flat_map(|each| resource_server::scopes(&each.settings)));
        for (path, known, noun, list) in [
            ("SupportedIdentityProviders", &providers, "identity provider", "identity_providers"),
            ("AllowedOAuthScopes", &scopes, "scope", "resource_servers"),
        ] {
            let wanted =
                setting::get(&desired.settings, path).as_array().into_iter().flatten().filter_map(Json::as_str);
            for name in wanted.filter(|name| !known.iter().any(|other| other == name)) {
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
        let schema = all.get(desired.call.as_str()).map_or(&Json::Null, |pool| setting::get(&pool.settings, "Schema"));
        let listed = |path: &str| -> Vec<&str> {
            setting::get(&desired.settings, path).as_array().into_iter().flatten().filter_map(Json::as_str).collect()
        };
        let (read, written) = (listed("ReadAttributes"), listed("WriteAttributes"));
        let mut refuse = |path: &str, name: &str, reason: &str| {
            let name = desired.shown(path, format_args!("\"{name}\""));
            let detail = format!("The attribute {name} {reason}");
            diagnostics
                .push(Diagnostic::error("Impossible attribute", detail).about(&desired.call, &desired.place(path)));
        };
        let missing = "does not exist in a pool that is new, or only administrators see it. Declare it in schema_attributes, and write custom:NAME here.";
        for name in read.into_iter().filter(|name| !user_pool::attribute_access(schema, name).0) {
            refuse("ReadAttributes", name, missing);
        }
        for name in &written {
            match user_pool::attribute_access(schema, name) {
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

    /// A provider of a pool that is not there yet can only map to what the pool declares.
    fn check_mapping(&self, all: &BTreeMap<&str, &Desired>, desired: &Desired, diagnostics: &mut Diagnostics) {
        const PATH: &str = "AttributeMapping";
        let schema = all.get(desired.call.as_str()).map_or(&Json::Null, |pool| setting::get(&pool.settings, "Schema"));
        let names = setting::get(&desired.settings, PATH).as_object().into_iter().flat_map(Object::keys);
        for name in names.filter(|name| *name != "username" && !user_pool::attribute_exists(schema, name)) {
            let name = if desired.hides_all(PATH) { "(sensitive)".to_owned() } else { format!("\"{name}\"") };
            let detail = format!(
                "The attribute {name} does not exist in a pool that is new. Declare it in schema_attributes, and write custom:NAME here."
            );
            diagnostics
                .push(Diagnostic::error("Impossible attribute", detail).about(&desired.call, &desired.place(PATH)));
        }
    }

    fn record(&self, kind: &Kind, desired: &Desired, plan: &mut Plan) {
        let (declared, keys) = change::declared(kind, desired);
        let identity = self.recorded.map(|recorded| recorded.identity.clone()).unwrap_or_default();
        let recorded = Recorded { kind: kind.name.to_owned(), identity, declared, keys };
        plan.records.insert(self.address.to_owned(), recorded);
    }

    /// What cannot change in place is refused, or replaced where the operator said so.
    fn judge(
        &self,
        request: &Request<'_>,
        kind: &Kind,
        refusals: &[(String, String)],
        desired: &Desired,
        observed: &Observed,
        diagnostics: &mut Diagnostics,
    ) -> Option<Action> {
        if refusals.is_empty() {
            return None;
        }
        if kind.name == client::KIND.name && request.permissions.replace.contains(self.address) {
            return Some(Action::Replace);
        }
        let stake = match kind.name {
            "UserPool" => format!(
                " At stake are about {} users of {}. To delete it and make another, with other ids, all the same: \
                 -allow-replace='{}'.",
                setting::get(&observed.answer, "EstimatedNumberOfUsers").as_u64().unwrap_or(0),
                setting::get(&observed.answer, "Id").as_str().unwrap_or("the pool"),
                self.address,
            ),
            "Client" => format!(
                " At stake is the client id {}, which apps hold. To replace the client all the same: -allow-replace='{}'.",
                setting::get(&observed.answer, "ClientId").as_str().unwrap_or_default(),
                self.address,
            ),
            _ => String::new(),
        };
        for (path, reason) in refusals {
            diagnostics.push(
                Diagnostic::error(
                    "Change that is not possible in place",
                    format!("{reason}.{stake} Take the change back to keep what is there."),
                )
                .about(&desired.call, &desired.place(path)),
            );
        }
        None
    }

    fn judge_removal(
        &self,
        request: &Request<'_>,
        kind: &Kind,
        observed: &Observed,
        plan: &mut Plan,
        diagnostics: &mut Diagnostics,
    ) {
        if kind.name != user_pool::KIND.name {
            return;
        }
        let parts = |name: &str| {
            request
                .recorded
                .iter()
                .filter(|(address, recorded)| {
                    recorded.kind == name && address.starts_with(&format!("{}.", self.address))
                })
                .collect::<Vec<_>>()
        };
        let name = setting::get(&observed.settings, "PoolName").as_str().unwrap_or_default();
        let stake = Stake {
            address: self.address.to_owned(),
            name: self.desired.map_or_else(|| name.to_owned(), |desired| desired.shown("PoolName", name)),
            users: observed.users,
            estimated_users: setting::get(&observed.answer, "EstimatedNumberOfUsers").as_u64().unwrap_or(0),
            clients: parts(client::KIND.name).len(),
            domain: parts(domain::KIND.name).first().and_then(|(_, recorded)| recorded.identity.get("Domain").cloned()),
            protected: setting::get(&observed.settings, "DeletionProtection") == "ACTIVE",
        };
        if observed.users != Some(false) && !request.permissions.delete.contains(self.address) {
            diagnostics.push(
                Diagnostic::error(
                    "Pool with users",
                    format!(
                        "Deleting the pool \"{}\" would lose its users (Cognito estimates {}). If that is meant: -allow-delete='{}'.",
                        stake.name, stake.estimated_users, self.address
                    ),
                )
                .of(self.address),
            );
        }
        plan.stakes.push(stake);
    }
}

/// The operation that removes what a draft is about.
fn draft_removal(draft: &Draft) -> &'static str {
    kind_of(draft.kind).map_or("", |kind| kind.delete)
}

/// Gives drafts their places: a step comes after every step of its pool that its phase waits for.
fn place(mut drafts: Vec<(Address, Draft)>, plan: &mut Plan) {
    drafts.sort_by_key(|(_, draft)| draft.phase);
    let mut by_phase: BTreeMap<(Address, Phase), Vec<usize>> = BTreeMap::new();
    for (call, draft) in drafts {
        let position = plan.steps.len();
        let mut after: BTreeSet<usize> = draft
            .phase
            .after()
            .iter()
            .filter_map(|phase| by_phase.get(&(call.clone(), *phase)))
            .flatten()
            .copied()
            .collect();
        // The successor of a replaced pool waits until that is gone.
        after.extend(plan.steps.iter().position(|step| {
            draft.phase == Phase::Pool
                && draft.remembers
                && step.operation == draft_removal(&draft)
                && step.address == draft.address
        }));
        // Several requests for one address go one after the other, and so do writes to the pool itself.
        let same_address = plan.steps.iter().rposition(|step| step.address == draft.address);
        if draft.chained || matches!(draft.phase, Phase::Pool | Phase::Attributes) {
            after.extend(same_address);
        }
        by_phase.entry((call.clone(), draft.phase)).or_default().push(position);
        let forgets = match (draft.forgets, draft.phase) {
            (false, _) => Vec::new(),
            (true, Phase::PoolRemoval) => plan
                .changes
                .iter()
                .filter(|change| change.address == call || change.address.starts_with(&format!("{call}.")))
                .map(|change| change.address.clone())
                .collect(),
            (true, _) => vec![draft.address.clone()],
        };
        plan.steps.push(Step {
            address: draft.address,
            kind: draft.kind.to_owned(),
            operation: draft.operation,
            body: draft.body,
            holes: draft.holes,
            after: after.into_iter().collect(),
            why: draft.why,
            until: draft.until,
            remembers: draft.remembers,
            forgets,
            secret: draft.secret,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::call_of;

    #[test]
    fn the_call_of_an_address_is_found_whatever_names_and_keys_say() {
        for (address, call) in [
            ("module.pool", "module.pool"),
            ("module.client.client[\"module.client\"]", "module.client"),
            ("module.client[\"a.client[b\"].client[\"c\"]", "module.client[\"a.client[b\"]"),
            ("module.auth.module.pool[0].domain", "module.auth.module.pool[0]"),
            ("module.pool[\"a\\\"].b\"].domain", "module.pool[\"a\\\"].b\"]"),
        ] {
            assert_eq!(call_of(address), call);
        }
    }
}
