//! Reading and writing values in an open cache file.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::open::{CREATE, reopen, with_suffix};
use super::{CacheError, Key};
use crate::fault;

/// An open cache. Threads may share it; other processes may have the same file open.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
    /// Holds a shared lock as long as the connection lives.
    _in_use: File,
}

/// What to do if other processes use the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    WaitFor,
    GiveUp,
}

/// What a cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    pub entries: u64,
    /// Bytes of the values, without keys and overhead.
    pub bytes_of_values: u64,
    /// Bytes on disk, including the write-ahead log.
    pub file_bytes: u64,
    /// When the oldest entry was written; `None` if the cache is empty.
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

/// Result of checking every value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    pub checked: u64,
    /// Keys whose values differ from what was written; the store treats them as absent.
    pub corrupt: Vec<Key>,
}

/// What was copied from another cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Entries of the other cache.
    pub found: u64,
    /// Entries that this cache lacked.
    pub added: u64,
    /// Entries whose values differ from what was written, and that were left out.
    pub damaged: u64,
}

impl Store {
    pub(super) fn new(path: &Path, connection: Connection, in_use: File) -> Self {
        Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
            _in_use: in_use,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The values of `keys`, in their order; `None` if a value is absent or corrupt.
    pub fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, CacheError> {
        fault::point("cache-read").map_err(|error| CacheError::io(&self.path, error))?;
        self.with(|connection| {
            let snapshot = connection.transaction()?;
            let mut select =
                snapshot.prepare("SELECT value, checksum FROM entry WHERE key = ?1")?;
            keys.iter()
                .map(|key| {
                    let found = select
                        .query_row([key.0], |row| {
                            let value: Vec<u8> = row.get(0)?;
                            Ok((row.get_ref(1)?.as_blob()? == key.checksum(&value))
                                .then_some(value))
                        })
                        .optional()?;
                    Ok(found.flatten())
                })
                .collect()
        })
    }

    /// Writes all entries, replacing existing values. On an error, writes none.
    pub fn put_many(&self, entries: &[(Key, Vec<u8>)]) -> Result<(), CacheError> {
        let created = Timestamp::now().as_second();
        fault::point("cache-write").map_err(|error| CacheError::io(&self.path, error))?;
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut insert = transaction.prepare(
                    "INSERT OR REPLACE INTO entry (key, value, checksum, created)
                     VALUES (?1, ?2, ?3, ?4)",
                )?;
                for (key, value) in entries {
                    insert.execute(params![key.0, value, key.checksum(value), created])?;
                }
            }
            fault::point("cache-commit")
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            transaction.commit()
        })
    }

    /// Counts the entries; reads the whole file.
    pub fn stats(&self) -> Result<Stats, CacheError> {
        let (entries, bytes_of_values, (oldest, newest)) = self.with(|connection| {
            connection.query_row(
                "SELECT count(*), coalesce(sum(length(value)), 0), min(created), max(created)
                 FROM entry",
                [],
                |row| {
                    let (entries, bytes): (i64, i64) = (row.get(0)?, row.get(1)?);
                    let times = (row.get(2)?, row.get(3)?);
                    Ok((entries.unsigned_abs(), bytes.unsigned_abs(), times))
                },
            )
        })?;
        let time = |seconds: Option<i64>| seconds.and_then(|s| Timestamp::from_second(s).ok());
        let bytes = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        Ok(Stats {
            entries,
            bytes_of_values,
            file_bytes: bytes(&self.path) + bytes(&with_suffix(&self.path, "-wal")),
            oldest: time(oldest),
            newest: time(newest),
        })
    }

    /// Compares every value with its checksum.
    pub fn verify(&self) -> Result<Verification, CacheError> {
        self.with(|connection| {
            let mut select = connection.prepare("SELECT key, value, checksum FROM entry")?;
            let mut rows = select.query([])?;
            let (mut checked, mut corrupt) = (0, Vec::new());
            while let Some(row) = rows.next()? {
                let key = Key(row.get(0)?);
                let (value, checksum) = (row.get_ref(1)?, row.get_ref(2)?);
                if checksum.as_blob()? != key.checksum(value.as_blob()?) {
                    corrupt.push(key);
                }
                checked += 1;
            }
            Ok(Verification { checked, corrupt })
        })
    }

    /// Copies the entries of the cache at `path` that this one lacks, with the time at which they were
    /// written. Entries are copied in batches: what was copied before an error stays.
    ///
    /// # Errors
    /// If there is no cache at `path`, or one of the two fails.
    pub fn merge(&self, path: &Path) -> Result<Merged, CacheError> {
        let other = Self::open_existing(path)?;
        let mut merged = Merged::default();
        let mut last: Option<Key> = None;
        loop {
            let after = last.as_ref().map_or(&[][..], |key| &key.0[..]);
            let batch = other.with(|connection| entries_after(connection, after))?;
            let Some((key, ..)) = batch.last() else {
                return Ok(merged);
            };
            last = Some(*key);
            merged.found += batch.len() as u64;
            let (whole, damaged): (Vec<Entry>, Vec<Entry>) = batch
                .into_iter()
                .partition(|(key, value, checksum, _)| *checksum == key.checksum(value));
            merged.damaged += damaged.len() as u64;
            merged.added += self.with(|connection| insert_new(connection, &whole))?;
        }
    }

    /// Verifies, and removes corrupt entries.
    ///
    /// If there are any, the whole table is rewritten: a damaged key is out of order, so a search
    /// misses it and others behind it.
    pub fn remove_corrupt(&self) -> Result<Verification, CacheError> {
        let verification = self.verify()?;
        if verification.corrupt.is_empty() {
            return Ok(verification);
        }
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch(
                "ALTER TABLE entry RENAME TO damaged; CREATE TEMP TABLE corrupt (key BLOB);",
            )?;
            for key in &verification.corrupt {
                transaction.execute("INSERT INTO corrupt VALUES (?1)", [key.0])?;
            }
            transaction.execute_batch(CREATE)?;
            transaction.execute_batch(
                "INSERT OR REPLACE INTO entry (key, value, checksum, created)
                     SELECT key, value, checksum, created FROM damaged
                     WHERE key NOT IN (SELECT key FROM corrupt);
                 DROP TABLE damaged;
                 DROP TABLE corrupt;",
            )?;
            transaction.commit()
        })?;
        self.give_back()?;
        Ok(verification)
    }

    /// Deletes every entry and shrinks the file.
    pub fn clear(&self) -> Result<(), CacheError> {
        self.with(|connection| connection.execute("DELETE FROM entry", []))?;
        self.give_back()
    }

    /// Deletes entries written longer than `older_than` ago, then the oldest until the file has at
    /// most about `max_bytes`, and shrinks the file. Returns the number of deleted entries.
    pub fn remove_old(
        &self,
        older_than: Option<Duration>,
        max_bytes: Option<u64>,
    ) -> Result<usize, CacheError> {
        let mut removed = 0;
        if let Some(age) = older_than {
            let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            let limit = Timestamp::now().as_second().saturating_sub(age);
            removed += self.with(|connection| {
                connection.execute("DELETE FROM entry WHERE created < ?1", [limit])
            })?;
            self.give_back()?;
        }
        if let Some(max) = max_bytes {
            let Stats {
                entries,
                file_bytes,
                ..
            } = self.stats()?;
            if file_bytes > max {
                let kept = u128::from(entries) * u128::from(max) / u128::from(file_bytes);
                let kept = i64::try_from(kept).unwrap_or(i64::MAX);
                removed += self.with(|connection| {
                    connection.execute(
                        "DELETE FROM entry WHERE key IN
                             (SELECT key FROM entry ORDER BY created DESC, key LIMIT -1 OFFSET ?1)",
                        [kept],
                    )
                })?;
                self.give_back()?;
            }
        }
        Ok(removed)
    }

    fn give_back(&self) -> Result<(), CacheError> {
        self.with(|connection| connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);"))
    }

    /// Locks the cache for this process alone: no other process uses it, and none can start to.
    ///
    /// # Errors
    /// [`CacheError::InUse`] if others use it and `others` says to give up.
    pub fn alone(self, others: Others) -> Result<Self, CacheError> {
        let Self {
            path,
            connection,
            _in_use: in_use,
        } = self;
        drop(connection);
        let io = |error| CacheError::io(&path, error);
        in_use.unlock().map_err(io)?;
        match others {
            Others::WaitFor => in_use.lock().map_err(io)?,
            Others::GiveUp => match in_use.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(CacheError::InUse { path }),
                Err(TryLockError::Error(error)) => return Err(io(error)),
            },
        }
        // Another process may have set the file aside in between.
        let connection = reopen(&path)?;
        Ok(Self::new(&path, connection, in_use))
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, CacheError> {
        work(&mut self.lock()).map_err(|error| CacheError::sqlite(&self.path, error))
    }

    /// A poisoned lock is fine: a panic rolls the open transaction back.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Number of entries that are copied together.
const COPIED_TOGETHER: i64 = 4096;

/// Key, value, checksum and the second at which it was written.
type Entry = (Key, Vec<u8>, Vec<u8>, i64);

/// The next entries whose keys are greater than `key`, in the order of their keys.
fn entries_after(connection: &Connection, key: &[u8]) -> rusqlite::Result<Vec<Entry>> {
    let mut select = connection.prepare(
        "SELECT key, value, checksum, created FROM entry WHERE key > ?1 ORDER BY key LIMIT ?2",
    )?;
    let rows = select.query_map(params![key, COPIED_TOGETHER], |row| {
        Ok((Key(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    rows.collect()
}

/// Writes those of `entries` whose keys are new. Returns their number.
fn insert_new(connection: &mut Connection, entries: &[Entry]) -> rusqlite::Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut added = 0;
    {
        let mut insert = transaction.prepare(
            "INSERT OR IGNORE INTO entry (key, value, checksum, created) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (key, value, checksum, created) in entries {
            added += insert.execute(params![key.0, value, checksum, created])? as u64;
        }
    }
    transaction.commit()?;
    Ok(added)
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::{Command, Stdio};
    use std::thread;

    use proptest::prelude::*;
    use tempfile::{TempDir, tempdir};

    use super::*;

    fn store() -> (TempDir, Store) {
        let folder = tempdir().unwrap();
        let opened = Store::open(&folder.path().join("cache.sqlite")).unwrap();
        (folder, opened.store)
    }

    fn key(n: u32) -> Key {
        Key::new(&[("n", &n.to_le_bytes())])
    }

    fn batch(numbers: std::ops::Range<u32>) -> Vec<(Key, Vec<u8>)> {
        numbers
            .map(|n| (key(n), n.to_string().into_bytes()))
            .collect()
    }

    fn damage(store: &Store, n: u32) {
        let sql = "UPDATE entry SET value = x'00' WHERE key = ?1";
        assert_eq!(store.lock().execute(sql, [key(n).0]).unwrap(), 1);
    }

    #[test]
    fn values_come_in_the_order_of_the_keys() {
        let (_folder, store) = store();
        store.put_many(&batch(0..3)).unwrap();
        let value = |n: u32| Some(n.to_string().into_bytes());
        assert_eq!(
            store.get_many(&[key(2), key(7), key(0), key(2)]).unwrap(),
            [value(2), None, value(0), value(2)]
        );
        assert_eq!(store.get_many(&[]).unwrap(), Vec::<Option<Vec<u8>>>::new());
    }

    #[test]
    fn an_empty_value_is_not_an_absent_one() {
        let (_folder, store) = store();
        store.put_many(&[(key(1), Vec::new())]).unwrap();
        assert_eq!(store.get_many(&[key(1)]).unwrap(), [Some(Vec::new())]);
    }

    #[test]
    fn a_corrupt_value_is_absent_until_it_is_written_again() {
        let (_folder, store) = store();
        store.put_many(&batch(0..3)).unwrap();
        damage(&store, 1);
        assert_eq!(store.get_many(&[key(1)]).unwrap(), [None]);
        assert_eq!(
            store.verify().unwrap(),
            Verification {
                checked: 3,
                corrupt: vec![key(1)]
            }
        );
        store.put_many(&batch(1..2)).unwrap();
        assert_eq!(store.get_many(&[key(1)]).unwrap(), [Some(b"1".to_vec())]);
        assert_eq!(store.verify().unwrap().corrupt, []);
    }

    #[test]
    fn value_under_the_wrong_key_is_absent() {
        let (_folder, store) = store();
        store.put_many(&batch(0..2)).unwrap();
        let swap = "UPDATE entry SET (value, checksum) =
                        (SELECT value, checksum FROM entry WHERE key = ?2)
                    WHERE key = ?1";
        store.lock().execute(swap, [key(0).0, key(1).0]).unwrap();
        assert_eq!(store.get_many(&[key(0)]).unwrap(), [None]);
    }

    #[test]
    fn only_corrupt_entries_are_removed() {
        let (_folder, store) = store();
        store.put_many(&batch(0..5)).unwrap();
        damage(&store, 3);
        assert_eq!(store.remove_corrupt().unwrap().corrupt, [key(3)]);
        let left = store.verify().unwrap();
        assert_eq!((left.checked, left.corrupt), (4, vec![]));
    }

    #[test]
    fn clearing_empties_the_file_and_it_stays_usable() {
        let (_folder, store) = store();
        store.put_many(&[(key(1), vec![7; 1_000_000])]).unwrap();
        let before = store.stats().unwrap();
        assert_eq!((before.entries, before.bytes_of_values), (1, 1_000_000));
        assert!(before.oldest.is_some() && before.oldest <= before.newest);
        store.clear().unwrap();
        let after = store.stats().unwrap();
        assert_eq!(
            (after.entries, after.bytes_of_values, after.oldest),
            (0, 0, None)
        );
        assert!(after.file_bytes < 100_000, "{}", after.file_bytes);
        store.put_many(&batch(0..1)).unwrap();
        assert_eq!(store.stats().unwrap().entries, 1);
    }

    #[test]
    fn old_entries_and_those_over_the_limit_are_removed() {
        let (_folder, store) = store();
        store
            .put_many(
                &(0..2000)
                    .map(|n| (key(n), vec![7; 300]))
                    .collect::<Vec<_>>(),
            )
            .unwrap();
        let old = "UPDATE entry SET created = created - 1000 WHERE key = ?1";
        for n in 0..500 {
            store.lock().execute(old, [key(n).0]).unwrap();
        }
        let hour = Duration::from_secs(3600);
        assert_eq!(store.remove_old(Some(hour), None).unwrap(), 0);
        let minutes = Duration::from_secs(600);
        assert_eq!(store.remove_old(Some(minutes), None).unwrap(), 500);
        assert_eq!(store.get_many(&[key(3)]).unwrap(), [None]);

        store.lock().execute(old, [key(1999).0]).unwrap();
        let before = store.stats().unwrap();
        let removed = store.remove_old(None, Some(before.file_bytes / 2)).unwrap();
        let after = store.stats().unwrap();
        assert_eq!(before.entries - after.entries, removed as u64);
        assert!((700..800).contains(&removed), "{removed}");
        assert!(after.file_bytes <= before.file_bytes * 11 / 20);
        assert_eq!(store.get_many(&[key(1999)]).unwrap(), [None]);
        assert_eq!(store.remove_old(None, Some(u64::MAX)).unwrap(), 0);
    }

    #[test]
    fn merging_adds_what_is_missing_and_whole() {
        let (_folder, store) = store();
        let (_other_folder, other) = self::store();
        store.put_many(&batch(0..3)).unwrap();
        // More than one batch.
        other.put_many(&batch(2..9002)).unwrap();
        damage(&other, 7);
        let old = "UPDATE entry SET created = 1000 WHERE key = ?1";
        other.lock().execute(old, [key(8).0]).unwrap();
        let merged = store.merge(other.path()).unwrap();
        let expected = Merged {
            found: 9000,
            added: 8998,
            damaged: 1,
        };
        assert_eq!(merged, expected);
        assert_eq!(store.stats().unwrap().entries, 9001);
        assert_eq!(store.get_many(&[key(7)]).unwrap(), [None]);
        assert_eq!(
            store.stats().unwrap().oldest,
            Some(Timestamp::from_second(1000).unwrap())
        );
        assert_eq!(store.merge(other.path()).unwrap().added, 0);
        assert_eq!(store.verify().unwrap().corrupt, []);
    }

    #[test]
    fn merging_takes_caches_only_and_sets_none_aside() {
        let (folder, store) = store();
        let file = folder.path().join("notes.txt");
        assert!(matches!(
            store.merge(&file),
            Err(CacheError::Unavailable { .. })
        ));
        for (lock, content) in [(false, "notes"), (true, "a damaged cache")] {
            fs::write(&file, content).unwrap();
            if lock {
                fs::write(with_suffix(&file, ".lock"), "").unwrap();
            }
            store.merge(&file).unwrap_err();
            assert_eq!(fs::read_to_string(&file).unwrap(), content);
        }
    }

    #[test]
    fn exclusive_use_is_refused_or_waited_for() {
        let (_folder, store) = store();
        let path = store.path().to_owned();
        let other = Store::open(&path).unwrap().store;
        let error = other.alone(Others::GiveUp).unwrap_err();
        assert!(matches!(error, CacheError::InUse { .. }), "{error}");
        let waiting = thread::spawn(move || {
            let store = Store::open(&path).unwrap().store;
            store.alone(Others::WaitFor).unwrap()
        });
        thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished());
        store.put_many(&batch(0..1)).unwrap();
        drop(store);
        let alone = waiting.join().unwrap();
        assert_eq!(alone.stats().unwrap().entries, 1);
    }

    #[test]
    fn full_disk_keeps_old_entries_and_names_the_remedy() {
        let (_folder, store) = store();
        store.put_many(&batch(0..1)).unwrap();
        store
            .lock()
            .pragma_update_and_check(None, "max_page_count", 4, |_| Ok(()))
            .unwrap();
        let error = store
            .put_many(&[(key(1), b"fits".to_vec()), (key(2), vec![1; 100_000])])
            .unwrap_err();
        assert!(matches!(error, CacheError::Full { .. }), "{error}");
        let message = error.to_string();
        assert!(
            message.contains("cache.sqlite") && message.contains("or no cache"),
            "{message}"
        );
        assert_eq!(
            store.get_many(&[key(0), key(1)]).unwrap(),
            [Some(b"0".to_vec()), None]
        );
    }

    #[test]
    fn a_read_only_cache_names_the_remedy() {
        let (_folder, store) = store();
        store
            .lock()
            .pragma_update(None, "query_only", true)
            .unwrap();
        let error = store.put_many(&batch(0..1)).unwrap_err();
        assert!(matches!(error, CacheError::ReadOnly { .. }), "{error}");
        assert!(error.to_string().contains("use another file"));
    }

    #[test]
    fn threads_that_write_and_read_at_once_lose_nothing() {
        let (_folder, store) = store();
        thread::scope(|scope| {
            for t in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    for i in 0..10 {
                        let entries = batch(t * 100 + i * 10..t * 100 + i * 10 + 10);
                        store.put_many(&entries).unwrap();
                        let found = store.get_many(&[entries[9].0]).unwrap();
                        assert_eq!(found, [Some(entries[9].1.clone())]);
                    }
                });
            }
        });
        let verification = store.verify().unwrap();
        assert_eq!((verification.checked, verification.corrupt), (400, vec![]));
    }

    const CHILD: &str = "PRECIS_TEST_CACHE_CHILD";

    /// One of the processes of the next test.
    #[test]
    #[ignore = "run as a process of its own by another test"]
    fn child_process() {
        let Some(argument) = env::var_os(CHILD) else {
            return;
        };
        let argument = argument.into_string().unwrap();
        let (first, path) = argument.split_once(':').unwrap();
        let first: u32 = first.parse().unwrap();
        let store = Store::open(Path::new(path)).unwrap().store;
        for i in 0..20 {
            store
                .put_many(&batch(first + i * 10..first + i * 10 + 10))
                .unwrap();
        }
    }

    #[test]
    fn processes_that_create_and_write_at_once_lose_nothing() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("cache.sqlite");
        let mut children: Vec<_> = (0..4)
            .map(|n| {
                Command::new(env::current_exe().unwrap())
                    .args(["--exact", "cache::store::tests::child_process", "--ignored"])
                    .env(CHILD, format!("{}:{}", n * 200, path.display()))
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in &mut children {
            assert!(child.wait().unwrap().success());
        }
        let opened = Store::open(&path).unwrap();
        assert_eq!(opened.notice, None);
        let verification = opened.store.verify().unwrap();
        assert_eq!((verification.checked, verification.corrupt), (800, vec![]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn the_last_value_put_is_the_one_got(
            puts in prop::collection::vec((0u32..8, prop::collection::vec(any::<u8>(), 0..300)), 0..20),
        ) {
            let (_folder, store) = store();
            let mut expected = vec![None; 8];
            for (n, value) in puts {
                store.put_many(&[(key(n), value.clone())]).unwrap();
                expected[n as usize] = Some(value);
            }
            let keys: Vec<_> = (0..8).map(key).collect();
            prop_assert_eq!(store.get_many(&keys).unwrap(), expected);
        }
    }
}
