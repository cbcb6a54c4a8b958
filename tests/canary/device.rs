//! A process of its own that logs people in, goes back to its first screen, and shows its whole memory.
//!
//! It is what the program is between the command line and the screen: the same reading of standard input, the same
//! app, the same line for the host. It holds no canary but those that it is told.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use flexlogin::app::{App, PATIENCE};
use flexlogin::clock::uptime;
use flexlogin::config;
use flexlogin::defects;
use flexlogin::flow::{Event, Identifier, Key, Kind, News, Page, View};
use flexlogin::host;
use flexlogin::platform::{signals, terminal};

/// How long after the return to the first screen nothing may be left.
const IDLE: Duration = Duration::from_secs(1);
/// In bytes.
const SHOWN_AT_ONCE: u64 = 1 << 16;
/// No step takes longer.
const LONGEST: Duration = Duration::from_secs(30);

/// Does what standard input says, a word on each line, until it ends. The process ends here.
pub(crate) fn run(config: &Path) -> ! {
    serve(|| {
        let mut device = Device::new(config);
        move |order: &str| device.obey(order)
    })
}

/// Lets what `begin` gives obey standard input. Each order that is carried out is answered with "done".
pub(crate) fn serve<Obey: FnMut(&str)>(begin: impl FnOnce() -> Obey) -> ! {
    let tell = |sentence: &str| drop(writeln!(io::stderr(), "{sentence}"));
    let live = AssertUnwindSafe(|| {
        let mut obey = begin();
        let mut out = output();
        loop {
            writeln!(out, "done").unwrap();
            let order = terminal::line();
            if order.is_empty() {
                return 0;
            }
            obey(&order);
        }
    });
    std::process::exit(i32::from(defects::contain(tell, host::DEFECT, live)));
}

/// The standard library's own handle keeps what it wrote.
pub(crate) fn output() -> File {
    io::stdout().as_fd().try_clone_to_owned().unwrap().into()
}

struct Device {
    app: App,
    events: Receiver<Event>,
    out: File,
    /// The next news is too much for whoever brings it.
    fragile: Arc<AtomicBool>,
}

impl Device {
    fn new(config: &Path) -> Device {
        let config = config::read(config).unwrap();
        let (tell, events) = mpsc::channel();
        let leave = tell.clone();
        signals::on_leave(move || drop(leave.send(Event::Leave))).unwrap();
        let fragile = Arc::new(AtomicBool::new(false));
        let breaks = fragile.clone();
        let news = move |event| {
            assert!(!breaks.load(Ordering::Relaxed), "{event:?}");
            drop(tell.send(event));
        };
        Device { app: App::new(&config, Kind::Cpr, PATIENCE, news).unwrap(), events, out: output(), fragile }
    }

    fn obey(&mut self, order: &str) {
        match order {
            "given" => {
                let cpr = Identifier::parse(Kind::Cpr, &terminal::line()).unwrap();
                self.tell(Event::Given { hint: cpr.complete().unwrap(), user_code: None });
            }
            "typed" => {
                for byte in terminal::line().bytes() {
                    self.tell(Event::Pressed(Key::Digit(byte - b'0')));
                }
                self.tell(Event::Pressed(Key::Ok));
            }
            "back" => self.tell(Event::Pressed(Key::Back)),
            "wait" => self.until(|view| matches!(view.page, Page::Waiting(_))),
            "end" => {
                self.until(|view| !matches!(view.page, Page::Enter(_) | Page::Starting | Page::Waiting(_)));
                let outcome = self.app.take_outcome().unwrap();
                self.say(&host::line(&outcome));
                // An OK that came sooner would be the one that asked.
                self.live(Duration::from_secs(1));
                self.tell(Event::Pressed(Key::Ok));
                self.until(|view| matches!(view.page, Page::Enter(_)));
            }
            "look" => {
                self.live(IDLE);
                show_memory(&mut self.out);
            }
            "remember" => drop(Box::leak(terminal::line().to_string().into_boxed_str())),
            "break here" => panic!("{:?}", self.app.view()),
            "break there" => {
                self.fragile.store(true, Ordering::Relaxed);
                self.live(LONGEST);
            }
            "break beside" => {
                let view = self.app.view();
                defects::beside("beside", move || panic!("{view:?}")).unwrap();
                // Whatever else comes is left aside, so that only being told to leave can end this.
                while !matches!(self.events.recv().unwrap(), Event::Leave) {}
                self.tell(Event::Leave);
            }
            word => panic!("no such word: {word}"),
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.out, "{line}").unwrap();
    }

    fn tell(&mut self, event: Event) {
        if let Event::News(_, News::Acknowledged(ack)) = &event {
            self.say(&format!("handle {}", ack.auth_req_id.0.expose()));
        }
        self.app.tell(event);
    }

    fn live(&mut self, time: Duration) {
        let end = uptime() + time;
        while uptime() < end {
            let left = end.saturating_sub(uptime()).min(Duration::from_millis(100));
            let quiet = self.app.quiet_for(true).unwrap_or(left).min(left);
            let event = self.events.recv_timeout(quiet).unwrap_or(Event::Woke);
            self.tell(event);
        }
    }

    fn until(&mut self, there: impl Fn(&View) -> bool) {
        let end = uptime() + LONGEST;
        while !there(&self.app.view()) {
            assert!(uptime() < end, "{} is there", self.app.view().page.name());
            self.live(Duration::from_millis(20));
        }
    }
}

/// Shows every piece of memory that code of this process can write to, after a line with its length.
pub(crate) fn show_memory(out: &mut File) {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut buffer = vec![0; SHOWN_AT_ONCE as usize];
    for line in maps.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (from, to) = words[0].split_once('-').unwrap();
        let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        if !words[1].starts_with("rw") {
            continue;
        }
        writeln!(out, "piece {}", to - from).unwrap();
        let mut at = from;
        while at < to {
            let wanted = (to - at).min(buffer.len() as u64) as usize;
            memory.read_exact_at(&mut buffer[..wanted], at).unwrap();
            // The buffer would show what it has shown before.
            let here = buffer.as_ptr() as u64;
            for (piece, address) in buffer[..wanted].iter_mut().zip(at..) {
                if (here..here + SHOWN_AT_ONCE).contains(&address) {
                    *piece = 0;
                }
            }
            out.write_all(&buffer[..wanted]).unwrap();
            at += wanted as u64;
        }
    }
}
