//! Elements of messages, in and out again: what is not changed is written as it was read.

use std::collections::BTreeMap;

use serde_json::{from_str, value::RawValue};
use tencent_im_callback::message::{Content, Element, ElementType};

/// The fields of an object by name, each as its text; of a name given twice the last.
type Fields = BTreeMap<String, Box<RawValue>>;

/// The first byte tells what is changed, the rest is the JSON text of an element.
pub fn elements(input: &[u8]) {
    let Some((&change, text)) = input.split_first() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let Ok(element) = from_str::<Element>(text) else { return };
    goes_out_as_it_came(&element, text);

    let content = element.content();
    assert_eq!(content.element_type(), *element.msg_type());
    let mut same = element.clone();
    same.set_content(content.clone()).expect("nothing is different");
    assert_eq!(same, element, "nothing was changed");
    if !matches!(content, Content::Other { .. }) {
        assert_eq!(Element::new(content.clone()).content(), content, "written and read again");
    }

    changes_only_what_is_changed(&element, &content, &changed(content.clone(), change));
}

fn goes_out_as_it_came(element: &Element, text: &str) {
    let written = serde_json::to_string(element).expect("an element can be written");
    let (mut came, mut goes): (Fields, Fields) = (fields(text), fields(&written));
    // Words are compared ignoring case, and go out in the vendor's.
    for fields in [&mut came, &mut goes] {
        let word: String = from_str(fields["MsgType"].get()).expect("the kind is text");
        let word = serde_json::value::to_raw_value(ElementType::from(&*word).as_str()).expect("text is JSON");
        fields.insert("MsgType".to_owned(), word);
    }
    assert_eq!(texts(&came), texts(&goes));
    assert_eq!(from_str::<Element>(&written).expect("what was written reads"), *element);
}

fn changes_only_what_is_changed(element: &Element, before: &Content, after: &Content) {
    let mut out = element.clone();
    if out.set_content(after.clone()).is_err() {
        assert_eq!(out, *element, "an error changes nothing");
        return;
    }
    let (before, written) = (Element::new(before.clone()), Element::new(after.clone()));
    let objects = [element, &before, &written, &out].map(|element| from_str::<Fields>(element.raw_content()).ok());
    if let [Some(came), Some(before), Some(after), Some(out)] = &objects {
        for (name, value) in came {
            let is_untouched = match (before.get(name), after.get(name)) {
                (None, None) => true,
                (Some(before), Some(after)) => before.get() == after.get(),
                _ => false,
            };
            if is_untouched {
                assert_eq!(out.get(name).map(|value| value.get()), Some(value.get()), "{name} was changed as well");
            }
        }
        let is_known = |name: &String| came.contains_key(name) || after.contains_key(name);
        assert!(out.keys().all(is_known), "made up: {out:?}");
    }
    if !matches!(after, Content::Other { .. }) {
        assert_eq!(out.content(), *after, "what was set is what is there");
    }
    // An undocumented field beside the content stays too.
    let beside = |element: &Element| {
        let mut fields = fields(&serde_json::to_string(element).expect("an element can be written"));
        fields.remove("MsgContent");
        fields.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(beside(element), beside(&out));
}

fn fields(text: &str) -> Fields {
    from_str(text).expect("an element is an object")
}

fn texts(fields: &Fields) -> BTreeMap<&str, &str> {
    fields.iter().map(|(name, value)| (name.as_str(), value.get())).collect()
}

/// The content with one thing different.
fn changed(mut content: Content, how: u8) -> Content {
    let text = (!how.is_multiple_of(3)).then(|| "another \"one\"".to_owned());
    match &mut content {
        Content::Text(it) => it.text = text.unwrap_or_default(),
        Content::Location(it) => (it.desc, it.latitude) = (text, Some(f64::from(how) / 7.0)),
        Content::Face(it) => (it.index, it.data) = (it.index.map(|index| !index), text),
        Content::Custom(it) => (it.data, it.ext) = (text, it.data.take()),
        Content::Sound(it) => (it.url, it.size) = (text, Some(u64::MAX)),
        Content::Image(it) => match &mut it.image_info_array {
            Some(images) if how.is_multiple_of(2) => images.iter_mut().for_each(|image| image.url.clone_from(&text)),
            Some(images) => images.truncate(1),
            images => *images = Some(Vec::new()),
        },
        Content::File(it) => (it.file_name, it.file_size) = (text, None),
        Content::VideoFile(it) => (it.thumb_url, it.video_second) = (text, Some(u64::from(how))),
        Content::Relay(it) => match &mut it.msg_list {
            Some(messages) if how.is_multiple_of(2) => {
                for message in messages {
                    message.cloud_custom_data.clone_from(&text);
                    for element in message.msg_body.iter_mut().flatten() {
                        drop(element.set_content(changed(element.content(), how / 2)));
                    }
                }
            }
            _ => it.abstract_list = text.map(|text| vec![text]),
        },
        Content::Stream(it) => {
            it.compatible_text.clone_from(&text);
            for chunk in it.chunks.iter_mut().flatten() {
                chunk.markdown.clone_from(&text);
            }
        }
        Content::Other { content, .. } => r#"{"Another":[1]}"#.clone_into(content),
        // Kinds of later versions are left as they are.
        _ => {}
    }
    content
}
