//! What is left in the memory of a device with a screen, one second after it went back to its first page.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use flexlogin::platform::panel::{Player, parse};
use flexlogin::platform::terminal;
use flexlogin::simulator::{Decide, Happened};
use flexlogin::{config, host};
use tempfile::TempDir;

use crate::device::{output, serve, show_memory};
use crate::memory::{Device, config_of_a, known};
use crate::search::Canary;
use crate::{CPR, House, files_in};

/// Begins the name of the configuration in the arguments of a panel.
const PANEL: &str = "a-panel-with:";

#[test]
fn nothing_of_a_login_is_in_the_memory_of_a_panel_a_second_after_it() {
    if let Some(config) = config_of_a(PANEL) {
        be_a_panel(&config);
    }
    let name = "panel::nothing_of_a_login_is_in_the_memory_of_a_panel_a_second_after_it";
    let house = House::new(Decide::ByHand, "client_secret_post");
    let mut panel = Device::start_as(PANEL, name, &house);
    for _ in 0..2 {
        panel.order(&format!("typed\n{CPR}"));
        panel.order("wait waiting 20");
        let [ticket] = &files_in(house.runtime.path())[..] else { panic!("one login has one ticket") };
        panel.canaries.extend(Canary::pieces("handle", fs::read_to_string(ticket).unwrap().trim_end()));
        let phone = house.broker.phone();
        assert!(phone.approve(&phone.requests()[0].id));
        panel.order("wait approved 30");
        panel.end("approved");
        assert_eq!(panel.look(), known("secret"));
    }
    panel.order(&format!("typed\n{CPR}"));
    panel.order("wait waiting 20");
    assert_eq!(panel.look().get("cpr"), None, "the number is gone as soon as it is sent");
    panel.order("key back");
    panel.end("cancelled");
    house.wait_for(&Happened::Cancelled);
    assert_eq!(panel.look(), known("secret"));
}

fn be_a_panel(config: &Path) -> ! {
    serve(|| {
        let pictures = tempfile::tempdir().unwrap();
        let config = config::read(config).unwrap();
        let player = Player::new(&config, pictures.path(), (640, 480)).unwrap();
        let mut panel = Panel { player, out: output(), _pictures: pictures };
        move |order: &str| panel.obey(order)
    })
}

struct Panel {
    player: Player,
    out: File,
    _pictures: TempDir,
}

impl Panel {
    fn obey(&mut self, order: &str) {
        match order {
            "typed" => {
                for digit in terminal::line().chars() {
                    self.play(&format!("type {digit}"));
                }
                self.play("key ok");
            }
            "end" => {
                let outcome = self.player.take_outcome().unwrap();
                writeln!(self.out, "{}", host::line(&outcome)).unwrap();
                // From an approved login one comes to the first page by itself or by OK, if that is not the one that asked.
                self.play("sleep 1\nkey ok\nwait enter 5");
            }
            "look" => {
                self.play("sleep 1");
                show_memory(&mut self.out);
            }
            line => self.play(line),
        }
    }

    fn play(&mut self, lines: &str) {
        for line in parse(lines).unwrap() {
            self.player.take(&line.step).unwrap();
        }
    }
}
