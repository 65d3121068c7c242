//! `precis models get`: fetches a model from the hub.

use clap::Args;

use super::Exit;
use super::console::Console;

#[derive(Debug, Args)]
#[cfg_attr(
    not(feature = "fetch"),
    allow(dead_code, reason = "this build cannot fetch")
)]
pub(super) struct GetArgs {
    /// Name of the list (`precis models list`), or OWNER/NAME of the hub, with a branch, tag or
    /// commit if wanted: Helsinki-NLP/opus-mt-de-en@main
    #[arg(value_name = "NAME|REPO[@REVISION]")]
    model: String,
    /// File of weights, where the repository has several
    #[arg(long, value_name = "FILE")]
    weights: Option<String>,
    /// Name of the new folder, by which the model is called then. Default: that of the list or
    /// repository
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

#[cfg(not(feature = "fetch"))]
pub(super) fn run(_: &GetArgs, _: &Console) -> anyhow::Result<Exit> {
    anyhow::bail!(
        "this precis was built without the feature `fetch`; download the folder of the model by other \
         means, and name it with --model or --writer"
    )
}

#[cfg(feature = "fetch")]
pub(super) use with_hub::run;

#[cfg(feature = "fetch")]
mod with_hub {
    use std::io::{Write, stdout};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, PoisonError};
    use std::time::{Duration, Instant};

    use anyhow::bail;
    use indicatif::{ProgressBar, ProgressStyle};

    use super::super::signals;
    use super::{Console, Exit, GetArgs};
    use crate::models::{
        FetchError, Fetched, KnownModel, Lock, Registry, RegistryError, Request, Task, Watch,
        fetch, is_folder_name,
    };

    const BETWEEN_LINES: Duration = Duration::from_secs(5);

    pub(in super::super) fn run(arguments: &GetArgs, console: &Console) -> anyhow::Result<Exit> {
        let registry = Registry::find();
        let wanted = Wanted::of(&arguments.model, &registry)?;
        let name = arguments.name.as_deref().unwrap_or(wanted.name);
        if !is_folder_name(name) {
            bail!("`{name}` cannot be the name of a folder");
        }
        let dir = Registry::home()?.join(name);
        let request = Request {
            repository: wanted.repository,
            revision: wanted.revision,
            weights: arguments.weights.as_deref(),
            known: wanted.known,
            dir: &dir,
        };
        let display = Display {
            console,
            stop: signals::stop_on_signal(console)?,
            state: Mutex::new(State::default()),
        };
        let fetched = match fetch(&request, &display) {
            Err(FetchError::Interrupted) => {
                console.error(&FetchError::Interrupted.into());
                return Ok(Exit::Interrupted);
            }
            other => other?,
        };
        match fetched {
            Fetched::New => {}
            Fetched::AlreadyThere => console.say(format_args!("{name} is there already")),
        }
        writeln!(stdout(), "{}", dir.display())?;
        let option = match wanted.known.map(|known| &known.task) {
            Some(Task::Summary) => "--writer",
            _ => "--model",
        };
        console.text_only(format_args!("Use it: precis run corpus {option} {name}"));
        Ok(Exit::Done)
    }

    /// What the user asked for.
    struct Wanted<'a> {
        name: &'a str,
        repository: &'a str,
        revision: &'a str,
        /// If it is the revision of the list.
        known: Option<&'a KnownModel>,
    }

    impl<'a> Wanted<'a> {
        fn of(model: &'a str, registry: &'a Registry) -> anyhow::Result<Self> {
            let (base, revision) = match model.split_once('@') {
                Some((base, revision)) => (base, Some(revision)),
                None => (model, None),
            };
            if let Some((name, known)) = registry.known(base) {
                let (Some(repository), Some(listed)) = (&known.repository, &known.revision) else {
                    bail!(
                        "{name} is released with precis and not on the hub: it lies in the folder \
                         `models` of the sources and of the release"
                    );
                };
                return Ok(Self {
                    name,
                    repository,
                    revision: revision.unwrap_or(listed),
                    known: revision
                        .is_none_or(|revision| revision == listed)
                        .then_some(known),
                });
            }
            let Some(name) = name_of_repository(base) else {
                let installed = registry.installed();
                let here: Vec<String> = installed.into_keys().collect();
                return Err(RegistryError::NotFound {
                    model: model.to_owned(),
                    similar: registry.similar(base, &[]),
                    here,
                    places: registry.places.clone(),
                }
                .into());
            };
            Ok(Self {
                name,
                repository: base,
                revision: revision.unwrap_or("main"),
                known: None,
            })
        }
    }

    /// Returns NAME if `repository` is OWNER/NAME.
    fn name_of_repository(repository: &str) -> Option<&str> {
        let (owner, name) = repository.split_once('/')?;
        let plain = |part: &str| {
            is_folder_name(part)
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        };
        (plain(owner) && plain(name)).then_some(name)
    }

    /// A bar for each file on a terminal, else a line every few seconds.
    struct Display<'a> {
        console: &'a Console,
        stop: &'static AtomicBool,
        state: Mutex<State>,
    }

    #[derive(Default)]
    struct State {
        bar: Option<ProgressBar>,
        file: String,
        bytes: u64,
        last_line: Option<Instant>,
    }

    impl Display<'_> {
        fn state(&self) -> std::sync::MutexGuard<'_, State> {
            self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Watch for Display<'_> {
        fn begins(&self, lock: &Lock, bytes: u64) {
            self.console.say(format_args!(
                "{} at {}: {}, licence {}, by {}",
                lock.repository,
                lock.commit,
                megabytes(bytes),
                lock.licence,
                lock.attribution
            ));
        }

        fn file(&self, name: &str, have: u64, bytes: u64) {
            let mut state = self.state();
            if have > 0 {
                self.console
                    .detail(format_args!("{name}: going on after {have} bytes"));
            }
            state.file = name.to_owned();
            state.bytes = bytes;
            state.last_line.get_or_insert_with(Instant::now);
            state.bar = self.console.has_bars().then(|| {
                let form = "{msg}  {bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  ETA {eta}";
                let style = ProgressStyle::with_template(form).expect("the form is valid");
                let bar = self
                    .console
                    .bars
                    .add(ProgressBar::new(bytes).with_position(have));
                bar.set_style(style);
                bar.set_message(name.to_owned());
                bar
            });
        }

        fn have(&self, bytes: u64) {
            let mut state = self.state();
            if let Some(bar) = &state.bar {
                bar.set_position(bytes);
                if bytes >= state.bytes {
                    bar.finish_and_clear();
                }
            } else if self.console.progress
                && state
                    .last_line
                    .is_some_and(|last| last.elapsed() >= BETWEEN_LINES)
            {
                state.last_line = Some(Instant::now());
                self.console.say(format_args!(
                    "{}: {} of {}",
                    state.file,
                    megabytes(bytes),
                    megabytes(state.bytes)
                ));
            }
        }

        fn retries(&self, name: &str, reason: &str) {
            self.console
                .warn(format_args!("{name}: {reason}; trying again"));
        }

        fn goes_on(&self) -> bool {
            !self.stop.load(Ordering::SeqCst)
        }
    }

    fn megabytes(bytes: u64) -> String {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }
}
