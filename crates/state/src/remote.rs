//! A state in an object store that many machines share. The store must have conditional writes and deletes.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::group::Group;
use crate::journal::{events, line};
use crate::{Backend, Event, Guard, State, StateError, VERSION};

/// What an object store must do. Errors are sentences without a full stop.
pub trait Objects: Send + Sync {
    /// Where an object is, for messages.
    fn place(&self, key: &str) -> String;
    /// An object and its version; None where there is none.
    fn get(&self, key: &str) -> Result<Option<(Vec<u8>, String)>, String>;
    /// Writes where there is no object yet, or while it is this version. None when that does not hold.
    fn put(&self, key: &str, body: Vec<u8>, while_it_is: Option<&str>) -> Result<Option<String>, String>;
    /// Deletes an object while it is this version. False when it is another.
    fn delete(&self, key: &str, while_it_is: &str) -> Result<bool, String>;
}

/// Who holds a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Tells this lock from every other.
    pub id: String,
    /// User, machine and process.
    pub who: String,
    /// When it was taken, in RFC 3339.
    pub when: String,
    /// The command.
    pub why: String,
}

/// A state in an object store: the state under `key`, and beside it `.journal` while an apply runs and `.lock`.
pub struct Remote<O> {
    objects: std::sync::Arc<O>,
    key: String,
    /// Makes the holder of a lock from why it is taken.
    holder: Box<dyn Fn(&str) -> Holder + Send + Sync>,
    /// The version of the state that was read or written last.
    version: Mutex<Option<String>>,
    journal: Mutex<Journal>,
    group: Group,
}

#[derive(Default)]
struct Journal {
    lines: Vec<u8>,
    version: Option<String>,
}

impl<O: Objects + 'static> Remote<O> {
    /// The state under `key`, which need not be there yet.
    pub fn new(objects: O, key: &str, holder: impl Fn(&str) -> Holder + Send + Sync + 'static) -> Self {
        Remote {
            objects: std::sync::Arc::new(objects),
            key: key.to_owned(),
            holder: Box::new(holder),
            version: Mutex::default(),
            journal: Mutex::default(),
            group: Group::default(),
        }
    }

    fn beside(&self, extension: &str) -> String {
        format!("{}.{extension}", self.key)
    }

    /// Who holds the lock, and the version of it.
    fn locked_by(&self) -> Result<Option<(Holder, String)>, StateError> {
        let found = self.objects.get(&self.beside("lock")).map_err(StateError::Unusable)?;
        Ok(found.map(|(bytes, tag)| (serde_json::from_slice(&bytes).unwrap_or_default(), tag)))
    }
}

fn taken<'m, T>(mutex: &'m Mutex<T>) -> std::sync::MutexGuard<'m, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<O: Objects + 'static> Backend for Remote<O> {
    fn place(&self) -> String {
        self.objects.place(&self.key)
    }

    fn read(&self) -> Result<State, StateError> {
        let mut state = match self.objects.get(&self.key).map_err(StateError::Unusable)? {
            None => State { version: VERSION, ..State::default() },
            Some((bytes, tag)) => {
                *taken(&self.version) = Some(tag);
                State::parse(&bytes).map_err(|error| {
                    StateError::Unusable(format!(
                        "The state {} cannot be used: {error}. The version before it is in {}",
                        self.place(),
                        self.objects.place(&self.beside("backup"))
                    ))
                })?
            }
        };
        if let Some((bytes, tag)) = self.objects.get(&self.beside("journal")).map_err(StateError::Unusable)? {
            let events = events(&String::from_utf8_lossy(&bytes)).map_err(|error| {
                StateError::Unusable(format!("The journal of {} is damaged: {error}", self.place()))
            })?;
            let mut journal = taken(&self.journal);
            journal.lines = bytes;
            journal.version = Some(tag);
            events.into_iter().for_each(|event| state.replay(event));
        }
        Ok(state)
    }

    fn write(&self, state: &State) -> Result<(), StateError> {
        let mut version = taken(&self.version);
        if let Some((before, _)) = self.objects.get(&self.key).map_err(StateError::Unusable)? {
            let backup = self.beside("backup");
            let tag = self.objects.get(&backup).map_err(StateError::Unusable)?.map(|(_, tag)| tag);
            // Whoever holds the lock is the only one to write it; a lost race costs a backup, not the state.
            self.objects.put(&backup, before, tag.as_deref()).map_err(StateError::Unusable)?;
        }
        match self.objects.put(&self.key, state.to_bytes(), version.as_deref()).map_err(StateError::Unusable)? {
            Some(tag) => *version = Some(tag),
            None => {
                return Err(StateError::Unusable(format!(
                    "The state {} was written by somebody else since it was read, and was not overwritten",
                    self.place()
                )));
            }
        }
        let mut journal = taken(&self.journal);
        if let Some(tag) = journal.version.take() {
            self.objects.delete(&self.beside("journal"), &tag).map_err(StateError::Unusable)?;
        }
        journal.lines.clear();
        Ok(())
    }

    fn append(&self, event: &Event) -> Result<(), StateError> {
        let write = |lines: Vec<u8>| {
            let mut journal = taken(&self.journal);
            // A line that was cut short would swallow the first one after it.
            let whole = journal.lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            journal.lines.truncate(whole);
            journal.lines.extend(lines);
            let version = journal.version.clone();
            match self.objects.put(&self.beside("journal"), journal.lines.clone(), version.as_deref())? {
                Some(tag) => journal.version = Some(tag),
                None => return Err(format!("The journal of {} was written by somebody else", self.place())),
            }
            Ok(())
        };
        let line = line(event).map_err(|error| StateError::Unusable(error.to_string()))?;
        self.group.append(&line, &write).map_err(StateError::Unusable)
    }

    fn lock(&self, why: &str) -> Result<Box<dyn Guard>, StateError> {
        let key = self.beside("lock");
        let holder = (self.holder)(why);
        let body = serde_json::to_vec(&holder).expect("a holder has nothing but texts");
        let put = self.objects.put(&key, body, None);
        if let Ok(Some(tag)) = put {
            return Ok(Box::new(RemoteGuard { objects: std::sync::Arc::clone(&self.objects), key, tag }));
        }
        // A lost answer to our own write looks like somebody else's lock.
        match self.locked_by()? {
            Some((other, tag)) if other.id == holder.id => {
                Ok(Box::new(RemoteGuard { objects: std::sync::Arc::clone(&self.objects), key, tag }))
            }
            Some((other, _)) => Err(StateError::Held(format!(
                "The state {} is locked by {} since {} ({}). Try again when it is over; if that process is gone: poolform \
                 force-unlock {}",
                self.place(),
                other.who,
                other.when,
                other.why,
                other.id
            ))),
            None => Err(match put {
                Err(reason) => StateError::Unusable(reason),
                Ok(_) => StateError::Held(format!("The state {} was locked a moment ago; try again", self.place())),
            }),
        }
    }

    fn set_aside(&self, name: &str, bytes: &[u8]) -> Result<String, StateError> {
        let key = self.beside(name);
        let tag = self.objects.get(&key).map_err(StateError::Unusable)?.map(|(_, tag)| tag);
        match self.objects.put(&key, bytes.to_vec(), tag.as_deref()).map_err(StateError::Unusable)? {
            Some(_) => Ok(self.objects.place(&key)),
            None => Err(StateError::Unusable(format!("{} was written by somebody else", self.objects.place(&key)))),
        }
    }

    fn aside(&self, place: &str) -> Result<Option<Vec<u8>>, StateError> {
        let Some(name) = place.strip_prefix(&format!("{}.", self.place())) else { return Ok(None) };
        Ok(self.objects.get(&self.beside(name)).map_err(StateError::Unusable)?.map(|(bytes, _)| bytes))
    }

    fn drop_aside(&self, name: &str) -> Result<(), StateError> {
        let key = self.beside(name);
        if let Some((_, tag)) = self.objects.get(&key).map_err(StateError::Unusable)? {
            self.objects.delete(&key, &tag).map_err(StateError::Unusable)?;
        }
        Ok(())
    }

    fn force_unlock(&self, id: &str) -> Result<(), StateError> {
        match self.locked_by()? {
            None => Err(StateError::Unusable(format!("The state {} is not locked", self.place()))),
            Some((holder, _)) if holder.id != id => Err(StateError::Unusable(format!(
                "The lock of {} is {} (by {} since {}), not {id}",
                self.place(),
                holder.id,
                holder.who,
                holder.when
            ))),
            Some((_, tag)) => match self.objects.delete(&self.beside("lock"), &tag).map_err(StateError::Unusable)? {
                true => Ok(()),
                false => Err(StateError::Unusable("The lock has changed hands meanwhile".to_owned())),
            },
        }
    }
}

struct RemoteGuard<O: Objects> {
    objects: std::sync::Arc<O>,
    key: String,
    tag: String,
}

impl<O: Objects> Guard for RemoteGuard<O> {}

impl<O: Objects> Drop for RemoteGuard<O> {
    fn drop(&mut self) {
        // A lock that cannot be taken away is taken away by force-unlock, whose id the next one is told.
        let _ = self.objects.delete(&self.key, &self.tag);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use poolform_core::Recorded;

    use super::*;

    /// An object store in memory, shared by its clones; versions count up.
    #[derive(Clone, Default)]
    struct Memory(std::sync::Arc<Mutex<Shelf>>);

    #[derive(Default)]
    struct Shelf {
        objects: BTreeMap<String, (Vec<u8>, String)>,
        writes: u64,
    }

    impl Objects for Memory {
        fn place(&self, key: &str) -> String {
            format!("memory:{key}")
        }

        fn get(&self, key: &str) -> Result<Option<(Vec<u8>, String)>, String> {
            Ok(taken(&self.0).objects.get(key).cloned())
        }

        fn put(&self, key: &str, body: Vec<u8>, while_it_is: Option<&str>) -> Result<Option<String>, String> {
            let mut store = taken(&self.0);
            if store.objects.get(key).map(|(_, tag)| tag.as_str()) != while_it_is {
                return Ok(None);
            }
            store.writes += 1;
            let tag = store.writes.to_string();
            store.objects.insert(key.to_owned(), (body, tag.clone()));
            Ok(Some(tag))
        }

        fn delete(&self, key: &str, while_it_is: &str) -> Result<bool, String> {
            let mut store = taken(&self.0);
            let there = store.objects.get(key).is_none_or(|(_, tag)| tag == while_it_is);
            if there {
                store.objects.remove(key);
            }
            Ok(there)
        }
    }

    fn backend(memory: &Memory, who: &'static str) -> Remote<Memory> {
        Remote::new(memory.clone(), "orders", move |why| Holder {
            id: format!("{who}-1"),
            who: who.to_owned(),
            when: "now".to_owned(),
            why: why.to_owned(),
        })
    }

    #[test]
    fn one_at_a_time_and_nothing_is_overwritten() {
        let memory = Memory::default();
        let (ann, bob) = (backend(&memory, "ann"), backend(&memory, "bob"));
        let guard = ann.lock("apply").unwrap();
        let refused = bob.lock("apply").err().unwrap();
        assert!(refused.to_string().contains("ann") && refused.to_string().contains("force-unlock ann-1"), "{refused}");
        let (mut of_ann, mut of_bob) = (ann.read().unwrap(), bob.read().unwrap());
        of_ann.serial = 1;
        ann.write(&of_ann).unwrap();
        drop(guard);
        let _guard = bob.lock("apply").unwrap();
        of_bob.serial = 9;
        assert!(bob.write(&of_bob).err().unwrap().to_string().contains("somebody else"));
        assert_eq!(bob.read().unwrap().serial, 1);
    }

    #[test]
    fn the_journal_outlives_the_machine() {
        let memory = Memory::default();
        let ann = backend(&memory, "ann");
        std::thread::scope(|scope| {
            for each in 0..20 {
                let ann = &ann;
                scope.spawn(move || {
                    let event = Event::Remember {
                        address: format!("module.pool.client[\"{each}\"]"),
                        recorded: Recorded::default(),
                    };
                    ann.append(&event).unwrap();
                });
            }
        });
        let bob = backend(&memory, "bob");
        let state = bob.read().unwrap();
        assert_eq!(state.resources.len(), 20);
        bob.write(&state).unwrap();
        assert!(memory.get("orders.journal").unwrap().is_none());
        assert_eq!(State { replayed: 20, ..backend(&memory, "eve").read().unwrap() }, state);
    }

    #[test]
    fn what_is_set_aside_is_found_by_its_place() {
        let memory = Memory::default();
        let ann = backend(&memory, "ann");
        let place = ann.set_aside("restore.7", b"before").unwrap();
        assert_eq!(place, "memory:orders.restore.7");
        let bob = backend(&memory, "bob");
        assert_eq!(bob.aside(&place).unwrap().as_deref(), Some(b"before".as_slice()));
        assert_eq!(bob.aside("memory:invoices.restore.7").unwrap(), None);
        bob.drop_aside("restore.7").unwrap();
        assert_eq!(bob.aside(&place).unwrap(), None);
    }

    #[test]
    fn a_forgotten_lock_is_taken_away_by_its_id_only() {
        let memory = Memory::default();
        std::mem::forget(backend(&memory, "ann").lock("apply").unwrap());
        let bob = backend(&memory, "bob");
        assert!(bob.force_unlock("somebody").is_err());
        bob.force_unlock("ann-1").unwrap();
        assert!(bob.force_unlock("ann-1").is_err());
        assert!(bob.lock("apply").is_ok());
    }
}
