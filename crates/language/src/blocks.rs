//! Which blocks and arguments Terraform's files have.

use poolform_value::{Diagnostic, Diagnostics, suggest};

use crate::syntax::Body;

/// A kind of block.
pub(crate) struct BlockKind {
    pub name: &'static str,
    pub labels: &'static [&'static str],
    /// Arguments that are allowed; any, when `open`.
    arguments: &'static [&'static str],
    /// Arguments that must be there.
    required: &'static [&'static str],
    blocks: &'static [BlockKind],
    /// Whether arguments and blocks other than these are somebody else's affair.
    open: bool,
}

/// How an argument is read where the notation leaves a choice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contents {
    Expression,
    /// A type or an address.
    Verbatim,
    /// A value in which text is no template.
    Literal,
}

const fn closed(
    name: &'static str,
    labels: &'static [&'static str],
    arguments: &'static [&'static str],
    required: &'static [&'static str],
    blocks: &'static [BlockKind],
) -> BlockKind {
    BlockKind { name, labels, arguments, required, blocks, open: false }
}

const fn open(name: &'static str, labels: &'static [&'static str], blocks: &'static [BlockKind]) -> BlockKind {
    BlockKind { name, labels, arguments: &[], required: &[], blocks, open: true }
}

/// The blocks of a resource that are Terraform's and not its type's.
const OF_A_RESOURCE: &[BlockKind] = &[
    open("lifecycle", &[], &[open("precondition", &[], &[]), open("postcondition", &[], &[])]),
    open("provisioner", &["type"], &[open("connection", &[], &[])]),
    open("connection", &[], &[]),
];

/// What a file of a module holds.
pub(crate) const MODULE_FILE: BlockKind = closed(
    "module",
    &[],
    &[],
    &[],
    &[
        closed(
            "terraform",
            &[],
            &["required_version", "experiments", "language"],
            &[],
            &[
                open("backend", &["type"], &[]),
                open("cloud", &[], &[open("workspaces", &[], &[])]),
                open("required_providers", &[], &[]),
                open("provider_meta", &["provider"], &[]),
                // OpenTofu's.
                open("encryption", &[], &[]),
            ],
        ),
        open("provider", &["name"], &[]),
        closed(
            "variable",
            &["name"],
            &["type", "default", "description", "sensitive", "nullable", "ephemeral", "deprecated", "const"],
            &[],
            &[closed("validation", &[], &["condition", "error_message"], &["condition", "error_message"], &[])],
        ),
        open("locals", &[], &[]),
        closed(
            "output",
            &["name"],
            &["value", "description", "sensitive", "ephemeral", "depends_on", "deprecated"],
            &["value"],
            &[closed("precondition", &[], &["condition", "error_message"], &["condition", "error_message"], &[])],
        ),
        BlockKind { name: "module", labels: &["name"], arguments: &[], required: &["source"], blocks: &[], open: true },
        open("resource", &["type", "name"], OF_A_RESOURCE),
        open("data", &["type", "name"], OF_A_RESOURCE),
        open("ephemeral", &["type", "name"], OF_A_RESOURCE),
        closed("moved", &[], &["from", "to"], &["from", "to"], &[]),
        closed(
            "removed",
            &[],
            &["from"],
            &["from"],
            &[
                closed("lifecycle", &[], &["destroy"], &[], &[]),
                open("provisioner", &["type"], &[]),
                open("connection", &[], &[]),
            ],
        ),
        closed("import", &[], &["to", "id", "identity", "provider", "for_each"], &["to"], &[]),
        open("check", &["name"], &[open("data", &["type", "name"], &[]), open("assert", &[], &[])]),
        // Terraform 1.14: what is done to resources, never to pools.
        open("action", &["type", "name"], &[]),
    ],
);

impl BlockKind {
    /// The kind of block called `name` in this one.
    pub fn block(&self, name: &str) -> Option<&'static BlockKind> {
        self.blocks.iter().find(|kind| kind.name == name)
    }

    /// How the argument `name` of this kind is read in JSON.
    pub fn contents(&self, name: &str) -> Contents {
        match (self.name, name) {
            ("variable", "type")
            | ("module", "providers" | "depends_on")
            | ("resource" | "data" | "ephemeral", "provider" | "depends_on")
            | ("lifecycle", "ignore_changes" | "replace_triggered_by")
            | ("output", "depends_on")
            | ("moved" | "removed", _)
            | ("import", "to") => Contents::Verbatim,
            ("values", _) | ("variable", "default") => Contents::Literal,
            _ => Contents::Expression,
        }
    }

    /// What Terraform refuses in `body`, whatever its expressions say.
    pub fn check(&self, body: &Body, diagnostics: &mut Diagnostics) {
        for attribute in &body.attributes {
            if self.open || self.arguments.contains(&attribute.name.as_str()) {
                continue;
            }
            let name = &attribute.name;
            let detail = if self.block(name).is_some() {
                format!(
                    "An argument named {name:?} is not expected here. Did you mean to define a block of type {name:?}?"
                )
            } else {
                format!("An argument named {name:?} is not expected here.{}", did_you_mean(name, self.arguments))
            };
            diagnostics.push(Diagnostic::error("Unsupported argument", detail).at(Some(&attribute.name_span)));
        }
        for block in &body.blocks {
            let Some(kind) = self.block(&block.kind) else {
                let known: Vec<&str> = self.blocks.iter().map(|kind| kind.name).collect();
                let remedy = did_you_mean(&block.kind, &known);
                let (name, new) = (&block.kind, self.name == MODULE_FILE.name && remedy.is_empty());
                if new {
                    // A later Terraform may have it; nothing here can refer to it.
                    let detail =
                        format!("Blocks of type {name:?} are not known to poolform, which passes this one over.");
                    diagnostics.push(Diagnostic::warning("Unknown block type", detail).at(Some(&block.header)));
                } else if !self.open {
                    let detail = format!("Blocks of type {name:?} are not expected here.{remedy}");
                    diagnostics.push(Diagnostic::error("Unsupported block type", detail).at(Some(&block.header)));
                }
                continue;
            };
            if block.labels.len() != kind.labels.len() {
                let (summary, detail) = if block.labels.len() < kind.labels.len() {
                    let missing = kind.labels[block.labels.len()];
                    let (kind, count) = (kind.name, kind.labels.len());
                    let labels = kind_labels(count);
                    (
                        format!("Missing {missing} for {kind}"),
                        format!("All {kind} blocks must have {labels}: {}.", self.labels_of(kind)),
                    )
                } else {
                    let kind = kind.name;
                    (
                        format!("Extraneous label for {kind}"),
                        format!("{} are expected for {kind} blocks.", kind_labels(self.label_count(kind))),
                    )
                };
                diagnostics.push(Diagnostic::error(summary, detail).at(Some(&block.header)));
            }
            for required in kind.required {
                if block.body.attribute(required).is_none() {
                    let detail = format!("The argument {required:?} is required, but no definition was found.");
                    diagnostics.push(Diagnostic::error("Missing required argument", detail).at(Some(&block.header)));
                }
            }
            kind.check(&block.body, diagnostics);
        }
    }

    fn labels_of(&self, kind: &str) -> String {
        self.block(kind).map_or(String::new(), |kind| kind.labels.join(", "))
    }

    fn label_count(&self, kind: &str) -> usize {
        self.block(kind).map_or(0, |kind| kind.labels.len())
    }
}

fn kind_labels(count: usize) -> String {
    match count {
        0 => "No labels".to_owned(),
        1 => "1 label".to_owned(),
        count => format!("{count} labels"),
    }
}

/// ` Did you mean "name"?`, when one of `known` is near.
pub(crate) fn did_you_mean(given: &str, known: &[&str]) -> String {
    suggest(given, known.iter().copied()).map_or(String::new(), |name| format!(" Did you mean {name:?}?"))
}

/// What a file of variable values holds: a value for any name.
pub(crate) const VALUES_FILE: BlockKind = open("values", &[], &[]);
