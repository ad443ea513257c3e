//! What the errors say, and that `main` prints it.

use std::error::Error;

use tencent_im_callback::{
    BuildError, CallbackHandler, Endpoint, GroupCode, InvalidReplacement, OfficialAccountCode, Replacement,
    message::{Content, Custom, Element, ElementType},
};

/// Two contents that differ within 65 lists.
fn deep(number: u8) -> Content {
    let content = format!(r#"{{"A":{}{number}{}}}"#, "[".repeat(64), "]".repeat(64));
    Content::Other { msg_type: ElementType::from("TIMNewElem"), content }
}

/// `Debug`, which a `main` that returns the error prints, and `Display` are the same.
fn text(result: Result<impl Sized, impl Error>) -> String {
    let Err(error) = result else { panic!("no error") };
    assert_eq!(format!("{error:?}"), error.to_string());
    error.to_string()
}

struct App;

impl CallbackHandler for App {}

#[test]
fn an_error_that_main_prints_is_a_sentence() {
    let custom = || Element::new(Custom::default());
    let mut element = Element::new(deep(1));

    assert_eq!(text(Endpoint::builder(App).build()), "no application is registered; add one with `app`");
    let no_token = text(Endpoint::builder(App).app(7, ["\"quoted\""]).build());
    assert_eq!(no_token, "a token of application 7 is in quotes; give it without them");
    assert_eq!(text(GroupCode::try_new(9_999)), "the error code 9999 is not in 10100..=10200");
    assert_eq!(text(Replacement::body([])), "a message has at least one element");
    assert_eq!(text(Replacement::body([custom(), custom()])), "a message has at most one custom element");
    let too_deep = text(element.set_content(deep(2)));
    assert_eq!(too_deep, "the content differs within more than 64 levels of objects and lists");
}

#[test]
fn an_error_says_what_is_wrong_as_a_value_too() {
    assert!(matches!(Endpoint::builder(App).app(7, ["ab"]).build(), Err(BuildError::ShortToken { app_id: 7 })));
    let error = GroupCode::try_from(10_201).unwrap_err();
    assert_eq!((error.code, error.min, error.max), (10_201, 10_100, 10_200));
    assert_eq!(Replacement::body([]), Err(InvalidReplacement::EmptyMessage));
    let badges = [Element::new(Custom::default()), Element::new(Custom::default())];
    assert_eq!(Replacement::body(badges), Err(InvalidReplacement::TwoCustomElements));
}

#[test]
fn a_code_reaches_to_both_ends_of_its_range() {
    assert_eq!(GroupCode::try_new(GroupCode::MIN).map(GroupCode::get), Ok(10_100));
    assert_eq!(GroupCode::try_from(GroupCode::MAX).map(u32::from), Ok(10_200));
    for code in [GroupCode::MIN - 1, GroupCode::MAX + 1, 0, u32::MAX] {
        assert!(GroupCode::try_new(code).is_err(), "{code}");
    }
    assert_eq!(format!("{0} {0:?}", GroupCode::new(10_123)), "10123 GroupCode(10123)");
}

#[test]
#[should_panic(expected = "out of range: `OfficialAccountCode` is in 120001..=130000")]
fn a_code_out_of_its_range_panics_with_the_range() {
    let _ = OfficialAccountCode::new(403);
}
