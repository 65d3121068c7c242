//! `precis-lock.json` of a fetched model folder: where it is from, and the digests of its files.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const FILE: &str = "precis-lock.json";

/// Where a model folder is from, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// `OWNER/NAME` on the hub.
    pub repository: String,
    /// The commit, in hexadecimal.
    pub commit: String,
    pub licence: String,
    pub attribution: String,
    pub files: Vec<LockedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedFile {
    pub name: String,
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// Why a folder is not what its lock says.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("cannot read {path}: {source}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is not valid: {reason}")]
    Invalid { path: PathBuf, reason: String },
    #[error("{path} has {found} bytes instead of {expected}")]
    Size {
        path: PathBuf,
        found: u64,
        expected: u64,
    },
    #[error("{path} has been changed: its SHA-256 is {found}, precis-lock.json says {expected}")]
    Changed {
        path: PathBuf,
        found: String,
        expected: String,
    },
}

impl Lock {
    /// Reads the lock of the folder `dir`, if it has one.
    pub fn read(dir: &Path) -> Result<Option<Self>, LockError> {
        let path = dir.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(LockError::Io { path, source }),
        };
        let lock: Self = serde_json::from_str(&text).map_err(|error| LockError::Invalid {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        match lock
            .files
            .iter()
            .find(|file| !super::is_folder_name(&file.name))
        {
            Some(file) => Err(LockError::Invalid {
                path,
                reason: format!("`{}` is not the name of a file in the folder", file.name),
            }),
            None => Ok(Some(lock)),
        }
    }

    /// Writes the lock into the folder `dir`.
    pub fn write(&self, dir: &Path) -> std::io::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(dir.join(FILE), text)
    }

    /// Compares the files of `dir` with the lock.
    pub fn check(&self, dir: &Path) -> Result<(), LockError> {
        for file in &self.files {
            let path = dir.join(&file.name);
            let io = |source| LockError::Io {
                path: path.clone(),
                source,
            };
            let found = std::fs::metadata(&path).map_err(io)?.len();
            if found != file.bytes {
                return Err(LockError::Size {
                    found,
                    expected: file.bytes,
                    path,
                });
            }
            let found = sha256(&path).map_err(io)?;
            if found != file.sha256 {
                return Err(LockError::Changed {
                    found,
                    expected: file.sha256.clone(),
                    path,
                });
            }
        }
        Ok(())
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub(super) fn sha256(path: &Path) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}
