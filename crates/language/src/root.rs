//! A root module and everything it calls, read once and asked many times.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use poolform_value::{Content, Diagnostic, Diagnostics, Severity, Span, Type, Value};

use crate::aws::{External, Provider};
use crate::condition::check_all;
use crate::files::{Files, Library, Sources, shown};
use crate::installed::Installed;
use crate::instance::{Evaluator, Instance, Repetition};
use crate::module::{Module, ModuleCall};
use crate::open::closed;
use crate::reference::{Parts, parts_of, written};
use crate::schema::{NoSchemas, Schemas};
use crate::stand_in::{StandIns, Used};
use crate::syntax::{Block, Expression, Step, error_at, parse_expression};
use crate::variables::{VariableSource, backend_settings, constant, gather};

/// Everything that comes from outside of the files.
pub struct Inputs<'i> {
    /// Where variables have their values from, lowest precedence first.
    pub variables: Vec<VariableSource>,
    /// `terraform.workspace`
    pub workspace: String,
    /// `path.cwd`
    pub working_directory: PathBuf,
    /// What `~` means to `pathexpand`.
    pub home: Option<PathBuf>,
    /// Each `REFERENCE=EXPRESSION` that supplies a reference.
    pub settings: Vec<String>,
    /// Settings of the backend besides those of its block, each `NAME=VALUE` or a file of them.
    pub backend: Vec<String>,
    /// The output of `terraform show -json`.
    pub terraform_state: Option<serde_json::Value>,
    /// The outside, asked only when an expression reaches it.
    pub external: &'i dyn External,
    /// Whether the module of this source is one that the caller has in itself: such a module is never read, though it may be
    /// installed.
    pub built_in: &'i (dyn Fn(&str) -> bool + Sync),
    /// The types of resources that the caller knows.
    pub schemas: &'i dyn Schemas,
    /// What stands in for what only AWS knows; none where nothing may be made up. What is set or recorded goes before.
    pub stand_ins: Option<StandIns>,
    /// The time of the run, in RFC 3339: what `timestamp()` and `plantimestamp()` say.
    pub now: String,
}

impl Default for Inputs<'_> {
    fn default() -> Self {
        Inputs {
            variables: Vec::new(),
            workspace: "default".to_owned(),
            working_directory: PathBuf::from("/"),
            home: None,
            settings: Vec::new(),
            backend: Vec::new(),
            terraform_state: None,
            external: &crate::aws::Nowhere,
            built_in: &|_| false,
            schemas: &NoSchemas,
            stand_ins: None,
            now: "1970-01-01T00:00:00Z".to_owned(),
        }
    }
}

/// The outputs of module calls that are not local modules, as far as somebody knows them.
///
/// A closure from the address of a call (`module.pool["blue"]`) and the name of an output is one.
pub trait Known: Sync {
    /// The output `name` of the call at `address`; None while it is unknown.
    fn output(&self, address: &str, name: &str) -> Option<Value>;

    /// Which outputs the call at `address` has, for expressions that take all of them: `module.pool[*].domain`.
    fn names(&self, address: &str) -> Vec<String> {
        let _ = address;
        Vec::new()
    }

    /// All the attributes of the resource or data source at `address`, an instance, as the service answered them; None while
    /// it is not there.
    fn resource(&self, address: &str) -> Option<Value> {
        let _ = address;
        None
    }

    /// Whether the service was asked for the data source at `address`, an instance, and has nothing of it: only then a
    /// stand-in may take its place.
    fn is_absent(&self, address: &str) -> bool {
        let _ = address;
        false
    }
}

impl<F: Fn(&str, &str) -> Option<Value> + Sync> Known for F {
    fn output(&self, address: &str, name: &str) -> Option<Value> {
        self(address, name)
    }
}

/// A root module, read. Nothing in it is evaluated until somebody asks.
pub struct Configuration<'i> {
    pub(crate) root: Module,
    /// The local and installed modules, by their directory relative to the root.
    pub(crate) modules: BTreeMap<PathBuf, Module>,
    pub(crate) sources: Sources,
    pub(crate) inputs: Inputs<'i>,
    pub(crate) files: &'i dyn Files,
    pub(crate) directory: PathBuf,
    /// What is given for the variables of the root.
    pub(crate) values: BTreeMap<String, Value>,
    /// What `-set` supplies.
    pub(crate) settings: Vec<(Parts, Value)>,
    /// What `-backend-config` supplies.
    pub(crate) backend: BTreeMap<String, Value>,
    /// The stand-ins that were used, by what they stand for.
    pub(crate) used: Mutex<BTreeMap<String, Used>>,
}

/// A module call that was wanted, with everything evaluated.
#[derive(Clone, Debug)]
pub struct Call {
    /// `module.pool`, `module.pool["blue"]`, `module.pool[0]`, `module.auth.module.pool`
    pub address: String,
    /// As written.
    pub source: String,
    /// As written.
    pub version: Option<String>,
    /// The header of the module block.
    pub span: Span,
    /// Where the source stands.
    pub source_span: Span,
    /// The arguments, each with its place; the meta-arguments are left out. One that is wrong in itself has been
    /// reported and is here as an unknown value without an origin.
    pub arguments: BTreeMap<String, Value>,
    /// References, as written.
    pub depends_on: Vec<String>,
    /// The provider configuration that the call uses.
    pub provider: Provider,
}

/// An `output` block of the root, evaluated.
#[derive(Clone, Debug)]
pub struct RootOutput {
    /// The label of the block.
    pub name: String,
    /// What it is worth.
    pub value: Value,
    /// Whether it must not be shown.
    pub sensitive: bool,
    /// The block's description.
    pub description: Option<String>,
    /// The header of the block.
    pub span: Span,
    /// The module calls of the root that it reads, through locals too: `module.pool`.
    pub reads: Vec<String>,
}

/// How much stack reading and evaluating may use: references lead from one expression into the next, and nobody's own
/// stack should have to be large enough for that.
const STACK: usize = 64 << 20;

/// Does `work` on a stack that is large enough for it.
pub(crate) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread can be started: {error}"),
        }
    })
}

/// Reads the root module in `directory`, the local and installed modules it calls and the values of its variables. All syntax is
/// checked, nothing is evaluated.
pub fn load<'i>(files: &'i dyn Files, directory: &Path, inputs: Inputs<'i>) -> (Configuration<'i>, Diagnostics) {
    with_stack(|| read(files, directory, inputs))
}

fn read<'i>(files: &'i dyn Files, directory: &Path, inputs: Inputs<'i>) -> (Configuration<'i>, Diagnostics) {
    let mut library = Library { files, directory, sources: Sources::default(), diagnostics: Diagnostics::new() };
    let mut root = match library.read_module(Path::new("")) {
        Some(body) => Module::new(Path::new(""), body, &mut library.diagnostics),
        None => {
            if library.diagnostics.is_empty() {
                let detail = "There is no Terraform file (.tf, .tf.json, .tofu or .tofu.json) in this directory.";
                library.diagnostics.push(Diagnostic::error("No configuration files", detail));
            }
            Module::default()
        }
    };
    let installed = Installed::read(&library);
    let (modules, chain) = (BTreeMap::new(), vec![PathBuf::new()]);
    let mut loader = Loader { library: &mut library, installed, built_in: inputs.built_in, modules, chain };
    loader.load(&mut root, "");
    let modules = loader.modules;
    let values = gather(&root, &inputs.variables, &mut library);
    let mut settings = Vec::new();
    for text in &inputs.settings {
        match setting(text, &library.sources) {
            Ok(setting) => settings.push(setting),
            Err(failed) => library.diagnostics.extend(failed),
        }
    }
    let mut backend = BTreeMap::new();
    for text in &inputs.backend {
        backend_settings(text, &mut backend, &mut library);
    }
    let Library { sources, diagnostics, .. } = library;
    let directory = directory.to_owned();
    let used = Mutex::default();
    (Configuration { root, modules, sources, inputs, files, directory, values, settings, backend, used }, diagnostics)
}

/// Reads the modules whose files are here, from the calls of a module on.
struct Loader<'l, 'f> {
    library: &'l mut Library<'f>,
    installed: Installed,
    built_in: &'l dyn Fn(&str) -> bool,
    modules: BTreeMap<PathBuf, Module>,
    /// The directories of the modules around the one that is being read.
    chain: Vec<PathBuf>,
}

impl Loader<'_, '_> {
    /// The modules that `module` calls. `key` is how its own call is named from the root on, with a point behind it.
    fn load(&mut self, module: &mut Module, key: &str) {
        for call in &mut module.calls {
            let key = format!("{key}{}", call.name);
            let local = call.directory.is_some();
            call.is_callers = (self.built_in)(&call.source);
            if !local && !call.is_callers {
                call.directory = self.installed.directory(&key, call, &mut self.library.diagnostics);
            }
            let Some(directory) = call.directory.clone() else { continue };
            if self.chain.contains(&directory) {
                let detail = "This module calls itself, directly or through another one.";
                self.library.diagnostics.push(Diagnostic::error("Module cycle", detail).at(Some(&call.source_span)));
            } else if !self.modules.contains_key(&directory) {
                self.enter(call, directory, local, &format!("{key}."));
            }
        }
    }

    fn enter(&mut self, call: &ModuleCall, directory: PathBuf, local: bool, key: &str) {
        if let Err(error) = self.library.names(&directory) {
            // What the pools do not reach must not stop them; a reference to one of its outputs is unresolved.
            let detail = format!(
                "The directory {} of the module {:?} that this names could not be read: {error}. The module is passed \
                 over, with any user pool that it declares.",
                shown(&directory),
                call.source
            );
            let warning = Diagnostic::warning("Unreadable module directory", detail).at(Some(&call.source_span));
            self.library.diagnostics.push(warning);
            return;
        }
        let before = std::mem::take(&mut self.library.diagnostics);
        let body = self.library.read_module(&directory);
        let mut found = std::mem::replace(&mut self.library.diagnostics, before);
        let Some(body) = body else {
            if found.is_empty() {
                let detail = format!(
                    "There is no Terraform file in the directory {:?} that this names. The module is passed over.",
                    call.source
                );
                found.push(Diagnostic::warning("Module not found", detail).at(Some(&call.source_span)));
            }
            self.library.diagnostics.extend(found);
            return;
        };
        let mut inner = Module::new(&directory, body, &mut found);
        if !local && found.has_errors() {
            // Nobody can mend somebody else's files.
            let first = found.0.iter().find(|one| one.severity == Severity::Error);
            let (summary, detail) = first.map_or(("", ""), |first| (&first.summary, &first.detail));
            let detail = format!(
                "The installed module {:?} cannot be read, and is passed over with any user pool that it declares. \
                 {summary}: {detail}",
                call.source
            );
            found = Diagnostic::warning("Unreadable module", detail).at(Some(&call.source_span)).into();
            self.library.diagnostics.extend(found);
            return;
        }
        self.library.diagnostics.extend(found);
        self.chain.push(directory.clone());
        self.load(&mut inner, key);
        self.chain.pop();
        self.modules.insert(directory, inner);
    }
}

/// `REFERENCE=EXPRESSION`
fn setting(text: &str, sources: &Sources) -> Result<(Parts, Value), Diagnostics> {
    let invalid = |detail: String| Diagnostics::from(Diagnostic::error("Invalid -set option", detail));
    let Some((reference, value)) = text.split_once('=') else {
        return Err(invalid(format!(
            "{text:?} must be a reference and an expression: 'module.lambdas.arn=\"arn:…\"'."
        )));
    };
    let (reference, value) = (reference.trim(), value.trim());
    let (file, shared): (Arc<str>, Arc<str>) = sources.add(&format!("<-set {reference}>"), value);
    let name = parse_expression(&file, reference).ok();
    let Some(parts) = name.as_ref().and_then(parts_of) else {
        return Err(invalid(format!("{reference:?} is not a reference, like module.lambdas.arn.")));
    };
    if let "var" | "local" | "each" | "count" | "path" | "terraform" | "self" = parts[0].as_str() {
        let remedy = if parts[0] == "var" { " Use -var for variables." } else { "" };
        return Err(invalid(format!(
            "{reference:?} is worked out from the files; only references to resources, data sources and other modules \
             can be supplied.{remedy}"
        )));
    }
    let value = parse_expression(&file, &shared).and_then(|expression| constant(&expression))?;
    Ok((parts, value))
}

impl Configuration<'_> {
    /// The text of every file that was read, for showing diagnostics.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Whether `-set` or the state of `-terraform-state` says something of the data source at `address`, an instance.
    pub fn gives(&self, address: &str) -> bool {
        let set = |(parts, _): &(Parts, Value)| {
            let set = written(parts);
            set.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let recorded = |state: &serde_json::Value| crate::recorded::names(state, address);
        self.settings.iter().any(set) || self.inputs.terraform_state.as_ref().is_some_and(recorded)
    }

    /// The outputs of the root: those named, or all.
    pub fn outputs(&self, names: Option<&[&str]>, known: &dyn Known) -> (Vec<RootOutput>, Diagnostics) {
        with_stack(|| self.wanted_outputs(names, known))
    }

    fn wanted_outputs(&self, names: Option<&[&str]>, known: &dyn Known) -> (Vec<RootOutput>, Diagnostics) {
        let evaluator = Evaluator::new(self, known);
        let mut diagnostics = Diagnostics::new();
        let mut outputs = Vec::new();
        let root = Instance::root(&evaluator);
        for block in &self.root.outputs {
            let name = block.label(0);
            if names.is_some_and(|names| !names.contains(&name)) {
                continue;
            }
            match self.output(&root, block) {
                Ok(output) => outputs.push(output),
                Err(failed) => diagnostics.extend(failed),
            }
        }
        diagnostics.extend(evaluator.found.take());
        (outputs, diagnostics)
    }

    fn output(&self, root: &Rc<Instance<'_>>, block: &Block) -> Result<RootOutput, Diagnostics> {
        let name = block.label(0).to_owned();
        let value = root.output(&name, &block.header)?.as_ref().clone();
        let value = closed(root.scope(&Repetition::Single).settle(value, &Type::Any));
        let flag = block.body.attribute("sensitive").map(|flag| constant(&flag.expression)).transpose()?;
        let sensitive = flag.is_some_and(|flag| flag.as_bool() == Some(true));
        if !sensitive && value.contains_sensitive() {
            return Err(error_at(
                &block.header,
                "Output refers to sensitive values",
                "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, \
                 Terraform requires that any root module output containing sensitive data be explicitly marked as \
                 sensitive, to confirm your intent. If you do intend to export this data, annotate the output value as \
                 sensitive by adding the following argument:\n    sensitive = true",
            ));
        }
        let scope = root.scope(&Repetition::Single);
        let found = check_all(block.body.blocks("precondition"), scope, "Module output value precondition failed");
        if found.has_errors() {
            return Err(found);
        }
        root.evaluator.note(found);
        let description =
            block.body.attribute("description").and_then(|text| text.expression.as_text().map(str::to_owned));
        let mut reads = BTreeSet::new();
        if let Some(attribute) = block.body.attribute("value") {
            self.modules_read(&attribute.expression, &mut BTreeSet::new(), &mut reads);
        }
        let span = block.header.clone();
        Ok(RootOutput { name, value, sensitive, description, span, reads: reads.into_iter().collect() })
    }

    /// The module calls of the root that an expression of the root reads, directly or through locals.
    pub(crate) fn modules_read<'m>(
        &'m self,
        expression: &'m Expression,
        seen: &mut BTreeSet<&'m str>,
        reads: &mut BTreeSet<String>,
    ) {
        expression.references(&mut |name, steps, _| {
            let Some(Step::Attribute(attribute, _)) = steps.first() else { return };
            match name {
                "module" => {
                    reads.insert(format!("module.{attribute}"));
                }
                "local" if seen.insert(attribute) => {
                    if let Some(local) = self.root.locals.get(attribute) {
                        self.modules_read(&local.expression, seen, reads);
                    }
                }
                _ => {}
            }
        });
    }
}

/// Whether a value has been found wrong and reported already: an unknown without an origin.
pub fn is_reported(value: &Value) -> bool {
    matches!(value.content, Content::Unknown(_, None))
}
