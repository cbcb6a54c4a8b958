//! Every screen with something on it, the fullest that it can be among them.

use std::time::Duration;

use crate::ciba::{Action, AgeAnswer, Issuer, ScanUri};
use crate::flow::{
    Approved, Basis, Closed, Complaint, Day, Enter, Kind, Language, Opening, Overlay, Pad, Page, Privacy,
    Reason, Rest, ScanCode, Scanning, Shift, TimeOfDay, Toggle, View, Waiting, Words,
};

/// One screen, by a name for its file.
#[derive(Clone, Debug)]
pub struct Example {
    pub name: &'static str,
    pub view: View,
}

/// A name as long as many are.
const LONG: &str = "Københavns Kommunes Biblioteker";

/// As long as a service may write it.
const OWN: &str = "Københavns Kommunes Biblioteker sender dit CPR-nummer til MitID og gemmer det ikke. \
                   Læs mere på biblioteket.example.";

const REASONS: [(&str, Reason, &str); 13] = [
    ("unavailable-network", Reason::Network, ""),
    ("unavailable-busy", Reason::Busy, "http_503"),
    ("unavailable-clock", Reason::Clock, "clock"),
    ("unavailable-setup", Reason::Setup, "invalid_client"),
    ("unavailable-broken", Reason::Broken, "transaction_failed"),
    ("unavailable-parallel", Reason::Parallel, "mitid_flex_app.mitid_error_CAP008"),
    ("unavailable-too-many", Reason::TooMany, "mitid_flex_app.mitid_error_TRANS027"),
    ("unavailable-resting", Reason::Resting, "too_many_tries"),
    ("unavailable", Reason::Unasked, "not_started"),
    ("unavailable-user-code", Reason::UserCode, "not_started"),
    ("unavailable-gone", Reason::Gone, "invalid_grant"),
    ("unavailable-mitid", Reason::MitId, "mitid_flex_app.mitid_error_X"),
    ("unavailable-unheard", Reason::Unheard, "something_that_nobody_has_documented"),
];

pub fn examples(language: Language) -> Vec<Example> {
    let example = |name, page| Example { name, view: view(language, page) };
    let mut examples = vec![
        example("idle", Page::Idle(Rest::default())),
        example("idle-moved", Page::Idle(rest(2, 2, false))),
        example("idle-moved-back", Page::Idle(rest(-2, -2, false))),
        example("idle-night", Page::Idle(rest(1, -1, true))),
        example("closed", closed(Day::Today, rest(0, 0, false))),
        example("closed-tomorrow", closed(Day::Tomorrow, rest(-2, 2, false))),
        example("closed-night", closed(Day::Weekday(2), rest(0, 0, true))),
        example("enter-empty", cpr(0, None)),
        example("enter", cpr(7, None)),
        example("enter-complete", cpr(10, None)),
        example("enter-missing", cpr(5, Some(Complaint::Incomplete))),
        example("enter-complaint", cpr(10, Some(Complaint::NoSuchDate))),
        example("enter-wait", cpr(10, Some(Complaint::Wait { left: Duration::from_secs(540) }))),
        example("enter-last", seen("6701901", 6)),
        example("enter-shown", seen("6701901234", 0)),
        example("enter-uuid", typed(Kind::Uuid, "0b6c2a3d9f1e47")),
        example("enter-user-id", typed(Kind::UserId, "anna.hansen")),
        example("enter-number", typed(Kind::Number { digits: 8 }, "123")),
        example("enter-user-id-hidden", hidden("anna.hansen")),
        example("enter-user-code", typed(Kind::UserCode { digits: 6 }, "")),
        example("enter-scan", scannable(cpr(0, None))),
        example("enter-scan-focus", focused_below(scannable(cpr(4, None)))),
        example("offer", Page::Offer { wait: None }),
        example("offer-wait", Page::Offer { wait: Some(Duration::from_secs(540)) }),
        example("scan-coming", scan(ScanCode::Coming, false)),
        example("scan", scan(shown_code(), false)),
        example("scan-alone", scan(shown_code(), true)),
        example("scan-withdrawn", scan(ScanCode::Withdrawn, false)),
        example("starting", Page::Starting),
        example("waiting", waiting(222, false)),
        example("waiting-troubled", waiting(21, true)),
        example("approved", Page::Approved(Approved { first_name: Some("Anna".into()) })),
        example("approved-nameless", Page::Approved(Approved { first_name: None })),
        example("rejected", Page::Rejected),
        example("expired", Page::Expired),
        example("cancelled", Page::Cancelled),
        example("refused", Page::Refused),
        example("unknown", Page::Unknown { error: "no_answer".into() }),
    ];
    for (name, overlay, text) in [
        ("help", Overlay::Help, None),
        ("privacy", Overlay::Privacy, None),
        ("privacy-own", Overlay::Privacy, Some(OWN)),
    ] {
        let mut view = view(language, cpr(7, None));
        view.overlay = Some(overlay);
        view.privacy = Privacy { text: text.map(Into::into), basis: Some(Basis::Consent) };
        examples.push(Example { name, view });
    }
    examples.extend(age_checks(language));
    for (name, page) in [
        ("rejected-scanned", Page::Rejected),
        ("expired-scanned", Page::Expired),
        ("cancelled-scanned", Page::Cancelled),
        ("unknown-scanned", Page::Unknown { error: "no_answer".into() }),
        ("unavailable-scanned", Page::Unavailable { reason: Reason::Unasked, error: "not_started".into() }),
    ] {
        examples.push(Example { name, view: View { scanned: true, ..view(language, page) } });
    }
    for (name, reason, error) in REASONS {
        examples.push(example(name, Page::Unavailable { reason, error: error.into() }));
    }
    for (name, page) in [
        ("idle-long", Page::Idle(Rest::default())),
        ("closed-long", closed(Day::Weekday(2), Rest::default())),
        ("enter-long", cpr(7, None)),
        ("waiting-long", long_text()),
        ("refused-long", Page::Refused),
    ] {
        let mut view = view(language, page);
        view.service = LONG.into();
        examples.push(Example { name, view });
    }
    examples
}

fn view(language: Language, page: Page) -> View {
    View {
        language,
        service: "Nordlys TV".into(),
        action: Action::LogOn,
        age: None,
        page,
        scanned: false,
        overlay: None,
        privacy: Privacy::default(),
    }
}

/// Only whether somebody is old enough. Where nothing here stands apart from a login, a login's example serves.
fn age_checks(language: Language) -> Vec<Example> {
    let answer = |is_old_enough| Page::AgeTold(AgeAnswer { years: 18, is_old_enough });
    let Page::Waiting(waiting) = waiting(222, false) else { return Vec::new() };
    let mut examples: Vec<Example> = [
        ("age-idle", Page::Idle(Rest::default())),
        ("age-enter", typed(Kind::Uuid, "0b6c2a3d9f1e478")),
        ("age-enter-number", typed(Kind::Number { digits: 8 }, "12345")),
        ("age-enter-user-id", typed(Kind::UserId, "anna.hansen")),
        ("age-offer", Page::Offer { wait: None }),
        ("age-scan", scan(shown_code(), false)),
        ("age-waiting", Page::Waiting(Waiting { words: None, ..waiting })),
        ("age-yes", answer(true)),
        ("age-no", answer(false)),
        ("age-rejected", Page::Rejected),
        ("age-scan-help", scan(shown_code(), false)),
        ("age-offer-privacy", Page::Offer { wait: None }),
        ("age-help", typed(Kind::Uuid, "")),
        ("age-privacy", typed(Kind::Uuid, "")),
    ]
    .map(|(name, page)| Example {
        name,
        view: View { age: Some(18), action: Action::Confirm, ..view(language, page) },
    })
    .into();
    for (example, overlay) in examples.iter_mut().rev().zip([Overlay::Privacy, Overlay::Help].repeat(2)) {
        example.view.overlay = Some(overlay);
    }
    examples
}

fn rest(right: i8, down: i8, dark: bool) -> Rest {
    Rest { shift: Shift { right, down }, dark, asleep: false }
}

fn closed(day: Day, rest: Rest) -> Page {
    let opens = Opening { day, time: TimeOfDay { hour: 10, minute: 0 } };
    Page::Closed(Closed { opens, clock: TimeOfDay { hour: 7, minute: 5 }, rest })
}

fn cpr(count: usize, complaint: Option<Complaint>) -> Page {
    let pad = Pad::of(Kind::Cpr);
    let full = count == Kind::Cpr.places();
    Page::Enter(Enter {
        kind: Kind::Cpr,
        typed: vec![None; count].into(),
        toggle: Some(Toggle::Show),
        places: Kind::Cpr.places(),
        complete: full && complaint.is_none(),
        complaint,
        pad,
        focus: Some(if full { pad.ok() } else { pad.home() }),
    })
}

/// A CPR number that is seen from one place on.
fn seen(digits: &str, from: usize) -> Page {
    let Page::Enter(page) = cpr(digits.len(), None) else { return Page::Starting };
    let seen = digits.chars().enumerate().map(|(place, digit)| (place >= from).then_some(digit));
    let toggle = Some(if from == 0 { Toggle::Hide } else { Toggle::Show });
    Page::Enter(Enter { typed: seen.collect::<Vec<_>>().into(), toggle, ..page })
}

fn hidden(user_id: &str) -> Page {
    let Page::Enter(page) = typed(Kind::UserId, user_id) else { return Page::Starting };
    Page::Enter(Enter { typed: vec![None; user_id.len()].into(), toggle: Some(Toggle::Show), ..page })
}

fn typed(kind: Kind, text: &str) -> Page {
    Page::Enter(Enter {
        kind,
        typed: text.chars().map(Some).collect::<Vec<_>>().into(),
        toggle: kind.hides().then_some(if kind.masked() { Toggle::Show } else { Toggle::Hide }),
        places: kind.places(),
        complete: kind == Kind::UserId,
        complaint: None,
        pad: Pad::of(kind),
        focus: Some(Pad::of(kind).home()),
    })
}

/// As long as the broker's own sample, which leads to nobody's login.
pub const URI: &str = "https://pp.netseidbroker.dk/op/connect/authorize?client_id=00000000-0000-4000-8000-000000000000\
    &request_uri=urn:ietf:params:oauth:request_uri:4BEE3FBF81FBD52F997575BDBBC9459881E924E6535433D0427A7E46E8D7DB52";

fn shown_code() -> ScanCode {
    let uri =
        Issuer::parse("https://pp.netseidbroker.dk/op").ok().and_then(|op| ScanUri::parse(URI, &op).ok());
    uri.map_or(ScanCode::Withdrawn, ScanCode::Shown)
}

fn scan(code: ScanCode, large: bool) -> Page {
    let (left, lifetime) = match code {
        ScanCode::Coming => (0, 0),
        ScanCode::Shown(_) => (222, 270),
        ScanCode::Withdrawn => (28, 300),
    };
    let (left, lifetime) = (Duration::from_secs(left), Duration::from_secs(lifetime));
    Page::Scan(Scanning { code, large, left, lifetime, troubled: false })
}

/// The same page with a code offered below the keys.
fn scannable(page: Page) -> Page {
    let Page::Enter(mut page) = page else { return page };
    page.pad.scans = true;
    Page::Enter(page)
}

fn focused_below(page: Page) -> Page {
    let Page::Enter(mut page) = page else { return page };
    page.focus = Some(page.pad.caps.len());
    Page::Enter(page)
}

fn waiting(left: u64, troubled: bool) -> Page {
    Page::Waiting(Waiting {
        words: Some(Words {
            code: "4711".into(),
            reference_text: "Log på Nordlys TV. Kode 4711. Afvis, hvis det ikke er dig.".into(),
        }),
        left: Duration::from_secs(left),
        lifetime: Duration::from_secs(300),
        troubled,
    })
}

/// The longest text that the phone takes: 130 characters.
fn long_text() -> Page {
    let Page::Waiting(page) = waiting(300, true) else { return Page::Starting };
    let reference_text = "Log på hos Københavns Kommunes Biblioteker. Koden på skærmen er 4711. \
                          Afvis straks, hvis du ikke selv er ved at logge på nu."
        .into();
    Page::Waiting(Waiting { words: Some(Words { code: "4711".into(), reference_text }), ..page })
}
