//! A model that several threads can ask at once.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use crate::answer::{Answer, AnswerError, answer};
use crate::file::{Architecture, Gguf, ModelError, find};
use crate::network::Network;
use crate::tokens::{TOKENIZER, Tokens};

/// A causal language model. Threads may share it: each answer has a network of its own, and there are
/// as many of them as there were answers at the same time.
pub struct Model {
    name: String,
    digest: String,
    architecture: Architecture,
    context: usize,
    tokens: Tokens,
    gguf: Mutex<Gguf>,
    idle: Mutex<Vec<Desk>>,
    /// Shares its weights with the networks of all desks, if it can.
    pattern: Option<Network>,
}

/// What an answer is computed with.
struct Desk {
    network: Network,
    /// One thread, on which the loops of candle run one after the other. On a thread of the caller's
    /// pool they would take up other work of that pool while they wait.
    thread: rayon::ThreadPool,
}

impl Model {
    /// Opens `path`, a GGUF file or a folder with one, and loads its network.
    ///
    /// # Errors
    /// If the file is damaged, or its outputs would not be what the model was trained for.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = find(path)?;
        let mut gguf = Gguf::open(&file)?;
        let tokens = Tokens::new(&mut gguf)?;
        let digest = digest(&mut gguf)?;
        let network = Network::load(&mut gguf)?;
        let name = match path.is_dir() {
            true => path.file_name(),
            false => file.file_stem(),
        };
        let (network, pattern) = match network.share() {
            Some(shared) => (shared, Some(network)),
            None => (network, None),
        };
        let desk = Desk::new(network).map_err(|source| ModelError::Io {
            path: file.clone(),
            source,
        })?;
        Ok(Self {
            name: name.unwrap_or_default().to_string_lossy().into_owned(),
            digest,
            architecture: gguf.architecture,
            context: gguf.context,
            tokens,
            gguf: Mutex::new(gguf),
            idle: Mutex::new(vec![desk]),
            pattern,
        })
    }

    /// The name of its folder, or of its file without ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// blake3 of its files, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it is built like.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Longest prompt and answer together, in tokens.
    pub fn context(&self) -> usize {
        self.context
    }

    /// The tokens that ask the model `user`, as `system` says. Neither can end the prompt: control
    /// tokens that they spell are read as text.
    pub fn prompt(&self, system: &str, user: &str) -> Vec<u32> {
        self.tokens.prompt(system, user)
    }

    /// The number of tokens of a text.
    pub fn length(&self, text: &str) -> usize {
        self.tokens.encode(text).len()
    }

    /// Answers a [`Self::prompt`] with JSON of `schema`, in at most `longest` tokens. Blocks until the
    /// answer is there, or shortly after `stop` is set.
    ///
    /// # Errors
    /// If it is stopped, the prompt does not fit the model, `schema` has what grammars cannot be made
    /// of, or the network fails.
    pub fn answer(
        &self,
        prompt: &[u32],
        schema: &serde_json::Value,
        longest: usize,
        stop: &AtomicBool,
    ) -> Result<Answer, AnswerError> {
        let room = self.context.saturating_sub(prompt.len()).min(longest);
        if prompt.is_empty() || room == 0 {
            return Err(AnswerError::TooLong {
                tokens: prompt.len(),
                context: self.context,
            });
        }
        let mut desk = self.desk()?;
        let network = &mut desk.network;
        let thread = &desk.thread;
        let mut work = || answer(network, &self.tokens, prompt, schema, room, stop);
        // A thread of no pool waits without taking up other work.
        let answered = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| thread.install(&mut work));
            waiting.join()
        });
        match answered {
            Ok(answer) => {
                self.lock().push(desk);
                answer
            }
            // The network is in no known state: it is dropped.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn desk(&self) -> Result<Desk, AnswerError> {
        if let Some(desk) = self.lock().pop() {
            return Ok(desk);
        }
        let network = match self.pattern.as_ref().and_then(Network::share) {
            Some(network) => network,
            None => {
                let mut gguf = self.gguf.lock().unwrap_or_else(PoisonError::into_inner);
                let loaded = Network::load(&mut gguf);
                loaded.map_err(|error| AnswerError::Network(error.to_string()))?
            }
        };
        Desk::new(network).map_err(|error| AnswerError::Network(error.to_string()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Desk>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn new(network: Network) -> std::io::Result<Self> {
        let thread = rayon::ThreadPoolBuilder::new().num_threads(1);
        let thread = thread.build().map_err(std::io::Error::other)?;
        Ok(Self { network, thread })
    }
}

fn digest(gguf: &mut Gguf) -> Result<String, ModelError> {
    let io = |path: &Path, source| ModelError::Io {
        path: path.to_owned(),
        source,
    };
    let path = gguf.path.clone();
    let mut hasher = blake3::Hasher::new();
    let hashed = hasher.update_reader(gguf.bytes()?).map(|_| ());
    hashed.map_err(|source| io(&path, source))?;
    let beside = path.with_file_name(TOKENIZER);
    if beside.is_file() {
        let bytes = std::fs::read(&beside).map_err(|source| io(&beside, source))?;
        hasher.update(blake3::hash(&bytes).as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}
