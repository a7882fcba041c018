use super::*;

fn numbers(numbers: &[u64]) -> Vec<TweetId> {
    numbers.iter().copied().map(TweetId).collect()
}

fn ids(format: FileFormat, mut file: &[u8]) -> Result<Vec<TweetId>, String> {
    let ReadIds::Forward(read) = reader(format)? else { panic!("{format:?}") };
    read(&mut file)
}

fn of_csv(text: &str) -> Result<Vec<TweetId>, String> {
    ids(FileFormat::Csv, text.as_bytes())
}

#[test]
fn rows_are_records_and_not_lines() {
    let found = of_csv("id,tweet\r\n12,\"two\nlines, \"\"one\"\" row\"\r\n7,x\r\n");
    assert_eq!(found, Ok(numbers(&[12, 7])));
}

#[test]
fn ids_that_a_spreadsheet_rounded_are_no_ids() {
    assert!(of_csv("id\n1.99E+18\n").unwrap_err().starts_with("row 1"));
    assert!(of_csv("tweet\nx\n").unwrap_err().contains("no column id"));
    assert!(of_csv("id,tweet\n12\n7,x\n").unwrap_err().contains("record"));
}

#[test]
fn the_column_is_found_wherever_it_is() {
    assert_eq!(of_csv("new,id\na,12\nb,7\n"), Ok(numbers(&[12, 7])));
}

#[test]
fn rows_of_json_lines_are_lines() {
    let text = "{\"id\":\"12\",\"text\":\"two\\nlines\"}\n{\"id\":7}\n";
    let bytes = |format| match format {
        FileFormat::JsonlGz => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
            out.finish().unwrap()
        }
        FileFormat::JsonlZst => zstd::encode_all(text.as_bytes(), 1).unwrap(),
        _ => text.as_bytes().to_vec(),
    };
    for format in [FileFormat::Jsonl, FileFormat::JsonlGz, FileFormat::JsonlZst] {
        let whole = bytes(format);
        assert_eq!(ids(format, whole.as_slice()), Ok(numbers(&[12, 7])), "{format:?}");
        assert!(ids(format, &whole[..whole.len() - 3]).is_err(), "{format:?}");
    }
}

#[test]
fn the_first_row_that_differs_is_named() {
    let difference = first_difference(&numbers(&[5, 4, 2]), &numbers(&[5, 3, 2])).unwrap();
    assert_eq!(difference, "row 2 is tweet 4, the log says 3");
    let short = first_difference(&numbers(&[5]), &numbers(&[5, 3])).unwrap();
    assert!(short.contains("is tweet none"));
    assert_eq!(first_difference(&numbers(&[5]), &numbers(&[5])), None);
}
