use proptest::prelude::*;

use super::super::lines::PIECE;
use super::Reader;
use crate::fleet::model::{LogCursor, LogFrom};

/// A told line: (content, nanoseconds, lost bytes, standard error).
type Line = (Vec<u8>, i64, u32, bool);

fn stamp(ns: i64) -> String {
    let stamp = jiff::Timestamp::from_nanosecond(i128::from(ns)).expect("in range");
    format!("{stamp:.9}")
}

fn frame(stream: u8, ns: i64, content: &[u8]) -> Vec<u8> {
    let mut entry = stamp(ns).into_bytes();
    entry.push(b' ');
    entry.extend_from_slice(content);
    let mut bytes = vec![stream, 0, 0, 0];
    bytes.extend_from_slice(&(entry.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&entry);
    bytes
}

fn terminal(ns: i64, content: &[u8]) -> Vec<u8> {
    let mut bytes = stamp(ns).into_bytes();
    bytes.push(b' ');
    bytes.extend_from_slice(content);
    bytes
}

fn read<'a>(tty: bool, from: LogFrom, pieces: impl IntoIterator<Item = &'a [u8]>, ended: bool) -> Vec<Line> {
    let mut reader = Reader::new(tty, from);
    let mut lines = Vec::new();
    let mut take = |reader: &mut Reader| {
        if let Some(chunk) = reader.take() {
            for line in &chunk.lines {
                let start = line.start as usize;
                let bytes = chunk.bytes[start..start + line.len as usize].to_vec();
                lines.push((bytes, line.at_ns, line.lost, line.stderr));
            }
        }
    };
    for piece in pieces {
        reader.push(piece).expect("readable");
        take(&mut reader);
    }
    if ended {
        reader.finish();
    }
    take(&mut reader);
    lines
}

fn all(tty: bool, bytes: &[u8]) -> Vec<Line> {
    read(tty, LogFrom::Start, [bytes], true)
}

/// The same, however the bytes are cut.
fn assert_any_cut(tty: bool, bytes: &[u8], wanted: &[Line]) {
    for cut in 0..=bytes.len() {
        let pieces = [&bytes[..cut], &bytes[cut..]];
        assert_eq!(read(tty, LogFrom::Start, pieces, true), wanted, "cut at {cut}");
    }
    assert_eq!(
        read(tty, LogFrom::Start, bytes.chunks(1), true),
        wanted,
        "byte by byte"
    );
}

#[test]
fn frames_are_read_whatever_the_cut() {
    let bytes = [
        frame(1, 1_000, b"one\n"),
        frame(2, 2_000, b"bad \xff\xfe bytes\n"),
        frame(1, 3_000, b"\n"),
        frame(1, 4_000, b"no end"),
    ]
    .concat();
    let wanted = [
        (b"one".to_vec(), 1_000, 0, false),
        (b"bad \xff\xfe bytes".to_vec(), 2_000, 0, true),
        (Vec::new(), 3_000, 0, false),
        (b"no end".to_vec(), 4_000, 0, false),
    ];
    assert_any_cut(false, &bytes, &wanted);
}

#[test]
fn a_terminals_lines_are_read_whatever_they_begin_with() {
    let bytes = [
        terminal(1_000, b"\x01\x00\x00\x00\xff\xff\xff\xff binary\r\n"),
        terminal(2_000, b"\r\n"),
        terminal(3_000, b"$ "),
    ]
    .concat();
    let wanted = [
        (
            b"\x01\x00\x00\x00\xff\xff\xff\xff binary".to_vec(),
            1_000,
            0,
            false,
        ),
        (Vec::new(), 2_000, 0, false),
        (b"$ ".to_vec(), 3_000, 0, false),
    ];
    assert_any_cut(true, &bytes, &wanted);
}

#[test]
fn pieces_of_a_long_line_are_put_together() {
    let (head, tail) = (vec![b'a'; PIECE], vec![b'b'; 10]);
    let whole = [head.clone(), head.clone(), tail.clone()].concat();
    let wanted = [(whole, 5_000, 0, false), (b"next".to_vec(), 6_000, 0, false)];
    let framed = [
        frame(1, 5_000, &head),
        frame(1, 5_000, &head),
        frame(1, 5_000, &[&tail[..], b"\n"].concat()),
        frame(1, 6_000, b"next\n"),
    ]
    .concat();
    assert_eq!(all(false, &framed), wanted);
    assert_eq!(read(false, LogFrom::Start, framed.chunks(7), true), wanted);
    let raw = [
        terminal(5_000, &head),
        terminal(5_000, &head),
        terminal(5_000, &[&tail[..], b"\r\n"].concat()),
        terminal(6_000, b"next\r\n"),
    ]
    .concat();
    assert_eq!(all(true, &raw), wanted);
    assert_eq!(read(true, LogFrom::Start, raw.chunks(7), true), wanted);
}

#[test]
fn what_only_looks_like_a_stamp_is_content() {
    let own = stamp(5_000);
    let text = [
        vec![b'a'; PIECE - 1],
        b"x".to_vec(),
        own.as_bytes()[..12].to_vec(),
        b"!".to_vec(),
    ]
    .concat();
    let raw = terminal(5_000, &[&text[..], b"\r\n"].concat());
    assert_eq!(all(true, &raw), [(text, 5_000, 0, false)]);
    let quoted = format!("{own} {own} said");
    let framed = frame(1, 5_000, format!("{quoted}\n").as_bytes());
    assert_eq!(all(false, &framed), [(quoted.into_bytes(), 5_000, 0, false)]);
}

#[test]
fn a_line_left_without_its_end_does_not_swallow_the_next() {
    let bytes = [frame(1, 1_000, b"prompt> "), frame(1, 2_000, b"started again\n")].concat();
    let wanted = [
        (b"prompt> ".to_vec(), 1_000, 0, false),
        (b"started again".to_vec(), 2_000, 0, false),
    ];
    assert_any_cut(false, &bytes, &wanted);
}

#[test]
fn a_broken_stream_does_not_tell_half_a_line() {
    let bytes = [frame(1, 1_000, b"whole\n"), frame(1, 2_000, &vec![b'a'; PIECE])].concat();
    let told = read(false, LogFrom::Start, [&bytes[..]], false);
    assert_eq!(told, [(b"whole".to_vec(), 1_000, 0, false)]);
}

#[test]
fn streams_do_not_mix() {
    let long = vec![b'o'; PIECE];
    let bytes = [
        frame(1, 1_000, &long),
        frame(2, 2_000, b"meanwhile\n"),
        frame(1, 1_000, b"end\n"),
    ]
    .concat();
    let lines = all(false, &bytes);
    assert_eq!(lines[0], (b"meanwhile".to_vec(), 2_000, 0, true));
    // The line that ended later has the later stamp, so that reading on after it brings neither again.
    assert_eq!(lines[1], ([&long[..], b"end"].concat(), 2_000, 0, false));
}

#[test]
fn a_line_has_a_lid() {
    let piece = vec![b'a'; PIECE];
    let mut bytes: Vec<u8> = (0..5).flat_map(|_| frame(1, 1_000, &piece)).collect();
    bytes.extend(frame(1, 1_000, b"\n"));
    let lines = all(false, &bytes);
    assert_eq!((lines[0].0.len(), lines[0].2), (64 * 1024, PIECE as u32));
}

#[test]
fn reading_on_leaves_out_what_was_read() {
    let bytes = [
        frame(1, 1_000, b"a\n"),
        frame(1, 1_000, b"b\n"),
        frame(1, 1_000, b"c\n"),
        frame(1, 2_000, b"d\n"),
    ]
    .concat();
    let from = LogFrom::After(LogCursor {
        at_ns: 1_000,
        same: 2,
    });
    let told = read(false, from, [&bytes[..]], true);
    assert_eq!(
        told.into_iter().map(|line| line.0).collect::<Vec<_>>(),
        [b"c", b"d"]
    );
}

#[test]
fn what_is_no_framed_log_is_an_error() {
    let mut reader = Reader::new(false, LogFrom::Start);
    assert!(reader.push(b"2026-11-27T16:03:57Z plain\n").is_err());
    let mut reader = Reader::new(false, LogFrom::Start);
    let error = reader
        .push(b"\x03\0\0\0\0\0\0\x0bdisk \x1b full")
        .expect_err("the engine's own words");
    assert_eq!(error.reason, "disk \\x1b full");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(tty: bool, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut reader = Reader::new(tty, LogFrom::Start);
        let _ = reader.push(&bytes);
        reader.finish();
    }

    #[test]
    fn lines_survive_any_cuts(
        tty: bool,
        lines in proptest::collection::vec(proptest::collection::vec(any::<u8>().prop_filter("ends", |b| !b"\r\n".contains(b)), 0..60), 0..8),
        cuts in proptest::collection::vec(1usize..50, 1..20),
    ) {
        let mut bytes = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let ns = 1_000 + i64::try_from(at).expect("few");
            bytes.extend(if tty {
                terminal(ns, &[&line[..], b"\r\n"].concat())
            } else {
                frame(1 + (at % 2) as u8, ns, &[&line[..], b"\n"].concat())
            });
        }
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, more) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = more;
        }
        let told = read(tty, LogFrom::Start, pieces, true);
        prop_assert_eq!(told.len(), lines.len());
        for (at, (line, told)) in lines.iter().zip(&told).enumerate() {
            prop_assert_eq!(&told.0, line);
            prop_assert_eq!(told.1, 1_000 + i64::try_from(at).expect("few"));
            prop_assert_eq!(told.3, !tty && at % 2 == 1);
        }
    }
}
