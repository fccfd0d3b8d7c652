//! The files of a module: found, read, parsed, and laid over one another.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use poolform_value::{Diagnostic, Diagnostics, Span};

use crate::blocks::{MODULE_FILE, VALUES_FILE};
use crate::syntax::json::parse;
use crate::syntax::native::Reader;
use crate::syntax::{Block, Body};

/// How the language sees files; implemented at the edge, and in memory by tests.
pub trait Files: Sync {
    /// The names of the files and directories in a directory, in any order.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;
    /// The content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Whether there is a file at `path`.
    fn is_file(&self, path: &Path) -> bool;
}

/// The text of everything that was read, by the names that spans use.
///
/// Templates are read while their caller is evaluated, so texts join behind a lock.
#[derive(Debug, Default)]
pub struct Sources(Mutex<BTreeMap<Arc<str>, Arc<str>>>);

impl Sources {
    /// The text of a file, without a byte order mark: what spans count in.
    pub fn text(&self, file: &str) -> Option<Arc<str>> {
        self.locked().get(file).cloned()
    }

    /// The names of all files.
    pub fn files(&self) -> Vec<Arc<str>> {
        self.locked().keys().cloned().collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<str>>> {
        // Nothing is done under the lock that could leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Line and column of the start of `span`, both counted from 1, columns in characters.
    pub fn position(&self, span: &Span) -> (usize, usize) {
        let text = self.text(&span.file).unwrap_or_else(|| "".into());
        let before = text.get(..span.start.min(text.len())).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    pub(crate) fn add(&self, file: &str, text: &str) -> (Arc<str>, Arc<str>) {
        let (file, text): (Arc<str>, Arc<str>) = (file.into(), text.into());
        self.locked().insert(Arc::clone(&file), Arc::clone(&text));
        (file, text)
    }
}

/// `path` without `.` and without `x/..`, so that one directory has one name.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(cleaned.components().next_back(), Some(Component::Normal(_))) => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}

/// A path relative to the root module, as Terraform writes it.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Reads text files and remembers them.
pub(crate) struct Library<'f> {
    pub files: &'f dyn Files,
    /// The root module.
    pub directory: &'f Path,
    pub sources: Sources,
    pub diagnostics: Diagnostics,
}

impl Library<'_> {
    /// The names in a directory below the root module, sorted.
    pub fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = self.files.list(&self.directory.join(path))?;
        names.sort();
        Ok(names)
    }

    /// The text of a file below the root module, by the name that spans use.
    pub fn read(&mut self, path: &Path) -> Option<(Arc<str>, Arc<str>)> {
        self.read_as(path, &shown(path))
    }

    /// The text of a file, under a name to show.
    pub fn read_as(&mut self, path: &Path, name: &str) -> Option<(Arc<str>, Arc<str>)> {
        let bytes = match self.files.read(&self.directory.join(path)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let detail = format!("The file {name} could not be read: {error}.");
                self.diagnostics.push(Diagnostic::error("Failed to read file", detail));
                return None;
            }
        };
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(self.sources.add(name, text)),
            Err(error) => {
                let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                let at = good.len();
                let (file, _) = self.sources.add(name, &good);
                self.diagnostics.push(
                    Diagnostic::error("Invalid character encoding", "This file is not valid UTF-8 from here on.")
                        .at(Some(&Span::new(&file, at, at))),
                );
                None
            }
        }
    }

    /// A file of variable values: names and expressions.
    pub fn read_values(&mut self, path: &Path, name: &str) -> Option<Body> {
        let (file, text) = self.read_as(path, name)?;
        let parsed = if name.ends_with(".json") {
            parse(&file, &text).and_then(|node| node.to_body(&VALUES_FILE))
        } else {
            Reader::new(&file, &text).body()
        };
        match parsed {
            Ok(body) => Some(body),
            Err(diagnostics) => {
                self.diagnostics.extend(diagnostics);
                None
            }
        }
    }

    /// All the files of the module in `path` as one body, override files laid over the others. None when there is no
    /// such directory or no Terraform file in it.
    pub fn read_module(&mut self, path: &Path) -> Option<Body> {
        let names = match self.names(path) {
            Ok(names) => names,
            Err(error) => {
                let detail = format!("The module directory {} could not be read: {error}.", shown(path));
                self.diagnostics.push(Diagnostic::error("Unreadable module directory", detail));
                return None;
            }
        };
        let mut whole = Body::default();
        let mut overrides = Vec::new();
        let mut any = false;
        for name in &names {
            let Some((stem, ending)) = module_file(name) else { continue };
            // OpenTofu reads `x.tofu` in place of `x.tf`, and `x.tofu.json` in place of `x.tf.json`.
            if ending.starts_with(".tf") && names.contains(&format!("{stem}{}", ending.replace(".tf", ".tofu"))) {
                continue;
            }
            // Editors leave such files behind; Terraform looks past them too.
            if name.starts_with('.') || name.starts_with('#') && name.ends_with('#') {
                continue;
            }
            if !self.files.is_file(&self.directory.join(path).join(name)) {
                continue;
            }
            any = true;
            let Some((file, text)) = self.read(&clean(&path.join(name))) else { continue };
            let parsed = if name.ends_with(".json") {
                parse(&file, &text).and_then(|node| node.to_body(&MODULE_FILE))
            } else {
                Reader::new(&file, &text).body()
            };
            match parsed {
                Ok(body) => {
                    self.diagnostics.extend(body.passed_over.clone());
                    let over = stem == "override" || stem.ends_with("_override");
                    if !over {
                        whole.attributes.extend(body.attributes);
                        whole.blocks.extend(body.blocks);
                    } else {
                        overrides.push(body);
                    }
                }
                Err(diagnostics) => self.diagnostics.extend(diagnostics),
            }
        }
        if !any {
            return None;
        }
        for body in overrides {
            self.lay_over(&mut whole, body);
        }
        MODULE_FILE.check(&whole, &mut self.diagnostics);
        Some(whole)
    }

    /// Merges the blocks of an override file into the blocks that they are about.
    fn lay_over(&mut self, whole: &mut Body, over: Body) {
        for block in over.blocks {
            if block.kind == "locals" {
                self.lay_locals_over(whole, block);
                continue;
            }
            let labels = |block: &Block| block.labels.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>();
            let alias = |block: &Block| {
                let alias = block.body.attribute("alias").and_then(|alias| alias.expression.as_text());
                alias.filter(|_| block.kind == "provider").map(str::to_owned)
            };
            let same = |other: &&mut Block| {
                other.kind == block.kind && labels(other) == labels(&block) && alias(other) == alias(&block)
            };
            match whole.blocks.iter_mut().find(same) {
                Some(original) => merge(&mut original.body, block.body, &block.kind),
                None if ["terraform", "provider"].contains(&block.kind.as_str()) => whole.blocks.push(block),
                None => {
                    let what = format!("{} {}", block.kind, labels(&block).join("."));
                    let detail = format!(
                        "There is no {what} to override. An override file can only override a block that is defined in \
                         another file of the module.",
                        what = what.trim_end()
                    );
                    self.diagnostics
                        .push(Diagnostic::error("Missing block to override", detail).at(Some(&block.header)));
                }
            }
        }
    }

    fn lay_locals_over(&mut self, whole: &mut Body, over: Block) {
        for attribute in over.body.attributes {
            let original = whole
                .blocks
                .iter_mut()
                .filter(|block| block.kind == "locals")
                .flat_map(|block| &mut block.body.attributes)
                .find(|original| original.name == attribute.name);
            match original {
                Some(original) => *original = attribute,
                None => {
                    let detail = format!("There is no local value named {:?} to override.", attribute.name);
                    self.diagnostics.push(
                        Diagnostic::error("Missing local value to override", detail).at(Some(&attribute.name_span)),
                    );
                }
            }
        }
    }
}

fn merge(original: &mut Body, over: Body, kind: &str) {
    for attribute in over.attributes {
        match original.attributes.iter_mut().find(|other| other.name == attribute.name) {
            Some(other) => *other = attribute,
            None => original.attributes.push(attribute),
        }
    }
    // Blocks replace all of their kind; required providers and the kinds of state storage are settled entry by entry.
    let mut replaced: Vec<String> = Vec::new();
    for block in over.blocks {
        let storage = kind == "terraform" && ["backend", "cloud"].contains(&block.kind.as_str());
        if block.kind == "required_providers"
            && let Some(other) = original.blocks.iter_mut().find(|other| other.kind == block.kind)
        {
            merge(&mut other.body, block.body, &block.kind);
            continue;
        }
        if !replaced.contains(&block.kind) {
            original.blocks.retain(|other| {
                other.kind != block.kind && !(storage && ["backend", "cloud"].contains(&other.kind.as_str()))
            });
            replaced.push(block.kind.clone());
        }
        original.blocks.push(block);
    }
}

/// The stem and the ending of a file of a module; None for any other file.
fn module_file(name: &str) -> Option<(&str, &'static str)> {
    [".tf", ".tf.json", ".tofu", ".tofu.json"].into_iter().find_map(|ending| Some((name.strip_suffix(ending)?, ending)))
}

/// A local source: `./x` or `../x`.
pub(crate) fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../") || source == "." || source == ".."
}
