//! With the number keys of a remote.

use std::time::Duration;

use flexlogin::flow::{Cause, Complaint, Key, Language, Outcome, Overlay, Page, Reason};
use flexlogin::simulator::{Alteration, Endpoint, Fault, Happened};

use crate::sofa::{ANOTHER, look_alike, on_the_sofa, with};

#[test]
fn a_person_logs_in() {
    on_the_sofa(|sofa| {
        assert!(sofa.is_fresh());
        sofa.types("670190");
        sofa.waits(Duration::from_millis(500));
        assert_eq!(*sofa.entering().typed, [None; 6], "digits are masked");
        assert!(!sofa.entering().complete);
        sofa.types("1234");
        assert!(sofa.entering().complete);
        sofa.presses(Key::Ok);
        assert_eq!(sofa.screen(), "starting");
        sofa.waits_for("waiting");
        let (words, request) = (sofa.words(), sofa.on_the_phone());
        assert_eq!(words.reference_text, request.reference_text);
        assert!(words.reference_text.contains(&words.code));
        sofa.approves();
        sofa.waits_for("approved");
        let Page::Approved(approved) = sofa.view().page else { panic!("another screen") };
        assert_eq!(approved.first_name.as_deref(), Some("Anna"));
        assert_eq!(sofa.let_in(), ("Anna Testesen".to_owned(), "1990-01-07".to_owned()));
        sofa.presses(Key::Ok);
        assert!(sofa.player.over() && sofa.is_fresh());
    });
}

#[test]
fn a_person_says_no_on_the_phone() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        sofa.rejects();
        sofa.waits_for("rejected");
        assert!(matches!(sofa.player.outcome(), Some(Outcome::Rejected)));
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn back_takes_the_request_off_the_phone() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        sofa.presses(Key::Back);
        assert_eq!(sofa.screen(), "cancelled");
        sofa.the_broker_sees(&Happened::Cancelled);
        assert!(sofa.broker.phone().requests().is_empty());
        sofa.presses(Key::Back);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn ok_on_the_waiting_screen_cancels() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        // An OK that comes sooner belongs to the one that began the login.
        sofa.waits(Duration::from_millis(1200));
        sofa.presses(Key::Ok);
        assert_eq!(sofa.screen(), "cancelled");
        sofa.the_broker_sees(&Happened::Cancelled);
    });
}

#[test]
fn a_login_that_nobody_answers_expires() {
    with(
        Duration::from_secs(3),
        |text| text,
        |sofa| {
            sofa.asks_for("6701901234");
            sofa.waits_for("expired");
            sofa.presses(Key::Ok);
            assert!(sofa.is_fresh());
        },
    );
}

#[test]
fn the_countdown_runs() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        let (left, picture) = (sofa.waiting().left, sofa.picture());
        assert!(left <= Duration::from_secs(60));
        sofa.waits(ANOTHER);
        assert!(sofa.waiting().left < left && sofa.picture() != picture);
    });
}

#[test]
fn a_number_that_nobody_has_is_told_to_the_host_alone() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701900000");
        sofa.waits_for("unavailable");
        assert_eq!(
            sofa.view().page,
            Page::Unavailable { reason: Reason::Unasked, error: "not_started".into() }
        );
        let Some(Outcome::Unavailable(cause)) = sofa.player.outcome() else { panic!("another outcome") };
        assert_eq!(*cause, Cause::code("unknown_user_id"));
        assert!(sofa.broker.phone().requests().is_empty());
        sofa.reads();
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn the_code_of_an_error_in_the_app_is_shown() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701900001");
        sofa.waits_for("unavailable");
        let error = "mitid_flex_app.mitid_error_CAP008".to_owned();
        assert_eq!(sofa.view().page, Page::Unavailable { reason: Reason::Parallel, error });
    });
}

#[test]
fn a_person_whose_name_is_protected_is_greeted_without_it() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701900002");
        sofa.waits_for("waiting");
        sofa.approves();
        sofa.waits_for("approved");
        let Page::Approved(approved) = sofa.view().page else { panic!("another screen") };
        assert_eq!(approved.first_name, None);
        assert_eq!(sofa.let_in().0, "NAVNE & ADRESSEBESKYTTET");
    });
}

#[test]
fn a_wrong_number_is_told_at_once_and_nothing_is_sent() {
    on_the_sofa(|sofa| {
        sofa.types("67019");
        sofa.presses(Key::Ok);
        assert_eq!(sofa.entering().complaint, Some(Complaint::Incomplete));
        (0..5).for_each(|_| sofa.presses(Key::Erase));
        sofa.types("9913901234");
        assert_eq!(sofa.entering().complaint, Some(Complaint::NoSuchDate));
        sofa.presses(Key::Ok);
        assert_eq!(sofa.screen(), "enter");
        sofa.waits(Duration::from_millis(300));
        assert!(sofa.broker.log().is_empty());
    });
}

#[test]
fn the_blue_key_speaks_english_and_the_next_login_still_does() {
    on_the_sofa(|sofa| {
        let danish = sofa.picture();
        sofa.presses(Key::Blue);
        assert_eq!(sofa.view().language, Language::ENGLISH);
        let english = sofa.picture();
        assert!(!look_alike(&danish, &english));
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        sofa.approves();
        sofa.waits_for("approved");
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
        assert!(look_alike(&sofa.picture(), &english), "the screen is as English as before");
        sofa.presses(Key::Blue);
        assert!(look_alike(&sofa.picture(), &danish), "and as Danish as at first");
    });
}

#[test]
fn the_next_person_gets_another_code_and_sees_nothing_of_the_first() {
    on_the_sofa(|sofa| {
        let empty = sofa.picture();
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        let first = sofa.words();
        sofa.approves();
        sofa.waits_for("approved");
        sofa.presses(Key::Back);
        assert!(sofa.is_fresh() && look_alike(&sofa.picture(), &empty));
        sofa.asks_for("6701901235");
        sofa.waits_for("waiting");
        assert_ne!(sofa.words().code, first.code);
        assert!(sofa.on_the_phone().reference_text.contains(&sofa.words().code));
        sofa.approves();
        sofa.waits_for("approved");
        assert_eq!(sofa.let_in().0, "Anders Testesen");
    });
}

#[test]
fn a_request_that_is_not_ours_is_not_taken_for_ours() {
    on_the_sofa(|sofa| {
        let text = "Log på Nordlys TV. Kode 0000. Afvis, hvis det ikke er dig.".into();
        let other = Alteration::Claim { name: "mitid.reference_text".into(), value: Some(text) };
        sofa.broker.faults().next_id_token(vec![other]);
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        sofa.approves();
        sofa.waits_for("refused");
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn a_lost_connection_is_told_and_got_over() {
    on_the_sofa(|sofa| {
        sofa.broker.faults().next(Endpoint::Token, Fault::Reset);
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        let calm = sofa.picture();
        while !sofa.waiting().troubled {
            sofa.waits(Duration::from_millis(20));
        }
        assert!(!look_alike(&sofa.picture(), &calm));
        sofa.approves();
        sofa.waits_for("approved");
    });
}

#[test]
fn a_start_without_an_answer_sends_the_person_to_the_phone() {
    on_the_sofa(|sofa| {
        sofa.broker.faults().next(Endpoint::Start, Fault::Lost);
        sofa.asks_for("6701901234");
        sofa.waits_for("unknown");
        assert_eq!(sofa.times(&Happened::Started), 1);
        assert_eq!(sofa.broker.phone().requests().len(), 1, "as the screen says");
        sofa.reads();
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn digits_are_masked_by_themselves_and_shown_when_they_are_asked_for() {
    on_the_sofa(|sofa| {
        sofa.types("6701");
        sofa.waits(Duration::from_millis(500));
        let masked = sofa.picture();
        assert!(sofa.entering().typed.iter().all(Option::is_none));
        sofa.presses(Key::Red);
        assert_eq!(sofa.entering().typed.iter().flatten().collect::<String>(), "6701");
        assert!(sofa.picture() != masked);
        sofa.presses(Key::Red);
        assert!(sofa.entering().typed.iter().all(Option::is_none));
        sofa.presses(Key::Back);
        assert_eq!(sofa.screen(), "cancelled");
    });
}

#[test]
fn the_green_key_tells_what_is_done_with_the_number_before_anything_is_typed() {
    on_the_sofa(|sofa| {
        let entering = sofa.picture();
        sofa.presses(Key::Green);
        assert_eq!(sofa.view().overlay, Some(Overlay::Privacy));
        assert!(!look_alike(&entering, &sofa.picture()));
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
    });
}
