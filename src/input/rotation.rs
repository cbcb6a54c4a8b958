//! How a display hangs: by how much the picture is turned on it, clockwise.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
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
}
