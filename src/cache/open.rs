//! Opening a cache file: recognising it, creating it, setting aside what cannot be trusted.
//!
//! Beside the cache lies an empty file, `<name>.lock`. Processes that use the cache hold a shared
//! lock on it; to create a cache or set one aside takes an exclusive one. SQLite's own locks do not
//! help here: if a database is renamed under an open connection, the log of the connection is
//! deleted or written beside the wrong database.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::is_damage;
use super::{CacheError, Notice, Rejection, Store};

/// `PRCS` in ASCII; at byte 68 of the file.
const APPLICATION_ID: i32 = 0x5052_4353;

/// Version of the format of `docs/cache.md`; at byte 60 of the file.
pub(super) const FORMAT_VERSION: i32 = 1;

/// SQL of the table.
pub(super) const CREATE: &str = "
CREATE TABLE entry (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    value BLOB NOT NULL,
    checksum BLOB NOT NULL CHECK (length(checksum) = 16),
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;";

/// How long to wait for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// How long to wait for an exclusive lock on a file that has to be created or set aside.
const PATIENCE: Duration = Duration::from_secs(2);

/// A store ready for use.
#[derive(Debug)]
pub struct Opened {
    pub store: Store,
    /// Tells the operator that a file was set aside.
    pub notice: Option<Notice>,
}

impl Store {
    /// Opens the cache at `path`; creates it, and its folder, if there is none.
    ///
    /// A cache that is damaged or of another version is renamed to `<name>.set-aside-<time>` and
    /// replaced by an empty one; then there is an [`Opened::notice`].
    ///
    /// The structure of the whole file is checked, which reads it once: 0.6 s for a million entries
    /// of 250 bytes (375 MB) in the page cache.
    ///
    /// # Errors
    /// If the file cannot be read, written or locked. [`CacheError::NoCache`] for a file that has
    /// never been a cache; it is left as it is.
    pub fn open(path: &Path) -> Result<Opened, CacheError> {
        let io = |error| CacheError::io(path, error);
        if !was_cache(path).map_err(io)? {
            let path = path.to_owned();
            return Err(CacheError::NoCache { path });
        }
        let in_use = open_lock_file(path).map_err(io)?;
        let deadline = Instant::now() + PATIENCE;
        let mut notice: Option<Notice> = None;
        loop {
            in_use
                .lock_shared()
                .map_err(|error| CacheError::io(path, error))?;
            let reason = match probe(path)? {
                Probe::Ready(connection) => {
                    let store = Store::new(path, connection, in_use);
                    return Ok(Opened { store, notice });
                }
                Probe::Empty(_) => None,
                Probe::Rejected(reason) => Some(reason),
            };
            if let (Some(reason), Some(_)) = (&reason, &notice) {
                let (path, detail) = (path.to_owned(), reason.to_string());
                return Err(CacheError::Damaged { path, detail });
            }
            in_use
                .unlock()
                .map_err(|error| CacheError::io(path, error))?;
            match in_use.try_lock() {
                Ok(()) => notice = renew(path)?,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    let path = path.to_owned();
                    return Err(match reason {
                        Some(reason) => CacheError::RejectedInUse { path, reason },
                        None => CacheError::Busy { path },
                    });
                }
                Err(TryLockError::Error(error)) => return Err(CacheError::io(path, error)),
            }
        }
    }
}

impl Store {
    /// Opens the cache at `path`, which has to exist. Sets nothing aside.
    ///
    /// # Errors
    /// If there is no cache, or it cannot be read and written.
    pub(super) fn open_existing(path: &Path) -> Result<Self, CacheError> {
        let io = |error| CacheError::io(path, error);
        fs::metadata(path).map_err(io)?;
        if !was_cache(path).map_err(io)? {
            let path = path.to_owned();
            return Err(CacheError::NoCache { path });
        }
        let in_use = open_lock_file(path).map_err(io)?;
        in_use.lock_shared().map_err(io)?;
        Ok(Self::new(path, reopen(path)?, in_use))
    }
}

/// Opens a cache that was open a moment ago.
pub(super) fn reopen(path: &Path) -> Result<Connection, CacheError> {
    let detail = match probe(path)? {
        Probe::Ready(connection) => return Ok(connection),
        Probe::Empty(_) => "it is empty".to_owned(),
        Probe::Rejected(reason) => reason.to_string(),
    };
    let path = path.to_owned();
    Err(CacheError::Damaged { path, detail })
}

/// Whether the file at `path` is or has been a cache: it has our application id, or a lock file
/// lies beside it. Also true if there is no file. Must be called before this process opens the
/// file.
fn was_cache(path: &Path) -> io::Result<bool> {
    if with_suffix(path, ".lock").exists() {
        return Ok(true);
    }
    let mut header = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        file => file?.take(72).read_to_end(&mut header)?,
    };
    let marked = header.starts_with(b"SQLite format 3\0")
        && header.get(68..72) == Some(&APPLICATION_ID.to_be_bytes());
    Ok(header.is_empty() || marked)
}

enum Probe {
    Ready(Connection),
    Empty(Connection),
    Rejected(Rejection),
}

fn open_lock_file(path: &Path) -> io::Result<File> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(with_suffix(path, ".lock"))
}

/// Inspects the file through SQLite alone: closing it by other means would drop the locks that this
/// process holds on it (POSIX), and recent changes may still be in the log.
fn probe(path: &Path) -> Result<Probe, CacheError> {
    match try_probe(path) {
        Err(error) if is_damage(&error) => Ok(Probe::Rejected(Rejection::Damaged {
            detail: error.to_string(),
        })),
        Ok(Probe::Ready(connection)) if connection.is_readonly("main").unwrap_or(false) => {
            drop(connection);
            // If the file may be written, its header forbids it. Other processes that have it open
            // cannot write either, so they lose nothing with their locks.
            OpenOptions::new()
                .write(true)
                .open(path)
                .map_err(|error| CacheError::io(path, error))?;
            let detail = "its header is of a later version of SQLite".to_owned();
            Ok(Probe::Rejected(Rejection::Damaged { detail }))
        }
        result => result.map_err(|error| CacheError::sqlite(path, error)),
    }
}

fn try_probe(path: &Path) -> rusqlite::Result<Probe> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY_TIMEOUT)?;

    let application_id: i32 = pragma(&connection, "application_id")?;
    let version: i32 = pragma(&connection, "user_version")?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if (application_id, version, objects) == (0, 0, 0) {
        return Ok(Probe::Empty(connection));
    }
    if application_id != APPLICATION_ID {
        return Ok(Probe::Rejected(Rejection::Foreign { application_id }));
    }
    if version != FORMAT_VERSION {
        return Ok(Probe::Rejected(Rejection::OtherVersion { found: version }));
    }
    let table = "SELECT key, value, checksum, created FROM entry LIMIT 0";
    let verdict: String = match connection.prepare(table) {
        Ok(_) => pragma(&connection, "quick_check(1)")?,
        Err(error) => error.to_string(),
    };
    if verdict != "ok" {
        let detail = verdict.replace('\n', " ");
        return Ok(Probe::Rejected(Rejection::Damaged { detail }));
    }
    // In WAL mode, a power cut may lose the last values but never damages the file.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(Probe::Ready(connection))
}

fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<T> {
    connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
}

/// Creates an empty cache unless there is a usable one. The caller holds the exclusive lock.
fn renew(path: &Path) -> Result<Option<Notice>, CacheError> {
    // Another process may have done so before this one got the lock.
    match probe(path)? {
        Probe::Ready(_) => Ok(None),
        Probe::Empty(connection) => {
            create(connection).map_err(|error| CacheError::sqlite(path, error))?;
            Ok(None)
        }
        Probe::Rejected(reason) => {
            let set_aside = set_aside(path).map_err(|error| CacheError::io(path, error))?;
            if let Probe::Empty(connection) = probe(path)? {
                create(connection).map_err(|error| CacheError::sqlite(path, error))?;
            }
            Ok(Some(Notice {
                path: path.to_owned(),
                set_aside,
                reason,
            }))
        }
    }
}

fn create(mut connection: Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT_VERSION)?;
    transaction.execute_batch(CREATE)?;
    transaction.commit()
}

/// Renames the file and its logs. The logs go first, since SQLite deletes a log without a database.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let target = (0..)
        .map(|n| match n {
            0 => with_suffix(path, &format!(".set-aside-{time}")),
            n => with_suffix(path, &format!(".set-aside-{time}-{n}")),
        })
        .find(|target| fs::symlink_metadata(target).is_err())
        .unwrap_or_else(|| unreachable!("the numbers do not end"));
    for log in ["-wal", "-shm", "-journal"] {
        match fs::rename(with_suffix(path, log), with_suffix(&target, log)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &target)?;
    Ok(target)
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use proptest::prelude::*;
    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::cache::Key;

    fn entries(n: u32) -> Vec<(Key, Vec<u8>)> {
        (0..n)
            .map(|i| (Key::new(&[("n", &i.to_le_bytes())]), vec![i as u8; 200]))
            .collect()
    }

    /// A closed cache with `n` entries.
    fn filled(n: u32) -> (TempDir, PathBuf, Vec<(Key, Vec<u8>)>) {
        let folder = tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        let entries = entries(n);
        let opened = Store::open(&path).unwrap();
        assert_eq!(opened.notice, None);
        opened.store.put_many(&entries).unwrap();
        (folder, path, entries)
    }

    /// Opens an unusable file and checks that its content was kept.
    fn rejection(path: &Path) -> Rejection {
        // As beside every file that has been a cache.
        fs::write(with_suffix(path, ".lock"), "").unwrap();
        let before = fs::read(path).unwrap();
        let Opened { store, notice } = Store::open(path).unwrap();
        let notice = notice.expect("a notice");
        assert_eq!(fs::read(&notice.set_aside).unwrap(), before);
        assert!(notice.to_string().contains(&path.display().to_string()));
        assert_eq!(store.stats().unwrap().entries, 0);
        store.put_many(&entries(1)).unwrap();
        drop(store);
        assert_eq!(Store::open(path).unwrap().notice, None);
        notice.reason
    }

    #[test]
    fn a_cache_is_created_with_its_folders_and_found_again() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("a/b/cache.sqlite");
        let entries = entries(3);
        Store::open(&path)
            .unwrap()
            .store
            .put_many(&entries)
            .unwrap();

        let opened = Store::open(&path).unwrap();
        assert_eq!(opened.notice, None);
        assert_eq!(
            opened.store.get_many(&[entries[2].0]).unwrap(),
            [Some(entries[2].1.clone())]
        );
    }

    #[test]
    fn an_empty_file_becomes_a_cache() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        fs::write(&path, b"").unwrap();
        assert_eq!(Store::open(&path).unwrap().notice, None);
    }

    #[test]
    fn file_that_was_never_a_cache_is_refused_and_kept() {
        let folder = tempdir().unwrap();
        let text = folder.path().join("article.txt");
        fs::write(&text, "Il pleut à Brest. ".repeat(20)).unwrap();
        let other = folder.path().join("other.sqlite");
        let connection = Connection::open(&other).unwrap();
        connection.execute_batch("CREATE TABLE a (b);").unwrap();
        drop(connection);
        for path in [text, other] {
            let before = fs::read(&path).unwrap();
            for _ in 0..2 {
                let error = Store::open(&path).unwrap_err();
                assert!(matches!(error, CacheError::NoCache { .. }), "{error}");
                assert!(error.to_string().contains("use another file"), "{error}");
            }
            assert_eq!(fs::read(&path).unwrap(), before);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn file_that_is_not_a_database_is_set_aside() {
        let folder = tempdir().unwrap();
        for (i, content) in [&b"Bonjour\n"[..], &[0; 4096], &[0xA5; 10_000]]
            .iter()
            .enumerate()
        {
            let path = folder.path().join(format!("{i}.sqlite"));
            fs::write(&path, content).unwrap();
            assert!(matches!(rejection(&path), Rejection::Damaged { .. }));
        }
    }

    #[test]
    fn the_database_of_another_application_is_set_aside() {
        for (sql, id) in [
            ("CREATE TABLE bookmark (url)", 0),
            ("PRAGMA application_id = 7", 7),
            ("PRAGMA journal_mode = WAL; CREATE TABLE entry (key)", 0),
        ] {
            let folder = tempdir().unwrap();
            let path = folder.path().join("places.sqlite");
            Connection::open(&path).unwrap().execute_batch(sql).unwrap();
            assert_eq!(rejection(&path), Rejection::Foreign { application_id: id });
        }
    }

    #[test]
    fn a_cache_of_another_version_is_set_aside() {
        for version in [0, FORMAT_VERSION + 1] {
            let (_folder, path, _) = filled(1);
            let connection = Connection::open(&path).unwrap();
            connection
                .pragma_update(None, "user_version", version)
                .unwrap();
            drop(connection);
            assert_eq!(rejection(&path), Rejection::OtherVersion { found: version });
        }
    }

    #[test]
    fn a_cache_without_its_table_is_set_aside() {
        for sql in [
            "DROP TABLE entry",
            "ALTER TABLE entry RENAME COLUMN value TO other",
        ] {
            let (_folder, path, _) = filled(1);
            Connection::open(&path).unwrap().execute_batch(sql).unwrap();
            assert!(matches!(rejection(&path), Rejection::Damaged { .. }));
        }
    }

    #[test]
    fn a_truncated_cache_is_set_aside() {
        let (_folder, path, _) = filled(400);
        let whole = fs::read(&path).unwrap();
        for length in [50, 100, 4096, 5000, whole.len() / 2, whole.len() - 4096] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(
                matches!(rejection(&path), Rejection::Damaged { .. }),
                "{length}"
            );
        }
    }

    #[test]
    fn files_set_aside_in_the_same_second_are_all_kept() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        fs::write(with_suffix(&path, ".lock"), "").unwrap();
        for content in ["first", "second", "third"] {
            fs::write(&path, content).unwrap();
            assert!(Store::open(&path).unwrap().notice.is_some());
        }
        let mut kept: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains(".set-aside-"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        kept.sort();
        assert_eq!(kept, ["first", "second", "third"]);
    }

    #[test]
    fn the_log_goes_with_its_database() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        for (suffix, content) in [("", "no database"), ("-wal", "its log")] {
            fs::write(with_suffix(&path, suffix), content).unwrap();
        }
        let target = set_aside(&path).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "no database");
        let log = with_suffix(&target, "-wal");
        assert_eq!(fs::read_to_string(log).unwrap(), "its log");
    }

    #[test]
    fn file_that_another_store_has_open_is_not_set_aside() {
        let (_folder, path, entries) = filled(1);
        let store = Store::open(&path).unwrap().store;
        let newer = Connection::open(&path).unwrap();
        newer.pragma_update(None, "user_version", 9).unwrap();
        drop(newer);

        let error = Store::open(&path).unwrap_err();
        assert!(matches!(error, CacheError::RejectedInUse { .. }), "{error}");
        assert!(error.to_string().contains("or no cache"));
        assert!(store.get_many(&[entries[0].0]).unwrap()[0].is_some());
        drop(store);
        assert!(Store::open(&path).unwrap().notice.is_some());
    }

    #[test]
    fn bad_file_is_set_aside_once_if_many_open_it() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        fs::write(&path, "no database").unwrap();
        fs::write(with_suffix(&path, ".lock"), "").unwrap();
        let all_open = Barrier::new(8);
        let notices: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let opened = Store::open(&path).unwrap();
                        opened.store.put_many(&entries(2)).unwrap();
                        all_open.wait();
                        usize::from(opened.notice.is_some())
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(notices, 1);
        assert_eq!(
            Store::open(&path).unwrap().store.stats().unwrap().entries,
            2
        );
    }

    #[test]
    fn path_that_cannot_hold_a_cache_is_named_with_a_remedy() {
        let folder = tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [file.join("cache.sqlite"), folder.path().to_owned()] {
            let message = Store::open(&path).unwrap_err().to_string();
            assert!(message.contains(&path.display().to_string()), "{message}");
            assert!(message.contains("use another file"), "{message}");
        }
    }

    /// A key that is out of order hides others from the search, and SQLite's quick check misses it.
    #[test]
    fn removing_a_damaged_key_makes_the_entries_behind_it_visible() {
        let (_folder, path, entries) = filled(300);
        let keys: Vec<_> = entries.iter().map(|(key, _)| *key).collect();
        let whole = fs::read(&path).unwrap();
        let mut hidden = 0;
        for key in &keys[..40] {
            let mut bytes = whole.clone();
            // Pages that were split keep old copies.
            for at in 0..whole.len() - 32 {
                if whole[at..].starts_with(&key.0) {
                    bytes[at] ^= 0xFF;
                }
            }
            fs::write(&path, &bytes).unwrap();
            let Opened { store, notice } = Store::open(&path).unwrap();
            assert_eq!(notice, None);
            store.put_many(&entries).unwrap();
            let count = || store.get_many(&keys).unwrap().iter().flatten().count();
            hidden += keys.len() - count();

            assert_eq!(store.remove_corrupt().unwrap().corrupt.len(), 1);
            store.put_many(&entries).unwrap();
            assert_eq!(count(), keys.len());
            assert_eq!(store.verify().unwrap().checked, 300);
            drop(store);
        }
        assert!(hidden > 0);
    }

    /// A header that SQLite takes for one of a later version is damaged as well.
    #[test]
    fn no_byte_of_the_header_makes_a_cache_unusable() {
        let (_folder, path, entries) = filled(1);
        let whole = fs::read(&path).unwrap();
        for at in 0..100 {
            for byte in [0, 1, 3, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                fs::write(&path, &bytes).unwrap();
                let opened = Store::open(&path)
                    .unwrap_or_else(|error| panic!("byte {at} is {byte:#04x}: {error}"));
                opened.store.put_many(&entries).unwrap();
                let values = opened.store.get_many(&[entries[0].0]).unwrap();
                assert_eq!(values, [Some(entries[0].1.clone())]);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever happens to the bytes on disk: a value is right or absent, and the remaining
        /// entries can be recovered.
        #[test]
        fn random_bytes_in_the_file_never_become_a_value(
            at in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 1..6000),
        ) {
            let (_folder, path, entries) = filled(300);
            let mut bytes = fs::read(&path).unwrap();
            let start = at.index(bytes.len());
            let end = bytes.len().min(start + noise.len());
            bytes[start..end].copy_from_slice(&noise[..end - start]);
            fs::write(&path, &bytes).unwrap();

            let opened = Store::open(&path).unwrap();
            if opened.notice.is_some() {
                prop_assert_eq!(opened.store.stats().unwrap().entries, 0);
            }
            let keys: Vec<_> = entries.iter().map(|(key, _)| *key).collect();
            for _ in 0..2 {
                let values = opened.store.get_many(&keys).unwrap();
                for (value, (_, written)) in values.iter().zip(&entries) {
                    prop_assert!(value.as_ref().is_none_or(|value| value == written));
                }
                opened.store.put_many(&entries).unwrap();
            }
            opened.store.remove_corrupt().unwrap();
            opened.store.put_many(&entries).unwrap();
            prop_assert_eq!(opened.store.verify().unwrap().corrupt, []);
            prop_assert!(opened.store.get_many(&keys).unwrap().iter().all(Option::is_some));
        }
    }
}
