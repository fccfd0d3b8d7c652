//! The order of requests within a pool, and their places in a plan.

use std::collections::{BTreeMap, BTreeSet};

use poolform_model::Object;

use super::{Draft, Plan, Step};
use crate::declaration::kind_of;
use crate::resource::Address;

/// When a step comes within its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
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
            Part, PartRemoval, Pool, Release,
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
            PartRemoval,
            LowerTier,
        ];
        match self {
            Pool | ClientRemoval | MembershipRemoval => &[],
            Attributes => &[Pool],
            Mfa => &[Pool, Attributes],
            DomainRemoval => &[Pool, Attributes, Mfa],
            Domain => &[Pool, Attributes, Mfa, DomainRemoval],
            Release => &[Pool, Attributes],
            Part => &[Pool, Attributes, Release, MembershipRemoval],
            Client => &[Pool, Attributes, Release, Part],
            Membership => &[Pool, Part],
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

/// Gives drafts their places: a step comes after every step of its pool that its phase waits for.
pub(super) fn place(mut drafts: Vec<(Address, Draft)>, plan: &mut Plan) {
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
        // A name that is everybody's is let go of first, a domain's by the pool that has it.
        if let Some(kind) = kind_of(draft.kind).filter(|kind| kind.name_is_everybodys && draft.operation == kind.create)
        {
            let name = |body: &Object| body.get(kind.name_setting()).cloned();
            let frees = |step: &Step| step.operation == kind.delete && name(&step.body) == name(&draft.body);
            after.extend(plan.steps.iter().position(frees));
        }
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
