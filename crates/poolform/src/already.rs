//! What Cognito has already by the name of a declared part: found while planning, so that no apply ends half way.

use std::collections::BTreeMap;

use poolform_apply::{Coming, there_already};
use poolform_core::kinds::{self, client, domain, user_pool};
use poolform_core::plan::{call_of, within};
use poolform_core::terraform::import_block;
use poolform_core::{Desired, setting};
use poolform_value::{Diagnostic, Diagnostics};

use crate::cli::PlanningArgs;
use crate::root::Root;
use crate::stop::Stop;
use crate::world::World;

/// Refuses what would be made a second time, and says how to take over what is there.
pub fn check(root: &mut Root, world: &World, planning: &PlanningArgs) -> Result<(), Stop> {
    let declarations = root.declarations.clone();
    let text = |desired: &Desired, path: &str| setting::get(&desired.settings, path).as_str().map(str::to_owned);
    let pool_of = |call: &str| {
        // A pool that is replaced is another one.
        let recorded = world.state.resources.get(call).filter(|_| world.observed.contains_key(call));
        recorded.filter(|_| !planning.allow_replace.iter().any(|each| each == call))?.identity.get("UserPoolId")
    };
    let targeted =
        |address: &str| planning.target.is_empty() || planning.target.iter().any(|each| within(address, each));
    let mut diagnostics = Diagnostics::new();
    let mut names: Vec<(&Desired, String)> = Vec::new();
    for desired in declarations.iter().flat_map(|declaration| &declaration.desired) {
        let Some(kind) = kinds::kind(desired.kind).filter(|kind| kind.name != user_pool::KIND.name) else { continue };
        let Some(name) = text(desired, kind.name_setting()).filter(|_| targeted(&desired.address)) else { continue };
        match world.state.resources.get(&desired.address) {
            Some(recorded) if kind.name != domain::KIND.name || recorded.identity.get("Domain") == Some(&name) => {}
            Some(_) => names.push((desired, name)),
            None => match second_domain(world, desired, &name) {
                Some(diagnostic) => diagnostics.push(diagnostic),
                None => names.push((desired, name)),
            },
        }
    }
    let coming: Vec<Coming<'_>> = names
        .iter()
        .filter_map(|(desired, name)| {
            let kind = kinds::kind(desired.kind)?;
            let pool = pool_of(&desired.call).map(String::as_str);
            Some(Coming { address: &desired.address, kind, pool, name })
        })
        .collect();
    let mut found = there_already(&*world.connection.cognito, &coming)?;
    for each in found.values_mut() {
        // What is managed here under another address is no stranger: it goes, or it is moved.
        each.retain(|identity| !world.state.resources.values().any(|known| known.identity == *identity));
    }
    for (desired, name) in &names {
        let there = found.remove(&desired.address).unwrap_or_default();
        let own = pool_of(&desired.call);
        if let Some(refusal) = stranger(desired, name, &there, own) {
            diagnostics.push(refusal);
        }
    }
    root.check(diagnostics)
}

fn stranger(
    desired: &Desired,
    name: &str,
    there: &[BTreeMap<String, String>],
    own: Option<&String>,
) -> Option<Diagnostic> {
    let kind = kinds::kind(desired.kind)?;
    let first = there.first()?;
    let pool = first.get("UserPoolId");
    let detail = if pool != own && kind.name == domain::KIND.name {
        let pool = pool.map_or("another one", String::as_str);
        format!("The domain {name} is that of the pool {pool}. Choose another, or delete it there first.")
    } else {
        let block = import_block(&desired.address, kind, first);
        let block: String = block.lines().map(|line| format!("    {line}\n")).collect();
        let ids: Vec<&str> = there.iter().filter_map(|identity| identity.get("ClientId")).map(String::as_str).collect();
        let what = if kind.name == client::KIND.name {
            format!("an app client {name} ({}), and this would be another of its name", ids.join(", "))
        } else {
            format!("the {} {name}", kind.noun)
        };
        format!(
            "The pool has {what}, made elsewhere. To take it over as it is, add:\n{block}Otherwise give this one another \
             name, or delete the other first."
        )
    };
    Some(Diagnostic::error("There already", detail).about(&desired.call, &desired.place(kind.name_setting())))
}

/// A pool has one domain of each form, so that one that somebody else gave it stands in the way of any other.
fn second_domain(world: &World, desired: &Desired, name: &str) -> Option<Diagnostic> {
    if desired.kind != domain::KIND.name {
        return None;
    }
    let custom = !setting::is_empty(setting::get(&desired.settings, "CustomDomainConfig"));
    let pool = world.observed.get(&desired.call)?;
    let there = setting::get(&pool.answer, if custom { "CustomDomain" } else { "Domain" }).as_str()?;
    let managed = world.state.resources.iter().any(|(address, known)| {
        call_of(address) == desired.call && known.identity.get("Domain").is_some_and(|known| known == there)
    });
    let identity = BTreeMap::from([("Domain".to_owned(), there.to_owned())]);
    (there != name && !managed).then(|| {
        let block = import_block(&desired.address, &domain::KIND, &identity);
        let block: String = block.lines().map(|line| format!("    {line}\n")).collect();
        let detail = format!(
            "The pool has the domain {there}, made elsewhere, and can have no second one of its form. To take it over, \
             which lets this plan replace it, add:\n{block}Otherwise declare that one, or delete it first."
        );
        Diagnostic::error("There already", detail).about(&desired.call, &desired.place("Domain"))
    })
}
