//! A content-addressed store of byte strings in one SQLite file, shared by several processes.
//!
//! A [`Key`] is a digest of everything that a value depends on, so a value is never out of date: it
//! is either right or absent. The caller decides what is stored and what goes into a key.
//! Everything in the store can be computed again, so a caller that gets a [`CacheError`] may go on
//! without it.
//!
//! The file format is described in `docs/cache.md`.

mod error;
mod key;
mod notice;
mod open;
mod session;
mod store;

pub use error::CacheError;
pub use key::{Key, KeyBuilder};
pub use notice::{Notice, Rejection};
pub use open::Opened;
pub use session::Session;
pub use store::{Merged, Others, Stats, Store, Verification};
