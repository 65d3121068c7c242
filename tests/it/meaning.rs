use crate::common::Sandbox;
use predicates::prelude::*;
use predicates::str::contains;

/// The lines of `input`, translated.
fn translated(input: &[&str]) -> Vec<String> {
    let sandbox = Sandbox::new();
    let arguments = ["translate", "--no-split", "--no-cache"];
    let output = sandbox
        .precis(&arguments)
        .write_stdin(input.join("\n") + "\n")
        .assert()
        .code(0);
    let text = String::from_utf8(output.get_output().stdout.clone()).expect("UTF-8");
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), input.len(), "{text}");
    lines
}

#[test]
fn addresses_and_codes_come_through_unaltered() {
    let cases = [
        (
            "Écrivez à redaction@exemple.fr avant mardi.",
            "redaction@exemple.fr",
        ),
        (
            "Le formulaire est sur https://exemple.org/aide/2024?id=12.",
            "https://exemple.org/aide/2024?id=12",
        ),
        ("Le vol AF447 a disparu des radars.", "AF447"),
        (
            "La voiture immatriculée AB-123-CD a été retrouvée.",
            "AB-123-CD",
        ),
        ("Appelez le 01 23 45 67 89 pour réserver.", "01 23 45 67 89"),
        (
            "Sous le mot-dièse #BalanceTonPorc, elles ont témoigné.",
            "#BalanceTonPorc",
        ),
        ("Le compte @exemple_75 a été fermé.", "@exemple_75"),
        (
            "Le fichier plan_sous-sol.pdf a été copié.",
            "plan_sous-sol.pdf",
        ),
        ("Le mot de passe était Az7-Qr9_tt, dit-il.", "Az7-Qr9_tt"),
        ("Bravo à toutes 👏🏽 !", "👏🏽"),
    ];
    let translated = translated(&cases.map(|(french, _)| french));
    for ((french, token), english) in cases.iter().zip(translated) {
        assert!(english.contains(token), "{french} → {english}");
    }
}

#[test]
fn amounts_and_hours_have_their_english_form() {
    let cases: [(&str, &[&str], &[&str]); 4] = [
        ("Le billet coûte 12 €.", &["€12"], &["12 €", "EUR"]),
        (
            "La réunion commence à 9h15.",
            &["9"],
            &["p.m.", "pm", "9h15"],
        ),
        (
            "À 5 heures du matin, la police est arrivée.",
            &["5"],
            &["p.m.", "pm"],
        ),
        (
            "Environ 72 969 058 € ont été versés.",
            &["72,969,058"],
            &["72 969"],
        ),
    ];
    let translated = translated(&cases.map(|(french, ..)| french));
    for ((french, wanted, unwanted), english) in cases.iter().zip(translated) {
        assert!(
            wanted.iter().all(|text| english.contains(text)),
            "{french} → {english}"
        );
        assert!(
            !unwanted.iter().any(|text| english.contains(text)),
            "{french} → {english}"
        );
    }
}

#[test]
fn names_of_a_title_are_in_the_headline() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "news/convoi.md",
        "# Mali : un convoi de vivres atteint enfin Ménaka\n\nUn convoi de vivres est arrivé mardi à \
         Ménaka, dans le nord du Mali. La ville était isolée depuis quatre mois.\n",
    );
    sandbox.precis(&["run", "news"]).assert().code(0);
    let headline = sandbox.json("out/convoi.json")["headline"].clone();
    let headline = headline.as_str().expect("a text");
    assert!(
        headline.contains("Mali") && headline.contains("naka"),
        "{headline}"
    );
}

#[test]
fn a_name_has_one_english_form_in_a_summary() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "news/minsk.txt",
        "Le président bélarusse Alexandre Loukachenko a gracié seize prisonniers. « C'est un geste de \
         bonne volonté », a déclaré Alexandre Loukachenko. « La pression fonctionne », a estimé l'Union \
         européenne. Le préfet de la Manche, Paul Durand, n'a rien dit.\n",
    );
    sandbox.precis(&["run", "news"]).assert().code(0);
    let summary = sandbox.json("out/minsk.json");
    let names = |list: &str, key: &str| -> Vec<String> {
        let list = summary[list].as_array().expect("a list").iter();
        list.map(|it| it[key].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(
        names("quotes", "speaker"),
        ["Alexander Lukashenko", "European Union"]
    );
    assert_eq!(
        names("people", "name"),
        ["Alexander Lukashenko", "Paul Durand"]
    );
    assert_eq!(
        names("people", "role"),
        ["Belarusian president", "prefect of Manche"]
    );
    let texts = [
        vec![summary["headline"].to_string()],
        names("key_points", "text"),
    ];
    let texts = texts.concat().join("\n");
    assert!(!texts.contains("Loukachenko"), "{texts}");
}

#[test]
fn speech_is_no_key_point_without_its_marks_and_speaker() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "news/greve.txt",
        "Les salariés de l'usine de Brest sont en grève depuis lundi. Le directeur a refusé de \
         négocier. « Nous n'avons plus rien à perdre. Nous irons jusqu'au bout. Ils ne nous feront pas \
         taire », a déclaré Jeanne Martin, déléguée du syndicat. Et vous, que feriez-vous ? La \
         préfecture a annoncé une réunion jeudi matin. Le ministère du Travail suit le dossier.\n",
    );
    sandbox.precis(&["run", "news"]).assert().code(0);
    let summary = sandbox.json("out/greve.json");
    let points = summary["key_points"].as_array().expect("a list");
    assert!(!points.is_empty());
    for point in points {
        let text = point["text"].as_str().expect("a text");
        assert!(text.matches('"').count() % 2 == 0, "{text}");
        assert!(!text.starts_with("We ") && !text.ends_with('?'), "{text}");
    }
}

#[test]
fn glossary_decides_names_and_words() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "names.tsv",
        "# French\tEnglish\tkind\nMénaka\tMenaka City\tplace\nconvoi de vivres\tfood convoy\nTimia\tTimia\tplace\n",
    );
    sandbox.write(
        "news/convoi.txt",
        "Un convoi de vivres est arrivé mardi à Ménaka. La ville était isolée depuis quatre mois.\n",
    );
    let arguments = ["run", "news", "--glossary", "names.tsv"];
    sandbox.precis(&arguments).assert().code(0);
    let summary = sandbox.json("out/convoi.json");
    let first = summary["translation"]["sentences"][0]["text"].clone();
    let first = first.as_str().expect("a text");
    assert!(first.contains("Menaka City"), "{first}");
    let uses = sandbox.json("out/run/run.json")["glossary"].clone();
    let found: Vec<u64> = uses
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["found"].as_u64().expect("a count"))
        .collect();
    assert_eq!(found, [1, 1, 0], "{uses}");
    assert_eq!(uses[0]["kept"], 1, "{uses}");
    // Another glossary makes another summary.
    sandbox.write("names.tsv", "Ménaka\tMenaka\tplace\n");
    sandbox.precis(&arguments).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["written"], 1);
    let changed = sandbox.json("out/convoi.json")["translation"]["sentences"][0]["text"].clone();
    assert!(
        !changed.as_str().expect("a text").contains("Menaka City"),
        "{changed}"
    );
}

#[test]
fn bad_line_of_a_glossary_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("names.tsv", "Pékin\tBeijing\tplace\nLyon\tLyon\tcity\n");
    sandbox.write("news/a.txt", "Il pleut à Lyon.\n");
    for command in [&["run", "news"][..], &["translate"]] {
        let arguments = [command, &["--glossary", "names.tsv"]].concat();
        let assert = sandbox.precis(&arguments).write_stdin("").assert();
        assert
            .code(1)
            .stderr(contains("names.tsv, line 2").and(contains("`city` is no kind")));
    }
}

#[test]
fn sentences_of_a_translation_memory_are_taken_as_they_are() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "memory.tmx",
        "<tmx version=\"1.4\"><body><tu><tuv xml:lang=\"fr-FR\"><seg>La ville était isolée depuis quatre \
         mois.</seg></tuv><tuv xml:lang=\"en\"><seg>Nobody had got in or out for four months.</seg></tuv>\
         </tu></body></tmx>",
    );
    sandbox.write(
        "news/convoi.txt",
        "Un convoi de vivres est arrivé mardi à Ménaka. La ville était isolée depuis quatre mois.\n",
    );
    let arguments = ["run", "news", "--memory", "memory.tmx"];
    sandbox.precis(&arguments).assert().code(0);
    let sentences = sandbox.json("out/convoi.json")["translation"]["sentences"].clone();
    assert_eq!(sentences[0]["origin"], "model");
    assert_eq!(sentences[1]["origin"], "memory");
    assert_eq!(
        sentences[1]["text"],
        "Nobody had got in or out for four months."
    );
    let arguments = ["translate", "--no-split", "--memory", "memory.tmx"];
    sandbox
        .precis(&arguments)
        .write_stdin("La ville  était isolée depuis quatre mois.\n")
        .assert()
        .code(0)
        .stdout("Nobody had got in or out for four months.\n");
    sandbox.write("memory.tmx", "<tmx><body>\n\n<tu></body></tmx>");
    sandbox
        .precis(&arguments)
        .write_stdin("")
        .assert()
        .code(1)
        .stderr(contains("memory.tmx, line 3"));
}

#[test]
fn english_stays_and_other_languages_are_flagged() {
    let sandbox = Sandbox::new();
    let english = "We are not going to give up, and they know it.";
    sandbox.write(
        "news/a.txt",
        format!(
            "Le chanteur a quitté la scène sous les applaudissements du public. {english} Il a ensuite \
             déclaré : « This is the best night of my life », avant de saluer ses musiciens. La policía \
             detuvo el lunes a tres personas sospechosas de haber robado el concierto.\n"
        ),
    );
    sandbox.precis(&["run", "news"]).assert().code(0);
    let sentences = sandbox.json("out/a.json")["translation"]["sentences"].clone();
    assert_eq!(sentences[1]["text"], english);
    assert_eq!(sentences[1]["origin"], "source");
    let quoting = sentences[2]["text"].as_str().expect("a text");
    assert!(
        quoting.contains("This is the best night of my life"),
        "{quoting}"
    );
    let flags = sentences[3]["flags"].as_array().expect("a list");
    assert!(flags.contains(&"other_language".into()), "{sentences}");
}

#[test]
fn entries_of_a_glossary_that_the_model_had_wrong_are_counted_as_repaired() {
    let sandbox = Sandbox::new();
    // No model writes this by itself.
    sandbox.write(
        "names.tsv",
        "Loukachenko\tLukashenko\tperson\nconvoi\tZzyzx caravan\tword\n",
    );
    sandbox.write(
        "news/a.txt",
        "Le convoi est arrivé mardi. Loukachenko a reçu le convoi.\n",
    );
    let arguments = ["run", "news", "--glossary", "names.tsv"];
    sandbox.precis(&arguments).assert().code(0);
    let uses = sandbox.json("out/run/run.json")["glossary"].clone();
    for entry in uses.as_array().expect("a list") {
        let count = |key: &str| entry[key].as_u64().expect("a count");
        assert_eq!(
            count("found"),
            count("kept") + count("repaired") + count("failed"),
            "{entry}"
        );
    }
    assert_eq!(uses[1]["found"], 2, "{uses}");
}

#[test]
fn worst_summaries_are_listed_with_their_reasons() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "news/good.txt",
        "Le maire a ouvert l'école. Les élèves sont contents.\n",
    );
    sandbox.write(
        "news/bad.txt",
        "La policía detuvo el lunes a tres personas sospechosas de haber robado el concierto. Le maire a \
         ouvert l'école ce matin devant les élèves et les parents du quartier.\n",
    );
    sandbox.precis(&["run", "news"]).assert().code(0);
    let worst = sandbox.json("out/run/run.json")["worst"].clone();
    assert_eq!(worst[0]["id"], "bad", "{worst}");
    assert_eq!(worst[0]["flags"]["other_language"], 1, "{worst}");
    sandbox
        .precis(&["status", "out", "--quick", "--worst", "1"])
        .assert()
        .stdout(contains("bad.txt (bad.json): of 2 sentences").and(contains("other language 1")));
}
