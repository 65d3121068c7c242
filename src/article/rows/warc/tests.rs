use std::io::Write;

use flate2::write::{GzEncoder, ZlibEncoder};

use super::super::tests::{codes, read_bytes, read_counting};
use crate::article::{Article, ReadOptions, Skipped};

const TEXT: &str = "Le conseil municipal a voté mardi soir la fermeture du vieux pont, qui ne supportait plus le passage des camions depuis l'hiver.";

fn page(text: &str) -> String {
    format!("<html><head><title>Le pont ferme</title></head><body><p>{text}</p></body></html>")
}

fn record(kind: &str, content_type: &str, content: &[u8]) -> Vec<u8> {
    let header = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Type: {content_type}\r\nWARC-Target-URI: https://ex.fr/\r\nContent-Length: {}\r\n\r\n",
        content.len()
    );
    [header.as_bytes(), content, b"\r\n\r\n"].concat()
}

fn response(header: &str, content: &[u8]) -> Vec<u8> {
    let answer = [b"HTTP/1.1 ", header.as_bytes(), b"\r\n\r\n", content].concat();
    record("response", "application/http; msgtype=response", &answer)
}

const OK: &str = "200 OK\r\nContent-Type: text/html; charset=utf-8";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read(name: &str, archive: &[u8]) -> Vec<Result<Article, Skipped>> {
    read_bytes(name, archive, &ReadOptions::default())
}

#[test]
fn pages_are_read_and_all_else_is_counted() {
    let english = "The council voted on Tuesday evening to close the old bridge, which had not been able to carry lorries since the winter, after three hours of debate.";
    let records = [
        record("warcinfo", "application/warc-fields", b"software: x"),
        record("request", "application/http", b"GET / HTTP/1.1\r\n\r\n"),
        response(OK, page(TEXT).as_bytes()),
        record("revisit", "application/http", b"HTTP/1.1 200 OK\r\n\r\n"),
        response("200 OK\r\nContent-Type: image/png", b"\x89PNG\0"),
        response("404 Not Found\r\nContent-Type: text/html", b"<p>Non</p>"),
        response(OK, page(english).as_bytes()),
        response(OK, b"<html><script>x()</script></html>"),
        record("resource", "text/html", page(TEXT).as_bytes()),
        record("Odd", "text/html", b"x"),
    ];
    let plain = records.concat();
    let members: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    for (name, archive) in [("in/a.warc", &plain), ("in/a.warc.gz", &members)] {
        let (found, passed_over) = read_counting(name, archive, &ReadOptions::default());
        let paths: Vec<_> = found.iter().flatten().map(|a| (&*a.path, &*a.id)).collect();
        let expected = [(format!("{name}#3"), "a-3"), (format!("{name}#9"), "a-9")];
        assert_eq!(paths, expected.each_ref().map(|(path, id)| (&**path, *id)));
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0].as_ref().unwrap().title.as_deref(),
            Some("Le pont ferme")
        );
        assert_eq!(found[0].as_ref().unwrap().body, TEXT);
        let counts: Vec<_> = passed_over
            .iter()
            .map(|(kind, n)| (kind.as_str(), *n))
            .collect();
        assert_eq!(
            counts,
            [
                ("WARC page in another language", 1),
                ("WARC page without text", 1),
                ("WARC record of another type", 1),
                ("WARC request", 1),
                ("WARC response of another type", 1),
                ("WARC response without a page", 1),
                ("WARC revisit", 1),
                ("WARC warcinfo", 1),
            ]
        );
    }
}

#[test]
fn payloads_are_unpacked_as_far_as_the_archive_has_not() {
    let page = page(&TEXT.replace("l'hiver", "l'été"));
    let bytes = page.as_bytes();
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&page);
    let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(bytes).unwrap();
    let (half, rest) = bytes.split_at(50);
    let chunks = [
        format!("{:x};x=y\r\n", half.len()).as_bytes(),
        half,
        format!("\r\n{:X}\r\n", rest.len()).as_bytes(),
        rest,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters).unwrap();
    let cases: [(&str, Vec<u8>); 9] = [
        ("Content-Encoding: gzip", gzip(bytes)),
        ("Content-Encoding: gzip", bytes.to_vec()),
        ("Content-Encoding: deflate", zlib.finish().unwrap()),
        ("Content-Encoding: br", packed.clone()),
        ("Content-Encoding: br", bytes.to_vec()),
        ("Content-Encoding: br", latin.to_vec()),
        ("Transfer-Encoding: chunked", chunks),
        ("Transfer-Encoding: chunked", bytes.to_vec()),
        ("X: y", bytes.to_vec()),
    ];
    for (field, payload) in cases {
        let found = read(
            "in/a.warc",
            &response(&format!("{OK}\r\n{field}"), &payload),
        );
        let article = found[0].as_ref().unwrap();
        assert!(article.body.contains("l'été"), "{field}: {}", article.body);
    }
    let header = "200 OK\r\ncontent-type: text/html; charset=ISO-8859-1";
    let found = read("in/a.warc", &response(header, &latin));
    assert!(found[0].as_ref().unwrap().body.contains("l'été"));
    packed.truncate(packed.len() / 2);
    let found = read(
        "in/a.warc",
        &response(&format!("{OK}\r\nContent-Encoding: br"), &packed),
    );
    assert_eq!(codes(&found), ["damaged"]);
}

#[test]
fn bad_records_cost_themselves_and_cut_files_their_rest() {
    let options = ReadOptions {
        max_bytes: 1000,
        ..ReadOptions::default()
    };
    let good = response(OK, page(TEXT).as_bytes());
    let long = response(OK, page(&TEXT.repeat(20)).as_bytes());
    let bomb = response(
        &format!("{OK}\r\nContent-Encoding: gzip"),
        &gzip(&vec![b' '; 100_000]),
    );
    let deep = response(OK, &b"<div>".repeat(190));
    let archive = [&long[..], &bomb, &deep, &good].concat();
    let found = read_bytes("in/a.warc", &archive, &options);
    assert_eq!(codes(&found), ["too_large", "too_large", "read"]);

    let cut = &[&good[..], &good].concat()[..good.len() + 200];
    assert_eq!(codes(&read("in/a.warc", cut)), ["read", "malformed"]);
    let cut = &[&good[..], &good].concat()[..2 * good.len() - 30];
    assert_eq!(codes(&read("in/a.warc", cut)), ["read", "malformed"]);
    let packed = gzip(&good);
    let cut = [&packed[..], &packed[..packed.len() - 20]].concat();
    assert_eq!(codes(&read("in/a.warc.gz", &cut)), ["read", "damaged"]);
    assert_eq!(codes(&read("in/a.warc", b"")), ["empty"]);
    for other in [
        &b"Du texte."[..],
        b"WARC/1.0\r\nContent-Length: 5\r\n\r\n",
        b"WARC/1.0\r\n",
    ] {
        assert_eq!(codes(&read("in/a.warc", other)), ["malformed"]);
    }
    let found = read(
        "in/a.warc",
        b"WARC/1.0\r\nWARC-Type: x\r\nContent-Length: 99999999999999\r\n\r\n",
    );
    assert_eq!(codes(&found), ["malformed"]);
}
