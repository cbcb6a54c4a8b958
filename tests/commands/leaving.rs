//! Every way out of a login, and what the broker hears of it.

use std::time::Duration;

use flexlogin::clock::uptime;
use flexlogin::simulator::Happened;

use crate::program::*;

/// How soon the broker knows that somebody left.
const PROMPTLY: Duration = Duration::from_secs(1);

#[test]
fn row_67_a_host_that_dies_takes_its_request_off_the_phone() {
    let uuid = "8a9856e0-f12d-4217-b320-c8a076be9320";
    for (who, input) in [(["--cpr", "-"], "6701901234\n"), (["--uuid", uuid], "")] {
        let broker = by_hand();
        let config = config_of(&broker);
        let arguments = ["login", "--config", &config, who[0], who[1], "--while-stdin-open"];
        let (running, stdin) = start_open(&arguments, input);
        wait_for(&broker, &Happened::Started);
        drop(stdin);
        let left = uptime();
        wait_for(&broker, &Happened::Cancelled);
        assert!(uptime() - left < PROMPTLY);
        let run = running.end();
        assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
        run.shows_no_person();
    }
}

#[test]
fn a_host_that_is_gone_before_the_start_leaves_nothing_on_the_phone() {
    let broker = by_hand();
    let config = config_of(&broker);
    let run = run(&["login", "--config", &config, "--cpr", "-", "--while-stdin-open"], "6701901234");
    assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
    assert!(broker.phone().requests().is_empty(), "{:?}", broker.log());
}

#[test]
fn a_host_that_holds_on_gets_its_result() {
    let broker = approving();
    let config = config_of(&broker);
    let arguments = ["login", "--config", &config, "--cpr", "-", "--while-stdin-open"];
    let (running, _stdin) = start_open(&arguments, "6701901234\nand more that nobody reads\n");
    let run = running.end();
    assert_eq!(run.code, 0, "{run:?}");
}
