//! Age checks over the wire: a yes, a no, and nothing else that comes back.

use flexlogin::ciba::AgeAnswer;
use flexlogin::config::{self, Config};
use flexlogin::flow::{Outcome, Page};
use flexlogin::simulator::{Alteration, Broker};
use serde_json::{Value, json};

use crate::device::*;

/// The simulator's people of so many years.
const EIGHTEEN: &str = "00000000-0000-4000-8000-000000000018";
const SEVENTEEN: &str = "00000000-0000-4000-8000-000000000017";
const CLAIM: &str = "idbrokerdk_age_verified";

fn asking(broker: &Broker) -> Config {
    config::read(broker.age_config_file()).unwrap()
}

fn answer(outcome: Outcome) -> AgeAnswer {
    let Outcome::AgeTold(answer) = outcome else { panic!("{outcome:?}") };
    answer
}

#[test]
fn a_person_is_old_enough_or_not_and_the_phone_shows_the_brokers_words() {
    for (person, is_old_enough) in [(EIGHTEEN, true), (SEVENTEEN, false)] {
        let broker = Broker::start(by_hand()).unwrap();
        let mut device = Device::with(&asking(&broker));
        device.ask_for_uuid(person);
        assert_eq!(device.wait().words, None);
        let request = on_the_phone(&broker);
        assert_eq!(request.action, "CONFIRM");
        assert!(request.reference_text.contains("mindst 18 år"), "{}", request.reference_text);
        assert!(broker.phone().approve(&request.id));
        let expected = AgeAnswer { years: 18, is_old_enough };
        assert_eq!(answer(device.end()), expected);
        assert_eq!(device.app.view().page, Page::AgeTold(expected));
    }
}

#[test]
fn the_eus_form_is_answered_too() {
    for (person, is_old_enough) in [(EIGHTEEN, true), (SEVENTEEN, false)] {
        let broker = Broker::start(approving()).unwrap();
        let config = crate::device::config(&broker, |text| {
            let kept = |line: &&str| !["scope", "action"].iter().any(|key| line.starts_with(key));
            let text = text.lines().filter(kept).collect::<Vec<_>>().join("\n");
            let asked = "purpose = \"age\"\nage = 18\nage_scope = \"age_over\"\nidentifier = \"user-id\"";
            text.replace("identifier = \"cpr\"", asked).replace("\"signaturgruppen\"", "\"ciba\"")
        });
        let mut device = Device::with(&config);
        device.ask_for_uuid(person);
        assert!(device.wait().words.is_some(), "here the text is ours");
        assert_eq!(answer(device.end()), AgeAnswer { years: 18, is_old_enough });
    }
}

#[test]
fn what_is_no_answer_to_the_question_is_refused() {
    for (value, clause) in [
        (Some(json!("15:true")), "the answer is about another age than was asked for"),
        (Some(json!("true")), "the answer to the age check is neither a yes nor a no"),
        (None, "the answer to the age check is missing"),
    ] {
        let broker = Broker::start(approving()).unwrap();
        broker.faults().next_id_token(vec![claim(CLAIM, value)]);
        let mut device = Device::with(&asking(&broker));
        device.ask_for_uuid(EIGHTEEN);
        assert_eq!(told(&device.end()), ("refused", clause));
    }
}

#[test]
fn a_token_that_tells_who_it_was_is_an_answer_and_no_more() {
    let broker = Broker::start(approving()).unwrap();
    let name = claim("mitid.identity_name", Some(json!("Anna Testesen")));
    broker.faults().next_id_token(vec![name, claim("mitid.uuid", Some(json!(EIGHTEEN)))]);
    let mut device = Device::with(&asking(&broker));
    device.ask_for_uuid(EIGHTEEN);
    assert!(answer(device.end()).is_old_enough);
    broker.faults().next_id_token(vec![claim("mitid.uuid", Some(json!(SEVENTEEN)))]);
    let mut device = Device::with(&asking(&broker));
    device.ask_for_uuid(EIGHTEEN);
    assert_eq!(told(&device.end()).0, "refused", "it was somebody else's answer");
}

fn claim(name: &str, value: Option<Value>) -> Alteration {
    Alteration::Claim { name: name.into(), value }
}
