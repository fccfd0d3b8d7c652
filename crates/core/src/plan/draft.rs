//! Requests before they have a place in a plan.

use std::collections::BTreeSet;

use poolform_model::Object;
use serde_json::Value as Json;

use super::{Hole, Phase, Until};
use crate::change::{self, SettingChange};
use crate::kinds::Kind;
use crate::resource::{Address, Desired, Observed, Recorded, quoted};
use crate::setting;

/// A step before it has a place in a plan.
pub(crate) struct Draft {
    pub(crate) address: Address,
    pub(crate) kind: &'static str,
    pub(crate) operation: String,
    pub(crate) body: Object,
    pub(crate) holes: Vec<Hole>,
    pub(crate) phase: Phase,
    pub(crate) why: String,
    pub(crate) until: Option<Until>,
    pub(crate) remembers: bool,
    pub(crate) forgets: bool,
    /// Comes after the draft before it.
    pub(crate) chained: bool,
    pub(crate) secret: BTreeSet<String>,
}

impl Draft {
    pub(crate) fn new(drafting: &Drafting<'_>, operation: &str, body: Object, phase: Phase, why: &str) -> Self {
        let secret = drafting.desired.map(|desired| carried(drafting.kind, desired, &body)).unwrap_or_default();
        Draft {
            address: drafting.address.to_owned(),
            kind: drafting.kind.name,
            operation: operation.to_owned(),
            holes: Vec::new(),
            phase,
            why: why.to_owned(),
            until: None,
            remembers: false,
            forgets: false,
            chained: false,
            secret,
            body,
        }
    }
}

/// The paths in a body that carry what must never be shown.
fn carried(kind: &Kind, desired: &Desired, body: &Object) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, key) in &desired.secret {
        for path in kind.rules.sent_as(path) {
            let value = setting::get(body, &path);
            match key {
                Some(key) if value.get(key).is_some() => found.insert(format!("{path}[{}]", quoted(key))),
                None if !value.is_null() => found.insert(path),
                _ => false,
            };
        }
    }
    found
}

/// What a kind needs to know to draft its requests.
pub(crate) struct Drafting<'a> {
    pub(crate) kind: &'static Kind,
    pub(crate) address: &'a str,
    /// The address of the pool.
    pub(crate) call: &'a str,
    pub(crate) desired: Option<&'a Desired>,
    pub(crate) recorded: Option<&'a Recorded>,
    pub(crate) observed: Option<&'a Observed>,
    pub(crate) changes: &'a [SettingChange],
    /// Whether what is there goes and another comes.
    pub(crate) replaces: bool,
}

impl Drafting<'_> {
    /// Why what is there goes.
    pub(crate) fn why_it_goes(&self) -> &'static str {
        if self.replaces { "another takes its place" } else { "no longer declared" }
    }

    /// The members that name what is there, or None when nothing is.
    pub(crate) fn identity(&self) -> Option<Object> {
        self.observed?;
        let recorded = self.recorded?;
        Some(recorded.identity.iter().map(|(member, value)| (member.clone(), Json::String(value.clone()))).collect())
    }

    /// The settings after the change: everything that is there, overlaid with what changes.
    pub(crate) fn merged(&self) -> Object {
        self.observed.map(|observed| change::overlay(&observed.settings, self.changes)).unwrap_or_default()
    }

    /// The holes of a creation: the pool's id, and those of other parts.
    pub(crate) fn holes(&self) -> Vec<Hole> {
        let ids = self.desired.map(|desired| &desired.ids).into_iter().flatten();
        let of_parts = ids.map(|(member, address)| Hole { member: (*member).to_owned(), address: address.clone() });
        std::iter::once(self.pool_hole()).chain(of_parts).collect()
    }

    /// The hole for the pool's id.
    pub(crate) fn pool_hole(&self) -> Hole {
        Hole { member: "UserPoolId".to_owned(), address: self.call.to_owned() }
    }
}

/// The drafts of a part of a pool that is made, changed by a full echo, and removed by one request each.
pub(crate) fn part(drafting: &Drafting<'_>, phase: Phase, removal: Phase) -> Vec<Draft> {
    let kind = drafting.kind;
    let creation = |settings: &Object| {
        let mut create = Draft::new(drafting, kind.create, setting::compact(settings), phase, "new");
        create.holes = drafting.holes();
        create.remembers = true;
        create
    };
    let delete = |identity: Object| {
        let mut delete = Draft::new(drafting, kind.delete, identity, removal, drafting.why_it_goes());
        delete.forgets = true;
        delete
    };
    match (drafting.desired, drafting.identity()) {
        (None, None) => Vec::new(),
        (None, Some(identity)) => vec![delete(identity)],
        (Some(desired), None) => vec![creation(&desired.settings)],
        (Some(desired), Some(identity)) if drafting.replaces => {
            let mut create = creation(&desired.settings);
            create.chained = true;
            // What hangs on other parts goes before either of them does.
            let early = [Phase::MembershipRemoval, Phase::OfClientRemoval].contains(&removal);
            let phase = if early { removal } else { phase };
            vec![Draft { forgets: false, phase, ..delete(identity) }, create]
        }
        (Some(_), Some(identity)) => {
            let mut body = kind.echo(&drafting.merged());
            body.extend(identity);
            vec![Draft::new(drafting, kind.update, body, phase, "in place, everything else sent back as it is")]
        }
    }
}
