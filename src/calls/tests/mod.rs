//! The decisions in virtual time: an effect or an answer goes in, and what comes out is looked at.

mod age;
mod broker;
mod cancelling;
mod desk;
mod inviting;
mod leaving;
mod polling;
mod rows_of_absence;
mod rows_of_keys;
mod rows_of_time;
mod starting;
mod terms;

use std::time::Duration;

use super::*;
use crate::ciba::token::Pause;
use crate::ciba::{Answer, Untrusted};
use crate::flow::{Cause, NotStarted};
use broker::*;
use desk::*;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
