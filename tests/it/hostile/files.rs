//! A corpus of hostile files, with the expected fate of each.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// What has to become of a file in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A summary.
    Written,
    /// Skipped for the reason with this code.
    Skipped(&'static str),
    /// A summary or a skip.
    Either,
    /// Neither: it is passed over as a hidden file.
    Hidden,
}

use Fate::{Either, Hidden, Skipped, Written};

const SENTENCE: &str = "Le maire de Lyon a annoncé hier la fermeture de trois écoles du centre. ";

struct Corpus<'a> {
    folder: &'a Path,
    fates: Vec<(String, Fate)>,
}

impl Corpus<'_> {
    fn add(&mut self, name: &str, fate: Fate, content: impl AsRef<[u8]>) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        fs::write(path, content).expect("a file");
        self.fates.push((name.to_owned(), fate));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn page(body: &str) -> String {
    format!(
        "<!doctype html><html lang=fr><head><title>Les écoles de Lyon</title></head><body><article><h1>Les écoles de Lyon</h1>{body}<p>{}</p></article></body></html>",
        SENTENCE.repeat(4)
    )
}

/// Writes the files into `folder`. Returns the expected fate of each, except for the rows of
/// collections and what is not a regular file.
pub(crate) fn write(folder: &Path) -> Vec<(String, Fate)> {
    let mut corpus = Corpus {
        folder,
        fates: Vec::new(),
    };
    encodings(&mut corpus);
    long_texts(&mut corpus);
    plain_texts(&mut corpus);
    foreign_texts(&mut corpus);
    pages(&mut corpus);
    markdown(&mut corpus);
    archives(&mut corpus);
    names(&mut corpus);
    collections(&mut corpus);
    corpus.fates
}

fn encodings(corpus: &mut Corpus<'_>) {
    let bad = [
        SENTENCE.as_bytes(),
        b"\xff\xfe\xc3(",
        SENTENCE.repeat(3).as_bytes(),
    ]
    .concat();
    corpus.add("invalid-utf8.txt", Written, bad);
    corpus.add(
        "nul.txt",
        Skipped("binary"),
        format!("{SENTENCE}\0\0\0{SENTENCE}"),
    );
    corpus.add("empty.txt", Skipped("empty"), "");
    corpus.add(
        "blank.txt",
        Skipped("empty"),
        " \t\r\n\u{a0}\u{2003}\u{feff}\n",
    );
    corpus.add("mark-alone.txt", Skipped("empty"), "\u{feff}");
    let utf16: Vec<u8> = SENTENCE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    corpus.add("utf16-odd.txt", Either, &utf16[..utf16.len() - 1]);
    corpus.add(
        "utf16-surrogate.txt",
        Either,
        [&[0xff, 0xfe], &utf16[..], &[0x00, 0xd8]].concat(),
    );
    let utf32: Vec<u8> = SENTENCE
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    corpus.add(
        "utf32.txt",
        Either,
        [&[0xff, 0xfe, 0, 0], &utf32[..]].concat(),
    );
    corpus.add(
        "two-encodings.txt",
        Either,
        [SENTENCE.as_bytes(), b"L'\xe9t\xe9 \xe0 Lyon. "].concat(),
    );
    corpus.add(
        "jpeg.txt",
        Skipped("binary"),
        [&b"\xff\xd8\xff\xe0\0\x10JFIF\0"[..], &[7; 5000]].concat(),
    );
    let noise: Vec<u8> = (0..20_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    corpus.add("noise.txt", Skipped("binary"), noise);
}

fn long_texts(corpus: &mut Corpus<'_>) {
    corpus.add("huge-line.txt", Skipped("too_large"), vec![b'a'; 100 << 20]);
    corpus.add(
        "paragraphs.txt",
        Skipped("too_long"),
        "Oui.\n\n".repeat(1_000_000),
    );
    corpus.add(
        "endless.txt",
        Skipped("too_long"),
        "lorem".repeat(1_500_000),
    );
}

fn plain_texts(corpus: &mut Corpus<'_>) {
    corpus.add("punctuation.txt", Either, "!?…;:,.« »—- ".repeat(300));
    corpus.add(
        "digits.txt",
        Either,
        format!("Il y en a {} à Lyon. ", "9".repeat(5000)),
    );
    corpus.add(
        "word.txt",
        Either,
        format!(
            "Le mot {} est long. ",
            "anticonstitutionnellement".repeat(200)
        ),
    );
    corpus.add(
        "right-to-left.txt",
        Either,
        format!("\u{202e}{SENTENCE}\u{202c}ولد في باريس. {SENTENCE}שלום."),
    );
    let zero_width: String = SENTENCE.chars().flat_map(|c| [c, '\u{200b}']).collect();
    corpus.add("zero-width.txt", Written, zero_width.repeat(3));
    corpus.add(
        "combining.txt",
        Either,
        format!("{SENTENCE}e{}", "\u{301}".repeat(50_000)),
    );
    corpus.add("quotes.txt", Either, "« ".repeat(3000) + SENTENCE);
    corpus.add(
        "brackets.txt",
        Either,
        "(".repeat(3000) + SENTENCE + &")".repeat(3000),
    );
    corpus.add("dashes.txt", Either, "— Oui.\n".repeat(500));
    corpus.add(
        "dates.txt",
        Either,
        "Le 31 février 9999, à 25 h 61, entre 2020 et 1020, au XXXXe siècle. ".repeat(40),
    );
    corpus.add(
        "figures.txt",
        Either,
        "Environ 1e400 milliards de milliards d'euros, −0 %, 1/0. ".repeat(40),
    );
    corpus.add(
        "initials.txt",
        Either,
        "M. J. P. R. S. T. U. V. W. X. Y. Z. ".repeat(200),
    );
    corpus.add("capitals.txt", Either, SENTENCE.to_uppercase().repeat(20));
    corpus.add(
        "emoji.txt",
        Either,
        format!("{SENTENCE}👩‍👩‍👧‍👦🇫🇷{}", "👍🏽".repeat(500)),
    );
    corpus.add(
        "escapes.txt",
        Either,
        format!("\u{1b}[31m{SENTENCE}\u{1b}[0m\u{7}\u{8}{SENTENCE}").repeat(3),
    );
    corpus.add(
        "separators.txt",
        Either,
        SENTENCE.replace(' ', "\u{2028}").repeat(3),
    );
    corpus.add(
        "tags.txt",
        Either,
        format!("<s> </s> <pad> ▁▁ <unk> __fr__ {SENTENCE}").repeat(3),
    );
}

fn foreign_texts(corpus: &mut Corpus<'_>) {
    corpus.add(
        "chinese.txt",
        Skipped("not_french"),
        "里昂市长昨天宣布关闭市中心的三所学校。".repeat(50),
    );
    corpus.add(
        "english.txt",
        Skipped("not_french"),
        "The mayor of Lyon announced yesterday that three schools will close. ".repeat(10),
    );
}

fn pages(corpus: &mut Corpus<'_>) {
    corpus.add(
        "deep.html",
        Skipped("too_deep"),
        "<div>".repeat(100_000) + SENTENCE,
    );
    corpus.add("open-tags.html", Either, page(&"<b><i>".repeat(200)));
    corpus.add(
        "scripts.html",
        Written,
        page(
            &"<script>for(;;)alert('</p>')</script><style>p{}</style><noscript><p>x</noscript>"
                .repeat(2000),
        ),
    );
    corpus.add(
        "comment.html",
        Skipped("empty"),
        "<!-- ".to_owned() + SENTENCE,
    );
    corpus.add(
        "entities.html",
        Either,
        page(&"&amp;amp;&#0;&#x110000;&#xd800;&nosuch;".repeat(500)),
    );
    corpus.add(
        "attributes.html",
        Written,
        page(&format!(
            "<p {}>x</p>",
            (0..5000).map(|n| format!("a{n}=b ")).collect::<String>()
        )),
    );
    corpus.add(
        "image.html",
        Written,
        page(&format!(
            "<img src='data:image/png;base64,{}'>",
            "iVBORw0K".repeat(500_000)
        )),
    );
    corpus.add(
        "tables.html",
        Either,
        page(&("<table><tr><td>".repeat(60) + "x")),
    );
    corpus.add(
        "lies.html",
        Either,
        page("").replace(
            "<head>",
            "<head><meta charset=utf-7><meta charset=shift_jis>",
        ),
    );
    corpus.add("nul.html", Either, page("<p>a\0b</p>"));
    corpus.add(
        "frames.html",
        Skipped("empty"),
        "<html><frameset><frame src=a><iframe src=b></iframe></frameset></html>",
    );
    corpus.add("svg.html", Either, page("<svg><title>x</title><foreignObject><p>y</p></foreignObject></svg><math><mi>z</mi></math>"));
    let laughs = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>";
    corpus.add("laughs.xhtml", Either, format!("{laughs}<html xmlns='http://www.w3.org/1999/xhtml'><body><p>&c;</p><p>{SENTENCE}</p></body></html>"));
    corpus.add("cut-off.html", Either, &page("")[..150]);
    corpus.add(
        "ld.html",
        Written,
        page(&format!(
            "<script type='application/ld+json'>{}</script>",
            "[".repeat(100_000)
        )),
    );
}

fn markdown(corpus: &mut Corpus<'_>) {
    corpus.add("links.md", Either, "[".repeat(20_000) + SENTENCE);
    corpus.add("cites.md", Either, ">".repeat(5000) + SENTENCE);
    corpus.add(
        "ticks.md",
        Either,
        format!("{}{SENTENCE}", "`".repeat(50_000)),
    );
    corpus.add(
        "lists.md",
        Either,
        (0..300)
            .map(|n| format!("{}- point\n", " ".repeat(2 * n)))
            .collect::<String>(),
    );
    corpus.add(
        "front.md",
        Either,
        format!("---\ntitle: [[[[\ndate: 9999-99-99\n{SENTENCE}"),
    );
    corpus.add(
        "html.md",
        Either,
        format!("<div><script>{SENTENCE}\n\n{SENTENCE}"),
    );
}

fn archives(corpus: &mut Corpus<'_>) {
    let zeros = vec![b' '; 200 << 20];
    corpus.add("bomb.txt.gz", Skipped("too_large"), gzip(&zeros));
    corpus.add(
        "bomb.txt.zst",
        Skipped("too_large"),
        zstd(&zeros[..64 << 20]),
    );
    corpus.add(
        "nested.txt.gz",
        Skipped("binary"),
        gzip(&gzip(SENTENCE.as_bytes())),
    );
    let text = SENTENCE.repeat(50);
    let packed = gzip(text.as_bytes());
    corpus.add(
        "cut.txt.gz",
        Skipped("damaged"),
        &packed[..packed.len() / 2],
    );
    let mut wrong = packed.clone();
    let middle = wrong.len() / 2;
    wrong[middle] ^= 0xff;
    corpus.add("wrong.txt.gz", Skipped("damaged"), wrong);
    corpus.add("text.txt.gz", Skipped("damaged"), SENTENCE);
    let packed = zstd(text.as_bytes());
    corpus.add(
        "cut.txt.zst",
        Skipped("damaged"),
        &packed[..packed.len() / 2],
    );
    corpus.add("text.txt.zst", Skipped("damaged"), SENTENCE);
    corpus.add(
        "window.txt.zst",
        Skipped("damaged"),
        b"\x28\xb5\x2f\xfd\x00\xff\x00\x00",
    );
    corpus.add(
        "members.txt.gz",
        Written,
        [gzip(SENTENCE.as_bytes()), gzip(SENTENCE.as_bytes())].concat(),
    );
    corpus.add("report.pdf", Skipped("unsupported_type"), "%PDF-1.7");
}

fn names(corpus: &mut Corpus<'_>) {
    let text = SENTENCE.repeat(3);
    for (number, name) in [
        "new\nline.txt",
        "..txt",
        "...txt",
        "..\\..\\up.txt",
        "%2e%2e%2fup.txt",
        "-rf.txt",
        "con.txt",
        "run.txt",
        "a b\tc.txt",
        "é\u{301}\u{200b}.txt",
        "'\"$(touch x).txt",
    ]
    .iter()
    .enumerate()
    {
        let fate = if name.starts_with('.') {
            Hidden
        } else {
            Either
        };
        corpus.add(name, fate, format!("{text} Cela fait {number}."));
    }
    corpus.add(&format!("{}.txt", "n".repeat(251)), Written, &text);
    corpus.add(&format!("{}/x.txt", "d".repeat(200)), Written, &text);
    for name in [
        "same.txt",
        "same.md",
        "same.html",
        "SAME.txt",
        "sub/same.txt",
        "sub-same.txt",
    ] {
        corpus.add(name, Written, format!("<p>{text}</p>"));
    }
    // Links, special files and names that are not UTF-8.
    #[cfg(unix)]
    {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        let folder = corpus.folder;
        let name = OsStr::from_bytes(b"not-utf8-\xff\xfe.txt");
        fs::write(folder.join(name), &text).expect("a file");
        symlink(".", folder.join("loop")).expect("a link");
        symlink("self.txt", folder.join("self.txt")).expect("a link");
        symlink("nowhere.txt", folder.join("dangling.txt")).expect("a link");
        symlink("/dev/zero", folder.join("zero.txt")).expect("a link");
        let fifo = std::process::Command::new("mkfifo")
            .arg(folder.join("pipe.txt"))
            .status();
        assert!(fifo.expect("mkfifo runs").success());
    }
}

fn collections(corpus: &mut Corpus<'_>) {
    let good = |id: &str| {
        format!(
            "{{\"id\": \"{id}\", \"text\": \"{}\"}}\n",
            SENTENCE.repeat(3)
        )
    };
    let rows = [
        "not JSON\n",
        "[1, 2]\n",
        "null\n",
        "{\"id\": 1}\n",
        "{\"text\": null}\n",
        "{\"text\": 12}\n",
        "{\"text\": [\"a\"]}\n",
        "{\"text\": \"\"}\n",
        "{\"text\": \"\\ud800\"}\n",
        "{\"text\": \"\\u0000\\u0000\\u0000\\u0000\"}\n",
        "{\"text\": \"a\", \"text\": \"b\"}\n",
        "{\"id\": {\"a\": 1}, \"text\": \"x\"}\n",
        "{\"text\": \"cut off\n",
        "\n",
        "\r\n",
    ];
    let mut bad = String::from("\u{feff}");
    for (n, row) in rows.iter().enumerate() {
        bad += row;
        bad += &good(&format!("between-{n}"));
    }
    bad += &format!("{}\n", "[".repeat(100_000));
    bad += &format!("{{\"text\": {}1}}\n", "{\"a\":".repeat(10_000));
    bad += &good("../../../etc/passwd");
    bad += &good(&"long".repeat(500));
    bad += &good("run");
    bad += &good("same");
    bad += &good("same");
    bad += good("last").trim_end();
    corpus.add("rows.jsonl", Either, bad);
    let huge = format!(
        "{{\"id\": \"huge\", \"text\": \"{}\"}}\n",
        "x".repeat(20 << 20)
    );
    corpus.add("huge-row.jsonl", Either, huge + &good("after-huge"));
    corpus.add("rows.jsonl.gz", Either, gzip(good("packed").as_bytes()));
    let cut = gzip(good("first").repeat(2000).as_bytes());
    corpus.add("cut-rows.jsonl.gz", Either, &cut[..cut.len() - 20]);
    corpus.add("no-end.jsonl", Either, "{".repeat(30 << 20));
    let utf16: Vec<u8> = good("sixteen")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    corpus.add("utf16.jsonl", Either, utf16);
}
