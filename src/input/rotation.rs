//! How a display hangs: by how much the picture is turned on it, clockwise, and where that puts a finger.

/// A quarter is 90 degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

/// A place, as parts of the whole width and height from the top left corner: 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spot {
    pub x: f32,
    pub y: f32,
}

impl Rotation {
    pub fn of_degrees(degrees: u64) -> Option<Rotation> {
        [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters]
            .into_iter()
            .find(|rotation| u64::from(rotation.degrees()) == degrees)
    }

    pub fn degrees(self) -> u16 {
        match self {
            Rotation::None => 0,
            Rotation::Quarter => 90,
            Rotation::Half => 180,
            Rotation::ThreeQuarters => 270,
        }
    }

    /// The place in the turned picture that lies under a place of the glass.
    pub fn in_the_picture(self, Spot { x, y }: Spot) -> Spot {
        match self {
            Rotation::None => Spot { x, y },
            Rotation::Quarter => Spot { x: y, y: 1.0 - x },
            Rotation::Half => Spot { x: 1.0 - x, y: 1.0 - y },
            Rotation::ThreeQuarters => Spot { x: 1.0 - y, y: x },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Rotation; 4] = [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];

    #[test]
    fn the_glass_s_top_left_corner_is_the_corner_of_the_picture_that_was_turned_there() {
        let corners = ALL.map(|rotation| rotation.in_the_picture(Spot { x: 0.0, y: 0.0 }));
        let expected = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)];
        assert_eq!(corners, expected.map(|(x, y)| Spot { x, y }));
    }

    #[test]
    fn four_quarters_lead_back_to_the_same_place() {
        let spot = Spot { x: 0.125, y: 0.75 };
        let turned = (0..4).fold(spot, |spot, _| Rotation::Quarter.in_the_picture(spot));
        assert_eq!(turned, spot);
        let half = Rotation::Quarter.in_the_picture(Rotation::Quarter.in_the_picture(spot));
        assert_eq!(half, Rotation::Half.in_the_picture(spot));
        assert_eq!(Rotation::Quarter.in_the_picture(half), Rotation::ThreeQuarters.in_the_picture(spot));
    }

    #[test]
    fn only_quarters_are_rotations() {
        assert_eq!([0, 90, 180, 270].map(Rotation::of_degrees), ALL.map(Some));
        assert_eq!([1, 45, 360].map(Rotation::of_degrees), [None; 3]);
    }
}
