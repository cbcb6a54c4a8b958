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
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType, Rgb565Pixel};
use slint::platform::{Platform, PointerEventButton, WindowAdapter, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PhysicalSize, PlatformError, Rgb8Pixel};

use crate::config::Look;
use crate::screen::{self, App};

/// A panel of no more pixels has a controller of its own, which takes two bytes for each (RGB565).
const SMALL: usize = 320 * 240;

/// The app on a panel of a fixed size.
pub struct Panel {
    window: Rc<MinimalSoftwareWindow>,
    app: App,
    width: u32,
    height: u32,
    pixels: Vec<Rgb8Pixel>,
    /// What a small panel is drawn in; `pixels` are the colours that a person sees then.
    narrow: Option<Vec<Rgb565Pixel>>,
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
        let narrow = (area <= SMALL).then(|| vec![Rgb565Pixel::default(); area]);
        Ok(Panel { window, app, width, height, pixels: vec![Rgb8Pixel::default(); area], narrow })
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
        let Some(narrow) = &mut self.narrow else {
            return self.window.draw_if_needed(|renderer| {
                renderer.render(pixels, width);
            });
        };
        let drawn = self.window.draw_if_needed(|renderer| {
            renderer.render(narrow, width);
        });
        if drawn {
            pixels.iter_mut().zip(narrow).for_each(|(pixel, narrow)| *pixel = widened(*narrow));
        }
        drawn
    }

    /// How a colour comes out on this panel.
    pub fn shows(&self, colour: Rgb8Pixel) -> Rgb8Pixel {
        if self.narrow.is_some() { widened(colour.into()) } else { colour }
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

    /// What was drawn last, line by line, as it is seen.
    pub fn pixels(&self) -> &[Rgb8Pixel] {
        &self.pixels
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Panel({}×{})", self.width, self.height)
    }
}

/// The highest bits fill the lowest, so that white stays white.
fn widened(Rgb565Pixel(pixel): Rgb565Pixel) -> Rgb8Pixel {
    let part = |at: u32, bits: u32| {
        let value = (pixel >> at) & ((1 << bits) - 1);
        (value << (8 - bits) | value >> (2 * bits - 8)) as u8
    };
    Rgb8Pixel { r: part(11, 5), g: part(5, 6), b: part(0, 5) }
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
