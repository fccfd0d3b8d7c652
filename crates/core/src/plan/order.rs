//! The order of requests within a pool, and their places in a plan.

use std::collections::{BTreeMap, BTreeSet};

use poolform_model::Object;
use serde_json::Value as Json;

use super::{Draft, Plan, Step};
use crate::declaration::kind_of;
use crate::kinds::Kind;
use crate::resource::Address;

/// When a step comes within its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// What belongs to a client goes before that does, and before the pool loses what it needs; to make room for another too.
    OfClientRemoval,
    Pool,
    Attributes,
    Mfa,
    DomainRemoval,
    Domain,
    /// Identity providers let go of identifiers that others will have.
    Release,
    /// Before a user or a group goes, to make room for another too.
    MembershipRemoval,
    Part,
    ClientRemoval,
    Client,
    /// Users in groups, once both are there.
    Membership,
    /// What belongs to a client, or to the pool and its domain, once that is there.
    OfClient,
    PartRemoval,
    /// A lower tier, once nothing needs the higher one any more.
    LowerTier,
    PoolRemoval,
}

impl Phase {
    /// The phases of the same pool that must be over first. Writes to the pool itself never overlap (Cognito answers
    /// ConcurrentModificationException); what names something comes after it and goes before it.
    fn after(self) -> &'static [Phase] {
        use Phase::{
            Attributes, Client, ClientRemoval, Domain, DomainRemoval, LowerTier, Membership, MembershipRemoval, Mfa,
            OfClient, OfClientRemoval, Part, PartRemoval, Pool, Release,
        };
        const REST: &[Phase] = &[
            Pool,
            Attributes,
            Mfa,
            DomainRemoval,
            Domain,
            Release,
            Part,
            Client,
            ClientRemoval,
            Membership,
            MembershipRemoval,
            OfClient,
            OfClientRemoval,
            PartRemoval,
            LowerTier,
        ];
        match self {
            MembershipRemoval | OfClientRemoval => &[],
            Pool => &[OfClientRemoval],
            ClientRemoval => &[OfClientRemoval],
            Attributes => &[Pool],
            Mfa => &[Pool, Attributes],
            DomainRemoval => &[Pool, Attributes, Mfa, OfClientRemoval],
            Domain => &[Pool, Attributes, Mfa, DomainRemoval],
            Release => &[Pool, Attributes],
            Part => &[Pool, Attributes, Release, MembershipRemoval],
            Client => &[Pool, Attributes, Release, Part, OfClientRemoval],
            OfClient => &[Pool, Attributes, Mfa, Domain, Client, OfClientRemoval],
            Membership => &[Pool, Part, MembershipRemoval],
            PartRemoval => &[Release, Client, ClientRemoval, MembershipRemoval],
            LowerTier => &REST[..REST.len() - 1],
            Phase::PoolRemoval => REST,
        }
    }
}

/// The operation that removes what a draft is about.
fn draft_removal(draft: &Draft) -> &'static str {
    kind_of(draft.kind).map_or("", |kind| kind.delete)
}

/// Whether two bodies, of the same kind, give one name to what they are about.
fn same_name(kind: &Kind, one: &Object, other: &Object) -> bool {
    let [one, other] = [one, other].map(|body| body.get(kind.name_setting()).and_then(Json::as_str));
    one.zip(other).is_some_and(|(one, other)| kind.alike(one, other))
}

/// Whether a part of a pool goes before others of its kind come, one of which will have its name: two parts of one name
/// cannot be there together. Else parts go last, once nothing names them any more.
fn goes_early((pool, goes): &(Address, Draft), drafts: &[(Address, Draft)]) -> bool {
    goes.phase == Phase::PartRemoval
        && kind_of(goes.kind).is_some_and(|kind| {
            goes.operation == kind.delete
                && drafts.iter().any(|(of, comes)| {
                    of == pool
                        && comes.kind == goes.kind
                        && comes.operation == kind.create
                        && same_name(kind, &goes.body, &comes.body)
                })
        })
}

/// Whether a step lets go of the name that a draft for `pool` takes: in the pool itself, or in any where names of the
/// kind are everybody's.
fn frees(step: &Step, pool: &str, draft: &Draft) -> bool {
    kind_of(draft.kind).is_some_and(|kind| {
        draft.operation == kind.create
            && step.operation == kind.delete
            && (kind.name_is_everybodys || step.pool == pool && draft.phase == Phase::Part)
            && same_name(kind, &step.body, &draft.body)
    })
}

/// Gives drafts their places: a step comes after every step of its pool that its phase waits for.
pub(super) fn place(mut drafts: Vec<(Address, Draft)>, plan: &mut Plan) {
    let early: Vec<usize> = (0..drafts.len()).filter(|position| goes_early(&drafts[*position], &drafts)).collect();
    for position in early {
        drafts[position].1.phase = Phase::Part;
    }
    // What goes stands before what comes, for that to wait for it.
    drafts.sort_by_key(|(_, draft)| (draft.phase, draft.operation != draft_removal(draft)));
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
        // What goes lets go of its name before another takes it.
        after.extend(plan.steps.iter().position(|step| frees(step, &call, &draft)));
        // Several requests for one address go one after the other, and so do writes to the pool itself.
        let same_address = plan.steps.iter().rposition(|step| step.address == draft.address);
        if draft.chained || matches!(draft.phase, Phase::Pool | Phase::Attributes) {
            after.extend(same_address);
        }
        by_phase.entry((call.clone(), draft.phase)).or_default().push(position);
        let forgets = match (draft.forgets, draft.phase) {
            (false, _) => Vec::new(),
            (true, Phase::PoolRemoval) => {
                plan.changes.iter().filter(|change| change.pool == call).map(|change| change.address.clone()).collect()
            }
            (true, _) => vec![draft.address.clone()],
        };
        plan.steps.push(Step {
            address: draft.address,
            pool: call,
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
    use serde_json::json;

    use super::{Draft, Phase, Plan, place};
    use crate::kinds::group;

    fn draft(name: &str, operation: &str, phase: Phase) -> (String, Draft) {
        let draft = Draft {
            address: format!("module.pool.group[\"{name}\"]"),
            kind: group::KIND.name,
            operation: operation.to_owned(),
            body: json!({"GroupName": name}).as_object().unwrap().clone(),
            holes: Vec::new(),
            phase,
            why: String::new(),
            until: None,
            remembers: false,
            forgets: false,
            chained: false,
            secret: std::collections::BTreeSet::new(),
        };
        ("module.pool".to_owned(), draft)
    }

    #[test]
    fn a_name_is_let_go_of_before_another_takes_it() {
        let mut plan = Plan::default();
        let drafts = vec![
            draft("staff", group::KIND.create, Phase::Part),
            draft("Staff", group::KIND.delete, Phase::PartRemoval),
            draft("other", group::KIND.create, Phase::Part),
            draft("gone", group::KIND.delete, Phase::PartRemoval),
        ];
        place(drafts, &mut plan);
        let at = |name: &str| plan.steps.iter().position(|step| step.body["GroupName"] == name).unwrap();
        assert_eq!(plan.steps[at("staff")].after, [at("Staff")]);
        for name in ["Staff", "other", "gone"] {
            assert!(plan.steps[at(name)].after.is_empty(), "{name}");
        }
    }
}
