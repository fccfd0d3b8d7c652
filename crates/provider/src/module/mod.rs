//! The drop-in module, from the rows: `terraform/variables.tf` and `terraform/main.tf`; and `terraform/without-moves/`, the
//! same module for a Terraform that cannot move a resource to another type.

mod resources;
mod variables;

use poolform_core::argument::{Argument, Default};

/// An argument of the module that is a setting of the resources alone.
struct Own {
    name: &'static str,
    ty: &'static str,
    default: &'static str,
    doc: &'static str,
    /// The kind's segment and the attribute that it is handed on to, and what stands there.
    to: (&'static str, &'static str, &'static str),
}

const OWN: &[Own] = &[
    Own {
        name: "allow_delete",
        ty: "bool",
        default: "false",
        doc: "Whether the pool may be deleted although it has users. Counts once it is applied.",
        to: ("", "allow_delete", "var.allow_delete"),
    },
    Own {
        name: "allow_replace",
        ty: "bool",
        default: "false",
        doc: "Whether a change that is not possible in place may replace the pool, and lose its users and ids.",
        to: ("", "allow_replace", "var.allow_replace"),
    },
    Own {
        name: "allow_replace_clients",
        ty: "set(string)",
        default: "[]",
        doc: "Registered names of clients that a change which is not possible in place may replace, so that they get other ids.",
        to: ("client", "allow_replace", "try(contains(var.allow_replace_clients, each.key), false)"),
    },
    Own {
        name: "store_client_secrets",
        ty: "bool",
        default: "true",
        doc: "Whether the secrets of clients are kept in the state. Without, client_secrets has none of them; the ephemeral resource poolform_user_pool_client_secret gives them.",
        to: ("client", "store_secret", "var.store_client_secrets"),
    },
];

const MADE: &str = "Made by `UPDATE=1 cargo test -p poolform-provider --test pages`";

/// What the module may be written in.
#[derive(Clone, Copy, PartialEq)]
enum Language {
    /// Of Terraform 1.2 and newer: preconditions, and messages that are any expression.
    New,
    /// Without either. A configuration stops by an expression that fails, and the text that is no truth stands in the error.
    Old,
}

/// The files that are made: path in the repository, and text. `outputs` is the text of the module's own `outputs.tf`.
pub fn files(outputs: &str) -> Vec<(String, String)> {
    let mut files =
        vec![("terraform/without-moves/outputs.tf".to_owned(), format!("# {MADE} from ../outputs.tf.\n\n{outputs}"))];
    for (folder, language) in [("terraform", Language::New), ("terraform/without-moves", Language::Old)] {
        files.push((format!("{folder}/variables.tf"), variables::file(language)));
        files.push((format!("{folder}/main.tf"), resources::file(language)));
    }
    files
}

/// Whether a row must be given.
fn is_required(row: &Argument) -> bool {
    matches!(row.default, Default::Required)
}
