//! An age check tells one thing, and nothing else about the person is anywhere, even if the broker says it.
#![cfg(feature = "panel")]

use std::fs;
use std::time::Duration;

use flexlogin::simulator::{Alteration, Decide};
use serde_json::json;

use crate::House;
use crate::search::Canary;

const UUID: &str = "8a9856e0-f12d-4217-b320-c8a076be9320";

#[test]
fn a_broker_that_tells_more_than_an_age_check_asks_is_not_repeated() {
    let mut house = House::new(Decide::ApproveAfter(Duration::from_secs(2)), "client_secret_post");
    let kept = |line: &&str| !["scope", "action", "reference_text"].iter().any(|key| line.starts_with(key));
    let text = fs::read_to_string(&house.config).unwrap();
    let text = text.lines().filter(kept).collect::<Vec<_>>().join("\n");
    let asked = "purpose = \"age\"\nage = 18\nidentifier = \"uuid\"";
    fs::write(&house.config, text.replace("identifier = \"cpr\"", asked)).unwrap();
    let told = [
        ("mitid.identity_name", "Anna Canary Testesen"),
        ("mitid.date_of_birth", "1936-04-08"),
        ("mitid.uuid", UUID),
        ("sub", "canary-of-a-subject"),
    ];
    let claims = told.map(|(name, value)| Alteration::Claim { name: name.into(), value: Some(json!(value)) });
    house.canaries.extend(told.map(|(name, value)| Canary::new(name, value)));
    house.canaries.push(Canary::new("uuid as it is typed", &UUID.replace('-', "")));
    for (answer, screen, code) in [("18:true", "old_enough", 0), ("18:false", "too_young", 16)] {
        let answer = Alteration::Claim { name: "idbrokerdk_age_verified".into(), value: Some(json!(answer)) };
        house.broker.faults().next_id_token([claims.to_vec(), vec![answer]].concat());
        let typed = UUID.replace('-', "");
        let end = format!("wait {screen} 20\nshot {screen}");
        house.play(&format!("type {typed}\nkey ok\nwait waiting 20\nshot waiting-{screen}\n{end}"), code);
    }
}
