//! Tables beside the rows.

use super::*;

fn with_tables(desk: &mut Desk, out: &str) {
    let (stem, ending) = out.split_once('.').unwrap();
    let side = |table: SideTable| {
        let name = format!("{stem}.{}.{ending}", table.name());
        SideOutput { table, out: Destination::File(desk.path(&name)) }
    };
    desk.settings.tables = SideTable::ALL.map(side).to_vec();
}

/// Pages of which each has the same five accounts, and a post and a photo for every fourth tweet.
fn rich_pages(count: u64) -> String {
    let mut text = String::new();
    for number in 0..count {
        let mut page = page((0..10).map(|at| 1_000_000 - number * 10 - at));
        let posts: Vec<_> =
            (number / 2..number / 2 + 4).map(|id| json!({"id": id.to_string()})).collect();
        let media: Vec<_> = (number / 2..number / 2 + 4)
            .map(|id| json!({"media_key": format!("{}_{id}", 3 + id % 2 * 4), "type": "photo"}))
            .collect();
        page["includes"]["tweets"] = posts.into();
        page["includes"]["media"] = media.into();
        text.push_str(&(page.to_string() + "\n"));
    }
    text
}

fn lines(desk: &Desk, name: &str) -> Vec<String> {
    let text = fs::read_to_string(desk.path(name)).unwrap();
    text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
}

#[test]
fn included_objects_are_there_once_and_places_as_often_as_they_stand() {
    let mut desk = Desk::new();
    with_tables(&mut desk, "out.csv");
    desk.put("in", rich_pages(100) + &rich_pages(30));
    let summary = desk.convert(&["in"], "out.csv").unwrap();
    let rows: Vec<_> = summary.tables.iter().map(|side| side.rows).collect();
    assert_eq!((summary.tally.rows, rows), (1000, vec![5, 53, 53, 1000, 0, 0]));
    assert_eq!(lines(&desk, "out.users.csv"), ["0", "1", "2", "3", "4"]);
    let wanted: Vec<_> = (0..53).map(|id| id.to_string()).collect();
    assert_eq!(lines(&desk, "out.referenced.csv"), wanted);
    assert_eq!(lines(&desk, "out.media.csv")[..3], ["3_0", "7_1", "3_2"]);
    assert_eq!(desk.ids("out.csv").len(), 1000);
    for side in &summary.tables {
        let Destination::File(path) = &desk.settings.tables[0].out else { continue };
        assert!(
            side.table != SideTable::Users || side.bytes_out == fs::metadata(path).unwrap().len()
        );
    }
}

#[test]
fn what_has_no_id_is_there_whenever_it_comes() {
    let mut desk = Desk::new();
    with_tables(&mut desk, "out.csv");
    let page = json!({"data": [{"id": "1"}], "includes": {"users": [{"name": "a"}, {"id": "x"}, {"id": 5}]}});
    desk.put("in", format!("{page}\n{page}"));
    let summary = desk.convert(&["in"], "out.csv").unwrap();
    assert_eq!((summary.tally.rows, summary.tables[0].rows), (1, 5));
}

#[test]
fn tables_are_the_same_with_any_number_of_threads_and_leave_the_rows_alone() {
    for format in FileFormat::built_in() {
        let made = [0, 1, 3].map(|threads| {
            let mut desk = Desk::new();
            desk.settings.format = format;
            if threads > 0 {
                with_tables(&mut desk, "out.x");
            }
            desk.settings.threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
            desk.put("in", rich_pages(500) + &rich_pages(150));
            desk.convert(&["in"], "out.x").unwrap();
            let mut names = desk.names();
            names.retain(|name| name != "in");
            names.iter().map(|name| fs::read(desk.path(name)).unwrap()).collect::<Vec<_>>()
        });
        let [without, with, three] = made;
        // By name: out.hashtags.x, …, out.x.
        assert!(with.len() == 7 && with.last() == without.first(), "{format:?}");
        assert!(with == three, "{format:?}");
    }
}

#[test]
fn all_files_appear_or_none() {
    let mut desk = Desk::new();
    with_tables(&mut desk, "out.csv");
    desk.put("in", pages(3) + "broken");
    desk.convert(&["in"], "out.csv").unwrap_err();
    assert_eq!(desk.names(), ["in"]);
    desk.put("in", pages(3));
    desk.put("out.media.csv", "old");
    let refused = desk.convert(&["in"], "out.csv").unwrap_err();
    assert!(refused.to_string().ends_with("out.media.csv is there already"), "{refused}");
    assert_eq!(desk.names(), ["in", "out.media.csv"]);
    desk.settings.existing = Existing::Replace;
    desk.convert(&["in"], "out.csv").unwrap();
    assert_eq!(desk.names().len(), 8);
}
