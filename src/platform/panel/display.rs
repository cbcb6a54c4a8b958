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

use crate::screen::App;

/// The app on a panel of a fixed size.
pub struct Panel {
    window: Rc<MinimalSoftwareWindow>,
    app: App,
    width: u32,
    height: u32,
    pixels: Vec<Rgb8Pixel>,
    display: SimulatorDisplay<Rgb888>,
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
        app.show()?;
        let area = width as usize * height as usize;
        Ok(Panel {
            window,
            app,
            width,
            height,
            pixels: vec![Rgb8Pixel::default(); area],
            display: SimulatorDisplay::with_default_color(Size::new(width, height), Rgb888::BLACK),
        })
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
        let (pixels, display, width) = (&mut self.pixels, &mut self.display, self.width as usize);
        self.window.draw_if_needed(|renderer| {
            let drawn = renderer.render(pixels, width);
            for (origin, size) in drawn.iter() {
                copy(pixels, width, display, origin.x, origin.y, size.width, size.height);
            }
        })
    }

    /// Writes what was drawn last as a PNG file.
    pub fn save_png(&self, path: &Path) -> Result<(), String> {
        self.display
            .to_rgb_output_image(&OutputSettings::default())
            .save_png(path)
            .map_err(|error| format!("{}: the picture could not be written: {error}", path.display()))
    }

    /// What was drawn last, for a window.
    #[cfg(feature = "sdl")]
    pub(super) fn display(&self) -> &SimulatorDisplay<Rgb888> {
        &self.display
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

fn copy(
    pixels: &[Rgb8Pixel],
    stride: usize,
    display: &mut SimulatorDisplay<Rgb888>,
    x: i32,
    y: i32,
    width: u32,
    height: u32,
) {
    let (left, top) = (x.max(0) as usize, y.max(0) as usize);
    let colours = pixels
        .chunks_exact(stride)
        .skip(top)
        .take(height as usize)
        .flat_map(|line| line.iter().skip(left).take(width as usize))
        .map(|pixel| Rgb888::new(pixel.r, pixel.g, pixel.b));
    let area = Rectangle::new(Point::new(x, y), Size::new(width, height));
    let Ok(()) = display.fill_contiguous(&area, colours);
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
