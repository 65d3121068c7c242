//! The commands other than `run`, as their users see them.

use crate::common::{FLOOD, Sandbox, repository};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty};
use serde_json::Value;

#[test]
fn translate_gives_one_line_for_each_line_and_keeps_blank_ones() {
    let sandbox = Sandbox::new();
    let input = "Le président est arrivé à Paris. Il a rencontré le ministre.\n\n  \nMerci.\n";
    let output = sandbox
        .precis(&["translate"])
        .write_stdin(input)
        .assert()
        .code(0);
    let text = String::from_utf8(output.get_output().stdout.clone()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(
        lines[0].contains("President") || lines[0].contains("president"),
        "{text}"
    );
    assert_eq!((lines[1], lines[2]), ("", ""));
    assert!(!lines[3].is_empty());
}

#[test]
fn translate_accepts_a_last_line_without_end_and_empty_input() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .precis(&["translate"])
        .write_stdin("Bonjour")
        .assert()
        .code(0);
    assert_eq!(
        output
            .get_output()
            .stdout
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count(),
        1
    );
    sandbox
        .precis(&["translate"])
        .write_stdin("")
        .assert()
        .code(0)
        .stdout(is_empty());
}

#[test]
fn sentence_too_long_for_the_model_loses_nothing() {
    let sandbox = Sandbox::new();
    let clauses: String = (1950..1990)
        .map(|year| {
            format!("en {year} le ministre a parlé de la ville et les habitants l'ont écouté avec attention, ")
        })
        .collect();
    let long = format!("{clauses}et la réunion est finie.");
    let output = sandbox
        .precis(&["translate", "--no-split"])
        .write_stdin(long)
        .assert()
        .code(0);
    let text = String::from_utf8(output.get_output().stdout.clone()).expect("UTF-8");
    let kept = (1950..1990).filter(|year| text.contains(&year.to_string()));
    assert!(kept.count() >= 36, "{text}");
}

#[test]
fn summarize_writes_only_json_to_standard_output() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    let output = sandbox.precis(&["summarize", "crue.txt"]).assert().code(0);
    let summary: Value =
        serde_json::from_slice(&output.get_output().stdout).expect("one JSON document");
    assert_eq!(summary["id"], "crue");
    assert_eq!(summary["source"]["language"], "fr");

    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    assert_eq!(sandbox.json("out/crue.json"), summary, "the same as by run");
    sandbox
        .precis(&["summarize", "absent.txt"])
        .assert()
        .code(1)
        .stderr(contains("absent.txt"));
}

#[test]
fn shipped_model_is_listed_described_and_verified() {
    let sandbox = Sandbox::new();
    let list = sandbox.precis(&["models", "list"]).assert().code(0);
    list.stdout(contains("fr-en-small (default)\tfr-en\there"));
    sandbox
        .precis(&["models", "info"])
        .assert()
        .code(0)
        .stdout(contains("6 + 2 layers, width 512"));
    sandbox
        .precis(&["models", "verify"])
        .assert()
        .code(0)
        .stdout(contains("digest as listed"));
    sandbox
        .precis(&["models", "verify", "nothing"])
        .assert()
        .code(1)
        .stderr(contains("nothing"));
}

#[test]
fn the_cache_counts_checks_and_clears() {
    let sandbox = Sandbox::new();
    sandbox
        .precis(&["translate"])
        .write_stdin("Bonjour.\nMerci.\n")
        .assert()
        .code(0);
    sandbox
        .precis(&["cache", "stats"])
        .assert()
        .code(0)
        .stdout(contains("entries: 2"));
    sandbox
        .precis(&["cache", "verify"])
        .assert()
        .code(0)
        .stdout(contains("2 entries checked, 0 damaged"));
    sandbox
        .precis(&["cache", "clear"])
        .assert()
        .code(0)
        .stdout(contains("2 entries removed"));
    sandbox
        .precis(&["cache", "stats"])
        .assert()
        .code(0)
        .stdout(contains("entries: 0"));
}

#[test]
fn damaged_cache_is_set_aside_and_the_run_goes_on() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "my.sqlite",
        "not a database, and longer than its header: ".repeat(50),
    );
    let command = ["translate", "--cache", "my.sqlite"];
    // A file that was never a cache is not touched.
    sandbox
        .precis(&command)
        .write_stdin("Merci.\n")
        .assert()
        .code(1)
        .stderr(contains("not a cache of precis").and(contains("--no-cache")));
    assert!(sandbox.read("my.sqlite").starts_with("not a database"));
    // A cache has its lock beside it.
    sandbox.write("my.sqlite.lock", "");
    let output = sandbox
        .precis(&command)
        .write_stdin("Merci.\n")
        .assert()
        .code(0);
    output.stderr(contains("warning:").and(contains("my.sqlite")));
    let kept = std::fs::read_dir(sandbox.path(""))
        .expect("readable")
        .flatten();
    let aside = kept.filter(|entry| entry.file_name().to_string_lossy().contains("set-aside"));
    assert_eq!(aside.count(), 1);
}

#[test]
fn usage_errors_have_their_own_exit_code() {
    let sandbox = Sandbox::new();
    sandbox.precis(&["run", "--beam", "0"]).assert().code(2);
    sandbox.precis(&["fly"]).assert().code(2);
    sandbox
        .precis(&["run", "--numeric", "f64"])
        .assert()
        .code(2)
        .stderr(contains("int8"));
    sandbox
        .precis(&["run", "--device", "gpu"])
        .assert()
        .code(2)
        .stderr(contains("cuda:0"));
    sandbox
        .precis(&["--help"])
        .assert()
        .code(0)
        .stdout(contains("Exit codes"));
    sandbox
        .precis(&["--version"])
        .assert()
        .code(0)
        .stdout(contains("precis 0."));
}

#[test]
fn quiet_run_prints_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    sandbox
        .precis(&["run", "crue.txt", "--quiet"])
        .assert()
        .code(0)
        .stderr(is_empty());
}

#[test]
fn completions_are_printed_for_a_shell() {
    let sandbox = Sandbox::new();
    sandbox
        .precis(&["completions", "bash"])
        .assert()
        .code(0)
        .stdout(contains("_precis"));
}

#[test]
fn options_file_sets_the_cache_of_every_command() {
    let sandbox = Sandbox::new();
    sandbox.write("precis.toml", "cache = \"own.sqlite\"\n");
    sandbox
        .precis(&["translate"])
        .write_stdin("Bonjour.\n")
        .assert()
        .code(0);
    let stats = sandbox.precis(&["cache", "stats"]).assert().code(0);
    stats.stdout(contains("own.sqlite").and(contains("entries: 1")));
    let absent = sandbox
        .precis(&["cache", "stats", "--cache", "absent.sqlite"])
        .assert()
        .code(1);
    absent.stderr(contains("absent.sqlite"));
    assert!(!sandbox.path("absent.sqlite").exists());
}

#[test]
fn pytorch_weights_that_cannot_be_read_are_refused_with_the_reason() {
    let sandbox = Sandbox::new();
    crate::common::copy_model(&sandbox.path("model"));
    std::fs::remove_file(sandbox.path("model/model.safetensors")).expect("removed");
    let refused = |weights: &[u8]| {
        sandbox.write("model/pytorch_model.bin", weights);
        let info = sandbox.precis(&["models", "info", "model"]).assert();
        info.code(1)
    };
    // The first pickle of a file from before 1.6, and a tar archive.
    refused(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.").stderr(contains("truncated"));
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    refused(&tar).stderr(contains("PyTorch 0.1").and(contains("model.safetensors")));
}

#[test]
fn quantised_model_translates_as_its_original_does_in_int8() {
    let sandbox = Sandbox::new();
    let quantize = ["models", "quantize", "fr-en-tiny", "small"];
    sandbox.precis(&quantize).assert().code(0);
    let size = |path: &std::path::Path| std::fs::metadata(path).expect("a file").len();
    let original = repository().join("models/fr-en-tiny/model.safetensors");
    assert!(size(&sandbox.path("small/model.safetensors")) * 10 < size(&original) * 6);

    let translate = |model: &str| {
        let arguments = [
            "translate",
            "--no-cache",
            "--numeric",
            "int8",
            "--model",
            model,
        ];
        let mut command = sandbox.precis(&arguments);
        let assert = command.write_stdin(FLOOD).assert().code(0);
        assert.get_output().stdout.clone()
    };
    let translated = translate("small");
    assert!(translated.starts_with(b"On March 3, 2021"));
    assert_eq!(translated, translate("fr-en-tiny"));

    let again = sandbox.precis(&quantize).assert().code(1);
    again.stderr(contains("small").and(contains("it already exists")));
}

#[test]
fn every_set_of_kernels_gives_the_same_translation() {
    let sandbox = Sandbox::new();
    let mut translations = Vec::new();
    for cpu in seq2seq::nn::Cpu::available() {
        let arguments = ["translate", "--no-cache", "--cpu", cpu.name()];
        let mut command = sandbox.precis(&arguments);
        let assert = command
            .write_stdin("Le maire a fermé le pont.\n")
            .assert()
            .code(0);
        translations.push(assert.get_output().stdout.clone());
    }
    assert!(translations.windows(2).all(|pair| pair[0] == pair[1]));
    let unknown = sandbox
        .precis(&["translate", "--cpu", "mmx"])
        .assert()
        .code(2);
    unknown.stderr(contains("portable"));
}

#[test]
fn model_of_one_language_refuses_a_source_language() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .precis(&["translate", "--source", "de"])
        .assert()
        .code(1);
    run.stderr(
        contains("one language")
            .and(contains("NLLB"))
            .and(contains("--source")),
    );
}

#[test]
fn model_of_several_languages_takes_a_source_language() {
    let sandbox = Sandbox::new();
    crate::common::random_nllb(&sandbox.path("nllb"));
    let translate = |source: &str| {
        let arguments = [
            "translate",
            "--no-cache",
            "--model",
            "nllb",
            "--source",
            source,
        ];
        sandbox
            .precis(&arguments)
            .write_stdin("Bonjour.\n")
            .assert()
    };
    let french = translate("fra_Latn").code(0);
    let again = translate("fr").code(0);
    assert_eq!(french.get_output().stdout, again.get_output().stdout);
    // Translations of French in the cache are not used for German.
    let cached = |source: &str| {
        let arguments = [
            "translate",
            "--model",
            "nllb",
            "--source",
            source,
            "--verbose",
        ];
        let assert = sandbox
            .precis(&arguments)
            .write_stdin("Bonjour.\n")
            .assert();
        String::from_utf8_lossy(&assert.code(0).get_output().stderr).into_owned()
    };
    assert!(cached("fr").contains(" 0 from the cache"));
    assert!(cached("fra_Latn").contains(" 1 from the cache"));
    assert!(cached("deu_Latn").contains(" 0 from the cache"));
    translate("tlh").code(1).stderr(contains("fra_Latn"));
    sandbox.write("article.txt", FLOOD);
    let arguments = [
        "summarize",
        "article.txt",
        "--model",
        "nllb",
        "--source",
        "deu_Latn",
    ];
    let summarize = sandbox.precis(&arguments).assert().code(1);
    summarize.stderr(contains("French"));
}

#[test]
fn unsupported_device_settings_are_named() {
    let sandbox = Sandbox::new();
    let translate = |arguments: &[&str]| {
        let model = repository().join("models/fr-en-tiny");
        let mut command = sandbox.precis(&["translate", "--model"]);
        command.arg(model).args(arguments).write_stdin("Bonjour.");
        command.assert().code(1)
    };
    translate(&["--numeric", "f16"])
        .stderr(contains("--device cpu, --numeric takes one of: int8, f32"));
    if !cfg!(feature = "cuda") {
        translate(&["--device", "cuda:0"]).stderr(contains("--features cuda"));
    }
}

#[test]
fn forced_token_outside_of_the_vocabulary_is_refused() {
    let sandbox = Sandbox::new();
    crate::common::copy_model(&sandbox.path("model"));
    sandbox.write(
        "model/generation_config.json",
        r#"{"forced_bos_token_id": 4000000}"#,
    );
    for extra in ["--shortlist", "--shortlist=false"] {
        let mut command = sandbox.precis(&["translate", "--no-cache", "--model", "model"]);
        let run = command.arg(extra).write_stdin("Bonjour.").assert().code(1);
        run.stderr(contains("4000000").and(contains("generation_config.json")));
    }
}

#[test]
fn a_models_shortlist_is_used_and_has_to_fit_the_model() {
    let sandbox = Sandbox::new();
    crate::common::copy_model(&sandbox.path("model"));
    let translate = |extra: &[&str]| {
        let mut command = sandbox.precis(&["translate", "--no-cache", "--model", "model"]);
        command.args(extra).write_stdin(FLOOD).assert()
    };
    let output = |extra: &[&str]| translate(extra).code(0).get_output().stdout.clone();
    let by_shortlist = output(&[]);
    assert_eq!(output(&["--shortlist"]), by_shortlist);
    let of_all_words = output(&["--shortlist=false"]);
    let list = sandbox.path("model/shortlist.safetensors");
    let whole = std::fs::read(&list).expect("it is there");
    std::fs::write(&list, &whole[..whole.len() - 4000]).expect("cut off");
    translate(&[])
        .code(1)
        .stderr(contains("shortlist.safetensors").and(contains("truncated")));
    assert_eq!(output(&["--shortlist=false"]), of_all_words);
    // A list without the words of the sentence: they cannot be in its translation.
    std::fs::write(&list, shortlist_of_nothing()).expect("written");
    assert_ne!(output(&["--no-retry"]), by_shortlist);
    translate(&["--no-retry"]).stderr(contains("a bug in precis").not());
    std::fs::remove_file(&list).expect("removed");
    assert_eq!(output(&[]), of_all_words);
    translate(&["--shortlist"])
        .code(1)
        .stderr(contains("make_shortlist.py").and(contains("--shortlist=false")));
}

/// A shortlist without a target for any source token.
fn shortlist_of_nothing() -> Vec<u8> {
    let common: Vec<u8> = (0i32..40).flat_map(i32::to_le_bytes).collect();
    let offsets = vec![0u8; 16_001 * 4];
    let (start, end) = (common.len(), common.len() + offsets.len());
    let header = format!(
        r#"{{"common":{{"dtype":"I32","shape":[40],"data_offsets":[0,{start}]}},"offsets":{{"dtype":"I32","shape":[16001],"data_offsets":[{start},{end}]}},"targets":{{"dtype":"I32","shape":[0],"data_offsets":[{end},{end}]}}}}"#
    );
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), &common, &offsets].concat()
}

#[test]
fn length_says_how_much_a_summary_says() {
    let sandbox = Sandbox::new();
    let communes = ["Orléans", "Blois", "Tours", "Angers", "Nantes", "Nevers"];
    let floods = communes.iter().enumerate().map(|(at, commune)| {
        format!(
            "À {commune}, la crue a touché {} maisons mardi. La mairie a ouvert {} salles pour les \
             habitants. Les pompiers de {commune} ont reçu {} appels. L'école rouvrira jeudi, a \
             annoncé le maire.\n\n",
            10 + at,
            2 + at,
            100 + at
        )
    });
    sandbox.write("crues.txt", floods.collect::<String>());
    let counts = |length: &str| {
        let output = sandbox
            .precis(&["summarize", "crues.txt", "--length", length])
            .assert()
            .code(0);
        let summary: Value = serde_json::from_slice(&output.get_output().stdout).expect("JSON");
        let evidence = summary["abstract"]["evidence"].as_array().expect("a list");
        let points = summary["key_points"].as_array().expect("a list");
        (evidence.len(), points.len())
    };
    let (short, medium, long) = (counts("short"), counts("medium"), counts("long"));
    assert_eq!([short.0, medium.0, long.0], [2, 3, 5]);
    assert!(short.1 <= 3 && medium.1 <= 6 && long.1 <= 12);
    assert!(short.1 < medium.1 && medium.1 < long.1, "{long:?}");
    sandbox
        .precis(&["summarize", "crues.txt", "--length", "huge"])
        .assert()
        .code(2)
        .stderr(contains("short, medium, long"));
}
