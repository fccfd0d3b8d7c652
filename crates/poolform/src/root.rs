//! A root module, ready to plan: files read, calls evaluated and decoded, state and Cognito at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use poolform_client::Aws;
use poolform_core::plan::{call_of, within};
use poolform_core::{Address, Context, Declaration, declare};
use poolform_language::{
    Call, CallerIdentity, Configuration, External, Inputs, ModuleSite, ResourceInstance, StandIns, VariableSource, load,
};
use poolform_state::Backend;
use poolform_value::{Content, Diagnostic, Diagnostics, Severity, Span, Subject, Value};

use crate::backend;
use crate::cli::RootArgs;
use crate::connection::{self, Connection};
use crate::data::DataSources;
use crate::disk::Disk;
use crate::resources;
use crate::stop::Stop;
use crate::workspace::Places;

/// A root module and what it declares.
pub struct Root {
    /// Read once, kept as long as the process.
    configuration: &'static Configuration<'static>,
    /// Every pool's call.
    pub calls: Vec<Call>,
    /// Every resource of a user pool.
    pub resources: Vec<ResourceInstance>,
    /// Those of them that depend on what only the apply of another one tells: address, and what it depends on.
    pub waiting: Vec<(Address, String)>,
    /// The data sources over user pools.
    pub data: DataSources,
    /// What calls and resources declare.
    pub declarations: Vec<Declaration>,
    /// Warnings so far.
    pub warnings: Diagnostics,
    /// Those of them that the last evaluation has found.
    of_evaluation: Vec<Diagnostic>,
    /// Where it keeps things.
    pub places: Places,
    /// The workspace.
    pub workspace: String,
    /// `-target`; empty for all.
    pub targets: Vec<String>,
    /// The sources of local copies of the module.
    copies: BTreeSet<String>,
    /// The addresses of pools that are there, by their ids.
    pub(crate) pools: BTreeMap<String, Address>,
    json: bool,
    local: bool,
}

/// Which unresolved references are mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// All.
    All,
    /// All but the outputs of pools of this root, which may become known.
    Pools,
}

/// Arguments of every module call, which no module declares.
const META: &[&str] = &["source", "version", "count", "for_each", "providers", "depends_on"];

/// The region of the embedded Cognito where the provider names none.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";

/// The directory that the command was started in, where `-chdir` leads to another.
static WORKING_DIRECTORY: OnceLock<Option<PathBuf>> = OnceLock::new();

/// Keeps the current directory for `path.cwd`, before `-chdir` leaves it.
pub fn remember_working_directory() {
    WORKING_DIRECTORY.get_or_init(|| std::env::current_dir().ok());
}

/// The sources of calls that are poolform's: the registry's, a git repository of it, or poolform's own module.
fn is_pool(source: &str) -> bool {
    let source = source.trim_start_matches("registry.terraform.io/").trim_start_matches("registry.opentofu.org/");
    let repository = source.split(['?']).next().unwrap_or(source).trim_end_matches('/');
    source == "mineiros-io/cognito-user-pool/aws"
        || source == "poolform/cognito-user-pool/aws"
        || repository.trim_end_matches(".git").ends_with("mineiros-io/terraform-aws-cognito-user-pool")
        || repository.trim_end_matches(".git").ends_with("/poolform//terraform")
        || repository.ends_with("/poolform.git//terraform")
}

/// How many of the module's variables a copy of it has at least: the original has 69, and older versions had 61.
const VARIABLES_OF_A_COPY: usize = 60;

/// The sources of calls of local copies of the module: directories that declare its variables and its pool.
fn copies(configuration: &Configuration<'_>) -> Vec<ModuleSite> {
    let known: BTreeSet<&str> = poolform_core::arguments().iter().map(|row| row.name).collect();
    let resources = configuration.resources();
    let has_pool = |site: &ModuleSite| {
        let names = ["aws_cognito_user_pool.user_pool", "poolform_user_pool.user_pool"];
        names.iter().any(|name| resources.iter().any(|each| each.address == format!("{}.{name}", site.address)))
    };
    let copy = |site: &ModuleSite| {
        let shared = site.variables.iter().filter(|name| known.contains(name.as_str())).count();
        site.entered && shared >= VARIABLES_OF_A_COPY && has_pool(site)
    };
    configuration.near_misses().into_iter().filter(copy).collect()
}

/// That a copy is taken for the module: what it does otherwise has no effect here.
fn is_copy(site: &ModuleSite) -> Diagnostic {
    let detail = format!(
        "{} is read as mineiros-io/cognito-user-pool/aws, whose variables it has. What was changed in the copy has no effect \
         here.",
        site.address
    );
    Diagnostic::warning("Copy of the module", detail).at(Some(&site.span))
}

/// What the outside says to expressions; on the laptop it is made up, as the embedded Cognito's is.
struct Outside {
    local: bool,
    aws: OnceLock<Option<Arc<Aws>>>,
}

impl Outside {
    fn aws(&self) -> Option<&Arc<Aws>> {
        self.aws
            .get_or_init(|| poolform_client::connect(&poolform_client::Settings::default()).ok().map(Arc::new))
            .as_ref()
    }
}

impl External for Outside {
    fn region(&self) -> Option<String> {
        if self.local { Some("us-east-1".to_owned()) } else { self.aws().map(|aws| aws.region().to_owned()) }
    }

    fn caller_identity(&self) -> Option<CallerIdentity> {
        if self.local {
            let account = poolform_emulator::Options::default().account;
            let arn = format!("arn:aws:iam::{account}:root");
            return Some(CallerIdentity { user_id: account.clone(), account_id: account, arn });
        }
        let identity = self.aws()?.caller_identity().ok()?;
        Some(CallerIdentity { account_id: identity.account, arn: identity.arn, user_id: identity.user_id })
    }
}

/// The variables that the environment gives by `TF_VAR_name`.
pub fn variables_of_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            Some((name.to_str()?.strip_prefix("TF_VAR_")?.to_owned(), value.into_string().ok()?))
        })
        .collect()
}

fn inputs(directory: &Path, args: &RootArgs, workspace: &str) -> Result<Inputs<'static>, Stop> {
    let mut variables = vec![VariableSource::Environment(variables_of_environment())];
    variables.extend(args.variables.iter().cloned());
    let terraform_state = match &args.terraform_state {
        None => None,
        Some(file) => {
            let unusable = |reason: String| {
                Stop::message(
                    "Terraform state not usable",
                    format!("-terraform-state {file}: {reason}. Give the output of `terraform show -json`."),
                )
            };
            let bytes = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
            Some(serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))?)
        }
    };
    let working_directory = WORKING_DIRECTORY
        .get()
        .cloned()
        .flatten()
        .or_else(|| std::env::current_dir().ok())
        .unwrap_or_else(|| directory.to_owned());
    Ok(Inputs {
        variables,
        workspace: workspace.to_owned(),
        working_directory,
        home: std::env::var_os("HOME").map(Into::into),
        settings: args.set.clone(),
        backend: args.backend_config.clone(),
        terraform_state,
        // As long as the process: a command reads one root.
        external: Box::leak(Box::new(Outside { local: args.local, aws: OnceLock::new() })),
        now: jiff::Timestamp::now().to_string(),
        schemas: &resources::Types,
        built_in: &is_pool,
        stand_ins: (args.local && args.stand_ins).then(|| StandIns {
            account: poolform_emulator::Options::default().account,
            region: DEFAULT_REGION.to_owned(),
            partition: "aws".to_owned(),
        }),
    })
}

impl Root {
    /// Reads the files and evaluates every pool's call. Stops at errors.
    pub fn read(directory: &str, args: &RootArgs) -> Result<Root, Stop> {
        let places = Places::new(directory, args.local);
        let workspace = places.current()?;
        let inputs = inputs(places.root(), args, &workspace)?;
        let (mut configuration, diagnostics) = load(&Disk, places.root(), inputs);
        let found = copies(&configuration);
        let sources: BTreeSet<String> = found.iter().map(|site| site.source.clone()).collect();
        configuration.take_for_foreign(&sources);
        configuration.stand_in_where_the_provider_is();
        let configuration: &'static Configuration<'static> = Box::leak(Box::new(configuration));
        let mut root = Root {
            configuration,
            calls: Vec::new(),
            resources: Vec::new(),
            waiting: Vec::new(),
            data: DataSources::default(),
            pools: BTreeMap::new(),
            declarations: Vec::new(),
            warnings: Diagnostics::new(),
            of_evaluation: Vec::new(),
            places,
            workspace,
            targets: Vec::new(),
            copies: sources,
            json: args.json,
            local: args.local,
        };
        root.check(diagnostics)?;
        let settings = configuration.terraform();
        root.check(settings.1)?;
        found.iter().for_each(|site| root.warnings.push(is_copy(site)));
        root.check(resources::left_out(configuration))?;
        root.evaluate(&|_: &str, _: &str| None, Strictness::Pools)?;
        if root.calls.is_empty() && root.resources.is_empty() && !root.had_pools() {
            return Err(root.no_pool());
        }
        Ok(root)
    }

    /// Evaluates and decodes every call anew, with the outputs of pools that are known by now.
    pub fn evaluate(&mut self, known: &dyn poolform_language::Known, strictness: Strictness) -> Result<(), Stop> {
        // What an earlier evaluation has warned of may be known by now.
        let before = std::mem::take(&mut self.of_evaluation);
        self.warnings.0.retain(|warning| !before.contains(warning));
        // What arguments of calls say of data sources.
        let nothing = BTreeMap::new();
        self.resolve_data(known, &nothing);
        let all = resources::Foretold { known, attributes: &nothing, data: &self.data };
        let copies = &self.copies;
        let wanted = |source: &str| is_pool(source) || copies.contains(source);
        let (calls, mut diagnostics) = self.configuration.calls(&wanted, &all);
        self.calls = calls;
        self.declarations.clear();
        for call in &self.calls {
            let to_ask =
                call.arguments.values().filter_map(Value::first_unknown).any(|unknown| match &unknown.content {
                    Content::Unknown(_, Some(origin)) => self.data.will_ask(&origin.reference),
                    _ => false,
                });
            if to_ask {
                continue;
            }
            if let Some(waits) = self.waits_for_a_pool(call) {
                let untargeted = !self.targets.is_empty() && !targets(&self.targets, &call.address);
                if strictness == Strictness::All && !untargeted {
                    let module = waits.1;
                    let detail = format!(
                        "This depends on {}, which is not known before {module} is applied. Apply that first:\n    \
                         poolform apply -target='{module}'",
                        waits.0
                    );
                    diagnostics.push(Diagnostic::error("Pool that is not there yet", detail).at(waits.2.as_ref()));
                }
                continue;
            }
            let context = Context { default_tags: connection::default_tags(&call.provider.arguments) };
            let of_core = poolform_core::Call { address: call.address.clone(), arguments: call.arguments.clone() };
            let (declaration, found) = declare(&of_core, &context);
            self.declarations.push(declaration);
            diagnostics.extend(found);
        }
        diagnostics.extend(self.declare_resources(known));
        let count = self.warnings.0.len();
        self.check(diagnostics)?;
        self.of_evaluation = self.warnings.0[count..].to_vec();
        Ok(())
    }

    /// The first argument of `call` that is an output of a pool which is not known yet: the reference, the pool's module,
    /// and the place.
    fn waits_for_a_pool(&self, call: &Call) -> Option<(String, String, Option<Span>)> {
        call.arguments.values().filter_map(Value::first_unknown).find_map(|unknown| match &unknown.content {
            Content::Unknown(_, Some(origin)) => self.calls.iter().find_map(|other| {
                let module = other.address.split('[').next().unwrap_or_default();
                let of_it = origin.reference.strip_prefix(module).is_some_and(|rest| rest.starts_with(['.', '[']));
                of_it.then(|| (origin.reference.clone(), module.to_owned(), origin.span.clone()))
            }),
            _ => None,
        })
    }

    /// Stops at errors, keeps warnings.
    pub fn check(&mut self, diagnostics: Diagnostics) -> Result<(), Stop> {
        let located = self.locate(diagnostics);
        if located.has_errors() {
            let mut all = std::mem::take(&mut self.warnings);
            all.extend(located);
            all.0.sort_by_key(|diagnostic| diagnostic.severity);
            return Err(self.stop(all));
        }
        self.warnings.extend(located);
        Ok(())
    }

    /// A stop that can show the files.
    pub fn stop(&self, diagnostics: Diagnostics) -> Stop {
        let configuration = self.configuration;
        Stop::of(diagnostics, Box::new(move |file| configuration.sources().text(file)))
    }

    /// From attribute paths to places in the files.
    pub fn locate(&self, mut diagnostics: Diagnostics) -> Diagnostics {
        for diagnostic in &mut diagnostics.0 {
            let Some(subject) = &diagnostic.subject else { continue };
            let (address, path) = match subject {
                Subject::Source(_) => continue,
                Subject::Argument(address, path) => (address, Some(path)),
                Subject::Address(address) => (address, None),
            };
            if let Some(resource) = self.resources.iter().find(|resource| resource.address == *address) {
                let span = path.and_then(|path| path.locate(&resource.body).cloned());
                diagnostic.subject = Some(Subject::Source(span.unwrap_or_else(|| resource.span.clone())));
                continue;
            }
            let Some(call) = self.calls.iter().find(|call| call.address == call_of(address)) else {
                continue;
            };
            let span = path.and_then(|path| path.locate(&Value::object(call.arguments.clone())).cloned());
            diagnostic.subject = Some(Subject::Source(span.unwrap_or_else(|| call.span.clone())));
        }
        diagnostics
    }

    /// The block of a call or a resource.
    pub fn block(&self, address: &str) -> Option<Span> {
        let resource = self.resources.iter().find(|resource| resource.address == address).map(|each| &each.span);
        let call = || self.calls.iter().find(|call| call.address == address).map(|each| &each.span);
        resource.or_else(call).cloned()
    }

    /// Whether pools were, or may be, managed here although none is declared now: a call without instances, a `moved` or
    /// `removed` block, or a state that is not empty.
    fn had_pools(&self) -> bool {
        let known = |source: &str| is_pool(source) || self.copies.contains(source);
        self.configuration.near_misses().iter().any(|site| known(&site.source))
            || !self.configuration.moved().is_empty()
            || !self.configuration.removed().is_empty()
            || self
                .backend()
                .and_then(|backend| backend.read().map_err(|error| Stop::message("", error.to_string())))
                .is_ok_and(|state| !state.resources.is_empty())
    }

    fn no_pool(&self) -> Stop {
        let known: Vec<&str> = poolform_core::arguments().iter().map(|row| row.name).collect();
        let foreign = |site: &ModuleSite| -> Vec<String> {
            let names =
                site.arguments.iter().filter(|name| !known.contains(&name.as_str()) && !META.contains(&name.as_str()));
            names.cloned().collect()
        };
        let looks_like_one = |site: &ModuleSite| {
            let source = site.source.to_lowercase();
            source.contains("cognito") || source.contains("user-pool")
        };
        let sites: Vec<ModuleSite> = self.configuration.near_misses().into_iter().filter(looks_like_one).collect();
        // What is advised must work: the arguments are the module's, and what it needs is given.
        let (same, other): (Vec<_>, Vec<_>) =
            sites.iter().partition(|site| foreign(site).is_empty() && site.arguments.iter().any(|name| name == "name"));
        let mut remedy = String::new();
        if !same.is_empty() {
            remedy.push_str(
                " These calls have its arguments, and would be taken for it with source = \"mineiros-io/cognito-user-pool/aws\":",
            );
            for site in same {
                let _ = write!(remedy, "\n    {} with source \"{}\"", site.address, site.source);
            }
        }
        if !other.is_empty() {
            if !remedy.is_empty() {
                remedy.push('\n');
            }
            remedy.push_str(" These calls are of other modules, which poolform does not read:");
            for site in other {
                let names = foreign(site);
                let why = match names.as_slice() {
                    [] => "it gives no name".to_owned(),
                    names => format!("of its arguments the module has no {}", names.join(", ")),
                };
                let _ = write!(remedy, "\n    {} with source \"{}\": {why}", site.address, site.source);
            }
        }
        Stop::of(
            Diagnostic::error(
                "No user pool",
                format!(
                    "No resource aws_cognito_user_pool and no module call with the source mineiros-io/cognito-user-pool/aws was \
                     found in the directory {:?}.{remedy}",
                    self.places.root()
                ),
            )
            .into(),
            Box::new(|_| None),
        )
    }

    /// The configuration.
    pub fn configuration(&self) -> &'static Configuration<'static> {
        self.configuration
    }

    /// Whether the embedded Cognito is meant.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Where the state is kept.
    pub fn backend(&self) -> Result<Box<dyn Backend>, Stop> {
        let (settings, _) = self.configuration.terraform();
        // With -local nothing leaves the laptop, whatever backend the root has.
        let storage = settings.storage.as_ref().filter(|_| !self.local);
        backend::of(storage, &self.places, &self.workspace).map_err(|problem| self.stop(problem.into()))
    }

    /// What tells this root's files from others, and from themselves after an edit.
    pub fn digest(&self) -> String {
        let sources = self.configuration.sources();
        let mut files = sources.files();
        files.sort();
        let text = files
            .iter()
            .map(|file| format!("{file}\0{}\0", sources.text(file).unwrap_or_default()))
            .collect::<String>();
        crate::saved::digest(&text)
    }

    /// Texts and numbers in the arguments of calls that are marked as sensitive.
    pub fn secrets(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let of_resources = self.resources.iter().map(|resource| &resource.body);
        for value in self.calls.iter().flat_map(|call| call.arguments.values()).chain(of_resources) {
            collect_secrets(value, false, &mut found);
        }
        found
    }

    /// Connects to the Cognito of this root's calls: to several, where their provider configurations differ.
    /// Without any call the region is the state's. The embedded Cognito has pools of every region, and those of the state are
    /// found where they are, whichever provider configurations are left.
    pub fn connect(&mut self, args: &RootArgs, of_state: &BTreeSet<String>) -> Result<Connection, Stop> {
        let mut diagnostics = Diagnostics::new();
        let mut found: Vec<poolform_client::Settings> = Vec::new();
        let mut of_calls: Vec<(Address, usize)> = Vec::new();
        let of_resources = self.resources.iter().chain(&self.data.instances).map(|resource| {
            let region = resource.body.members().and_then(|members| members.get("region")).and_then(Value::as_str);
            (&resource.address, &resource.provider, region)
        });
        for (address, provider, own_region) in
            self.calls.iter().map(|call| (&call.address, &call.provider, None)).chain(of_resources)
        {
            let (mut settings, problems) = connection::settings(&provider.arguments);
            settings.region = own_region.map(str::to_owned).or(settings.region);
            if self.local {
                // All that the embedded Cognito knows of a provider is its region.
                let region = settings.region.or_else(|| Some(DEFAULT_REGION.to_owned()));
                settings = poolform_client::Settings { region, ..poolform_client::Settings::default() };
            } else {
                diagnostics.extend(problems);
            }
            let number = found.iter().position(|other| *other == settings).unwrap_or(found.len());
            if number == found.len() {
                found.push(settings);
            }
            of_calls.push((address.clone(), number));
        }
        if found.is_empty() {
            let region = of_state.first().cloned().or_else(|| self.local.then(|| DEFAULT_REGION.to_owned()));
            found.push(poolform_client::Settings { region, ..poolform_client::Settings::default() });
        }
        self.check(diagnostics)?;
        let connections = if args.local {
            let mut regions: Vec<String> = found.into_iter().filter_map(|settings| settings.region).collect();
            let more: Vec<String> = of_state.iter().filter(|region| !regions.contains(region)).cloned().collect();
            regions.extend(more);
            connection::local(&self.places, &regions)?
        } else {
            let mut connections = Vec::new();
            for (number, settings) in found.iter().enumerate() {
                let (connection, aws) = connection::remote(settings)?;
                let call = of_calls.iter().position(|(_, of_call)| *of_call == number);
                self.check_account(&aws, call)?;
                connections.push(connection);
            }
            connections
        };
        connection::routed(connections, &of_calls).logged(self.secrets())
    }

    /// `allowed_account_ids` and `forbidden_account_ids` of the provider.
    fn check_account(&mut self, aws: &Aws, call: Option<usize>) -> Result<(), Stop> {
        let providers = self.calls.iter().map(|call| &call.provider);
        let mut providers = providers.chain(self.resources.iter().map(|resource| &resource.provider));
        let lists: Vec<(&'static str, Value)> = providers
            .nth(call.unwrap_or(0))
            .map(|provider| {
                ["allowed_account_ids", "forbidden_account_ids"]
                    .into_iter()
                    .filter_map(|name| Some((name, provider.arguments.get(name)?.clone())))
                    .filter(|(_, value)| value.items().is_some_and(|items| !items.is_empty()))
                    .collect()
            })
            .unwrap_or_default();
        if lists.is_empty() {
            return Ok(());
        }
        let account =
            aws.caller_identity().map_err(|error| Stop::message("Account not known", error.to_string()))?.account;
        for (name, value) in lists {
            let listed = value.items().unwrap_or_default().iter().any(|item| item.as_str() == Some(&account));
            if listed != (name == "allowed_account_ids") {
                let detail =
                    format!("The credentials are of account {account}, which {name} of the provider rules out.");
                return Err(self.stop(Diagnostic::error("Wrong account", detail).at(value.span.as_ref()).into()));
            }
        }
        Ok(())
    }
}

/// Whether `address` is one of `targets`, lies below one, or is what one lies below.
fn targets(targets: &[String], address: &str) -> bool {
    targets.iter().any(|target| within(address, target) || within(target, address))
}

fn collect_secrets(value: &Value, sensitive: bool, found: &mut BTreeSet<String>) {
    let sensitive = sensitive || value.sensitive;
    match &value.content {
        Content::String(text) if sensitive && !text.is_empty() => {
            found.insert(text.clone());
        }
        Content::Number(number) if sensitive => {
            found.insert(number.to_plain_string());
        }
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            items.iter().for_each(|item| collect_secrets(item, sensitive, found));
        }
        Content::Map(_, members) | Content::Object(members) => {
            members.values().for_each(|member| collect_secrets(member, sensitive, found));
        }
        _ => {}
    }
}

/// Prints warnings now, on standard error.
pub fn print_warnings(root: &mut Root) {
    let warnings = std::mem::take(&mut root.warnings);
    if !root.json && warnings.0.iter().any(|warning| warning.severity == Severity::Warning) {
        let configuration = root.configuration;
        crate::render::diagnostic::print(&warnings, &|file| configuration.sources().text(file));
    } else {
        root.warnings = warnings;
    }
}
