//! What was there before an update in place, and the plan that sends it back.

use std::collections::{BTreeMap, BTreeSet};

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::order::place;
use super::{Draft, Drafting, Plan, VERSION};
use crate::change::{self, Action, Change, SettingChange};
use crate::kinds::{self, Kind};
use crate::resource::{Address, Desired, Form, Observed, Recorded};
use crate::setting;

/// The settings of one resource at some moment, without those that are secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The name of its kind.
    pub kind: String,
    /// The members that name it in requests.
    pub identity: BTreeMap<String, String>,
    /// Its settings in the shape of the kind's tree.
    pub settings: Object,
    /// Paths that were left out because they are secret; entries of maps as `PATH["KEY"]`. Sending back leaves them alone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hidden: BTreeSet<String>,
}

/// The settings of everything that `plan` updates in place, as they were observed before.
pub fn keep(
    plan: &Plan,
    observed: &BTreeMap<Address, Observed>,
    recorded: &BTreeMap<Address, Recorded>,
) -> BTreeMap<Address, Kept> {
    let updated = plan.changes.iter().filter(|change| change.action == Action::Update);
    updated
        .filter_map(|change| {
            let kind = kinds::kind(&change.kind)?;
            let identity = recorded.get(&change.address)?.identity.clone();
            let mut hidden = plan.hidden(&change.address);
            let mut settings = observed.get(&change.address)?.settings.clone();
            // Against nothing, everything differs; so every value that is secret is found.
            let all = change::differences(kind, &settings, &Object::new(), &hidden);
            hidden.extend(all.iter().filter(|value| value.secret).map(|value| value.argument.clone()));
            let secrets: Vec<SettingChange> = all
                .into_iter()
                .filter(|value| value.secret)
                .map(|value| SettingChange { new: Json::Null, ..value })
                .collect();
            settings = change::overlay(&settings, &secrets);
            // Mirrors say again what others say, and may be secret with them.
            let twins = change::leaves(&settings).into_keys().filter(|path| kind.rules.is_twin(path));
            let twins: Vec<String> = twins.collect();
            for path in change::VOLATILE.iter().copied().chain(twins.iter().map(String::as_str)) {
                setting::remove(&mut settings, path);
            }
            Some((change.address.clone(), Kept { kind: change.kind.clone(), identity, settings, hidden }))
        })
        .collect()
}

/// Whether an update can send the setting at `path` back, or a request of its family.
fn can_be_sent(kind: &Kind, path: &str) -> bool {
    let member = path.split('.').next().unwrap_or_default();
    let sent = kind.echo(&Object::from_iter([(member.to_owned(), Json::Bool(true))]));
    kind.family(member).is_some() || sent.contains_key(member)
}

/// The plan that leads from what is there back to what was kept. What the state remembers stays as it is: the next
/// ordinary plan shows where the files differ.
pub fn restore(
    kept: &BTreeMap<Address, Kept>,
    recorded: &BTreeMap<Address, Recorded>,
    observed: &BTreeMap<Address, Observed>,
) -> (Plan, Diagnostics) {
    let mut plan = Plan { version: VERSION, ..Plan::default() };
    let mut diagnostics = Diagnostics::new();
    let mut drafts: Vec<(Address, Draft)> = Vec::new();
    for (address, kept) in kept {
        let error = |detail: &str| Diagnostic::error("Cannot be sent back", detail.to_owned()).of(address);
        let Some(kind) = kinds::kind(&kept.kind) else {
            diagnostics.push(error(&format!("poolform knows no kind \"{}\".", kept.kind)));
            continue;
        };
        let Some(remembered) = recorded.get(address).filter(|recorded| recorded.identity == kept.identity) else {
            diagnostics.push(error(&format!(
                "What was kept is not what is managed here under this address: {:?}.",
                kept.identity
            )));
            continue;
        };
        let Some(now) = observed.get(address) else {
            diagnostics.push(error("It is no longer there. What was deleted cannot be sent back."));
            continue;
        };
        let differences = change::differences(kind, &now.settings, &kept.settings, &kept.hidden);
        let (changes, lost): (Vec<_>, Vec<_>) = differences
            .into_iter()
            .filter(|difference| !difference.secret)
            .partition(|difference| can_be_sent(kind, &difference.path));
        for each in lost {
            let detail =
                format!("{} was {} and is {} now, which no update changes.", each.argument, each.new, each.old);
            diagnostics.push(Diagnostic::warning("Stays as it is", detail).of(address));
        }
        if changes.is_empty() {
            continue;
        }
        let desired = Desired {
            address: address.clone(),
            kind: kind.name,
            settings: kept.settings.clone(),
            secret: BTreeSet::new(),
            call: address.clone(),
            pool: remembered.pool_of(address).to_owned(),
            form: Form::Module,
            ignored: BTreeSet::new(),
            ids: BTreeMap::new(),
            places: BTreeMap::new(),
            undecided: BTreeSet::new(),
        };
        let drafting = Drafting {
            kind,
            address,
            call: &desired.pool,
            desired: Some(&desired),
            recorded: Some(remembered),
            observed: Some(now),
            changes: &changes,
            replaces: false,
        };
        let mut requests = kind.draft(&drafting);
        for request in &mut requests {
            // What was not kept is sent as it is now.
            request.secret.extend(kept.hidden.iter().cloned());
        }
        drafts.extend(requests.into_iter().map(|draft| (desired.pool.clone(), draft)));
        plan.hidden.insert(address.clone(), kept.hidden.clone());
        plan.records.insert(address.clone(), remembered.clone());
        plan.changes.push(Change {
            address: address.clone(),
            pool: desired.pool.clone(),
            kind: kind.name.to_owned(),
            action: Action::Update,
            settings: changes,
            notes: Vec::new(),
        });
    }
    place(drafts, &mut plan);
    (plan, diagnostics)
}
