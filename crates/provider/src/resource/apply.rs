//! Carrying out what was planned for one resource.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use poolform_apply::{Coming, Fate, Progress, has_users, recover, run, there_already};
use poolform_core::kinds::{Kind, Replacement};
use poolform_core::{Alone, Observed, Recorded, Step, compare, setting};
use poolform_value::{AttributePath, Diagnostic, Diagnostics, Value};

use super::merge::{Merge, has_one, merge};
use super::plan::refusal;
use super::read::{keep_secret_out, look, present, seen};
use super::{Private, conform, declared, import_id, is_true, recorded, schema_shown, text};
use crate::configuration::Connection;
use crate::journal::Intents;
use crate::schema::{ALLOW_DELETE, Attribute, POOL_ID, attributes};

/// What came of it.
pub struct Applied {
    /// The new state; null for nothing.
    pub state: Value,
    /// What Terraform keeps beside it.
    pub private: Private,
    /// What is to be said.
    pub diagnostics: Diagnostics,
}

/// Whether to stop after the request that is under way.
pub struct Stopping<'a>(pub &'a AtomicBool);

impl Progress for Stopping<'_> {
    fn started(&self, _: &Step) {}

    fn finished(&self, _: &Step, _: Duration, _: Option<&str>) {}

    fn waiting(&self, _: &Step, _: &str) {}

    fn stop(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What an apply is given.
pub struct Work<'a> {
    /// Its kind.
    pub kind: &'static Kind,
    /// What is configured; null where it is to go.
    pub given: &'a Value,
    /// The state before.
    pub prior: &'a Value,
    /// What was planned.
    pub planned: &'a Value,
    /// What Terraform kept.
    pub private: Private,
}

/// Why a pool is not deleted, if it must not be.
pub fn judge_removal(kind: &'static Kind, prior: &Value, connection: &Connection) -> Option<Diagnostic> {
    let id = text(prior, "id").filter(|_| kind.is_pool())?;
    if is_true(prior, ALLOW_DELETE) {
        return None;
    }
    let at = AttributePath::argument(ALLOW_DELETE);
    let address = Alone::address(kind);
    match has_users(&*connection.cognito, &address, id, &BTreeSet::new()) {
        Ok(false) => None,
        Err(error) if error.failure.code() == Some("ResourceNotFoundException") => None,
        Ok(true) => {
            let name = text(prior, "name").unwrap_or_default();
            let detail = format!(
                "Deleting the pool \"{name}\" ({id}) would lose its users. If that is meant, set allow_delete = true and \
                 apply that first."
            );
            Some(Diagnostic::error("Pool with users", detail).about("", &at))
        }
        Err(error) => Some(Diagnostic::error(
            "Users not counted",
            format!("Whether {id} has users is not known: {}.", error.failure),
        )),
    }
}

/// Carries it out.
pub fn apply(work: &Work<'_>, connection: &Connection, intents: &Intents, stop: &AtomicBool) -> Applied {
    let kind = work.kind;
    let failed = |diagnostic: Diagnostic| Applied {
        state: work.prior.clone(),
        private: work.private.clone(),
        diagnostics: diagnostic.into(),
    };
    let mut remembered = (!work.prior.is_null()).then(|| recorded(kind, work.prior, &work.private));
    let (desired, mut diagnostics) = match work.given.is_null() {
        true => (None, Diagnostics::new()),
        false => {
            let (desired, diagnostics) = declared(kind, work.given, &connection.context());
            (Some(desired), diagnostics)
        }
    };
    diagnostics.0.retain(|diagnostic| diagnostic.severity == poolform_value::Severity::Error);
    if diagnostics.has_errors() {
        return Applied { state: work.prior.clone(), private: work.private.clone(), diagnostics };
    }
    let pool = text(if work.given.is_null() { work.prior } else { work.given }, POOL_ID).unwrap_or_default();
    let name = desired
        .as_ref()
        .map(|desired| setting::get(&desired.settings, kind.name_setting()).as_str().unwrap_or_default().to_owned())
        .unwrap_or_default();
    let entry = intents.entry(&connection.place, kind.name, pool, &name);
    if remembered.is_none() {
        match left_behind(kind, pool, &entry, connection) {
            Ok(found) => remembered = found,
            Err(diagnostic) => return failed(diagnostic),
        }
    }
    let look_failed = |error: poolform_apply::LookError| {
        Diagnostic::error("Cognito could not be read", format!("{} failed: {}.", error.operation, error.failure))
    };
    let observed = match remembered.clone().map(|remembered| look(connection, remembered)) {
        None => None,
        Some(Ok(observed)) => observed,
        Some(Err(error)) => return failed(look_failed(error)),
    };
    // What a killed run left and somebody has deleted since is nothing to go on from.
    let remembered = remembered.filter(|_| observed.is_some() || !work.prior.is_null());
    if work.given.is_null() {
        if let Some(diagnostic) = judge_removal(kind, work.prior, connection).filter(|_| observed.is_some()) {
            return failed(diagnostic);
        }
    } else if !work.prior.is_null() && observed.is_none() {
        let detail = "It was deleted since the plan was made. Plan again.".to_owned();
        return failed(Diagnostic::error("Resource not found", detail));
    }
    if let (Some(desired), Some(remembered), Some(observed)) = (&desired, &remembered, &observed) {
        for (path, reason) in compare(kind, desired, remembered, observed).refusals {
            diagnostics.push(refusal(kind, &path, &reason, work.prior));
        }
        if diagnostics.has_errors() {
            return Applied { state: work.prior.clone(), private: work.private.clone(), diagnostics };
        }
    }
    let alone = Alone::new(kind, desired, remembered, observed, Some(pool));
    let (plan, said) = alone.plan(work.given.is_null());
    if said.has_errors() {
        return Applied { state: work.prior.clone(), private: work.private.clone(), diagnostics: said };
    }
    let plan = match alone.checked(plan, work.given.is_null()) {
        Ok(plan) => plan,
        Err(defects) => {
            let defects: Vec<String> = defects.iter().map(ToString::to_string).collect();
            let detail = format!("This is a mistake of poolform, and nothing was done: {}.", defects.join("; "));
            return failed(Diagnostic::error("Plan with defects", detail));
        }
    };
    let outcome = run(&plan, &*connection.cognito, alone.observed, alone.recorded, &entry, &Stopping(stop), 1);
    let failures: Vec<String> = outcome
        .failed
        .iter()
        .map(|(step, reason)| format!("{} failed: {reason}.", plan.steps[*step].operation))
        .chain(outcome.skipped.iter().map(|step| format!("{} was not sent.", plan.steps[*step].operation)))
        .chain(outcome.unkept.iter().map(|(_, reason)| format!("It could not be remembered: {reason}.")))
        .collect();
    if outcome.uncertain.contains(&alone.address) {
        // Its answer was lost: whether it was made, the next apply finds out.
        entry.leave();
    }
    let remembered = outcome.recorded.get(&alone.address).cloned();
    let Some(remembered) = remembered.filter(|_| !work.given.is_null()) else {
        // Nothing is there, or it was to go and is still there.
        if failures.is_empty() {
            return Applied { state: Value::null(), private: Private::default(), diagnostics };
        }
        let mut detail = failures.join(" ");
        if let Some(id) = there(kind, pool, &name, connection).filter(|_| work.prior.is_null()) {
            let _ = write!(
                detail,
                " It is there already, made elsewhere. To take it over as it is, import it: terraform import ADDRESS '{id}', \
                 or an import block with that id."
            );
        }
        return failed(Diagnostic::error("Request failed", detail));
    };
    let private = Private { declared: remembered.declared.clone(), keys: remembered.keys.clone(), imported: false };
    let mut now = outcome.observed.get(&alone.address).cloned();
    // Answers to creates and updates of pools and domains leave out what the service adds afterwards.
    if !plan.steps.is_empty()
        && (kind.is_pool() || kind.replacement != Replacement::Named)
        && let Ok(Some(seen)) = look(connection, remembered.clone())
    {
        now = Some(seen);
    }
    let now = now.unwrap_or_default();
    if failures.is_empty() {
        return Applied { state: finished(kind, work.planned, &now, &remembered, connection), private, diagnostics };
    }
    if work.prior.is_null() {
        // What is made is kept, and not marked as broken, which would have it replaced: the next plan finds what is missing.
        let detail = format!("{} What is missing is done by the next apply.", failures.join(" "));
        diagnostics.push(Diagnostic::warning("Not finished", detail));
        return Applied { state: finished(kind, work.planned, &now, &remembered, connection), private, diagnostics };
    }
    diagnostics.push(Diagnostic::error("Request failed", failures.join(" ")));
    Applied {
        state: seen(kind, work.prior, &work.private, &now, connection),
        private: work.private.clone(),
        diagnostics,
    }
}

/// The id to import what has the name of something that could not be made; None where nothing of the pool has it. Names of
/// clients are not unique and refuse nothing.
fn there(kind: &'static Kind, pool: &str, name: &str, connection: &Connection) -> Option<String> {
    if kind.namesakes.is_some() {
        return None;
    }
    let address = Alone::address(kind);
    let coming = [Coming { address: &address, kind, pool: Some(pool), name }];
    let found = there_already(&*connection.cognito, &coming).ok()?.remove(&address)?.into_iter().next()?;
    (found.get("UserPoolId").map(String::as_str) == Some(pool)).then(|| import_id(kind, &found))
}

/// What a run that was killed had made and Terraform never heard of.
fn left_behind(
    kind: &'static Kind,
    pool: &str,
    entry: &crate::journal::Entry<'_>,
    connection: &Connection,
) -> Result<Option<Recorded>, Diagnostic> {
    let address = Alone::address(kind);
    let left = entry.left(&address).map_err(|error| {
        let detail = format!("Whether an earlier apply was killed while it made this is not known: {error}.");
        Diagnostic::error("Journal not readable", detail)
    })?;
    let Some((intent, identity)) = left else { return Ok(None) };
    let found = if identity.is_empty() {
        let world = Alone::new(kind, None, None, None, Some(pool));
        let fates = recover(&*connection.cognito, &[intent], &world.recorded);
        match fates.map(|mut fates| fates.remove(&address)) {
            Ok(Some(Fate::Made(recorded))) => Some(recorded),
            Ok(Some(Fate::Unclear(ids))) => {
                let detail = format!(
                    "An apply was killed while it made this, and several of its name have come since: {}. Import the right \
                     one. If none is, delete .terraform/poolform and apply again.",
                    ids.join(", ")
                );
                return Err(Diagnostic::error("Unclear what was made", detail));
            }
            Ok(_) => None,
            Err(error) => {
                return Err(Diagnostic::error("Cognito could not be read", format!("{}.", error.failure)));
            }
        }
    } else {
        Some(Recorded { kind: kind.name.to_owned(), identity, ..Recorded::default() })
    };
    Ok(found)
}

/// Takes what was planned, and what only Cognito knew from what it answered.
struct Finished;

impl Merge for Finished {
    fn leaf(&self, _: &Attribute, planned: &Value, now: &Value) -> Value {
        if planned.first_unknown().is_some() { now.clone() } else { planned.clone() }
    }

    fn group(&self, _: &Attribute, _: &[Attribute], planned: &Value, now: &Value) -> Option<Value> {
        match () {
            () if planned.is_unknown() => Some(now.clone()),
            () if !has_one(planned) => Some(planned.clone()),
            () => None,
        }
    }
}

fn finished(
    kind: &'static Kind,
    planned: &Value,
    now: &Observed,
    recorded: &Recorded,
    connection: &Connection,
) -> Value {
    let tags = now.settings.get("UserPoolTags").cloned().unwrap_or_default();
    let schema = schema_shown(now, recorded.keys.get("Schema"));
    let mut shown = conform(&attributes(kind), &present(kind, now, &schema, &tags, connection));
    if let poolform_value::Content::Object(members) = &mut shown.content {
        members.insert("id".to_owned(), super::id_of(kind, &recorded.identity).into());
    }
    let mut state = merge(&attributes(kind), planned, &shown, &Finished);
    keep_secret_out(kind, planned, &mut state);
    state
}
