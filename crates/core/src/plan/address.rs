//! What one address takes: whether it is made, changed, replaced or removed, and whether that may be.

use std::collections::BTreeMap;

use poolform_value::{Diagnostic, Diagnostics};
use serde_json::Value as Json;

use super::{Draft, Drafting, Plan, Request, Stake, targeted};
use crate::address::call_of;
use crate::argument::{Argument, Kind as Type, Rule};
use crate::change::{self, Action, Change, SettingChange};
use crate::declaration::kind_of;
use crate::kinds::{Kind, Replacement};
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
        } else if rows.iter().any(|row| row.fingerprinted && row.api == change.path) {
            if !change.new.is_null() {
                change.new = Json::String(change::fingerprint(&change.new));
            }
        } else if let Some(comes) = kind.rules.grown_by(&change.path, &change.new, &change.old) {
            // What is there stays; only what comes is of interest.
            change.new = Json::Array(comes);
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
    for change in &mut shown {
        if let Some(row) = rows.iter().find(|row| row.api == change.path) {
            shorten(row, &mut change.old);
            shorten(row, &mut change.new);
        }
    }
    shown.dedup();
    shown
}

/// Puts fingerprints where files are, which nobody reads in base64.
fn shorten(row: &Argument, value: &mut Json) {
    let Type::Records(inner) = row.kind else { return };
    for element in value.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
        for row in inner.iter().filter(|row| matches!(row.rule, Rule::Base64)) {
            if let Some(file) = element.get_mut(row.api).filter(|file| file.is_string()) {
                *file = Json::String(change::fingerprint(file));
            }
        }
    }
}

/// Whether what is recorded has another name than what is declared.
fn is_called_otherwise(kind: &Kind, desired: &Desired, recorded: &Recorded) -> bool {
    let members = kind.identity.iter().map(|(member, _)| *member).filter(|member| *member != "UserPoolId");
    members.into_iter().filter(|member| !desired.ignores(member, None)).any(|member| {
        let name = desired.settings.get(member).and_then(Json::as_str);
        let other = |known: &String, name: &str| known != name && !kind.alike(known, name);
        name.is_some_and(|name| recorded.identity.get(member).is_some_and(|known| other(known, name)))
    })
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
    /// What is declared, with the ids of other parts that are known: those that are there and stay. None where it has none, or
    /// where nothing changes by that.
    pub(super) fn with_ids(&self, request: &Request<'_>, plan: &Plan) -> Option<Desired> {
        let desired = self.desired?;
        // Most kinds have none, and plans have thousands of them.
        let mut rows = kind_of(desired.kind)?.arguments.iter().filter(|row| row.id_of.is_some()).peekable();
        rows.peek()?;
        let stays = |address: &str| {
            request.observed.contains_key(address)
                && !plan.changes.iter().any(|change| {
                    change.address == address && matches!(change.action, Action::Create | Action::Replace)
                })
        };
        let mut found = desired.clone();
        for row in rows {
            let member = row.api;
            if let Some(address) = desired.ids.get(member) {
                let id = request.recorded.get(address).and_then(|recorded| recorded.identity.get(member));
                if let Some(id) = id.filter(|_| stays(address)) {
                    found.ids.remove(member);
                    setting::put(&mut found.settings, member, Json::String(id.clone()));
                }
            } else if let Some(id) = setting::get(&desired.settings, member).as_str() {
                let has_it = |(_, recorded): &(&Address, &Recorded)| {
                    row.id_of.is_some_and(|kind| kind.name == recorded.kind)
                        && recorded.identity.get(member).is_some_and(|known| known == id)
                };
                let part = request.recorded.iter().find(has_it).map(|(address, _)| address);
                if let Some(address) = part.filter(|address| !stays(address)) {
                    setting::remove(&mut found.settings, member);
                    found.ids.insert(member, address.clone());
                }
            }
        }
        (found != *desired).then_some(found)
    }

    /// Whether it is a pool that is replaced: something of it cannot change in place, and the operator said so.
    pub(super) fn is_a_pool_to_replace(&self, request: &Request<'_>) -> bool {
        let (Some(desired), Some(recorded), Some(observed)) = (self.desired, self.recorded, self.observed) else {
            return false;
        };
        let Some(kind) = kind_of(desired.kind).filter(|kind| kind.is_pool()) else { return false };
        request.permissions.replace.contains(self.address)
            && (request.triggered.contains_key(self.address)
                || !change::compare(kind, desired, recorded, observed).refusals.is_empty())
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
            if kind.is_pool() || kind.goes_before_pool {
                let going = Drafting { replaces: true, ..drafting(None, self.recorded, self.observed) };
                let gone = kind.draft(&going);
                removals.extend(gone.into_iter().map(|draft| (call.clone(), draft)));
            }
        }
        let (action, settings) = match self.desired {
            Some(desired) => {
                self.check_siblings(request, all, desired, None, diagnostics);
                drafts.extend(
                    kind.draft(&drafting(self.desired, None, None)).into_iter().map(|draft| (call.clone(), draft)),
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
        notes.extend(self.observed.and_then(|observed| kind.rules.lost_with(observed)));
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
                let mut comparison = change::compare(kind, desired, recorded, observed);
                notes.extend(comparison.notes);
                let is_name = |path: &str| kind.identity.iter().any(|(member, _)| *member == path);
                let elsewhere = !kind.is_pool() && recorded.pool_of(self.address) != desired.pool;
                let seen = comparison.changes.iter().any(|change| is_name(&change.path));
                // What had the id of a part that goes is of another part now.
                let renamed = seen || !desired.ids.is_empty() || is_called_otherwise(kind, desired, recorded);
                let trigger = request.triggered.get(self.address);
                let makes_room = kind.replacement != Replacement::Named;
                if let Some(trigger) = trigger {
                    let reason =
                        format!("lifecycle.replace_triggered_by replaces {}, because {trigger} changes", self.address);
                    if makes_room {
                        notes.push(reason);
                    } else {
                        comparison.refusals.push((String::new(), reason));
                    }
                }
                let replaces =
                    kind.replacement != Replacement::Named && (renamed || elsewhere || trigger.is_some() && makes_room);
                if elsewhere && kind.replacement == Replacement::Named {
                    let reason =
                        format!("user_pool_id names {}, and it is of {}", desired.pool, recorded.pool_of(self.address));
                    comparison.refusals.push(("UserPoolId".to_owned(), reason));
                }
                let action = self.judge(request, kind, &comparison.refusals, desired, observed, diagnostics);
                notes.extend(action.and_then(|_| kind.rules.lost_with(observed)));
                for (path, summary, detail) in kind.rules.impossible(&observed.settings, &comparison.changes) {
                    let error = Diagnostic::error(summary, detail);
                    diagnostics.push(error.about(&desired.call, &desired.place(path)));
                }
                let triggered = trigger.is_some() && makes_room;
                let anew = action == Some(Action::Replace) || elsewhere || triggered || renamed && !seen;
                let changes = if anew { change::creation(kind, desired) } else { comparison.changes };
                if replaces && (renamed || elsewhere) {
                    notes.extend(kind.rules.lost_by_renaming());
                }
                if changes.is_empty() && action.is_none() && !replaces {
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
                if alone {
                    notes.extend(self.of_a_lost_id(request, all, kind, observed));
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
            && !kind.is_pool()
            && !kind.goes_before_pool
            && !all.contains_key(call.as_str())
            && request.recorded.contains_key(&call)
            && targeted(request.targets, &call);
        if !goes_with_pool && action != Action::Forget {
            drafts.extend(kind.draft(&drafting).into_iter().map(|draft| (call.clone(), draft)));
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
        if !kind.is_pool() || request.permissions.replace.contains(self.address) {
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

    /// What goes with an id that apps hold, and how to keep it where what has it was only renamed.
    fn of_a_lost_id(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &Desired>,
        kind: &Kind,
        observed: &Observed,
    ) -> Vec<String> {
        let Some(lost) = kind.rules.gone(observed) else { return Vec::new() };
        let call = self.pool();
        let mut notes = vec![lost];
        let mut new = all.values().filter(|each| {
            each.kind == kind.name && each.pool == call && !request.recorded.contains_key(&each.address)
        });
        if let Some(first) = new.next() {
            let to = if new.next().is_none() { first.address.as_str() } else { "its new address" };
            notes.push(format!(
                "if it was only renamed, a moved block keeps the {} id: from = {}, to = {to}",
                kind.segment, self.address
            ));
        }
        notes
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
        if kind.replacement == Replacement::Named
            && !kind.is_pool()
            && request.permissions.replace.contains(self.address)
        {
            return Some(Action::Replace);
        }
        let stake = kind
            .stake(observed)
            .map_or_else(String::new, |(stake, deed)| format!(" {stake} {deed}: -allow-replace='{}'.", self.address));
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
        let comes = |each: &&&'d Desired| each.kind == kind.name && !request.recorded.contains_key(&each.address);
        let name = setting::get(&observed.settings, kind.name_setting());
        let coming: Vec<&&Desired> = all.values().filter(comes).filter(|_| kind.is_pool()).collect();
        let namesake = coming.iter().find(|each| setting::get(&each.settings, kind.name_setting()) == name);
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
        if !kind.is_pool() {
            return;
        }
        // What each is called by in requests.
        let parts = |wanted: &dyn Fn(&Kind) -> bool| -> Vec<String> {
            let of_pool = request.recorded.iter().filter(|(address, each)| {
                each.pool_of(address) == self.address && request.observed.contains_key(*address)
            });
            of_pool
                .filter_map(|(_, each)| {
                    kind_of(&each.kind).filter(|kind| !kind.is_pool() && wanted(kind)).zip(Some(each))
                })
                .filter_map(|(kind, each)| each.identity.get(kind.identity.last()?.0).cloned())
                .collect()
        };
        let name = setting::get(&observed.settings, "PoolName").as_str().unwrap_or_default();
        let stake = Stake {
            address: self.address.to_owned(),
            name: self.desired.map_or_else(|| name.to_owned(), |desired| desired.shown("PoolName", name)),
            users: observed.users,
            declared_users: parts(&|kind| kind.is_a_user()).len(),
            estimated_users: setting::get(&observed.answer, "EstimatedNumberOfUsers").as_u64().unwrap_or(0),
            clients: parts(&|kind| kind.replacement == Replacement::Named).len(),
            domain: parts(&|kind| kind.name_is_everybodys).into_iter().next(),
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
