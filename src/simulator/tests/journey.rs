//! Whole logins, from the discovery document to the end.

use std::sync::mpsc;
use std::thread::sleep;

use super::*;

const ANNA: &str = "6701901234";
/// Whatever has to happen does so sooner.
const PATIENCE: Duration = Duration::from_secs(20);

fn until(what: &str, there: impl Fn() -> bool) {
    let began = now().instant;
    while !there() {
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_approved_login_gives_a_signed_id_token_once() {
    let device = Device::new(hurried());
    let issuer = device.broker.issuer().to_owned();
    assert!(issuer.starts_with("https://127.0.0.1:") && issuer.ends_with("/op"));

    let provider = device.get("/.well-known/openid-configuration");
    assert_eq!(provider.json["issuer"], *issuer);
    assert_eq!(provider.json["backchannel_authentication_endpoint"], format!("{issuer}/connect/ciba"));
    assert_eq!(provider.json["token_endpoint"], format!("{issuer}/connect/token"));
    assert!(provider.headers["cache-control"].to_str().unwrap().contains("no-store"));
    assert!(provider.headers.contains_key("date"));

    let acknowledged = device.start_with(&hint(ANNA).to_string());
    assert_eq!(acknowledged.json["expires_in"], 300);
    assert_eq!(acknowledged.json["interval"], 1);
    let id = acknowledged.json["auth_req_id"].as_str().unwrap();
    assert_eq!(device.poll_error(id), "authorization_pending");

    let phone = device.broker.phone();
    let requests = phone.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(request.header, "Log på hos Nordlys TV");
    assert_eq!((request.service.as_str(), request.action.as_str()), ("Nordlys TV", "LOG_ON"));
    assert_eq!(request.reference_text, TEXT);
    assert!((299..=300).contains(&request.seconds_left));
    assert!(!id.contains(&request.id));
    assert!(phone.approve(&request.id));
    assert!(!phone.approve(&request.id) && !phone.reject(&request.id) && !phone.approve(id));
    assert!(phone.requests().is_empty());

    let granted = device.poll(id);
    assert_eq!(granted.status, 200);
    assert_eq!(granted.json["token_type"], "Bearer");
    assert_eq!(granted.json["scope"], "openid mitid");
    assert_eq!(granted.json["expires_in"], 3600);
    let claims = device.verified(granted.json["id_token"].as_str().unwrap()).unwrap();
    let unix = claims["iat"].as_u64().unwrap();
    assert_eq!(claims["exp"], unix + 300);
    assert_eq!((&claims["nbf"], &claims["auth_time"]), (&claims["iat"], &claims["iat"]));
    for (name, value) in [
        ("aud", CLIENT_ID),
        ("idp", "mitid"),
        ("idtoken_type", "ciba"),
        ("mitid.identity_name", "Anna Testesen"),
        ("mitid.date_of_birth", "1990-01-07"),
        ("mitid.has_cpr", "true"),
        ("mitid.psd2", "false"),
        ("mitid.reference_text", TEXT),
        ("ciba_nonce", "a-nonce"),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(claims["mitid.age"].as_str().unwrap().parse::<u16>().unwrap() >= 35);
    assert_eq!(claims["mitid.transaction_id"], claims["idp_transaction_id"]);
    assert!(!claims.to_string().contains(ANNA));

    assert_eq!(device.poll_error(id), "invalid_grant");
    assert_eq!(device.cancel(id), 404);
    assert_eq!(
        device.broker.log(),
        [
            Happened::Discovered,
            Happened::Started,
            Happened::Polled { too_early: false },
            Happened::Approved,
            Happened::Polled { too_early: false },
            Happened::Answered { error: None },
            Happened::KeysRead,
            Happened::Answered { error: Some("invalid_grant") },
        ]
    );
}

#[test]
fn a_person_is_the_same_by_cpr_and_by_uuid_and_the_number_s_end_chooses_the_story() {
    let device = Device::new(Options { decide: Decide::ApproveAfter(Duration::ZERO), ..hurried() });
    let identity = |id: &str| {
        while !device.broker.phone().requests().is_empty() {
            sleep(Duration::from_millis(1));
        }
        device.verified(device.poll(id).json["id_token"].as_str().unwrap()).unwrap()
    };
    let anders = identity(&device.start("6701901235"));
    assert_eq!(anders["mitid.identity_name"], "Anders Testesen");
    let by_uuid = json!({
        "idp": "mitid", "uuid": anders["mitid.uuid"], "referenceTextBody": "Tekst", "ip": "::1", "action": "SIGN",
    });
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, by_uuid.to_string());
    let again = identity(device.start_with(&encoded).json["auth_req_id"].as_str().unwrap());
    for name in ["sub", "mitid.uuid", "mitid.identity_name", "mitid.date_of_birth"] {
        assert_eq!(again[name], anders[name]);
    }
    assert_eq!(again["mitid.reference_text"], "Tekst");
    assert!(again.get("ciba_nonce").is_none());

    assert_eq!(identity(&device.start("6701900002"))["mitid.identity_name"], "NAVNE & ADRESSEBESKYTTET");
    let failing = device.start("6701900001");
    assert_eq!(device.poll_error(&failing), "mitid_flex_app.mitid_error_CAP008");
    assert_eq!(device.poll_error(&failing), "invalid_grant");
    assert_eq!(device.start_with(&hint("6701900000").to_string()).error(), (400, "unknown_user_id"));

    let standard = device.signed(
        "/connect/ciba",
        &[("scope", "openid"), ("login_hint", "anna-t"), ("binding_message", "Kode 4711")],
    );
    let claims = identity(standard.json["auth_req_id"].as_str().unwrap());
    assert_eq!(claims["mitid.reference_text"], "Kode 4711");
}

#[test]
fn a_rejected_login_says_so_once_and_a_cancelled_one_leaves_the_phone() {
    let device = Device::new(Options { decide: Decide::RejectAfter(Duration::from_secs(3)), ..hurried() });
    let (rejected, cancelled) = (device.start(ANNA), device.start(ANNA));
    assert_eq!(device.broker.phone().requests().len(), 2);
    assert_eq!(device.cancel(&cancelled), 204);
    assert_eq!(device.cancel(&cancelled), 404);
    assert_eq!(device.cancel("unknown"), 404);
    assert_eq!(device.broker.phone().requests().len(), 1);
    assert_eq!(device.poll_error(&cancelled), "invalid_grant");
    until("the decision", || device.broker.log().contains(&Happened::Rejected));
    assert_eq!(device.poll_error(&rejected), "access_denied");
    assert_eq!(device.poll_error(&rejected), "invalid_grant");
    assert_eq!(device.poll_error("unknown"), "invalid_grant");
    assert!(device.broker.log().contains(&Happened::Cancelled));
}

#[test]
fn a_login_that_nobody_decides_expires_for_good() {
    assert_eq!(logins::whole_seconds(Duration::from_millis(800)), 1);
    let expires_in = Duration::from_millis(2800);
    let device = Device::new(Options { expires_in, ..hurried() });
    let began = now().instant;
    let id = device.start(ANNA);
    let phone = device.broker.phone();
    let request = phone.requests().remove(0);
    assert!((1..=3).contains(&request.seconds_left), "{request:?}");
    assert_eq!(device.poll_error(&id), "authorization_pending");
    until("the end", || phone.requests().is_empty());
    assert!(began.elapsed() >= expires_in);
    assert!(!phone.approve(&request.id));
    assert_eq!(device.poll_error(&id), "invalid_grant");
    assert_eq!(device.poll_error(&id), "invalid_grant");
    assert_eq!(device.cancel(&id), 404);
    until("the end's note", || device.broker.log().contains(&Happened::Expired));
}

#[test]
fn a_poll_that_comes_too_early_is_slowed_down_for_good() {
    let interval = Duration::from_secs(3);
    let device = Device::new(Options { interval, ..Options::default() });
    let early = device.start(ANNA);
    assert_eq!(device.poll_error(&early), "slow_down");
    let patient = device.start(ANNA);
    sleep(interval);
    assert_eq!(device.poll_error(&patient), "authorization_pending");
    assert_eq!(device.poll_error(&early), "slow_down");
    assert_eq!(device.poll_error(&patient), "slow_down");
    let request = device.broker.phone().requests().remove(0);
    device.broker.phone().approve(&request.id);
    sleep(interval);
    assert_eq!(device.poll_error(&early), "slow_down");
}

#[test]
fn listeners_hear_of_every_change_until_the_broker_stops() {
    let device = Device::new(Options { expires_in: Duration::from_secs(3), ..hurried() });
    let (heard, changes) = mpsc::channel();
    let phone = device.broker.phone();
    let inside = phone.clone();
    phone.on_change(move || heard.send(inside.requests().len()).unwrap());
    let next = || changes.recv_timeout(PATIENCE).unwrap();
    let id = device.start(ANNA);
    assert_eq!(next(), 1);
    device.cancel(&id);
    assert_eq!(next(), 0);
    device.start(ANNA);
    assert_eq!(next(), 1);
    assert_eq!(next(), 0);
    drop(device);
    assert!(changes.recv_timeout(Duration::from_secs(1)).is_err());
}

#[test]
fn a_stopped_broker_leaves_no_port_and_no_file() {
    let device = Device::new(Options::default());
    let port = |url: &str| url.split([':', '/']).nth(4).unwrap().parse::<u16>().unwrap();
    let ports = [port(device.broker.issuer()), port(device.broker.phone_url())];
    let folder = device.broker.config_file().parent().unwrap().to_owned();
    device.start(ANNA);
    let phone = device.broker.phone();
    assert_eq!(phone.requests().len(), 1);
    let open = |port: u16| std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    assert!(ports.into_iter().all(open) && folder.exists());
    let mut idle = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, ports[1])).unwrap();
    idle.set_read_timeout(Some(PATIENCE)).unwrap();
    let began = now().instant;
    drop(device.broker);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(!folder.exists());
    // Its thread may still be about to end.
    until("the end of the ports", || !ports.into_iter().any(open));
    match std::io::Read::read(&mut idle, &mut [0]) {
        Ok(bytes) => assert_eq!(bytes, 0),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    assert!(phone.requests().is_empty());
}

#[test]
fn the_files_are_private_and_never_replace_what_is_not_the_simulator_s() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("new");
    let options = Options { out: Some(out.clone()), ..Options::default() };
    for _ in 0..2 {
        let broker = Broker::start(options.clone()).unwrap();
        let announced: Value = serde_json::from_str(&broker.announcement()).unwrap();
        assert_eq!(announced["issuer"], broker.issuer());
        assert_eq!(announced["phone_url"], broker.phone_url());
        assert!(Path::new(announced["ca_file"].as_str().unwrap()).is_absolute());
        let config = fs::read_to_string(announced["config_file"].as_str().unwrap()).unwrap();
        let config: toml::Table = config.parse().unwrap();
        assert_eq!(config["broker"]["authority"].as_str(), Some(broker.issuer()));
        assert_eq!(config["broker"]["auth"]["key_file"].as_str(), Some("key.pem"));
        for name in ["key.pem", "key-rsa.pem", "secret.txt"] {
            assert_eq!(fs::metadata(out.join(name)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    fs::remove_file(out.join("flexlogin.toml")).unwrap();
    fs::write(out.join("key.pem"), "mine").unwrap();
    assert!(Broker::start(options).unwrap_err().contains("is not the simulator's"));
    assert_eq!(fs::read_to_string(out.join("key.pem")).unwrap(), "mine");
}
