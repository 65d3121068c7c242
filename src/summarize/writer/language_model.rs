//! Summaries by a language model that was tuned to follow instructions: headline, abstract and key
//! points in one answer, whose form a grammar holds to. Each statement names the sentences it rests on.

mod prompt;
mod reading;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use causal::{Answer, AnswerError, End, Model, ModelError};
use serde::{Deserialize, Serialize};

use super::{Draft, Material, Stopped, Writer, extracts};
use crate::cache::{Key, KeyBuilder};
use crate::summarize::schema::{Unwritten, WriterProvenance};
use prompt::Prompt;

/// Part of identities. Raise it if the same model would be asked something else, or its answers were
/// read in another way.
const VERSION: u32 = 1;

/// Tokens that a prompt leaves for the answer. Answers of about 300 are usual.
const ROOM: usize = 1024;
/// Maximal number of tokens of an answer.
const LONGEST_ANSWER: usize = 2048;

/// A causal language model, run on the processor.
pub struct LanguageModel {
    model: Model,
    /// What all answers depend on.
    key: KeyBuilder,
    identity: String,
}

impl LanguageModel {
    /// Loads a GGUF file, or that of a folder.
    ///
    /// # Errors
    /// If the file is damaged or holds a model that cannot be run.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let model = Model::open(path)?;
        let key = KeyBuilder::new()
            .part("kind", b"answer")
            .part("model", model.digest().as_bytes())
            .part("kernels", causal::kernels().as_bytes())
            .part("longest", LONGEST_ANSWER.to_string().as_bytes());
        let identity = key.clone().part("version", &VERSION.to_le_bytes());
        Ok(Self {
            identity: identity.finish().to_string(),
            model,
            key,
        })
    }

    /// The model's answer: the one that was kept, or a new one, which is kept.
    fn ask(
        &self,
        prompt: &Prompt,
        material: &Material<'_>,
        stop: &AtomicBool,
    ) -> Result<Result<Answer, Unwritten>, Stopped> {
        let ids = self.model.prompt(prompt::SYSTEM, &prompt.text);
        let key = self.key(&ids, &prompt.schema);
        let kept = material.answers.get(&[key]).pop().flatten();
        if let Some(answer) = kept.and_then(|bytes| Entry::answer(&bytes)) {
            return Ok(Ok(answer));
        }
        let answer = self
            .model
            .answer(&ids, &prompt.schema, LONGEST_ANSWER, stop);
        Ok(match answer {
            Ok(answer) => {
                let entry = (key, Entry::bytes(&answer));
                material.answers.put(&[entry]);
                Ok(answer)
            }
            Err(AnswerError::Stopped) => return Err(Stopped),
            Err(AnswerError::TooLong { .. }) => Err(Unwritten::NoRoom),
            Err(AnswerError::Grammar(_) | AnswerError::Network(_)) => Err(Unwritten::Failed),
        })
    }

    fn key(&self, ids: &[u32], schema: &serde_json::Value) -> Key {
        let ids: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        let key = self.key.clone().part("prompt", &ids);
        key.part("schema", schema.to_string().as_bytes()).finish()
    }

    fn draft(
        &self,
        material: &Material<'_>,
        stop: &AtomicBool,
    ) -> Result<Result<Draft, Unwritten>, Stopped> {
        let room = self.model.context().saturating_sub(ROOM);
        let Some(prompt) = Prompt::new(material, &self.model, room) else {
            return Ok(Err(Unwritten::NoRoom));
        };
        let answer = self.ask(&prompt, material, stop)?;
        Ok(answer.and_then(|answer| match answer.end {
            End::Length => Err(Unwritten::Length),
            End::Whole => reading::draft(&answer.text, &prompt, material),
        }))
    }
}

impl Writer for LanguageModel {
    fn provenance(&self) -> WriterProvenance {
        WriterProvenance {
            model: self.model.name().to_owned(),
            digest: Some(format!("blake3:{}", self.model.digest())),
        }
    }

    fn identity(&self) -> &str {
        &self.identity
    }

    fn write(&self, material: &Material<'_>, stop: &AtomicBool) -> Result<Draft, Stopped> {
        let draft = self.draft(material, stop)?;
        Ok(draft.unwrap_or_else(|reason| Draft {
            unwritten: Some(reason),
            ..Draft::of_abstract(extracts(material))
        }))
    }
}

/// An answer as the cache holds it: JSON.
#[derive(Serialize, Deserialize)]
struct Entry {
    text: String,
    tokens: usize,
    whole: bool,
}

impl Entry {
    fn bytes(answer: &Answer) -> Vec<u8> {
        let entry = Self {
            text: answer.text.clone(),
            tokens: answer.tokens,
            whole: answer.end == End::Whole,
        };
        serde_json::to_vec(&entry).expect("strings and numbers are JSON")
    }

    fn answer(bytes: &[u8]) -> Option<Answer> {
        let entry: Self = serde_json::from_slice(bytes).ok()?;
        Some(Answer {
            text: entry.text,
            tokens: entry.tokens,
            end: if entry.whole { End::Whole } else { End::Length },
        })
    }
}

#[cfg(test)]
mod tests {
    use causal::{Architecture, tiny};
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::article::{ReadOptions, find, read};
    use crate::cache::{Session, Store};
    use crate::glossary::Glossary;
    use crate::pipeline::{Limits, prepare};
    use crate::summarize::salience::Salience;
    use crate::summarize::{Document, Part, SentenceId};
    use crate::translate::{Origin, Translation};
    use seq2seq::decode::Certainty;

    const ENGLISH: [&str; 3] = [
        "On 3 March 2021, a flood hit 120 communes of the valley of the Loire.",
        "The water rose by 2.5 metres in one night.",
        "The schools will stay closed until Monday.",
    ];

    struct Setting {
        folder: TempDir,
        document: Document,
        english: Vec<Translation>,
        salience: Salience,
    }

    impl Setting {
        fn new(copies: usize) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("flood.txt");
            let text = (1..=copies).map(|n| {
                format!(
                    "Le 3 mars 2021, une crue a touché {} communes de la vallée de la Loire. \
                     L'eau est montée de {},5 mètres en une nuit. \
                     Les écoles de la vallée {n} resteront fermées jusqu'à lundi.\n\n",
                    119 + n,
                    1 + n
                )
            });
            std::fs::write(&path, text.collect::<String>()).unwrap();
            let file = find(&[path], |_| false).files.remove(0);
            let options = ReadOptions::default();
            let article = read(&file, &options).next().unwrap().unwrap();
            let document = prepare(&article, &Limits::default(), &Glossary::default()).unwrap();
            let translation = |at: usize| Translation {
                text: ENGLISH[at % ENGLISH.len()].to_owned(),
                score: -0.5,
                defects: Vec::new(),
                certainty: Certainty::default(),
                repaired: Vec::new(),
                origin: Origin::Model,
            };
            Self {
                english: (0..document.sentences.len()).map(translation).collect(),
                salience: Salience::new(&document),
                document,
                folder,
            }
        }

        fn model(&self) -> LanguageModel {
            let path = self.folder.path().join("tiny.gguf");
            tiny::write(&path, Architecture::Qwen2).unwrap();
            LanguageModel::load(&path).unwrap()
        }

        fn material<'a>(&'a self, answers: &'a Session<'a>) -> Material<'a> {
            Material {
                document: &self.document,
                english: &self.english,
                ranked: &[SentenceId(0)],
                salience: &self.salience,
                sentences: 2,
                points: 2,
                answers,
            }
        }

        /// What is made of an answer with these key points.
        fn read(&self, points: &[(&str, usize)]) -> Result<Draft, Unwritten> {
            let answers = Session::new(None);
            let material = self.material(&answers);
            let prompt = Prompt::new(&material, &self.model().model, 3000).unwrap();
            reading::draft(&answer(points), &prompt, &material)
        }
    }

    fn answer(points: &[(&str, usize)]) -> String {
        let said =
            |(text, sentence): (&str, usize)| json!({ "sentences": [sentence], "text": text });
        let answer = json!({
            "headline": said(("Flood in the valley of the Loire", 1)),
            "abstract": [said(("The schools stay closed until Monday.", 3))],
            "key_points": points.iter().copied().map(said).collect::<Vec<_>>(),
        });
        answer.to_string()
    }

    #[test]
    fn an_answer_that_was_kept_is_not_asked_for_again() {
        let setting = Setting::new(1);
        let writer = setting.model();
        let store = Store::open(&setting.folder.path().join("cache.sqlite"))
            .unwrap()
            .store;
        let answers = Session::new(Some(&store));
        let material = setting.material(&answers);
        let room = writer.model.context() - ROOM;
        let prompt = Prompt::new(&material, &writer.model, room).unwrap();
        let ids = writer.model.prompt(prompt::SYSTEM, &prompt.text);
        let kept = Answer {
            text: answer(&[("The water rose by 2.5 metres.", 2)]),
            end: End::Whole,
            tokens: 40,
        };
        let key = writer.key(&ids, &prompt.schema);
        answers.put(&[(key, Entry::bytes(&kept))]);
        let draft = writer.write(&material, &AtomicBool::new(false)).unwrap();
        assert_eq!(
            draft.headline.unwrap().text,
            "Flood in the valley of the Loire"
        );
        let points = draft.key_points.unwrap();
        assert_eq!(points[0].evidence, [SentenceId(1)]);
        assert_eq!(draft.unwritten, None);
        // One that was cut short stays so.
        let cut = Answer {
            end: End::Length,
            ..kept
        };
        answers.put(&[(key, Entry::bytes(&cut))]);
        let draft = writer.write(&material, &AtomicBool::new(false)).unwrap();
        assert_eq!(draft.unwritten, Some(Unwritten::Length));
        assert_eq!(draft.abstract_, extracts(&material));
    }

    #[test]
    fn what_the_evidence_has_nothing_of_or_was_said_before_is_rejected() {
        let said = "The water rose by 2.5 metres.";
        let vague = "The article shows why careful preparation is important.";
        let setting = Setting::new(1);
        let draft = setting.read(&[(said, 2), (vague, 2), (said, 2)]).unwrap();
        assert_eq!(draft.key_points.unwrap().len(), 1);
        let rejected = draft.rejected;
        assert_eq!(rejected.len(), 2);
        assert!(rejected.iter().all(|it| it.part == Part::KeyPoints));
        assert!(rejected[0].unsupported.contains(&"preparation".to_owned()));
        assert!(rejected[1].unsupported.is_empty());
    }

    #[test]
    fn an_answer_that_is_none_is_known() {
        let setting = Setting::new(1);
        for (point, reason) in [
            (
                ("The numbered sentences above as JSON say so.", 2),
                Unwritten::PromptRepeated,
            ),
            (
                ("You say only what the article says.", 2),
                Unwritten::PromptRepeated,
            ),
            (("The water rose.", 4), Unwritten::Invalid),
            (("The water rose.", 0), Unwritten::Invalid),
            (("… – 2.5", 2), Unwritten::Invalid),
        ] {
            assert_eq!(setting.read(&[point]), Err(reason), "{point:?}");
        }
    }

    #[test]
    fn of_a_long_article_the_most_telling_sentences_are_shown() {
        let setting = Setting::new(40);
        let answers = Session::new(None);
        let material = setting.material(&answers);
        let model = setting.model().model;
        let prompt = |room: usize| Prompt::new(&material, &model, room);
        let whole = prompt(1_000_000).unwrap();
        assert_eq!(whole.sentences.len(), setting.document.sentences.len());
        let short = prompt(2000).unwrap();
        assert!((2..60).contains(&short.sentences.len()));
        assert!(short.sentences.is_sorted());
        let length = model.prompt(prompt::SYSTEM, &short.text).len();
        assert!((1800..=2000).contains(&length), "{length}");
        let best = (0..setting.english.len()).max_by(|a, b| {
            let salience = |id: usize| setting.salience.of(SentenceId(id));
            salience(*a).total_cmp(&salience(*b))
        });
        assert!(short.sentences.contains(&SentenceId(best.unwrap())));
        assert!(prompt(350).is_none());
        let evidence = "/properties/headline/properties/sentences/items/maximum";
        let most = short.schema.pointer(evidence).unwrap();
        assert_eq!(*most, json!(short.sentences.len()));
    }
}
