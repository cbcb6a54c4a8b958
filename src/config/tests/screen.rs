//! How the screens look, as the configuration and the folder of a brand say.

use super::*;

/// The good file with these lines at the end of `[screen]`.
fn with(lines: &str) -> String {
    format!("{GOOD}{lines}\n")
}

#[test]
fn without_a_word_the_screens_are_light_and_of_ordinary_size() {
    let look = good(GOOD).screen.look;
    assert_eq!((look.theme, look.large, look.brand), (Theme::Light, None, None));
}

#[test]
fn theme_and_large_mode_are_read() {
    for (name, theme) in
        [("light", Theme::Light), ("dark", Theme::Dark), ("high-contrast", Theme::HighContrast)]
    {
        assert_eq!(good(&with(&format!("theme = \"{name}\""))).screen.look.theme, theme);
    }
    let large = |lines: &str| good(&with(lines)).screen.look.large;
    assert_eq!(large("large = true"), Some(Large { distance_cm: 300, diagonal_inches: 43 }));
    let near = large("large = true\ndistance_cm = 50\ndiagonal_inches = 10");
    assert_eq!(near, Some(Large { distance_cm: 50, diagonal_inches: 10 }));
    assert_eq!(large("distance_cm = 50"), None);
    let seen = |lines: &str| good(&with(lines)).screen.look.seen;
    assert_eq!(seen("distance_cm = 50"), Some(Large { distance_cm: 50, diagonal_inches: 43 }));
    assert_eq!(seen("theme = \"dark\""), None);
}

#[test]
fn a_capital_letter_subtends_seven_tenths_of_a_degree() {
    // EN 301 549 5.1.4: 36.7 mm from 3 m; the diagonal of 43 inches is 1092 mm.
    let large = Large { distance_cm: 300, diagonal_inches: 43 };
    assert!((large.height() * 1092.2 - 36.7).abs() < 0.1);
}

#[test]
fn what_no_screen_can_be_is_refused() {
    let folder = folder();
    for lines in [
        "theme = \"pink\"",
        "large = \"true\"",
        "large = 1",
        "distance_cm = 5",
        "diagonal_inches = 1000",
        "brand = \"nowhere\"",
    ] {
        let errors = parse(&with(lines), folder.path(), None).unwrap_err();
        let problems = errors.problems();
        assert_eq!((problems.len(), problems[0].line), (1, Some(23)), "{lines}: {errors}");
    }
}

#[test]
fn the_folder_of_a_brand_supplies_name_colours_and_mark() {
    let folder = folder();
    let brand = folder.path().join("brand");
    fs::create_dir(&brand).unwrap();
    let read = || parse(&with("brand = \"brand\""), folder.path(), None);
    let refused = || read().unwrap_err().to_string();
    assert!(refused().contains("must name a folder that holds"), "{}", refused());

    write(&brand, "brand.toml", b"name = \"Nordlys\"\naction = \"#0A5A46\"\non_action = \"#ffffff\"\n");
    write(&brand, "mark.png", b"a picture");
    let expected = BrandFolder {
        name: Some("Nordlys".into()),
        mark: Some(b"a picture".to_vec()),
        action: Some([0x0A, 0x5A, 0x46]),
        on_action: Some([0xFF; 3]),
        page: None,
    };
    assert_eq!(read().unwrap().screen.look.brand, Some(expected));

    for (text, sentence) in [
        ("name = \"\"", "an empty name"),
        ("action = \"green\"", "no colour in action"),
        ("page = \"#12345\"", "no colour in page"),
        ("page = \"#æ234\"", "no colour in page"),
        ("colour = \"#123456\"", "another key than"),
        ("name", "not valid TOML"),
    ] {
        write(&brand, "brand.toml", text.as_bytes());
        assert!(refused().contains(sentence), "{text}: {}", refused());
    }
}
