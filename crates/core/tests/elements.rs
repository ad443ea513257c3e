//! Elements of messages: what is written reads again as the same.

use tencent_im_callback::message::{Content, Element, Location};

#[test]
fn coordinates_are_read_as_exactly_as_they_are_written() {
    for number in 0..2_000 {
        let (latitude, longitude) = (f64::from(number) / 22.3, 180.0 / f64::from(number + 7));
        let desc = Some(String::new());
        let location = Location { latitude: Some(latitude), longitude: Some(longitude), desc };
        assert_eq!(Element::location(latitude, longitude, "").content(), Content::Location(location));
    }
}
