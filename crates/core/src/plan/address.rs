//! What one address takes: whether it is made, changed, replaced or removed, and whether that may be.

use std::collections::BTreeMap;

use poolform_value::{Diagnostic, Diagnostics};
use serde_json::Value as Json;

use super::{Draft, Drafting, Plan, Request, Stake, call_of, targeted};
use crate::change::{self, Action, Change, SettingChange};
use crate::declaration::kind_of;
use crate::kinds::{Kind, client, domain, user_pool};
use crate::resource::{Address, Desired, Form, Observed, Recorded};
use crate::setting;

/// Changes as a reader may see them: secrets left out, the argument's words instead of the API's.
fn shown(kind: &Kind, form: Form, changes: Vec<SettingChange>) -> Vec<SettingChange> {
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
        } else if let Some(row) =
            rows.iter().find(|row| form == Form::Module && row.api == change.path && !row.words.is_empty())
        {
            change.old = row.in_words(&change.old);
            change.new = row.in_words(&change.new);
        }
        change
    };
    let mut shown: Vec<SettingChange> = changes.into_iter().map(show).collect();
    shown.dedup();
    shown
}

/// The block that keeps what is at an address under another one.
fn moved(from: &str, to: &str) -> String {
    format!("    moved {{\n      from = {from}\n      to   = {to}\n    }}")
}

/// One address, and everything that is known of it.
pub(super) struct One<'a> {
    pub(super) address: &'a str,
    pub(super) desired: Option<&'a Desired>,
    pub(super) recorded: Option<&'a Recorded>,
    pub(super) observed: Option<&'a Observed>,
}

impl<'a> One<'a> {
    /// The address of its pool.
    pub(super) fn pool(&self) -> &'a str {
        match (self.desired, self.recorded) {
            (Some(desired), _) => &desired.pool,
            (None, Some(recorded)) => recorded.pool_of(self.address),
            (None, None) => call_of(self.address),
        }
    }
}

impl One<'_> {
    /// Whether it is a pool that is replaced: something of it cannot change in place, and the operator said so.
    pub(super) fn is_a_pool_to_replace(&self, request: &Request<'_>) -> bool {
        let (Some(desired), Some(recorded), Some(observed)) = (self.desired, self.recorded, self.observed) else {
            return false;
        };
        desired.kind == user_pool::KIND.name
            && request.permissions.replace.contains(self.address)
            && !change::compare(&user_pool::KIND, desired, recorded, observed).refusals.is_empty()
    }

    /// The pool and its domain go, and everything that is declared comes anew.
    pub(super) fn replace(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &Desired>,
        plan: &mut Plan,
        removals: &mut Vec<(Address, Draft)>,
        drafts: &mut Vec<(Address, Draft)>,
        diagnostics: &mut Diagnostics,
    ) {
        let name = self.desired.map(|desired| desired.kind).or(self.recorded.map(|recorded| recorded.kind.as_str()));
        let Some(kind) = name.and_then(kind_of) else { return };
        let call = self.pool().to_owned();
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
            self.judge_removal(request, None, kind, observed, plan, diagnostics);
            if kind.name == user_pool::KIND.name || kind.name == domain::KIND.name {
                let going = Drafting { replaces: true, ..drafting(None, self.recorded, self.observed) };
                let gone = (kind.draft)(&going);
                removals.extend(gone.into_iter().map(|draft| (call.clone(), draft)));
            }
        }
        let (action, settings) = match self.desired {
            Some(desired) => {
                self.check_siblings(request, all, desired, None, diagnostics);
                drafts.extend(
                    (kind.draft)(&drafting(self.desired, None, None)).into_iter().map(|draft| (call.clone(), draft)),
                );
                plan.records.insert(self.address.to_owned(), change::record(kind, desired));
                let action = if self.observed.is_some() { Action::Replace } else { Action::Create };
                (action, shown(kind, desired.form, change::creation(kind, desired)))
            }
            None => (Action::Delete, Vec::new()),
        };
        let mut notes = vec![if self.address == call {
            "it is replaced, as -allow-replace says, and takes its parts along".to_owned()
        } else {
            "its pool is replaced, as -allow-replace says".to_owned()
        }];
        notes.extend(self.lost_id(kind));
        plan.changes.push(Change {
            address: self.address.to_owned(),
            pool: call,
            kind: kind.name.to_owned(),
            action,
            settings,
            notes,
        });
    }

    pub(super) fn plan(
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
        let call = self.pool().to_owned();
        let mut notes = Vec::new();
        let (action, changes) = match (self.desired, self.recorded, self.observed) {
            (Some(desired), Some(recorded), Some(observed)) => {
                self.check_siblings(request, all, desired, request.observed.get(&call), diagnostics);
                let comparison = change::compare(kind, desired, recorded, observed);
                notes.extend(comparison.notes);
                let replaces =
                    kind.name == domain::KIND.name && comparison.changes.iter().any(|change| change.path == "Domain");
                let action = self.judge(request, kind, &comparison.refusals, desired, observed, diagnostics);
                notes.extend(action.and_then(|_| self.lost_id(kind)));
                if kind.name == user_pool::KIND.name
                    && let Some(path) = user_pool::outside_its_tier(&observed.settings, &comparison.changes)
                {
                    let detail = "advanced_security_mode AUDIT or ENFORCED needs the tier PLUS, and this pool has or gets another. Add user_pool_tier = \"PLUS\", which is billed per active user.";
                    diagnostics.push(
                        Diagnostic::error("Threat protection outside its tier", detail)
                            .about(&desired.call, &desired.place(path)),
                    );
                }
                if kind.name == user_pool::KIND.name {
                    for (path, summary, detail) in user_pool::impossible(&observed.settings, &comparison.changes) {
                        let error = Diagnostic::error(summary, detail);
                        diagnostics.push(error.about(&desired.call, &desired.place(path)));
                    }
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
                self.check_siblings(request, all, desired, request.observed.get(&call), diagnostics);
                if let Some(recorded) = recorded {
                    notes.push("it was deleted outside poolform and is made anew".to_owned());
                    self.judge_absence(request, kind, desired, recorded, diagnostics);
                }
                (Action::Create, change::creation(kind, desired))
            }
            (None, Some(_), Some(observed)) => {
                let successor = self.successor(request, all, kind, observed);
                self.judge_removal(request, successor, kind, observed, plan, diagnostics);
                notes.extend(successor.map(|to| {
                    format!(
                        "did you mean moved? A moved block keeps the pool and its users: from = {}, to = {to}",
                        self.address
                    )
                }));
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
        let form = self.desired.map_or(Form::Module, |desired| desired.form);
        let settings = shown(kind, form, changes);
        plan.changes.push(Change {
            address: self.address.to_owned(),
            pool: call,
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
        let call = self.pool();
        let id = setting::get(&observed.answer, "ClientId").as_str().unwrap_or_default();
        let mut notes = vec![format!("client id {id} will be refused from then on")];
        let mut new = all.values().filter(|each| {
            each.kind == client::KIND.name && each.pool == call && !request.recorded.contains_key(&each.address)
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

    /// What goes with the id of something that is replaced.
    fn lost_id(&self, kind: &Kind) -> Option<String> {
        let id = |member: &str| setting::get(&self.observed?.answer, member).as_str();
        match kind.name {
            "UserPool" => id("Id").map(|id| {
                format!("the pool id {id} goes, and with it its issuer, its keys and every token; another id comes")
            }),
            "Client" => {
                id("ClientId").map(|id| format!("the client id {id} will be refused from then on; another id comes"))
            }
            "Domain" => Some("the sign-in pages are away until the domain answers again".to_owned()),
            _ => None,
        }
    }

    fn record(&self, kind: &Kind, desired: &Desired, plan: &mut Plan) {
        let identity = self.recorded.map(|recorded| recorded.identity.clone()).unwrap_or_default();
        plan.records.insert(self.address.to_owned(), Recorded { identity, ..change::record(kind, desired) });
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

    /// Of a pool that goes: one that comes in the same plan and may be the same under another address. The one of its
    /// name before any other.
    fn successor<'d>(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &'d Desired>,
        kind: &Kind,
        observed: &Observed,
    ) -> Option<&'d str> {
        let comes =
            |each: &&&'d Desired| each.kind == user_pool::KIND.name && !request.recorded.contains_key(&each.address);
        let name = setting::get(&observed.settings, "PoolName");
        let coming: Vec<&&Desired> = all.values().filter(comes).filter(|_| kind.name == user_pool::KIND.name).collect();
        let namesake = coming.iter().find(|each| setting::get(&each.settings, "PoolName") == name);
        namesake.or(coming.first()).map(|each| each.address.as_str())
    }

    fn judge_removal(
        &self,
        request: &Request<'_>,
        successor: Option<&str>,
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
                .filter(|(address, recorded)| recorded.kind == name && recorded.pool_of(address) == self.address)
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
            successor: successor.map(str::to_owned),
        };
        let way_out = successor
            .map(|to| {
                format!(
                    " In the same plan {to} comes. If it is this pool under another address, keep it with its users and its ids:\n{}",
                    moved(self.address, to)
                )
            })
            .unwrap_or_default();
        if observed.users != Some(false) && !request.permissions.delete.contains(self.address) {
            diagnostics.push(
                Diagnostic::error(
                    "Pool with users",
                    format!(
                        "Deleting the pool \"{}\" would lose its users (Cognito estimates {}).{way_out}{}If that is meant: -allow-delete='{}'.",
                        stake.name,
                        stake.estimated_users,
                        if way_out.is_empty() { " " } else { "\n" },
                        self.address
                    ),
                )
                .of(self.address),
            );
        } else if stake.protected && successor.is_some() && !request.permissions.delete.contains(self.address) {
            let detail = format!(
                "The pool \"{}\" is protected from deletion.{way_out}\nIf it is to go: -allow-delete='{}'.",
                stake.name, self.address
            );
            diagnostics.push(Diagnostic::error("Pool that goes while another comes", detail).of(self.address));
        }
        plan.stakes.push(stake);
    }
}
