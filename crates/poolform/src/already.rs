//! What Cognito has already by the name of a declared part: found while planning, so that no apply ends half way.

use std::collections::BTreeMap;

use poolform_apply::{Coming, there_already};
use poolform_core::kinds::{self, Kind, Names};
use poolform_core::plan::within;
use poolform_core::terraform::import_block;
use poolform_core::{Address, Declaration, Desired, setting};
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
        let Some(kind) = kinds::kind(desired.kind).filter(|kind| !kind.is_pool() && kind.identity.len() == 2) else {
            continue;
        };
        let Some(name) = text(desired, kind.name_setting()).filter(|_| targeted(&desired.address)) else { continue };
        match world.state.resources.get(&desired.address) {
            Some(recorded) if !kind.name_is_everybodys || recorded.identity.get(kind.name_setting()) == Some(&name) => {
            }
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
            let pool = pool_of(&desired.pool).map(String::as_str);
            Some(Coming { address: &desired.address, kind, pool, name })
        })
        .collect();
    let named = named_elsewhere(&declarations, world, &pool_of);
    let named_coming = named.iter().filter_map(|each| {
        let pool = pool_of(&each.client.pool).map(String::as_str);
        Some(Coming { address: &each.address, kind: each.kind, pool: Some(pool?), name: &each.name })
    });
    let coming: Vec<Coming<'_>> = coming.into_iter().chain(named_coming).collect();
    let mut found = there_already(&*world.connection.cognito, &coming)?;
    for each in named.iter().filter(|each| !found.contains_key(&each.address) && targeted(&each.client.address)) {
        let detail = format!(
            "This client names the {} {}, which the pool does not have and nobody declares. Declare it, or take it out.",
            each.kind.noun,
            each.client.shown(each.path, format_args!("\"{}\"", each.name))
        );
        let summary = format!("Unknown {}", each.kind.noun);
        diagnostics.push(Diagnostic::error(summary, detail).about(&each.client.call, &each.client.place(each.path)));
    }
    for each in found.values_mut() {
        // What is managed here under another address is no stranger: it goes, or it is moved.
        each.retain(|identity| !world.state.resources.values().any(|known| known.identity == *identity));
    }
    for (desired, name) in &names {
        let there = found.remove(&desired.address).unwrap_or_default();
        let own = pool_of(&desired.pool);
        if let Some(refusal) = stranger(desired, name, &there, own) {
            diagnostics.push(refusal);
        }
    }
    root.check(diagnostics)
}

/// Something that a client names and nobody here declares.
struct Named<'d> {
    client: &'d Desired,
    path: &'static str,
    kind: &'static Kind,
    name: String,
    /// Where it would be, were it declared.
    address: Address,
}

/// What clients of pools that are there name and nobody here declares or manages: it must be somebody else's.
fn named_elsewhere<'d>(
    declarations: &'d [Declaration],
    world: &World,
    pool_of: &dyn Fn(&str) -> Option<&'d String>,
) -> Vec<Named<'d>> {
    let mut found: Vec<Named<'d>> = Vec::new();
    for declaration in declarations.iter().filter(|each| pool_of(&each.address).is_some()) {
        let ours = |kind: &Kind, name: &str| {
            let recorded = world.state.resources.iter().any(|(address, recorded)| {
                recorded.kind == kind.name
                    && recorded.pool_of(address) == declaration.address
                    && recorded.identity.get(kind.key).is_some_and(|known| known == name)
            });
            let called = |desired: &Desired| setting::get(&desired.settings, kind.key).as_str() == Some(name);
            recorded || declaration.desired.iter().any(|desired| desired.kind == kind.name && called(desired))
        };
        for client in &declaration.desired {
            for Names { path, kind, part } in kinds::kind(client.kind).map_or(&[][..], |kind| kind.names) {
                let listed = setting::get(&client.settings, path).as_array().into_iter().flatten();
                for name in listed.filter_map(serde_json::Value::as_str).filter_map(part) {
                    let address = kind.address(&client.pool, name);
                    if !ours(kind, name) && !found.iter().any(|other| other.address == address) {
                        found.push(Named { client, path, kind, name: name.to_owned(), address });
                    }
                }
            }
        }
    }
    found
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
    let detail = if pool != own && kind.name_is_everybodys {
        let pool = pool.map_or("another one", String::as_str);
        format!("The {} {name} is that of the pool {pool}. Choose another, or delete it there first.", kind.noun)
    } else if let Some(called) = first.get("GroupName").filter(|called| *called != name) {
        // An import under this name would be a change that Cognito never makes.
        format!(
            "The pool has the group {called}, made elsewhere, and names of groups must differ by more than letter case. Declare \
             it as \"{called}\" to take it over, or give this one another name."
        )
    } else {
        let block = import_block(&desired.address, kind, first);
        let block: String = block.lines().map(|line| format!("    {line}\n")).collect();
        let ids: Vec<&str> = there.iter().filter_map(|identity| identity.get("ClientId")).map(String::as_str).collect();
        let what = if kind.namesakes.is_some() {
            format!("an {} {name} ({}), and this would be another of its name", kind.noun, ids.join(", "))
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
    let kind = kinds::kind(desired.kind).filter(|kind| !kind.named_by_pool.is_empty())?;
    let custom = !setting::is_empty(setting::get(&desired.settings, "CustomDomainConfig"));
    let pool = world.observed.get(&desired.pool)?;
    let there = setting::get(&pool.answer, if custom { "CustomDomain" } else { "Domain" }).as_str()?;
    let managed = world.state.resources.iter().any(|(address, known)| {
        known.pool_of(address) == desired.pool && known.identity.get("Domain").is_some_and(|known| known == there)
    });
    let identity = BTreeMap::from([("Domain".to_owned(), there.to_owned())]);
    (there != name && !managed).then(|| {
        let block = import_block(&desired.address, kind, &identity);
        let block: String = block.lines().map(|line| format!("    {line}\n")).collect();
        let detail = format!(
            "The pool has the domain {there}, made elsewhere, and can have no second one of its form. To take it over, \
             which lets this plan replace it, add:\n{block}Otherwise declare that one, or delete it first."
        );
        Diagnostic::error("There already", detail).about(&desired.call, &desired.place("Domain"))
    })
}
