//! What the kiosk should show: the same flow, told of the same keys, in a time of its own.

use std::time::Duration;

use flexlogin::app::PATIENCE;
use flexlogin::ciba::Action;
use flexlogin::ciba::polling::Retries;
use flexlogin::flow::{
    Basis, Control, Event, FORGETS_AFTER, Flow, Key, Kind, Kiosk, Language, Limits, Methods, Page, Privacy,
    ReferenceText, Rest, Settings, Shift, View, Waiting, Words,
};

use crate::words::Request;

/// What the simulated broker calls the service.
const SERVICE: &str = "Nordlys TV";
const REFERENCE_TEXT: &str = "Log på {service}. Kode {code}. Afvis, hvis det ikke er dig.";
/// How long a login lives there.
const LIFETIME: Duration = Duration::from_secs(300);

pub(crate) struct Twin {
    flow: Flow,
    now: Duration,
}

impl Twin {
    /// A kiosk at rest.
    pub(crate) fn new() -> Twin {
        let text = ReferenceText::parse(REFERENCE_TEXT, SERVICE).unwrap();
        let settings = Settings {
            kind: Kind::Cpr,
            user_code: None,
            service: SERVICE.into(),
            action: Action::LogOn,
            language: Language::DANISH,
            reference_text: text,
            retries: Retries::Never,
            patience: PATIENCE,
            forgets_after: FORGETS_AFTER,
            limits: Limits::none(),
            privacy: Privacy { text: None, basis: Some(Basis::Consent) },
            age: None,
            methods: Methods::Typed,
            kiosk: Some(Kiosk::default()),
        };
        Twin { flow: Flow::new(settings, [0; 32]), now: Duration::ZERO }
    }

    /// One that a key has woken.
    pub(crate) fn woken() -> Twin {
        let mut twin = Twin::new();
        twin.press(Key::Down);
        twin
    }

    pub(crate) fn press(&mut self, key: Key) {
        self.hear(Event::Pressed(key));
    }

    pub(crate) fn tap(&mut self, control: Control) {
        self.hear(Event::Tapped(control));
    }

    /// What was typed last is masked by then.
    fn hear(&mut self, event: Event) {
        self.flow.update(event, self.now);
        self.now += Duration::from_secs(1);
    }

    pub(crate) fn view(&self) -> View {
        self.flow.view(self.now)
    }

    /// The same with another page.
    pub(crate) fn with(&self, page: Page) -> View {
        View { page, ..self.view() }
    }

    /// At rest, wherever the picture stands by now.
    pub(crate) fn resting(&self) -> Vec<View> {
        let places = (-2..=2).flat_map(|right| (-2..=2).map(move |down| Shift { right, down }));
        places.map(|shift| self.with(Page::Idle(Rest { shift, ..Rest::default() }))).collect()
    }

    /// The waiting screen for what stands on the phone, as it is about now.
    pub(crate) fn waiting(&self, request: &Request) -> Vec<View> {
        let code: String = request.reference_text.chars().filter(char::is_ascii_digit).collect();
        // The kiosk counts from when it heard of it, in seconds of its own.
        let about = [0, 1, -1, 2, -2, 3].map(|apart| request.seconds_left.saturating_add_signed(apart));
        about
            .map(|left| {
                self.with(Page::Waiting(Waiting {
                    words: Some(Words { code: code.clone(), reference_text: request.reference_text.clone() }),
                    left: Duration::from_secs(left),
                    lifetime: LIFETIME,
                    troubled: false,
                }))
            })
            .to_vec()
    }
}
