//! What holds for every row of the table: names, phases, documentation, identities.

use std::{collections::BTreeMap, fs, path::Path};

use tencent_im_callback::{CALLBACKS, Callback, Event, Identity, Phase, each_callback};

/// `group`, `Group` and so on: the vendor's word without `Callback`.
fn halves(command: &str) -> (String, String) {
    let (family, event) = command.split_once('.').expect("a command has two halves");
    (family.replace("Callback", ""), event.replace("Callback", ""))
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

/// The samples that carry nothing by which a repetition could be told.
const WITHOUT_IDENTITY: [&str; 15] = [
    "Alert.RequestOverLimit",
    "Chatbot.OnC2CSignalMessage",
    "Group.CallbackAfterTopicInfoChanged",
    "Group.CallbackOnMemberStateChange.bare",
    "Group.CallbackOnMemberStateChange.join",
    "Push.AllMemberPush.batch",
    "Push.AllMemberPush.with-data-id",
    "Push.OfflinePush.batch",
    "Push.OfflinePush.failed-without-pushid",
    "Sns.CallbackBlackListAdd",
    "Sns.CallbackBlackListDelete",
    "Sns.CallbackFriendAdd.client",
    "Sns.CallbackFriendAdd.restapi-forced",
    "Sns.CallbackFriendDelete",
    "State.StateChange.no-event-time",
];

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
    let lines = include_str!("data/phases.txt").lines();
    let protocol: BTreeMap<_, _> = lines
        .map(|line| line.split_once(' ').expect("a phase and a command"))
        .map(|(phase, command)| (command, phase))
        .collect();
    let rows: Vec<_> = CALLBACKS.iter().map(|callback| callback.command).collect();
    assert_eq!(rows.len(), protocol.len(), "rows of the table, and lines of data/phases.txt");
    for callback in CALLBACKS {
        let phase = protocol.get(callback.command);
        let phase = phase.unwrap_or_else(|| panic!("{} is not in data/phases.txt", callback.command));
        let fits = match callback.phase {
            Phase::Before => *phase == "before",
            // What comes "on" something can be a report, and can ask for data.
            Phase::After => ["after", "on"].contains(phase),
            Phase::Reply => *phase == "on",
            other => panic!("nothing is known of the phase {other}"),
        };
        assert!(fits, "{} comes {phase}, not {}", callback.command, callback.phase);
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
    let mut without = Vec::new();
    for callback in CALLBACKS.iter().filter(|callback| callback.phase != Phase::Before) {
        let identities = identities(callback);
        let plain = identities.get(callback.command).cloned().flatten();
        for (name, identity) in identities {
            let Some(identity) = identity else {
                without.push(name);
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
    without.sort();
    assert_eq!(without, WITHOUT_IDENTITY);
}

#[test]
fn the_documentation_says_what_it_is_and_where_it_is_described() {
    const VENDOR: [&str; 2] =
        ["https://www.tencentcloud.com/document/product/", "https://cloud.tencent.com/document/product/"];
    for Callback { command, docs, .. } in CALLBACKS {
        let first = docs.lines().next().expect("the documentation of a row").trim();
        assert!(first.ends_with('.') && first.len() < 120, "{command}: the first line is not a sentence: {first}");
        assert_eq!(docs.lines().nth(1).map(str::trim), Some(""), "{command}: the first sentence stands alone");
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
