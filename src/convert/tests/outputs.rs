//! The output appears whole or not at all.

use super::*;

#[test]
fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() {
    let mut desk = Desk::new();
    desk.put("in", pages(1));
    desk.put("out.csv", "old");
    let refused = desk.convert(&["in"], "out.csv").unwrap_err();
    assert!(matches!(refused, ConvertError::Exists { .. }), "{refused}");
    assert_eq!(fs::read(desk.path("out.csv")).unwrap(), b"old");
    desk.settings.existing = Existing::Replace;
    desk.convert(&["in"], "out.csv").unwrap();
    assert_eq!(desk.ids("out.csv").len(), 10);
    assert_eq!(desk.names(), ["in", "out.csv"]);
}

#[test]
fn a_conversion_that_fails_leaves_the_old_file() {
    let mut desk = Desk::new();
    desk.settings.existing = Existing::Replace;
    desk.put("in", pages(3) + "broken");
    desk.put("out.csv", "old");
    desk.convert(&["in"], "out.csv").unwrap_err();
    assert_eq!(fs::read(desk.path("out.csv")).unwrap(), b"old");
    assert_eq!(desk.names(), ["in", "out.csv"]);
}

#[test]
fn a_conversion_can_be_stopped() {
    let mut desk = Desk::new();
    desk.watched.stopped = true;
    for threads in [1, 3] {
        desk.settings.threads = NonZeroUsize::new(threads).unwrap();
        desk.put("in", pages(3000));
        let refused = desk.convert(&["in"], "out.csv").unwrap_err();
        assert!(matches!(refused, ConvertError::Interrupted), "{refused}");
        assert_eq!(desk.names(), ["in"]);
        assert_eq!(desk.watched.progress.borrow_mut().drain(..).count(), 1);
    }
}

#[test]
fn an_output_can_replace_its_own_input() {
    let mut desk = Desk::new();
    desk.settings.existing = Existing::Replace;
    desk.put("same", pages(500));
    desk.convert(&["same"], "same").unwrap();
    assert_eq!(desk.ids("same").len(), 5000);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let desk = Desk::new();
    desk.put("in", pages(1));
    let refused = desk.convert(&["in"], "no/such/out.csv").unwrap_err();
    assert!(refused.to_string().ends_with("no/such/out.csv"), "{refused}");
    fs::create_dir(desk.path("folder")).unwrap();
    assert!(desk.convert(&["in"], "folder").is_err());
}

#[cfg(unix)]
#[test]
fn the_file_has_the_rights_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let rights = |name| fs::metadata(desk.path(name)).unwrap().permissions().mode();
    desk.put("in", pages(1));
    desk.convert(&["in"], "out.csv").unwrap();
    assert_eq!(rights("out.csv"), rights("in"));
}

#[cfg(unix)]
#[test]
fn a_device_is_written_as_it_is() {
    let desk = Desk::new();
    desk.put("in", pages(1));
    std::os::unix::fs::symlink("/dev/null", desk.path("null.csv")).unwrap();
    let summary = desk.convert(&["in"], "null.csv").unwrap();
    assert!(summary.bytes_out > 0 && file_is_there(&desk.path("null.csv")));
    assert_eq!(desk.names(), ["in", "null.csv"]);
}
