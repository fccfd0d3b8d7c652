//! The modules that `terraform init` or `tofu init` brought: which call has which directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use poolform_value::{Diagnostic, Diagnostics};
use serde_json::Value as Json;

use crate::files::{Library, clean};
use crate::module::ModuleCall;
use crate::version::satisfies;

/// Where both programs keep the list, below the root module.
const MANIFEST: &str = ".terraform/modules/modules.json";

/// What stands in the list, by the names of the calls from the root on: `auth`, `auth.domain`.
#[derive(Debug, Default)]
pub(crate) struct Installed(BTreeMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    /// As the program wrote it: sources of a registry with its host.
    source: String,
    version: Option<String>,
    directory: PathBuf,
}

impl Installed {
    /// The list of the root module; empty where there is none, or none that can be read: everything is as before an
    /// installation then.
    pub fn read(library: &Library<'_>) -> Self {
        let path = library.directory.join(MANIFEST);
        if !library.files.is_file(&path) {
            return Installed::default();
        }
        let list = library.files.read(&path).ok().and_then(|text| serde_json::from_slice::<Json>(&text).ok());
        let entries = list.as_ref().and_then(|list| list.get("Modules")?.as_array()).into_iter().flatten();
        let entries = entries.filter_map(|entry| {
            let text = |name: &str| entry.get(name).and_then(Json::as_str);
            let version = text("Version").filter(|version| !version.is_empty()).map(str::to_owned);
            let directory = clean(Path::new(text("Dir")?));
            Some((text("Key")?.to_owned(), Entry { source: text("Source")?.to_owned(), version, directory }))
        });
        Installed(entries.collect())
    }

    /// Where the module of `call`, whose names from the root on are `key`, was installed. None where it was not, or where
    /// another one was, which is said.
    pub fn directory(&self, key: &str, call: &ModuleCall, diagnostics: &mut Diagnostics) -> Option<PathBuf> {
        let entry = self.0.get(key)?;
        let other = if !is_same(&entry.source, &call.source) {
            format!("from {:?}", entry.source)
        } else {
            match (&entry.version, &call.version) {
                (Some(version), Some(wanted)) if satisfies(version, wanted) == Some(false) => {
                    format!("in version {version}, and this asks for {wanted}")
                }
                _ => return Some(entry.directory.clone()),
            }
        };
        let detail = format!(
            "Under the name {key} a module is installed {other}. It is passed over, with any user pool that it declares: run \
             `terraform init` (or `tofu init`) to install the one that is meant."
        );
        diagnostics.push(Diagnostic::warning("Another module is installed", detail).at(Some(&call.source_span)));
        None
    }
}

/// Whether `written` leads to what was installed from `installed`. Those of registries are the same but for the host; of others
/// the programs write what they made of them.
fn is_same(installed: &str, written: &str) -> bool {
    let parts = |source: &str| source.split("//").next().unwrap_or_default().split('/').map(str::to_owned).collect();
    let (ours, theirs): (Vec<String>, Vec<String>) = (parts(written), parts(installed));
    let of_registry = |parts: &[String]| {
        (3..=4).contains(&parts.len())
            && parts.iter().all(|part| !part.is_empty() && !part.contains(':') && !part.contains('?'))
            && !["github.com", "bitbucket.org"].contains(&parts[0].as_str())
    };
    if of_registry(&ours) { theirs.ends_with(&ours) } else { !of_registry(&theirs) || theirs == ours }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn sources_of_registries_are_compared() {
        for (installed, written, same) in [
            ("registry.terraform.io/acme/pool/aws", "acme/pool/aws", true),
            ("registry.opentofu.org/acme/pool/aws//modules/x", "acme/pool/aws//modules/x", true),
            ("app.terraform.io/acme/pool/aws", "app.terraform.io/acme/pool/aws", true),
            ("registry.terraform.io/acme/net/aws", "acme/pool/aws", false),
            ("git::https://github.com/acme/pool.git?ref=v1", "github.com/acme/pool?ref=v1", true),
            ("git::https://git.example/pool.git", "git::https://git.example/pool.git", true),
            ("git::https://github.com/acme/pool.git", "acme/pool/aws", false),
            ("registry.terraform.io/acme/pool/aws", "git::https://github.com/acme/pool.git", false),
        ] {
            assert_eq!(is_same(installed, written), same, "{installed} {written}");
        }
    }
}
