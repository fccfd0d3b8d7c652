//! `poolform rotate-secret`

use poolform_apply::client_secrets;
use poolform_core::kinds::{self, Kind};
use poolform_core::setting;
use poolform_model::{Object, Request};
use serde_json::{Value as Json, json};

use crate::cli::{PlanningArgs, RotateSecretArgs};
use crate::render;
use crate::root::Root;
use crate::stop::{Exit, Stop};
use crate::world::World;

/// Gives a client a second secret and prints it, once; or takes the older one away. Both work until then.
pub fn run(directory: &str, args: &RotateSecretArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    let planning =
        PlanningArgs { refresh: true, parallelism: 10, lock_timeout: "0s".to_owned(), ..PlanningArgs::default() };
    let world = World::open(&mut root, &args.root, &planning, Some("rotate-secret"))?;
    let address = &args.address;
    let clients =
        world.state.resources.iter().filter(|(_, recorded)| kinds::kind(&recorded.kind).is_some_and(Kind::has_secret));
    let Some((_, recorded)) = clients.clone().find(|(each, _)| *each == address) else {
        let near = poolform_value::suggest(address, clients.map(|(address, _)| address.as_str()));
        let remedy = near.map_or_else(String::new, |near| format!(" Did you mean {near}?"));
        return Err(Stop::message("No such client", format!("{address} is no client that is managed here.{remedy}")));
    };
    let cognito = &*world.connection.cognito;
    let mut secrets = client_secrets(cognito, address, &recorded.identity)?;
    secrets.sort_by(|a, b| made(a).total_cmp(&made(b)));
    let mut body: Object = recorded.identity.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let failed = |failure: poolform_model::Failure| {
        Stop::message("Request failed", format!("{}.", failure.to_string().trim_end_matches('.')))
    };
    if args.remove_old {
        let [old, _] = secrets.as_slice() else {
            return Err(Stop::message(
                "Nothing to take away",
                format!("{address} has {} secrets, not two.", secrets.len()),
            ));
        };
        body.insert("ClientSecretId".to_owned(), old["ClientSecretId"].clone());
        cognito.call(&Request::new("DeleteUserPoolClientSecret", body).about(address)).map_err(failed)?;
        say!("{address}: the older secret is gone. The one that is left keeps working.");
        return Ok(Exit::Fine);
    }
    if secrets.len() > 1 {
        return Err(Stop::message(
            "Two secrets already",
            format!("{address} has two secrets, the most there can be. Take the older one away first: -remove-old."),
        ));
    }
    let answer = cognito.call(&Request::new("AddUserPoolClientSecret", body).about(address)).map_err(failed)?;
    let secret = setting::get(&answer, "ClientSecretDescriptor.ClientSecretValue");
    if args.root.json {
        render::json::document(
            "secret",
            &[
                ("address", json!(address)),
                ("client_id", json!(recorded.identity.get("ClientId"))),
                ("secret_id", setting::get(&answer, "ClientSecretDescriptor.ClientSecretId").clone()),
                ("secret", secret.clone()),
            ],
        )?;
        return Ok(Exit::Fine);
    }
    say!("{address}: a second secret, shown this once. Both work until you say: rotate-secret -remove-old '{address}'");
    say!(
        "Keep it now: Cognito shows no secret of a client whose secrets were rotated, so that client_secrets is null for it."
    );
    print_line!("{}", secret.as_str().unwrap_or_default());
    Ok(Exit::Fine)
}

fn made(secret: &Json) -> f64 {
    secret["ClientSecretCreateDate"].as_f64().unwrap_or_default()
}
