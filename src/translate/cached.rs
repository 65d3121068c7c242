//! The cache during one call of the translator.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Translation, entry};
use crate::cache::{CacheError, Key, Store};

/// Reads and writes translations until the cache fails for the first time, and does nothing after
/// that: translating goes on without it.
pub(super) struct CacheSession<'a> {
    store: Option<&'a Store>,
    error: Mutex<Option<CacheError>>,
}

impl<'a> CacheSession<'a> {
    /// A session without a store finds and keeps nothing.
    pub(super) fn new(store: Option<&'a Store>) -> Self {
        Self {
            store,
            error: Mutex::new(None),
        }
    }

    /// Returns the translations under `keys`, in their order.
    pub(super) fn get(&self, keys: &[Key]) -> Vec<Option<Translation>> {
        match self.attempt(|store| store.get_many(keys)) {
            Some(values) => values
                .into_iter()
                .map(|value| entry::from_bytes(&value?))
                .collect(),
            None => vec![None; keys.len()],
        }
    }

    /// Stores translations, except for failed ones, which another run may be able to translate.
    pub(super) fn put<'t>(&self, translations: impl Iterator<Item = (Key, &'t Translation)>) {
        let entries: Vec<_> = translations
            .filter(|(_, translation)| !translation.has_failed())
            .map(|(key, translation)| (key, entry::to_bytes(translation)))
            .collect();
        if !entries.is_empty() {
            self.attempt(|store| store.put_many(&entries));
        }
    }

    /// Returns the first error of the store.
    pub(super) fn into_error(self) -> Option<CacheError> {
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
