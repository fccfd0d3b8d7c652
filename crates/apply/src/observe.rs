//! Asking Cognito what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use poolform_core::kinds::{self, Asked, Identity, KINDS, Kind};
use poolform_core::{Address, Observed, Recorded, setting};
use poolform_model::{Cognito, Failure, Object, Request};
use serde_json::{Value as Json, json};

/// Looking failed for another reason than that nothing is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookError {
    /// What was looked at.
    pub address: Address,
    /// With which operation.
    pub operation: String,
    /// Why there is no answer.
    pub failure: Failure,
}

impl fmt::Display for LookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} failed: {}", self.address, self.operation, self.failure)
    }
}

impl std::error::Error for LookError {}

/// Everything that is recorded and there, by at most `parallelism` requests at a time. What is gone is left out.
pub fn observe(
    cognito: &dyn Cognito,
    recorded: &BTreeMap<Address, Recorded>,
    parallelism: usize,
) -> Result<BTreeMap<Address, Observed>, LookError> {
    let work: Vec<(&Address, &Recorded)> = recorded.iter().collect();
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Ok(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..parallelism.clamp(1, work.len().max(1)) {
            scope.spawn(|| {
                while let Some((address, recorded)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(kind) = kinds::kind(&recorded.kind) else { continue };
                    let seen = look(cognito, address, kind, &recorded.identity)
                        .and_then(|seen| ask_for_secrets(cognito, address, recorded, seen));
                    let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    match (seen, &mut *found) {
                        (Ok(Some(seen)), Ok(all)) => {
                            all.insert((*address).clone(), seen);
                        }
                        (Err(error), Ok(_)) => *found = Err(error),
                        _ => {}
                    }
                    if found.is_err() {
                        return;
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A client whose secrets were rotated shows none; whether it has some is asked where it was made with one.
fn ask_for_secrets(
    cognito: &dyn Cognito,
    address: &str,
    recorded: &Recorded,
    seen: Option<Observed>,
) -> Result<Option<Observed>, LookError> {
    const HAS_ONE: &str = "GenerateSecret";
    let Some(mut observed) = seen else { return Ok(None) };
    let made_with_one = recorded.keys.get(HAS_ONE).is_some_and(|keys| keys.contains("true"));
    if made_with_one && setting::get(&observed.settings, HAS_ONE) == &json!(false) {
        let secrets = client_secrets(cognito, address, &recorded.identity)?;
        observed.settings.insert(HAS_ONE.to_owned(), json!(!secrets.is_empty()));
    }
    Ok(Some(observed))
}

/// The secrets of a client without their values: `ClientSecretId`, `ClientSecretCreateDate`.
pub fn client_secrets(
    cognito: &dyn Cognito,
    address: &str,
    identity: &BTreeMap<String, String>,
) -> Result<Vec<Json>, LookError> {
    let body = identity.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    match cognito.call(&Request::new("ListUserPoolClientSecrets", body).about(address)) {
        Ok(mut answer) => match answer.remove("ClientSecrets") {
            Some(Json::Array(secrets)) => Ok(secrets),
            _ => Ok(Vec::new()),
        },
        Err(failure) => {
            let operation = "ListUserPoolClientSecrets".to_owned();
            Err(LookError { address: address.to_owned(), operation, failure })
        }
    }
}

/// The refusals that say that something is not there, and cannot be: what threat protection does, without it.
pub(crate) const GONE: &[&str] =
    &["ResourceNotFoundException", "UserNotFoundException", "UserPoolAddOnNotEnabledException"];

/// One resource by its identity; None when it is not there.
pub fn look(
    cognito: &dyn Cognito,
    address: &str,
    kind: &Kind,
    identity: &BTreeMap<String, String>,
) -> Result<Option<Observed>, LookError> {
    let mut answer = Object::new();
    for (operation, member, kept_under) in kind.look {
        let shape = poolform_model::operation(operation).and_then(|operation| poolform_model::shape(operation.input));
        let body: Object = identity
            .iter()
            .filter(|(name, _)| shape.is_some_and(|shape| shape.member(name).is_some()))
            .map(|(name, value)| (name.clone(), Json::String(value.clone())))
            .collect();
        let seen = match cognito.call(&Request::new(operation, body).about(address)) {
            Ok(seen) => seen,
            Err(failure) if failure.code().is_some_and(|code| GONE.contains(&code)) => return Ok(None),
            Err(failure) => {
                return Err(LookError { address: address.to_owned(), operation: (*operation).to_owned(), failure });
            }
        };
        let shown = if member.is_empty() { Some(seen) } else { seen.get(*member).and_then(Json::as_object).cloned() };
        // DescribeUserPoolDomain answers with an empty description where there is no domain.
        let named = identity.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let Some(shown) = shown.and_then(|shown| kind.found(&named, shown)) else { return Ok(None) };
        if kept_under.is_empty() {
            answer.extend(shown);
        } else {
            answer.insert((*kept_under).to_owned(), Json::Object(shown));
        }
    }
    kind.say_whose(identity, &mut answer);
    Ok(Some(Observed { settings: kind.settle(&answer), answer, users: None }))
}

/// Whether the pool has any user: one ListUsers call, because the estimate lags.
/// Those whose names, or addresses, are among `declared` do not count: the files make them again.
pub fn has_users(
    cognito: &dyn Cognito,
    address: &str,
    pool: &str,
    declared: &BTreeSet<&str>,
) -> Result<bool, LookError> {
    // One more than are declared; a page has 60 at most (API page of ListUsers).
    let limit = (declared.len() + 1).min(60);
    let body = json!({"UserPoolId": pool, "Limit": limit}).as_object().cloned().unwrap_or_default();
    let is_declared = |user: &Json| {
        let names = user["Attributes"].as_array().into_iter().flatten().map(|attribute| &attribute["Value"]);
        names.chain([&user["Username"]]).filter_map(Json::as_str).any(|name| declared.contains(name))
    };
    match cognito.call(&Request::new("ListUsers", body).about(address)) {
        Ok(answer) => {
            let users = setting::get(&answer, "Users").as_array().map_or(&[][..], Vec::as_slice);
            let more = !setting::is_empty(setting::get(&answer, "PaginationToken"));
            Ok(!users.iter().all(is_declared) || users.len() == limit && (more || declared.len() >= 60))
        }
        Err(failure) => Err(LookError { address: address.to_owned(), operation: "ListUsers".to_owned(), failure }),
    }
}

/// All entries of a list, a page of `most` at a time: the most that the API model allows for it.
pub(crate) fn pages(
    cognito: &dyn Cognito,
    address: &str,
    operation: &str,
    member: &str,
    (limit, most): (&str, u32),
    mut body: Object,
) -> Result<Vec<Json>, LookError> {
    let mut all = Vec::new();
    body.insert(limit.to_owned(), json!(most));
    loop {
        let mut answer = cognito
            .call(&Request::new(operation, body.clone()).about(address))
            .map_err(|failure| LookError { address: address.to_owned(), operation: operation.to_owned(), failure })?;
        if let Some(Json::Array(items)) = answer.remove(member) {
            all.extend(items);
        }
        match answer.remove("NextToken") {
            Some(token) if !token.is_null() => body.insert("NextToken".to_owned(), token),
            _ => return Ok(all),
        };
    }
}

/// A part of a pool: its kind, and the members that name it.
pub type Part = (&'static Kind, Identity);

/// The identity of every part that a pool has, declared by anybody. Groups that Cognito makes for a provider are left
/// out: they come and go with it.
pub fn parts(
    cognito: &dyn Cognito,
    address: &str,
    pool: &Observed,
    parallelism: usize,
) -> Result<Vec<Part>, LookError> {
    let id = setting::get(&pool.answer, "Id").as_str().unwrap_or_default().to_owned();
    let with_pool = |member: &str, value: String| {
        BTreeMap::from([("UserPoolId".to_owned(), id.clone()), (member.to_owned(), value)])
    };
    let mut found: Vec<Part> = Vec::new();
    for kind in KINDS {
        let name = kind.identity.last().map_or("", |(member, _)| *member);
        for member in kind.named_by_pool {
            let named = setting::get(&pool.answer, member).as_str();
            found.extend(named.map(|named| (*kind, with_pool(name, named.to_owned()))));
        }
        let Some(list) = &kind.listed else { continue };
        let body = Object::from_iter([("UserPoolId".to_owned(), json!(id))]);
        for entry in pages(cognito, address, list.operation, list.member, (list.limit, list.most), body)? {
            let Some(value) = entry[list.name].as_str() else { continue };
            // A group for the users of a provider is called POOL_PROVIDER.
            if !value.starts_with(&format!("{id}_")) {
                found.push((*kind, with_pool(list.name, value.to_owned())));
            }
        }
    }
    let mut asked: Vec<Part> = Vec::new();
    for kind in KINDS {
        let (member, all) = match kind.asked {
            Asked::Nobody => continue,
            Asked::OfPool => ("", Some("")),
            Asked::OfClients { all } => (kind.key, all),
        };
        let clients = found.iter().filter_map(|(_, identity)| identity.get(member)).map(String::as_str);
        for name in all.into_iter().chain(clients) {
            let mut identity = BTreeMap::from([("UserPoolId".to_owned(), id.clone())]);
            identity.extend((!name.is_empty()).then(|| (member.to_owned(), name.to_owned())));
            asked.push((*kind, identity));
        }
    }
    // One for each client and kind: many, of which few are there.
    found.extend(observe_parts(cognito, address, asked, parallelism)?.into_iter().map(|(part, _)| part));
    Ok(found)
}

/// Those of `parts` that are there, with what Cognito answered, in their order. `address` is that of their pool.
pub fn observe_parts(
    cognito: &dyn Cognito,
    address: &str,
    parts: Vec<Part>,
    parallelism: usize,
) -> Result<Vec<(Part, Observed)>, LookError> {
    let recorded = |(kind, identity): &Part| Recorded {
        kind: kind.name.to_owned(),
        identity: identity.clone(),
        ..Recorded::default()
    };
    let numbered = parts.iter().enumerate().map(|(number, part)| (number.to_string(), recorded(part))).collect();
    let mut seen =
        observe(cognito, &numbered, parallelism).map_err(|error| LookError { address: address.to_owned(), ..error })?;
    let numbered = parts.into_iter().enumerate();
    Ok(numbered.filter_map(|(number, part)| Some((part, seen.remove(&number.to_string())?))).collect())
}
