//! The message about a file that could not serve as the cache.

use std::fmt;
use std::path::PathBuf;

use super::open::FORMAT_VERSION;

/// A file in the place of the cache was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub path: PathBuf,
    /// Where the file is now.
    pub set_aside: PathBuf,
    pub reason: Rejection,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the cache {} could not be used: {}; it was set aside as {} and an empty cache begun",
            self.path.display(),
            self.reason,
            self.set_aside.display()
        )
    }
}

/// Why a file cannot serve as the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Not a SQLite file, or one whose structure is broken.
    Damaged { detail: String },
    /// The database of another application.
    Foreign { application_id: i32 },
    /// Written by another version of this program.
    OtherVersion { found: i32 },
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { detail } => write!(f, "it is damaged ({detail})"),
            Self::Foreign { application_id } => write!(
                f,
                "it is the database of another application (application_id {application_id:#010x})"
            ),
            Self::OtherVersion { found } => write!(
                f,
                "its format is version {found}, and this program reads version {FORMAT_VERSION}"
            ),
        }
    }
}
