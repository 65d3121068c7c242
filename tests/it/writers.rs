//! Writers of abstracts, and the checks that keep out what the article does not say.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::common::{FLOOD, Sandbox, copy_model, random_bart, random_t5, repository};
use precis::article::{ReadOptions, find, read};
use precis::cache::Session;
use precis::glossary::Glossary;
use precis::job::{self, Observer, RunOptions, SkippedArticle, Standing, Status, Written};
use precis::pipeline::{Limits, Pipeline, prepare};
use precis::summarize::salience::Salience;
use precis::summarize::{
    Brief, Document, Draft, Extractive, Flag, Length, Material, Part, Provenance, Rejected,
    SentenceId, Seq2Seq, Statement, Stopped, Summary, TranslatorProvenance, TranslatorSettings,
    Unwritten, Writer, WriterProvenance, compose,
};
use precis::translate::{Options, Origin, Translation, Translator};
use predicates::prelude::*;
use seq2seq::decode::Certainty;
use seq2seq::model::ModelFolder;
use seq2seq::nn::{Cpu, Numeric};
use serde_json::Value;

/// Writes what it is given.
struct Dictated(Draft);

impl Dictated {
    fn abstract_(sentences: Vec<Statement>) -> Self {
        Self(Draft::of_abstract(sentences))
    }
}

impl Writer for Dictated {
    fn provenance(&self) -> WriterProvenance {
        WriterProvenance {
            model: "dictated".to_owned(),
            digest: None,
        }
    }

    fn identity(&self) -> &str {
        "dictated"
    }

    fn write(&self, _: &Material<'_>, _: &AtomicBool) -> Result<Draft, Stopped> {
        Ok(self.0.clone())
    }
}

fn written(text: &str, evidence: &[usize]) -> Statement {
    Statement {
        text: text.to_owned(),
        evidence: evidence.iter().copied().map(SentenceId).collect(),
    }
}

fn document(path: &Path) -> Document {
    let file = find(&[path.to_owned()], |_| false).files.remove(0);
    let article = read(&file, &ReadOptions::default())
        .next()
        .expect("an article")
        .expect("readable");
    prepare(&article, &Limits::default(), &Glossary::default()).expect("French text")
}

fn translation(text: &str) -> Translation {
    Translation {
        text: text.to_owned(),
        score: -0.5,
        defects: Vec::new(),
        certainty: Certainty::default(),
        repaired: Vec::new(),
        origin: Origin::Model,
    }
}

/// The summary of [`FLOOD`] with these English sentences.
fn summary(english: &[&str], writer: &dyn Writer) -> Summary {
    let sandbox = Sandbox::new();
    let document = document(&sandbox.write("flood.txt", FLOOD));
    summary_of(&document, english, writer)
}

fn summary_of(document: &Document, english: &[&str], writer: &dyn Writer) -> Summary {
    let texts = document.texts();
    let translations: Vec<Translation> = (0..texts.len())
        .map(|at| translation(english.get(at).unwrap_or(&"a phrase")))
        .collect();
    let provenance = Provenance {
        tool: "precis".to_owned(),
        fingerprint: String::new(),
        translator: TranslatorProvenance {
            model: String::new(),
            digest: String::new(),
            settings: TranslatorSettings {
                beam: 1,
                numeric: "int8".to_owned(),
            },
        },
        writer: writer.provenance(),
    };
    let stop = AtomicBool::new(false);
    let answers = Session::new(None);
    let brief = Brief {
        writer,
        length: Length::default(),
    };
    let summary = compose(document, &translations, brief, provenance, &answers, &stop);
    summary.expect("nobody stops it")
}

const ENGLISH: [&str; 5] = [
    "On 3 March 2021, a flood hit 120 communes of the valley of the Loire.",
    "About 1,200 inhabitants were evacuated by the firemen.",
    "\"The situation is serious\", said the mayor of Orléans, Serge Grouard.",
    "The water rose by 2.5 metres in one night.",
    "The schools will stay closed until Monday.",
];

#[test]
fn written_sentences_have_their_evidence() {
    let writer = Dictated::abstract_(vec![
        written("A flood on the Loire hit 120 communes in March 2021.", &[0]),
        written("Schools are closed until Monday.", &[4]),
    ]);
    let summary = summary(&ENGLISH, &writer);
    assert_eq!(
        summary.abstract_.text,
        "A flood on the Loire hit 120 communes in March 2021. Schools are closed until Monday."
    );
    assert_eq!(summary.abstract_.method, "dictated");
    assert_eq!(summary.abstract_.evidence, [0, 4].map(SentenceId));
    assert!(summary.checks.replaced.is_empty());
}

#[test]
fn invented_number_date_or_name_is_replaced_by_an_extract_and_flagged() {
    let writer = Dictated::abstract_(vec![
        written("A flood on the Loire hit 120 communes.", &[0]),
        written(
            "In April, 1,300 people left Nantes with Serge Grouard.",
            &[1, 2],
        ),
        written("It has no evidence.", &[]),
    ]);
    let summary = summary(&ENGLISH, &writer);
    let text = &summary.abstract_.text;
    assert!(
        text.contains("A flood on the Loire hit 120 communes."),
        "{text}"
    );
    assert!(
        !text.contains("1,300") && !text.contains("no evidence"),
        "{text}"
    );
    assert_eq!(
        summary.abstract_.evidence.len(),
        3,
        "two extracts in their place"
    );
    let replaced = &summary.checks.replaced;
    assert_eq!(replaced.len(), 2);
    assert_eq!(replaced[0].unsupported, ["1,300", "April", "Nantes"]);
    assert_eq!(replaced[0].evidence, [1, 2].map(SentenceId));
}

#[test]
fn headline_and_key_points_stand_as_written_if_the_french_says_so() {
    let writer = Dictated(Draft {
        headline: Some(written("Flood hits 120 communes on the Loire.", &[0])),
        abstract_: vec![written("Schools are closed until Monday.", &[4])],
        key_points: Some(vec![
            written("Schools are closed.", &[4]),
            written("1,200 people had to leave.", &[1]),
        ]),
        ..Draft::default()
    });
    let summary = summary(&ENGLISH, &writer);
    assert_eq!(summary.headline, "Flood hits 120 communes on the Loire");
    let points: Vec<&str> = (summary.key_points.iter())
        .map(|point| point.text.as_str())
        .collect();
    assert_eq!(
        points,
        ["1,200 people had to leave.", "Schools are closed."]
    );
    assert!(summary.checks.replaced.is_empty());
    assert_eq!(summary.abstract_.method, "dictated");
}

#[test]
fn invented_headline_and_key_point_are_replaced_and_listed() {
    let writer = Dictated(Draft {
        headline: Some(written("Flood hits 130 communes on the Rhine", &[0])),
        key_points: Some(vec![
            written("Schools are closed until Friday.", &[4]),
            written("The water rose by 2.5 metres.", &[3]),
        ]),
        rejected: vec![Rejected {
            part: Part::KeyPoints,
            statement: written("It is important to be careful.", &[2]),
            unsupported: vec!["important".to_owned()],
        }],
        ..Draft::default()
    });
    let extractive = summary(&ENGLISH, &Extractive);
    let summary = summary(&ENGLISH, &writer);
    assert_eq!(summary.headline, extractive.headline);
    let texts: Vec<&str> = (summary.key_points.iter())
        .map(|point| point.text.as_str())
        .collect();
    assert!(
        texts.contains(&"The water rose by 2.5 metres."),
        "{texts:?}"
    );
    assert!(
        !texts.iter().any(|text| text.contains("Friday")),
        "{texts:?}"
    );
    assert_eq!(texts.len(), 2, "no more than an article of this length has");
    let left_out = |part: Part| {
        let replaced = summary.checks.replaced.iter();
        let replaced = replaced.filter(|replaced| replaced.part == part);
        let words: Vec<String> = replaced.flat_map(|it| it.unsupported.clone()).collect();
        words
    };
    assert_eq!(left_out(Part::Headline), ["130", "Rhine"]);
    assert_eq!(left_out(Part::KeyPoints), ["important", "Friday"]);
    assert_eq!(summary.abstract_.method, "extractive");
}

#[test]
fn writer_that_wrote_nothing_of_use_is_flagged() {
    let extractive = summary(&ENGLISH, &Extractive);
    let extracts = extractive.abstract_.evidence.iter();
    let writer = Dictated(Draft {
        abstract_: extracts.map(|id| written(ENGLISH[id.0], &[id.0])).collect(),
        unwritten: Some(Unwritten::Invalid),
        ..Draft::default()
    });
    let summary = summary(&ENGLISH, &writer);
    assert_eq!(summary.checks.unwritten, Some(Unwritten::Invalid));
    assert_eq!(summary.key_points, extractive.key_points);
    assert_eq!(summary.abstract_.method, "extractive");
    let page = precis::output::to_markdown(&summary);
    assert!(page.contains("dictated wrote nothing of use"), "{page}");
    let page = precis::output::to_html(&summary);
    assert!(page.contains("dictated wrote nothing of use"), "{page}");
    assert_eq!(extractive.checks.unwritten, None);
}

#[test]
fn wrong_translation_is_not_a_key_point() {
    let mut english = ENGLISH;
    english[0] = "On 3 April 2021, a flood hit 210 communes of the valley of the Danube.";
    let summary = summary(&english, &Dictated(Draft::default()));
    let evidence: Vec<SentenceId> = (summary.key_points.iter())
        .flat_map(|point| point.evidence.clone())
        .collect();
    assert!(
        !evidence.contains(&SentenceId(0)),
        "{:?}",
        summary.key_points
    );
    assert!(!summary.abstract_.text.contains("Danube"));
    assert!(!summary.headline.contains("Danube"), "{}", summary.headline);
    let replaced = &summary.checks.replaced;
    assert!(
        replaced.iter().any(|replaced| {
            let mut unsupported = replaced.unsupported.clone();
            unsupported.sort();
            unsupported == ["210", "April", "Danube"]
        }),
        "{replaced:?}"
    );
}

#[test]
fn without_sound_sentences_the_best_is_kept_and_flagged() {
    let sandbox = Sandbox::new();
    let text = "Le 3 mars 2021, une crue a touché 120 communes de la vallée de la Loire.";
    let document = document(&sandbox.write("flood.txt", text));
    let count = document.texts().len();
    let mut english = vec!["a phrase"; count];
    english[0] = "On 3 March 2021, a flood hit 210 communes of the valley of the Loire.";
    let summary = summary_of(&document, &english, &Extractive);
    assert_eq!(summary.abstract_.text, english[0]);
    assert!(summary.checks.replaced.is_empty(), "it was not left out");
    let flagged = &summary.checks.flagged;
    assert!(
        flagged
            .iter()
            .any(|flagged| flagged.flag == Flag::Unsupported && flagged.detail == "210"),
        "{flagged:?}"
    );
}

#[test]
fn nonsense_of_a_summarisation_model_is_kept_out() {
    let sandbox = Sandbox::new();
    sandbox.write("flood.txt", FLOOD.repeat(3));
    random_bart(&sandbox.path("bart"));
    random_t5(&sandbox.path("t5"));
    for model in ["bart", "t5"] {
        sandbox
            .precis(&["run", "flood.txt", "--writer", model])
            .assert()
            .code(0);
        let summary = sandbox.json("out/flood.json");
        assert_eq!(summary["provenance"]["writer"]["model"], model);
        let digest = summary["provenance"]["writer"]["digest"].as_str();
        assert!(digest.is_some_and(|digest| digest.starts_with("blake3:")));
        let text = summary["abstract"]["text"].as_str().expect("text");
        assert!(!text.is_empty());
        let evidence = summary["abstract"]["evidence"].as_array().expect("a list");
        assert!(!evidence.is_empty());
        // Random weights write nothing that has evidence, so extracts replace it.
        let replaced = summary["checks"]["replaced"].as_array().expect("a list");
        let parts: Vec<&Value> = replaced.iter().map(|replaced| &replaced["part"]).collect();
        assert!(
            parts.iter().any(|part| *part == "abstract"),
            "{model}: {replaced:?}, {text}"
        );
    }
}

#[test]
fn model_uses_the_summarisation_settings_of_its_folder() {
    let sandbox = Sandbox::new();
    random_t5(&sandbox.path("t5"));
    let folder = ModelFolder::open(&sandbox.path("t5")).expect("a model");
    let (generation, prefix) = folder.summarization().expect("no damage");
    assert_eq!(prefix, "summarize: ");
    assert_eq!(
        (generation.min_length, generation.max_length),
        (20, Some(60))
    );
    assert_eq!(folder.generation.min_length, 0);
}

#[test]
fn change_of_writer_renews_the_summaries() {
    let sandbox = Sandbox::new();
    sandbox.write("flood.txt", FLOOD);
    random_bart(&sandbox.path("bart"));
    sandbox.precis(&["run", "flood.txt"]).assert().code(0);
    let again = ["run", "flood.txt", "--writer", "bart"];
    sandbox.precis(&again).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["written"], 1);
    sandbox.precis(&again).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["unchanged"], 1);
}

#[test]
fn translation_model_is_refused_as_a_writer() {
    let sandbox = Sandbox::new();
    sandbox.write("flood.txt", FLOOD);
    copy_model(&sandbox.path("marian"));
    sandbox
        .precis(&["run", "flood.txt", "--writer", "marian"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("translates").and(predicate::str::contains("BART")));
    random_t5(&sandbox.path("t5"));
    sandbox
        .precis(&["run", "flood.txt", "--model", "t5"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("summarises").and(predicate::str::contains("--writer")));
    sandbox
        .precis(&["run", "flood.txt", "--writer", "nosuch"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("--writer nosuch").and(predicate::str::contains("BART")));
}

/// A slow writer that is interrupted at its third abstract.
struct Interrupted {
    stop: Arc<AtomicBool>,
    begun: AtomicUsize,
}

impl Writer for Interrupted {
    fn provenance(&self) -> WriterProvenance {
        WriterProvenance {
            model: "slow".to_owned(),
            digest: Some("blake3:00".to_owned()),
        }
    }

    fn identity(&self) -> &str {
        "slow"
    }

    fn write(&self, _: &Material<'_>, stop: &AtomicBool) -> Result<Draft, Stopped> {
        if self.begun.fetch_add(1, Ordering::Relaxed) == 2 {
            self.stop.store(true, Ordering::Relaxed);
        }
        match stop.load(Ordering::Relaxed) {
            true => Err(Stopped),
            false => Ok(Draft::default()),
        }
    }
}

struct Silent;

impl Observer for Silent {
    fn started(&self) {}
    fn written(&self, _: &Written<'_>) {}
    fn skipped(&self, _: &SkippedArticle) {}
    fn stands(&self, _: &Standing) {}
    fn looks_ahead(&self) -> bool {
        false
    }
    fn warn(&self, problem: &dyn std::error::Error) {
        panic!("{problem}");
    }
}

#[test]
fn model_stops_within_an_abstract() {
    let sandbox = Sandbox::new();
    random_bart(&sandbox.path("bart"));
    let folder = ModelFolder::open(&sandbox.path("bart")).expect("a model");
    let writer = Seq2Seq::load(&folder, Numeric::Int8, Cpu::best()).expect("it loads");
    let document = document(&sandbox.write("flood.txt", FLOOD));
    let english: Vec<Translation> = ENGLISH.iter().map(|text| translation(text)).collect();
    let material = Material {
        document: &document,
        english: &english,
        ranked: &[0, 1].map(SentenceId),
        salience: &Salience::new(&document),
        sentences: 2,
        points: 2,
        answers: &Session::new(None),
    };
    let written = |stop: bool| writer.write(&material, &AtomicBool::new(stop));
    assert_eq!(written(true), Err(Stopped));
    assert!(written(false).is_ok());
}

#[test]
fn stopped_run_does_not_wait_for_abstracts() {
    let sandbox = Sandbox::new();
    let paths: Vec<_> = (0..4)
        .map(|n| sandbox.write(&format!("flood-{n}.txt"), FLOOD))
        .collect();
    let folder = ModelFolder::open(&repository().join("models/fr-en-tiny")).expect("committed");
    let options = Options {
        beam: Some(1),
        workers: 1,
        retry: false,
        ..Options::default()
    };
    let translator = Translator::load(&folder, &options).expect("it loads");
    let options = RunOptions::new(paths, sandbox.path("out"));
    let stop = Arc::new(AtomicBool::new(false));
    let writer = Interrupted {
        stop: Arc::clone(&stop),
        begun: AtomicUsize::new(0),
    };
    let pipeline = Pipeline::new(translator).with_writer(Box::new(writer));
    let run = || job::run(&options, &pipeline, &stop, &Silent).expect("a run");
    let report = run();
    assert_eq!(report.status, Status::Interrupted);
    assert_eq!(report.articles.written, 2);
    stop.store(false, Ordering::Relaxed);
    let report = run();
    assert_eq!(report.status, Status::Done);
    let articles = report.articles;
    assert_eq!((articles.unchanged, articles.written), (2, 2));
}
