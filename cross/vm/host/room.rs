//! The room with the machine in it, and what a person does there.

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use flexlogin::clock::uptime;
use flexlogin::flow::{Approved, Key, Page, View};

use crate::machine::{Machine, PATIENCE, Parts};
use crate::picture::{Painter, Picture, Places, Stand};
use crate::twin::Twin;
use crate::words::{Ended, Hear, Obstacle, Request, Say};

/// A test person.
pub(crate) const NUMBER: [u8; 10] = [6, 7, 0, 1, 9, 0, 1, 2, 3, 4];
const FIRST_NAME: &str = "Anna";
/// No two screens differ in fewer.
const UNLIKE: usize = 100;

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

const KEY_OK: u16 = 0x160;
pub(crate) const KEY_NUMERIC_0: u16 = 0x200;
pub(crate) const KEY_DOWN: u16 = 108;
pub(crate) const KEY_CLEAR: u16 = 0x163;

pub(crate) struct Room {
    pub(crate) machine: Machine,
    level: Painter,
    upright: Painter,
    /// The resting screen, in every place.
    resting: HashMap<Stand, Rc<[Picture]>>,
    stand: Stand,
    pub(crate) size: (u32, u32),
    out: PathBuf,
    /// From the last start of the kiosk until it was seen.
    pub(crate) start_took: Duration,
}

impl Room {
    pub(crate) fn enter(parts: &Parts, size: (u32, u32), out: PathBuf) -> Result<Room, String> {
        let mut machine = Machine::boot(parts, size)?;
        machine.say(&Say::Broker { interval_s: 2 })?;
        let level = Painter::new(size, Stand::Level)?;
        let upright = Painter::new(size, Stand::Upright)?;
        Ok(Room {
            machine,
            level,
            upright,
            resting: HashMap::new(),
            stand: Stand::Level,
            size,
            out,
            start_took: Duration::ZERO,
        })
    }

    fn painter(&self) -> &Painter {
        if self.stand == Stand::Upright { &self.upright } else { &self.level }
    }

    /// A kiosk that nobody has touched, in front of somebody.
    pub(crate) fn start(&mut self, stand: Stand) -> Result<Twin, String> {
        self.start_with(stand, "")
    }

    /// The same with these lines more in its configuration.
    pub(crate) fn start_with(&mut self, stand: Stand, settings: &str) -> Result<Twin, String> {
        self.stand = stand;
        if !self.resting.contains_key(&stand) {
            let pictures = self.paint(&Twin::new().resting())?;
            self.resting.insert(stand, pictures.into());
        }
        let rotation = if stand == Stand::Upright { 90 } else { 0 };
        self.machine.say(&Say::Dismiss)?;
        self.see_no_rest()?;
        let began = uptime();
        self.machine.say(&Say::Keep { settings: format!("[kiosk]\nrotation = {rotation}\n{settings}") })?;
        self.start_took = self.see_rest()? - began;
        Ok(Twin::new())
    }

    pub(crate) fn plug(&mut self, name: &str) -> Result<(), String> {
        self.machine.say(&Say::Plug { name: name.into() })
    }

    pub(crate) fn pull(&mut self, name: &str) -> Result<(), String> {
        self.machine.say(&Say::Pull { name: name.into() })
    }

    pub(crate) fn press(&mut self, name: &str, key: u16) -> Result<(), String> {
        self.machine.say(&Say::Press { name: name.into(), key })
    }

    pub(crate) fn strike(&mut self, name: &str, key: u16) -> Result<(), String> {
        self.press(name, key)?;
        self.machine.say(&Say::Release { name: name.into(), key })
    }

    /// On the remote, and on the twin's.
    pub(crate) fn digits(&mut self, name: &str, digits: &[u8], twin: &mut Twin) -> Result<(), String> {
        for digit in digits {
            self.strike(name, KEY_NUMERIC_0 + u16::from(*digit))?;
            twin.press(Key::Digit(*digit));
        }
        Ok(())
    }

    pub(crate) fn ok(&mut self, name: &str) -> Result<(), String> {
        self.strike(name, KEY_OK)
    }

    pub(crate) fn glass(&mut self) -> Result<(), String> {
        let (width, height) = (self.size.0 as i32, self.size.1 as i32);
        self.machine.say(&Say::Glass { width, height })
    }

    /// What a finger meets there.
    pub(crate) fn places(&self, view: &View) -> Result<Places, String> {
        self.painter().places(view)
    }

    /// With a finger.
    pub(crate) fn tap(&mut self, (x, y): (i32, i32)) -> Result<(), String> {
        self.machine.say(&Say::Touch { x, y })
    }

    /// Waits until the display shows it.
    pub(crate) fn see(&mut self, what: &str, view: &View) -> Result<(), String> {
        let wanted = self.painter().paint(view)?;
        let wanted: Rc<[Picture]> = [wanted].into();
        self.see_any(what, |_| Ok(wanted.clone())).map(drop)
    }

    /// Waits until nobody is there, and tells when that was.
    pub(crate) fn see_rest(&mut self) -> Result<Duration, String> {
        let wanted = self.resting.get(&self.stand).cloned().ok_or("nobody has painted it")?;
        self.see_any("the resting screen", |_| Ok(wanted.clone()))
    }

    /// Waits until the kiosk before is gone from the display.
    fn see_no_rest(&mut self) -> Result<(), String> {
        let until = uptime() + PATIENCE;
        let pictures = self.resting.get(&self.stand).cloned().ok_or("nobody has painted it")?;
        while self.glance(&pictures)?.is_some() {
            if uptime() > until {
                return Err("a kiosk that ended stays on the display".into());
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    /// Waits until the display shows one of these, and tells when that was.
    fn see_any(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&mut Room) -> Result<Rc<[Picture]>, String>,
    ) -> Result<Duration, String> {
        let until = uptime() + PATIENCE;
        loop {
            let seen = self.machine.look()?;
            let at = uptime();
            let wanted = wanted(self)?;
            if wanted.iter().any(|one| seen.is_like(one)) {
                seen.save(&self.out.join(format!("{}.png", what.replace(' ', "-"))))?;
                return Ok(at);
            }
            if uptime() > until {
                seen.save(&self.out.join("seen.png"))?;
                let apart: Vec<usize> = wanted.iter().map(|one| seen.differences(one)).collect();
                if let Some((one, _)) = wanted.iter().zip(&apart).min_by_key(|(_, apart)| **apart) {
                    one.save(&self.out.join("wanted.png"))?;
                }
                return Err(format!(
                    "{what} is not there: {apart:?} pixels differ. Look at seen.png and wanted.png in {}.\n{}",
                    self.out.display(),
                    self.machine.console()
                ));
            }
            // While it is looked at, the machine stands still.
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }

    pub(crate) fn paint(&self, views: &[View]) -> Result<Vec<Picture>, String> {
        views.iter().map(|view| self.painter().paint(view)).collect()
    }

    /// Which of these the display shows just now.
    pub(crate) fn glance(&mut self, pictures: &[Picture]) -> Result<Option<usize>, String> {
        let seen = self.machine.look()?;
        seen.save(&self.out.join("seen.png"))?;
        Ok(pictures.iter().position(|picture| seen.is_like(picture)))
    }

    /// What is on the display is clearly none of these; the least number of pixels that tell them apart.
    pub(crate) fn is_none_of(&mut self, views: &[View]) -> Result<usize, String> {
        let seen = self.machine.look()?;
        let apart = self.paint(views)?.iter().map(|picture| seen.differences(picture)).min();
        let least = apart.unwrap_or(0);
        if least < UNLIKE { Err(format!("two screens differ in {least} pixels alone")) } else { Ok(least) }
    }

    /// Waits until the request is on the phone and its code on the display.
    pub(crate) fn see_waiting(&mut self, twin: &Twin) -> Result<Request, String> {
        let request = self.ring()?;
        self.see_any("the waiting screen", |room| {
            let now = room.phone()?.pop().ok_or("the phone shows nothing any more")?;
            Ok(room.paint(&twin.waiting(&now))?.into())
        })?;
        Ok(request)
    }

    fn ring(&mut self) -> Result<Request, String> {
        let until = uptime() + PATIENCE;
        loop {
            if let Some(request) = self.phone()?.pop() {
                return Ok(request);
            }
            if uptime() > until {
                self.machine.look()?.save(&self.out.join("seen.png"))?;
                return Err(format!("no request comes to the phone.\n{}", self.machine.console()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn phone(&mut self) -> Result<Vec<Request>, String> {
        match self.machine.ask(&Say::Phone)? {
            Hear::Requests(requests) => Ok(requests),
            other => Err(format!("the phone shows {other:?}")),
        }
    }

    /// On the phone, and the result on the display.
    pub(crate) fn approve(&mut self, twin: &Twin) -> Result<(), String> {
        self.machine.say(&Say::Approve)?;
        let approved = Page::Approved(Approved { first_name: Some(FIRST_NAME.into()) });
        self.see("the result screen", &twin.with(approved))
    }

    /// Waits until this has happened at the broker, in whatever company.
    pub(crate) fn hear_of(&mut self, wanted: &str) -> Result<(), String> {
        self.hear("the broker", &Say::Journal, wanted)
    }

    /// Waits until the kiosk has told the service manager this.
    pub(crate) fn hear_told(&mut self, wanted: &str) -> Result<(), String> {
        self.hear("the service manager", &Say::Told, wanted)
    }

    /// Waits until the host has read a result with this outcome.
    pub(crate) fn hear_result(&mut self, wanted: &str) -> Result<(), String> {
        self.hear("the host", &Say::Results, wanted)
    }

    fn hear(&mut self, whose: &str, ask: &Say, wanted: &str) -> Result<(), String> {
        let until = uptime() + PATIENCE;
        let mut heard = Vec::new();
        loop {
            match self.machine.ask(ask)? {
                Hear::Happened(news) | Hear::Told(news) => heard.extend(news),
                other => return Err(format!("the news of {whose} are {other:?}")),
            }
            if heard.iter().any(|one| one == wanted) {
                return Ok(());
            }
            if uptime() > until {
                return Err(format!("{whose} did not hear {wanted:?}, but {heard:?}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Starts a kiosk that cannot begin, and gives the sentence that it ends with.
    pub(crate) fn obstruct(&mut self, obstacle: Obstacle, wanted: &str) -> Result<String, String> {
        match self.machine.ask(&Say::Obstruct(obstacle))? {
            Hear::Ended(Ended { code: Some(1), said }) if said.contains(wanted) => Ok(said),
            other => Err(format!("{obstacle:?}: {wanted:?} was not said, but {other:?}")),
        }
    }
}
