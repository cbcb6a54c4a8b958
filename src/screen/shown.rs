//! A [`View`] in the shapes of the markup.

use std::sync::LazyLock;
use std::time::Duration;

use slint::{ModelRc, SharedString};

use super::ui;
use crate::ciba::Action;
use crate::flow::{
    Basis, Cap, Complaint, Day, Enter, Kind, Language, Overlay, Page, Reason, Rest, ScanCode, Scanning,
    TimeOfDay, Toggle, View,
};

/// Whole seconds, rounded up: zero is shown only when the time is over.
pub(super) fn seconds(left: Duration) -> i32 {
    let rounded = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    i32::try_from(rounded).unwrap_or(i32::MAX)
}

pub(super) fn shown(view: &View) -> ui::Shown {
    let mut shown = ui::Shown {
        page: page(&view.page),
        overlay: match view.overlay {
            None => ui::Overlay::None,
            Some(Overlay::Help) => ui::Overlay::Help,
            Some(Overlay::Privacy) => ui::Overlay::Privacy,
        },
        privacy: view.privacy.text.as_deref().unwrap_or_default().into(),
        basis: match view.privacy.basis {
            None => ui::Basis::None,
            Some(Basis::Law) => ui::Basis::Law,
            Some(Basis::Consent) => ui::Basis::Consent,
        },
        language: view.language.code().into(),
        other_language: view.language.next().name().into(),
        other_code: view.language.next().code().to_uppercase().into(),
        service: view.service.as_str().into(),
        age: i32::from(view.age.unwrap_or_default()),
        scanned: view.scanned,
        focus: -1,
        identifier: ui::Identifier::None,
        ..Default::default()
    };
    match &view.page {
        Page::Idle(rest) => fill_rest(&mut shown, *rest),
        Page::Closed(closed) => {
            fill_rest(&mut shown, closed.rest);
            shown.opens = time(closed.opens.time);
            shown.opening_day = match closed.opens.day {
                Day::Today => -2,
                Day::Tomorrow => -1,
                Day::Weekday(day) => day.into(),
            };
            shown.clock = time(closed.clock);
        }
        Page::Enter(enter) => fill_enter(&mut shown, enter),
        Page::Waiting(waiting) => {
            if let Some(words) = &waiting.words {
                shown.code = words.code.as_str().into();
                shown.code_spoken = spaced(&words.code);
                shown.reference_text = words.reference_text.as_str().into();
            }
            shown.lifetime = seconds(waiting.lifetime);
            shown.troubled = waiting.troubled;
        }
        Page::Offer { wait } => {
            if wait.is_some() {
                shown.complaint = ui::Complaint::Wait;
            }
        }
        Page::Scan(scanning) => fill_scan(&mut shown, scanning),
        Page::Approved(approved) => {
            shown.first_name = approved.first_name.as_deref().unwrap_or_default().into();
        }
        Page::AgeTold(answer) => shown.old_enough = answer.is_old_enough,
        Page::Unavailable { reason: why, error } => {
            shown.reason = reason(*why);
            shown.error = error.as_str().into();
        }
        Page::Unknown { error } => shown.error = error.as_str().into(),
        Page::Starting | Page::Rejected | Page::Expired | Page::Cancelled | Page::Refused => {}
    }
    shown
}

/// The name of a translation; English stands in the markup itself.
pub(super) fn name(language: Language) -> &'static str {
    if language == Language::ENGLISH { "" } else { language.code() }
}

/// What runs down on this page.
pub(super) fn left(page: &Page) -> Option<Duration> {
    match page {
        Page::Waiting(waiting) => Some(waiting.left),
        Page::Scan(scanning) => Some(scanning.left),
        Page::Offer { wait } => *wait,
        Page::Enter(Enter { complaint: Some(Complaint::Wait { left }), .. }) => Some(*left),
        _ => None,
    }
}

pub(super) fn action(action: Action) -> ui::Action {
    match action {
        Action::LogOn => ui::Action::LogOn,
        Action::Approve => ui::Action::Approve,
        Action::Confirm => ui::Action::Confirm,
        Action::Accept => ui::Action::Accept,
        Action::Sign => ui::Action::Sign,
    }
}

fn page(page: &Page) -> ui::Page {
    match page {
        Page::Idle(_) => ui::Page::Idle,
        Page::Closed(_) => ui::Page::Closed,
        Page::Enter(_) => ui::Page::Enter,
        Page::Offer { .. } => ui::Page::Offer,
        Page::Scan(_) => ui::Page::Scan,
        Page::Starting => ui::Page::Starting,
        Page::Waiting(_) => ui::Page::Waiting,
        Page::Approved(_) => ui::Page::Approved,
        Page::AgeTold(_) => ui::Page::AgeTold,
        Page::Rejected => ui::Page::Rejected,
        Page::Expired => ui::Page::Expired,
        Page::Cancelled => ui::Page::Cancelled,
        Page::Refused => ui::Page::Refused,
        Page::Unavailable { .. } => ui::Page::Unavailable,
        Page::Unknown { .. } => ui::Page::Unknown,
    }
}

fn reason(reason: Reason) -> ui::Reason {
    match reason {
        Reason::Network => ui::Reason::Network,
        Reason::Busy => ui::Reason::Busy,
        Reason::Clock => ui::Reason::Clock,
        Reason::Setup => ui::Reason::Setup,
        Reason::Broken => ui::Reason::Broken,
        Reason::Parallel => ui::Reason::Parallel,
        Reason::TooMany => ui::Reason::TooMany,
        Reason::Resting => ui::Reason::Resting,
        Reason::Unasked => ui::Reason::Unasked,
        Reason::UserCode => ui::Reason::UserCode,
        Reason::Gone => ui::Reason::Gone,
        Reason::MitId => ui::Reason::MitId,
        Reason::Unheard => ui::Reason::Unheard,
    }
}

fn fill_rest(shown: &mut ui::Shown, rest: Rest) {
    shown.shift_right = rest.shift.right.into();
    shown.shift_down = rest.shift.down.into();
    shown.dark = rest.dark;
}

fn time(time: TimeOfDay) -> ui::TimeOfDay {
    let digits = |number| slint::format!("{number:02}");
    ui::TimeOfDay { hour: digits(time.hour), minute: digits(time.minute) }
}

fn fill_scan(shown: &mut ui::Shown, scanning: &Scanning) {
    shown.lifetime = seconds(scanning.lifetime);
    shown.troubled = scanning.troubled;
    shown.large = scanning.large;
    shown.scan = match &scanning.code {
        ScanCode::Coming => ui::Scan::Coming,
        ScanCode::Shown(uri) => {
            shown.uri = uri.expose().into();
            ui::Scan::Shown
        }
        ScanCode::Withdrawn => ui::Scan::Withdrawn,
    };
}

/// A code as its digits: whoever compares it with the phone hears no number of thousands.
fn spaced(code: &str) -> SharedString {
    let digits: Vec<String> = code.chars().map(String::from).collect();
    digits.join(" ").into()
}

fn fill_enter(shown: &mut ui::Shown, enter: &Enter) {
    shown.identifier = match enter.kind {
        Kind::Cpr => ui::Identifier::Cpr,
        Kind::Uuid => ui::Identifier::Uuid,
        Kind::Number { .. } => ui::Identifier::Number,
        Kind::UserId => ui::Identifier::UserId,
        Kind::UserCode { .. } => ui::Identifier::UserCode,
    };
    shown.toggle = match enter.toggle {
        None => ui::Toggle::None,
        Some(Toggle::Show) => ui::Toggle::Show,
        Some(Toggle::Hide) => ui::Toggle::Hide,
    };
    shown.cells = model(rows(enter).into_iter().map(|row| model(row.into_iter())));
    shown.typed = count(enter.typed.len());
    shown.places = count(enter.places);
    shown.complete = enter.complete;
    shown.complaint = match enter.complaint {
        None => ui::Complaint::None,
        Some(Complaint::Incomplete) => ui::Complaint::Incomplete,
        Some(Complaint::NoSuchDate) => ui::Complaint::NoSuchDate,
        Some(Complaint::NoUuid) => ui::Complaint::NoUuid,
        Some(Complaint::NoUserId) => ui::Complaint::NoUserId,
        Some(Complaint::Wait { .. }) => ui::Complaint::Wait,
    };
    shown.columns = count(enter.pad.columns);
    shown.scans = enter.pad.scans;
    shown.caps = model(enter.pad.caps.iter().map(|cap| match cap {
        Cap::Type(character) => ui::Cap { kind: ui::CapKind::Type, text: SharedString::from(*character) },
        Cap::Erase => ui::Cap { kind: ui::CapKind::Erase, text: SharedString::default() },
        Cap::Ok | Cap::Scan => ui::Cap { kind: ui::CapKind::Ok, text: SharedString::default() },
    }));
    shown.focus = enter.focus.map_or(-1, count);
}

/// The lines of the field. An identifier of a known length shows its empty places and its hyphens;
/// a user ID grows as it is typed.
fn rows(enter: &Enter) -> Vec<Vec<ui::Cell>> {
    let (hyphens, line_ends): (&[usize], &[usize]) = match enter.kind {
        Kind::Cpr => (&[6], &[]),
        // 8-4-4- on the first line, 4-12 on the second.
        Kind::Uuid => (&[8, 12, 16, 20], &[16]),
        Kind::Number { .. } | Kind::UserCode { .. } => (&[], &[]),
        Kind::UserId => (&[], &[16, 32]),
    };
    let places = match enter.kind {
        Kind::UserId => enter.places.min(enter.typed.len() + 1),
        _ => enter.places,
    };
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    for place in 0..places {
        if hyphens.contains(&place) {
            row.push(ui::Cell { kind: ui::CellKind::Hyphen, text: SharedString::default() });
        }
        if line_ends.contains(&place) {
            rows.push(std::mem::take(&mut row));
        }
        row.push(cell(enter, place));
    }
    rows.push(row);
    rows
}

fn cell(enter: &Enter, place: usize) -> ui::Cell {
    let kind = match enter.typed.get(place) {
        None if place == enter.typed.len() => ui::CellKind::Next,
        None => ui::CellKind::Empty,
        Some(Some(character)) => {
            return ui::Cell { kind: ui::CellKind::Typed, text: glyph(enter.kind, *character) };
        }
        Some(None) => ui::CellKind::Masked,
    };
    ui::Cell { kind, text: SharedString::default() }
}

/// What a place shows of a character that is seen.
///
/// Strings of Slint are shared and freed without being wiped. A digit that is masked otherwise is therefore one of ten
/// strings that are there for good: no string is made of what was typed, none holds two digits, and the memory that is
/// freed afterwards names no digit. The field tells the accessible tree how many places are filled, and no more.
fn glyph(kind: Kind, character: char) -> SharedString {
    static DIGITS: LazyLock<[SharedString; 10]> =
        LazyLock::new(|| std::array::from_fn(|digit| slint::format!("{digit}")));
    if !kind.masked() {
        return SharedString::from(character);
    }
    let digit = character.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
    digit.and_then(|digit| DIGITS.get(digit)).cloned().unwrap_or_default()
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn model<T: Clone + 'static>(items: impl Iterator<Item = T>) -> ModelRc<T> {
    items.collect::<Vec<T>>().as_slice().into()
}
