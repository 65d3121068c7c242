//! The lock of an output folder, which allows one run at a time.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use thiserror::Error;

/// Name of the lock file. It also marks a folder as an output folder.
const FILE_NAME: &str = ".precis.lock";

/// Whether `folder` is an output folder, which holds summaries and no articles.
pub fn is_output_folder(folder: &Path) -> bool {
    folder.join(FILE_NAME).is_file()
}

/// The right to write to an output folder. It is released on drop, or by the operating system when
/// the process ends.
///
/// The lock file is never deleted, because then two runs could each lock a file of that name.
#[derive(Debug)]
pub struct OutputLock {
    _file: File,
}

/// The state of an output folder's lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockState {
    pub held: bool,
    /// The process that holds it, or held it last.
    pub by: Option<Holder>,
}

/// The process that holds a lock, as the lock file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    pub pid: u32,
    pub host: String,
    /// When the lock was taken.
    #[serde(serialize_with = "as_text")]
    pub since: Timestamp,
}

#[derive(Debug, Error)]
pub enum LockError {
    #[error(
        "another run is writing to {}: {}; wait for it to end, or choose another output folder",
        folder.display(),
        by.as_ref().map_or("its process is not known yet".to_owned(), Holder::to_string)
    )]
    Held {
        folder: PathBuf,
        /// `None` in the moment between locking the file and writing to it.
        by: Option<Holder>,
    },

    #[error(
        "cannot lock the output folder: {}: {source}; it must be writable, on a file system with file locks",
        path.display()
    )]
    Io { path: PathBuf, source: io::Error },
}

impl OutputLock {
    /// Locks `folder`, which is created if it does not exist. Does not wait for another run.
    pub fn acquire(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(FILE_NAME);
        let failed = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        for wait in [10, 30, 60, 0] {
            match file.try_lock() {
                Ok(()) => {
                    sign(&mut file).map_err(failed)?;
                    return Ok(Self { _file: file });
                }
                // It may be another process that only looks.
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(wait)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Err(LockError::Held {
            folder: folder.to_owned(),
            by: read_holder(&mut file),
        })
    }

    /// Returns the state of the lock of `folder`, or `None` if no run has ever held it.
    pub fn look(folder: &Path) -> io::Result<Option<LockState>> {
        let mut file = match File::open(folder.join(FILE_NAME)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let by = read_holder(&mut file);
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(LockState { held: false, by })),
            Err(TryLockError::WouldBlock) => Ok(Some(LockState { held: true, by })),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn as_text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn sign(file: &mut File) -> io::Result<()> {
    let holder = Holder {
        pid: process::id(),
        host: host(),
        since: Timestamp::now(),
    };
    file.set_len(0)?;
    file.write_all(holder.to_line().as_bytes())
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut line = String::new();
    file.read_to_string(&mut line).ok()?;
    Holder::from_line(&line)
}

/// Returns the name of this machine, or an empty string if the system does not say.
pub(super) fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::env::var("HOSTNAME").map_err(io::Error::other))
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}

impl Holder {
    fn to_line(&self) -> String {
        format!("{} {} {}\n", self.pid, self.since, self.host)
    }

    fn from_line(line: &str) -> Option<Self> {
        let mut fields = line.strip_suffix('\n')?.splitn(3, ' ');
        Some(Self {
            pid: fields.next()?.parse().ok()?,
            since: fields.next()?.parse().ok()?,
            host: fields.next()?.to_owned(),
        })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        if !self.host.is_empty() {
            write!(f, " on {}", self.host)?;
        }
        write!(f, ", since {:.0}", self.since)
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use tempfile::tempdir;

    use super::*;

    fn holder(error: LockError) -> Holder {
        match error {
            LockError::Held { by, .. } => by.expect("a signed lock"),
            LockError::Io { .. } => panic!("{error}"),
        }
    }

    #[test]
    fn a_second_run_learns_who_holds_the_folder() {
        let folder = tempdir().unwrap();
        let out = folder.path().join("new/out");
        let lock = OutputLock::acquire(&out).unwrap();
        let error = OutputLock::acquire(&out).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(&out.display().to_string()), "{message}");
        assert!(
            message.contains(&format!("process {}", process::id())),
            "{message}"
        );
        let by = holder(error);
        assert_eq!((by.pid, by.host), (process::id(), host()));
        assert!(Timestamp::now().duration_since(by.since).as_secs() < 60);

        drop(lock);
        OutputLock::acquire(&out).unwrap();
    }

    #[test]
    fn locks_of_different_folders_do_not_meet() {
        let folder = tempdir().unwrap();
        let _a = OutputLock::acquire(&folder.path().join("a")).unwrap();
        let _b = OutputLock::acquire(&folder.path().join("b")).unwrap();
    }

    #[test]
    fn a_lock_file_with_other_content_still_locks() {
        for content in ["", "rubbish", "1 2", "\u{fffd}\n"] {
            let folder = tempdir().unwrap();
            let path = folder.path().join(FILE_NAME);
            fs::write(&path, content).unwrap();
            let file = File::open(&path).unwrap();
            file.lock().unwrap();
            let error = OutputLock::acquire(folder.path()).unwrap_err();
            assert!(matches!(error, LockError::Held { by: None, .. }));
            drop(file);
            OutputLock::acquire(folder.path()).unwrap();
        }
    }

    #[test]
    fn the_error_names_a_folder_that_cannot_be_made() {
        let folder = tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = OutputLock::acquire(&file).unwrap_err();
        assert!(matches!(error, LockError::Io { .. }));
        assert!(error.to_string().contains(&file.display().to_string()));
    }

    const CHILD: &str = "PRECIS_TEST_LOCK_CHILD";

    /// The process that dies in the next test.
    #[test]
    #[ignore = "another test runs this as a process of its own"]
    fn child_process() {
        let Some(folder) = env::var_os(CHILD) else {
            return;
        };
        let _lock = OutputLock::acquire(Path::new(&folder)).unwrap();
        println!("\nlocked");
        let _ = io::stdin().read(&mut [0]);
    }

    #[test]
    fn a_killed_run_leaves_the_folder_free() {
        let folder = tempdir().unwrap();
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "job::lock::tests::child_process"])
            .args(["--ignored", "--nocapture"])
            .env(CHILD, folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let locked = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .any(|line| line.unwrap() == "locked");
        assert!(locked);

        let by = holder(OutputLock::acquire(folder.path()).unwrap_err());
        assert_eq!(by.pid, child.id());

        child.kill().unwrap();
        child.wait().unwrap();
        OutputLock::acquire(folder.path()).unwrap();
    }
}
