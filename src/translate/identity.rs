//! What a translation depends on, as named parts of its key in the cache.

use super::{entry, forms, guard};
use crate::cache::KeyBuilder;
use french::text::NORMALIZER_VERSION;
use seq2seq::decode::Settings;

/// Everything that a translation depends on, except for its text and the versions of the code.
pub(super) struct Identity<'a> {
    /// Digest of the model's files. They include the shortlist.
    pub model: &'a str,
    pub arithmetic: &'a str,
    /// Token of the language of the texts, for models that read several.
    pub source: Option<u32>,
    pub search: &'a Settings,
    /// Settings of the second attempt.
    pub retry: Option<&'a Settings>,
    pub longest_piece: usize,
    pub longest_output: usize,
}

impl Identity<'_> {
    /// Returns the part of a key that all texts share. `docs/cache.md` lists its fields.
    pub(super) fn key(&self) -> KeyBuilder {
        let Self {
            model,
            arithmetic,
            source,
            search,
            retry,
            longest_piece,
            longest_output,
        } = *self;
        let key = KeyBuilder::new()
            .part("kind", b"translation")
            .part("model", model.as_bytes())
            .part("arithmetic", arithmetic.as_bytes())
            .part("source_token", optional(source).as_bytes());
        let key = key.fields("search", &search.fields());
        let key = match retry {
            Some(retry) => key.fields("retry", &retry.fields()),
            None => key.part("retry", NONE.as_bytes()),
        };
        key.part("longest_piece", longest_piece.to_string().as_bytes())
            .part("longest_output", longest_output.to_string().as_bytes())
            .part("normalizer", NORMALIZER_VERSION.to_string().as_bytes())
            .part("forms", forms::VERSION.to_string().as_bytes())
            .part("guard", guard::VERSION.to_string().as_bytes())
            .part("entry", entry::VERSION.to_string().as_bytes())
    }
}

/// What stands for a field without a value.
const NONE: &str = "none";

fn optional(token: Option<u32>) -> String {
    token.map_or_else(|| NONE.to_owned(), |token| token.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::cache::Key;
    use seq2seq::model::{EarlyStopping, ModelFolder, Shortlist};

    fn settings() -> Settings {
        Settings {
            num_beams: 4,
            length_penalty: 1.0,
            early_stopping: EarlyStopping::Heuristic,
            no_repeat_ngram_size: 0,
            repetition_penalty: 1.1,
            bad_words_ids: vec![vec![1, 2], vec![3]],
            forced_bos_token_id: None,
            forced_eos_token_id: Some(0),
            min_length: 0,
            encoder_no_repeat_ngram_size: 0,
            suppress_tokens: Vec::new(),
            begin_suppress_tokens: Vec::new(),
            renormalize_logits: true,
            shortlist: None,
            start: 3,
            eos: vec![0],
            pad: 3,
        }
    }

    fn identity(search: &Settings) -> Identity<'_> {
        Identity {
            model: "digest",
            arithmetic: "int8",
            source: None,
            search,
            retry: None,
            longest_piece: 192,
            longest_output: 512,
        }
    }

    /// Caches outlive the program that wrote them, so keys must not change by accident. Raising a
    /// version changes them on purpose: then record the new ones.
    #[test]
    fn keys_stay_the_same_from_release_to_release() {
        let search = settings();
        let retry = Settings {
            num_beams: 8,
            ..settings()
        };
        let with_retry = Identity {
            source: Some(7),
            retry: Some(&retry),
            ..identity(&search)
        };
        let key = |identity: &Identity<'_>| {
            let key = identity.key().part("text", b"Bonjour").finish();
            key.to_string()
        };
        assert_eq!(
            (
                NORMALIZER_VERSION,
                forms::VERSION,
                guard::VERSION,
                entry::VERSION
            ),
            (1, 4, 5, 4),
            "the keys below are of these versions"
        );
        assert_eq!(
            [key(&identity(&search)), key(&with_retry)],
            [
                "c0b25963402b3a87ab7ecbf7113389bc47dc7448233be53934e5ff4ca0196edd",
                "4750b96450fba5c892d1cbd05bc4a8afd3f82386da6540ed9c899bce882144a6",
            ]
        );
    }

    #[test]
    fn every_setting_changes_the_key() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fr-en-tiny");
        let vocabulary = ModelFolder::open(&folder)
            .unwrap()
            .config
            .target_vocab_size();
        let shortlist = Arc::new(Shortlist::read(&folder, vocabulary).unwrap());
        let changes: [&dyn Fn(&mut Settings); 18] = [
            &|s| s.num_beams = 5,
            &|s| s.length_penalty = 0.9,
            &|s| s.early_stopping = EarlyStopping::Never,
            &|s| s.no_repeat_ngram_size = 3,
            &|s| s.repetition_penalty = 1.2,
            &|s| s.bad_words_ids = vec![vec![1], vec![2, 3]],
            &|s| s.forced_bos_token_id = Some(0),
            &|s| s.forced_eos_token_id = None,
            &|s| s.min_length = 1,
            &|s| s.renormalize_logits = false,
            &|s| s.shortlist = Some(Arc::clone(&shortlist)),
            &|s| s.start = 4,
            &|s| s.eos = vec![1],
            &|s| s.eos = vec![0, 1],
            &|s| s.pad = 4,
            &|s| s.encoder_no_repeat_ngram_size = 3,
            &|s| s.suppress_tokens = vec![5],
            &|s| s.begin_suppress_tokens = vec![5],
        ];
        let mut keys = HashSet::from([identity(&settings()).key().finish()]);
        for (index, change) in changes.into_iter().enumerate() {
            let mut search = settings();
            change(&mut search);
            let key = identity(&search).key().finish();
            assert!(keys.insert(key), "setting {index} is not in the key");
        }
    }

    #[test]
    fn everything_else_changes_the_key() {
        let (search, other) = (settings(), settings());
        let base = || identity(&search);
        let different = [
            base(),
            Identity {
                model: "other",
                ..base()
            },
            Identity {
                arithmetic: "f32",
                ..base()
            },
            Identity {
                source: Some(0),
                ..base()
            },
            Identity {
                retry: Some(&other),
                ..base()
            },
            Identity {
                longest_piece: 191,
                ..base()
            },
            Identity {
                longest_output: 511,
                ..base()
            },
        ];
        let keys: HashSet<Key> = different.iter().map(|it| it.key().finish()).collect();
        assert_eq!(keys.len(), different.len());
    }
}
