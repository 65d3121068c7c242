//! A cache during one piece of work.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{CacheError, Key, Store};

/// Reads and writes values until the cache fails for the first time, and does nothing after that: the
/// work goes on without it.
pub struct Session<'a> {
    store: Option<&'a Store>,
    error: Mutex<Option<CacheError>>,
}

impl<'a> Session<'a> {
    /// A session without a store finds and keeps nothing.
    pub fn new(store: Option<&'a Store>) -> Self {
        Self {
            store,
            error: Mutex::new(None),
        }
    }

    /// Returns the values under `keys`, in their order.
    pub fn get(&self, keys: &[Key]) -> Vec<Option<Vec<u8>>> {
        let values = self.attempt(|store| store.get_many(keys));
        values.unwrap_or_else(|| vec![None; keys.len()])
    }

    /// Stores values.
    pub fn put(&self, entries: &[(Key, Vec<u8>)]) {
        if !entries.is_empty() {
            self.attempt(|store| store.put_many(entries));
        }
    }

    /// Returns the first error of the store.
    pub fn into_error(self) -> Option<CacheError> {
        self.error
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn attempt<T>(&self, work: impl FnOnce(&Store) -> Result<T, CacheError>) -> Option<T> {
        let store = self.store?;
        // The lock is released before the work, so that threads can use the store at the same time.
        if self.error().is_some() {
            return None;
        }
        match work(store) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error().get_or_insert(error);
                None
            }
        }
    }

    fn error(&self) -> MutexGuard<'_, Option<CacheError>> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
