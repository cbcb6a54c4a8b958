//! The demo without a display: each way that a login can go, on a headless panel, with a picture of every screen.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::Options;
use crate::flow::{Event, Outcome};
use crate::platform::panel::{self, Player, Step};
use crate::platform::signals;
use crate::simulator::{self, Alteration, Broker, Endpoint, Fault, Phone};
use crate::{config, host};

/// In the current folder.
const FOLDER: &str = "flexlogin-demo";

/// The first journey, with a picture of every screen on its way. The person types the end of the number last.
const ENTERING: &str =
    "type 670190\n shot enter\n type 1234\n key ok\n shot starting\n wait waiting 20\n shot waiting";
/// The later ones show only where they end.
const AGAIN: &str = "key ok\n wait enter 5\n type 6701901234\n key ok\n wait waiting 20";

/// What becomes of one more login.
struct Turn {
    prepare: fn(&Broker),
    script: &'static str,
    then: fn(&Phone) -> bool,
    ends: &'static str,
}

const TURNS: [Turn; 6] = [
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
        ends: "wait unavailable 30\n shot unavailable",
    },
    Turn {
        prepare: lost_answer,
        script: "key ok\n wait enter 5\n type 6701901234\n key ok",
        then: nothing,
        ends: "wait unknown 30\n shot unknown",
    },
];

/// Prints the path of each picture and, last, the result of the approved login. The error is a sentence.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let folder = options.out.as_deref().unwrap_or(Path::new(FOLDER));
    let folder = std::path::absolute(folder).map_err(|error| format!("{}: {error}.", folder.display()))?;
    let _ = writeln!(io::stderr(), "A simulation without a display: no login here is real.");
    let broker =
        Broker::start(simulator::Options { interval: Duration::from_secs(1), ..Default::default() })?;
    let config = config::read(broker.config_file()).map_err(|errors| errors.to_string())?;
    let mut player = Player::new(&config, &folder, options.size.unwrap_or((1280, 720)))?;
    let teller = player.teller();
    signals::on_leave(move || drop(teller.send(Event::Leave)))?;

    // Long enough for the eye of the panel.
    broker.faults().next(Endpoint::Start, Fault::Delay(Duration::from_millis(300)));
    play(&mut player, ENTERING)?;
    decide(approve, &broker)?;
    play(&mut player, "wait approved 30\n shot approved")?;
    let outcome = player.outcome().cloned();
    for turn in &TURNS {
        (turn.prepare)(&broker);
        play(&mut player, turn.script)?;
        decide(turn.then, &broker)?;
        play(&mut player, turn.ends)?;
    }
    match outcome {
        Some(outcome @ Outcome::Approved { .. }) => print(&host::line(&outcome)),
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

fn decide(then: fn(&Phone) -> bool, broker: &Broker) -> Result<(), String> {
    if then(&broker.phone()) { Ok(()) } else { Err("The phone shows no request.".into()) }
}

fn approve(phone: &Phone) -> bool {
    phone.requests().first().is_some_and(|request| phone.approve(&request.id))
}

fn reject(phone: &Phone) -> bool {
    phone.requests().first().is_some_and(|request| phone.reject(&request.id))
}

fn nothing(_: &Phone) -> bool {
    true
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
