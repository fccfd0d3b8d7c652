//! `poolform check`

use poolform_core::check::advice;

use crate::cli::CheckArgs;
use crate::render;
use crate::root::{Root, print_warnings};
use crate::stop::{Exit, Stop};

/// Checks the files as `validate` does, and says what they allow that their owner may not know of.
pub fn run(directory: &str, args: &CheckArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    for declaration in root.declarations.clone() {
        root.check(advice(&declaration))?;
    }
    let found = root.warnings.0.len();
    if args.root.json {
        let text = |file: &str| root.configuration().sources().text(file);
        let diagnostics = render::json::diagnostics(&root.warnings, &text);
        render::json::document("diagnostics", &[("diagnostics", diagnostics)])?;
    } else {
        print_warnings(&mut root);
        print_line!("{found} {}.", if found == 1 { "warning" } else { "warnings" });
    }
    Ok(if args.detailed_exitcode && found > 0 { Exit::Changes } else { Exit::Fine })
}
