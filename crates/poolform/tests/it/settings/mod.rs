//! One test per setting: a declaration is applied, users do something, one argument changes, and the same users meet
//! something else. The list of arguments comes from the core's rows: one without a test and without a reason fails, and so
//! does an entry that names no argument.

mod client;
mod part;
mod pool;
mod provider;
mod trigger;
mod world;

use std::collections::BTreeSet;

use poolform_core::argument::{Argument, Kind as Type};
use poolform_core::arguments;

use world::World;

/// One argument, and what users meet before and after it changes.
pub struct Setting {
    /// `password_minimum_length`, `user_groups.role_arn`; of clients without `clients.`, because each is tested as an
    /// attribute of a client and as the module's default for it.
    pub argument: &'static str,
    /// Arguments that stand in both declarations.
    pub with: &'static str,
    /// The argument before; empty where it is not given.
    pub before: &'static str,
    /// The argument after.
    pub after: &'static str,
    /// What users do: what they meet, in words.
    pub feel: fn(&mut World) -> String,
    /// What they meet before and after.
    pub sees: [&'static str; 2],
}

/// Arguments that no sign-up or sign-in depends on, and why.
const NOT_FELT: &[(&str, &str)] = &[
    ("name", "operators read a pool's name; no answer or message to a user carries it"),
    ("module_tags", "tags are for operators"),
    ("tags", "tags are for operators"),
    ("module_depends_on", "it orders Terraform's work and is no setting of Cognito"),
    ("user_pool_tier", "it decides what may be declared: what a tier lacks is refused when it is declared"),
    ("deletion_protection", "it guards the pool against its operators"),
    (
        "advanced_security_custom_auth_mode",
        "threat protection of custom challenges is kept, and judges nobody on this machine",
    ),
    ("allowed_first_auth_factors", "choice-based sign-in (USER_AUTH) is not built into the local Cognito yet"),
    ("email_configuration_set", "SES counts mails by it; none leaves the machine"),
    (
        "lambda_custom_email_sender.lambda_arn",
        "custom senders are not built into the local Cognito yet, and refused by name",
    ),
    ("lambda_custom_email_sender.lambda_version", "as lambda_custom_email_sender"),
    ("lambda_custom_email_sender", "as its function"),
    ("lambda_custom_sms_sender.lambda_arn", "as lambda_custom_email_sender"),
    ("lambda_custom_sms_sender.lambda_version", "as lambda_custom_email_sender"),
    ("lambda_custom_sms_sender", "as its function"),
    ("lambda_kms_key_id", "the key of custom senders"),
    (
        "lambda_pre_token_generation_config.lambda_arn",
        "as lambda_pre_token_generation, whose function runs wherever it is",
    ),
    (
        "lambda_inbound_federation.lambda_arn",
        "the trigger is not built into the local Cognito yet, and refused by name",
    ),
    ("lambda_inbound_federation.lambda_version", "as lambda_inbound_federation"),
    ("lambda_inbound_federation", "as its function"),
    ("key_configuration.key_type", "keys of KMS are another service's; the store lies on this machine"),
    ("key_configuration.kms_key_arn", "as key_configuration"),
    ("key_configuration", "as its members"),
    ("issuer_configuration.type", "the local issuer is an address of this machine"),
    ("issuer_configuration", "as its members"),
    ("dcr_configuration.enable_status", "registration of clients is not built into the local Cognito yet"),
    ("dcr_configuration.open_dcr_enabled", "as dcr_configuration"),
    ("dcr_configuration.authenticated_grant_types", "as dcr_configuration"),
    ("dcr_configuration.open_dcr_grant_types", "as dcr_configuration"),
    ("dcr_configuration.allowed_scopes", "as dcr_configuration"),
    ("dcr_configuration", "as its members"),
    ("acr_configuration.level_1", "the local Cognito's tokens have no acr yet"),
    ("acr_configuration.level_2", "as acr_configuration"),
    ("acr_configuration.level_3", "as acr_configuration"),
    ("acr_configuration.level_4", "as acr_configuration"),
    ("acr_configuration", "as its members"),
    ("identity_providers.acr_mapping", "as acr_configuration"),
    ("web_authn_configuration.factor_configuration", "as web_authn_configuration"),
    ("domain_security_policy", "TLS of a custom domain is CloudFront's; the local server has its own"),
    ("domain_routing.secondary_region", "there is one machine"),
    ("domain_routing.primary_route53_health_check_id", "there is one machine"),
    ("domain_routing", "as its members"),
    ("managed_login_version", "the local pages are the same for both"),
    ("web_authn_configuration", "passkeys are not built into the local Cognito yet"),
    ("web_authn_configuration.relying_party_id", "as web_authn_configuration"),
    ("web_authn_configuration.user_verification", "as web_authn_configuration"),
    (
        "clients.enable_propagate_additional_user_context_data",
        "the context is for threat protection, which judges nobody here",
    ),
    (
        "default_client_enable_propagate_additional_user_context_data",
        "the context is for threat protection, which judges nobody here",
    ),
    ("sms_configuration.sns_region", "where text messages are published; none leaves the machine"),
    ("sms_configuration.external_id", "a condition in the trust policy of a role, which nothing here assumes"),
    ("sms_configuration.sns_caller_arn", "the role that publishes text messages; none leaves the machine"),
    ("clients.name", "operators read a client's name; users and apps know its id"),
    ("clients.user_pool_id", "it may only repeat the pool that is declared"),
    ("clients.analytics_configuration", "Pinpoint has ended; events were never shown to users"),
    ("clients.analytics_configuration.application_arn", "as analytics_configuration"),
    ("clients.analytics_configuration.application_id", "as analytics_configuration"),
    ("clients.analytics_configuration.external_id", "as analytics_configuration"),
    ("clients.analytics_configuration.role_arn", "as analytics_configuration"),
    ("clients.analytics_configuration.user_data_shared", "as analytics_configuration"),
    ("certificate_arn", "a custom domain's certificate lies in ACM; the local server has its own"),
    ("resource_servers.name", "operators read it; tokens carry the identifier"),
    ("resource_servers.scopes.scope_description", "operators read it; tokens carry the scope's name"),
    ("user_groups.description", "operators read it; tokens carry the group's name"),
];

/// Every argument: `clients.callback_urls`, `schema_attributes.min_length`.
fn every_argument() -> BTreeSet<String> {
    fn add(rows: &[Argument], before: &str, found: &mut BTreeSet<String>) {
        for row in rows.iter().filter(|row| !row.only_in_resource) {
            let path = format!("{before}{}", row.name);
            if let Type::Record(inner) | Type::Records(inner) = row.kind {
                add(inner, &format!("{path}."), found);
            }
            found.insert(path);
        }
    }
    let mut found = BTreeSet::new();
    add(&arguments(), "", &mut found);
    found
}

/// Every test: the arguments that it shows, and the declarations.
fn every_test() -> Vec<(String, &'static Setting, Place)> {
    let mut tests = Vec::new();
    for setting in pool::SETTINGS.iter().chain(part::SETTINGS).chain(provider::SETTINGS).chain(trigger::SETTINGS) {
        tests.push((setting.argument.to_owned(), setting, Place::Pool));
    }
    for setting in client::SETTINGS {
        tests.push((format!("clients.{}", setting.argument), setting, Place::Client));
        tests.push((format!("default_client_{}", setting.argument), setting, Place::Default));
    }
    tests
}

/// Where the argument of a test stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Pool,
    Client,
    Default,
}

/// The arguments of the module: what a test gives, and what users need besides unless it gives that itself.
fn declared(setting: &Setting, argument: &str, place: Place) -> String {
    let (pool, client) = match place {
        Place::Pool => (format!("{}\n{argument}", setting.with), String::new()),
        // Of a client, what stands beside it is the client's where it is no argument of the pool.
        Place::Client => (client::POOL.to_owned(), format!("{}\n{argument}", setting.with)),
        Place::Default => {
            let own = if argument.is_empty() { String::new() } else { format!("default_client_{argument}") };
            (format!("{}\n{own}", client::POOL), setting.with.to_owned())
        }
    };
    let default_name = setting.argument.split('.').next().unwrap_or_default();
    let gives = |text: &str, name: &str| {
        text.lines().any(|line| line.split('=').next().is_some_and(|found| found.trim() == name))
            || (place == Place::Default && name == default_name)
    };
    let besides = |defaults: &[(&str, &str)], given: &str| -> String {
        defaults
            .iter()
            .filter(|(name, _)| !gives(given, name))
            .map(|(name, value)| format!("{name} = {value}\n"))
            .collect()
    };
    let clients = if gives(&pool, "clients") {
        String::new()
    } else {
        format!("clients = [{{\nname = \"app\"\n{}{client}\n}}]\n", besides(world::CLIENT, &client))
    };
    format!("{}{pool}\n{clients}", besides(world::POOL, &pool))
}

#[test]
fn every_argument_has_a_test_or_a_reason() {
    let arguments = every_argument();
    let shown: BTreeSet<String> = every_test().into_iter().map(|(argument, ..)| argument).collect();
    let excused: BTreeSet<String> = NOT_FELT.iter().map(|(argument, _)| (*argument).to_owned()).collect();
    // A record is shown by its members, and lists of resources by what is in them.
    let by_members = |argument: &String| {
        let within = format!("{argument}.");
        arguments.iter().any(|other| other.starts_with(&within) && shown.contains(other))
    };
    let problems: Vec<String> = arguments
        .iter()
        .filter(|argument| !shown.contains(*argument) && !excused.contains(*argument) && !by_members(argument))
        .map(|argument| format!("{argument} has neither a test nor a reason why users do not meet it"))
        .chain(
            shown
                .union(&excused)
                .filter(|entry| !arguments.contains(*entry))
                .map(|entry| format!("{entry} is no argument")),
        )
        .chain(shown.intersection(&excused).map(|entry| format!("{entry} has a test and an excuse")))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_setting_is_felt() {
    let tests = every_test();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let problems = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((argument, setting, place)) =
                    tests.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let outcome = std::panic::catch_unwind(|| felt(setting, *place));
                    let problem = match outcome {
                        Ok(Ok(())) => continue,
                        Ok(Err(problem)) => problem,
                        Err(panic) => {
                            panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it broke off".to_owned())
                        }
                    };
                    problems.lock().unwrap().push(format!("{argument}: {problem}"));
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    println!("{} settings changed and felt", tests.len() - problems.len());
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// Applies, feels, changes the one argument, applies, feels again.
fn felt(setting: &Setting, place: Place) -> Result<(), String> {
    if setting.sees[0] == setting.sees[1] {
        return Err("the test sees no difference".to_owned());
    }
    let mut world = World::new();
    for (argument, expected) in [setting.before, setting.after].into_iter().zip(setting.sees) {
        world.apply(&declared(setting, argument, place))?;
        let seen = (setting.feel)(&mut world);
        if seen != expected {
            return Err(format!("with `{argument}` users meet\n  {seen}\nexpected\n  {expected}"));
        }
    }
    Ok(())
}
