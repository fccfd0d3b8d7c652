//! A state in a local file: replaced atomically, its previous version beside it, a journal while an apply runs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::group::Group;
use crate::journal::{events, line};
use crate::{Backend, Event, Guard, State, StateError, VERSION};

/// A state in a file. Beside it: `.backup`, the version before; `.journal`, what happened since; `.lock`.
pub struct Local {
    path: PathBuf,
    journal: JournalFile,
}

impl Local {
    /// The state in `path`, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Local { journal: JournalFile::new(beside(&path, "journal")), path }
    }

    fn error(&self, doing: &str, error: &io::Error) -> StateError {
        StateError::Unusable(format!("{doing} the state {} failed: {error}", self.path.display()))
    }
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// Writes a file so that a reader, or the next start after a power cut, finds the old content or the new, never a part.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path, "new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(directory) = path.parent() {
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        // Directories cannot be opened for this everywhere; the rename itself was atomic.
        if let Ok(directory) = File::open(directory) {
            directory.sync_all()?;
        }
    }
    Ok(())
}

impl Backend for Local {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn read(&self) -> Result<State, StateError> {
        let mut state = match fs::read(&self.path) {
            Ok(bytes) => State::parse(&bytes).map_err(|error| {
                let backup = beside(&self.path, "backup");
                let remedy = if backup.exists() {
                    format!(" The version before it is in {}.", backup.display())
                } else {
                    String::new()
                };
                StateError::Unusable(format!("The state {} cannot be used: {error}.{remedy}", self.path.display()))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State { version: VERSION, ..State::default() },
            Err(error) => return Err(self.error("reading", &error)),
        };
        let events = self.journal.read().map_err(|error| {
            StateError::Unusable(format!(
                "The journal {} cannot be read: {error}. It holds what an interrupted apply did; put its damaged line right, \
                 and do not delete it: the ids in it stand nowhere else.",
                self.journal.path.display()
            ))
        })?;
        for event in events {
            state.replay(event);
        }
        Ok(state)
    }

    fn write(&self, state: &State) -> Result<(), StateError> {
        let write = || -> io::Result<()> {
            match fs::read(&self.path) {
                Ok(before) => replace(&beside(&self.path, "backup"), &before)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            replace(&self.path, &state.to_bytes())?;
            self.journal.clear()
        };
        write().map_err(|error| self.error("writing", &error))
    }

    fn append(&self, event: &Event) -> Result<(), StateError> {
        self.journal.append(event).map_err(|error| self.error("writing the journal of", &error))
    }

    fn lock(&self, why: &str) -> Result<Box<dyn Guard>, StateError> {
        let path = beside(&self.path, "lock");
        let open = || -> io::Result<File> {
            if let Some(directory) = path.parent() {
                fs::create_dir_all(directory)?;
            }
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)
        };
        let mut file = open().map_err(|error| self.error("locking", &error))?;
        match file.try_lock() {
            Ok(()) => {
                let holder = format!("process {} ({why})\n", std::process::id());
                // Who holds it is for the message of whoever comes next; the lock itself is the system's.
                let _ = file.set_len(0).and_then(|()| file.write_all(holder.as_bytes()));
                Ok(Box::new(LocalGuard { _file: file }))
            }
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let holder =
                    if holder.trim().is_empty() { "another process".to_owned() } else { holder.trim().to_owned() };
                Err(StateError::Held(format!(
                    "The state {} is locked by {holder}. Try again when it is over.",
                    self.path.display()
                )))
            }
            Err(TryLockError::Error(error)) => Err(self.error("locking", &error)),
        }
    }

    fn set_aside(&self, name: &str, bytes: &[u8]) -> Result<String, StateError> {
        let path = beside(&self.path, name);
        replace(&path, bytes)
            .map_err(|error| StateError::Unusable(format!("writing {} failed: {error}", path.display())))?;
        Ok(path.display().to_string())
    }

    fn aside(&self, place: &str) -> Result<Option<Vec<u8>>, StateError> {
        match fs::read(place) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StateError::Unusable(format!("reading {place} failed: {error}"))),
        }
    }

    fn drop_aside(&self, name: &str) -> Result<(), StateError> {
        let path = beside(&self.path, name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StateError::Unusable(format!("removing {} failed: {error}", path.display())))
            }
            _ => Ok(()),
        }
    }

    fn force_unlock(&self, _: &str) -> Result<(), StateError> {
        Err(StateError::Unusable(format!(
            "The state {} is a local file, whose lock ends with the process that holds it. End that process",
            self.path.display()
        )))
    }
}

struct LocalGuard {
    _file: File,
}

impl Guard for LocalGuard {}

/// An append-only file of events.
struct JournalFile {
    path: PathBuf,
    file: Mutex<Option<File>>,
    group: Group,
}

impl JournalFile {
    fn new(path: PathBuf) -> Self {
        JournalFile { path, file: Mutex::default(), group: Group::default() }
    }

    fn read(&self) -> io::Result<Vec<Event>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => events(&text).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn clear(&self) -> io::Result<()> {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn append(&self, event: &Event) -> io::Result<()> {
        let write = |lines: Vec<u8>| self.write(&lines).map_err(|error| error.to_string());
        self.group.append(&line(event)?, &write).map_err(io::Error::other)
    }

    fn write(&self, lines: &[u8]) -> io::Result<()> {
        let mut held = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match held.take() {
            Some(file) => file,
            None => {
                let file = OpenOptions::new().create(true).read(true).append(true).open(&self.path)?;
                // A line that was cut short would swallow the first one after it.
                let there = fs::read(&self.path)?;
                let whole = there.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                file.set_len(whole as u64)?;
                file
            }
        };
        file.write_all(lines)?;
        file.sync_data()?;
        *held = Some(file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use poolform_core::Recorded;

    use super::*;

    fn directory(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("poolform-state-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    fn remember(address: &str) -> Event {
        Event::Remember { address: address.to_owned(), recorded: Recorded::default() }
    }

    #[test]
    fn the_journal_survives_and_is_folded_in() {
        let directory = directory("journal");
        let path = directory.join("poolform.state.json");
        let local = Local::new(&path);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let local = &local;
                scope.spawn(move || {
                    for each in 0..20 {
                        local.append(&remember(&format!("module.pool.client[\"{thread}-{each}\"]"))).unwrap();
                    }
                });
            }
        });
        // A line that was cut short by a kill.
        OpenOptions::new().append(true).open(beside(&path, "journal")).unwrap().write_all(b"{\"remem").unwrap();
        let again = Local::new(&path);
        again.append(&remember("module.pool")).unwrap();
        let again = Local::new(&path);
        let state = again.read().unwrap();
        assert_eq!(state.resources.len(), 161);
        again.write(&state).unwrap();
        assert!(!beside(&path, "journal").exists());
        assert_eq!(State { replayed: state.replayed, ..again.read().unwrap() }, state);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_second_process_is_told_who_holds_the_lock() {
        let directory = directory("lock");
        let local = Local::new(directory.join("poolform.state.json"));
        let guard = local.lock("apply").unwrap();
        let refused = local.lock("plan").err().unwrap();
        assert!(refused.to_string().contains("(apply)"), "{refused}");
        drop(guard);
        assert!(local.lock("plan").is_ok());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn damage_names_the_backup() {
        let directory = directory("damage");
        let path = directory.join("poolform.state.json");
        let local = Local::new(&path);
        let state = local.read().unwrap();
        local.write(&state).unwrap();
        local.write(&state).unwrap();
        fs::write(&path, b"{\"version\": 1").unwrap();
        let error = local.read().err().unwrap();
        assert!(error.to_string().contains("damaged") && error.to_string().contains(".backup"), "{error}");
        fs::remove_dir_all(directory).unwrap();
    }
}
