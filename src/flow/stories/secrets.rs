//! Nothing that is written down tells who the person is.

use super::*;

/// One person, and the secrets of their login.
struct Person {
    identifier: &'static str,
    name: &'static str,
    secret: &'static str,
}

const ANNA: Person = Person { identifier: "6701901234", name: "Anna Jensen", secret: "one" };
const OTHER: Person = Person { identifier: "7205885550", name: "Øjvind Å. Ødegård", secret: "another" };

#[test]
fn what_is_written_down_of_one_person_could_be_of_any_other() {
    for kind in [Kind::Cpr, Kind::Number { digits: 10 }] {
        assert_eq!(written_by_keys(kind, &ANNA), written_by_keys(kind, &OTHER), "{kind:?}");
        assert_eq!(written_by_finger(kind, &ANNA), written_by_finger(kind, &OTHER), "{kind:?}");
    }
    let uuids = ["8a9856e0f12d4217b320c8a076be9320", "0123456789abcdef0123456789abcdef"];
    let [one, other] = uuids.map(|identifier| written_by_keys(Kind::Uuid, &Person { identifier, ..ANNA }));
    assert_eq!(one, other);
    let names = ["anna.jensen", "ø-d@egård 7"];
    let [one, other] = names.map(|identifier| written_by_keys(Kind::UserId, &Person { identifier, ..ANNA }));
    assert_eq!(one, other);
}

#[test]
fn where_the_focus_went_is_not_written_down() {
    let wander = |arrow| {
        let mut writer = Writer::new(Kind::Cpr);
        writer.meets(Event::Pressed(arrow));
        writer.meets(Event::Pressed(Key::Ok));
        writer.written
    };
    assert_eq!(wander(Key::Up), wander(Key::Left));
    assert_eq!(wander(Key::Down), wander(Key::Right));
    assert_eq!(wander(Key::Up), wander(Key::Down));
}

#[test]
fn what_is_written_down_still_tells_the_way_of_the_login() {
    let written = written_by_keys(Kind::Cpr, &ANNA);
    for word in [
        "Pressed",
        "Start",
        "Poll",
        "Starting",
        "Waiting",
        "Approved",
        "Finish",
        "Cancel",
        "Log på Nordlys TV",
    ] {
        assert!(written.contains(word), "{word}");
    }
}

fn written_by_keys(kind: Kind, person: &Person) -> String {
    let mut writer = Writer::new(kind);
    for character in person.identifier.chars() {
        let key = character.to_digit(10).map_or(Key::Character(character), |digit| Key::Digit(digit as u8));
        writer.meets(Event::Pressed(key));
    }
    writer.meets(Event::Pressed(Key::Ok));
    writer.logs_in(person);
    writer.written
}

fn written_by_finger(kind: Kind, person: &Person) -> String {
    let mut writer = Writer::new(kind);
    for digit in person.identifier.chars() {
        let at = Pad::of(kind).caps.iter().position(|cap| *cap == Cap::Type(digit)).unwrap();
        writer.meets(Event::Tapped(Control::Cap(at)));
    }
    writer.meets(Event::Tapped(Control::Continue));
    writer.logs_in(person);
    writer.written
}

/// Writes down all that `Debug` tells of a flow and what goes in and out of it.
struct Writer {
    flow: Flow,
    now: Duration,
    written: String,
}

impl Writer {
    fn new(kind: Kind) -> Writer {
        let flow = Flow::new(Settings { kind, ..settings() }, [1; 32]);
        Writer { flow, now: BEGINNING, written: String::new() }
    }

    /// One login that succeeds, and one that is cancelled.
    fn logs_in(&mut self, person: &Person) {
        let id = || AuthReqId(person.secret.into());
        let ack = || Acknowledgement { auth_req_id: id(), expires_in: secs(300), interval: secs(5) };
        let tokens = || crate::ciba::Tokens {
            id_token: person.secret.into(),
            access_token: person.secret.into(),
            refresh_token: None,
            scope: Some("openid".into()),
        };
        self.hears(News::Acknowledged(ack()));
        self.now += secs(6);
        self.meets(Event::Woke);
        self.writes(&format!("{:?}", Answer::Granted(tokens())));
        let identity = Identity {
            sub: person.secret.into(),
            mitid_uuid: Some(person.secret.into()),
            name: Some(person.name.into()),
            date_of_birth: Some(person.secret.into()),
            age: Some(person.secret.len() as u16),
            loa: Some(person.secret.into()),
            auth_time: Some(person.secret.len() as u64),
        };
        self.hears(News::Granted(Box::new(Granted { identity, id_token: person.secret.into() })));
        self.meets(Event::Pressed(Key::Ok));
        self.meets(Event::Given {
            hint: Hint::Login(person.secret.into()),
            user_code: Some(person.secret.into()),
        });
        self.hears(News::Acknowledged(ack()));
        self.meets(Event::Leave);
    }

    fn hears(&mut self, news: News) {
        self.meets(Event::News(self.flow.attempt(), news));
    }

    fn meets(&mut self, event: Event) {
        self.writes(&format!("{event:?}"));
        let effects = self.flow.update(event, self.now);
        self.writes(&format!("{effects:?}"));
        self.writes(&format!("{:?}", self.flow));
        self.writes(&format!("{:?}", self.flow.view(self.now)));
    }

    fn writes(&mut self, line: &str) {
        self.written.push_str(line);
        self.written.push('\n');
    }
}
