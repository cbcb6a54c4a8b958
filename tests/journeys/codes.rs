//! Without typing: a code on the screen, and a phone that scans it.

use std::time::Duration;

use flexlogin::flow::{Key, Page, ScanCode, Scanning, View};
use flexlogin::simulator::{Happened, Tester};

use crate::sofa::{ANOTHER, Sofa, look_alike, with};

fn both(text: String) -> String {
    text.replace("[login]\n", "[login]\nmethods = [\"identifier\", \"qr\"]\n")
}

fn only_codes(text: String) -> String {
    let text = text.replace("[login]\n", "[login]\nmethods = [\"qr\"]\n");
    text.replace("identifier = \"cpr\"\n", "").replace("cpr_basis = \"consent\"\n", "")
}

impl Sofa {
    fn scanning(&self) -> Scanning {
        match self.view().page {
            Page::Scan(scanning) => scanning,
            page => panic!("{} is there", page.name()),
        }
    }

    /// Goes to the code below the keys, and somebody scans it.
    pub(crate) fn scans_a_code(&mut self, tester: Tester) -> View {
        for key in [Key::Up, Key::Up, Key::Ok] {
            self.presses(key);
        }
        self.waits_for("scan");
        let view = self.view();
        assert!(self.broker.phone().requests().is_empty());
        assert!(self.broker.phone().scan(&self.uri(), tester));
        view
    }

    fn uri(&self) -> String {
        let ScanCode::Shown(uri) = self.scanning().code else { panic!("no code is shown") };
        uri.expose().to_owned()
    }
}

#[test]
fn a_person_who_types_nothing_logs_in_with_two_arrows_and_ok() {
    with(Duration::from_secs(60), both, |sofa| {
        sofa.scans_a_code(Tester::Anders);
        sofa.approves();
        sofa.waits_for("approved");
        assert_eq!(sofa.let_in(), ("Anders Testesen".to_owned(), "1990-01-07".to_owned()));
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn where_only_codes_are_offered_ok_brings_one_and_back_takes_it_away() {
    with(Duration::from_secs(60), only_codes, |sofa| {
        assert_eq!(sofa.screen(), "offer");
        sofa.types("6701901234");
        assert_eq!(sofa.screen(), "offer");
        sofa.presses(Key::Ok);
        sofa.waits_for("scan");
        let page = sofa.picture();
        sofa.waits(ANOTHER);
        sofa.presses(Key::Ok);
        assert!(sofa.scanning().large && !look_alike(&sofa.picture(), &page));
        sofa.waits(ANOTHER);
        sofa.presses(Key::Ok);
        assert!(!sofa.scanning().large);
        sofa.presses(Key::Back);
        assert_eq!(sofa.screen(), "offer");
        sofa.the_broker_sees(&Happened::Cancelled);
    });
}

#[test]
fn a_code_that_is_too_old_makes_room_for_a_new_one_on_ok() {
    // A quarter of its life remains, which is long enough for a machine that is slow.
    with(Duration::from_secs(20), only_codes, |sofa| {
        sofa.presses(Key::Ok);
        sofa.waits_for("scan");
        let first = sofa.uri();
        while sofa.scanning().code != ScanCode::Withdrawn {
            sofa.waits(Duration::from_millis(200));
        }
        sofa.presses(Key::Ok);
        sofa.waits_for("scan");
        assert_ne!(sofa.uri(), first);
        assert!(!sofa.broker.phone().scan(&first, Tester::Anna), "the old one leads nowhere");
    });
}
