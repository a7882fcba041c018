//! Who gets in: keys, hosts, origins, hostile names.

use super::*;

/// Every address, with a method that it takes.
fn every_route() -> Vec<(&'static str, String)> {
    let id = "20261122-rustlang-k3v9x2m7qa";
    let document = serde_json::to_value(super::super::routes::document()).unwrap();
    let documented = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let path = path.replace("{id}", id).replace("{path}", "tweets.csv");
        let methods = ["get", "post"].into_iter().filter(|method| item.get(method).is_some());
        methods.map(|m| (if m == "get" { "GET" } else { "POST" }, path.clone())).collect::<Vec<_>>()
    });
    let others =
        ["/", "/page.css", "/docs", "/docs/", "/openapi.json", "/problems/not-found", "/no"];
    documented.chain(others.map(|path| ("GET", path.to_owned()))).collect()
}

#[tokio::test]
async fn routes_ask_for_a_key() {
    let service = Service::with_key();
    let basic =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("anyone:{KEY}"));
    let bad = ["Bearer ", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Basic !", KEY, "bearer"];
    let routes = every_route();
    assert!(routes.len() > 18, "{routes:?}");
    for (method, path) in routes {
        let open = matches!(path.as_str(), "/healthz" | "/readyz");
        let mut refusals = Vec::new();
        let request = || to(method, &path);
        refusals.push(service.send(request().body(Body::empty()).unwrap()).await);
        for value in bad {
            let request = request().header("authorization", value).body(Body::empty()).unwrap();
            refusals.push(service.send(request).await);
        }
        let wrong = request().header("x-api-key", "wrong").body(Body::empty()).unwrap();
        refusals.push(service.send(wrong).await);
        for refusal in &refusals {
            assert_eq!(refusal.status == StatusCode::UNAUTHORIZED, !open, "{method} {path}");
            assert_eq!(refusal.body, refusals[0].body, "{method} {path}: refusals differ");
            let ways: Vec<_> = refusal.headers.get_all("www-authenticate").iter().collect();
            let both = ["Basic realm=\"mistnet\", charset=\"UTF-8\"", "Bearer realm=\"mistnet\""];
            assert_eq!(ways, if open { Vec::new() } else { both.to_vec() }, "{method} {path}");
        }
        for (name, value) in [
            ("authorization", format!("Bearer {KEY}")),
            ("x-api-key", KEY.to_owned()),
            ("authorization", format!("Basic {basic}")),
            ("x-api-key", "another-key".to_owned()),
        ] {
            let request = request().header(name, value).body(Body::empty()).unwrap();
            let answer = service.send(request).await;
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn without_keys_no_key_is_asked_for() {
    assert_eq!(Service::new().get("/api/v1/collections").await.status, StatusCode::OK);
}

#[tokio::test]
async fn foreign_hosts_are_refused() {
    let service = Service::new();
    for (host, fine) in [
        ("localhost", true),
        ("localhost:8889", true),
        ("LOCALHOST.:8889", true),
        ("127.0.0.1:8889", true),
        ("[::1]:8889", true),
        ("evil.example", false),
        ("evil.example:8889", false),
        ("localhost.evil.example", false),
        ("127.0.0.1.evil.example", false),
        ("evil.example@localhost", false),
        ("10.0.0.1:8889", false),
        ("", false),
    ] {
        let request = Request::builder().uri("/api/v1/collections").header("host", host);
        let answer = service.send(request.body(Body::empty()).unwrap()).await;
        let expected = if fine { StatusCode::OK } else { StatusCode::MISDIRECTED_REQUEST };
        assert_eq!(answer.status, expected, "{host}");
        if !fine {
            assert_eq!(answer.problem(), "misdirected");
        }
    }
    let nameless = Request::builder().uri("/").body(Body::empty()).unwrap();
    assert_eq!(service.send(nameless).await.status, StatusCode::MISDIRECTED_REQUEST);
    let two = to("GET", "/").header("host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(service.send(two).await.status, StatusCode::MISDIRECTED_REQUEST);
    let absolute = Request::builder().uri("http://evil.example/").header("host", "localhost");
    let answer = service.send(absolute.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    let probe = Request::builder().uri("/healthz").header("host", "10.0.0.7:8889");
    assert_eq!(service.send(probe.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn posts_of_other_pages_are_refused() {
    let service = Service::new();
    let body = r##"{"hashtag": "#rustlang"}"##;
    for (headers, fine) in [
        (vec![], true),
        (vec![("origin", "http://127.0.0.1:8889")], true),
        (vec![("origin", "http://127.0.0.1:8889"), ("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "none")], true),
        (vec![("origin", "https://evil.example")], false),
        (vec![("origin", "null")], false),
        (vec![("origin", "http://127.0.0.1:3000")], false),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:3000")], false),
        (vec![("sec-fetch-site", "cross-site"), ("content-type", "text/plain")], false),
    ] {
        for path in ["/search/", "/api/v1/collections"] {
            let before = service.store().collections().await.unwrap().ids.len();
            let mut request = to("POST", path);
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let answer = service.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.status.is_success(), fine, "{headers:?} {answer:?}");
            let started = service.store().collections().await.unwrap().ids.len() - before;
            assert_eq!(started, usize::from(fine), "{headers:?}");
        }
    }
}

/// Names that try to leave their folder, to break a parser, or to look like something else.
fn hostile_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "..",
        ".",
        "%2e%2e",
        "%2E%2E%2F",
        "..%2f..%2fetc%2fpasswd",
        "%252e%252e",
        "..%5c..",
        "%5c",
        "%00",
        "20261122-a%00",
        "%0a",
        "%0d%0aSet-Cookie:x",
        "%e2%80%ae",
        "%ef%bb%bf",
        "%ff%fe",
        "_log",
        "_idempotency",
        "_health",
        "_mistnet",
        "20261122-rustlang-k3v9x2m7qa%2f_log",
        "*",
        "%3f",
        "%23",
        "C:",
        "con",
        "nul",
        "~",
        "$HOME",
        "%24%28id%29",
        "%60id%60",
        "-rf",
        "%20",
        "a%20b",
        "20261122-",
        "20261122_x",
        "20261122-A",
        "2026112-x",
        "%F0%9F%92%A9",
        "%D9%85",
        "<script>",
        "%3Cscript%3E",
        "null",
        "0",
        "-1",
    ]
    .map(String::from)
    .into();
    names.push("a".repeat(300));
    names.push(format!("20261122-{}", "a".repeat(300)));
    names
}

#[tokio::test]
async fn hostile_names_touch_no_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), "canary-file").unwrap();
    let mut config = config();
    config.store = Arc::new(FolderConfig::new(folder.path().join("store")));
    let service = Service::of(config, Limits::default());
    let id = service.start().await;
    let receipt = service.store_part(&id, "id,tweet\n1,a\n2,b\n").await;
    service.complete(&id, &[receipt]).await;
    let before = files_below(folder.path());
    for name in hostile_names() {
        let name = name.replace('<', "%3C").replace('>', "%3E");
        for rest in ["", "/files", "/files/tweets.csv", "/preview", "/events"] {
            let answer = service.get(&format!("/api/v1/collections/{name}{rest}")).await;
            assert!(matches!(answer.status.as_u16(), 400 | 404), "{name}{rest}: {answer:?}");
            assert!(!answer.text().contains("canary-file"), "{name}{rest}");
        }
        for verb in ["pause", "resume", "cancel"] {
            let answer = service.post(&format!("/api/v1/collections/{name}/{verb}"), "").await;
            assert!(matches!(answer.status.as_u16(), 400 | 404), "{name}/{verb}: {answer:?}");
        }
        let answer = service.get(&format!("/api/v1/collections/{id}/files/{name}")).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "files/{name}: {answer:?}");
    }
    for path in [
        "_log/created.json",
        "_log/sealed.json",
        "../../secret.txt",
        "%2e%2e/%2e%2e/secret.txt",
        "parts/../_log/created.json",
        "parts/part-000000.csv/",
        "parts/part-0.csv",
        "parts//part-000000.csv",
        "parts%2f..%2f_log%2fcreated.json",
        "/etc/passwd",
    ] {
        let answer = service.get(&format!("/api/v1/collections/{id}/files/{path}")).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{path}: {answer:?}");
    }
    assert_eq!(files_below(folder.path()), before);
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[tokio::test]
async fn answers_have_no_secret() {
    let service = Service::with_key();
    for (method, path) in every_route() {
        for key in ["wrong", KEY] {
            let request = to(method, &path).header("x-api-key", key).body(Body::empty()).unwrap();
            let answer = service.send(request).await;
            let all = format!("{:?} {}", answer.headers, answer.text());
            assert!(!all.contains("canary"), "{method} {path}: {all}");
        }
    }
    let inside = format!("{:?}", service.face);
    assert!(!inside.contains("canary"), "{inside}");
}

#[tokio::test]
async fn every_answer_has_security_headers_and_a_request_id() {
    let service = Service::new();
    for path in ["/", "/docs/", "/api/v1/collections", "/no", "/healthz", "/search/"] {
        let answer = service.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        let styles = answer.header("content-security-policy").contains("unsafe-inline");
        assert_eq!(styles, path == "/docs/", "{path}");
    }
}
