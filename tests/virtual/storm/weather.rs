//! What becomes of a call and its answer on the way.

use std::time::{Duration, UNIX_EPOCH};

use flexlogin::ciba::Reply;
use zeroize::Zeroizing;

use super::server::Server;
use crate::world::{Answered, unix};

/// `acted` tells whether the server did what it was asked before the line broke.
#[derive(Clone, Copy)]
pub(super) enum Weather {
    Fair,
    NotSent,
    Lost {
        acted: bool,
    },
    Broken {
        acted: bool,
    },
    Silence {
        acted: bool,
    },
    Busy {
        status: u16,
        retry_after: Option<Duration>,
        acted: bool,
    },
    /// Somebody else's page, with status 200.
    Page,
}

impl Weather {
    pub(super) fn acts(self) -> bool {
        match self {
            Weather::Fair | Weather::Page => true,
            Weather::Lost { acted }
            | Weather::Broken { acted }
            | Weather::Silence { acted }
            | Weather::Busy { acted, .. } => acted,
            Weather::NotSent => false,
        }
    }
}

impl Server {
    pub(super) fn weather(&mut self, at: Duration) -> Weather {
        let chance = &mut self.chance;
        if self.climate.outage.as_ref().is_some_and(|outage| outage.contains(&at)) {
            return if chance.below(2) == 0 { Weather::NotSent } else { Weather::Silence { acted: false } };
        }
        if !self.climate.is_foul(chance) {
            return Weather::Fair;
        }
        let acted = chance.below(2) == 0;
        match chance.below(8) {
            0 => Weather::NotSent,
            1 | 2 => Weather::Lost { acted },
            3 => Weather::Broken { acted },
            4 => Weather::Silence { acted },
            5 | 6 => {
                let status = [408, 429, 429, 500, 502, 503, 503, 504][chance.below(8) as usize];
                let pause = [0, 0, 0, 3, 20, 40, 90][chance.below(7) as usize];
                let retry_after = (pause > 0).then(|| Duration::from_secs(pause));
                // These two say that nothing was done; what breaks may break afterwards.
                Weather::Busy { status, retry_after, acted: acted && !matches!(status, 429 | 503) }
            }
            _ => Weather::Page,
        }
    }

    /// How long the server takes: mostly no time, sometimes long.
    pub(super) fn delay(&mut self) -> Duration {
        let most = if self.chance.below(20) == 0 { 9000 } else { 300 };
        self.chance.between(Duration::from_millis(5), Duration::from_millis(most))
    }

    /// What the device gets of a reply in this weather.
    pub(super) fn through(
        &self,
        weather: Weather,
        at: Duration,
        after: Duration,
        reply: Option<Reply>,
    ) -> Answered {
        let page = |status, retry_after: Option<Duration>| {
            let body = Zeroizing::new(b"<html>Try again later</html>".to_vec());
            let retry_after = retry_after.map(|pause| self.retry_after(at, pause));
            self.dated(at, Reply { status, retry_after, date: None, body })
        };
        match (weather, reply) {
            (Weather::Fair, Some(reply)) => Answered::Reply { after, reply: self.dated(at, reply) },
            (Weather::NotSent, _) => Answered::NotSent { after },
            (Weather::Broken { .. }, Some(reply)) => Answered::BrokenBody { after, status: reply.status },
            (Weather::Broken { .. }, None) => Answered::BrokenBody { after, status: 400 },
            (Weather::Silence { .. }, _) => Answered::Silence,
            (Weather::Busy { status, retry_after, .. }, _) => {
                Answered::Reply { after, reply: page(status, retry_after) }
            }
            (Weather::Page, _) => Answered::Reply { after, reply: page(200, None) },
            (Weather::Lost { .. } | Weather::Fair, _) => Answered::NoAnswer { after },
        }
    }

    /// In seconds, or as a date where the answer tells the time to measure it from.
    fn retry_after(&self, at: Duration, pause: Duration) -> String {
        if self.climate.tells_time && pause.as_secs().is_multiple_of(20) {
            http_date(unix(at) + pause.as_secs())
        } else {
            pause.as_secs().to_string()
        }
    }

    fn dated(&self, at: Duration, mut reply: Reply) -> Reply {
        reply.date = self.climate.tells_time.then(|| http_date(unix(at)));
        reply
    }
}

fn http_date(unix: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix))
}
