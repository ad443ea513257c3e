//! What holds for every row of the table: names, phases, documentation, identities.

use std::{collections::BTreeMap, fs, path::Path};

use tencent_im_callback::{CALLBACKS, Callback, Event, Identity, Phase, each_callback};

/// `group`, `Group` and so on: the vendor's word without `Callback`.
fn halves(command: &str) -> (String, String) {
    let (family, event) = command.split_once('.').expect("a command has two halves");
    // The vendor writes both `Chatbot` and `ChatBot`.
    (family.replace("Callback", "").replace("ChatBot", "Chatbot"), event.replace("Callback", ""))
}

/// `OnC2CMessage` in snake case: `on_c2c_message`.
fn snake(word: &str) -> String {
    let chars: Vec<char> = word.chars().collect();
    let mut snake = String::new();
    for (at, char) in chars.iter().enumerate() {
        let begins = |before: char| {
            before.is_lowercase() || before.is_uppercase() && chars.get(at + 1).is_some_and(|next| next.is_lowercase())
        };
        if char.is_uppercase() && at.checked_sub(1).is_some_and(|before| begins(chars[before])) {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    snake
}

/// The samples that show the thing of their callback's plain sample once more, as other pages have it.
const SAME_THING: [&str; 6] = [
    "Bot.OnC2CMessage.msgid",
    "C2C.CallbackAfterMsgWithDraw.eventtime",
    "C2C.CallbackAfterSendMsg.failed",
    "C2C.CallbackAfterSendMsg.msgid",
    "Group.CallbackAfterCreateGroup.no-intro",
    "Group.CallbackAfterGroupDestroyed.with-operator",
];

/// The identities of a callback's samples, by the sample's name; each is read twice and is the same.
fn identities(callback: &Callback) -> BTreeMap<String, Option<Identity>> {
    fn of<E: Event>(body: &str) -> Option<Identity> {
        let read = || serde_json::from_str::<E>(body).unwrap().identity();
        assert_eq!(read(), read(), "{body}");
        // Read from what it writes, as from a queue, it is still the same event.
        let written = serde_json::to_string(&serde_json::from_str::<E>(body).unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<E>(&written).unwrap().identity(), read(), "{body}");
        read()
    }

    macro_rules! by_command {
        ($($command:literal $method:ident $event:path;)*) => {
            match callback.command {
                $($command => of::<$event>,)*
                other => panic!("no event for {other}"),
            }
        };
    }
    let identity: fn(&str) -> Option<Identity> = each_callback!(by_command);

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples/requests");
    let files = fs::read_dir(folder).expect("the samples are in the repository");
    let paths = files.map(|file| file.expect("a file of the folder").path());
    let names = paths.map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path));
    let ours = names.filter(|(name, _)| {
        let rest = name.strip_prefix(callback.command);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    ours.map(|(name, path)| (name, identity(&fs::read_to_string(path).expect("UTF-8")))).collect()
}

/// Whether the event of a callback says that there may be nothing to tell a repetition by.
fn may_have_none(callback: &Callback) -> bool {
    let (module, event) = callback.event.split_once("::").expect("an event is in a module");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/events");
    let parts = fs::read_dir(source.join(module)).into_iter().flatten().map(|file| file.expect("a file").path());
    let files = std::iter::once(source.join(format!("{module}.rs"))).chain(parts);
    files.map(|path| fs::read_to_string(path).expect("UTF-8")).any(|text| {
        let methods = text.split_once(&format!("\nimpl {event} {{\n")).map(|(_, rest)| rest);
        let before = methods.and_then(|methods| methods.split_once("fn identity(&self)")).map(|(before, _)| before);
        before.and_then(|before| before.rsplit("\n\n").next()).is_some_and(|docs| docs.contains("`None`"))
    })
}

#[test]
fn methods_and_events_are_named_after_their_commands() {
    for Callback { command, method, event, .. } in CALLBACKS {
        let (family, word) = halves(command);
        assert_eq!(*method, format!("{}_{}", snake(&family), snake(&word)), "{command}");
        assert_eq!(*event, format!("{}::{word}", snake(&family)), "{command}");
    }
}

#[test]
fn the_phases_are_those_of_the_protocol() {
    for line in include_str!("data/phases.txt").lines() {
        let (phase, command) = line.split_once(' ').expect("a phase and a command");
        let callback = Callback::find(command).unwrap_or_else(|| panic!("no row for {command}"));
        let fits = match callback.phase {
            Phase::Before => phase == "before",
            // A callback "on" something can be a report, and can ask for data.
            Phase::After => ["after", "on"].contains(&phase),
            Phase::Reply => phase == "on",
            other => panic!("nothing is known of the phase {other}"),
        };
        assert!(fits, "{command} is {phase}, not {}", callback.phase);
    }
}

#[test]
fn what_is_asked_has_no_identity() {
    for callback in CALLBACKS.iter().filter(|callback| callback.phase == Phase::Before) {
        for (name, identity) in identities(callback) {
            assert_eq!(identity, None, "{name}");
        }
    }
}

#[test]
fn what_has_happened_has_an_identity_of_its_own() {
    let mut seen = BTreeMap::new();
    for callback in CALLBACKS.iter().filter(|callback| callback.phase != Phase::Before) {
        let identities = identities(callback);
        let plain = identities.get(callback.command).cloned().flatten();
        for (name, identity) in identities {
            let Some(identity) = identity else {
                assert!(may_have_none(callback), "{name} has no identity, and its event does not say so");
                continue;
            };
            assert!(identity.as_str().starts_with(&format!("{}|", callback.command)), "{name}: {identity}");
            if SAME_THING.contains(&name.as_str()) {
                assert_eq!(Some(identity), plain, "{name}");
            } else if let Some(other) = seen.insert(identity.clone(), name.clone()) {
                panic!("{name} and {other} are different things and have the identity {identity}");
            }
        }
    }
}

#[test]
fn the_documentation_says_what_it_is_and_where_it_is_described() {
    const VENDOR: [&str; 2] =
        ["https://www.tencentcloud.com/document/product/", "https://cloud.tencent.com/document/product/"];
    for Callback { command, docs, .. } in CALLBACKS {
        let first = docs.lines().next().expect("the documentation of a row").trim();
        assert!(first.ends_with('.') && first.len() < 120, "{command}: the first line is not a sentence: {first}");
        assert_eq!(docs.lines().nth(1).map(str::trim), Some(""), "{command}: the first sentence is a paragraph");
        let page = docs.lines().last().and_then(|line| line.trim().strip_prefix("[Tencent's page]("));
        let page = page.and_then(|page| page.strip_suffix(')')).unwrap_or_else(|| panic!("{command}: no page"));
        assert!(VENDOR.iter().any(|vendor| page.starts_with(vendor)), "{command}: {page}");
    }
}

#[test]
fn the_documentation_of_what_can_be_refused_says_what_follows() {
    for Callback { command, docs, .. } in CALLBACKS.iter().filter(|callback| callback.phase == Phase::Before) {
        let told = docs.split("\n\n").skip(2).any(|paragraph| paragraph.to_lowercase().contains("refus"));
        assert!(told, "{command}: what a refusal does is not told in a paragraph of its own: {docs:?}");
    }
}
