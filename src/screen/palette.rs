//! The colours of the themes, and how well each of them can be told from what is behind it.

use slint::Color;

use super::contrast::{CONTROL, Rgb, TEXT, ratio};
use super::ui;
use crate::config::{BrandFolder, Theme};

/// Every colour that the screens have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    pub page: Rgb,
    pub surface: Rgb,
    pub outline: Rgb,
    pub divider: Rgb,
    pub text: Rgb,
    pub secondary: Rgb,
    pub strong: Rgb,
    pub action: Rgb,
    pub action_pressed: Rgb,
    pub on_action: Rgb,
    pub tint: Rgb,
    pub shade: Rgb,
    pub frame: Rgb,
    pub success: Rgb,
    pub success_tint: Rgb,
    pub warning: Rgb,
    pub warning_tint: Rgb,
    pub danger: Rgb,
    pub danger_tint: Rgb,
    pub calm_tint: Rgb,
}

const LIGHT: Palette = Palette {
    page: rgb(0xEEF1F6),
    surface: rgb(0xFFFFFF),
    outline: rgb(0xD5DBE5),
    divider: rgb(0xE1E5EC),
    text: rgb(0x242934),
    secondary: rgb(0x47505F),
    strong: rgb(0x0B2A55),
    action: rgb(0x0060E6),
    action_pressed: rgb(0x00398A),
    on_action: rgb(0xFFFFFF),
    tint: rgb(0xF2F7FE),
    shade: rgb(0xDCE3ED),
    frame: rgb(0x7C8799),
    success: rgb(0x137A3E),
    success_tint: rgb(0xE4F4EA),
    warning: rgb(0x8A4200),
    warning_tint: rgb(0xFFF3E2),
    danger: rgb(0xA61B1B),
    danger_tint: rgb(0xFDECEC),
    calm_tint: rgb(0xE6EEFB),
};

const DARK: Palette = Palette {
    page: rgb(0x0E141D),
    surface: rgb(0x17202D),
    outline: rgb(0x35445A),
    divider: rgb(0x2C3A4D),
    text: rgb(0xE8EDF5),
    secondary: rgb(0xB5C1D1),
    strong: rgb(0xFFFFFF),
    action: rgb(0x7DB1FF),
    action_pressed: rgb(0xB4D3FF),
    on_action: rgb(0x07152B),
    tint: rgb(0x1D2B42),
    shade: rgb(0x2B394E),
    frame: rgb(0x8797AD),
    success: rgb(0x74DA9E),
    success_tint: rgb(0x14331F),
    warning: rgb(0xFFC27A),
    warning_tint: rgb(0x3A2A12),
    danger: rgb(0xFFA3A3),
    danger_tint: rgb(0x401C1E),
    calm_tint: rgb(0x203252),
};

const HIGH_CONTRAST: Palette = Palette {
    page: rgb(0x000000),
    surface: rgb(0x000000),
    outline: rgb(0xFFFFFF),
    divider: rgb(0xFFFFFF),
    text: rgb(0xFFFFFF),
    secondary: rgb(0xFFFFFF),
    strong: rgb(0xFFFFFF),
    action: rgb(0xFFD400),
    action_pressed: rgb(0xFFFFFF),
    on_action: rgb(0x000000),
    tint: rgb(0x000000),
    shade: rgb(0x3A3A3A),
    frame: rgb(0xFFFFFF),
    success: rgb(0x7DFF9E),
    success_tint: rgb(0x000000),
    warning: rgb(0xFFD400),
    warning_tint: rgb(0x000000),
    danger: rgb(0xFF9C9C),
    danger_tint: rgb(0x000000),
    calm_tint: rgb(0x000000),
};

/// What a resting screen shows at night, whatever its theme: to be read in the dark, and no lamp.
pub(super) const NIGHT: Palette = Palette {
    page: rgb(0x000000),
    surface: rgb(0x000000),
    outline: rgb(0x3A3A3A),
    divider: rgb(0x3A3A3A),
    text: rgb(0x8C8C8C),
    secondary: rgb(0x808080),
    strong: rgb(0x949494),
    action: rgb(0x7E93B0),
    action_pressed: rgb(0x949494),
    on_action: rgb(0x000000),
    tint: rgb(0x000000),
    shade: rgb(0x101010),
    frame: rgb(0x6E6E6E),
    success: rgb(0x6E9A7E),
    success_tint: rgb(0x000000),
    warning: rgb(0xA58A60),
    warning_tint: rgb(0x000000),
    danger: rgb(0xA87E7E),
    danger_tint: rgb(0x000000),
    calm_tint: rgb(0x000000),
};

/// Two colours of a palette that cannot be told apart well enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Faint {
    pub front: &'static str,
    pub behind: &'static str,
    pub ratio: f64,
    pub needed: f64,
}

impl Palette {
    /// The high-contrast theme takes no colour of a brand.
    pub fn of(theme: Theme, brand: Option<&BrandFolder>) -> Palette {
        let own = match theme {
            Theme::Light => LIGHT,
            Theme::Dark => DARK,
            Theme::HighContrast => return HIGH_CONTRAST,
        };
        let Some(brand) = brand else { return own };
        let action = brand.action.unwrap_or(own.action);
        // A pressed button goes halfway to the text on it.
        let pressed = match brand.action {
            Some(action) => [0, 1, 2].map(|at| action[at] / 2 + own.strong[at] / 2),
            None => own.action_pressed,
        };
        Palette {
            action,
            action_pressed: pressed,
            on_action: brand.on_action.unwrap_or(own.on_action),
            page: brand.page.unwrap_or(own.page),
            ..own
        }
    }

    /// Every pair of colours that stand on one another on some screen, if it is too faint.
    pub fn faint(&self) -> Vec<Faint> {
        let text = [
            ("text", self.text, "page", self.page),
            ("text", self.text, "surface", self.surface),
            ("text", self.text, "tint", self.tint),
            ("secondary", self.secondary, "page", self.page),
            ("secondary", self.secondary, "surface", self.surface),
            ("strong", self.strong, "page", self.page),
            ("strong", self.strong, "surface", self.surface),
            ("strong", self.strong, "tint", self.tint),
            ("strong", self.strong, "shade", self.shade),
            ("page", self.page, "strong", self.strong),
            ("on_action", self.on_action, "action", self.action),
            ("warning", self.warning, "page", self.page),
            ("warning", self.warning, "surface", self.surface),
            ("warning", self.warning, "warning-tint", self.warning_tint),
        ];
        let controls = [
            ("action", self.action, "page", self.page),
            ("action", self.action, "surface", self.surface),
            ("action", self.action, "tint", self.tint),
            ("frame", self.frame, "page", self.page),
            ("frame", self.frame, "surface", self.surface),
            ("frame", self.frame, "tint", self.tint),
            ("success", self.success, "success-tint", self.success_tint),
            ("danger", self.danger, "danger-tint", self.danger_tint),
            ("strong", self.strong, "calm-tint", self.calm_tint),
        ];
        let text = text.into_iter().map(|pair| (pair, TEXT));
        text.chain(controls.into_iter().map(|pair| (pair, CONTROL)))
            .map(|((front, one, behind, other), needed)| Faint {
                front,
                behind,
                ratio: ratio(one, other),
                needed,
            })
            .filter(|pair| pair.ratio < pair.needed)
            .collect()
    }

    pub(super) fn shown(&self) -> ui::Palette {
        ui::Palette {
            page: colour(self.page),
            surface: colour(self.surface),
            outline: colour(self.outline),
            divider: colour(self.divider),
            text: colour(self.text),
            secondary: colour(self.secondary),
            strong: colour(self.strong),
            action: colour(self.action),
            action_pressed: colour(self.action_pressed),
            on_action: colour(self.on_action),
            tint: colour(self.tint),
            shade: colour(self.shade),
            frame: colour(self.frame),
            success: colour(self.success),
            success_tint: colour(self.success_tint),
            warning: colour(self.warning),
            warning_tint: colour(self.warning_tint),
            danger: colour(self.danger),
            danger_tint: colour(self.danger_tint),
            calm_tint: colour(self.calm_tint),
        }
    }
}

const fn rgb(hex: u32) -> Rgb {
    let [_, red, green, blue] = hex.to_be_bytes();
    [red, green, blue]
}

fn colour([red, green, blue]: Rgb) -> Color {
    Color::from_rgb_u8(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_and_control_of_every_theme_can_be_told_from_what_is_behind_it() {
        for theme in [Theme::Light, Theme::Dark, Theme::HighContrast] {
            assert_eq!(Palette::of(theme, None).faint(), [], "{theme:?}");
        }
        assert_eq!(NIGHT.faint(), []);
    }

    #[test]
    fn a_faint_colour_of_a_brand_is_found_and_the_high_contrast_theme_takes_none() {
        let pale = BrandFolder { action: Some(rgb(0xA0C8FF)), ..Default::default() };
        let found = Palette::of(Theme::Light, Some(&pale)).faint();
        assert!(found.iter().any(|pair| (pair.front, pair.behind) == ("on_action", "action")), "{found:?}");
        assert!(found.iter().any(|pair| (pair.front, pair.behind) == ("action", "surface")), "{found:?}");
        assert_eq!(Palette::of(Theme::HighContrast, Some(&pale)), HIGH_CONTRAST);
    }
}
