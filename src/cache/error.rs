//! What can go wrong with the store, and what helps.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_ERROR;
use thiserror::Error;

use super::Rejection;

#[derive(Debug, Error)]
pub enum CacheError {
    #[error(
        "cannot use the cache {}: {source}; use another file, or no cache",
        path.display()
    )]
    Unavailable { path: PathBuf, source: io::Error },

    #[error(
        "the cache {} may be read but not written; give it write permission, use another file, or no cache",
        path.display()
    )]
    ReadOnly { path: PathBuf },

    #[error(
        "no room left to write the cache {}; free some space, use a file on another disk, or no cache",
        path.display()
    )]
    Full { path: PathBuf },

    #[error(
        "the cache {} has been locked by another process for too long; wait for it to end, use another file, or no cache",
        path.display()
    )]
    Busy { path: PathBuf },

    #[error(
        "{} is not a cache of precis and is left as it is; use another file, or no cache",
        path.display()
    )]
    NoCache { path: PathBuf },

    #[error(
        "the cache {} is in use by another process; wait for that to end, and try again",
        path.display()
    )]
    InUse { path: PathBuf },

    /// It would be set aside if no other process had it open.
    #[error(
        "the cache {} cannot be used: {reason}; it is not set aside while another process has it open: wait for that to end, use another file, or no cache",
        path.display()
    )]
    RejectedInUse { path: PathBuf, reason: Rejection },

    /// Damage found after the file was opened.
    #[error(
        "the cache {} is damaged: {detail}; move it away, use another file, or no cache",
        path.display()
    )]
    Damaged { path: PathBuf, detail: String },

    #[error(
        "the cache {} failed: {source}; use another file, or no cache",
        path.display()
    )]
    Sqlite {
        path: PathBuf,
        source: rusqlite::Error,
    },
}

impl CacheError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Unavailable { path, source },
        }
    }

    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if is_damage(&source) {
            let detail = source.to_string();
            return Self::Damaged { path, detail };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            _ => Self::Sqlite { path, source },
        }
    }
}

/// Whether the cause of `error` is the content of the file rather than its surroundings.
///
/// `SQLITE_ERROR` usually means a wrong statement. Our statements are fixed, so here it means a
/// wrong file: another schema, or one in a format that SQLite does not know.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || matches!(
        error.sqlite_error(),
        Some(code) if code.extended_code == SQLITE_ERROR
    ) || matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..)
    )
}
