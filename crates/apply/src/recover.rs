//! After a crash: what became of creates whose answer was never kept.

use std::collections::{BTreeMap, BTreeSet};

use poolform_core::kinds::{self, Kind};
use poolform_core::{Address, Recorded};
use poolform_model::{Cognito, Object};
use serde_json::{Value as Json, json};

use crate::observe::{LookError, look, pages};

/// A create that was about to be sent when the process ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// Whose.
    pub address: Address,
    /// The address of its pool.
    pub pool: Address,
    /// The name of its kind.
    pub kind: String,
    /// The name that it was to have.
    pub name: String,
    /// When it was about to be sent, in seconds since 1970.
    pub since: f64,
    /// The ids of those that had its name already; see [`namesakes`].
    pub existing: BTreeSet<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Nothing of that name has come since: it was never carried out.
    Absent,
    /// Exactly one has: it is ours.
    Made(Recorded),
    /// Several have; their ids. Only a person can tell which.
    Unclear(Vec<String>),
}

/// How far two clocks may differ, in seconds.
const CLOCK_DIFFERENCE: f64 = 300.0;

/// Finds out about every intent, pools before their parts. `recorded` is what the state remembers.
pub fn recover(
    cognito: &dyn Cognito,
    intents: &[Intent],
    recorded: &BTreeMap<Address, Recorded>,
) -> Result<BTreeMap<Address, Fate>, LookError> {
    let mut known = recorded.clone();
    let mut fates = BTreeMap::new();
    let mut ordered: Vec<&Intent> = intents.iter().collect();
    ordered.sort_by_key(|intent| kinds::KINDS.iter().position(|kind| kind.name == intent.kind));
    for intent in ordered {
        let Some(kind) = kinds::kind(&intent.kind) else { continue };
        let fate = fate(cognito, intent, kind, &known)?;
        if let Fate::Made(recorded) = &fate {
            known.insert(intent.address.clone(), recorded.clone());
        }
        fates.insert(intent.address.clone(), fate);
    }
    Ok(fates)
}

fn fate(
    cognito: &dyn Cognito,
    intent: &Intent,
    kind: &Kind,
    known: &BTreeMap<Address, Recorded>,
) -> Result<Fate, LookError> {
    let made = |identity: BTreeMap<String, String>| {
        Fate::Made(Recorded { kind: kind.name.to_owned(), identity, ..Recorded::default() })
    };
    let taken = |id: &str| {
        let of_kind = known.values().filter(|recorded| recorded.kind == kind.name);
        of_kind.into_iter().any(|recorded| recorded.identity.values().any(|other| other == id))
    };
    let new = |pool: &str| -> Result<Vec<String>, LookError> {
        let listed = namesakes(cognito, &intent.address, kind, pool)?.into_iter();
        let new = listed.filter(|(name, id)| *name == intent.name && !intent.existing.contains(id));
        Ok(new.map(|(_, id)| id).filter(|id| !taken(id)).collect())
    };
    if kind.is_pool() {
        return Ok(one_of(new("")?, |id| made(BTreeMap::from([("UserPoolId".to_owned(), id)]))));
    }
    let pool = known.get(&intent.pool);
    let Some(pool) = pool.and_then(|recorded| recorded.identity.get("UserPoolId").cloned()) else {
        // Without a pool nothing of it can be there.
        return Ok(Fate::Absent);
    };
    if let Some((.., member)) = kind.namesakes {
        return Ok(one_of(new(&pool)?, |id| {
            made(BTreeMap::from([("UserPoolId".to_owned(), pool.clone()), (member.to_owned(), id)]))
        }));
    }
    if kind.identity.len() > 2 {
        // A membership: to ask for it again makes nothing twice.
        return Ok(Fate::Absent);
    }
    // The others are named by their own name: Cognito refuses a second one.
    let mut identity = BTreeMap::from([("UserPoolId".to_owned(), pool.clone())]);
    if let Some((member, _)) = kind.identity.iter().find(|(member, _)| *member != "UserPoolId") {
        identity.insert((*member).to_owned(), intent.name.clone());
    }
    let seen = look(cognito, &intent.address, kind, &identity)?;
    let ours = seen.is_some_and(|seen| {
        seen.answer.get("UserPoolId").and_then(Json::as_str).is_none_or(|other| other == pool)
            && seen
                .answer
                .get("CreationDate")
                .and_then(Json::as_f64)
                .is_none_or(|made| made >= intent.since - CLOCK_DIFFERENCE)
    });
    Ok(if ours { made(identity) } else { Fate::Absent })
}

/// Everything that could be taken for something new of a kind whose names are not unique, as names and ids; nothing for
/// the other kinds. `pool` is the id of the pool that it is in.
pub(crate) fn namesakes(
    cognito: &dyn Cognito,
    address: &str,
    kind: &Kind,
    pool: &str,
) -> Result<Vec<(String, String)>, LookError> {
    let Some((operation, member, name, id)) = kind.namesakes else { return Ok(Vec::new()) };
    let body = Object::from_iter((!pool.is_empty()).then(|| ("UserPoolId".to_owned(), json!(pool))));
    let text = |entry: &Json, member: &str| entry[member].as_str().unwrap_or_default().to_owned();
    let listed = pages(cognito, address, operation, member, ("MaxResults", 60), body)?;
    Ok(listed.iter().map(|entry| (text(entry, name), text(entry, id))).collect())
}

fn one_of(mut found: Vec<String>, made: impl Fn(String) -> Fate) -> Fate {
    match (found.len(), found.pop()) {
        (1, Some(id)) => made(id),
        (0, _) | (_, None) => Fate::Absent,
        (_, Some(last)) => {
            found.push(last);
            Fate::Unclear(found)
        }
    }
}
