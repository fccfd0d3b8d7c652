//! What a root declares besides the calls and outputs that are evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use poolform_value::{Diagnostic, Diagnostics, Span, Type, Value};

use crate::aws::body;
use crate::evaluate::evaluate;
use crate::instance::{Evaluator, Instance, Repetition};
use crate::module::{Module, ModuleCall, reference};
use crate::root::{Configuration, with_stack};
use crate::scope::{Meter, Scope};
use crate::syntax::{Block, Step};
use crate::version::{LANGUAGE_VERSION, satisfies};

/// The `terraform` blocks of the root, together.
#[derive(Clone, Debug, Default)]
pub struct TerraformSettings {
    /// Each constraint on Terraform's version, and where it stands.
    pub required_versions: Vec<(String, Span)>,
    /// Where the state is kept; none when nothing is said.
    pub storage: Option<Storage>,
    /// The provider requirements, by local name: a version, or an object of source and version.
    pub required_providers: BTreeMap<String, Value>,
}

/// A `backend` or `cloud` block.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The label of the `backend` block; `cloud` for a `cloud` block.
    pub kind: String,
    /// Its settings, which refer to nothing; nested blocks are tuples of objects.
    pub settings: BTreeMap<String, Value>,
    /// The header of the block.
    pub span: Span,
}

/// A `moved` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The local module that the block is in, without instance keys: `module.auth`; empty for the root. The addresses are
    /// those of every instance of it.
    pub module: String,
    /// The address before, as written.
    pub from: String,
    /// The address after, as written.
    pub to: String,
    /// The header of the block.
    pub span: Span,
    /// Where the address before stands.
    pub from_span: Span,
    /// Where the address after stands.
    pub to_span: Span,
}

/// A `removed` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The local module that the block is in, as of [`Moved::module`].
    pub module: String,
    /// The address, as written.
    pub from: String,
    /// Whether what is removed is also destroyed: so unless `lifecycle` says otherwise.
    pub destroy: bool,
    /// The header of the block.
    pub span: Span,
    /// Where the address stands.
    pub from_span: Span,
}

/// An `import` block.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The address to import to, with its keys worked out.
    pub to: String,
    /// The identifier, where it can be worked out.
    pub id: Option<Value>,
    /// The header of the block.
    pub span: Span,
    /// Where the address stands.
    pub to_span: Span,
}

/// A module call anywhere in the tree, wanted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleSite {
    /// Without instance keys: `module.auth.module.pool`.
    pub address: String,
    /// As written.
    pub source: String,
    /// The header of the block.
    pub span: Span,
    /// Whether the files of the module, which are here or were installed, have been read.
    pub entered: bool,
    /// The names of the arguments.
    pub arguments: Vec<String>,
    /// The names of the module's variables, where its files have been read.
    pub variables: Vec<String>,
}

/// A `resource`, `data` or `ephemeral` block of the root or of a local module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredResource {
    /// With the modules it is in, without instance keys.
    pub address: String,
    /// `resource`, `data` or `ephemeral`.
    pub mode: &'static str,
    /// `aws_lambda_function`
    pub kind: String,
    /// The header of the block.
    pub span: Span,
    /// What its arguments refer to, as far as written plainly: `module.pool.user_pool.id`.
    pub references: Vec<String>,
    /// The module calls of its own module that it reads, through locals of the root too.
    pub reads: Vec<String>,
}

/// A `variable` block of the root.
#[derive(Clone, Debug)]
pub struct DeclaredVariable {
    /// The label.
    pub name: String,
    /// The type constraint.
    pub ty: Type,
    /// Whether a value must be given.
    pub required: bool,
    /// Whether one is given.
    pub given: bool,
    /// Whether it must not be shown.
    pub sensitive: bool,
    /// The description.
    pub description: Option<String>,
    /// The header of the block.
    pub span: Span,
}

/// An `output` block of the root, not evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredOutput {
    /// The label.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The header of the block.
    pub span: Span,
    /// The module calls of the root that it reads, through locals too.
    pub reads: Vec<String>,
}

impl Configuration<'_> {
    /// The `terraform` blocks of the root, and what all modules ask of Terraform's version: a version that is not the one
    /// whose language is spoken is a warning, since most of the language is the same in all of them. What a file needs and
    /// is not known is an error where it stands.
    pub fn terraform(&self) -> (TerraformSettings, Diagnostics) {
        let mut settings = TerraformSettings::default();
        let mut diagnostics = Diagnostics::new();
        let meter = Meter::default();
        let scope = Scope::constant(&meter);
        for block in self.modules.values().flat_map(|module| &module.settings) {
            required_version(block, &mut diagnostics);
        }
        for block in &self.root.settings {
            settings.required_versions.extend(required_version(block, &mut diagnostics));
            for inner in &block.body.blocks {
                let evaluated = match body(&inner.body, scope, &[], false) {
                    Ok(evaluated) => evaluated,
                    // Aliases of providers are references there, which are no values.
                    Err(_) if inner.kind == "required_providers" => continue,
                    Err(failed) => {
                        diagnostics.extend(failed);
                        continue;
                    }
                };
                match inner.kind.as_str() {
                    "required_providers" => settings.required_providers.extend(evaluated),
                    kind @ ("backend" | "cloud") => {
                        if settings.storage.is_some() {
                            let detail = "A module may have only one backend or cloud block.";
                            let duplicate = Diagnostic::error("Duplicate backend configuration", detail);
                            diagnostics.push(duplicate.at(Some(&inner.header)));
                            continue;
                        }
                        let kind = if kind == "cloud" { "cloud" } else { inner.label(0) };
                        let span = inner.header.clone();
                        let mut all = evaluated;
                        all.extend(self.backend.clone());
                        settings.storage = Some(Storage { kind: kind.to_owned(), settings: all, span });
                    }
                    _ => {}
                }
            }
        }
        if settings.storage.is_none() && !self.backend.is_empty() {
            let detail = "-backend-config completes a backend block of the root, and there is none.";
            diagnostics.push(Diagnostic::error("No backend block", detail));
        }
        (settings, diagnostics)
    }

    /// The `moved` blocks of the root and of its local modules.
    pub fn moved(&self) -> Vec<Moved> {
        let mut found = Vec::new();
        self.visit(&self.root, "", 0, &mut |module, prefix| {
            found.extend(module.moved.iter().filter_map(|block| {
                let (from, from_span) = address(block, "from")?;
                let (to, to_span) = address(block, "to")?;
                let module = prefix.trim_end_matches('.').to_owned();
                Some(Moved { module, from, to, span: block.header.clone(), from_span, to_span })
            }));
        });
        found
    }

    /// The `removed` blocks of the root and of its local modules.
    pub fn removed(&self) -> Vec<Removed> {
        let mut found = Vec::new();
        self.visit(&self.root, "", 0, &mut |module, prefix| {
            found.extend(module.removed.iter().filter_map(|block| {
                let (from, from_span) = address(block, "from")?;
                let destroy = block.body.blocks("lifecycle").find_map(|inner| {
                    crate::variables::constant(&inner.body.attribute("destroy")?.expression).ok()?.as_bool()
                });
                let module = prefix.trim_end_matches('.').to_owned();
                let destroy = destroy.unwrap_or(true);
                Some(Removed { module, from, destroy, span: block.header.clone(), from_span })
            }));
        });
        found
    }

    /// The `import` blocks of the root, each once for every key of its `for_each`.
    pub fn imports(&self) -> Vec<Import> {
        with_stack(|| {
            let evaluator = Evaluator::new(self, &|_: &str, _: &str| None);
            let root = Instance::root(&evaluator);
            let mut found = Vec::new();
            for block in &self.root.imports {
                let Some(to) = block.body.attribute("to") else { continue };
                let repetitions =
                    root.repetitions(&format!("import at {}", block.header.start), &block.body, &block.header);
                // Where the keys are not known, the address is as far as it is written.
                for repetition in repetitions.unwrap_or_else(|_| Rc::new(vec![Repetition::Single])).iter() {
                    let scope = root.scope(repetition);
                    let Some(to_address) = root.address_of(&to.expression, scope) else { continue };
                    let id = block.body.attribute("id").and_then(|id| evaluate(&id.expression, scope).ok());
                    let id = id.filter(|id| !id.is_unknown() && !id.is_null());
                    let (span, to_span) = (block.header.clone(), to.expression.span.clone());
                    found.push(Import { to: to_address, id, span, to_span });
                }
            }
            found
        })
    }

    /// Takes the local modules of these sources for modules from elsewhere: what they give comes from whoever knows it.
    pub fn take_for_foreign(&mut self, sources: &BTreeSet<String>) {
        let inner = self.modules.values_mut().flat_map(|module| &mut module.calls);
        for call in self.root.calls.iter_mut().chain(inner).filter(|call| sources.contains(&call.source)) {
            call.directory = None;
            call.is_callers = true;
        }
    }

    /// All module calls in the tree, so that a root in which none is wanted can say what it has.
    pub fn near_misses(&self) -> Vec<ModuleSite> {
        let mut sites = Vec::new();
        self.visit(&self.root, "", 0, &mut |module, prefix| {
            for call in &module.calls {
                sites.push(ModuleSite {
                    address: format!("{prefix}module.{}", call.name),
                    source: call.source.clone(),
                    span: call.header.clone(),
                    entered: self.entered(call).is_some(),
                    variables: self
                        .entered(call)
                        .map(|inner| inner.variables.keys().cloned().collect())
                        .unwrap_or_default(),
                    arguments: call.body.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
                });
            }
        });
        sites
    }

    /// The resources and data sources of the root and of its local modules, and what they refer to.
    pub fn resources(&self) -> Vec<DeclaredResource> {
        let mut resources = Vec::new();
        self.visit(&self.root, "", 0, &mut |module, prefix| {
            for resource in &module.resources {
                let mut references = BTreeSet::new();
                let mut reads = BTreeSet::new();
                self.references_in(&resource.block, &mut references, &mut reads);
                resources.push(DeclaredResource {
                    address: format!("{prefix}{}", resource.address()),
                    mode: resource.mode,
                    kind: resource.block.label(0).to_owned(),
                    span: resource.block.header.clone(),
                    references: references.into_iter().collect(),
                    reads: reads.into_iter().collect(),
                });
            }
        });
        resources
    }

    /// The variables of the root.
    pub fn variables(&self) -> Vec<DeclaredVariable> {
        self.root
            .variables
            .values()
            .map(|variable| DeclaredVariable {
                name: variable.name.clone(),
                ty: variable.ty.clone(),
                required: variable.default.is_none(),
                given: self.values.contains_key(&variable.name),
                sensitive: variable.sensitive,
                description: variable.description.clone(),
                span: variable.header.clone(),
            })
            .collect()
    }

    /// The outputs of the root.
    pub fn declared_outputs(&self) -> Vec<DeclaredOutput> {
        self.root
            .outputs
            .iter()
            .map(|block| {
                let mut reads = BTreeSet::new();
                if let Some(attribute) = block.body.attribute("value") {
                    self.modules_read(&attribute.expression, &mut BTreeSet::new(), &mut reads);
                }
                let description =
                    block.body.attribute("description").and_then(|text| text.expression.as_text().map(str::to_owned));
                DeclaredOutput {
                    name: block.label(0).to_owned(),
                    description,
                    span: block.header.clone(),
                    reads: reads.into_iter().collect(),
                }
            })
            .collect()
    }

    fn entered(&self, call: &ModuleCall) -> Option<&Module> {
        self.modules.get(call.directory.as_ref()?)
    }

    fn visit<'m>(&'m self, module: &'m Module, prefix: &str, depth: usize, act: &mut dyn FnMut(&'m Module, &str)) {
        act(module, prefix);
        if depth > 32 {
            return;
        }
        for call in &module.calls {
            if let Some(inner) = self.entered(call) {
                self.visit(inner, &format!("{prefix}module.{}.", call.name), depth + 1, act);
            }
        }
    }

    fn references_in(&self, block: &Block, references: &mut BTreeSet<String>, reads: &mut BTreeSet<String>) {
        for attribute in &block.body.attributes {
            attribute.expression.references(&mut |name, steps, _| {
                let mut text = name.to_owned();
                for step in steps {
                    match step {
                        Step::Attribute(name, _) => {
                            text.push('.');
                            text.push_str(name);
                        }
                        _ => break,
                    }
                }
                references.insert(text);
            });
            self.modules_read(&attribute.expression, &mut BTreeSet::new(), reads);
        }
        for inner in &block.body.blocks {
            self.references_in(inner, references, reads);
        }
    }
}

fn address(block: &Block, name: &str) -> Option<(String, Span)> {
    let expression = &block.body.attribute(name)?.expression;
    Some((reference(expression)?, expression.span.clone()))
}

/// The `required_version` of a `terraform` block.
fn required_version(block: &Block, diagnostics: &mut Diagnostics) -> Option<(String, Span)> {
    let attribute = block.body.attribute("required_version")?;
    let span = &attribute.expression.span;
    let constraint = attribute.expression.as_text().unwrap_or_default();
    match satisfies(LANGUAGE_VERSION, constraint) {
        Some(true) => {}
        Some(false) => {
            let detail = format!(
                "This configuration wants Terraform {constraint}. poolform reads it as Terraform {LANGUAGE_VERSION} would."
            );
            diagnostics.push(Diagnostic::warning("Another Terraform version", detail).at(Some(span)));
        }
        None => diagnostics.push(
            Diagnostic::error(
                "Invalid version constraint",
                "This string does not use correct version constraint syntax, like \">= 1.3, < 2.0\".",
            )
            .at(Some(span)),
        ),
    }
    Some((constraint.to_owned(), span.clone()))
}
