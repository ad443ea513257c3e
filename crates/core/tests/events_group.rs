//! What the events of groups say beyond their fields, and the fields that no sample has.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tencent_im_callback::{Event, group};

fn event<E: DeserializeOwned>(body: Value) -> E {
    serde_json::from_value(body).expect("the event reads")
}

#[test]
fn a_changed_member_is_found_under_either_name() {
    for name in ["Member_Account", "Modified_Account"] {
        let changed: group::AfterMemberFieldChanged = event(json!({"GroupId": "g", name: "rider-07"}));
        assert_eq!(changed.changed_account(), Some("rider-07"), "{name}");
        assert_eq!(serde_json::to_value(&changed).unwrap()[name], "rider-07");
    }
}

#[test]
fn a_new_group_tells_how_many_there_are_in_either_way() {
    let by_type: group::BeforeCreateGroup = event(json!({
        "Operator_Account": 1042,
        "Name": "Trail maps",
        "CreateGroupNum": "7",
        "CreatedGroupNum": {"Public": 5, "Work": 2},
        "InviteOption": "DisableInvite",
    }));
    assert_eq!(by_type.operator_account, "1042");
    assert_eq!(by_type.create_group_num, Some(7));
    assert_eq!(by_type.created_group_num.unwrap()["Work"], 2);
    assert_eq!(by_type.invite_option, Some(group::InviteOption::DisableInvite));
}

#[test]
fn messages_of_the_same_number_in_two_topics_are_two() {
    let sent = |topic: Value| -> group::AfterSendMsg {
        event(json!({"GroupId": "g", "From_Account": "nora", "MsgSeq": 22, "MsgBody": [], "TopicId": topic}))
    };
    assert_eq!(sent(json!("orchard")).identity(), sent(json!("orchard")).identity());
    assert_ne!(sent(json!("orchard")).identity(), sent(json!("harbour")).identity());
    assert_ne!(sent(json!("orchard")).identity(), sent(json!(null)).identity());
}

#[test]
fn messages_for_members_online_only_are_told_by_their_random_number() {
    let sent = |random: Value, online_only: u8| -> group::AfterSendMsg {
        event(json!({
            "GroupId": "g",
            "From_Account": "nora",
            "MsgSeq": 22,
            "MsgBody": [],
            "Random": random,
            "OnlineOnlyFlag": online_only,
        }))
    };
    assert_ne!(sent(json!(1), 1).identity(), sent(json!(2), 1).identity());
    assert_eq!(sent(json!(1), 0).identity(), sent(json!(2), 0).identity());
    assert_eq!(sent(json!(null), 1).identity(), None);
}

#[test]
fn a_topic_that_is_empty_is_no_topic() {
    let modified = |topic: Value| -> group::AfterModifyMsg {
        event(json!({"GroupId": "g", "MsgSeq": 413, "TopicId": topic, "EventTime": 1_735_805_190_717_u64}))
    };
    assert_eq!(modified(json!("")).identity(), modified(json!(null)).identity());
}

#[test]
fn what_can_happen_again_has_no_identity_without_a_time() {
    fn identity<E: Event>(extra: &Value) -> bool {
        let mut body = json!({"GroupId": "g", "EventTime": 1_733_218_806_917_u64});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let with = event::<E>(body.clone()).identity();
        body.as_object_mut().unwrap().remove("EventTime");
        with.is_some() && event::<E>(body).identity().is_none()
    }

    let members = json!([{"Member_Account": "rider-07"}]);
    assert!(identity::<group::AfterCreateGroup>(&json!({})));
    assert!(identity::<group::AfterGroupDestroyed>(&json!({})));
    assert!(identity::<group::AfterGroupFull>(&json!({})));
    assert!(identity::<group::AfterNewMemberJoin>(&json!({"NewMemberList": members})));
    assert!(identity::<group::AfterMemberExit>(&json!({"ExitMemberList": members})));
    assert!(identity::<group::OnMemberStateChange>(&json!({"EventType": "Online", "MemberList": members})));
    assert!(identity::<group::AfterGroupAttrChanged>(&json!({"OptionType": "clear"})));
    assert!(identity::<group::AfterGroupMsgExtension>(&json!({"MsgSeq": 413, "Seq": 13})));
}
