//! Who a device says that it is, and what its keys mean where that is not what their codes say.

use std::collections::BTreeMap;

use super::Code;
use crate::flow::Key;

/// What a device tells about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: String,
    /// The numbers of its maker and of its kind, by the bus that it is on.
    pub vendor: u16,
    pub product: u16,
}

impl Identity {
    pub fn new(name: &str, vendor: u16, product: u16) -> Identity {
        // The name comes from outside and goes to a terminal.
        let name: String = name.chars().map(|sign| if sign.is_control() { '?' } else { sign }).collect();
        Identity { name: name.trim().to_owned(), vendor, product }
    }

    /// One plain line.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Which keys of a model mean something else than elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// All that is given here has to fit; a model with nothing fits no device.
    pub name: Option<String>,
    pub vendor: Option<u16>,
    pub product: Option<u16>,
    /// `None` makes a key inert.
    pub map: BTreeMap<Code, Option<Key>>,
}

impl Model {
    pub fn fits(&self, device: &Identity) -> bool {
        let agrees = |asked: Option<u16>, is| asked.is_none_or(|asked| asked == is);
        let asks = self.name.is_some() || self.vendor.is_some() || self.product.is_some();
        asks && self.name.as_ref().is_none_or(|name| *name == device.name)
            && agrees(self.vendor, device.vendor)
            && agrees(self.product, device.product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_fits_when_all_that_it_gives_does() {
        let device = Identity::new("Nordlys\u{1b}Remote\n", 0x1d6b, 0x0104);
        assert_eq!(device.name(), "Nordlys?Remote?");
        let model = |name: Option<&str>, vendor, product| Model {
            name: name.map(str::to_owned),
            vendor,
            product,
            map: BTreeMap::new(),
        };
        assert!(model(Some("Nordlys?Remote?"), None, None).fits(&device));
        assert!(model(None, Some(0x1d6b), Some(0x0104)).fits(&device));
        assert!(!model(Some("Nordlys"), Some(0x1d6b), Some(0x0104)).fits(&device));
        assert!(!model(None, Some(0x1d6b), Some(0x0105)).fits(&device));
        assert!(!model(None, None, None).fits(&device));
    }
}
