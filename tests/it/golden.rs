//! Whole summaries of the example corpus, composed from recorded translations, so that a change of
//! facts, salience, checks or wording shows in a diff and no network has to run.
//!
//! The summaries stand in `tests/it/snapshots`, one for each article, and a digest of them here, beside
//! the version constant by which outputs of earlier versions are recognised. After an intended change:
//! raise `precis::summarize::VERSION`, record it in `RECORDED` with the digest that the test names, run
//! `INSTA_UPDATE=always cargo test --test it golden`, and read the diff of the snapshots.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use precis::article::{self, Article};
use precis::cache::Session;
use precis::glossary::Glossary;
use precis::output;
use precis::pipeline::{Limits, prepare};
use precis::summarize::{
    self, Brief, Extractive, Length, Provenance, Summary, TranslatorProvenance, TranslatorSettings,
    Writer,
};
use precis::translate::{Defect, Options, Origin, Text, Translated, Translation, Translator};
use seq2seq::decode::Certainty;
use serde::{Deserialize, Serialize};

/// Version of the summaries in `tests/it/snapshots`, and the digest of their JSON and Markdown.
const RECORDED: (u32, &str) = (
    7,
    "4df5f6608ff11dba7bdaca7aad3851ce48ab8cd80e5a5a8967e8a2ebf39ea798",
);

const TRANSLATIONS: &str = "tests/fixtures/golden/translations.jsonl";

/// A line of the recorded translations.
#[derive(Serialize, Deserialize)]
struct Recorded {
    french: String,
    english: String,
    score: f32,
    defects: Vec<Defect>,
}

#[test]
fn version_is_raised_when_summaries_change() {
    let mut digest = blake3::Hasher::new();
    for summary in summaries() {
        digest.update(&output::to_json(&summary).expect("a summary is valid JSON"));
        digest.update(output::to_markdown(&summary).as_bytes());
    }
    assert_eq!(
        (summarize::VERSION, digest.finalize().to_hex().as_str()),
        RECORDED,
        "summaries have changed: raise `precis::summarize::VERSION`, so that outputs written before \
         are renewed, and record it in RECORDED with this digest"
    );
}

#[test]
fn summaries_are_those_of_the_snapshots() {
    for summary in summaries() {
        let json = output::to_json(&summary).expect("a summary is valid JSON");
        let json = String::from_utf8(json).expect("JSON is UTF-8");
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(summary.id.as_str(), json);
        });
    }
}

/// Adds the translations of new texts, by the shipped model:
/// `cargo test --test it -- --ignored record_translations`. Those recorded before stay.
#[test]
#[ignore = "writes the fixture"]
fn record_translations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fr-en-tiny");
    let folder = seq2seq::model::ModelFolder::open(&folder).expect("a model");
    let translator = Translator::load(&folder, &Options::default()).expect("a translator");
    let mut seen: HashSet<String> = recorded().into_keys().collect();
    let mut lines = std::fs::read_to_string(TRANSLATIONS).expect("recorded translations");
    for article in articles() {
        let document =
            prepare(&article, &Limits::default(), &Glossary::default()).expect("a French article");
        let mut texts = document.texts();
        texts.retain(|text| seen.insert((*text).to_owned()));
        let terms = Some(&document.terms);
        let with_names: Vec<Text<'_>> = texts
            .iter()
            .map(|&text| Text {
                terms,
                ..Text::from(text)
            })
            .collect();
        let translated = translator.translate(&with_names, None, &AtomicBool::new(false), &|_| {});
        let translations = translated.and_then(Translated::all);
        for (french, translation) in texts.iter().zip(translations.expect("translations")) {
            let line = Recorded {
                french: (*french).to_owned(),
                english: translation.text,
                score: translation.score,
                defects: translation.defects,
            };
            lines += &serde_json::to_string(&line).expect("JSON");
            lines.push('\n');
        }
    }
    std::fs::write(TRANSLATIONS, lines).expect("the fixture can be written");
}

fn summaries() -> Vec<Summary> {
    let recorded = recorded();
    let articles = articles();
    let summaries = articles.iter().map(|article| summary(article, &recorded));
    summaries.collect()
}

fn articles() -> Vec<Article> {
    let found = article::find(&["corpus".into()], |_| false);
    let options = article::ReadOptions::default();
    let files = found.files.iter();
    files
        .flat_map(|file| article::read(file, &options))
        .map(|article| article.expect("every article of the corpus can be read"))
        .collect()
}

fn recorded() -> HashMap<String, Translation> {
    let lines = std::fs::read_to_string(TRANSLATIONS).expect("recorded translations");
    let lines = lines.lines().map(|line| {
        let line: Recorded = serde_json::from_str(line).expect("a recorded translation");
        let translation = Translation {
            text: line.english,
            score: line.score,
            defects: line.defects,
            certainty: Certainty::default(),
            repaired: Vec::new(),
            origin: Origin::Model,
        };
        (line.french, translation)
    });
    lines.collect()
}

fn summary(article: &Article, recorded: &HashMap<String, Translation>) -> Summary {
    let document =
        prepare(article, &Limits::default(), &Glossary::default()).expect("a French article");
    let translations: Vec<Translation> = document
        .texts()
        .into_iter()
        .map(|french| {
            let translation = recorded.get(french).cloned();
            translation.unwrap_or_else(|| {
                panic!(
                    "no translation of `{french}` is recorded: run record_translations, as above"
                )
            })
        })
        .collect();
    let stop = AtomicBool::new(false);
    let (writer, answers) = (&Extractive, Session::new(None));
    summarize::compose(
        &document,
        &translations,
        Brief {
            writer,
            length: Length::default(),
        },
        provenance(),
        &answers,
        &stop,
    )
    .unwrap_or_else(|_| panic!("nothing stops it"))
}

/// That of no translator: the same for every model and release.
fn provenance() -> Provenance {
    Provenance {
        tool: "precis".to_owned(),
        fingerprint: String::new(),
        translator: TranslatorProvenance {
            model: "recorded".to_owned(),
            digest: String::new(),
            settings: TranslatorSettings {
                beam: 4,
                numeric: "int8".to_owned(),
            },
        },
        writer: Extractive.provenance(),
    }
}
