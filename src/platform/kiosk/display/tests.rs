use super::*;

const TV: [(u16, u16); 5] = [(3840, 2160), (3840, 2160), (1920, 1080), (1920, 1080), (1280, 720)];

/// The first mode is the one that it prefers.
fn output(name: &str, is_connected: bool, modes: &[(u16, u16)]) -> Output {
    let modes = modes.iter().map(|(width, height)| offer(*width, *height, "p60"));
    let mut modes: Vec<Offer> = modes.collect();
    modes.iter_mut().take(1).for_each(|first| first.is_preferred = true);
    Output { card: "/dev/dri/card1".into(), name: name.into(), is_connected, modes }
}

/// As people write it: `p60`, `i50`.
fn offer(width: u16, height: u16, rate: &str) -> Offer {
    let (kind, rate) = rate.split_at(1);
    Offer {
        size: Mode { width, height },
        is_preferred: false,
        is_interlaced: kind == "i",
        rate: rate.parse().unwrap(),
    }
}

fn chosen(outputs: &[Output], kiosk: &Kiosk) -> (String, usize) {
    let display = choose(outputs, kiosk).unwrap();
    (display.output, display.mode)
}

fn named(name: &str) -> Kiosk {
    Kiosk { output: Some(name.into()), ..Kiosk::default() }
}

fn sized(width: u16, height: u16) -> Kiosk {
    Kiosk { mode: Some(Mode { width, height }), ..Kiosk::default() }
}

#[test]
fn the_first_output_with_a_display_is_taken_unless_one_is_named() {
    let outputs = [
        output("HDMI-A-1", false, &[]),
        output("HDMI-A-2", true, &[(1280, 720)]),
        output("DSI-1", true, &[(720, 1280)]),
    ];
    assert_eq!(chosen(&outputs, &Kiosk::default()), ("HDMI-A-2".into(), 0));
    assert_eq!(chosen(&outputs, &named("DSI-1")), ("DSI-1".into(), 0));
}

#[test]
fn a_display_shows_what_it_prefers_or_the_same_shape_if_that_is_too_large_to_be_drawn() {
    for (modes, place) in [
        (&[(1366, 768), (1920, 1080)][..], 0),
        (&TV, 2),
        (&[(4096, 2160), (3840, 2160), (1920, 1080), (2048, 1080), (1024, 540)], 4),
        // Nothing smaller has its shape, so it is drawn large.
        (&[(2560, 1600), (1920, 1080)], 0),
    ] {
        assert_eq!(chosen(&[output("HDMI-A-1", true, modes)], &Kiosk::default()).1, place, "{modes:?}");
    }
}

#[test]
fn of_one_resolution_the_calmest_is_taken() {
    let tv = |rates: &[&str]| {
        let mut tv = output("HDMI-A-1", true, &[(3840, 2160)]);
        tv.modes.extend(rates.iter().map(|rate| offer(1920, 1080, rate)));
        tv.modes.push(offer(1280, 720, "p60"));
        [tv]
    };
    for (rates, place) in [
        (&["p120", "p60", "p50"][..], 2),
        (&["i60", "p60", "p24"], 2),
        (&["p120", "p50", "p30"], 2),
        (&["p60", "p60"], 1),
        (&["p120"], 1),
    ] {
        assert_eq!(chosen(&tv(rates), &Kiosk::default()).1, place, "{rates:?}");
        assert_eq!(chosen(&tv(rates), &sized(1920, 1080)).1, place, "{rates:?}");
    }
    assert_eq!(chosen(&tv(&["i60", "i50"]), &Kiosk::default()).1, 3, "fewer lines that stand still");
    assert_eq!(chosen(&tv(&["i60", "i50"]), &sized(1920, 1080)).1, 1, "who names it gets it");
}

#[test]
fn a_mode_that_is_named_is_taken_however_large_it_is() {
    let tv = [output("HDMI-A-1", true, &TV)];
    assert_eq!(chosen(&tv, &sized(3840, 2160)).1, 0);
    assert_eq!(chosen(&tv, &sized(1280, 720)).1, 4);
}

#[test]
fn whatever_is_missing_is_said_with_what_to_do() {
    let off = [output("HDMI-A-1", false, &[]), output("HDMI-A-2", false, &[])];
    let on = [output("HDMI-A-1", true, &[(1280, 720), (1280, 720), (800, 600)])];
    for (outputs, kiosk, said) in [
        (&off[..], Kiosk::default(), "No display is connected to HDMI-A-1 or HDMI-A-2. Plug one in"),
        (&off, named("HDMI-A-2"), "No display is connected to HDMI-A-2."),
        (&off, named("DP-1"), "no output DP-1, which kiosk.output names; it has HDMI-A-1 and HDMI-A-2."),
        (
            &on,
            sized(1920, 1080),
            "cannot show 1920x1080, which kiosk.mode names; it can show 1280x720, 800x600.",
        ),
        (&[output("HDMI-A-1", true, &[])], Kiosk::default(), "tells no resolution"),
    ] {
        let sentence = choose(outputs, &kiosk).unwrap_err().to_string();
        assert!(sentence.contains(said), "{sentence}");
    }
}

#[test]
fn a_machine_without_cards_and_a_card_that_is_none_are_told_apart_from_one_that_is_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(outputs(&folder.path().join("dri")), Err(Missing::Cards));
    fs::write(folder.path().join("renderD128"), "").unwrap();
    assert_eq!(outputs(folder.path()), Err(Missing::Cards));
    fs::write(folder.path().join("card0"), "").unwrap();
    assert_eq!(outputs(folder.path()), Err(Missing::Cards));
    assert!(Missing::Permission("/dev/dri/card0".into()).to_string().contains("usermod -aG video"));
    assert!(Missing::Busy("/dev/dri/card0".into()).to_string().contains("Stop that one first"));
}

#[test]
fn a_card_that_only_computes_hides_neither_a_display_nor_what_is_wrong_with_it() {
    let computes = || Err(Missing::Cards);
    let busy = || Err(Missing::Busy("/dev/dri/card0".into()));
    let shows = || Ok(vec![output("HDMI-A-1", true, &[(1280, 720)])]);
    assert_eq!(together([busy(), computes()].into_iter()), busy());
    assert_eq!(together([computes(), busy()].into_iter()), busy());
    assert_eq!(together([computes(), shows()].into_iter()), shows());
    assert_eq!(together([computes()].into_iter()), computes());
}
