//! Devices that do not exist, and two who listen to them.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use evdev::raw_stream::RawDevice;
use evdev::uinput::VirtualDevice;
use evdev::{
    AbsInfo, AbsoluteAxisCode, AttributeSet, BusType, EventType, InputEvent, InputId, KeyCode, PropType,
    UinputAbsSetup,
};
use flexlogin::clock::uptime;
use flexlogin::flow::Key;
use flexlogin::input::devices::{Devices, News, Wanted};
use flexlogin::input::{Change, Code, Model, Presses, Settings, Touch};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);

/// A device as long as it is plugged in.
pub(crate) struct Plugged(VirtualDevice);

impl Plugged {
    pub(crate) fn press(&mut self, key: KeyCode) {
        self.emit(key, 1);
    }

    pub(crate) fn release(&mut self, key: KeyCode) {
        self.emit(key, 0);
    }

    pub(crate) fn strike(&mut self, key: KeyCode) {
        self.press(key);
        self.release(key);
    }

    /// All down in order, then all up.
    pub(crate) fn chord(&mut self, keys: &[KeyCode]) {
        keys.iter().for_each(|key| self.press(*key));
        keys.iter().rev().for_each(|key| self.release(*key));
    }

    /// Puts the finger with this number down, moves it there, or, without a place, lifts it.
    pub(crate) fn finger(&mut self, slot: i32, place: Option<(i32, i32)>, is_new: bool) {
        let axis = |code: AbsoluteAxisCode, value| InputEvent::new(EventType::ABSOLUTE.0, code.0, value);
        let mut events = vec![axis(AbsoluteAxisCode::ABS_MT_SLOT, slot)];
        if is_new || place.is_none() {
            let number = place.map_or(-1, |_| 100 + slot);
            events.push(axis(AbsoluteAxisCode::ABS_MT_TRACKING_ID, number));
        }
        if let Some((x, y)) = place {
            events.push(axis(AbsoluteAxisCode::ABS_MT_POSITION_X, x));
            events.push(axis(AbsoluteAxisCode::ABS_MT_POSITION_Y, y));
        }
        self.0.emit(&events).unwrap();
    }

    fn emit(&mut self, key: KeyCode, value: i32) {
        self.0.emit(&[InputEvent::new(EventType::KEY.0, key.code(), value)]).unwrap();
    }
}

pub(crate) fn plug(name: &str, keys: &[KeyCode]) -> Plugged {
    let keys: AttributeSet<KeyCode> = keys.iter().copied().collect();
    let builder = VirtualDevice::builder().unwrap().name(name).input_id(id()).with_keys(&keys).unwrap();
    settled(builder.build().unwrap())
}

fn id() -> InputId {
    InputId::new(BusType::BUS_USB, 0x1d6b, 0x0104, 1)
}

/// The node is there once the kernel has told of it.
fn settled(mut device: VirtualDevice) -> Plugged {
    let node = device.enumerate_dev_nodes_blocking().unwrap().find_map(Result::ok).unwrap();
    let since = uptime();
    while !node.exists() {
        assert!(uptime() - since < PATIENCE, "{} does not come", node.display());
        std::thread::yield_now();
    }
    Plugged(device)
}

/// What is on the remote of a television.
pub(crate) fn remote(name: &str) -> Plugged {
    let digits = (512..522).map(KeyCode);
    let others = [
        KeyCode::KEY_OK,
        KeyCode::KEY_SELECT,
        KeyCode::KEY_EXIT,
        KeyCode::KEY_UP,
        KeyCode::KEY_DOWN,
        KeyCode::KEY_LEFT,
        KeyCode::KEY_RIGHT,
        KeyCode::KEY_CLEAR,
        KeyCode::KEY_BLUE,
        KeyCode::KEY_POWER,
        KeyCode::KEY_PROG1,
    ];
    plug(name, &digits.chain(others).collect::<Vec<_>>())
}

/// A keyboard with everything up to F12 and SysRq.
pub(crate) fn keyboard(name: &str) -> Plugged {
    plug(name, &(1..128).map(KeyCode).collect::<Vec<_>>())
}

/// What some keyboards tell of themselves, from ABS_X to ABS_MAX.
pub(crate) fn keyboard_with_every_axis(name: &str) -> Plugged {
    let keys: AttributeSet<KeyCode> = (1..128).map(KeyCode).collect();
    let mut builder = VirtualDevice::builder().unwrap().name(name).input_id(id()).with_keys(&keys).unwrap();
    for code in (0x00..0x40).map(AbsoluteAxisCode) {
        let axis = UinputAbsSetup::new(code, AbsInfo::new(0, 0, 1, 0, 0, 1));
        builder = builder.with_absolute_axis(&axis).unwrap();
    }
    settled(builder.build().unwrap())
}

pub(crate) fn touch_screen(name: &str) -> Plugged {
    let keys: AttributeSet<KeyCode> = [KeyCode::BTN_TOUCH, KeyCode::KEY_POWER].into_iter().collect();
    let axis = |code, most| UinputAbsSetup::new(code, AbsInfo::new(0, 0, most, 0, 0, 1));
    let properties: AttributeSet<PropType> = [PropType::DIRECT].into_iter().collect();
    let builder = VirtualDevice::builder().unwrap().name(name).input_id(id());
    let builder = builder.with_keys(&keys).unwrap().with_properties(&properties).unwrap();
    let builder = builder.with_absolute_axis(&axis(AbsoluteAxisCode::ABS_MT_SLOT, 9)).unwrap();
    let builder = builder.with_absolute_axis(&axis(AbsoluteAxisCode::ABS_MT_TRACKING_ID, 65535)).unwrap();
    let builder = builder.with_absolute_axis(&axis(AbsoluteAxisCode::ABS_MT_POSITION_X, 1000)).unwrap();
    let builder = builder.with_absolute_axis(&axis(AbsoluteAxisCode::ABS_MT_POSITION_Y, 2000)).unwrap();
    settled(builder.build().unwrap())
}

/// Our side, as a kiosk has it.
pub(crate) struct Bench {
    devices: Devices,
    presses: Presses,
    names: Vec<String>,
    keys: Vec<Key>,
    touches: Vec<Touch>,
    news: Vec<News>,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench::set_up(Wanted::Keys, Settings::default())
    }

    /// Fingers are wanted too.
    pub(crate) fn with_fingers() -> Bench {
        Bench::set_up(Wanted::KeysAndTouch, Settings::default())
    }

    /// One key of one model means something else.
    pub(crate) fn with(name: &str, code: Code, key: Key) -> Bench {
        let map = [(code, Some(key))].into();
        let model = Model { name: Some(name.to_owned()), map, ..Model::default() };
        Bench::set_up(Wanted::Keys, Settings { models: vec![model], ..Settings::default() })
    }

    fn set_up(wanted: Wanted, settings: Settings) -> Bench {
        let devices = Devices::hold(wanted, settings.models.clone()).unwrap();
        let presses = Presses::new(settings);
        let (names, keys, touches, news) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut bench = Bench { devices, presses, names, keys, touches, news };
        bench.listen(LOOK);
        bench
    }

    fn listen(&mut self, pause: Duration) {
        let wake = self.presses.wake_at().map(|at| at.saturating_sub(uptime()));
        let news = self.devices.wait(wake.into_iter().chain([pause]).min()).unwrap();
        for one in news {
            match &one {
                News::Came(device, identity) => {
                    self.presses.meet(*device, identity);
                    self.names.push(identity.name().to_owned());
                }
                News::Changed(device, change) => {
                    self.keys.extend(self.presses.hear(*device, *change, uptime()));
                }
                News::Touched(_, touch) => self.touches.push(*touch),
                News::Refused(..) => {}
            }
            self.news.push(one);
        }
        self.keys.extend(self.presses.wake(uptime()));
    }

    fn until(&mut self, what: &str, is_there: impl Fn(&Bench) -> bool) {
        let since = uptime();
        while !is_there(self) {
            let names = self.names.join(", ");
            assert!(
                uptime() - since < PATIENCE,
                "{what} is missing; of {names} {} keys came",
                self.keys.len()
            );
            // Longer than a device needs to settle, so that what is refused is told.
            self.listen(Duration::from_secs(2));
        }
    }

    /// These keys came, and no others.
    pub(crate) fn expect(&mut self, keys: &[Key]) {
        self.until("a key", |bench| bench.keys.len() >= keys.len());
        let came = std::mem::take(&mut self.keys);
        assert!(came == keys, "other keys came than {} expected", keys.len());
    }

    /// This is what the finger did, and nothing else.
    pub(crate) fn expect_touches(&mut self, touches: &[Touch]) {
        self.until("a touch", |bench| bench.touches.len() >= touches.len());
        assert_eq!(std::mem::take(&mut self.touches), touches);
    }

    pub(crate) fn expect_device(&mut self, name: &str) {
        self.until(name, |bench| bench.names.iter().any(|known| known == name));
        self.names.retain(|known| known != name);
    }

    pub(crate) fn expect_gone(&mut self) {
        self.expect_news("the end of a device", |news| matches!(news, News::Changed(_, Change::Gone)));
    }

    pub(crate) fn expect_news(&mut self, what: &str, is_it: impl Fn(&News) -> bool) {
        self.until(what, |bench| bench.news.iter().any(&is_it));
        self.news.clear();
    }

    pub(crate) fn keys_within(&mut self, time: Duration) -> Vec<Key> {
        self.keys.clear();
        let until = uptime() + time;
        while uptime() < until {
            self.listen(until.saturating_sub(uptime()));
        }
        std::mem::take(&mut self.keys)
    }

    pub(crate) fn names(&mut self) -> &[String] {
        self.listen(LOOK);
        &self.names
    }
}

/// Somebody else who reads a device, without holding it.
pub(crate) struct Listener(RawDevice);

impl Listener {
    pub(crate) fn of(name: &str) -> Listener {
        let nodes = fs::read_dir("/dev/input").unwrap().map(|entry| entry.unwrap().path());
        let mut events: Vec<PathBuf> = nodes.filter(|path| is_event(path)).collect();
        events.sort();
        let found = events.iter().filter_map(|path| RawDevice::open(path).ok());
        let device = found.into_iter().find(|device| device.name() == Some(name)).unwrap();
        let flags = fcntl_getfl(&device).unwrap();
        fcntl_setfl(&device, flags | OFlags::NONBLOCK).unwrap();
        Listener(device)
    }

    /// The keys that were pressed since it was asked last.
    pub(crate) fn heard(&mut self) -> Vec<KeyCode> {
        let Ok(events) = self.0.fetch_events() else { return Vec::new() };
        let pressed = events.filter(|event| event.event_type() == EventType::KEY && event.value() == 1);
        pressed.map(|event| KeyCode(event.code())).collect()
    }

    pub(crate) fn can_hold(&mut self) -> bool {
        self.0.grab().is_ok()
    }
}

fn is_event(path: &std::path::Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("event"))
}
