//! What was about to be made when the provider was killed. Terraform learns of a new resource only by the answer to its
//! request, so a pool whose answer never came would be made twice. The intent is kept in a file beside Terraform's own
//! data, and read by the next create of the same kind and name; an orderly end takes the files away again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use poolform_apply::{Intent, Journal};
use poolform_core::{Recorded, Step};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where the files of one provider process are.
pub struct Intents {
    folder: PathBuf,
    /// Files of this process: what they speak of has been answered, or is being made.
    own: Mutex<Vec<PathBuf>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    kind: String,
    name: String,
    since: f64,
    /// The ids of those that had its name already.
    #[serde(default)]
    existing: BTreeSet<String>,
    /// What names it, once it was answered.
    #[serde(default)]
    identity: BTreeMap<String, String>,
}

impl Intents {
    /// Those in `folder`, which is made when it is needed.
    pub fn new(folder: PathBuf) -> Self {
        Intents { folder, own: Mutex::new(Vec::new()) }
    }

    /// The entry for one create. `pool` is the pool of a part, empty for a pool.
    pub fn entry(&self, kind: &str, pool: &str, name: &str) -> Entry<'_> {
        let digest = Sha256::digest(format!("{kind}\n{pool}\n{name}"));
        let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Entry {
            intents: self,
            path: self.folder.join(format!("{hex}.json")),
            kind: kind.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Forgets what this process has made: Terraform has had every answer.
    pub fn close(&self) {
        for path in self.own.lock().unwrap_or_else(std::sync::PoisonError::into_inner).drain(..) {
            let _ = fs::remove_file(path);
        }
        // Stays where others left something in it.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// One create.
pub struct Entry<'a> {
    intents: &'a Intents,
    path: PathBuf,
    kind: String,
    name: String,
}

impl Entry<'_> {
    fn is_own(&self) -> bool {
        self.intents.own.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&self.path)
    }

    /// What an earlier process was about to make and Terraform never heard of: the intent, and the identity where it was
    /// answered.
    pub fn left(&self, address: &str) -> Option<(Intent, BTreeMap<String, String>)> {
        if self.is_own() {
            return None;
        }
        let kept: Kept = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        let Kept { kind, name, since, existing, identity } = kept;
        Some((Intent { address: address.to_owned(), kind, name, since, existing }, identity))
    }

    /// Forgets it.
    pub fn forget(&self) {
        let _ = fs::remove_file(&self.path);
    }

    fn keep(&self, identity: BTreeMap<String, String>, existing: BTreeSet<String>) -> Result<(), String> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let kept = Kept { kind: self.kind.clone(), name: self.name.clone(), since, existing, identity };
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&self.intents.folder)?;
            fs::write(&self.path, serde_json::to_vec(&kept)?)
        };
        write().map_err(|error| format!("{} cannot be written: {error}", self.path.display()))?;
        let mut own = self.intents.own.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !own.contains(&self.path) {
            own.push(self.path.clone());
        }
        Ok(())
    }
}

impl Journal for Entry<'_> {
    fn intend(&self, _: &Step, _: &Recorded, existing: &BTreeSet<String>) -> Result<(), String> {
        self.keep(BTreeMap::new(), existing.clone())
    }

    fn refused(&self, _: &str) -> Result<(), String> {
        self.forget();
        Ok(())
    }

    fn remember(&self, _: &str, recorded: &Recorded) -> Result<(), String> {
        // Only creates have an intent to complete.
        if self.is_own() { self.keep(recorded.identity.clone(), BTreeSet::new()) } else { Ok(()) }
    }

    fn forget(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}
