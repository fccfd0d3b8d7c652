//! What must hold for every declaration.

use poolform_apply::observe;
use poolform_core::argument::Reset;
use poolform_core::describe::{describe, undeclared};
use poolform_core::kinds::{KINDS, Kind, client, domain, group, identity_provider, resource_server, user_pool};
use poolform_core::{Call, Context, declare, setting};
use poolform_model::Object;
use poolform_value::{Value, from_json};
use proptest::prelude::*;

use crate::declarations::arguments;
use crate::world::{Arguments, World};

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    /// Planning after apply is empty, and a destroy leaves nothing.
    #[test]
    fn the_plan_after_an_apply_is_empty(arguments in arguments()) {
        let mut world = World::new();
        prop_assume!(world.apply(Some(&arguments)));
        let (plan, observed, said) = world.plan(Some(&arguments));
        prop_assert!(plan.is_empty() && !said.has_errors(), "{plan:#?} {said:?}");
        // What Cognito fills in by itself is nobody's change.
        let call = Call { address: "module.pool".to_owned(), arguments: arguments.clone() };
        for desired in declare(&call, &Context::default()).0.desired {
            let kind = KINDS.iter().find(|kind| kind.name == desired.kind).unwrap();
            prop_assert_eq!(undeclared(kind, &desired, &observed[&desired.address]), []);
        }
        prop_assert!(world.apply(None));
        prop_assert!(world.recorded.is_empty());
        let (plan, _, _) = world.plan(None);
        prop_assert!(plan.is_empty());
    }

    /// What is there describes itself: the arguments that are written for an adopted pool plan nothing.
    #[test]
    fn an_adopted_pool_plans_nothing(arguments in arguments()) {
        let mut world = World::new();
        prop_assume!(world.apply(Some(&arguments)) && !world.recorded.is_empty());
        let written = describe_all(&world);
        for recorded in world.recorded.values_mut() {
            recorded.declared.clear();
            recorded.keys.clear();
        }
        let (plan, _, said) = world.plan(Some(&written));
        prop_assert!(plan.is_empty() && !said.has_errors(), "{written:#?}\n{plan:#?} {said:?}");
    }

    /// A and then B ends where B alone ends, or B is refused whole.
    #[test]
    fn the_way_does_not_matter(first in arguments(), second in arguments()) {
        let mut world = World::new();
        prop_assume!(world.apply(Some(&first)));
        let before = world.settings();
        if !world.apply(Some(&second)) {
            prop_assert_eq!(world.settings(), before);
            return Ok(());
        }
        let (plan, _, said) = world.plan(Some(&second));
        prop_assert!(plan.is_empty() && !said.has_errors(), "{plan:#?} {said:?}");
        let mut straight = World::new();
        prop_assert!(straight.apply(Some(&second)));
        let (here, there) = (world.settings(), straight.settings());
        prop_assert_eq!(here.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
        for (address, settings) in &here {
            prop_assert_eq!(as_declared(address, settings), as_declared(address, &there[address]), "{}", address);
        }
    }
}

/// The arguments of a call that declares everything in `world`.
fn describe_all(world: &World) -> Arguments {
    let observed = observe(&world.cognito, &world.recorded, 4).unwrap();
    let mut arguments = Arguments::new();
    for (list, kind) in [
        ("", &user_pool::KIND),
        ("", &domain::KIND),
        ("clients", &client::KIND),
        ("user_groups", &group::KIND),
        ("resource_servers", &resource_server::KIND),
        ("identity_providers", &identity_provider::KIND),
    ] {
        let of_kind = observed.iter().filter(|(address, _)| world.recorded[*address].kind == kind.name);
        let described = of_kind.map(|(_, observed)| {
            describe(kind, observed)
                .into_iter()
                // Details of providers are secrets, and adopting declares a sensitive variable for them.
                .map(|(name, json)| (name.to_owned(), from_json(&json).marked(name == "provider_details")))
                .collect::<Arguments>()
        });
        if list.is_empty() {
            arguments.extend(described.flatten());
        } else {
            let items = described.map(Value::object).collect();
            arguments.insert(list.to_owned(), Value::tuple(items));
        }
    }
    arguments
}

/// Without what Cognito keeps of an earlier declaration whatever comes after: settings whose rows say that they cannot
/// be unset, and attributes, which cannot be removed; without defaults, which are shown once they were sent.
fn as_declared(address: &str, settings: &str) -> serde_json::Value {
    let mut settings: Object = serde_json::from_str(settings).unwrap();
    settings.remove("Schema");
    // The tier that a new pool gets with its threat protection is nobody's, and stays.
    settings.remove("UserPoolTier");
    // Cognito cannot take SMS away again; the factor goes with the pool's own configuration of it.
    setting::remove(&mut settings, "MfaConfig.SmsMfaConfiguration");
    let kind = KINDS.iter().find(|kind| !kind.segment.is_empty() && address.contains(&format!(".{}", kind.segment)));
    for row in kind.unwrap_or(&&user_pool::KIND).settings() {
        let default = setting::get(&settings, row.api) == &Kind::unset_value(row);
        if default || matches!(row.reset, Reset::Never(_)) {
            setting::remove(&mut settings, row.api);
        }
    }
    serde_json::Value::Object(settings)
}
