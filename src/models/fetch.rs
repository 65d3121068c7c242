//! Fetches a model folder from the hub: file by file into a hidden folder, which gets its name when all
//! of them are there and have the digests that the hub states. What is there already is not fetched
//! again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use seq2seq::model::{Architecture, ModelError, ModelFolder};
use sha1::{Digest, Sha1};

use super::hub::{Description, Hub, RemoteFile};
use super::lock::sha256;
use super::{KnownModel, Lock, LockedFile, is_folder_name};

/// The files of a model folder besides its weights.
const SMALL_FILES: [&str; 17] = [
    "LICENSE",
    "LICENSE.md",
    "LICENSE.txt",
    "NOTICE",
    CARD,
    "config.json",
    "generation_config.json",
    "merges.txt",
    "precis.json",
    "sentencepiece.bpe.model",
    "source.spm",
    "spiece.model",
    "target.spm",
    "target_vocab.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
];

/// The files of weights, the best first.
const WEIGHTS: [&str; 3] = ["model.safetensors", "pytorch_model.bin", "model.gguf"];

const CARD: &str = "README.md";

/// How often a file is asked for again without a byte having come.
const ATTEMPTS: u32 = 3;

/// What to fetch.
#[derive(Debug)]
pub struct Request<'a> {
    /// `OWNER/NAME` on the hub.
    pub repository: &'a str,
    /// A branch, a tag or a commit.
    pub revision: &'a str,
    /// The file of weights. `None`: the usual one.
    pub weights: Option<&'a str>,
    /// What the list of models has of this revision.
    pub known: Option<&'a KnownModel>,
    /// The folder to create.
    pub dir: &'a Path,
}

/// What [`fetch`] tells while it works.
pub trait Watch {
    /// What is going to be fetched is known: `bytes` in all.
    fn begins(&self, lock: &Lock, bytes: u64);
    /// A file begins, of which `have` of `bytes` bytes are there.
    fn file(&self, name: &str, have: u64, bytes: u64);
    /// So many bytes of the file are there.
    fn have(&self, bytes: u64);
    /// A file is asked for again, because of `reason`.
    fn retries(&self, name: &str, reason: &str);
    /// Whether to go on.
    fn goes_on(&self) -> bool;
}

/// What [`fetch`] did.
#[derive(Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The folder is new.
    New,
    /// The folder was there, from the same commit.
    AlreadyThere,
}

/// Why a model was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("cannot reach {url}: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("the hub has no model {repository}, or hides it: see {page}")]
    NoRepository { repository: String, page: String },
    #[error(
        "{repository} has no revision {revision}; name a branch, a tag, or the whole hash of a commit"
    )]
    NoRevision {
        repository: String,
        revision: String,
    },
    #[error(
        "the hub does not give {repository} out (status {status}): it does not exist, is private, or has terms to accept at {page}; {remedy}"
    )]
    Refused {
        repository: String,
        page: String,
        status: u16,
        remedy: &'static str,
    },
    #[error("{url}: the hub answers with status {status}; try again later")]
    Status { url: String, status: u16 },
    #[error("{url}: the answer cannot be understood: {reason}")]
    Unexpected { url: String, reason: String },
    #[error("{repository} {reason}")]
    NoModel { repository: String, reason: String },
    #[error("{repository} has several files of weights: {}", files.join(", "))]
    SeveralWeights {
        repository: String,
        files: Vec<String>,
    },
    #[error(
        "{file}: the connection broke after {have} of {bytes} bytes ({reason}); the same command goes on from there"
    )]
    Broken {
        file: String,
        have: u64,
        bytes: u64,
        reason: String,
    },
    #[error("interrupted; the same command goes on from there")]
    Interrupted,
    #[error(
        "{file} has arrived damaged and was removed: its digest is {found}, it should be {expected}; fetch it again"
    )]
    Damaged {
        file: String,
        found: String,
        expected: String,
    },
    #[error(
        "{file}: the hub states the SHA-256 {hub}, but the one that precis knows is {listed}; nothing was fetched"
    )]
    OtherFile {
        file: String,
        hub: String,
        listed: String,
    },
    #[error(
        "{dir} is there already, from {origin}; remove it, or choose another name for the new folder"
    )]
    Taken { dir: PathBuf, origin: String },
    #[error("{dir}: another precis is fetching this model")]
    Busy { dir: PathBuf },
    #[error("no space left for {path}: {bytes} bytes more are needed; what is there is kept")]
    NoSpace { path: PathBuf, bytes: u64 },
    #[error("cannot write {path}: {source}")]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the model was fetched whole, but cannot be used: {0}")]
    Unusable(#[source] ModelError),
}

/// Fetches a model into the folder `request.dir`, which is there only once it is whole.
pub fn fetch(request: &Request, watch: &dyn Watch) -> Result<Fetched, FetchError> {
    if let Some(lock) = Lock::read(request.dir).ok().flatten()
        && lock.repository == request.repository
        && lock.commit == request.revision
    {
        return Ok(Fetched::AlreadyThere);
    }
    let hub = Hub::from_environment();
    let description = hub.describe(request.repository, request.revision)?;
    if request.dir.exists() {
        return already_there(request, &description);
    }
    let mut files = choose(request, &description)?;
    // Language models in GGUF, which are for whoever reads that.
    let described_in_itself = files.iter().any(|file| file.name.ends_with(".gguf"));
    // What says that the model cannot be used is small.
    files.sort_by_key(RemoteFile::bytes);
    let mut lock = Lock {
        repository: request.repository.to_owned(),
        commit: description.sha.clone(),
        licence: licence(request, &description),
        attribution: attribution(request),
        files: Vec::new(),
    };
    watch.begins(&lock, files.iter().map(RemoteFile::bytes).sum());

    let unfinished = Unfinished::open(request.dir, &lock, &files)?;
    for file in &files {
        let expected = Expected::of(file, request.known)?;
        unfinished.get(&hub, &lock, &expected, watch)?;
        if file.name == "config.json" && !described_in_itself {
            check_architecture(request.repository, &unfinished.dir)?;
        }
    }
    for file in files.iter().filter(|file| file.name != CARD) {
        let path = unfinished.dir.join(&file.name);
        let sha256 = sha256(&path).map_err(|source| write_error(&path, source, 0))?;
        lock.files.push(LockedFile {
            name: file.name.clone(),
            bytes: file.bytes(),
            sha256,
        });
    }
    if !described_in_itself {
        ModelFolder::open(&unfinished.dir).map_err(FetchError::Unusable)?;
    }
    unfinished.finish(request.dir, &lock, &hub.page(request.repository))?;
    Ok(Fetched::New)
}

fn already_there(request: &Request, description: &Description) -> Result<Fetched, FetchError> {
    let origin = match Lock::read(request.dir) {
        Ok(Some(lock))
            if lock.repository == request.repository && lock.commit == description.sha =>
        {
            return Ok(Fetched::AlreadyThere);
        }
        Ok(Some(lock)) => format!("{} at commit {}", lock.repository, lock.commit),
        _ => "elsewhere".to_owned(),
    };
    Err(FetchError::Taken {
        dir: request.dir.to_owned(),
        origin,
    })
}

/// Chooses the files that precis needs.
fn choose(request: &Request, description: &Description) -> Result<Vec<RemoteFile>, FetchError> {
    let files = || {
        description
            .siblings
            .iter()
            .filter(|file| is_folder_name(&file.name))
    };
    let weights = weights(request, description)?;
    let mut chosen: Vec<RemoteFile> = files()
        .filter(|file| SMALL_FILES.contains(&&*file.name) || file.name == weights)
        .cloned()
        .collect();
    let described = chosen.iter().any(|file| file.name == "config.json");
    if !described && !weights.ends_with(".gguf") {
        return no_model(request, "has no config.json");
    }
    if let Some(file) = chosen.iter().find(|file| {
        file.size
            .or(file.lfs.as_ref().map(|lfs| lfs.size))
            .is_none()
    }) {
        return no_model(request, &format!("does not say how large {} is", file.name));
    }
    chosen.dedup_by(|a, b| a.name == b.name);
    Ok(chosen)
}

/// Returns the name of the file of weights.
fn weights(request: &Request, description: &Description) -> Result<String, FetchError> {
    let names: Vec<&str> = description
        .siblings
        .iter()
        .map(|file| &*file.name)
        .collect();
    let listed = request.known.and_then(|known| known.weights.as_deref());
    if let Some(weights) = request.weights.or(listed) {
        return if names.contains(&weights) && is_folder_name(weights) {
            Ok(weights.to_owned())
        } else {
            no_model(request, &format!("has no file {weights}"))
        };
    }
    if let Some(usual) = WEIGHTS.iter().find(|usual| names.contains(usual)) {
        return Ok((*usual).to_owned());
    }
    let ggufs: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| name.ends_with(".gguf"))
        .collect();
    match &*ggufs {
        [only] => Ok((*only).to_owned()),
        [] if names.iter().any(|name| name.ends_with(".index.json")) => no_model(
            request,
            "has its weights in several files, which precis does not read",
        ),
        [] => no_model(
            request,
            "has no weights that precis reads (model.safetensors, pytorch_model.bin or GGUF)",
        ),
        several => Err(FetchError::SeveralWeights {
            repository: request.repository.to_owned(),
            files: several.iter().map(|&name| name.to_owned()).collect(),
        }),
    }
}

fn no_model<T>(request: &Request, reason: &str) -> Result<T, FetchError> {
    Err(FetchError::NoModel {
        repository: request.repository.to_owned(),
        reason: reason.to_owned(),
    })
}

fn licence(request: &Request, description: &Description) -> String {
    let tagged = description
        .tags
        .iter()
        .find_map(|tag| tag.strip_prefix("license:"));
    let known = request.known.map(|known| &*known.licence);
    known.or(tagged).unwrap_or("not stated").to_owned()
}

fn attribution(request: &Request) -> String {
    let owner = request.repository.split('/').next().unwrap_or_default();
    let known = request.known.and_then(|known| known.attribution.as_deref());
    known.unwrap_or(owner).to_owned()
}

/// Refuses a model of the wrong kind before its weights are fetched.
fn check_architecture(repository: &str, dir: &Path) -> Result<(), FetchError> {
    let text = fs::read_to_string(dir.join("config.json")).unwrap_or_default();
    let config: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let found = config["model_type"].as_str().unwrap_or("none");
    if found.parse::<Architecture>().is_ok() {
        return Ok(());
    }
    let known: Vec<&str> = Architecture::all().map(Architecture::as_str).collect();
    Err(FetchError::NoModel {
        repository: repository.to_owned(),
        reason: format!(
            "is of type `{found}`; precis runs encoder–decoders of these types: {}",
            known.join(", ")
        ),
    })
}

impl RemoteFile {
    fn bytes(&self) -> u64 {
        let large = self.lfs.as_ref().map(|lfs| lfs.size);
        large.or(self.size).unwrap_or_default()
    }
}

/// A file, and what it has to be.
struct Expected<'a> {
    name: &'a str,
    bytes: u64,
    digest: Stated<'a>,
}

/// The digest that the hub, or the list of models, states of a file, in hexadecimal.
enum Stated<'a> {
    Sha256(&'a str),
    /// That of a blob in Git: SHA-1 over a header with the length and the content.
    Git(&'a str),
    Nothing,
}

impl<'a> Expected<'a> {
    fn of(file: &'a RemoteFile, known: Option<&'a KnownModel>) -> Result<Self, FetchError> {
        let listed = known.and_then(|known| known.files.get(&file.name));
        let stated = file.lfs.as_ref().map(|lfs| &*lfs.sha256);
        let digest = match (listed, stated) {
            (Some(listed), Some(hub)) if listed.sha256 != hub => {
                return Err(FetchError::OtherFile {
                    file: file.name.clone(),
                    hub: hub.to_owned(),
                    listed: listed.sha256.clone(),
                });
            }
            (Some(listed), _) => Stated::Sha256(&listed.sha256),
            (None, Some(hub)) => Stated::Sha256(hub),
            (None, None) => file.blob.as_deref().map_or(Stated::Nothing, Stated::Git),
        };
        Ok(Self {
            name: &file.name,
            bytes: listed
                .and_then(|listed| listed.bytes)
                .unwrap_or_else(|| file.bytes()),
            digest,
        })
    }

    fn check(&self, path: &Path) -> Result<(), FetchError> {
        let io = |source| write_error(path, source, 0);
        let (expected, found) = match self.digest {
            Stated::Nothing => return Ok(()),
            Stated::Sha256(expected) => (expected, sha256(path).map_err(io)?),
            Stated::Git(expected) => {
                let mut hasher = Sha1::new();
                hasher.update(format!("blob {}\0", self.bytes));
                let mut file = File::open(path).map_err(io)?;
                std::io::copy(&mut file, &mut hasher).map_err(io)?;
                (expected, format!("{:x}", hasher.finalize()))
            }
        };
        if found == expected {
            return Ok(());
        }
        fs::remove_file(path).map_err(io)?;
        Err(FetchError::Damaged {
            file: self.name.to_owned(),
            found,
            expected: expected.to_owned(),
        })
    }
}

/// The hidden folder of a model that is being fetched. Locked while it is open.
struct Unfinished {
    dir: PathBuf,
    guard: File,
}

impl Unfinished {
    /// Name of the file that is locked, and says what the others are.
    const STATE: &str = ".commit";

    /// Opens the hidden folder beside `target`. What lies there of other files or from another commit
    /// is removed.
    fn open(target: &Path, lock: &Lock, files: &[RemoteFile]) -> Result<Self, FetchError> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let dir = target.with_file_name(format!(".precis-get-{name}"));
        let io = |source| write_error(&dir, source, 0);
        fs::create_dir_all(&dir).map_err(io)?;
        let state = dir.join(Self::STATE);
        let mut guard = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&state)
            .map_err(io)?;
        if guard.try_lock().is_err() {
            return Err(FetchError::Busy {
                dir: target.to_owned(),
            });
        }
        let names: Vec<&str> = files.iter().map(|file| &*file.name).collect();
        let origin = format!("{} {} {}\n", lock.repository, lock.commit, names.join(" "));
        let mut before = String::new();
        guard.read_to_string(&mut before).map_err(io)?;
        if before != origin {
            for entry in fs::read_dir(&dir).map_err(io)?.flatten() {
                if entry.file_name() != Self::STATE {
                    fs::remove_file(entry.path()).map_err(io)?;
                }
            }
            fs::write(&state, origin).map_err(io)?;
        }
        Ok(Self { dir, guard })
    }

    /// Fetches a file, or what is missing of it, and checks it.
    fn get(
        &self,
        hub: &Hub,
        lock: &Lock,
        expected: &Expected,
        watch: &dyn Watch,
    ) -> Result<(), FetchError> {
        let whole = self.dir.join(expected.name);
        if whole.is_file() {
            return Ok(());
        }
        let part = self.dir.join(format!("{}.part", expected.name));
        let length = || fs::metadata(&part).map_or(0, |metadata| metadata.len());
        watch.file(expected.name, length(), expected.bytes);
        let mut attempts = 0;
        while length() < expected.bytes || !part.exists() {
            let before = length();
            let reason = match self.append(hub, lock, expected, &part, watch) {
                Ok(()) => "the answer ended early".to_owned(),
                Err(error) => match error {
                    FetchError::Unreachable { reason, .. } => reason,
                    FetchError::Status { status, .. } if status >= 500 || status == 429 => {
                        format!("status {status}")
                    }
                    // What is there is not a beginning of the file.
                    FetchError::Status { status: 416, .. } if before > 0 => {
                        fs::remove_file(&part).map_err(|source| write_error(&part, source, 0))?;
                        "what was there does not fit".to_owned()
                    }
                    other => return Err(other),
                },
            };
            let have = length();
            if have >= expected.bytes && part.exists() {
                break;
            }
            attempts = if have > before { 0 } else { attempts + 1 };
            if attempts == ATTEMPTS {
                return Err(FetchError::Broken {
                    file: expected.name.to_owned(),
                    bytes: expected.bytes,
                    have,
                    reason,
                });
            }
            watch.retries(expected.name, &reason);
            std::thread::sleep(Duration::from_millis(250 << attempts));
        }
        expected.check(&part)?;
        fs::rename(&part, &whole).map_err(|source| write_error(&whole, source, 0))
    }

    /// Appends what the hub sends to `part`.
    fn append(
        &self,
        hub: &Hub,
        lock: &Lock,
        expected: &Expected,
        part: &Path,
        watch: &dyn Watch,
    ) -> Result<(), FetchError> {
        let io =
            |have| move |source| write_error(part, source, expected.bytes.saturating_sub(have));
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(part)
            .map_err(io(0))?;
        let mut have = file.metadata().map_err(io(0))?.len();
        let mut answer = hub.open(&lock.repository, &lock.commit, expected.name, have)?;
        if answer.start < have {
            file.set_len(answer.start).map_err(io(have))?;
            have = answer.start;
        }
        let mut buffer = vec![0; 1 << 16];
        while have < expected.bytes {
            if !watch.goes_on() {
                return Err(FetchError::Interrupted);
            }
            let most = buffer.len().min((expected.bytes - have) as usize);
            let length = match answer.bytes.read(&mut buffer[..most]) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) => {
                    return Err(FetchError::Unreachable {
                        url: expected.name.to_owned(),
                        reason: error.to_string(),
                    });
                }
            };
            crate::fault::point("model-write").map_err(io(have))?;
            file.write_all(&buffer[..length]).map_err(io(have))?;
            have += length as u64;
            watch.have(have);
        }
        file.sync_all().map_err(io(have))
    }

    /// Adds lock and card, and gives the folder its name.
    fn finish(self, target: &Path, lock: &Lock, page: &str) -> Result<(), FetchError> {
        let io = |source| write_error(&self.dir, source, 0);
        lock.write(&self.dir).map_err(io)?;
        let card = self.dir.join(CARD);
        let published = fs::read_to_string(&card).unwrap_or_default();
        fs::write(&card, published + &origin(lock, page)).map_err(io)?;
        // Systems differ on whether a folder with an open file can be renamed.
        drop(self.guard);
        fs::remove_file(self.dir.join(Self::STATE)).map_err(io)?;
        fs::rename(&self.dir, target).map_err(io)
    }
}

/// What is added to the model's card.
fn origin(lock: &Lock, page: &str) -> String {
    format!(
        "\n## Origin and licence\n\nModel by {}, licence: {}. Fetched by precis from {page}, commit {}, \
         without changes but this section; `precis-lock.json` has the digests of the files.\n",
        lock.attribution, lock.licence, lock.commit
    )
}

/// `needed` is how many bytes more the file takes.
fn write_error(path: &Path, source: std::io::Error, needed: u64) -> FetchError {
    if source.kind() == std::io::ErrorKind::StorageFull {
        FetchError::NoSpace {
            path: path.to_owned(),
            bytes: needed,
        }
    } else {
        FetchError::Write {
            path: path.to_owned(),
            source,
        }
    }
}
