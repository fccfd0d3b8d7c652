//! `poolform validate`

use crate::cli::ValidateArgs;
use crate::render;
use crate::root::{Root, print_warnings};
use crate::stop::{Exit, Stop};

/// Checks the files without asking anybody.
pub fn run(directory: &str, args: &ValidateArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    if args.root.json {
        let text = |file: &str| root.configuration().sources().text(file);
        render::json::document("diagnostics", &[("diagnostics", render::json::diagnostics(&root.warnings, &text))])?;
    } else {
        print_warnings(&mut root);
        let of_resources = root.declarations.iter().filter(|each| root.is_resource(&each.address));
        let of_resources = of_resources.filter(|each| !each.is_of_parts()).count();
        let pools = root.calls.len() + of_resources;
        print_line!("Valid: {pools} {}.", if pools == 1 { "user pool" } else { "user pools" });
    }
    Ok(Exit::Fine)
}
