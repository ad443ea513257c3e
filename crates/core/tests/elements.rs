//! Elements of messages: what is written reads again as the same.

use tencent_im_callback::message::{Content, Element, File, Location};

#[test]
fn coordinates_are_read_as_exactly_as_they_are_written() {
    for number in 0..2_000 {
        let (latitude, longitude) = (f64::from(number) / 22.3, 180.0 / f64::from(number + 7));
        let desc = Some(String::new());
        let location = Location { latitude: Some(latitude), longitude: Some(longitude), desc };
        assert_eq!(Element::location(latitude, longitude, "").content(), Content::Location(location));
    }
}

#[test]
fn the_name_of_a_file_is_read_in_both_spellings_and_keeps_its_own() {
    for name in ["FileName", "fileName"] {
        let json = format!(r#"{{"MsgType":"TIMFileElem","MsgContent":{{"UUID":"u","{name}":"a.txt","New":1}}}}"#);
        let mut element: Element = serde_json::from_str(&json).unwrap();
        let Content::File(file) = element.content() else { panic!("it is a file") };
        assert_eq!(file.file_name.as_deref(), Some("a.txt"));
        assert_eq!(serde_json::to_string(&element).unwrap(), json);

        element.set_content(File { file_name: Some("b.txt".into()), ..file }).unwrap();
        assert_eq!(serde_json::to_string(&element).unwrap(), json.replace("a.txt", "b.txt"));
        assert!(matches!(element.content(), Content::File(file) if file.file_name.as_deref() == Some("b.txt")));
    }
}
