//! After a crash: what became of creates whose answer was never kept.

use std::collections::BTreeMap;

use poolform_core::kinds::{self, Kind, client, user_pool};
use poolform_core::{Address, Recorded};
use poolform_model::{Cognito, Object};
use serde_json::{Value as Json, json};

use crate::observe::{LookError, look, pages};

/// A create that was about to be sent when the process ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// Whose.
    pub address: Address,
    /// The name of its kind.
    pub kind: String,
    /// The name that it was to have.
    pub name: String,
    /// When it was about to be sent, in seconds since 1970.
    pub since: f64,
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
    let taken = |member: &str, id: &str| {
        known.values().any(|recorded| recorded.identity.get(member).is_some_and(|other| other == id))
    };
    if kind.name == user_pool::KIND.name {
        let pools = pages(cognito, &intent.address, "ListUserPools", "UserPools", 60, Object::new())?;
        let new: Vec<String> = pools
            .iter()
            .filter(|pool| pool["Name"].as_str() == Some(&intent.name))
            .filter(|pool| pool["CreationDate"].as_f64().is_none_or(|made| made >= intent.since - CLOCK_DIFFERENCE))
            .filter_map(|pool| pool["Id"].as_str())
            .filter(|id| !taken("UserPoolId", id))
            .map(str::to_owned)
            .collect();
        return Ok(one_of(new, |id| made(BTreeMap::from([("UserPoolId".to_owned(), id)]))));
    }
    let Some(pool) = known
        .iter()
        .find(|(address, recorded)| {
            recorded.kind == user_pool::KIND.name && intent.address.starts_with(&format!("{address}."))
        })
        .and_then(|(_, recorded)| recorded.identity.get("UserPoolId").cloned())
    else {
        // Without a pool nothing of it can be there.
        return Ok(Fate::Absent);
    };
    if kind.name == client::KIND.name {
        let body = Object::from_iter([("UserPoolId".to_owned(), json!(pool))]);
        let clients = pages(cognito, &intent.address, "ListUserPoolClients", "UserPoolClients", 60, body)?;
        let new: Vec<String> = clients
            .iter()
            .filter(|each| each["ClientName"].as_str() == Some(&intent.name))
            .filter_map(|each| each["ClientId"].as_str())
            .filter(|id| !taken("ClientId", id))
            .map(str::to_owned)
            .collect();
        return Ok(one_of(new, |id| {
            made(BTreeMap::from([("UserPoolId".to_owned(), pool.clone()), ("ClientId".to_owned(), id)]))
        }));
    }
    // The others are named by their own name.
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
