//! Shows a technician what each key of a remote is: which device sends it, what the kernel calls it, and what this
//! program takes it for. It holds the devices as a kiosk does, so a power key can be tried too.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::remotes::{self, Heard};
use super::signals;
use crate::clock::uptime;
use crate::flow::Key;
use crate::input::devices::{News, Refusal, Wanted, name_of_code};
use crate::input::{Change, Code, Device, Identity, Settings, name_of};

/// A machine whose keyboard is held comes back by itself.
const IDLE: Duration = Duration::from_secs(60);
/// How long devices may take to be found, before it is told that there is none.
const FOUND_IN: Duration = Duration::from_secs(2);

/// KEY_LEFTCTRL, KEY_RIGHTCTRL, and the C of Ctrl-C, which no terminal hears while the keyboard is held.
const CTRL: [Code; 2] = [Code(29), Code(97)];
const C: Code = Code(46);

/// Runs until Ctrl-C, a signal or a minute without a key. The error is a sentence.
pub fn run(settings: Settings) -> Result<(), String> {
    let (tell, told) = mpsc::channel();
    let leave = tell.clone();
    signals::on_leave(move || drop(leave.send(None)))?;
    // Each press counts here, and once.
    let settings = Settings { repeat: None, double_strike: Duration::ZERO, ..settings };
    remotes::listen(settings, Wanted::Buttons, move |heard| drop(tell.send(Some(heard))))?;
    let mut bench = Bench::new(uptime());
    write(
        "Press the keys of the remote, one after another. Ctrl-C ends this, and so does a minute without a key. Other \
         programs get no key for so long.\n",
    )?;
    while !bench.is_over {
        let said = match told.recv_timeout(bench.until.saturating_sub(uptime())) {
            Ok(Some(heard)) => bench.hear(heard, uptime())?,
            Ok(None) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => bench.wake(uptime())?.to_owned(),
        };
        write(&said)?;
    }
    write(&bench.models())
}

/// What was seen so far.
struct Bench {
    /// When to look up if nothing comes.
    until: Duration,
    /// Nothing was pressed, and whether there is anything to press is not told yet.
    is_looking: bool,
    is_over: bool,
    devices: BTreeMap<Device, Identity>,
    refused: Option<(String, Refusal)>,
    ctrl: BTreeSet<(Device, Code)>,
    /// The keys of each kind of device that mean nothing.
    inert: Vec<(Identity, BTreeSet<Code>)>,
}

impl Bench {
    fn new(now: Duration) -> Bench {
        Bench {
            until: now + FOUND_IN,
            is_looking: true,
            is_over: false,
            devices: BTreeMap::new(),
            refused: None,
            ctrl: BTreeSet::new(),
            inert: Vec::new(),
        }
    }

    /// What to say about it, in whole lines. The error is a sentence.
    fn hear(&mut self, heard: Heard, now: Duration) -> Result<String, String> {
        match heard {
            Heard::Broken(sentence) => Err(sentence),
            Heard::Again(_) => Ok(String::new()),
            Heard::News(news, key) => {
                if matches!(news, News::Changed(_, Change::Pressed(_))) {
                    (self.until, self.is_looking) = (now + IDLE, false);
                }
                Ok(self.say(&news, key))
            }
        }
    }

    /// What to say when nothing came until the time that was set. The error is a sentence.
    fn wake(&mut self, now: Duration) -> Result<&'static str, String> {
        if now < self.until {
            return Ok("");
        }
        if !self.is_looking {
            self.is_over = true;
            return Ok("A minute without a key.\n");
        }
        (self.until, self.is_looking) = (now + IDLE, false);
        self.found()
    }

    fn say(&mut self, news: &News, key: Option<Key>) -> String {
        match news {
            News::Came(device, identity) => {
                self.devices.insert(*device, identity.clone());
                format!("{} ({}) is here.\n", identity.name(), numbers(identity))
            }
            News::Refused(path, refusal) => {
                let path = path.display().to_string();
                let said = format!("{path} {refusal}\n");
                // The remedy is the same for all of them.
                let is_said = self.refused.as_ref().is_some_and(|(_, before)| before == refusal);
                self.refused = Some((path, refusal.clone()));
                if is_said { String::new() } else { said }
            }
            // Screens that are touched are not asked for.
            News::Touched(..) => String::new(),
            News::Changed(device, Change::Gone | Change::LetGo) => {
                self.ctrl.retain(|(holder, _)| holder != device);
                match news {
                    News::Changed(_, Change::Gone) => self
                        .devices
                        .remove(device)
                        .map_or_else(String::new, |identity| format!("{} is gone.\n", identity.name())),
                    _ => String::new(),
                }
            }
            News::Changed(device, Change::Released(code)) => {
                self.ctrl.remove(&(*device, *code));
                String::new()
            }
            News::Changed(device, Change::Pressed(code)) => self.press(*device, *code, key),
        }
    }

    fn press(&mut self, device: Device, code: Code, key: Option<Key>) -> String {
        if CTRL.contains(&code) {
            self.ctrl.insert((device, code));
        }
        self.is_over = code == C && self.ctrl.iter().any(|(holder, _)| *holder == device);
        let Some(identity) = self.devices.get(&device) else { return String::new() };
        if key.is_none() && !self.is_over && !CTRL.contains(&code) {
            match self.inert.iter_mut().find(|(known, _)| known == identity) {
                Some((_, codes)) => drop(codes.insert(code)),
                None => self.inert.push((identity.clone(), [code].into())),
            }
        }
        let meaning = key.map_or_else(|| "nothing".into(), name_of);
        format!("{}: {} ({}) is {meaning}\n", identity.name(), name(code), number(code))
    }

    /// Whether anything is there to be pressed; the error is a sentence that says why not.
    fn found(&self) -> Result<&'static str, String> {
        match &self.refused {
            Some((path, refusal)) if self.devices.is_empty() => {
                Err(format!("No remote control can be read: {path} {refusal}"))
            }
            None if self.devices.is_empty() => {
                Ok("There is no remote control or keyboard yet. Plug one in; it is found by itself.\n")
            }
            _ => Ok(""),
        }
    }

    /// What to write into the configuration so that keys which mean nothing get a meaning.
    fn models(&self) -> String {
        let mut said = String::new();
        for (identity, codes) in &self.inert {
            if said.is_empty() {
                said.push_str(
                    "\nTo give these keys a meaning, put this into the configuration and write ok, back, up, down, \
                     left, right, erase, red, green, yellow, blue or 0 to 9 for none:\n",
                );
            }
            said.push_str(&format!("\n[[keys.model]]\nname = {:?}\n", identity.name()));
            said.push_str(&format!(
                "vendor = {:#06x}\nproduct = {:#06x}\n",
                identity.vendor, identity.product
            ));
            said.push_str("[keys.model.map]\n");
            for code in codes {
                said.push_str(&format!("{} = \"none\" # {}\n", number(*code), name(*code)));
            }
        }
        said
    }
}

fn numbers(identity: &Identity) -> String {
    format!("{:04x}:{:04x}", identity.vendor, identity.product)
}

fn number(code: Code) -> String {
    format!("{:#05x}", code.0)
}

fn name(code: Code) -> String {
    name_of_code(code).unwrap_or_else(|| "a key without a name".into())
}

fn write(text: &str) -> Result<(), String> {
    let mut output = io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| format!("The keys cannot be shown on standard output: {error}."))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config;

    const REMOTE: Device = Device(0);
    const KEYBOARD: Device = Device(1);

    fn bench() -> Bench {
        let mut bench = Bench::new(Duration::ZERO);
        let remote = Identity::new("Nordlys \"TV\" Remote", 0x1d6b, 0x104);
        let came = bench.say(&News::Came(REMOTE, remote), None);
        assert_eq!(came, "Nordlys \"TV\" Remote (1d6b:0104) is here.\n");
        bench.say(&News::Came(KEYBOARD, Identity::new("Keyboard", 1, 2)), None);
        bench
    }

    fn press(bench: &mut Bench, device: Device, code: u16, key: Option<Key>) -> String {
        bench.say(&News::Changed(device, Change::Pressed(Code(code))), key)
    }

    #[test]
    fn each_press_is_told_with_its_device_its_name_and_its_meaning() {
        let mut bench = bench();
        let said = press(&mut bench, REMOTE, 352, Some(Key::Ok));
        assert_eq!(said, "Nordlys \"TV\" Remote: KEY_OK (0x160) is ok\n");
        assert_eq!(bench.say(&News::Changed(REMOTE, Change::Released(Code(352))), None), "");
        assert_eq!(
            press(&mut bench, KEYBOARD, 30, Some(Key::Character('a'))),
            "Keyboard: KEY_A (0x01e) is a\n"
        );
        assert_eq!(press(&mut bench, KEYBOARD, 116, None), "Keyboard: KEY_POWER (0x074) is nothing\n");
        let said = press(&mut bench, REMOTE, 0x2fe, None);
        assert_eq!(said, "Nordlys \"TV\" Remote: a key without a name (0x2fe) is nothing\n");
        assert_eq!(bench.say(&News::Changed(KEYBOARD, Change::Gone), None), "Keyboard is gone.\n");
    }

    #[test]
    fn what_it_says_about_inert_keys_can_be_put_into_a_configuration() {
        let mut bench = bench();
        assert_eq!(bench.models(), "");
        press(&mut bench, REMOTE, 0x1a2, None);
        press(&mut bench, REMOTE, 115, None);
        press(&mut bench, REMOTE, 115, None);
        let said = bench.models();
        let table = &said[said.find("[[").unwrap()..];
        assert!(
            table.ends_with("\n0x073 = \"none\" # KEY_VOLUMEUP\n0x1a2 = \"none\" # KEY_ZOOMIN\n"),
            "{table}"
        );
        let errors = config::parse(&table.replace("none", "ok"), "/".as_ref(), None).unwrap_err();
        assert!(errors.problems().iter().all(|problem| !problem.key.contains("keys")), "{errors}");
    }

    #[test]
    fn a_minute_without_a_key_ends_it_and_each_key_begins_the_minute_anew() {
        let mut bench = bench();
        let secs = Duration::from_secs;
        assert_eq!(bench.until, secs(2));
        assert_eq!(bench.wake(secs(1)), Ok(""));
        assert_eq!(bench.wake(secs(2)), Ok(""));
        let pressed = |code| Heard::News(News::Changed(REMOTE, Change::Pressed(Code(code))), None);
        bench.hear(pressed(352), secs(61)).unwrap();
        assert_eq!(bench.until, secs(121));
        // A receiver that comes and goes is no key.
        bench.hear(Heard::News(News::Changed(KEYBOARD, Change::Gone), None), secs(100)).unwrap();
        assert_eq!(bench.wake(secs(120)), Ok(""));
        assert!(!bench.is_over);
        assert_eq!(bench.wake(secs(121)), Ok("A minute without a key.\n"));
        assert!(bench.is_over);
    }

    #[test]
    fn ctrl_c_on_a_keyboard_that_is_held_ends_it() {
        let mut bench = bench();
        press(&mut bench, KEYBOARD, 46, None);
        assert!(!bench.is_over);
        press(&mut bench, KEYBOARD, 97, None);
        press(&mut bench, REMOTE, 46, None);
        assert!(!bench.is_over, "another device holds Ctrl");
        press(&mut bench, KEYBOARD, 46, None);
        assert!(bench.is_over);
        let kept: Vec<usize> = bench.inert.iter().map(|(_, codes)| codes.len()).collect();
        assert_eq!(kept, [1, 1], "the C of each, pressed alone");
        bench.say(&News::Changed(KEYBOARD, Change::Released(Code(97))), None);
        press(&mut bench, KEYBOARD, 46, None);
        assert!(!bench.is_over);
    }

    #[test]
    fn a_machine_that_may_not_be_read_is_told_with_a_remedy_once() {
        let mut bench = Bench::new(Duration::ZERO);
        assert!(bench.found().unwrap().contains("Plug one in"));
        let refused =
            |number| News::Refused(PathBuf::from(format!("/dev/input/event{number}")), Refusal::Denied);
        assert!(
            bench.say(&refused(0), None).starts_with("/dev/input/event0 cannot be read: permission denied.")
        );
        assert_eq!(bench.say(&refused(1), None), "");
        assert!(bench.found().unwrap_err().contains("usermod -aG input USER"));
        bench.say(&News::Came(REMOTE, Identity::new("A", 1, 2)), None);
        assert_eq!(bench.found(), Ok(""));
    }
}
