//! Terraform's language: files in, values with places out.
//!
//! [`load`] reads a root module through [`Files`], and [`Configuration`] answers questions about it: which module calls
//! of wanted sources there are, with their arguments evaluated ([`Configuration::calls`]), and what the outputs are worth
//! ([`Configuration::outputs`]). Nothing is evaluated before it is asked for. Nothing here reads the environment, a
//! clock, or a file except through what [`Inputs`] and [`Files`] hand in.
//!
//! What is not in the files is unknown and remembers its reference, so that whoever meets it can say how to supply it.

mod aws;
mod blocks;
mod collect;
mod condition;
mod decode;
mod evaluate;
mod files;
mod functions;
mod installed;
mod instance;
mod lifecycle;
mod module;
mod number;
mod open;
mod policy_document;
mod recorded;
mod reference;
mod resource;
mod root;
mod schema;
mod scope;
mod settings;
mod stand_in;
mod steps;
mod syntax;
mod template;
mod variables;
mod version;
mod view;

pub use aws::{CallerIdentity, External, Nowhere, Provider};
pub use files::{Files, Sources};
pub use functions::function_names;
pub use root::{Call, Configuration, Inputs, Known, RootOutput, is_reported, load};
pub use schema::{
    AttributeSchema, BlockSchema, IgnoreChanges, Lifecycle, NestedBlock, Nesting, NoSchemas, ResourceInstance, Schemas,
    WrittenResource,
};
pub use settings::{
    DeclaredOutput, DeclaredResource, DeclaredVariable, Import, ModuleSite, Moved, Removed, Storage, TerraformSettings,
};
pub use stand_in::{StandIn, StandIns};
pub use variables::VariableSource;
pub use version::{LANGUAGE_VERSION, satisfies};
