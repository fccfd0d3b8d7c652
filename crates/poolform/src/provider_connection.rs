//! What the provider for Terraform is handed: a Cognito by its configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use poolform_provider::{Handshake, Provider};
use poolform_value::{Diagnostics, Value};

use crate::connection::{self, Connection};
use crate::stop::Stop;
use crate::workspace::Places;

/// How long the process before this one may take to let go of the embedded Cognito: Terraform starts one for the plan and
/// one for the apply.
const HANDOVER: Duration = Duration::from_secs(5);

/// Terraform's provider, from its environment to its exit code.
pub fn serve_provider() -> ExitCode {
    let served =
        Handshake::read(&|name| std::env::var(name).ok()).map_err(|error| error.to_string()).and_then(|handshake| {
            let provider = Provider::new(Box::new(connect), journal());
            poolform_provider::serve(handshake, provider, &mut std::io::stdout()).map_err(|error| error.to_string())
        });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Beside Terraform's own data, one folder a workspace: what another one has left is not this one's.
fn journal() -> PathBuf {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let data = PathBuf::from(named("TF_DATA_DIR").unwrap_or_else(|| ".terraform".into()));
    // Where Terraform keeps the workspace that is chosen.
    let chosen = || Some(std::fs::read_to_string(data.join("environment")).ok()?.trim().into());
    let workspace = named("TF_WORKSPACE").or_else(chosen).filter(|workspace| !workspace.is_empty());
    data.join("poolform").join(workspace.unwrap_or_else(|| "default".into()))
}

fn connect(arguments: &BTreeMap<String, Value>) -> Result<poolform_provider::Connection, Diagnostics> {
    let mut arguments = arguments.clone();
    let local = arguments.remove("local").and_then(|local| local.as_bool()).unwrap_or(false);
    arguments.retain(|_, value| !value.is_null() && value.items().is_none_or(|items| !items.is_empty()));
    let default_tags = connection::default_tags(&arguments);
    let (settings, diagnostics) = connection::settings(&arguments);
    let who = (
        settings.profile.clone(),
        settings.keys.as_ref().map(|(id, ..)| id.clone()),
        settings.assume_role.as_ref().map(|role| role.role_arn.clone()),
    );
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let connected = if local {
        let region =
            settings.region.or_else(|| std::env::var("AWS_REGION").ok()).unwrap_or_else(|| "us-east-1".to_owned());
        embedded(&region)
    } else {
        connection::remote(&settings).map(|(connection, _)| connection)
    };
    let connection =
        connected.and_then(|connection| connection.logged(BTreeSet::new())).map_err(Stop::into_diagnostics)?;
    let cognito = connection.cognito.clone();
    // The embedded Cognito is one, whether it is served by now or not.
    let endpoint = if local { Some("local") } else { connection.endpoint.as_deref() };
    let place = format!("{endpoint:?} {} {who:?}", connection.region());
    let issuer = Box::new(move |pool: &str| connection.issuer(pool));
    Ok(poolform_provider::Connection { cognito, issuer, default_tags, place })
}

/// The embedded Cognito of the folder that Terraform runs in.
fn embedded(region: &str) -> Result<Connection, Stop> {
    let begun = Instant::now();
    loop {
        match connection::local(&Places::new(".", true), &[region.to_owned()]) {
            Ok(mut connections) => return Ok(connections.remove(0)),
            Err(stop) if begun.elapsed() > HANDOVER => return Err(stop),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
