//! What stays the same in one world, drawn from its seed: the provider, its manners, the roads and the clocks.

use std::ops::RangeInclusive;
use std::time::Duration;

use flexlogin::ciba::{Algorithm, Profile};

use crate::chance::Chance;

/// Chances are out of so many.
const OUT_OF: u64 = 1000;

#[derive(Debug)]
pub(super) struct Climate {
    pub(super) profile: Profile,
    pub(super) alg: Algorithm,
    /// Every answer carries a `Date`.
    pub(super) tells_time: bool,
    pub(super) echoes: Echoes,
    pub(super) road: RangeInclusive<Duration>,
    /// How many calls of a thousand do not go as they should.
    faults: u64,
    /// How many token answers of a thousand hold something wrong.
    malice: u64,
    /// How many people of a thousand do not wait for the end.
    pub(super) impatience: u64,
    /// How far each device's clock is ahead, in seconds.
    pub(super) ahead: [i64; 2],
    /// Nobody can be reached meanwhile.
    pub(super) outage: Option<RangeInclusive<Duration>>,
    /// From then on the provider signs with another key.
    pub(super) rotates_at: Option<Duration>,
}

/// What an ID token repeats of the start. Something always tells two logins apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Echoes {
    pub(super) text: bool,
    pub(super) nonce: bool,
    pub(super) id: bool,
}

impl Climate {
    pub(super) fn draw(chance: &mut Chance) -> Climate {
        let mut one = |of: &[u64]| of[chance.below(of.len() as u64) as usize];
        let (faults, malice, impatience) =
            (one(&[0, 20, 60, 150, 400]), one(&[0, 0, 50, 200]), one(&[0, 150, 150, 500]));
        let profile = if one(&[0, 0, 0, 0, 1]) == 1 { Profile::Ciba } else { Profile::Signaturgruppen };
        let alg = if one(&[0, 0, 0, 1]) == 1 { Algorithm::Es256 } else { Algorithm::Hs256 };
        let road = Duration::from_millis(one(&[1, 20]))..=Duration::from_millis(one(&[20, 20, 200, 1500]));
        let echoes = Echoes { text: one(&[0, 1]) == 1, nonce: one(&[0, 1]) == 1, id: one(&[0, 1]) == 1 };
        let echoes = match profile {
            // Plain CIBA knows no other echo.
            Profile::Ciba => Echoes { id: true, ..echoes },
            Profile::Signaturgruppen => {
                Echoes { text: echoes.text || !(echoes.nonce || echoes.id), ..echoes }
            }
        };
        let tells_time = one(&[0, 1, 1]) == 1;
        let at = Duration::from_secs(one(&[0, 60, 200, 500]));
        let outage = (one(&[0, 0, 0, 1]) == 1).then(|| at..=at + Duration::from_secs(one(&[10, 40, 200])));
        let rotates_at = (alg == Algorithm::Es256).then(|| Duration::from_secs(one(&[50, 200, 400, 4000])));
        let ahead = [(); 2].map(|()| match one(&[0, 0, 0, 0, 1, 2, 3, 4]) {
            0 => 0,
            1 => one(&[1, 20, 40]) as i64,
            2 => -(one(&[1, 20, 40]) as i64),
            3 => one(&[200, 7200, 40_000_000]) as i64,
            _ => -(one(&[200, 7200, 1_800_000_000]) as i64),
        });
        Climate {
            profile,
            alg,
            tells_time,
            echoes,
            road,
            faults,
            malice,
            impatience,
            ahead,
            outage,
            rotates_at,
        }
    }

    pub(super) fn is_foul(&self, chance: &mut Chance) -> bool {
        chance.below(OUT_OF) < self.faults
    }

    pub(super) fn is_malicious(&self, chance: &mut Chance) -> bool {
        chance.below(OUT_OF) < self.malice
    }

    pub(super) fn is_impatient(&self, chance: &mut Chance) -> bool {
        chance.below(OUT_OF) < self.impatience
    }

    /// Whether this device's clock is wrong and nobody puts it right.
    pub(super) fn is_lost_in_time(&self, device: usize) -> bool {
        !self.tells_time && self.ahead[device].unsigned_abs() > 60
    }
}
