//! The audit: what a declaration, a plan or a pool allows that its owner may not know of, by the rules of its kinds.

use std::collections::BTreeMap;

use poolform_model::Object;
use poolform_value::AttributePath;

use crate::declaration::Declaration;
use crate::kinds::{self, Advice, Audited, KINDS, Kind};
use crate::plan::Plan;
use crate::resource::{Address, Desired, Form, Observed, Recorded};
use crate::setting;
use crate::terraform::block::in_resource_words;

/// One thing that the audit looks at.
pub struct Subject<'a> {
    /// Its address.
    pub address: Address,
    /// The address of its pool.
    pub pool: Address,
    /// Its kind.
    pub kind: &'static Kind,
    /// Its settings.
    pub settings: Object,
    /// Where it is declared, if it is.
    pub desired: Option<&'a Desired>,
}

/// What a rule found.
pub struct Finding {
    /// The rule.
    pub rule: &'static Advice,
    /// What it is about.
    pub address: Address,
    /// The call, or the resource, and the path of its argument; none where nothing is declared.
    pub place: Option<(Address, AttributePath)>,
    /// What follows from it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// What declarations declare, as the audit looks at it.
pub fn declared(declarations: &[Declaration]) -> Vec<Subject<'_>> {
    let all = declarations.iter().flat_map(|declaration| &declaration.desired);
    all.filter_map(|desired| {
        Some(Subject {
            address: desired.address.clone(),
            pool: desired.pool.clone(),
            kind: kinds::kind(desired.kind)?,
            settings: desired.settings.clone(),
            desired: Some(desired),
        })
    })
    .collect()
}

/// What Cognito has, as the audit looks at it.
pub fn observed<'a>(
    found: impl IntoIterator<Item = (&'a Address, &'a Recorded, &'a Observed)>,
) -> Vec<Subject<'static>> {
    let subject = |(address, recorded, observed): (&'a Address, &'a Recorded, &'a Observed)| {
        Some(Subject {
            address: address.clone(),
            pool: recorded.pool_of(address).to_owned(),
            kind: kinds::kind(&recorded.kind)?,
            settings: observed.settings.clone(),
            desired: None,
        })
    };
    found.into_iter().filter_map(subject).collect()
}

/// What a plan leads to, as far as it says: what it makes, and what it changes, whose requests have all of it.
pub fn planned(plan: &Plan) -> Vec<Subject<'static>> {
    let mut found: BTreeMap<Address, Subject<'static>> = BTreeMap::new();
    for step in &plan.steps {
        let Some(kind) = kinds::kind(&step.kind).filter(|_| step.forgets.is_empty()) else { continue };
        let family = kind.families.iter().find(|family| family.operation == step.operation);
        let whole = [kind.create, kind.update].contains(&step.operation.as_str());
        if family.is_none() && !whole {
            continue;
        }
        let subject = found.entry(step.address.clone()).or_insert_with(|| Subject {
            address: step.address.clone(),
            pool: step.pool.clone(),
            kind,
            settings: Object::new(),
            desired: None,
        });
        match family {
            Some(family) => {
                setting::put(&mut subject.settings, family.under, serde_json::Value::Object(step.body.clone()))
            }
            None => subject.settings.extend(step.body.clone()),
        }
    }
    found.into_values().collect()
}

/// What the rules find. `complete` says whether the subjects are all that their pools have.
pub fn audit(subjects: &[Subject<'_>], complete: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for subject in subjects {
        let of_pool = subjects.iter().filter(|other| other.pool == subject.pool);
        let together: Vec<(&'static Kind, &Object)> = of_pool.map(|other| (other.kind, &other.settings)).collect();
        let audited = Audited { settings: &subject.settings, together: &together, complete };
        found.extend(subject.kind.advice.iter().filter_map(|rule| judge(rule, subject, &audited)));
    }
    found
}

fn judge(rule: &'static Advice, subject: &Subject<'_>, audited: &Audited<'_>) -> Option<Finding> {
    let undecided = |desired: &Desired| {
        let row = subject.kind.settings().into_iter().find(|row| row.api == rule.path);
        row.is_some_and(|row| desired.undecided.contains(row.name))
    };
    if subject.desired.is_some_and(undecided) {
        return None;
    }
    let words = (rule.finds)(audited)?;
    let hidden = subject.desired.is_some_and(|desired| desired.hides(rule.path));
    let words = if hidden { "(sensitive)" } else { words.as_str() };
    let told = |text: &str| match subject.desired {
        Some(desired) if desired.form == Form::Module => text.to_owned(),
        _ => in_resource_words(text),
    };
    Some(Finding {
        rule,
        address: subject.address.clone(),
        place: subject.desired.map(|desired| (desired.call.clone(), desired.place(rule.path))),
        reason: told(rule.reason).replacen("{}", words, 1),
        remedy: told(rule.remedy),
    })
}

/// Every rule, with the kind that it is about.
pub fn rules() -> impl Iterator<Item = (&'static Kind, &'static Advice)> {
    KINDS.iter().flat_map(|kind| kind.advice.iter().map(move |rule| (*kind, rule)))
}
