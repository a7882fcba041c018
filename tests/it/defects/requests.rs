//! Defects 21 to 23: what a user can ask for, and where.

use mistnet::app::App;
use mistnet::config::Config;
use mistnet::model::Spec;
use mistnet::model::request::Request;
use mistnet::queue::Queue;
use mistnet::store::FolderConfig;
use mistnet::store::{Log, Store};
use std::sync::Arc;

use crate::support::{Rig, asked, available};

/// "fresh checkout has no tmp/ directory: Cannot save file into a non-existent directory"
#[tokio::test(start_paused = true)]
async fn defect_21_a_store_needs_no_folder_prepared() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("not/there/yet");
    let mut rig = Rig::new(available(90));
    rig.store = Store::folder(&folder).unwrap();
    let dataset = rig.collect(Spec { partition_size: 40, ..asked(2_000) }).await;
    dataset.assert_is(&rig.truth());
    let id = dataset.manifest.collection.as_str();
    assert!(folder.join(id).join("parts/part-000002.csv").is_file());
}

/// An application on a new folder, as the HTTP API and the command line use it.
fn app(folder: &std::path::Path) -> App {
    let mut config = Config::defaults().unwrap();
    config.store = Arc::new(FolderConfig::new(folder.to_owned()));
    config.queue = Arc::new(mistnet::queue::memory::Memory);
    App::open(config).unwrap()
}

fn request(start_date: Option<&str>, end_date: Option<&str>) -> Request {
    Request {
        hashtag: Some("#rustlang".into()),
        start_date: start_date.map(Into::into),
        end_date: end_date.map(Into::into),
        ..Request::default()
    }
}

/// "`end_date` without `start_date`: `TypeError`: '>' not supported between `NoneType` and datetime"
#[tokio::test(start_paused = true)]
async fn defect_22_an_end_date_needs_no_start_date() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path());
    let spec = app.specify(&request(None, Some("2021-05-24"))).unwrap();
    let id = app.collect(spec, None).await.unwrap();
    let created = Log::new(app.store(), id).created().await.unwrap().unwrap();
    let window = created.spec.window;
    assert_eq!(window.end.to_string(), "2021-05-25T00:00:00Z", "that day is inside");
    assert_eq!(window.start.to_string(), "2021-04-25T00:00:00Z", "thirty days");
}

/// "malformed date: nothing fetched, returned [] -> controller says Success"
#[tokio::test(start_paused = true)]
async fn defect_23_a_malformed_date_is_an_error_that_names_the_field() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path());
    for (request, field, value) in [
        (request(Some("24/05/2021"), None), "start_date", "24/05/2021"),
        (request(None, Some("2021-02-30")), "end_date", "2021-02-30"),
        (request(Some("2021-05-24"), Some("yesterday")), "end_date", "yesterday"),
    ] {
        let invalid = app.specify(&request).unwrap_err();
        assert_eq!((invalid.problems.len(), invalid.problems[0].field), (1, field));
        assert_eq!(invalid.problems[0].value, value);
        assert!(!invalid.problems[0].fix.is_empty());
    }
    assert_eq!(app.store().folders().await.unwrap(), Vec::<String>::new(), "nothing is logged");
    let collect: &Arc<dyn Queue> = app.queues()[0];
    assert_eq!(collect.depth().await.unwrap(), mistnet::queue::Depth::default());
}
