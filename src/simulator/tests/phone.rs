//! The phone's page and its JSON.

use super::*;

#[test]
fn the_page_and_the_json_serve_this_machine_alone() {
    let device = Device::new(hurried());
    let id = device.start("6701901234");
    let base = device.broker.phone_url().to_owned();
    assert!(base.starts_with("http://127.0.0.1:"));
    let plain = http(None);
    let send = |method: Method, path: &str, headers: &[(&str, &str)]| {
        let mut request = plain.request(method, format!("{base}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        device.runtime.block_on(async {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.headers().clone(), response.text().await.unwrap())
        })
    };

    let (status, headers, page) = send(Method::GET, "/", &[]);
    assert_eq!(status, 200);
    assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    for text in ["Simulering – ikke MitID", "Godkend", "Afvis", "Approve", "Reject"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("innerHTML") && !page.contains("http://") && !page.contains("https://"));

    let (_, _, json) = send(Method::GET, "/phone", &[]);
    let requests: Value = serde_json::from_str(&json).unwrap();
    let request = requests[0].as_object().unwrap();
    let mut members: Vec<&str> = request.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["action", "header", "id", "reference_text", "seconds_left", "service"]);
    assert!(!json.contains(&id) && !json.contains("6701901234"));

    let approve = format!("/phone/{}/approve", request["id"].as_str().unwrap());
    let port = base.rsplit(':').next().unwrap();
    let foreign = format!("localhost.example.org:{port}");
    for headers in [
        [("host", "example.org")],
        [("host", foreign.as_str())],
        [("origin", "https://example.org")],
        [("origin", "http://127.0.0.1:1")],
        [("origin", "null")],
        [("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(send(Method::POST, &approve, &headers).0, 403, "{headers:?}");
        assert_eq!(send(Method::GET, "/phone", &headers).0, 403, "{headers:?}");
    }
    assert_eq!(send(Method::GET, &approve, &[]).0, 405);
    assert_eq!(send(Method::POST, "/phone/unknown/approve", &[]).0, 404);
    assert_eq!(device.poll_error(&id), "authorization_pending");

    let name = format!("localhost:{port}");
    assert_eq!(send(Method::GET, "/phone", &[("host", name.as_str())]).0, 200);
    assert_eq!(send(Method::POST, &approve, &[("origin", base.as_str())]).0, 204);
    assert_eq!(send(Method::POST, &approve, &[]).0, 404);
    assert_eq!(device.poll(&id).status, 200);

    let id = device.start("6701901234");
    let request = device.broker.phone().requests().remove(0);
    assert_eq!(send(Method::POST, &format!("/phone/{}/reject", request.id), &[]).0, 204);
    assert_eq!(device.poll_error(&id), "access_denied");
}
