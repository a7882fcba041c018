//! Files and first rows.

use super::*;

const CSV: &str = "id,tweet\n2062875508879110287,\"a\nb\"\n2,c\n";

#[tokio::test]
async fn stored_parts_can_be_had_before_the_dataset_is_complete() {
    let service = Service::new();
    let id = service.start().await;
    let files = format!("/api/v1/collections/{id}/files");
    let none = service.get(&files).await.json();
    assert_eq!((&none["complete"], none["files"].as_array().unwrap().len()), (&false.into(), 0));
    service.store_part(&id, CSV).await;
    let listed = service.get(&files).await.json();
    assert_eq!(listed["files"][0]["path"], "parts/part-000000.csv");
    let answer = service.get(listed["files"][0]["url"].as_str().unwrap()).await;
    assert_eq!(answer.text(), CSV);
    let unfinished = service.get(&format!("{files}/manifest.json")).await;
    assert_eq!(unfinished.problem(), "not-found");
}

#[tokio::test]
async fn a_file_comes_with_its_type_name_size_and_checksum() {
    let service = Service::new();
    let id = service.start().await;
    let receipt = service.store_part(&id, CSV).await;
    let sha256 = receipt.files[0].sha256.clone();
    service.complete(&id, &[receipt]).await;
    let files = format!("/api/v1/collections/{id}/files");
    let answer = service.get(&format!("{files}/parts/part-000000.csv")).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-length"), CSV.len().to_string());
    assert_eq!(answer.header("etag"), format!("\"{sha256}\""));
    let name = format!("attachment; filename=\"{id}-parts-part-000000.csv\"");
    assert_eq!(answer.header("content-disposition"), name);
    let listed = service.get(&files).await.json();
    let manifest = service.get(listed["manifest"].as_str().unwrap()).await;
    assert_eq!(manifest.header("content-type"), "application/json");
    assert_eq!(manifest.json()["collection"], id.as_str());
}

#[tokio::test]
async fn a_preview_has_the_first_rows_as_texts() {
    let service = Service::new();
    let id = service.start().await;
    let preview = format!("/api/v1/collections/{id}/preview");
    assert_eq!(service.get(&preview).await.json(), serde_json::json!([]));
    service.store_part(&id, CSV).await;
    let rows = service.get(&preview).await.text();
    let shown = r#"[{"id":"2062875508879110287","tweet":"a\nb"},{"id":"2","tweet":"c"}]"#;
    assert_eq!(rows, shown);
    let one = service.get(&format!("{preview}?rows=1")).await.json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    let wrong = service.get(&format!("{preview}?rows=101")).await;
    assert_eq!(wrong.json()["errors"][0]["field"], "rows");
}

#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_out_of_a_dataset_are_served_by_no_address() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.store = Arc::new(FolderConfig::new(folder.path().join("store")));
    let service = Service::of(config, Limits::default());
    let id = service.start().await;
    let receipt = service.store_part(&id, CSV).await;
    service.complete(&id, &[receipt]).await;
    let set = folder.path().join("store").join(id.as_str());
    let secret = "canary,canary\ncanary,canary\n";
    std::fs::create_dir(folder.path().join("out")).unwrap();
    for name in ["part-000000.csv", "manifest.json", "created.json"] {
        std::fs::write(folder.path().join("out").join(name), secret).unwrap();
    }
    let out = |name: &str| folder.path().join("out").join(name);
    let addresses = ["files/parts/part-000000.csv", "files/manifest.json", "preview", "files", ""];
    for (link, target) in [
        ("parts/part-000000.csv", out("part-000000.csv")),
        ("manifest.json", out("manifest.json")),
        ("_log/created.json", out("created.json")),
        ("parts", out("")),
    ] {
        let (at, aside) = (set.join(link), folder.path().join("aside"));
        std::fs::rename(&at, &aside).unwrap();
        std::os::unix::fs::symlink(&target, &at).unwrap();
        let mut refused = 0;
        for address in addresses {
            let answer = service.get(&format!("/api/v1/collections/{id}/{address}")).await;
            let text = answer.text();
            assert!(!text.contains("canary") && !text.contains("/out"), "{link} {address}: {text}");
            refused += usize::from(text.contains("leads out"));
        }
        assert!(refused > 0, "{link}: nobody says why");
        std::fs::remove_file(&at).unwrap();
        std::fs::rename(&aside, &at).unwrap();
    }
    let part = format!("/api/v1/collections/{id}/files/parts/part-000000.csv");
    assert_eq!(service.get(&part).await.text(), CSV);
}
