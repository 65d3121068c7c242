//! `precis run` as its users see it.

use crate::common::{FLOOD, Sandbox, copy_model, wait_for};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

#[test]
fn each_article_gets_a_summary_and_the_run_a_report() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write(
        "news/deep/loi.md",
        "# La loi est votée\n\nLes députés ont adopté la loi mardi soir à Paris.\n",
    );
    let run = sandbox.precis(&["run", "news"]).assert().code(0);
    run.stdout("")
        .stderr(contains("2 summaries written"))
        .stderr(contains("out/run/run.json"));
    assert_eq!(
        sandbox.names("out"),
        [
            "crue.html",
            "crue.json",
            "crue.md",
            "deep-loi.html",
            "deep-loi.json",
            "deep-loi.md",
            "feed.xml",
            "index-data-0.js",
            "index-data-1.js",
            "index.html",
            "index.js",
            "people.html",
            "run",
            "summaries.jsonl",
            "timeline.html"
        ]
    );
    let summary = sandbox.json("out/crue.json");
    assert_eq!(summary["source"]["sentences"], 5);
    assert_eq!(summary["events"][0]["date"], "2021-03-03");
    assert_eq!(
        summary["translation"]["sentences"].as_array().map(Vec::len),
        Some(5)
    );
    let report = sandbox.json("out/run/run.json");
    assert_eq!(report["articles"]["written"], 2);
    assert_eq!(report["status"], "done");
}

#[test]
fn spans_lead_back_to_the_source() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    let summary = sandbox.json("out/crue.json");
    for sentence in summary["translation"]["sentences"]
        .as_array()
        .expect("a list")
    {
        let span: [usize; 2] = serde_json::from_value(sentence["span"].clone()).expect("a span");
        assert_eq!(
            &FLOOD[span[0]..span[1]],
            sentence["source"].as_str().expect("text")
        );
    }
}

#[test]
fn second_run_translates_only_changed_sentences() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    let first = sandbox.read("out/crue.json");

    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    let report = sandbox.json("out/run/run.json");
    assert_eq!(report["articles"]["unchanged"], 1);
    assert_eq!(report["work"]["translated"], 0);
    assert_eq!(sandbox.read("out/crue.json"), first);

    sandbox
        .precis(&["run", "crue.txt", "--force"])
        .assert()
        .code(0);
    let report = sandbox.json("out/run/run.json");
    assert_eq!(
        (
            &report["articles"]["written"],
            &report["work"]["translated"]
        ),
        (&1.into(), &0.into())
    );
    assert_eq!(
        sandbox.read("out/crue.json"),
        first,
        "from the cache, the same bytes"
    );

    sandbox.write("crue.txt", FLOOD.replace("Les écoles", "Les crèches"));
    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["work"]["translated"], 1);
}

#[test]
fn outputs_do_not_depend_on_workers_neighbours_or_cache() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/autre.txt", "La ministre a présenté le budget de la culture à Lyon. Il augmente de 3 % en 2024. Les musées resteront gratuits.");
    sandbox
        .precis(&["run", "news", "--workers", "3", "--out", "all"])
        .assert()
        .code(0);
    let alone = [
        "run",
        "news/crue.txt",
        "--workers",
        "1",
        "--no-cache",
        "--out",
        "alone",
    ];
    sandbox.precis(&alone).assert().code(0);
    assert_eq!(
        sandbox.read("all/crue.json"),
        sandbox.read("alone/crue.json")
    );
    assert_eq!(sandbox.read("all/crue.md"), sandbox.read("alone/crue.md"));
    assert!(
        !sandbox
            .path("cache/precis")
            .join("cache.sqlite-journal")
            .exists()
    );
}

#[test]
fn bad_inputs_are_skipped_and_listed_with_their_reasons() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/vide.txt", " \n ");
    sandbox.write("news/image.txt", [0u8, 159, 146, 150, 0, 1, 2, 3]);
    sandbox.write("news/anglais.txt", "The government announced on Monday that it would withdraw the bill after weeks of protest in the capital.");
    sandbox.write(
        "news/grand.txt",
        "Une phrase assez longue pour dépasser la limite. ".repeat(100),
    );
    sandbox.write("news/lignes.jsonl", "{\"id\": \"a\", \"text\": \"Le maire a ouvert le nouveau pont de la ville samedi.\"}\nnot json\n");
    let run = sandbox
        .precis(&["run", "news", "--max-bytes", "2000"])
        .assert()
        .code(3);
    run.stderr(contains("2 summaries written"))
        .stderr(contains("anglais.txt: is in English"))
        .stderr(contains("grand.txt: more than 2000 bytes"))
        .stderr(contains("--max-bytes"));
    let report = sandbox.json("out/run/run.json");
    let mut codes: Vec<&str> = report["skipped"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|skipped| skipped["code"].as_str().expect("a code"))
        .collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["bad_row", "binary", "empty", "not_french", "too_large"]
    );
    assert_eq!(report["articles"]["skipped"], 5);
}

#[test]
fn two_articles_with_one_name_both_get_outputs() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/crue.md", FLOOD);
    sandbox.write("news/run.txt", FLOOD);
    sandbox.precis(&["run", "news"]).assert().code(0);
    let outputs = sandbox.names("out");
    assert_eq!(
        outputs.iter().filter(|name| name.ends_with(".md")).count(),
        3,
        "{outputs:?}"
    );
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["written"], 3);
}

#[test]
fn locked_output_folder_is_refused_with_its_own_exit_code() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    std::fs::create_dir(sandbox.path("out")).expect("a folder");
    let _lock = precis::job::OutputLock::acquire(&sandbox.path("out")).expect("nobody holds it");
    let run = sandbox.precis(&["run", "crue.txt"]).assert().code(4);
    run.stderr(contains(std::process::id().to_string()));
}

#[test]
fn unusable_model_is_refused_before_any_article_is_read() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    let model = sandbox.path("model");
    let refuse = |message: &str| {
        let run = sandbox
            .precis(&["run", "crue.txt", "--model", "model"])
            .assert()
            .code(1);
        run.stderr(contains(message.to_owned()));
        assert!(!sandbox.path("out").exists(), "{message}");
    };
    let replace = |name: &str, from: &str, to: &str| {
        let path = model.join(name);
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(text.contains(from), "{name} has no {from}");
        std::fs::write(path, text.replace(from, to)).expect("written");
    };
    let fresh = || {
        let _ = std::fs::remove_dir_all(&model);
        copy_model(&model);
    };

    sandbox
        .precis(&["run", "crue.txt", "--model", "nowhere"])
        .assert()
        .code(1)
        .stderr(contains("fr-en-tiny").and(contains("--model")));

    fresh();
    std::fs::remove_file(model.join("source.spm")).expect("removed");
    refuse("source.spm");

    fresh();
    replace("config.json", "\"marian\"", "\"bert\"");
    refuse("`bert` is not supported");

    fresh();
    replace("config.json", "\"d_model\": 256", "\"d_model\": 128");
    refuse("has shape [16000, 256]");

    fresh();
    replace(
        "config.json",
        "\"encoder_layers\": 4",
        "\"encoder_layers\": 5",
    );
    refuse("no tensor `model.encoder.layers.4");

    fresh();
    let weights = std::fs::read(model.join("model.safetensors")).expect("weights");
    std::fs::write(
        model.join("model.safetensors"),
        &weights[..weights.len() - 1000],
    )
    .expect("cut");
    refuse("it is truncated");

    fresh();
    std::fs::write(model.join("vocab.json"), "{\"</s>\": 0,").expect("written");
    refuse("vocab.json");

    fresh();
    std::fs::write(model.join("target.spm"), b"nonsense").expect("written");
    refuse("target.spm");
}

#[test]
fn command_line_overrides_environment_overrides_options_file() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    sandbox.write(
        "precis.toml",
        "beam = 3\nout = \"from-file\"\npaths = [\"crue.txt\"]\nworkers = 1\n",
    );
    sandbox
        .precis(&["run"])
        .env_remove("PRECIS_BEAM")
        .assert()
        .code(0);
    assert_eq!(sandbox.json("from-file/run/run.json")["beam"], 3);
    sandbox
        .precis(&["run"])
        .env("PRECIS_BEAM", "2")
        .assert()
        .code(0);
    assert_eq!(sandbox.json("from-file/run/run.json")["beam"], 2);
    sandbox
        .precis(&["run", "--beam", "1"])
        .env("PRECIS_BEAM", "2")
        .assert()
        .code(0);
    assert_eq!(sandbox.json("from-file/run/run.json")["beam"], 1);

    sandbox.write("precis.toml", "baem = 3\n");
    let run = sandbox.precis(&["run"]).assert().code(2);
    run.stderr(contains("baem")).stderr(contains("beam"));
    sandbox.write("precis.toml", "beam = \"many\"\n");
    sandbox
        .precis(&["run"])
        .env_remove("PRECIS_BEAM")
        .assert()
        .code(2)
        .stderr(contains("many"))
        .stderr(contains("precis.toml:1"));
    sandbox
        .precis(&["run", "--beam", "few"])
        .assert()
        .code(2)
        .stderr(PredicateBooleanExt::not(contains("precis.toml")));
}

#[cfg(unix)]
#[test]
fn interrupted_run_continues_where_it_stopped() {
    use std::process::{Command, Stdio};
    let sandbox = Sandbox::new();
    sandbox.write_floods(150);
    let run = |out: &str, cache: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
        command
            .current_dir(sandbox.path(""))
            .args([
                "run",
                "news",
                "--out",
                out,
                "--cache",
                cache,
                "--beam",
                "1",
                "--workers",
                "1",
            ])
            .stderr(Stdio::null());
        command
    };
    let mut child = run("out", "a.sqlite").spawn().expect("started");
    let report = sandbox.path("out/0.json");
    // The first of five windows of articles is written.
    wait_for("a summary", || report.exists());
    let signalled = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signalled.expect("kill runs").success());
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    assert_eq!(sandbox.json("out/run/run.json")["status"], "interrupted");

    assert_eq!(
        run("out", "a.sqlite").status().expect("ran").code(),
        Some(0)
    );
    assert_eq!(
        run("undisturbed", "b.sqlite").status().expect("ran").code(),
        Some(0)
    );
    assert_eq!(sandbox.names("out"), sandbox.names("undisturbed"));
    for name in sandbox.names("out").iter().filter(|name| *name != "run") {
        let same =
            sandbox.read(&format!("out/{name}")) == sandbox.read(&format!("undisturbed/{name}"));
        assert!(same, "{name} differs");
    }
}

#[test]
fn number_too_large_for_a_float_is_harmless() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "crue.txt",
        format!(
            "{FLOOD}\nLa dette atteint {} milliards d'euros.\n",
            "9".repeat(400)
        ),
    );
    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["written"], 1);
}

#[test]
fn run_does_not_read_its_own_outputs() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    for _ in 0..2 {
        sandbox
            .precis(&["run", ".", "--out", "summaries"])
            .assert()
            .code(0);
        assert_eq!(
            sandbox.json("summaries/run/run.json")["articles"]["found"],
            1
        );
    }
}

#[test]
fn article_with_only_flagged_sentences_has_headline_and_abstract() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "liste.txt",
        "Le jury est composé de : Anna Karenina, Emma Bovary, Jean Valjean, Julien Sorel, Eugène Rastignac.",
    );
    sandbox.precis(&["run", "liste.txt"]).assert().code(0);
    let summary = sandbox.json("out/liste.json");
    assert!(!summary["headline"].as_str().expect("text").is_empty());
    assert_eq!(summary["abstract"]["evidence"][0], 0);
}

#[test]
fn changed_settings_renew_the_summaries() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    sandbox
        .precis(&["run", "crue.txt", "--no-retry"])
        .assert()
        .code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["written"], 1);
}
