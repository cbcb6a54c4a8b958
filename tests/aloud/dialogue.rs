//! A login from the first key to the last, with the detours that people take, and what is said at each step.

use std::fmt::Write;
use std::time::Duration;

use flexlogin::flow::{Complaint, Enter, Key, Language, Overlay, Pad, Page, Toggle, View, Waiting};
use flexlogin::platform::panel::Panel;
use flexlogin::platform::pictures::{Example, examples};
use flexlogin::screen;

use crate::heard::Heard;

/// Each step, and whatever is said of its own accord then; at most one thing, so that none hides another.
pub(crate) fn played(panel: &mut Panel, language: Language) -> String {
    let (mut text, mut before) = (String::new(), None);
    for (step, view) in steps(language) {
        screen::show(panel.app(), &view);
        panel.draw();
        let heard = Heard::on(panel);
        let said = heard.since(before.as_ref());
        writeln!(text, "{step}").unwrap();
        said.iter().for_each(|line| writeln!(text, "  {line}").unwrap());
        assert!(said.iter().filter(|line| !line.starts_with("focus")).count() < 2, "{step}: {said:?}");
        before = Some(heard);
    }
    text
}

fn steps(language: Language) -> Vec<(&'static str, View)> {
    let example = |name: &str| -> View {
        let mut all = examples(language).into_iter();
        all.find(|Example { name: other, .. }| *other == name).unwrap().view
    };
    let entered = |typed: usize, focus: Option<usize>| {
        let mut view = example("enter-empty");
        let Page::Enter(enter) = view.page else { panic!("the first screen asks") };
        view.page = Page::Enter(Enter {
            typed: vec![None; typed].into(),
            complete: typed == enter.places,
            focus,
            ..enter
        });
        view
    };
    let waiting = |left: u64, troubled: bool| {
        let mut view = example("waiting");
        let Page::Waiting(page) = view.page else { panic!("it waits") };
        view.page = Page::Waiting(Waiting { left: Duration::from_secs(left), troubled, ..page });
        view
    };
    let over = |mut view: View, overlay| {
        view.overlay = Some(overlay);
        view
    };
    let complaining = |mut view: View, why| {
        if let Page::Enter(enter) = &mut view.page {
            (enter.complaint, enter.complete) = (Some(why), false);
        }
        view
    };
    let seen = |mut view: View| {
        if let Page::Enter(enter) = &mut view.page {
            enter.toggle = Some(Toggle::Hide);
        }
        view
    };
    let pad = Pad::of(flexlogin::flow::Kind::Cpr);
    let (home, ok) = (Some(pad.home()), Some(pad.ok()));
    let mut other_language = entered(2, ok);
    other_language.language = language.next();
    vec![
        ("The first screen.", entered(0, home)),
        ("The left arrow.", entered(0, Some(pad.step(pad.home(), Key::Left)))),
        ("OK on that key.", entered(1, Some(pad.step(pad.home(), Key::Left)))),
        ("A number key.", entered(2, ok)),
        ("The blue key.", other_language),
        ("The blue key again.", entered(2, ok)),
        ("OK, too early.", complaining(entered(2, ok), Complaint::Incomplete)),
        ("The key that erases.", entered(1, ok)),
        ("A finger on a key of the screen.", entered(2, None)),
        ("The green key.", over(entered(2, None), Overlay::Privacy)),
        ("Back.", entered(2, None)),
        (
            "The tenth digit of a number with no such date.",
            complaining(entered(10, ok), Complaint::NoSuchDate),
        ),
        ("The red key.", seen(complaining(entered(10, ok), Complaint::NoSuchDate))),
        ("The key that erases, while the digits are seen.", seen(entered(9, ok))),
        ("Five seconds later.", entered(9, ok)),
        ("The tenth digit again.", entered(10, ok)),
        ("OK.", example("starting")),
        ("The broker has asked the phone.", waiting(300, false)),
        ("A second later.", waiting(299, false)),
        ("The connection is lost.", waiting(280, true)),
        ("It is back.", waiting(270, false)),
        ("The yellow key.", over(waiting(200, false), Overlay::Help)),
        ("Back.", waiting(190, false)),
        ("A minute is left.", waiting(60, false)),
        ("A second later.", waiting(59, false)),
        ("Half a minute is left.", waiting(30, false)),
        ("Ten seconds are left.", waiting(10, false)),
        ("A second later.", waiting(9, false)),
        ("The person approves.", example("approved")),
        ("Or rejects.", example("rejected")),
        ("Or nothing came.", example("expired")),
        ("Or Back was pressed.", example("cancelled")),
        ("Or the answer is not trusted.", example("refused")),
        ("Or it did not arrive.", example("unknown")),
        ("Or there is no network.", example("unavailable-network")),
        ("Or MitID has closed for this person.", example("unavailable-too-many")),
        ("Try again.", entered(0, home)),
    ]
}
