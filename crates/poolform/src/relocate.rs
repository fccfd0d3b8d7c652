//! What `moved`, `removed` and `import` blocks say of pools: which address in the state stands for what.

use std::collections::{BTreeMap, BTreeSet};

use poolform_core::kinds;
use poolform_core::plan::{call_of, instance_of, within};
use poolform_core::terraform::{from_import, identity_of_import, own_address};
use poolform_core::{Address, Move, Recorded, follow};
use poolform_language::Moved;
use poolform_state::State;
use poolform_value::{Diagnostic, Diagnostics, Value};

use crate::root::Root;
use crate::stop::Stop;

impl Root {
    /// Follows the blocks in the state.
    pub fn relocate(&mut self, state: &mut State) -> Result<(), Stop> {
        let mut diagnostics = Diagnostics::new();
        self.move_all(state, &mut diagnostics);
        self.let_go(state, &mut diagnostics);
        self.import(state, &mut diagnostics);
        self.check(diagnostics)
    }

    /// Everything that the files declare: calls, and what is in them.
    fn declared(&self) -> impl Iterator<Item = &str> {
        let desired = self.declarations.iter().flat_map(|declaration| &declaration.desired);
        self.calls.iter().map(|call| call.address.as_str()).chain(desired.map(|desired| desired.address.as_str()))
    }

    /// The instances of a local module, by what is declared and what is there, each with the dot behind it; empty for the
    /// root.
    fn instances(&self, state: &State, module: &str) -> BTreeSet<String> {
        if module.is_empty() {
            return BTreeSet::from([String::new()]);
        }
        let there = state.resources.keys().map(String::as_str);
        let within = self.declared().chain(there).filter_map(|address| instance_of(address, module));
        within.map(|instance| format!("{instance}.")).collect()
    }

    /// An address as the state has it: parts of a module's call in poolform's own spelling, resources in Terraform's.
    fn spelled(&self, state: &State, address: &str) -> Address {
        let call = call_of(address);
        let is_call = self.calls.iter().any(|each| each.address == call || call_name(&each.address) == call)
            || state.resources.keys().any(|each| each == call || call_of(each) == each && call_name(each) == call);
        if is_call { own_address(address) } else { address.to_owned() }
    }

    fn move_all(&self, state: &mut State, diagnostics: &mut Diagnostics) {
        let blocks = self.configuration().moved();
        let there: &State = state;
        let of_instances = blocks.iter().flat_map(|block| {
            let state = there;
            let instances = self.instances(state, &block.module).into_iter();
            instances.map(move |of| {
                let spelled = |address: &str| self.spelled(state, &format!("{of}{address}"));
                (block, Move::new(&spelled(&block.from), &spelled(&block.to)))
            })
        });
        let (blocks, moves): (Vec<&Moved>, Vec<Move>) = of_instances.unzip();
        for (block, each) in blocks.iter().zip(&moves) {
            if self.declared().any(|address| each.leads(address).is_some()) {
                let detail = format!(
                    "{} is still declared, and moved to {} by this block. Remove one of the two.",
                    block.from, block.to
                );
                diagnostics.push(Diagnostic::error("Moved module still exists", detail).at(Some(&block.span)));
            }
            // From a resource of Terraform's own into a pool: this state never had it.
            let into_a_pool = self.calls.iter().any(|call| call.address == call_of(each.to()));
            let there = |address: &str| state.resources.keys().any(|each| within(each, address));
            if call_of(each.from()).is_empty() && into_a_pool && !there(each.to()) {
                let detail = format!(
                    "{} was never in poolform's state, so that this block moves nothing here. Take it over by an import \
                     block: to = {}, and the id that the AWS provider imports it by.",
                    block.from,
                    each.to()
                );
                diagnostics.push(Diagnostic::warning("Move that moves nothing", detail).at(Some(&block.from_span)));
            }
        }
        if diagnostics.has_errors() {
            return;
        }
        let along = |address: &str, to: &str, mut recorded: Recorded| {
            // What is in a module's call is of its pool, whichever that is by now.
            let in_a_call = recorded.pool.is_empty() && !self.is_resource(to);
            let pool = follow(&moves, recorded.pool_of(address));
            recorded.pool = if in_a_call || pool == call_of(to) { Address::new() } else { pool };
            recorded
        };
        let (stay, go): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut state.resources)
            .into_iter()
            .map(|(address, recorded)| {
                let to = follow(&moves, &address);
                let recorded = along(&address, &to, recorded);
                (to, (address, recorded))
            })
            .map(|(to, (address, recorded))| (address, (to, recorded)))
            .partition(|(address, (to, _))| address == to);
        let mut resources: BTreeMap<Address, Recorded> =
            stay.into_iter().map(|(address, (_, recorded))| (address, recorded)).collect();
        // Pools first: a part goes only where its pool goes.
        let (pools, parts): (Vec<_>, Vec<_>) =
            go.into_iter().partition(|(_, (_, recorded))| recorded.kind == kinds::pool().name);
        let mut blocked: BTreeSet<Address> = BTreeSet::new();
        for (address, (to, recorded)) in pools.into_iter().chain(parts) {
            // What is there already stays: it was moved before, or made in its place.
            let reason = if resources.contains_key(&to) {
                Some(format!("{to} is there already"))
            } else {
                leaves_its_pool(&resources, &to, &recorded).map(|id| format!("its pool {id} does not move along"))
            };
            let Some(reason) = reason else {
                resources.insert(to, recorded);
                continue;
            };
            // Of a pool that stays, said once for all of it.
            if !blocked.contains(recorded.pool_of(&address)) && !blocked.contains(call_of(&address)) {
                let detail = format!("{reason}, so that {address} stays where it is.");
                diagnostics.push(Diagnostic::warning("Move that is blocked", detail).of(&to));
            }
            blocked.insert(address.clone());
            resources.insert(address, recorded);
        }
        state.resources = resources;
    }

    fn let_go(&self, state: &mut State, diagnostics: &mut Diagnostics) {
        let blocks = self.configuration().removed();
        let of_instances = blocks.iter().flat_map(|removed| {
            let instances = self.instances(state, &removed.module).into_iter();
            instances.map(move |of| (removed, format!("{of}{}", removed.from)))
        });
        for (removed, written) in of_instances.collect::<Vec<_>>() {
            let from = self.spelled(state, &written);
            // The pool's own resource in the original's spelling, not all of its module.
            let alone = from != written && from == call_of(&from);
            let meant = |address: &str| if alone { address == from } else { within(address, &from) };
            if self.declared().any(meant) {
                let detail =
                    format!("{} is still declared, and let go by this block. Remove one of the two.", removed.from);
                diagnostics.push(Diagnostic::error("Removed module still exists", detail).at(Some(&removed.span)));
            } else if !removed.destroy {
                state.resources.retain(|address, _| !meant(address));
            }
        }
    }

    fn import(&self, state: &mut State, diagnostics: &mut Diagnostics) {
        let mut found: Vec<(Address, Recorded)> = Vec::new();
        let blocks = self.configuration().imports();
        let of_call = |to: &str| self.calls.iter().any(|call| call.address == call_of(to));
        let declared =
            |to: &str| self.declarations.iter().flat_map(|each| &each.desired).find(|each| each.address == to);
        for import in blocks.iter().filter(|each| of_call(&each.to) || declared(&each.to).is_some()) {
            let id = import.id.as_ref().and_then(Value::as_str);
            let adopted = id.and_then(|id| match declared(&import.to).filter(|_| !of_call(&import.to)) {
                Some(desired) => {
                    let identity = identity_of_import(kinds::kind(desired.kind)?, id)?;
                    let (kind, pool) = (desired.kind.to_owned(), desired.pool.clone());
                    Some((import.to.clone(), Recorded { kind, pool, identity, ..Recorded::default() }))
                }
                None => from_import(&import.to, id),
            });
            match adopted {
                Some(adopted) => found.push(adopted),
                None => {
                    let detail = "This block must name a part of the pool and the id that the AWS provider imports it by: \
                                  \"POOL_ID\", \"POOL_ID/CLIENT_ID\", \"POOL_ID|IDENTIFIER\" of a resource server, \
                                  \"POOL_ID/GROUP\", \"POOL_ID:PROVIDER\", or the name of a domain.";
                    diagnostics
                        .push(Diagnostic::error("Import block that is not understood", detail).at(Some(&import.span)));
                }
            }
        }
        // Pools first: a domain's import id does not name its pool.
        found.sort_by_key(|(_, recorded)| recorded.kind != kinds::pool().name);
        for (address, mut recorded) in found {
            let pool = state.resources.get(recorded.pool_of(&address)).and_then(|pool| pool.identity.get("UserPoolId"));
            match (recorded.identity.get("UserPoolId").is_some_and(String::is_empty), pool) {
                (true, Some(pool)) => {
                    recorded.identity.insert("UserPoolId".to_owned(), pool.clone());
                }
                (true, None) => {
                    let detail = "The id of a domain does not say whose it is. Import its pool too.";
                    diagnostics.push(Diagnostic::error("Import of a domain without its pool", detail).of(&address));
                    continue;
                }
                (false, _) => {}
            }
            state.resources.entry(address).or_insert(recorded);
        }
    }
}

/// The pool of a part that would come to stand in another pool's call, or apart from its own; None for what goes where its
/// pool is.
fn leaves_its_pool<'r>(resources: &BTreeMap<Address, Recorded>, to: &str, recorded: &'r Recorded) -> Option<&'r str> {
    let own = recorded.identity.get("UserPoolId")?;
    let call = recorded.pool_of(to);
    let is_own = |pool: &Recorded| pool.identity.get("UserPoolId") == Some(own);
    let apart = |(address, other): (&Address, &Recorded)| {
        other.kind == kinds::pool().name && (address == call) != is_own(other)
    };
    (to != call && resources.iter().any(apart)).then_some(own.as_str())
}

/// The address of a call without the key of its instance.
fn call_name(address: &str) -> &str {
    if address.ends_with(']') { address.rsplit_once('[').map_or(address, |(name, _)| name) } else { address }
}
