//! Whole journeys: keys and fingers on the panel, the phone in the other hand, and what there is to see.
#![cfg(all(feature = "panel", feature = "simulator"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod sofa;

mod age;
mod arrows;
mod codes;
mod fingers;
mod keys;
mod kiosk;
