//! The demo without a display: each way that a login can go, on a headless panel, with a picture of every screen.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::Options;
use crate::flow::{Event, Outcome, Page, ScanCode, Scanning};
use crate::host;
use crate::platform::panel::{self, Player, Step};
use crate::platform::signals;
use crate::simulator::{self, Alteration, Broker, Endpoint, Fault, Phone, Tester};

/// In the current folder.
const FOLDER: &str = "flexlogin-demo";

/// The later turns show only where they end.
const AGAIN: &str = "key ok\n wait enter 5\n type 6701901234\n key ok\n wait waiting 20";
const AGAIN_BY_CODE: &str = "key ok\n wait enter 5\n key up\n key up\n key ok\n wait scan 20\n shot scan";

/// What becomes of one login.
struct Turn {
    prepare: fn(&Broker),
    script: &'static str,
    /// `false` if the phone shows nothing to press.
    then: fn(&Phone, &Page) -> bool,
    ends: &'static str,
}

/// The first has a picture of every screen on its way. The person types the end of the number last.
const LOGINS: [Turn; 8] = [
    Turn {
        prepare: slow_start,
        script: "type 670190\n shot enter\n type 1234\n key ok\n shot starting\n wait waiting 20\n shot waiting",
        then: approve,
        ends: "wait approved 30\n shot approved",
    },
    Turn { prepare: |_| (), script: AGAIN, then: reject, ends: "wait rejected 30\n shot rejected" },
    Turn {
        prepare: |_| (),
        script: AGAIN,
        then: nothing,
        ends: "key back\n wait cancelled 5\n shot cancelled",
    },
    Turn { prepare: short_life, script: AGAIN, then: nothing, ends: "wait expired 30\n shot expired" },
    Turn { prepare: wrong_key, script: AGAIN, then: approve, ends: "wait refused 30\n shot refused" },
    Turn {
        prepare: |_| (),
        // The simulated broker knows nobody whose number ends like this.
        script: "key ok\n wait enter 5\n type 6701900000\n key ok",
        then: nothing,
        // The next OK is not the one that asked.
        ends: "wait unavailable 30\n shot unavailable\n sleep 1",
    },
    Turn { prepare: |_| (), script: AGAIN_BY_CODE, then: scan, ends: "wait approved 30" },
    Turn {
        prepare: lost_answer,
        script: "key ok\n wait enter 5\n type 6701901234\n key ok",
        then: nothing,
        ends: "wait unknown 30\n shot unknown",
    },
];

/// One person is of age and the next is not, and so are those who scan a code.
const AGE_CHECKS: [Turn; 4] = [
    Turn {
        prepare: |_| (),
        script: "shot enter\n type 00000000000040008000000000000018\n key ok\n wait waiting 20\n shot waiting",
        then: approve,
        ends: "wait old_enough 30\n shot old_enough",
    },
    Turn {
        prepare: |_| (),
        script: "key ok\n wait enter 5\n type 00000000000040008000000000000017\n key ok\n wait waiting 20",
        then: approve,
        ends: "wait too_young 30\n shot too_young",
    },
    Turn { prepare: |_| (), script: AGAIN_BY_CODE, then: scan, ends: "wait old_enough 30" },
    Turn {
        prepare: |_| (),
        script: "key ok\n wait enter 5\n key up\n key up\n key ok\n wait scan 20",
        then: scan_too_young,
        ends: "wait too_young 30",
    },
];

/// Prints the path of each picture and, last, the result of the first login, which succeeds. The error is a sentence.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let folder = options.out.as_deref().unwrap_or(Path::new(FOLDER));
    let folder = std::path::absolute(folder).map_err(|error| format!("{}: {error}.", folder.display()))?;
    let _ = writeln!(io::stderr(), "A simulation without a display: no login here is real.");
    let broker =
        Broker::start(simulator::Options { interval: Duration::from_secs(1), ..Default::default() })?;
    let config = super::configured(&broker, options)?;
    let mut player = Player::new(&config, &folder, options.size.unwrap_or((1280, 720)))?;
    let teller = player.teller();
    signals::on_leave(move || drop(teller.send(Event::Leave)))?;

    let mut first = None;
    for turn in if options.age { AGE_CHECKS.as_slice() } else { LOGINS.as_slice() } {
        (turn.prepare)(&broker);
        play(&mut player, turn.script)?;
        if !(turn.then)(&broker.phone(), &player.view().page) {
            return Err("The phone shows no request.".into());
        }
        play(&mut player, turn.ends)?;
        first = first.or_else(|| player.outcome().cloned());
    }
    match first {
        Some(outcome @ (Outcome::Approved { .. } | Outcome::AgeTold(_))) => print(&host::line(&outcome)),
        _ => Err("The login was approved on the phone and did not succeed.".into()),
    }
}

fn play(player: &mut Player, script: &str) -> Result<(), String> {
    for line in panel::parse(script)? {
        match &line.step {
            Step::Shot(name) => print(&player.shoot(name)?.display().to_string())?,
            step => player.take(step)?,
        }
    }
    Ok(())
}

fn approve(phone: &Phone, _: &Page) -> bool {
    phone.requests().first().is_some_and(|request| phone.approve(&request.id))
}

fn reject(phone: &Phone, _: &Page) -> bool {
    phone.requests().first().is_some_and(|request| phone.reject(&request.id))
}

fn scan(phone: &Phone, page: &Page) -> bool {
    scan_as(Tester::Anna, phone, page)
}

fn scan_too_young(phone: &Phone, page: &Page) -> bool {
    scan_as(Tester::Alma, phone, page)
}

/// Somebody holds their phone before the screen.
fn scan_as(tester: Tester, phone: &Phone, page: &Page) -> bool {
    let Page::Scan(Scanning { code: ScanCode::Shown(uri), .. }) = page else { return false };
    phone.scan(uri.expose(), tester) && approve(phone, page)
}

fn nothing(_: &Phone, _: &Page) -> bool {
    true
}

/// Long enough for the eye of the panel.
fn slow_start(broker: &Broker) {
    broker.faults().next(Endpoint::Start, Fault::Delay(Duration::from_millis(300)));
}

fn short_life(broker: &Broker) {
    broker.faults().next(Endpoint::Start, Fault::Member { name: "expires_in".into(), value: Some(3.into()) });
}

fn wrong_key(broker: &Broker) {
    broker.faults().next_id_token(vec![Alteration::WrongKey]);
}

fn lost_answer(broker: &Broker) {
    broker.faults().next(Endpoint::Start, Fault::Lost);
}

fn print(line: &str) -> Result<(), String> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")
        .and_then(|()| output.flush())
        .map_err(|error| format!("Standard output cannot be written: {error}."))
}
