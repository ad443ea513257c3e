//! The contents of messages: what is odd in them is left out alone, reported, and never hides the rest.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tencent_im_callback::{
    C2cCode, CallbackHandler, Context, Endpoint, Event, MessageDecision, Replacement, Result, async_trait, c2c,
    message::{Content, Custom, Element, ElementType, Text},
};

/// Refuses what has "casino" in it, and keeps what it was given.
#[derive(Default)]
struct Moderator {
    seen: Mutex<Option<(Vec<Element>, Vec<String>)>>,
}

#[async_trait]
impl CallbackHandler for Moderator {
    async fn c2c_before_send_msg(&self, ctx: &Context, event: c2c::BeforeSendMsg) -> Result<MessageDecision<C2cCode>> {
        let dropped = ctx.dropped_fields().iter().map(|field| field.path().to_owned()).collect();
        let is_refused = event.msg_body.iter().filter_map(Element::as_text).any(|text| text.contains("casino"));
        *self.seen.lock().unwrap() = Some((event.msg_body, dropped));
        Ok(if is_refused { MessageDecision::Refuse } else { MessageDecision::Allow })
    }
}

/// The answer's code, the elements, and the paths of the dropped fields.
async fn send(elements: &str) -> (u64, Vec<Element>, Vec<String>) {
    let moderator = Arc::new(Moderator::default());
    let endpoint = Endpoint::builder(Arc::clone(&moderator)).unverified_app(1).build().unwrap();
    let body = format!(r#"{{"From_Account":"a","To_Account":"b","MsgKey":"k","MsgBody":[{elements}]}}"#);
    let request = Request::post("/?SdkAppid=1&CallbackCommand=C2C.CallbackBeforeSendMsg").body(Bytes::from(body));
    let response = endpoint.handle(request.unwrap()).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let (elements, dropped) = moderator.seen.lock().unwrap().take().expect("the method was called");
    (answer["ErrorCode"].as_u64().unwrap(), elements, dropped)
}

fn element(msg_type: &str, content: &str) -> String {
    format!(r#"{{"MsgType":"{msg_type}","MsgContent":{content}}}"#)
}

#[tokio::test]
async fn text_cannot_hide_behind_what_is_odd_beside_it() {
    for (content, dropped) in [
        (r#"{"Text":"casino \ud83d"}"#, "MsgBody[0].MsgContent.Text"),
        (r#"{"Text":"\udead casino"}"#, "MsgBody[0].MsgContent.Text"),
        (r#"{"Text":"casino","Text":"tea"}"#, "MsgBody[0].MsgContent.Text"),
        (r#"{"Text":"casino","\ud83d":1}"#, "MsgBody[0].MsgContent.?"),
    ] {
        let (code, elements, paths) = send(&element("TIMTextElem", content)).await;
        assert_eq!((code, paths.as_slice()), (1, &[dropped.to_owned()][..]), "{content}");
        assert!(elements[0].as_text().is_some(), "{content}");
        assert_eq!(elements[0].raw_content(), content, "the original is kept");
    }
}

#[tokio::test]
async fn a_known_kind_is_never_another_kind_without_a_word() {
    for (msg_type, content, dropped) in [
        ("TIMTextElem", r#"{"Text":{"a":1}}"#, "MsgBody[0].MsgContent.Text"),
        ("TIMTextElem", "{}", "MsgBody[0].MsgContent.Text"),
        ("TIMTextElem", r#""casino""#, "MsgBody[0].MsgContent"),
        ("TIMTextElem", r#"["casino"]"#, "MsgBody[0].MsgContent"),
        ("TIMCustomElem", "null", "MsgBody[0].MsgContent"),
    ] {
        let (_, elements, paths) = send(&element(msg_type, content)).await;
        assert_eq!(paths, [dropped], "{content}");
        assert!(matches!(elements[0].content(), Content::Other { .. }), "{content}");
        assert_eq!(elements[0].raw_content(), content);
    }
}

#[tokio::test]
async fn a_single_field_of_a_content_is_dropped_alone() {
    for (msg_type, content, dropped, read) in [
        ("TIMCustomElem", r#"{"Data":"d","Ext":"\ud83d"}"#, "Ext", json!({ "Data": "d", "Ext": "\u{fffd}" })),
        ("TIMCustomElem", r#"{"Data":{"a":1},"Desc":"d"}"#, "Data", json!({ "Desc": "d" })),
        ("TIMCustomElem", r#"{"Data":"1","Data":"2"}"#, "Data", json!({ "Data": "1" })),
        ("TIMImageElem", r#"{"UUID":"u","ImageFormat":"JPG"}"#, "ImageFormat", json!({ "UUID": "u" })),
        ("TIMSoundElem", r#"{"UUID":"u","Second":3.5}"#, "Second", json!({ "UUID": "u" })),
        (
            "TIMImageElem",
            r#"{"ImageInfoArray":[{"URL":"x","Size":"big"}]}"#,
            "ImageInfoArray[0].Size",
            json!({ "ImageInfoArray": [{ "URL": "x" }] }),
        ),
        ("TIMLocationElem", r#"{"Desc":"here","Latitude":"north"}"#, "Latitude", json!({ "Desc": "here" })),
        ("TIMRelayElem", r#"{"Title":"t","MsgNum":"many"}"#, "MsgNum", json!({ "Title": "t" })),
    ] {
        let (_, elements, paths) = send(&element(msg_type, content)).await;
        assert_eq!(paths, [format!("MsgBody[0].MsgContent.{dropped}")], "{content}");
        assert_eq!(elements[0].dropped_fields()[0].path(), format!("MsgContent.{dropped}"), "{content}");
        let again = Element::new(elements[0].content());
        assert_eq!(serde_json::from_str::<Value>(again.raw_content()).unwrap(), read, "{content}");
    }
}

#[tokio::test]
async fn whole_numbers_written_as_floats_are_integers_in_contents_too() {
    let (_, elements, paths) = send(&element("TIMSoundElem", r#"{"Second":3.0,"Size":1.5e3}"#)).await;
    assert_eq!(paths, [""; 0]);
    let Content::Sound(sound) = elements[0].content() else { panic!("{elements:?}") };
    assert_eq!((sound.second, sound.size), (Some(3), Some(1_500)));
}

#[tokio::test]
async fn a_content_of_a_kind_that_is_not_known_is_not_looked_into() {
    let content = r#"{"Text":"\ud83d","Text":1}"#;
    let (code, elements, paths) = send(&element("TIMNewElem", content)).await;
    assert_eq!((code, paths.len()), (0, 0));
    assert_eq!(*elements[0].msg_type(), ElementType::from("TIMNewElem"));
    assert_eq!(elements[0].raw_content(), content);
}

#[tokio::test]
async fn a_part_of_a_message_that_cannot_be_read_makes_the_body_unreadable() {
    let endpoint = Endpoint::builder(Moderator::default()).unverified_app(1).build().unwrap();
    let good = element("TIMTextElem", r#"{"Text":"tea"}"#);
    for bad in [r#"{"MsgContent":{"Text":"casino"}}"#, r#"{"MsgType":"TIMTextElem"}"#, "5", "null", "[]"] {
        let body = format!(r#"{{"From_Account":"a","To_Account":"b","MsgKey":"k","MsgBody":[{good},{bad}]}}"#);
        let request = Request::post("/?SdkAppid=1&CallbackCommand=C2C.CallbackBeforeSendMsg").body(Bytes::from(body));
        assert_eq!(endpoint.handle(request.unwrap()).await.status(), 500, "{bad}");
    }
}

#[tokio::test]
async fn a_message_with_more_than_sixteen_contents_that_cannot_be_read_is_unreadable() {
    let endpoint = Endpoint::builder(Moderator::default()).unverified_app(1).build().unwrap();
    for (elements, status) in [(16, 200), (17, 500), (20_000, 500)] {
        let odd = vec![element("TIMTextElem", "{}"); elements].join(",");
        let body = format!(r#"{{"From_Account":"a","To_Account":"b","MsgKey":"k","MsgBody":[{odd}]}}"#);
        let request = Request::post("/?SdkAppid=1&CallbackCommand=C2C.CallbackBeforeSendMsg").body(Bytes::from(body));
        assert_eq!(endpoint.handle(request.unwrap()).await.status(), status, "{elements}");
    }
}

#[tokio::test]
async fn what_is_within_a_bundle_is_told_by_its_own_element() {
    let inner = element("TIMTextElem", r#"{"Text":"casino \ud83d"}"#);
    let bundle = format!(r#"{{"Title":"t","MsgList":[{{"From_Account":"x","MsgBody":[{inner}]}}]}}"#);
    let (_, elements, _) = send(&element("TIMRelayElem", &bundle)).await;
    let Content::Relay(relay) = elements[0].content() else { panic!("{elements:?}") };
    let inner = &relay.msg_list.unwrap()[0].msg_body.as_ref().unwrap()[0].clone();
    assert_eq!(inner.as_text().unwrap(), "casino \u{fffd}");
    assert_eq!(inner.dropped_fields()[0].path(), "MsgContent.Text");
}

#[test]
fn a_replacement_has_what_was_not_changed_as_it_was_sent() {
    let odd = r#"{"Data":"d","Ext":"\ud83d","New":1.50}"#;
    let mut element: Element = serde_json::from_str(&element("TIMCustomElem", odd)).unwrap();
    assert_eq!(element.raw_content(), odd);
    let Content::Custom(custom) = element.content() else { panic!("{element:?}") };
    element.set_content(Custom { data: Some("e".into()), ..custom }).unwrap();
    assert_eq!(element.raw_content(), r#"{"Data":"e","Ext":"\ud83d","New":1.50}"#);
    assert!(Replacement::body([element]).is_ok());
}

#[test]
fn a_content_with_very_many_names_is_changed_in_linear_time() {
    // Work that grows with the square would take minutes.
    let names: Vec<_> = (0..64_000).map(|name| format!(r#""n{name}":{name},"#)).collect();
    let names = names.concat();
    let mut many: Element =
        serde_json::from_str(&element("TIMTextElem", &format!(r#"{{{names}"Text":"a"}}"#))).unwrap();
    many.set_content(Text::new("b")).unwrap();
    assert_eq!(many.as_text().unwrap(), "b");
    assert!(many.raw_content().contains(r#""n63999":63999"#));
}

#[test]
fn contents_that_differ_very_deep_are_an_error_and_no_abort() {
    let deep = |levels: usize, core: &str| format!("{}{core}{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    for levels in [65, 2_000, 10_000] {
        let mut changed: Element = serde_json::from_str(&element("TIMNewElem", &deep(levels, "1"))).unwrap();
        let before = changed.clone();
        let other = Content::Other { msg_type: ElementType::from("TIMNewElem"), content: deep(levels, "2") };
        assert!(changed.set_content(other).is_err(), "{levels}");
        assert_eq!(changed, before, "an error changes nothing");
    }
    let mut changed: Element = serde_json::from_str(&element("TIMNewElem", &deep(60, "1"))).unwrap();
    let other = Content::Other { msg_type: ElementType::from("TIMNewElem"), content: deep(60, "2") };
    changed.set_content(other).unwrap();
    assert_eq!(changed.raw_content(), deep(60, "2"));
}

/// A message inside envelopes of every shape that serde knows.
mod envelopes {
    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Internal {
        Message(c2c::BeforeSendMsg),
    }

    #[derive(Serialize, Deserialize)]
    #[serde(tag = "kind", content = "event")]
    enum Adjacent {
        Message(c2c::BeforeSendMsg),
    }

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Message(c2c::BeforeSendMsg),
    }

    #[derive(Serialize, Deserialize)]
    enum External {
        Message(c2c::BeforeSendMsg),
    }

    #[derive(Serialize, Deserialize)]
    struct Flattened {
        id: u64,
        #[serde(flatten)]
        event: c2c::BeforeSendMsg,
    }

    fn event(content: &str) -> c2c::BeforeSendMsg {
        let element = element("TIMCustomElem", content);
        let body = format!(r#"{{"From_Account":"a","To_Account":"b","MsgKey":"k","MsgBody":[{element}]}}"#);
        serde_json::from_str(&body).unwrap()
    }

    fn back<T: Serialize + for<'de> Deserialize<'de>>(envelope: &T) -> T {
        serde_json::from_str(&serde_json::to_string(envelope).unwrap()).unwrap()
    }

    #[test]
    fn an_event_comes_back_from_every_envelope() {
        // In the order in which a buffer writes names anew.
        let event = event(r#"{"Data":"d","Ext":{"a":1},"New":[1.5,null]}"#);
        let Internal::Message(internal) = back(&Internal::Message(event.clone()));
        let Adjacent::Message(adjacent) = back(&Adjacent::Message(event.clone()));
        let Untagged::Message(untagged) = back(&Untagged::Message(event.clone()));
        let External::Message(external) = back(&External::Message(event.clone()));
        let Flattened { event: flattened, .. } = back(&Flattened { id: 7, event: event.clone() });
        for came_back in [internal, adjacent, untagged, external, flattened] {
            assert_eq!(came_back, event);
        }
    }

    #[test]
    fn in_an_envelope_with_an_outer_tag_every_character_comes_back() {
        let event = event(r#"{ "Z":1.50, "Data":"\u0064",  "A":"\ud83d" }"#);
        let External::Message(external) = back(&External::Message(event.clone()));
        let Adjacent::Message(adjacent) = back(&Adjacent::Message(event.clone()));
        assert_eq!(external.msg_body[0].raw_content(), event.msg_body[0].raw_content());
        assert_eq!(adjacent.msg_body[0].raw_content(), event.msg_body[0].raw_content());
        assert_eq!(c2c::BeforeSendMsg::COMMAND, "C2C.CallbackBeforeSendMsg");
    }
}
