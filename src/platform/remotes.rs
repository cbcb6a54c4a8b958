//! The remotes and keyboards of this machine, read on a thread of their own.

use std::time::Duration;

use crate::clock::uptime;
use crate::defects;
use crate::flow::Key;
use crate::input::devices::{Devices, News, Wanted};
use crate::input::{Presses, Settings};

/// What came from the devices.
#[derive(Debug)]
pub enum Heard {
    /// What happened, and the key that it is, if it is one.
    News(News, Option<Key>),
    /// A key that goes on while it is held is still down.
    Again(Key),
    /// Nothing will come any more. A sentence.
    Broken(String),
}

/// Holds the devices from now on, and tells what comes from them for as long as the process lives. The error is a
/// sentence.
pub fn listen(
    settings: Settings,
    wanted: Wanted,
    mut tell: impl FnMut(Heard) + Send + 'static,
) -> Result<(), String> {
    let mut devices = Devices::hold(wanted, settings.models.clone())?;
    let mut presses = Presses::new(settings);
    let run = move || {
        loop {
            let pause = presses.wake_at().map(|at| at.saturating_sub(uptime()));
            let news = match devices.wait(pause) {
                Ok(news) => news,
                Err(sentence) => return tell(Heard::Broken(sentence)),
            };
            let now = uptime();
            news.into_iter().for_each(|news| tell(hear(&mut presses, news, now)));
            if let Some(key) = presses.wake(now) {
                tell(Heard::Again(key));
            }
        }
    };
    defects::beside("remotes", run).map_err(|error| format!("The remote controls cannot be read: {error}."))
}

fn hear(presses: &mut Presses, news: News, now: Duration) -> Heard {
    let key = match &news {
        News::Came(device, identity) => {
            presses.meet(*device, identity);
            None
        }
        News::Changed(device, change) => presses.hear(*device, *change, now),
        News::Refused(..) | News::Touched(..) => None,
    };
    Heard::News(news, key)
}
