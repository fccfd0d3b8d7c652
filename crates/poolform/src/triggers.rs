//! `replace_triggered_by`: what is replaced because something else of the root changes.

use std::collections::BTreeMap;

use poolform_core::plan::within;
use poolform_core::{Action, Address, Change, Plan};
use poolform_value::{Diagnostic, Diagnostics};

use crate::resources::without_keys;
use crate::root::Root;

/// What a plan changes that replaces a resource: the resources, each with what it names. Only what is there and changes
/// replaces another, as in Terraform: what comes or goes does not.
pub fn triggered(root: &Root, plan: &Plan) -> BTreeMap<Address, String> {
    let mut found = BTreeMap::new();
    for resource in &root.resources {
        let triggers = &resource.lifecycle.replace_triggered_by;
        let first = triggers.iter().find(|trigger| plan.changes.iter().any(|change| changes(change, trigger)));
        found.extend(first.map(|trigger| (resource.address.clone(), trigger.clone())));
    }
    found
}

/// Whether a change is one of what `trigger` names: a resource, an instance of it, or an attribute.
fn changes(change: &Change, trigger: &str) -> bool {
    if !matches!(change.action, Action::Update | Action::Replace) {
        return false;
    }
    if within(&change.address, trigger) {
        return true;
    }
    let attribute = trigger.strip_prefix(change.address.as_str()).and_then(|rest| rest.strip_prefix('.'));
    attribute.is_some_and(|attribute| {
        // Blocks are lists of one in references, and have no index in plans.
        let attribute = without_keys(attribute);
        let names = |argument: &str| within(argument, &attribute) || within(&attribute, argument);
        // Another one has another id, and all else that Cognito makes up.
        change.action == Action::Replace || change.settings.iter().any(|setting| names(&setting.argument))
    })
}

/// Says of what poolform cannot tell whether it changes: what Terraform alone keeps.
pub fn unwatched(root: &Root) -> Diagnostics {
    let mut found = Diagnostics::new();
    let ours = |trigger: &str| {
        root.resources.iter().any(|other| within(&other.address, trigger) || within(trigger, &other.address))
    };
    for resource in &root.resources {
        for trigger in resource.lifecycle.replace_triggered_by.iter().filter(|trigger| !ours(trigger)) {
            let detail = format!(
                "lifecycle.replace_triggered_by of {} names {trigger}, which poolform does not keep: a change of it replaces \
                 nothing here. Terraform replaces it.",
                resource.address
            );
            found.push(Diagnostic::warning("Trigger that is not watched", detail).at(Some(&resource.span)));
        }
    }
    found
}
