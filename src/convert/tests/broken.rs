//! Inputs that are not as they should be: a clear error with its place, or nothing lost but what
//! is broken.

use super::*;

#[test]
fn a_broken_line_is_named_with_file_line_and_byte() {
    let desk = Desk::new();
    let line = page([1]).to_string();
    let cases = [
        (
            format!("{line}\n{{\"data\":[}}\n"),
            2,
            line.len() + 1 + 9,
            "not JSON: a value is expected",
        ),
        (format!("{line}\n\n{line}x\n"), 3, line.len() * 2 + 2, "something follows the value"),
        (line[..20].to_owned(), 1, 20, "not JSON: "),
        (format!("{line}\nid,text\n"), 2, line.len() + 1, "a value is expected"),
        (format!("{line}\n7\n"), 2, line.len() + 1, "neither a page of X's API v2 nor a tweet"),
        (format!("{line}\n{{}}\n"), 2, line.len() + 1, "neither a page"),
        (format!("[{line},"), 1, line.len() + 2, "the list is not closed"),
    ];
    for (text, line, before, reason) in cases {
        let said = desk.refusal(&text);
        let place = format!("in, line {line}, byte {}: ", before + 1);
        assert!(said.starts_with(&place) && said.contains(reason), "{said}, not {place}{reason}");
    }
}

#[test]
fn what_looks_like_a_tweet_and_is_none_is_called_by_its_name() {
    let desk = Desk::new();
    let old = json!({"id": 1, "id_str": "1", "full_text": "x"}).to_string();
    assert!(
        desk.refusal(old).ends_with("a tweet of X's API v1.1, and only those of v2 can be read")
    );
    let problem = json!({"title": "Too Many Requests", "status": 429}).to_string();
    assert!(desk.refusal(problem).ends_with("an error that X answered: Too Many Requests"));
}

#[test]
fn answers_about_accounts_and_counts_are_no_pages_of_tweets() {
    let user = |id: u64| json!({"id": id.to_string(), "name": "A", "username": format!("a{id}")});
    let count = json!({"start": "2026-06-05", "end": "2026-06-06", "tweet_count": 5});
    let pinned = json!({"tweets": [{"id": "9", "text": "x"}]});
    let answers = [
        (json!({"data": [user(1), user(2)], "includes": pinned}), "accounts"),
        (json!({"data": user(1)}), "accounts"),
        (user(1), "accounts"),
        (json!({"data": [count], "meta": {"total_tweet_count": 5}}), "counts of tweets"),
    ];
    let line = page([1]).to_string();
    for (answer, what) in answers {
        let text = format!("{line}\n{answer}\n{}\n", page([2]));
        let said = Desk::new().refusal(&text);
        let place = format!("in, line 2, byte {}: ", line.len() + 2);
        assert!(said.starts_with(&format!("{place}{what}, and only tweets can")), "{said}");
        let desk = Desk::skipping();
        desk.put("in", &text);
        let summary = desk.convert(&["in"], "out.csv").unwrap();
        assert_eq!((desk.ids("out.csv"), summary.skipped), (vec![1, 2], 1));
    }
}

#[test]
fn broken_pieces_can_be_left_out_and_are_counted() {
    let desk = Desk::skipping();
    let (a, b) = (page([2]), page([1]));
    desk.put("in", format!("garbage\n{a}\n{{\"data\":\n7\n{b}\n{{\"da"));
    let summary = desk.convert(&["in"], "out.csv").unwrap();
    assert_eq!(desk.ids("out.csv"), [2, 1]);
    assert_eq!((summary.skipped, summary.tally.pages), (4, 2));
    let skipped = desk.watched.skipped.borrow();
    let lines: Vec<_> = skipped.iter().map(|broken| broken.place.at.unwrap().line).collect();
    assert_eq!(lines, [1, 3, 4, 6]);
}

#[test]
fn an_input_in_which_everything_is_broken_makes_no_file() {
    let desk = Desk::skipping();
    desk.put("in", "id,text\n1,x\n");
    let refused = desk.convert(&["in"], "out.csv").unwrap_err();
    assert!(matches!(refused, ConvertError::NothingReadable(_)), "{refused}");
    assert_eq!(desk.names(), ["in"]);
}

#[test]
fn other_files_are_called_by_their_names_whatever_may_be_left_out() {
    for desk in [Desk::new(), Desk::skipping()] {
        for (bytes, what) in [
            (&b"PK\x03\x04 and so on"[..], "a ZIP archive, as .xlsx and .ods files are too"),
            (b"\x89PNG\r\n\x1a\n", "a PNG image"),
            (b"\xff\xfe{\0}\0", "text in UTF-16"),
        ] {
            assert_eq!(desk.refusal(bytes), format!("in is {what}"));
            assert_eq!(desk.refusal(gzip(bytes)), format!("in is {what}"));
        }
        assert_eq!(desk.refusal(gzip(zstd("{}"))), "in is packed twice");
    }
}

#[test]
fn a_truncated_archive_is_an_error_where_it_ends() {
    let text = pages(2000);
    for (packed, kind) in [(gzip(&text), "gzip"), (zstd(&text), "zstd")] {
        let cut = &packed[..packed.len() / 2];
        let said = Desk::new().refusal(cut);
        assert!(said.ends_with(&format!("in the middle of its {kind} data: it was cut off")));
        let line: u64 =
            said.split("line ").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        assert!((2..2000).contains(&line), "{said}");
        // What came before it can be had.
        let desk = Desk::skipping();
        desk.put("in", cut);
        let summary = desk.convert(&["in"], "out.csv").unwrap();
        assert_eq!((summary.skipped, summary.tally.pages), (1, line - 1));
    }
}

#[test]
fn a_damaged_archive_is_an_error() {
    let mut packed = gzip(pages(100));
    let end = packed.len() - 6;
    packed[end] ^= 1;
    assert!(Desk::new().refusal(&packed).contains("the gzip data of the file are damaged"));
    assert!(Desk::new().refusal(&packed[..3]).contains("it was cut off"));
    let mut packed = zstd(pages(100));
    packed[4] = 0xff;
    assert!(Desk::new().refusal(&packed).contains("damaged"));
}

#[test]
fn a_line_that_is_too_long_is_an_error_before_it_is_read() {
    let mut desk = Desk::new();
    desk.settings.limits.longest = 1000;
    let text = format!("{}\n{{\"data\":[{}]}}\n{}", page([2]), " ".repeat(3_000_000), page([1]));
    let at = page([2]).to_string().len() + 2;
    for text in [text.clone().into_bytes(), gzip(&text), zstd(&text)] {
        let said = desk.refusal(text);
        assert_eq!(said, format!("in, line 2, byte {at}: a line of more than 1000 bytes"));
    }
    desk.settings.limits.on_broken = OnBroken::Skip;
    assert_eq!(desk.ids_of(&text), [2, 1]);
    let list = format!("[{}, {{\"x\":\"{}\"}}, {}]", page([2]), "x".repeat(500_000), page([1]));
    desk.put("in", list);
    let summary = desk.convert(&["in"], "list.csv").unwrap();
    // Where a value in a list ends, nobody knows who has not read it.
    assert_eq!((desk.ids("list.csv"), summary.skipped), (vec![2], 1));
}

#[test]
fn a_bomb_meets_the_limit_of_a_line() {
    let mut desk = Desk::new();
    desk.settings.limits.longest = 1 << 20;
    let bomb = zstd(vec![b' '; 200 << 20]);
    assert!(bomb.len() < 100_000);
    assert!(desk.refusal(&bomb).contains("a line of more than 1048576 bytes"));
    let empty_lines = zstd(vec![b'\n'; 50 << 20]);
    assert!(desk.ids_of(&empty_lines).is_empty());
}

#[test]
fn halves_of_characters_are_repaired_and_counted() {
    let desk = Desk::new();
    let page = page([1]).to_string().replace("tweet 1", "\\ud83d and \u{1}");
    let broken = page.replace('\u{1}', "\u{fffd}");
    let mut bytes = broken.into_bytes();
    let at = bytes.windows(3).position(|window| window == "\u{fffd}".as_bytes()).unwrap();
    bytes.splice(at..at + 3, [0xff]);
    desk.put("in", bytes);
    let summary = desk.convert(&["in"], "out.csv").unwrap();
    assert_eq!(summary.tally.repaired_characters, 2);
    assert!(fs::read_to_string(desk.path("out.csv")).unwrap().contains("\u{fffd} and \u{fffd}"));
}

#[test]
fn what_can_not_be_opened_is_named() {
    let desk = Desk::skipping();
    desk.put("there", pages(1));
    let refused = desk.convert(&["there", "not-there"], "out.csv").unwrap_err();
    assert_eq!(refused.to_string(), "can't read not-there");
    assert_eq!(desk.names(), ["there"]);
}
