//! Calls, rooms, followers and official accounts: the forms of their fields.

use std::{fs, path::Path};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tencent_im_callback::{
    Callback, Event, Identity, Phase, UnixMillis, call, each_callback, follow, live, mic, official_account, room,
};

/// The families that are looked at here.
const FAMILIES: [&str; 7] = ["Call", "Follow", "Live", "Mic", "OfficialAccount", "Push", "Room"];

fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples/requests").join(format!("{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).expect("the sample is there")).expect("samples are JSON")
}

/// The event of a sample in which the value at `pointer` is another one.
fn with<E: DeserializeOwned>(name: &str, pointer: &str, value: Value) -> E {
    let mut body = sample(name);
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[field] = value;
    serde_json::from_value(body).unwrap()
}

#[test]
fn an_account_that_comes_as_a_number_keeps_all_its_digits() {
    let event: call::AfterStartCall = serde_json::from_value(sample("Call.CallbackAfterStartCall")).unwrap();
    let accounts: Vec<_> = event.user_list.iter().map(|user| user.user_account.as_str()).collect();
    assert_eq!(accounts, ["144115227701234567", "144115227707654321"]);

    let numbers = json!([144_115_227_701_234_567_u64, "client_88"]);
    let event: call::AfterEndCall =
        with("Call.CallbackAfterEndCall", "/CallRecord/CalleeList_Account", numbers.clone());
    assert_eq!(event.call_record.callee_list_account.unwrap(), ["144115227701234567", "client_88"]);
    let event: live::AfterModifyAdmin = with("Live.CallbackAfterModifyAdmin", "/Admin_Account", numbers);
    assert_eq!(event.admin_account, ["144115227701234567", "client_88"]);
}

#[test]
fn what_is_transmitted_has_two_names_and_both_are_written_again() {
    let mut body = sample("Call.CallbackAfterStartCall");
    let event: call::AfterStartCall = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(event.call_info.media(), Some(&call::MediaType::Video));

    let call = body["CallInfo"].as_object_mut().unwrap();
    call.remove("CallMediaType");
    call.insert("MediaType".into(), "Audio".into());
    let event: call::AfterStartCall = serde_json::from_value(body).unwrap();
    assert_eq!(event.call_info.media(), Some(&call::MediaType::Audio));
    assert_eq!(serde_json::to_value(&event).unwrap()["CallInfo"]["MediaType"], "Audio");
}

#[test]
fn two_words_of_one_page_are_one_action() {
    for (words, action) in [
        (["Answer", "Accept"], call::ActionType::Answer),
        (["Hangup", "Hang Up"], call::ActionType::Hangup),
        (["Invite", "Invited"], call::ActionType::Invite),
        (["Cancel_Invite", "Canncel_Invite"], call::ActionType::CancelInvite),
    ] {
        for word in words {
            let pointer = "/ChangedUserList/0/ActionType";
            let event: call::AfterMemberChanged = with("Call.CallbackAfterMemberChanged", pointer, word.into());
            assert_eq!(event.changed_user_list[0].action_type.as_ref(), Some(&action));
        }
    }
}

#[test]
fn a_free_seat_has_no_account() {
    for name in ["Mic.CallbackAfterSeatInfoChanged.live", "Mic.CallbackAfterSeatInfoChanged.room"] {
        let event: mic::AfterSeatInfoChanged = serde_json::from_value(sample(name)).unwrap();
        assert!(event.seat_list[0].taken_by().is_some());
        assert_eq!(event.seat_list[1].taken_by(), None);
        assert_eq!(event.seat_list[1].is_taken_disabled, Some(true));
    }
}

#[test]
fn those_unfollowed_come_as_ids_or_as_objects() {
    let accounts = json!(["baker_72", { "To_Account": "old_radio" }, { "To_Account": 77, "Note": {} }, 78]);
    let event: follow::AfterFollowDelete = with("Follow.CallbackAfterFollowDelete", "/To_Account", accounts);
    assert_eq!(event.to_account, ["baker_72", "old_radio", "77", "78"]);
    assert_eq!(serde_json::to_value(&event).unwrap()["To_Account"], json!(["baker_72", "old_radio", "77", "78"]));
}

#[test]
fn yes_and_no_may_come_in_quotes() {
    let name = "Room.CallbackAfterUpdateRoomInfo";
    for (value, expected) in [(json!("false"), Some(false)), (json!(true), Some(true)), (Value::Null, None)] {
        let event: room::AfterUpdateRoomInfo = with(name, "/RoomInfo/IsCloudRecordingDisabled", value);
        assert_eq!(event.room_info.is_cloud_recording_disabled, expected);
    }
}

#[test]
fn numbers_may_come_in_quotes() {
    let event: live::AfterCreateRoom = with("Live.CallbackAfterCreateRoom", "/RoomInfo/Category", json!(["3", 11]));
    assert_eq!(event.room_info.category.unwrap(), [3, 11]);
    let name = "Live.CallbackAfterCreateRoomReachingThreshold";
    let event: live::AfterCreateRoomReachingThreshold = with(name, "/CurRoomCount", "352".into());
    assert_eq!(event.cur_room_count, Some(352));
}

#[test]
fn a_closed_room_comes_with_or_without_its_last_state() {
    let shapes = ["", ".system", ".minimal"].map(|shape| {
        let body = sample(&format!("Live.CallbackAfterDestroyRoom{shape}"));
        let event: live::AfterDestroyRoom = serde_json::from_value(body).unwrap();
        (event.room_info.is_some(), event.statistic.is_some())
    });
    assert_eq!(shapes, [(true, true), (true, false), (false, false)]);
}

#[test]
fn a_message_has_the_second_of_its_sending_and_the_millisecond_of_its_event() {
    let body = sample("OfficialAccount.CallbackAfterSendMsg");
    let event: official_account::AfterSendMsg = serde_json::from_value(body).unwrap();
    assert_eq!(event.event_time, Some(UnixMillis::new(1_741_608_440_761)));
    assert_eq!(event.msg_time.unwrap().as_secs(), event.event_time.unwrap().as_millis() / 1000);
    assert_eq!(event.online_only_flag, Some(false));
}

/// The identity of a body's event.
fn identity(callback: &Callback, body: &Value) -> Option<Identity> {
    fn of<E: Event>(body: &Value) -> Option<Identity> {
        serde_json::from_value::<E>(body.clone()).unwrap().identity()
    }

    macro_rules! by_command {
        ($($command:literal $method:ident $event:path;)*) => {
            match callback.command {
                $($command => of::<$event>(body),)*
                other => panic!("no event for {other}"),
            }
        };
    }
    each_callback!(by_command)
}

#[test]
fn what_has_happened_has_an_identity_and_what_is_asked_has_none() {
    let mut seen = std::collections::HashSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples/requests");
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy();
        let mut words = name.splitn(3, '.');
        let (family, event) = (words.next().unwrap(), words.next().unwrap());
        if !FAMILIES.contains(&family) {
            continue;
        }
        let callback = Callback::find(&format!("{family}.{event}")).unwrap();
        let body = sample(&name);
        let identity = identity(callback, &body);
        if callback.phase == Phase::Before || family == "Push" {
            assert_eq!(identity, None, "{name}");
            continue;
        }
        let identity = identity.unwrap_or_else(|| panic!("{name} has no identity"));
        assert!(identity.as_str().starts_with(&format!("{}|", callback.command)), "{name}");
        assert!(seen.insert(identity), "{name} has another's identity");
    }
}
