//! Every screen with something on it, the fullest that it can be among them.

use std::time::Duration;

use crate::ciba::Action;
use crate::flow::{Approved, Complaint, Enter, Kind, Language, Pad, Page, View, Waiting};

/// One screen, by a name for its file.
#[derive(Clone, Debug)]
pub struct Example {
    pub name: &'static str,
    pub view: View,
}

/// A name as long as many are.
const LONG: &str = "Københavns Kommunes Biblioteker";

pub fn examples(language: Language) -> Vec<Example> {
    let example = |name, page| Example { name, view: view(language, page) };
    let mut examples = vec![
        example("enter-empty", cpr(0, None)),
        example("enter", cpr(7, None)),
        example("enter-complete", cpr(10, None)),
        example("enter-missing", cpr(5, Some(Complaint::Incomplete))),
        example("enter-complaint", cpr(10, Some(Complaint::NoSuchDate))),
        example("enter-wait", cpr(10, Some(Complaint::Wait { left: Duration::from_secs(540) }))),
        example("enter-uuid", typed(Kind::Uuid, "0b6c2a3d9f1e47")),
        example("enter-user-id", typed(Kind::UserId, "anna.hansen")),
        example("enter-number", typed(Kind::Number { digits: 8 }, "123")),
        example("starting", Page::Starting),
        example("waiting", waiting(222, false)),
        example("waiting-troubled", waiting(21, true)),
        example("approved", Page::Approved(Approved { first_name: Some("Anna".into()) })),
        example("approved-nameless", Page::Approved(Approved { first_name: None })),
        example("rejected", Page::Rejected),
        example("expired", Page::Expired),
        example("cancelled", Page::Cancelled),
        example("refused", Page::Refused),
        example("unavailable", Page::Unavailable { error: "mitid_flex_app.mitid_error_CAP008".into() }),
        example("unknown", Page::Unknown { error: "no_answer".into() }),
    ];
    let mut help = view(language, cpr(7, None));
    help.help = true;
    examples.push(Example { name: "help", view: help });
    for (name, page) in
        [("enter-long", cpr(7, None)), ("waiting-long", long_text()), ("refused-long", Page::Refused)]
    {
        let mut view = view(language, page);
        view.service = LONG.into();
        examples.push(Example { name, view });
    }
    examples
}

fn view(language: Language, page: Page) -> View {
    View { language, service: "Nordlys TV".into(), action: Action::LogOn, page, help: false }
}

fn cpr(count: usize, complaint: Option<Complaint>) -> Page {
    let pad = Pad::of(Kind::Cpr);
    let full = count == Kind::Cpr.places();
    Page::Enter(Enter {
        kind: Kind::Cpr,
        typed: vec![None; count],
        places: Kind::Cpr.places(),
        complete: full && complaint.is_none(),
        complaint,
        pad,
        focus: Some(if full { pad.ok() } else { pad.home() }),
    })
}

fn typed(kind: Kind, text: &str) -> Page {
    Page::Enter(Enter {
        kind,
        typed: text.chars().map(Some).collect(),
        places: kind.places(),
        complete: kind == Kind::UserId,
        complaint: None,
        pad: Pad::of(kind),
        focus: Some(Pad::of(kind).home()),
    })
}

fn waiting(left: u64, troubled: bool) -> Page {
    Page::Waiting(Waiting {
        code: "4711".into(),
        reference_text: "Log på Nordlys TV. Kode 4711. Afvis, hvis det ikke er dig.".into(),
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
    Page::Waiting(Waiting { reference_text, ..page })
}
