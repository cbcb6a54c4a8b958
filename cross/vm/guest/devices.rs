//! Remote controls and a touch screen that do not exist, made through `/dev/uinput`.

use std::collections::HashMap;
use std::path::PathBuf;

use evdev::uinput::VirtualDevice;
use evdev::{
    AbsInfo, AbsoluteAxisCode, AttributeSet, BusType, EventType, InputEvent, InputId, KeyCode, PropType,
    UinputAbsSetup,
};

const GLASS: &str = "Glass";

/// What is plugged in, by name.
#[derive(Default)]
pub(crate) struct Devices {
    plugged: HashMap<String, VirtualDevice>,
    touches: i32,
}

impl Devices {
    /// What is on the remote of a television. The path of its node.
    pub(crate) fn plug(&mut self, name: String) -> Result<PathBuf, String> {
        let digits = (KeyCode::KEY_NUMERIC_0.0..=KeyCode::KEY_NUMERIC_9.0).map(KeyCode);
        let others = [
            KeyCode::KEY_OK,
            KeyCode::KEY_EXIT,
            KeyCode::KEY_UP,
            KeyCode::KEY_DOWN,
            KeyCode::KEY_LEFT,
            KeyCode::KEY_RIGHT,
            KeyCode::KEY_CLEAR,
            KeyCode::KEY_RED,
            KeyCode::KEY_BLUE,
        ];
        let keys: AttributeSet<KeyCode> = digits.chain(others).collect();
        let made = VirtualDevice::builder()
            .and_then(|builder| builder.name(&name).input_id(id()).with_keys(&keys)?.build())
            .map_err(|error| format!("{name}: {error}"))?;
        self.settle(name, made)
    }

    /// A touch screen with one finger of the kernel's slotted kind.
    pub(crate) fn glass(&mut self, width: i32, height: i32) -> Result<PathBuf, String> {
        let keys: AttributeSet<KeyCode> = [KeyCode::BTN_TOUCH].into_iter().collect();
        let properties: AttributeSet<PropType> = [PropType::DIRECT].into_iter().collect();
        let axis = |code, most| UinputAbsSetup::new(code, AbsInfo::new(0, 0, most, 0, 0, 10));
        let axes = [
            axis(AbsoluteAxisCode::ABS_X, width - 1),
            axis(AbsoluteAxisCode::ABS_Y, height - 1),
            axis(AbsoluteAxisCode::ABS_MT_SLOT, 4),
            axis(AbsoluteAxisCode::ABS_MT_TRACKING_ID, 65_535),
            axis(AbsoluteAxisCode::ABS_MT_POSITION_X, width - 1),
            axis(AbsoluteAxisCode::ABS_MT_POSITION_Y, height - 1),
        ];
        let made = VirtualDevice::builder()
            .and_then(|builder| {
                let builder = builder.name(GLASS).input_id(id()).with_keys(&keys)?;
                let builder = builder.with_properties(&properties)?;
                axes.iter().try_fold(builder, |builder, axis| builder.with_absolute_axis(axis))?.build()
            })
            .map_err(|error| format!("{GLASS}: {error}"))?;
        self.settle(GLASS.to_owned(), made)
    }

    fn settle(&mut self, name: String, mut device: VirtualDevice) -> Result<PathBuf, String> {
        let node =
            device.enumerate_dev_nodes_blocking().ok().and_then(|mut nodes| nodes.find_map(Result::ok));
        let node = node.ok_or_else(|| format!("{name} has no node"))?;
        self.plugged.insert(name, device);
        Ok(node)
    }

    /// Whatever was held on it stays down.
    pub(crate) fn pull(&mut self, name: &str) -> Result<(), String> {
        self.plugged.remove(name).map(drop).ok_or_else(|| format!("{name} is not plugged in"))
    }

    pub(crate) fn emit(&mut self, name: &str, key: u16, value: i32) -> Result<(), String> {
        self.send(name, &[InputEvent::new(EventType::KEY.0, key, value)])
    }

    /// A finger comes down and goes up.
    pub(crate) fn touch(&mut self, x: i32, y: i32) -> Result<(), String> {
        self.touches += 1;
        let absolute = |code: AbsoluteAxisCode, value| InputEvent::new(EventType::ABSOLUTE.0, code.0, value);
        let button = |value| InputEvent::new(EventType::KEY.0, KeyCode::BTN_TOUCH.0, value);
        self.send(
            GLASS,
            &[
                absolute(AbsoluteAxisCode::ABS_MT_TRACKING_ID, self.touches),
                absolute(AbsoluteAxisCode::ABS_MT_POSITION_X, x),
                absolute(AbsoluteAxisCode::ABS_MT_POSITION_Y, y),
                absolute(AbsoluteAxisCode::ABS_X, x),
                absolute(AbsoluteAxisCode::ABS_Y, y),
                button(1),
            ],
        )?;
        self.send(GLASS, &[absolute(AbsoluteAxisCode::ABS_MT_TRACKING_ID, -1), button(0)])
    }

    fn send(&mut self, name: &str, events: &[InputEvent]) -> Result<(), String> {
        let device = self.plugged.get_mut(name).ok_or_else(|| format!("{name} is not plugged in"))?;
        device.emit(events).map_err(|error| format!("{name}: {error}"))
    }
}

fn id() -> InputId {
    InputId::new(BusType::BUS_USB, 0x1d6b, 0x0104, 1)
}
