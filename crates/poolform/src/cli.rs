//! The command line: Terraform's words, with one dash or two.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use poolform_core::kinds::Severity;
use poolform_language::VariableSource;

/// Declares, runs locally and deploys Amazon Cognito user pools from Terraform files.
#[derive(Debug, Parser)]
#[command(name = "poolform", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Work in this directory instead of the current one.
    #[arg(long, global = true, value_name = "DIR")]
    pub chdir: Option<String>,
    /// No colours.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what would change.
    Plan(PlanArgs),
    /// Change what must change.
    Apply(ApplyArgs),
    /// Remove everything that is managed here.
    Destroy(ApplyArgs),
    /// Show outputs.
    Output(OutputArgs),
    /// Show the state, or a saved plan.
    Show(ShowArgs),
    /// Check the files without asking anybody.
    Validate(ValidateArgs),
    /// Check the files, and say what they allow that you may not know of.
    Check(CheckArgs),
    /// Take over a pool that is there, or the pools that Terraform manages, without touching them.
    Adopt(AdoptArgs),
    /// Print what moves pools of the original module to poolform's provider in the Terraform or OpenTofu that you have.
    Migrate(MigrateArgs),
    /// List, show, choose, make and delete workspaces.
    Workspace(WorkspaceArgs),
    /// Give a client a second secret, and later take the first one away, without changing its id.
    RotateSecret(RotateSecretArgs),
    /// Send back the settings that were there before an apply.
    Restore(RestoreArgs),
    /// Take away the lock of a process that is gone.
    ForceUnlock(ForceUnlockArgs),
    /// Serve the embedded Cognito, apply the files to it, and apply them again whenever they change.
    Dev(DevArgs),
    /// Print what apps need: a .env file, settings for Amplify, or for OpenID Connect.
    Env(EnvArgs),
    /// Serve the embedded Cognito over HTTP.
    Serve(ServeArgs),
    /// Show the version.
    Version,
}

impl Command {
    /// Whether it was asked to speak to a machine.
    pub fn is_json(&self) -> bool {
        match self {
            Command::Plan(args) => args.root.json,
            Command::Apply(args) | Command::Destroy(args) => args.root.json,
            Command::Output(args) => args.root.json,
            Command::Show(args) => args.root.json,
            Command::Validate(args) => args.root.json,
            Command::Check(args) => args.root.json || args.format != Format::Text,
            Command::Adopt(args) => args.root.json,
            Command::Migrate(args) => args.json,
            Command::RotateSecret(args) => args.root.json,
            Command::Restore(args) => args.root.json,
            Command::Env(args) => args.root.json,
            Command::Dev(_)
            | Command::Workspace(_)
            | Command::ForceUnlock(_)
            | Command::Serve(_)
            | Command::Version => false,
        }
    }
}

/// What every command that reads the files takes.
#[derive(Clone, Debug, Default, Args)]
pub struct RootArgs {
    /// Give a variable: -var 'name=value'.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Give variables by a file.
    #[arg(long, value_name = "FILE")]
    var_file: Vec<String>,
    /// Supply what another resource or module would give: -set 'module.lambdas.arn="arn:…"'.
    #[arg(long, value_name = "REFERENCE=EXPRESSION")]
    pub set: Vec<String>,
    /// Complete the root's backend block: -backend-config=bucket=states, or a file of settings; may be repeated.
    #[arg(long, value_name = "NAME=VALUE|FILE")]
    pub backend_config: Vec<String>,
    /// Resolve references from the output of `terraform show -json`; for adopt, also from terraform.tfstate itself.
    #[arg(long, value_name = "FILE")]
    pub terraform_state: Option<String>,
    /// Use the embedded Cognito, kept under .poolform/.
    #[arg(long)]
    pub local: bool,
    /// With -local, whether values that only AWS knows, and variables without one, are made up.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub stand_ins: bool,
    /// For machines.
    #[arg(long)]
    pub json: bool,
    /// Whether questions may be asked on the terminal.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub input: bool,
    /// -var and -var-file in the order in which they were given.
    #[arg(skip)]
    pub variables: Vec<VariableSource>,
}

impl RootArgs {
    /// The arguments again, for another process that reads the same root.
    pub fn arguments(&self) -> Vec<String> {
        let variables = self.variables.iter().filter_map(|source| match source {
            VariableSource::Argument(text) => Some(format!("-var={text}")),
            VariableSource::File(path) => Some(format!("-var-file={path}")),
            VariableSource::Environment(_) => None,
        });
        let set = self.set.iter().map(|text| format!("-set={text}"));
        let state = self.terraform_state.iter().map(|file| format!("-terraform-state={file}"));
        let backend = self.backend_config.iter().map(|text| format!("-backend-config={text}"));
        let json = self.json.then(|| "-json".to_owned());
        let stand_ins = (!self.stand_ins).then(|| "-stand-ins=false".to_owned());
        variables.chain(set).chain(state).chain(backend).chain(stand_ins).chain(json).collect()
    }
}

/// How many requests go out at a time, unless told.
pub const PARALLELISM: usize = 10;

/// What planning takes.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanningArgs {
    /// Only this address and what it needs; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Allow a pool that has users to be deleted; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub allow_delete: Vec<String>,
    /// Allow a pool or client to be replaced, which gives it another id; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub allow_replace: Vec<String>,
    /// How many requests at a time.
    #[arg(long, value_name = "N", default_value_t = PARALLELISM)]
    pub parallelism: usize,
    /// Always true: the state keeps no values, so every plan reads.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub refresh: bool,
    /// How long to wait for a lock, such as 30s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub lock_timeout: String,
}

/// `plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub root: RootArgs,
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Save the plan.
    #[arg(long, value_name = "FILE")]
    pub out: Option<String>,
    /// Exit with 2 when something would change.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan the removal of everything.
    #[arg(long)]
    pub destroy: bool,
    /// Only show what was changed outside, and what nobody here declares.
    #[arg(long, conflicts_with_all = ["destroy", "out"])]
    pub refresh_only: bool,
}

/// `apply` and `destroy`
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub root: RootArgs,
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Do not ask for approval.
    #[arg(long)]
    pub auto_approve: bool,
    /// Remove everything: the same as `destroy`.
    #[arg(long, conflicts_with = "file")]
    pub destroy: bool,
    /// A plan that `plan -out` saved.
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
}

/// `output`
#[derive(Debug, Args)]
pub struct OutputArgs {
    #[command(flatten)]
    pub root: RootArgs,
    /// The bare text of a string, number or bool.
    #[arg(long)]
    pub raw: bool,
    /// Only this one.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// `show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub root: RootArgs,
    /// A plan that `plan -out` saved.
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
}

/// `validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub root: RootArgs,
}

/// `check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub root: RootArgs,
    /// A plan that `plan -out` has saved, in place of the files.
    #[arg(value_name = "PLAN")]
    pub plan: Option<String>,
    /// A pool that is there, in place of the files: -pool eu-west-1_AbCdEfGhI.
    #[arg(long, value_name = "ID")]
    pub pool: Option<String>,
    /// How findings are said.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// The least that is said.
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = severity())]
    pub severity: Severity,
    /// Exit with 2 when there is anything to say.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// A severity by its name.
fn severity() -> impl TypedValueParser<Value = Severity> {
    let named = |name: &String| Severity::ALL.into_iter().find(|severity| severity.name() == name);
    PossibleValuesParser::new(Severity::ALL.map(Severity::name)).map(move |name| named(&name).unwrap_or(Severity::Low))
}

/// How findings are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// A document of poolform's own, as -json.
    Json,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
}

/// `adopt`
#[derive(Debug, Args)]
pub struct AdoptArgs {
    #[command(flatten)]
    pub root: RootArgs,
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// The name of the module call that is written, or that is there already: pool, 'pool["blue"]'.
    #[arg(long = "as", value_name = "NAME", default_value = "pool")]
    pub name: String,
    /// The pool to take over; the module call that declares it is written to NAME.tf, unless it is there.
    #[arg(value_name = "POOL_ID")]
    pub pool: Option<String>,
}

/// `migrate`
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// The state that manages the pools: terraform.tfstate itself, or the output of `terraform show -json`.
    #[arg(long, value_name = "FILE")]
    pub terraform_state: String,
    /// What applies the root: 1.5.7 for that Terraform, tofu-1.9 for that OpenTofu. The Terraform that wrote the state
    /// unless told.
    #[arg(long = "for", value_name = "VERSION")]
    pub version: Option<String>,
    /// For machines.
    #[arg(long)]
    pub json: bool,
}

/// `workspace`
#[derive(Debug, Args)]
pub struct WorkspaceArgs {
    /// With -local, the workspaces of the embedded Cognito.
    #[arg(long, global = true)]
    pub local: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: WorkspaceAction,
}

/// The actions of `workspace`.
#[derive(Debug, Subcommand)]
pub enum WorkspaceAction {
    /// Name them all, the current one with a star.
    List,
    /// Name the current one.
    Show,
    /// Choose one that is there.
    Select {
        /// Which.
        name: String,
        /// Make it where it is not there.
        #[arg(long)]
        or_create: bool,
    },
    /// Make one and choose it.
    New {
        /// Which.
        name: String,
    },
    /// Delete an empty one.
    Delete {
        /// Which.
        name: String,
    },
}

/// `rotate-secret`
#[derive(Debug, Args)]
pub struct RotateSecretArgs {
    #[command(flatten)]
    pub root: RootArgs,
    /// The client's address: 'module.pool.client["job"]'.
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// Take away the older of two secrets, once nobody uses it any more.
    #[arg(long)]
    pub remove_old: bool,
}

/// `restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    pub root: RootArgs,
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// Do not ask for approval.
    #[arg(long)]
    pub auto_approve: bool,
    /// What an apply that was interrupted or surprised has named.
    #[arg(value_name = "FILE")]
    pub file: String,
}

/// `force-unlock`
#[derive(Debug, Args)]
pub struct ForceUnlockArgs {
    #[command(flatten)]
    pub root: RootArgs,
    /// The id that the refusal told.
    #[arg(value_name = "LOCK_ID")]
    pub id: String,
}

/// `serve`
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// Port on the loopback addresses; 0 takes any.
    #[arg(long, default_value_t = 9229)]
    pub port: u16,
    /// HTTPS, with a certificate made for this store.
    #[arg(long)]
    pub tls: bool,
    /// Load pools with given ids from a file; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub seed: Vec<String>,
    /// Keep nothing: pools go with the process.
    #[arg(long)]
    pub in_memory: bool,
    /// The region of new pools.
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    /// Where a trigger is: -trigger pre_sign_up=http://127.0.0.1:9000/, -trigger pre_sign_up=functions/check#index.handler to
    /// run a function of Node, Python or a program bootstrap, or -trigger pre_sign_up=off to leave it out; may be
    /// repeated. What depends on a trigger of which nothing is said is refused by serve, which tests run against, and left
    /// out by dev, whose console somebody reads. Each call that is left out is said there, and in the list of requests.
    #[arg(long, value_name = "NAME=URL")]
    pub trigger: Vec<String>,
    /// What plays an identity provider: -provider Google=http://127.0.0.1:9229/POOL_ID, its issuer; may be repeated.
    #[arg(long, value_name = "NAME=ISSUER")]
    pub provider: Vec<String>,
}

/// `dev`
#[derive(Clone, Debug, Args)]
pub struct DevArgs {
    #[command(flatten)]
    pub root: RootArgs,
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// `env`
#[derive(Debug, Args)]
pub struct EnvArgs {
    #[command(flatten)]
    pub root: RootArgs,
    /// The form: dotenv (for a .env file), amplify, amplify-outputs or oidc.
    #[arg(long, value_enum, default_value_t)]
    pub format: EnvFormat,
    /// Only this client.
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// With the secrets of clients, which are left out otherwise.
    #[arg(long)]
    pub secrets: bool,
    /// The pool's address, where the root has several: module.pool.
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,
}

/// The forms of `env`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EnvFormat {
    /// Lines of NAME=value.
    #[default]
    Dotenv,
    /// What Amplify.configure takes in JavaScript.
    Amplify,
    /// amplify_outputs.json, for pools on AWS: it has no room for an endpoint.
    AmplifyOutputs,
    /// Settings for a library that speaks OpenID Connect: oidc-client-ts takes them as they are.
    Oidc,
}

/// `-name` means `--name`, as in Terraform; single letters keep one dash.
fn with_two_dashes(argument: OsString) -> OsString {
    match argument.to_str() {
        Some(text) if text.starts_with('-') && !text.starts_with("--") && text.len() > 2 => format!("-{text}").into(),
        _ => argument,
    }
}

/// Reads a command line.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(arguments.into_iter().map(with_two_dashes))?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    if let Some((_, matches)) = matches.subcommand() {
        let root = match &mut cli.command {
            Command::Plan(args) => Some(&mut args.root),
            Command::Apply(args) | Command::Destroy(args) => Some(&mut args.root),
            Command::Output(args) => Some(&mut args.root),
            Command::Show(args) => Some(&mut args.root),
            Command::Validate(args) => Some(&mut args.root),
            Command::Check(args) => Some(&mut args.root),
            Command::Adopt(args) => Some(&mut args.root),
            Command::RotateSecret(args) => Some(&mut args.root),
            Command::Restore(args) => Some(&mut args.root),
            Command::ForceUnlock(args) => Some(&mut args.root),
            Command::Dev(args) => Some(&mut args.root),
            Command::Env(args) => Some(&mut args.root),
            Command::Migrate(_) | Command::Workspace(_) | Command::Serve(_) | Command::Version => None,
        };
        if let Some(root) = root {
            root.variables = in_order(root, matches);
        }
    }
    Ok(cli)
}

/// -var and -var-file by their places on the command line: the last one wins.
fn in_order(root: &RootArgs, matches: &ArgMatches) -> Vec<VariableSource> {
    let mut found: BTreeMap<usize, VariableSource> = BTreeMap::new();
    if let Some(indices) = matches.indices_of("var") {
        found.extend(indices.zip(root.var.iter().cloned().map(VariableSource::Argument)));
    }
    if let Some(indices) = matches.indices_of("var_file") {
        found.extend(indices.zip(root.var_file.iter().cloned().map(VariableSource::File)));
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Cli {
        parse(arguments.iter().map(OsString::from)).unwrap()
    }

    #[test]
    fn one_dash_is_as_good_as_two() {
        let cli = of(&["poolform", "-chdir=a", "apply", "-local", "-auto-approve", "-input=false"]);
        assert_eq!(cli.chdir.as_deref(), Some("a"));
        let Command::Apply(args) = cli.command else { panic!("not apply") };
        assert!(args.auto_approve && args.root.local && !args.root.input);
        let cli = of(&["poolform", "plan", "--chdir", "b", "-detailed-exitcode"]);
        assert_eq!(cli.chdir.as_deref(), Some("b"));
    }

    #[test]
    fn variables_keep_their_order() {
        let cli = of(&["poolform", "plan", "-var", "a=1", "-var-file", "f", "-var", "a=2"]);
        let Command::Plan(args) = cli.command else { panic!("not plan") };
        let shown: Vec<String> = args.root.variables.iter().map(|source| format!("{source:?}")).collect();
        assert_eq!(shown, ["Argument(\"a=1\")", "File(\"f\")", "Argument(\"a=2\")"]);
    }
}
