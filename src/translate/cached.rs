//! The cache during one call of the translator.

use super::{Translation, entry};
use crate::cache::{CacheError, Key, Session, Store};

/// A [`Session`] for translations.
pub(super) struct CacheSession<'a>(Session<'a>);

impl<'a> CacheSession<'a> {
    /// A session without a store finds and keeps nothing.
    pub(super) fn new(store: Option<&'a Store>) -> Self {
        Self(Session::new(store))
    }

    /// Returns the translations under `keys`, in their order.
    pub(super) fn get(&self, keys: &[Key]) -> Vec<Option<Translation>> {
        let values = self.0.get(keys).into_iter();
        values.map(|value| entry::from_bytes(&value?)).collect()
    }

    /// Stores translations, except for failed ones, which another run may be able to translate.
    pub(super) fn put<'t>(&self, translations: impl Iterator<Item = (Key, &'t Translation)>) {
        let entries: Vec<_> = translations
            .filter(|(_, translation)| !translation.has_failed())
            .map(|(key, translation)| (key, entry::to_bytes(translation)))
            .collect();
        self.0.put(&entries);
    }

    /// Returns the first error of the store.
    pub(super) fn into_error(self) -> Option<CacheError> {
        self.0.into_error()
    }
}
