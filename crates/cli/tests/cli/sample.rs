use serde_json::Value;
use tencent_im_callback::CALLBACKS;

use crate::program::run;

#[test]
fn there_is_a_sample_of_every_callback() {
    for callback in CALLBACKS {
        let body = run(&["sample", callback.command]).json(0);
        // Batches name it in each event, and moderation nowhere.
        let named = body.get("CallbackCommand").and_then(Value::as_str);
        assert!(named.is_none_or(|named| named == callback.command), "{callback:?}");
    }
}

#[test]
fn fields_stay_in_the_order_of_the_service_and_are_changed_as_asked() {
    let out = run(&[
        "sample",
        "Group.CallbackBeforeCreateTopic",
        "--set",
        "/Name=free spam",
        "--insert",
        "/Level=3",
        "--insert",
        "/Text=\"3\"",
    ]);
    assert_eq!(
        out.exited(0),
        r#"{
  "CallbackCommand": "Group.CallbackBeforeCreateTopic",
  "Operator_Account": "acct_1042",
  "Type": "Community",
  "Name": "free spam",
  "Level": 3,
  "Text": "3"
}
"#
    );
    let out = run(&["sample", "group::BeforeCreateTopic", "--compact"]).exited(0);
    assert_eq!(out.lines().count(), 1);
}

#[test]
fn the_plainest_sample_comes_first_and_the_others_by_their_names() {
    let variants = run(&["sample", "Group.CallbackBeforeSendMsg", "--variants"]).exited(0);
    assert_eq!(variants, "-\navchatroom\nlive\nlive-custom\ntopic\n");
    let plain = run(&["sample", "Group.CallbackBeforeSendMsg"]).json(0);
    assert_eq!(plain, run(&["sample", "Group.CallbackBeforeSendMsg", "--variant", "-"]).json(0));
    assert_ne!(plain, run(&["sample", "Group.CallbackBeforeSendMsg", "--variant", "topic"]).json(0));
    let err = run(&["sample", "Group.CallbackBeforeSendMsg", "--variant", "tropic"]).complained(2);
    assert_eq!(
        err,
        "error: `Group.CallbackBeforeSendMsg` has no sample variant `tropic`\n\
         hint: variants: -, avchatroom, live, live-custom, topic\n"
    );
}

#[test]
fn the_vendors_answers_are_shown_too() {
    let out = run(&["sample", "Group.CallbackBeforeCreateTopic", "--answers"]).exited(0);
    let answers = serde_json::Deserializer::from_str(&out).into_iter::<Value>().map(Result::unwrap);
    assert_eq!(answers.map(|answer| answer["ErrorCode"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 10_117, 1]);
}

#[test]
fn a_mistyped_command_is_told_the_right_one() {
    let err = run(&["sample", "Group.CallbackBeforCreateTopic"]).complained(2);
    assert!(err.contains("a similar value exists: 'Group.CallbackBeforeCreateTopic'"), "{err}");
    let err = run(&["sample", "Weather.Today"]).complained(2);
    assert!(err.contains("'im-callback list' shows all of them"), "{err}");
}

#[test]
fn what_cannot_be_set_is_told_with_its_reason() {
    let command = "Group.CallbackBeforeCreateTopic";
    let err = run(&["sample", command, "--set", "/Owner/Name=x"]).complained(2);
    assert_eq!(err, "error: `/Owner/Name` cannot be set: there is nothing at `/Owner`\n");
    let err = run(&["sample", command, "--set", "Name=x"]).complained(2);
    assert!(err.contains("the JSON pointer `Name` does not begin with a slash; try `/Name`"), "{err}");
}
