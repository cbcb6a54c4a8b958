use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

const NOW: Duration = Duration::from_secs(1000);

/// A folder in memory, as a service manager gives it.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap()
}

fn open(folder: &TempDir, client_id: &str) -> Tickets {
    let issuer = Issuer::parse("https://op.example/op").unwrap();
    let (tickets, why_not) = Tickets::open(&Place::Folder(folder.path().into()), &issuer, client_id);
    assert_eq!(why_not, None);
    tickets
}

fn id(text: &str) -> AuthReqId {
    AuthReqId(text.into())
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Writes a file as a process did that is no more.
fn plant(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

#[test]
fn a_ticket_holds_the_id_alone_for_this_user_alone() {
    let folder = folder();
    let mut tickets = open(&folder, "tv");
    tickets.keep(id("canary-1"), NOW).unwrap();
    let [name] = &names(&folder)[..] else { panic!("{:?}", names(&folder)) };
    assert!(!name.contains("canary") && !name.contains("tv"), "{name}");
    let path = folder.path().join(name);
    assert_eq!(fs::read_to_string(&path).unwrap(), "canary-1\n");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert!(!format!("{tickets:?}").contains("canary"));
    tickets.forget(&id("another"));
    assert_eq!(tickets.held(), [id("canary-1")]);
    tickets.forget(&id("canary-1"));
    assert_eq!((names(&folder).len(), tickets.held().len()), (0, 0));
}

#[test]
fn a_ticket_is_left_behind_when_nobody_holds_it() {
    let folder = folder();
    let mut living = open(&folder, "tv");
    living.keep(id("one"), NOW).unwrap();
    living.keep(id("two"), NOW).unwrap();
    assert_eq!(open(&folder, "tv").left_behind(NOW), [], "its owner lives");
    drop(living);
    let mut next = open(&folder, "tv");
    let mut found = next.left_behind(NOW);
    found.sort_by(|one, other| one.0.expose().cmp(other.0.expose()));
    assert_eq!(found, [id("one"), id("two")]);
    assert_eq!(open(&folder, "tv").left_behind(NOW), [], "the next one holds them");
    // It is killed too before the broker has heard of the second.
    next.forget(&id("one"));
    drop(next);
    assert_eq!(open(&folder, "tv").left_behind(NOW), [id("two")]);
}

#[test]
fn another_clients_ticket_is_left_to_it() {
    let folder = folder();
    open(&folder, "kiosk").keep(id("one"), NOW).unwrap();
    assert_eq!(open(&folder, "tv").left_behind(NOW), []);
    assert_eq!(names(&folder).len(), 1);
    assert_eq!(open(&folder, "kiosk").left_behind(NOW), [id("one")]);
}

#[test]
fn a_ticket_that_is_of_no_use_is_taken_away() {
    for (since, now) in [(1000, 1600), (1000, 99_999), (1000, 999), (1000, 3)] {
        let folder = folder();
        for client in ["tv", "kiosk"] {
            open(&folder, client).keep(id("one"), Duration::from_secs(since)).unwrap();
        }
        assert_eq!(open(&folder, "tv").left_behind(Duration::from_secs(now)), [], "{now}");
        assert_eq!(names(&folder), [""; 0], "{now}");
    }
    let folder = folder();
    open(&folder, "tv").keep(id("one"), NOW).unwrap();
    assert_eq!(open(&folder, "tv").left_behind(NOW + Duration::from_secs(599)), [id("one")]);
}

#[test]
fn an_old_ticket_that_somebody_still_holds_stays() {
    let folder = folder();
    let mut living = open(&folder, "tv");
    living.keep(id("one"), NOW).unwrap();
    assert_eq!(open(&folder, "tv").left_behind(NOW * 9), []);
    assert_eq!(names(&folder).len(), 1);
}

#[test]
fn a_ticket_that_was_not_written_to_its_end_is_taken_away() {
    for text in ["", "\n", "half an i", "\u{fffd}"] {
        let folder = folder();
        let mark = open(&folder, "tv").mark;
        plant(&folder, &format!("flexlogin-{mark}-999-1-0"), text);
        assert_eq!(open(&folder, "tv").left_behind(NOW), [], "{text:?}");
        assert_eq!(names(&folder), [""; 0], "{text:?}");
    }
}

#[test]
fn what_is_no_ticket_is_not_touched() {
    let folder = folder();
    let mark = open(&folder, "tv").mark;
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "secret\n").unwrap();
    let title = |number| folder.path().join(format!("flexlogin-{mark}-999-1-{number}"));
    symlink(&elsewhere, title(0)).unwrap();
    fs::create_dir(title(1)).unwrap();
    let made = std::process::Command::new("mkfifo").arg(title(2)).status().unwrap();
    assert!(made.success());
    for name in [
        "flexlogin",
        "flexlogin-x-999-1-0",
        "flexlogin-0123456789abcdef-y-1-0",
        "socket",
        "flexlogin-0123456789abcdef-9-1",
    ] {
        plant(&folder, name, "one\n");
    }
    let before = names(&folder).len();
    let mut tickets = open(&folder, "tv");
    assert_eq!(tickets.left_behind(NOW), []);
    assert_eq!(names(&folder).len(), before);
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "secret\n");
}

#[test]
fn a_name_that_is_taken_is_not_written_over() {
    let folder = folder();
    let mut tickets = open(&folder, "tv");
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "secret\n").unwrap();
    let process = std::process::id();
    let first = folder.path().join(format!("flexlogin-{}-1000-{process}-0", tickets.mark));
    symlink(&elsewhere, &first).unwrap();
    tickets.keep(id("one"), NOW).unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "secret\n");
    drop(tickets);
    assert_eq!(open(&folder, "tv").left_behind(NOW), [id("one")]);
}

#[test]
fn an_id_that_is_too_long_is_remembered_and_not_written() {
    let folder = folder();
    let mut tickets = open(&folder, "tv");
    let long = id(&"x".repeat(4096));
    assert!(tickets.keep(long.clone(), NOW).is_err());
    assert_eq!((names(&folder).len(), tickets.held()), (0, vec![long.clone()]));
    tickets.forget(&long);
    assert_eq!(tickets.held(), []);
    let longest = id(&"x".repeat(4095));
    tickets.keep(longest.clone(), NOW).unwrap();
    drop(tickets);
    assert_eq!(open(&folder, "tv").left_behind(NOW), [longest]);
}

#[test]
fn no_more_than_a_few_are_taken_over_at_once() {
    let folder = folder();
    let mark = open(&folder, "tv").mark;
    for number in 0..MOST + 5 {
        plant(&folder, &format!("flexlogin-{mark}-999-1-{number}"), "one\n");
    }
    assert_eq!(open(&folder, "tv").left_behind(NOW).len(), MOST);
}

#[test]
fn only_a_folder_in_memory_that_is_this_users_alone_is_used() {
    let issuer = Issuer::parse("https://op.example/op").unwrap();
    let open = |place: Place| Tickets::open(&place, &issuer, "tv");
    let shared = folder();
    fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let file = shared.path().join("file");
    fs::write(&file, "").unwrap();
    for path in ["/proc", "/dev/shm", "/nowhere", shared.path().to_str().unwrap(), file.to_str().unwrap()] {
        let (mut tickets, why_not) = open(Place::Folder(path.into()));
        assert!(why_not.is_some_and(|why| why.starts_with("the runtime folder ")), "{path}");
        // A login goes on, and this process at least knows of it.
        tickets.keep(id("one"), NOW).unwrap();
        assert_eq!((tickets.held().len(), tickets.left_behind(NOW).len()), (1, 0));
        tickets.forget(&id("one"));
        assert_eq!(tickets.held(), []);
    }
    assert!(open(Place::Missing).1.is_some());
    assert_eq!(open(Place::Unknown).1, None);
    // A service manager may give a link, and a folder that others may look into.
    let readable = folder();
    fs::set_permissions(readable.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let link = shared.path().join("link");
    symlink(readable.path(), &link).unwrap();
    assert_eq!(open(Place::Folder(link)).1, None);
}

#[test]
fn looking_and_writing_at_the_same_time_lose_no_ticket() {
    let folder = folder();
    let looks = || {
        let mut others = 0;
        for _ in 0..2000 {
            others += open(&folder, "tv").left_behind(NOW).len();
        }
        others
    };
    std::thread::scope(|scope| {
        let looking = [scope.spawn(looks), scope.spawn(looks)];
        let mut living = open(&folder, "tv");
        let mut lost = 0;
        for number in 0..2000 {
            let one = id(&number.to_string());
            living.keep(one.clone(), NOW).unwrap();
            // A name that somebody is about to take away again may lie beside it.
            let holds_it = |name: &String| {
                let text = fs::read_to_string(folder.path().join(name));
                text.is_ok_and(|text| text == format!("{number}\n"))
            };
            lost += usize::from(!names(&folder).iter().any(holds_it));
            living.forget(&one);
        }
        let taken: usize = looking.into_iter().map(|looking| looking.join().unwrap()).sum();
        assert_eq!((lost, taken), (0, 0));
    });
}
