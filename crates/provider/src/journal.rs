//! What was about to be made when the provider was killed. Terraform learns of a new resource only by the answer to its
//! request, so a pool whose answer never came would be made twice. The intent is kept in a file beside Terraform's own
//! data, and read by the next create of the same kind and name; an orderly end takes the files away again.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use poolform_apply::{Intent, Journal};
use poolform_core::{Recorded, Step};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What an earlier process left: the intent, and the identity where it was answered.
pub type Left = (Intent, BTreeMap<String, String>);

/// Where the files of one provider process are.
pub struct Intents {
    folder: PathBuf,
    /// Files of this process, locked while it lives: what they speak of has been answered, or is being made.
    own: Mutex<BTreeMap<PathBuf, File>>,
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
        Intents { folder, own: Mutex::default() }
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<PathBuf, File>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entry for one create in the Cognito at `place`. `pool` is the pool of a part, empty for a pool.
    pub fn entry(&self, place: &str, kind: &str, pool: &str, name: &str) -> Entry<'_> {
        let digest = Sha256::digest(format!("{place}\n{kind}\n{pool}\n{name}"));
        let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Entry {
            intents: self,
            // Another configuration of the provider is another process, which may make one of the same name.
            path: self.folder.join(format!("{hex}.{}.json", std::process::id())),
            hex,
            kind: kind.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Forgets what this process has made: Terraform has had every answer.
    pub fn close(&self) {
        for (path, _) in std::mem::take(&mut *self.files()) {
            let _ = fs::remove_file(path);
        }
        // They stay where others left something in them.
        let _ = fs::remove_dir(&self.folder);
        let _ = self.folder.parent().map(fs::remove_dir);
    }
}

/// One create.
pub struct Entry<'a> {
    intents: &'a Intents,
    path: PathBuf,
    /// What the names of all processes' files for such a create begin with.
    hex: String,
    kind: String,
    name: String,
}

impl Entry<'_> {
    fn is_own(&self) -> bool {
        self.intents.files().contains_key(&self.path)
    }

    /// The file of a process that is gone. What cannot be read is an error: something may have been made.
    fn orphan(&self) -> io::Result<Option<(PathBuf, Kept)>> {
        let entries = match fs::read_dir(&self.intents.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let of_it = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&self.hex));
            if !of_it || path == self.path && self.is_own() {
                continue;
            }
            let file = match File::open(&path) {
                // Its owner took it away just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            // Whoever lives holds the lock.
            if file.try_lock().is_err() {
                continue;
            }
            // Whoever died while writing the first line had sent nothing; a later line says more of the same.
            let text = fs::read_to_string(&path)?;
            if let Some(kept) = text.lines().rev().find_map(|line| serde_json::from_str(line).ok()) {
                return Ok(Some((path, kept)));
            }
        }
        Ok(None)
    }

    /// What an earlier process was about to make and Terraform never heard of: the intent, and the identity where it was
    /// answered.
    pub fn left(&self, address: &str) -> Result<Option<Left>, String> {
        if self.is_own() {
            return Ok(None);
        }
        let found =
            self.orphan().map_err(|error| format!("{} cannot be read: {error}", self.intents.folder.display()))?;
        Ok(found.map(|(_, Kept { kind, name, since, existing, identity })| {
            let pool = poolform_core::plan::call_of(address).to_owned();
            (Intent { address: address.to_owned(), pool, kind, name, since, existing }, identity)
        }))
    }

    /// Forgets it, and what another process has left of it.
    pub fn forget(&self) {
        // One that stays is asked about again, and found to be nothing new.
        if let Ok(Some((path, _))) = self.orphan() {
            let _ = fs::remove_file(path);
        }
        self.intents.files().remove(&self.path);
        let _ = fs::remove_file(&self.path);
    }

    /// Leaves it to a later process: nobody knows whether the create was carried out.
    pub fn leave(&self) {
        self.intents.files().remove(&self.path);
    }

    fn keep(&self, identity: BTreeMap<String, String>, existing: BTreeSet<String>) -> Result<(), String> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let kept = Kept { kind: self.kind.clone(), name: self.name.clone(), since, existing, identity };
        let mut files = self.intents.files();
        let mut write = || -> io::Result<()> {
            fs::create_dir_all(&self.intents.folder)?;
            let file = match files.entry(self.path.clone()) {
                btree_map::Entry::Occupied(own) => own.into_mut(),
                btree_map::Entry::Vacant(new) => {
                    let file = File::create(&self.path)?;
                    file.lock()?;
                    new.insert(file)
                }
            };
            // A line more, never one instead: killed in between, the first still says what was intended.
            let mut line = serde_json::to_vec(&kept)?;
            line.push(b'\n');
            file.write_all(&line)
        };
        write().map_err(|error| format!("{} cannot be written: {error}", self.path.display()))
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

#[cfg(test)]
mod tests {
    use poolform_core::kinds::user_pool;

    use super::*;

    #[test]
    fn only_what_a_dead_process_or_a_lost_answer_left_is_found() {
        let folder = std::env::temp_dir().join(format!("poolform-intents-{}", std::process::id())).join("default");
        let at = |intents: &'static Intents, place: &str| intents.entry(place, user_pool::KIND.name, "", "orders");
        let entry = |intents: &'static Intents| at(intents, "eu-west-1");
        let live: &'static Intents = Box::leak(Box::new(Intents::new(folder.clone())));
        let other: &'static Intents = Box::leak(Box::new(Intents::new(folder.clone())));
        entry(live).keep(BTreeMap::new(), BTreeSet::from(["old".to_owned()])).unwrap();
        assert!(entry(live).left("a").unwrap().is_none(), "its own");
        assert!(entry(other).left("a").unwrap().is_none(), "its owner lives");
        entry(live).leave();
        live.close();
        assert!(at(other, "us-east-1").left("a").unwrap().is_none(), "another Cognito's");
        let (intent, identity) = entry(other).left("a").unwrap().expect("nobody knows what became of it");
        assert_eq!((intent.name.as_str(), identity.len()), ("orders", 0));
        assert!(intent.existing.contains("old"));
        // Killed while it wrote what was answered: the intent is still there. A folder that cannot be read is no empty one.
        let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let whole = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{whole}{{\"kind\":\"User")).unwrap();
        assert!(entry(other).left("a").unwrap().is_some());
        let blocked: &'static Intents = Box::leak(Box::new(Intents::new(file)));
        assert!(entry(blocked).left("a").is_err());
        entry(other).forget();
        assert!(entry(other).left("a").unwrap().is_none());
        let _ = fs::remove_dir_all(folder);
    }
}
