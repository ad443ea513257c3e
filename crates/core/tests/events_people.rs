//! Messages between two people, friends, bots and what else is about single users: the shapes that
//! no sample has, and what identifies the events.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tencent_im_callback::{Event, Platform, bot, c2c, chatbot, content, profile, sns, state};

/// The event of a sample with some of its fields changed; null takes a field away.
fn changed<E: Event>(sample: &str, changes: &Value) -> E {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../testkit/samples/requests/{sample}.json"));
    let mut body: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    serde_json::from_str(&body.to_string()).unwrap()
}

fn of<E: Event>(sample: &str) -> E {
    changed(sample, &json!({}))
}

/// The identity of a changed sample, as text.
fn identity<E: Event>(sample: &str, changes: &Value) -> Option<String> {
    changed::<E>(sample, changes).identity().map(String::from)
}

#[test]
fn numbers_come_quoted_and_accounts_bare() {
    let event: c2c::AfterSendMsg = changed(
        "C2C.CallbackAfterSendMsg",
        &json!({ "From_Account": 9_007_199_254_740_993_u64, "MsgRandom": "4294967295", "UnreadMsgNum": "-1", "OnlineOnlyFlag": "1" }),
    );
    assert_eq!(event.from_account, "9007199254740993");
    assert_eq!(event.msg_random, Some(u32::MAX));
    assert_eq!(event.unread_msg_num, Some(-1));
    assert_eq!(event.online_only_flag, Some(true));
    assert_eq!(serde_json::to_value(&event).unwrap()["OnlineOnlyFlag"], 1);
}

#[test]
fn an_event_about_a_message_needs_only_what_names_it() {
    let body = json!({ "From_Account": "a", "To_Account": "b", "MsgKey": "1_2_3" }).to_string();
    assert_eq!(serde_json::from_str::<c2c::AfterSendMsg>(&body).unwrap().msg_body, []);
    assert_eq!(serde_json::from_str::<c2c::AfterModifyMsg>(&body).unwrap().msg_body, None);
    assert_eq!(serde_json::from_str::<c2c::AfterMsgWithDraw>(&body).unwrap().event_time, None);
    assert_eq!(serde_json::from_str::<c2c::AfterC2CMsgExtension>(&body).unwrap().extension_list, None);
    assert_eq!(serde_json::from_str::<bot::OnC2CMessage>(&body).unwrap().msg_body, []);
}

#[test]
fn a_moderated_text_comes_alone_or_in_a_list() {
    let sample = "ContentCallback.ResultNotify.c2c-text";
    let alone: content::ResultNotify = changed(sample, &json!({ "TextContent": "one" }));
    assert_eq!(alone.text_content, Some(vec!["one".to_owned()]));
    let none: content::ResultNotify = changed(sample, &json!({ "TextContent": null }));
    assert_eq!(none.text_content, None);
    assert_eq!(of::<content::ResultNotify>(sample).ctxcb_result, Some(content::CtxcbResult::Blocked));
}

#[test]
fn a_custom_status_is_found_inside_the_info_and_beside_it() {
    let inside: state::StateChange = of("State.StateChange.custom-status");
    assert_eq!(inside.custom_status(), Some("in a meeting until noon"));
    let beside: state::StateChange = changed("State.StateChange.login", &json!({ "CustomStatus": "" }));
    assert_eq!(beside.custom_status(), Some(""));
    assert_eq!(of::<state::StateChange>("State.StateChange.login").custom_status(), None);
}

#[test]
fn a_kicked_device_has_a_platform_in_any_spelling() {
    let kicked = json!({ "KickedDevice": [{ "Platform": "IOS" }, { "Platform": "Watch" }, {}] });
    let event: state::StateChange = changed("State.StateChange.login", &kicked);
    let platforms: Vec<_> = event.kicked_device.unwrap().into_iter().map(|device| device.platform).collect();
    assert_eq!(platforms, [Some(Platform::Ios), Some(Platform::from("Watch")), None]);
}

#[test]
fn what_made_users_friends_has_two_spellings() {
    let spelled = |word| {
        changed::<sns::FriendAdd>("Sns.CallbackFriendAdd.client", &json!({ "ClientCmd": word })).operation().unwrap()
    };
    assert_eq!(spelled("friend_add"), spelled("FriendAdd"));
    assert_eq!(spelled("friend_response"), spelled("FriendResponse"));
    assert_eq!(spelled("friend_import"), sns::ClientCmd::from("friend_import"));
}

#[test]
fn a_profile_value_is_text_or_a_number_and_the_numbers_are_exact() {
    let items = json!({ "ProfileItem": [
        { "Tag": "Tag_Profile_Custom_Score", "Value": u64::MAX },
        { "Tag": "Tag_Profile_IM_Level", "Value": "7" },
        { "Tag": "Tag_Profile_IM_Nick", "Value": null },
    ] });
    let event: profile::PortraitSet = changed("Profile.CallbackPortraitSet.client", &items);
    let [score, level, nick] = &event.profile_item[..] else { panic!("three items") };
    assert_eq!(score.tag.custom(), Some("Score"));
    assert_eq!(score.value, Some(profile::Value::Number(u64::MAX)));
    assert_eq!((&level.tag, level.tag.custom()), (&profile::Tag::Level, None));
    let value = level.value.as_ref().unwrap();
    assert_eq!((value.as_text(), value.as_number()), (Some("7"), Some(7)));
    assert_eq!(nick.value, None);
}

#[test]
fn what_waits_for_an_answer_has_no_identity() {
    let none = json!({});
    assert_eq!(identity::<c2c::BeforeSendMsg>("C2C.CallbackBeforeSendMsg", &none), None);
    assert_eq!(identity::<chatbot::OnC2CSignalMessage>("Chatbot.OnC2CSignalMessage", &none), None);
    assert_eq!(identity::<sns::PrevFriendAdd>("Sns.CallbackPrevFriendAdd", &none), None);
    assert_eq!(identity::<sns::PrevFriendResponse>("Sns.CallbackPrevFriendResponse", &none), None);
}

#[test]
fn a_message_is_identified_by_its_key_and_a_change_of_it_by_key_and_time_or_version() {
    let none = json!({});
    let (key, modified) = ("90211_3127765540_1735805002", "C2C.CallbackAfterModifyMsg");
    assert_eq!(
        identity::<c2c::AfterSendMsg>("C2C.CallbackAfterSendMsg", &none),
        Some(format!("C2C.CallbackAfterSendMsg|{key}"))
    );
    assert_eq!(identity::<c2c::AfterModifyMsg>(modified, &none), Some(format!("{modified}|{key}|1735805071288")));
    assert_eq!(identity::<c2c::AfterModifyMsg>(modified, &json!({ "EventTime": null })), None);
    let extension = |variant: &str| {
        identity::<c2c::AfterC2CMsgExtension>(&format!("C2C.CallbackAfterC2CMsgExtension.{variant}"), &none).unwrap()
    };
    assert_ne!(extension("set"), extension("delete"));
}

#[test]
fn a_group_message_to_a_bot_is_identified_by_group_number_and_topic() {
    let none = json!({});
    assert_eq!(
        identity::<bot::OnGroupMessage>("Bot.OnGroupMessage", &none).unwrap(),
        "Bot.OnGroupMessage|@TGS#2KWZQ7MN3|415"
    );
    let in_topic = identity::<bot::OnGroupMessage>("Bot.OnGroupMessage.topic", &none).unwrap();
    assert!(in_topic.ends_with("|23|@TGS#_@TGS#cR4K7PNXQ2AB@TOPIC#_orchard"), "{in_topic}");
    assert_eq!(
        identity::<bot::OnGroupMessage>("Bot.OnGroupMessage", &json!({ "OnlineOnlyFlag": 1 })).unwrap(),
        "Bot.OnGroupMessage|@TGS#2KWZQ7MN3||415|3388120099"
    );
    let without_random = json!({ "OnlineOnlyFlag": 1, "Random": null });
    assert_eq!(identity::<bot::OnGroupMessage>("Bot.OnGroupMessage", &without_random), None);
}

#[test]
fn receipts_are_identified_by_the_reader_and_what_was_read() {
    let receipt = "C2C.CallbackAfterMsgReadReceipt";
    let one = json!({ "C2CMsgInfo": [{ "MsgKey": "90211_3127765540_1735805002" }] });
    assert_ne!(
        identity::<c2c::AfterMsgReadReceipt>(receipt, &json!({})),
        identity::<c2c::AfterMsgReadReceipt>(receipt, &one)
    );
    assert_eq!(identity::<c2c::AfterMsgReadReceipt>(receipt, &json!({ "C2CMsgInfo": [] })), None);
    let report = "C2C.CallbackAfterMsgReport";
    assert_eq!(identity::<c2c::AfterMsgReport>(report, &json!({})), Some(format!("{report}|emil|nora|1735805020")));
    assert_eq!(identity::<c2c::AfterMsgReport>(report, &json!({ "LastReadTime": null })), None);
}

#[test]
fn a_change_of_state_is_identified_by_user_time_and_action() {
    let change = |sample: &str| identity::<state::StateChange>(&format!("State.StateChange.{sample}"), &json!({}));
    assert_eq!(change("login"), Some("State.StateChange|rowan_ash|1741596405218|Login".to_owned()));
    assert_eq!(change("no-event-time"), None);
}
