//! One module: the blocks of its files, by what they declare.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use poolform_value::{Diagnostic, Diagnostics, Span};

use crate::aws::ProviderReference;
use crate::files::{clean, is_local};
use crate::syntax::{Attribute, Block, Body, Expression, Item, Kind, error_at};
use crate::variables::Variable;

/// A module's declarations. What is not reached is never evaluated.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// Relative to the root module; empty for the root itself.
    pub directory: PathBuf,
    pub settings: Vec<Block>,
    pub providers: Vec<Block>,
    pub variables: BTreeMap<String, Variable>,
    pub locals: BTreeMap<String, Attribute>,
    /// In the order of the files.
    pub outputs: Vec<Block>,
    pub calls: Vec<ModuleCall>,
    pub resources: Vec<Resource>,
    pub moved: Vec<Block>,
    pub removed: Vec<Block>,
    pub imports: Vec<Block>,
    pub checks: Vec<Block>,
    /// Where the resource of an address, the call and the output of a name are in their lists.
    places: BTreeMap<String, usize>,
}

/// A `module` block.
#[derive(Debug)]
pub(crate) struct ModuleCall {
    pub name: String,
    pub header: Span,
    pub source: String,
    pub source_span: Span,
    pub version: Option<String>,
    /// Where the module is, relative to the root module, when its files are here: its source is a local path, or it is
    /// installed.
    pub directory: Option<PathBuf>,
    /// Whether the caller gives its outputs.
    pub is_callers: bool,
    pub depends_on: Vec<String>,
    pub body: Body,
}

/// The arguments of a `module` block that are not the module's.
pub(crate) const META_ARGUMENTS: &[&str] = &["source", "version", "count", "for_each", "depends_on", "providers"];

impl ModuleCall {
    /// Whether there is one instance per number or key.
    pub fn repeats(&self) -> bool {
        repeats(&self.body)
    }

    /// The provider configuration that it gives for the name inside; None where it gives none.
    pub fn provider(&self, name: &str) -> Option<ProviderReference<'_>> {
        let Kind::Object(items) = &self.body.attribute("providers")?.expression.kind else { return None };
        // The last of a name wins, as in any object.
        let item = items.iter().rev().find(|item| provider_name(item).as_deref() == Some(name))?;
        ProviderReference::of(&item.value)
    }
}

/// Whether a block has one instance per number or key.
pub(crate) fn repeats(body: &Body) -> bool {
    body.attribute("count").is_some() || body.attribute("for_each").is_some()
}

/// A `resource`, `data` or `ephemeral` block.
#[derive(Debug)]
pub(crate) struct Resource {
    pub mode: &'static str,
    pub block: Block,
}

impl Resource {
    /// `aws_lambda_function.f`, `data.aws_region.current`.
    pub fn address(&self) -> String {
        let (kind, name) = (self.block.label(0), self.block.label(1));
        match self.mode {
            "resource" => format!("{kind}.{name}"),
            mode => format!("{mode}.{kind}.{name}"),
        }
    }
}

impl Module {
    pub fn new(directory: &Path, body: Body, diagnostics: &mut Diagnostics) -> Self {
        let mut module = Module { directory: directory.to_owned(), ..Module::default() };
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for block in body.blocks {
            let expected = match block.kind.as_str() {
                "variable" | "output" | "module" | "check" => 1,
                "resource" | "data" | "ephemeral" => 2,
                _ => 0,
            };
            if expected > 0 {
                if block.labels.len() != expected {
                    continue;
                }
                let labels: Vec<&str> = block.labels.iter().map(|(label, _)| label.as_str()).collect();
                let name = format!("{}.{}", block.kind, labels.join("."));
                if let Some(first) = seen.insert(name, block.header.clone()) {
                    let detail = format!(
                        "A {} named {} was already declared in {}. Names must be unique within a module.",
                        block.kind,
                        labels.iter().map(|label| format!("{label:?}")).collect::<Vec<_>>().join(" "),
                        first.file
                    );
                    let summary = format!("Duplicate {}", block.kind);
                    diagnostics.push(Diagnostic::error(summary, detail).at(Some(&block.header)));
                    continue;
                }
                for (label, span) in &block.labels {
                    if !is_name(label) {
                        let detail = "A name must start with a letter or underscore and may contain only letters, \
                                      digits, underscores, and dashes.";
                        diagnostics.push(Diagnostic::error("Invalid name", detail).at(Some(span)));
                    }
                }
            }
            module.add(block, diagnostics);
        }
        module
    }

    fn add(&mut self, block: Block, diagnostics: &mut Diagnostics) {
        match block.kind.as_str() {
            "terraform" => self.settings.push(block),
            "provider" => self.providers.push(block),
            "variable" => {
                let variable = Variable::new(block, diagnostics);
                self.variables.insert(variable.name.clone(), variable);
            }
            "locals" => {
                for attribute in block.body.attributes {
                    if let Some(first) = self.locals.get(&attribute.name) {
                        let detail = format!(
                            "A local value named {:?} was already defined in {}. Local value names must be unique \
                             within a module.",
                            attribute.name, first.name_span.file
                        );
                        let duplicate = Diagnostic::error("Duplicate local value definition", detail);
                        diagnostics.push(duplicate.at(Some(&attribute.name_span)));
                    } else {
                        self.locals.insert(attribute.name.clone(), attribute);
                    }
                }
            }
            "output" => {
                self.places.insert(format!("output.{}", block.label(0)), self.outputs.len());
                self.outputs.push(block);
            }
            "module" => match self.call(block) {
                Ok(call) => {
                    self.places.insert(format!("module.{}", call.name), self.calls.len());
                    self.calls.push(call);
                }
                Err(failed) => diagnostics.extend(failed),
            },
            "resource" => self.resource_block("resource", block),
            "data" => self.resource_block("data", block),
            "ephemeral" => self.resource_block("ephemeral", block),
            "moved" => self.moved.push(block),
            "removed" => self.removed.push(block),
            "import" => self.imports.push(block),
            "check" => {
                let mut block = block;
                // Its data sources are its own, which nobody else may refer to.
                let (own, rest) = block.body.blocks.into_iter().partition(|inner| inner.kind == "data");
                block.body.blocks = rest;
                let own: Vec<Block> = own;
                own.into_iter()
                    .filter(|inner| inner.labels.len() == 2)
                    .for_each(|inner| self.resource_block("data", inner));
                self.checks.push(block);
            }
            _ => {}
        }
    }

    fn resource_block(&mut self, mode: &'static str, block: Block) {
        let resource = Resource { mode, block };
        self.places.insert(format!("resource.{}", resource.address()), self.resources.len());
        self.resources.push(resource);
    }

    fn call(&self, block: Block) -> Result<ModuleCall, Diagnostics> {
        let name = block.label(0).to_owned();
        let Some(attribute) = block.body.attribute("source") else {
            // Said already: the argument is required.
            return Err(Diagnostics::new());
        };
        let source_span = attribute.expression.span.clone();
        let Some(source) = attribute.expression.as_text() else {
            return Err(error_at(
                &source_span,
                "Unsuitable module source",
                "The source of a module must be a literal string: modules are found before anything is evaluated.",
            ));
        };
        let source = source.to_owned();
        let version = match block.body.attribute("version") {
            None => None,
            Some(version) => match version.expression.as_text() {
                Some(version) => Some(version.to_owned()),
                None => {
                    return Err(error_at(
                        &version.expression.span,
                        "Invalid version constraint",
                        "The version of a module must be a literal string.",
                    ));
                }
            },
        };
        one_way_to_repeat(&block.body)?;
        let directory = is_local(&source).then(|| clean(&self.directory.join(&source)));
        if let Some(attribute) = block.body.attribute("providers") {
            let Kind::Object(items) = &attribute.expression.kind else {
                return Err(invalid_provider(&attribute.expression.span));
            };
            if let Some(item) = items.iter().find(|item| provider_name(item).is_none()) {
                return Err(invalid_provider(&item.value.span));
            }
        }
        let depends_on =
            block.body.attribute("depends_on").map_or_else(Vec::new, |attribute| references(&attribute.expression));
        let header = block.header.clone();
        Ok(ModuleCall {
            name,
            header,
            source,
            source_span,
            version,
            directory,
            is_callers: false,
            depends_on,
            body: block.body,
        })
    }

    /// The call of that name.
    pub fn module_call(&self, name: &str) -> Option<&ModuleCall> {
        self.calls.get(*self.places.get(&format!("module.{name}"))?)
    }

    /// The output of that name.
    pub fn output(&self, name: &str) -> Option<&Block> {
        self.outputs.get(*self.places.get(&format!("output.{name}"))?)
    }

    /// The resource of that address.
    pub fn resource(&self, address: &str) -> Option<&Resource> {
        self.resources.get(*self.places.get(&format!("resource.{address}"))?)
    }

    /// The configuration of a provider, by its local name and alias.
    pub fn provider(&self, name: &str, alias: Option<&str>) -> Option<&Block> {
        self.providers.iter().find(|block| {
            let own = block.body.attribute("alias").and_then(|alias| alias.expression.as_text());
            block.label(0) == name && own == alias
        })
    }
}

/// Refuses a block with both `count` and `for_each`.
pub(crate) fn one_way_to_repeat(body: &Body) -> Result<(), Diagnostics> {
    if let (Some(_), Some(each)) = (body.attribute("count"), body.attribute("for_each")) {
        return Err(error_at(
            &each.name_span,
            "Invalid combination of \"count\" and \"for_each\"",
            "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be \
             explicit about the number of resources to be created.",
        ));
    }
    Ok(())
}

/// The name inside of an entry of `providers`; None where the entry is none.
fn provider_name(item: &Item) -> Option<String> {
    ProviderReference::of(&item.value)?;
    item.key.as_text().map(str::to_owned).or_else(|| item.key.as_reference())
}

fn invalid_provider(span: &Span) -> Diagnostics {
    error_at(
        span,
        "Invalid provider reference",
        "Provider configurations are given as { aws = aws.alias }, in OpenTofu also { aws = aws.alias[each.key] }: the name in \
         the module, and a configuration here.",
    )
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_' || character == '-')
}

/// A reference, in quotes or not, as it is in `depends_on`, `moved` and `providers`.
pub(crate) fn reference(expression: &Expression) -> Option<String> {
    expression.as_reference().or_else(|| expression.as_text().map(str::to_owned))
}

/// The references of a list of them.
pub(crate) fn references(expression: &Expression) -> Vec<String> {
    match &expression.kind {
        Kind::Tuple(items) => items.iter().filter_map(reference).collect(),
        _ => Vec::new(),
    }
}
