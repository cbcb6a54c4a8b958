//! A screen without a display: the app is drawn into memory and saved as pictures.
//!
//! Slint keeps its platform for each thread, so a thread holds one panel at the most.

use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::{DrawTarget, Point, RgbColor, Size};
use embedded_graphics::primitives::Rectangle;
use embedded_graphics_simulator::{OutputSettings, SimulatorDisplay};
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, PointerEventButton, WindowAdapter, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PhysicalSize, PlatformError, Rgb8Pixel};

use crate::config::Look;
use crate::screen::{self, App};

/// The app on a panel of a fixed size.
pub struct Panel {
    window: Rc<MinimalSoftwareWindow>,
    app: App,
    width: u32,
    height: u32,
    pixels: Vec<Rgb8Pixel>,
}

impl Panel {
    /// A panel of this size in pixels. `now` is the time since any fixed moment: the real one, or one that a
    /// test moves.
    pub fn new(
        width: u32,
        height: u32,
        now: impl Fn() -> Duration + 'static,
    ) -> Result<Panel, PlatformError> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        window.set_size(PhysicalSize::new(width, height));
        slint::platform::set_platform(Box::new(Headless { window: window.clone(), now: Box::new(now) }))
            .map_err(|_| PlatformError::from("this thread has a screen already"))?;
        let app = App::new()?;
        screen::furnish(&app, &Look::default()).map_err(PlatformError::Other)?;
        app.show()?;
        let area = width as usize * height as usize;
        Ok(Panel { window, app, width, height, pixels: vec![Rgb8Pixel::default(); area] })
    }

    /// The app that the panel draws.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Presses and releases a finger at a place given in pixels.
    pub fn tap(&self, x: u32, y: u32) {
        let position = LogicalPosition::new(x as f32, y as f32);
        let button = PointerEventButton::Left;
        slint::platform::update_timers_and_animations();
        self.window.dispatch_event(WindowEvent::PointerPressed { position, button });
        self.window.dispatch_event(WindowEvent::PointerReleased { position, button });
        self.window.dispatch_event(WindowEvent::PointerExited);
    }

    /// Runs the timers that are due and draws what is new; `false` when nothing was.
    pub fn draw(&mut self) -> bool {
        slint::platform::update_timers_and_animations();
        let (pixels, width) = (&mut self.pixels, self.width as usize);
        self.window.draw_if_needed(|renderer| {
            renderer.render(pixels, width);
        })
    }

    /// Writes what was drawn last as a PNG file.
    pub fn save_png(&self, path: &Path) -> Result<(), String> {
        self.display()
            .to_rgb_output_image(&OutputSettings::default())
            .save_png(path)
            .map_err(|error| format!("{}: the picture could not be written: {error}", path.display()))
    }

    /// What was drawn last, for a window or a file.
    pub(super) fn display(&self) -> SimulatorDisplay<Rgb888> {
        let size = Size::new(self.width, self.height);
        let mut display = SimulatorDisplay::with_default_color(size, Rgb888::BLACK);
        let colours = self.pixels.iter().map(|pixel| Rgb888::new(pixel.r, pixel.g, pixel.b));
        let Ok(()) = display.fill_contiguous(&Rectangle::new(Point::zero(), size), colours);
        display
    }

    /// The size in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// What was drawn last, line by line.
    pub fn pixels(&self) -> &[Rgb8Pixel] {
        &self.pixels
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Panel({}×{})", self.width, self.height)
    }
}

struct Headless {
    window: Rc<MinimalSoftwareWindow>,
    now: Box<dyn Fn() -> Duration>,
}

impl Platform for Headless {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        (self.now)()
    }
}
