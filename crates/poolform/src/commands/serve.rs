//! `poolform serve`

use std::path::PathBuf;
use std::sync::Arc;

use poolform_emulator::server::{Server, ServerOptions, interrupted};
use poolform_emulator::{Emulator, LeftOut, MovableClock, Options, Outbox, Providers, Tls, Triggers, implemented};

use poolform_lambda::{Function, Functions};

use crate::cli::ServeArgs;
use crate::functions;
use crate::stop::{Exit, Stop};
use crate::workspace::Places;

/// Serves the embedded Cognito of this root until it is interrupted.
pub fn run(directory: &str, args: &ServeArgs) -> Result<Exit, Stop> {
    let prepared = prepare(directory, args, Unsaid::Refused, None)?;
    introduce(&prepared, args)?;
    prepared.server.run_until(interrupted()).map_err(|error| failed("serving", error.to_string()))?;
    Ok(Exit::Fine)
}

fn failed(what: &str, reason: String) -> Stop {
    Stop::message("Cognito not served", format!("{what}: {reason}."))
}

/// A server that has its port.
pub(super) struct Prepared {
    pub(super) server: Server,
    /// `http://127.0.0.1:9229`
    address: String,
    /// The file with its certificate, of HTTPS.
    certificate: Option<PathBuf>,
    /// Run as long as it serves.
    _functions: Option<Arc<Functions>>,
}

/// What becomes of triggers that a pool declares and of which nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsaid {
    /// What depends on them is refused: a test must not pass because a function was not called.
    Refused,
    /// They are left out, and each call is said: whoever tries an app out has no functions here yet.
    LeftOut,
}

/// Opens the store and takes the port.
pub(super) fn prepare(
    directory: &str,
    args: &ServeArgs,
    unsaid: Unsaid,
    functions: Option<&Arc<Functions>>,
) -> Result<Prepared, Stop> {
    let places = Places::new(directory, true);
    let outbox = Outbox::new(|message| {
        let subject = message.subject.as_deref().map(|subject| format!(" \"{subject}\"")).unwrap_or_default();
        say!("{} to {} ({}){subject}: {}", message.medium(), message.to, message.reason, message.body);
    });
    let mut triggers = Triggers::default();
    let mut functions = functions.cloned();
    for text in &args.trigger {
        let by_hand = text.split_once('=').and_then(|(name, rest)| Some((name, rest.split_once('#')?)));
        let text = match by_hand.filter(|(_, (folder, _))| !folder.starts_with("http")) {
            Some((name, (folder, handler))) => {
                let function = by_hand_of(name, folder, handler)?;
                let running = match &functions {
                    Some(running) => Arc::clone(running),
                    None => functions::start()?,
                };
                let address = running.keep(function);
                functions = Some(running);
                format!("{name}={address}")
            }
            None => text.clone(),
        };
        triggers.add(&text).map_err(|reason| failed("-trigger", reason))?;
    }
    if let Some(functions) = functions.clone() {
        triggers.find_by_arn(move |arn| functions.address(arn));
    }
    if unsaid == Unsaid::LeftOut {
        triggers.leave_out_the_rest();
    }
    triggers.tell(|left_out| {
        let LeftOut { source, option, user, .. } = left_out;
        say!("Trigger left out: {source} for {user}. -trigger {option}=http://… calls it.");
    });
    let mut providers = Providers::default();
    for text in &args.provider {
        providers.add(text).map_err(|reason| failed("-provider", reason))?;
    }
    let options = Options {
        region: args.region.clone(),
        outbox,
        triggers,
        providers,
        clock: Arc::new(MovableClock::default()),
        ..Options::default()
    };
    let emulator = if args.in_memory {
        Emulator::in_memory(options)
    } else {
        std::fs::create_dir_all(places.own()).map_err(|error| failed("making .poolform", error.to_string()))?;
        Emulator::open(&places.store(), options).map_err(|error| failed("the store", error.to_string()))?
    };
    for file in &args.seed {
        let bytes = std::fs::read(file).map_err(|error| failed(file, error.to_string()))?;
        let json = serde_json::from_slice(&bytes).map_err(|error| failed(file, error.to_string()))?;
        let loaded = emulator.seed(&json).map_err(|error| failed(file, error.to_string()))?;
        say!("{file}: {loaded} pools loaded");
    }
    let tls = match args.tls {
        true => Some(
            Tls::kept_in(&places.own(), &args.region).map_err(|error| failed("the certificate", error.to_string()))?,
        ),
        false => None,
    };
    let certificate = tls.as_ref().map(|_| places.own().join("localhost.pem"));
    let server = Server::bind(Arc::new(emulator), &ServerOptions { port: args.port, tls })
        .map_err(|error| failed(&format!("port {}", args.port), error.to_string()))?;
    let scheme = if args.tls { "https" } else { "http" };
    let address = format!("{scheme}://127.0.0.1:{}", server.port());
    if let Some(functions) = &functions {
        functions.cognito_at(&address);
    }
    Ok(Prepared { server, address, certificate, _functions: functions })
}

fn by_hand_of(name: &str, folder: &str, handler: &str) -> Result<Function, Stop> {
    functions::by_hand(name, folder, handler).map_err(|reason| failed("-trigger", reason))
}

/// Says where it is.
pub(super) fn introduce(prepared: &Prepared, args: &ServeArgs) -> Result<(), Stop> {
    let Prepared { address, certificate, .. } = prepared;
    print_line!("Cognito at {address} (region {}, {} operations). Ctrl-C ends it.", args.region, implemented().count());
    print_line!("What is there, messages and requests: {address}/_poolform/");
    if let Some(certificate) = certificate {
        print_line!("Its certificate is in {}.", certificate.display());
    }
    Ok(())
}
