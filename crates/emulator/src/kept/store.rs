//! What the emulator holds, on disk or in memory: JSON records in one redb file.
//!
//! Every call that writes is one transaction, committed before its answer is given. How much a commit survives is
//! [`Durability`].

use std::fs::{File, OpenOptions};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use poolform_model::Refusal;
use redb::backends::{FileBackend, InMemoryBackend};
use redb::{
    BackendError, Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable, StorageBackend, Table,
    TableDefinition,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::forms::refusal::fault;
use crate::kept::shelf::Shelf;

/// The number of the records' format. A file with a higher one is refused.
const SCHEMA: u64 = 1;
/// Memory that redb may use for pages; records are small, and what is not here is in the system's page cache.
const CACHE: usize = 4 << 20;

/// Kind of record, scope (the pool's id, or nothing) and name.
const RECORDS: TableDefinition<(&str, &str, &str), &[u8]> = TableDefinition::new("records");
/// How many records there are of a kind in a scope.
const COUNTS: TableDefinition<(&str, &str), u64> = TableDefinition::new("counts");
/// `schema` → its number.
const ABOUT: TableDefinition<&str, u64> = TableDefinition::new("about");

/// What an answered write survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process at any moment, SIGKILL included: every page is handed to the operating system before
    /// the answer, in redb's order, and the system keeps it. A power cut may cost the file.
    #[default]
    Process,
    /// A power cut as well: every commit waits for the disk (measured: nine times as slow on a fast disk).
    Power,
}

/// Why a store cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it open.
    Held {
        /// The file.
        path: PathBuf,
        /// Who, if it says so.
        by: Option<Holder>,
    },
    /// It was written by a newer program.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format's number.
        found: u64,
    },
    /// It cannot be read, written or created, or is no store.
    Unusable {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Held { path, by } => {
                write!(f, "{} is in use by ", path.display())?;
                match by {
                    Some(Holder { process, address: Some(address) }) => {
                        write!(f, "a server at {address} (process {process})")
                    }
                    Some(Holder { process, address: None }) => write!(f, "process {process}"),
                    None => f.write_str("another process"),
                }?;
                f.write_str("; one process at a time may hold it")
            }
            OpenError::Newer { path, found } => {
                write!(f, "{} has format {found}, this program knows formats up to {SCHEMA}", path.display())
            }
            OpenError::Unusable { path, reason } => write!(f, "{}: {reason}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}

/// The process that has a store open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub process: u32,
    /// `http://127.0.0.1:9229`, when it serves.
    pub address: Option<String>,
}

/// The file beside the store in which its holder says who it is. Only believed while the store is locked.
fn holder_file(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".holder");
    path.with_file_name(name)
}

fn read_holder(path: &Path) -> Option<Holder> {
    let text = std::fs::read_to_string(holder_file(path)).ok()?;
    let mut lines = text.lines();
    Some(Holder { process: lines.next()?.parse().ok()?, address: lines.next().map(str::to_owned) })
}

/// redb's own file backend, which leaves the waiting for the disk out when only the process may die. Writes reach the
/// operating system in the order in which redb makes them, and stay there when the process is killed, so that a reader
/// after a kill finds a prefix of them: a case that redb's commits are made for.
#[derive(Debug)]
struct Disk {
    file: FileBackend,
    durability: Durability,
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.durability {
            Durability::Process => Ok(()),
            Durability::Power => self.file.sync_data(),
        }
    }

    fn write(&self, offset: u64, content: &[u8]) -> io::Result<()> {
        self.file.write(offset, content)
    }

    fn close(&self) -> io::Result<()> {
        // Once at the end, so that a store that was closed survives a power cut in either case.
        self.file.sync_data()?;
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}

/// The records.
pub(crate) struct Store {
    database: Database,
    /// The file, when there is one.
    path: Option<PathBuf>,
}

impl Store {
    /// Opens or creates a file. Its folder is created too.
    pub(crate) fn open(path: &Path, durability: Durability) -> Result<Store, OpenError> {
        let unusable =
            |reason: &dyn fmt::Display| OpenError::Unusable { path: path.to_owned(), reason: reason.to_string() };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| unusable(&error))?;
        }
        let file = private_file(path).map_err(|error| unusable(&error))?;
        let backend = FileBackend::new(file).map_err(|error| unusable(&error))?;
        let database = Database::builder()
            .set_cache_size(CACHE)
            .create_with_backend(Disk { file: backend, durability })
            .map_err(|error| match error {
                DatabaseError::DatabaseAlreadyOpen => OpenError::Held { path: path.to_owned(), by: read_holder(path) },
                other => unusable(&other),
            })?;
        let store = Store { database, path: Some(path.to_owned()) };
        store.announce(None);
        match store.prepare() {
            Ok(SCHEMA) => Ok(store),
            Ok(found) => Err(OpenError::Newer { path: path.to_owned(), found }),
            Err(error) => Err(unusable(&error)),
        }
    }

    /// A store that goes with the process.
    pub(crate) fn in_memory() -> Result<Store, OpenError> {
        let unusable =
            |error: redb::Error| OpenError::Unusable { path: PathBuf::from("memory"), reason: error.to_string() };
        let database = Database::builder()
            .set_cache_size(CACHE)
            .create_with_backend(InMemoryBackend::new())
            .map_err(|error| unusable(error.into()))?;
        let store = Store { database, path: None };
        store.prepare().map_err(unusable)?;
        Ok(store)
    }

    /// Makes the tables of a new file; answers with the format's number.
    fn prepare(&self) -> Result<u64, redb::Error> {
        if let Ok(table) = self.database.begin_read()?.open_table(ABOUT)
            && let Some(found) = table.get("schema")?
        {
            return Ok(found.value());
        }
        let write = self.database.begin_write()?;
        write.open_table(RECORDS)?;
        write.open_table(COUNTS)?;
        write.open_table(ABOUT)?.insert("schema", SCHEMA)?;
        write.commit()?;
        Ok(SCHEMA)
    }

    /// Says who holds the file. A failure costs a good message later, nothing else.
    pub(crate) fn announce(&self, address: Option<&str>) {
        if let Some(path) = &self.path {
            let text = format!("{}\n{}\n", std::process::id(), address.unwrap_or_default());
            let _ = std::fs::write(holder_file(path), text.trim_end());
        }
    }

    /// Reads, as of one moment.
    pub(crate) fn read<T>(&self, reader: impl FnOnce(&dyn Reader) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let open = || -> Result<Snapshot, redb::Error> {
            let read = self.database.begin_read()?;
            Ok(Snapshot { records: read.open_table(RECORDS)?, counts: read.open_table(COUNTS)? })
        };
        reader(&open().map_err(fault)?)
    }

    /// Reads and writes in one transaction, which is kept when `change` succeeds.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Writer) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut transaction = self.database.begin_write().map_err(fault)?;
        // Each commit carries what a reader after a kill needs, so that opening never walks the file.
        transaction.set_quick_repair(true);
        let outcome = {
            let mut writer = Writer {
                records: transaction.open_table(RECORDS).map_err(fault)?,
                counts: transaction.open_table(COUNTS).map_err(fault)?,
                kept: false,
            };
            let outcome = change(&mut writer);
            (outcome, writer.kept)
        };
        match outcome {
            (Ok(answer), _) => {
                transaction.commit().map_err(fault)?;
                Ok(answer)
            }
            (Err(refusal), true) => {
                transaction.commit().map_err(fault)?;
                Err(refusal)
            }
            (Err(refusal), false) => {
                transaction.abort().map_err(fault)?;
                Err(refusal)
            }
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(path) = &self.path
            && read_holder(path).is_some_and(|holder| holder.process == std::process::id())
        {
            let _ = std::fs::remove_file(holder_file(path));
        }
    }
}

/// A file that only its owner may read: it holds client secrets.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Looks at a record's name and bytes, and says whether to go on.
type EachRecord<'a> = &'a mut dyn FnMut(&str, &[u8]) -> Result<bool, Refusal>;

/// A record's place: kind, scope, name.
type Place<'a> = (&'a str, &'a str, &'a str);

/// A view of the records.
pub(crate) trait Reader {
    /// The bytes of a record.
    fn bytes(&self, shelf: Shelf, scope: &str, name: &str) -> Result<Option<Vec<u8>>, Refusal>;

    /// Calls `each` with each record of a kind in a scope, in the order of their names, from the first after `after`
    /// on, until it answers false.
    fn visit(&self, shelf: Shelf, scope: &str, after: Option<&str>, each: EachRecord) -> Result<(), Refusal>;

    /// How many there are.
    fn count(&self, shelf: Shelf, scope: &str) -> Result<u64, Refusal>;
}

impl dyn Reader + '_ {
    /// A record.
    pub(crate) fn get<T: DeserializeOwned>(&self, shelf: Shelf, scope: &str, name: &str) -> Result<Option<T>, Refusal> {
        self.bytes(shelf, scope, name)?.map(|bytes| decode(&bytes)).transpose()
    }

    /// All records of a kind in a scope.
    pub(crate) fn all<T: DeserializeOwned>(&self, shelf: Shelf, scope: &str) -> Result<Vec<T>, Refusal> {
        let mut found = Vec::new();
        self.visit(shelf, scope, None, &mut |_, bytes| {
            found.push(decode(bytes)?);
            Ok(true)
        })?;
        Ok(found)
    }
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| fault(format_args!("a record cannot be read: {error}")))
}

/// What both kinds of table offer.
trait ReadableRecords {
    fn one(&self, place: Place) -> Result<Option<Vec<u8>>, Refusal>;
    fn walk(&self, shelf: Shelf, scope: &str, after: Option<&str>, each: EachRecord) -> Result<(), Refusal>;
}

impl<T: ReadableTable<(&'static str, &'static str, &'static str), &'static [u8]>> ReadableRecords for T {
    fn one(&self, place: Place) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(self.get(place).map_err(fault)?.map(|found| found.value().to_vec()))
    }

    fn walk(&self, shelf: Shelf, scope: &str, after: Option<&str>, each: EachRecord) -> Result<(), Refusal> {
        let start = match after {
            Some(name) => Bound::Excluded((shelf.name, scope, name)),
            None => Bound::Included((shelf.name, scope, "")),
        };
        for entry in self.range::<Place>((start, Bound::Unbounded)).map_err(fault)? {
            let (key, value) = entry.map_err(fault)?;
            let (found_shelf, found_scope, name) = key.value();
            if (found_shelf, found_scope) != (shelf.name, scope) || !each(name, value.value())? {
                break;
            }
        }
        Ok(())
    }
}

struct Snapshot {
    records: ReadOnlyTable<(&'static str, &'static str, &'static str), &'static [u8]>,
    counts: ReadOnlyTable<(&'static str, &'static str), u64>,
}

impl Reader for Snapshot {
    fn bytes(&self, shelf: Shelf, scope: &str, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        self.records.one((shelf.name, scope, name))
    }

    fn visit(&self, shelf: Shelf, scope: &str, after: Option<&str>, each: EachRecord) -> Result<(), Refusal> {
        self.records.walk(shelf, scope, after, each)
    }

    fn count(&self, shelf: Shelf, scope: &str) -> Result<u64, Refusal> {
        Ok(self.counts.get((shelf.name, scope)).map_err(fault)?.map_or(0, |count| count.value()))
    }
}

/// A transaction under way.
pub(crate) struct Writer<'a> {
    records: Table<'a, (&'static str, &'static str, &'static str), &'static [u8]>,
    counts: Table<'a, (&'static str, &'static str), u64>,
    /// Whether what was written is kept even when the request is refused.
    kept: bool,
}

impl Reader for Writer<'_> {
    fn bytes(&self, shelf: Shelf, scope: &str, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        self.records.one((shelf.name, scope, name))
    }

    fn visit(&self, shelf: Shelf, scope: &str, after: Option<&str>, each: EachRecord) -> Result<(), Refusal> {
        self.records.walk(shelf, scope, after, each)
    }

    fn count(&self, shelf: Shelf, scope: &str) -> Result<u64, Refusal> {
        Ok(self.counts.get((shelf.name, scope)).map_err(fault)?.map_or(0, |count| count.value()))
    }
}

impl Writer<'_> {
    /// Looks without writing.
    pub(crate) fn reader(&self) -> &dyn Reader {
        self
    }

    /// What has been written is kept even when the request is refused: a failed attempt is counted.
    pub(crate) fn keep_when_refused(&mut self) {
        self.kept = true;
    }

    /// Whether it is.
    pub(crate) fn is_kept_when_refused(&self) -> bool {
        self.kept
    }

    /// Writes a record, new or not.
    pub(crate) fn put<T: Serialize>(
        &mut self,
        shelf: Shelf,
        scope: &str,
        name: &str,
        record: &T,
    ) -> Result<(), Refusal> {
        let bytes = serde_json::to_vec(record).map_err(fault)?;
        let known = self.records.insert((shelf.name, scope, name), bytes.as_slice()).map_err(fault)?.is_some();
        if !known {
            let count = self.reader().count(shelf, scope)? + 1;
            self.counts.insert((shelf.name, scope), count).map_err(fault)?;
        }
        Ok(())
    }

    /// Removes a record; whether there was one.
    pub(crate) fn remove(&mut self, shelf: Shelf, scope: &str, name: &str) -> Result<bool, Refusal> {
        let known = self.records.remove((shelf.name, scope, name)).map_err(fault)?.is_some();
        if known {
            let count = self.reader().count(shelf, scope)?.saturating_sub(1);
            self.counts.insert((shelf.name, scope), count).map_err(fault)?;
        }
        Ok(known)
    }

    /// Removes all records of a kind in a scope.
    pub(crate) fn clear(&mut self, shelf: Shelf, scope: &str) -> Result<(), Refusal> {
        let mut names = Vec::new();
        self.reader().visit(shelf, scope, None, &mut |name, _| {
            names.push(name.to_owned());
            Ok(true)
        })?;
        for name in names {
            self.records.remove((shelf.name, scope, name.as_str())).map_err(fault)?;
        }
        self.counts.remove((shelf.name, scope)).map_err(fault)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::shelf::GROUPS;

    #[test]
    fn counts_and_order_follow_what_is_kept() {
        let store = Store::in_memory().unwrap();
        store
            .write(|writer| {
                for name in ["b", "a", "c"] {
                    writer.put(GROUPS, "p", name, &name)?;
                }
                writer.put(GROUPS, "p", "b", &"again")?;
                writer.put(GROUPS, "q", "b", &"other")
            })
            .unwrap();
        let refused: Result<(), Refusal> = store.write(|writer| {
            writer.remove(GROUPS, "p", "a")?;
            crate::forms::refusal::NO_GROUP.refuse()
        });
        assert!(refused.is_err());
        store
            .read(|reader| {
                assert_eq!(reader.count(GROUPS, "p")?, 3);
                assert_eq!(reader.all::<String>(GROUPS, "p")?, ["a", "again", "c"]);
                assert_eq!(reader.get::<String>(GROUPS, "q", "b")?.as_deref(), Some("other"));
                Ok(())
            })
            .unwrap();
        store.write(|writer| writer.clear(GROUPS, "p")).unwrap();
        assert_eq!(store.read(|reader| reader.count(GROUPS, "p")), Ok(0));
        assert_eq!(store.read(|reader| reader.count(GROUPS, "q")), Ok(1));
    }
}
