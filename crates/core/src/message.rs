//! What a message consists of: its elements.
//!
//! An [`Element`] is kept as it was sent. [`Element::content`] reads it into its type when it is looked
//! at, and [`Element::set_content`] changes only what is different; everything else is sent again
//! as the sender's client wrote it.
//!
//! # Moderation
//!
//! A handler that refuses certain texts has to decide what becomes of a message that it cannot look into. The text of a
//! text element is always there when the sender wrote one, with U+FFFD in place of what is not Unicode. Three things
//! remain, and none of them is harmless by itself:
//!
//! - [`as_text`](Element::as_text) is `None`: the element is of another kind (a picture, a custom element, a bundle of
//!   other messages), or a text element without a text.
//! - [`content`](Element::content) is [`Content::Other`]: a kind that this version does not know, or a content that
//!   cannot be read.
//! - [`Context::dropped_fields`](crate::Context::dropped_fields) has a path that begins with `MsgBody`: something in
//!   the message is missing or was replaced by U+FFFD, and clients may show it in another way.
//!
//! ```
//! use tencent_im_callback::{Context, MessageDecision, C2cCode, message::{Content, Element}};
//!
//! /// Refuses what is forbidden, and what cannot be looked into.
//! fn moderate(ctx: &Context, message: &[Element]) -> MessageDecision<C2cCode> {
//!     let is_odd = ctx.dropped_fields().iter().any(|field| field.path().starts_with("MsgBody"));
//!     let is_refused = |element: &Element| match element.content() {
//!         Content::Text(text) => text.text.contains("casino"),
//!         Content::Image(_) | Content::Face(_) => false,
//!         // All other kinds, known and unknown.
//!         _ => true,
//!     };
//!     if is_odd || message.iter().any(is_refused) { MessageDecision::Refuse } else { MessageDecision::Allow }
//! }
//! ```

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

mod content;
mod merge;

pub use self::content::{
    Chunk, Content, Custom, Face, File, Image, ImageInfo, ImageKind, Location, Relay, RelayedMessage, Sound, Stream,
    Text, VideoFile,
};
use crate::{
    ContentTooDeep, DroppedField,
    wire::enums::{int_enum, string_enum},
    wire::lenient::{opt_int, opt_text, text},
    wire::raw_json::RawJson,
    wire::redact::redacted_debug,
    wire::repair::{Findings, WITH_UNKNOWN_FIELDS},
};

string_enum! {
    /// What kind of element it is.
    ///
    /// See [1047/33527](https://www.tencentcloud.com/document/product/1047/33527).
    pub enum ElementType {
        /// Text.
        Text = "TIMTextElem",
        /// A place on the map.
        Location = "TIMLocationElem",
        /// An emoji or sticker.
        Face = "TIMFaceElem",
        /// The app's own.
        Custom = "TIMCustomElem",
        /// A voice recording.
        Sound = "TIMSoundElem",
        /// A picture.
        Image = "TIMImageElem",
        /// A file.
        File = "TIMFileElem",
        /// A video.
        VideoFile = "TIMVideoFileElem",
        /// Other messages, bundled and forwarded.
        Relay = "TIMRelayElem",
        /// Text that is still being written, as by a chatbot.
        Stream = "TIMStreamElem",
    }
}

int_enum! {
    /// What was done to the key-value pairs that extend a message.
    pub enum ExtensionOperation {
        /// The listed pairs were set.
        Set = 1,
        /// The listed pairs were deleted; their values are empty.
        Delete = 2,
        /// All pairs were deleted; the list is empty.
        Clear = 3,
    }
}

/// A key-value pair that extends a message.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Extension {
    /// The key.
    #[serde(deserialize_with = "text")]
    pub key: String,
    /// The value; empty when the pair was deleted.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The version of this pair.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

redacted_debug!(
    Extension,
    hidden: [value],
    shown: [key, seq]
);

/// One element of a message: an entry of `MsgBody`.
///
/// Two elements are equal when they would be written with the same text.
#[derive(Clone)]
pub struct Element {
    msg_type: ElementType,
    content: RawJson,
    /// Fields beside type and content, all undocumented.
    others: Vec<(Box<str>, RawJson)>,
}

impl Element {
    /// An element with this content.
    ///
    /// ```
    /// use tencent_im_callback::message::{Custom, Element};
    ///
    /// let greeting = Element::new(Custom { data: Some("{}".into()), ..Custom::default() });
    /// ```
    #[must_use]
    pub fn new(content: impl Into<Content>) -> Self {
        let content = content.into();
        Self { msg_type: content.element_type(), content: content.to_raw(), others: Vec::new() }
    }

    /// A text element.
    ///
    /// ```
    /// use tencent_im_callback::message::Element;
    ///
    /// assert_eq!(Element::text("hello").raw_content(), r#"{"Text":"hello"}"#);
    /// ```
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Text::new(text))
    }

    /// An element of the app's own. A message can have one of them.
    ///
    /// ```
    /// use tencent_im_callback::message::Element;
    ///
    /// assert_eq!(Element::custom("order 7").raw_content(), r#"{"Data":"order 7"}"#);
    /// ```
    #[must_use]
    pub fn custom(data: impl Into<String>) -> Self {
        Self::new(Custom { data: Some(data.into()), ..Custom::default() })
    }

    /// An emoji or sticker, by its number and a text of the app about it.
    ///
    /// ```
    /// use tencent_im_callback::message::Element;
    ///
    /// assert_eq!(Element::face(6, "smile").raw_content(), r#"{"Index":6,"Data":"smile"}"#);
    /// ```
    #[must_use]
    pub fn face(index: i64, data: impl Into<String>) -> Self {
        Self::new(Face { index: Some(index), data: Some(data.into()) })
    }

    /// A place, in degrees.
    ///
    /// ```
    /// use tencent_im_callback::message::{Content, Element};
    ///
    /// let place = Element::location(22.54, 113.94, "the office");
    /// assert!(matches!(place.content(), Content::Location(place) if place.latitude == Some(22.54)));
    /// ```
    #[must_use]
    pub fn location(latitude: f64, longitude: f64, desc: impl Into<String>) -> Self {
        Self::new(Location { latitude: Some(latitude), longitude: Some(longitude), desc: Some(desc.into()) })
    }

    /// Its kind.
    #[must_use]
    pub const fn msg_type(&self) -> &ElementType {
        &self.msg_type
    }

    /// Its content, read now.
    ///
    /// A field that has another shape than expected is left out, and [`dropped_fields`](Self::dropped_fields) names it.
    /// Text that is no Unicode has U+FFFD in place of what cannot be read.
    ///
    /// [`Content::Other`] when the kind is not known, or when a field is unreadable without which the content means
    /// nothing, such as the text of a text element.
    #[must_use]
    pub fn content(&self) -> Content {
        self.read_content(&"MsgContent", &Findings::default())
    }

    /// What [`content`](Self::content) leaves out, with paths that begin at this element: `MsgContent.Ext`.
    ///
    /// For the elements of an event's own message the same fields are in
    /// [`Context::dropped_fields`](crate::Context::dropped_fields). Call it for elements within a forwarded bundle,
    /// which are not looked into before the handler does.
    ///
    /// ```
    /// use tencent_im_callback::message::Element;
    ///
    /// let json = r#"{"MsgType":"TIMCustomElem","MsgContent":{"Data":"{}","Ext":{}}}"#;
    /// let element: Element = serde_json::from_str(json)?;
    /// assert_eq!(element.dropped_fields()[0].path(), "MsgContent.Ext");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn dropped_fields(&self) -> Vec<DroppedField> {
        let findings = Findings::default();
        self.check_content(&"MsgContent", &findings);
        findings.into_fields()
    }

    /// Notes what cannot be read in the content, which is called `path`.
    pub(crate) fn check_content(&self, path: &dyn fmt::Display, findings: &Findings) {
        if findings.wants_unread() || !content::is_plain(&self.msg_type, self.content.get()) {
            self.read_content(path, findings);
        }
    }

    fn read_content(&self, path: &dyn fmt::Display, findings: &Findings) -> Content {
        Content::read(&self.msg_type, self.content.get(), path, findings)
    }

    /// Its content as it was sent: the JSON text of `MsgContent`.
    #[must_use]
    pub fn raw_content(&self) -> &str {
        self.content.get()
    }

    /// The text, if it is a text element.
    ///
    /// `None` for every other kind, and for a text element that has no text. A handler that refuses certain texts
    /// should not take `None` for harmless: see [moderation](self#moderation).
    #[must_use]
    pub fn as_text(&self) -> Option<String> {
        match self.content() {
            Content::Text(Text { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// Changes the content.
    ///
    /// Where the new content is of the same kind, what it has in common with [`content`](Self::content)
    /// stays as it was sent, down to fields that this library does not know; content of another kind
    /// takes the place of all of it.
    ///
    /// ```
    /// use tencent_im_callback::message::{Content, Element};
    ///
    /// let json = r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"casino","Style":"bold"}}"#;
    /// let mut element: Element = serde_json::from_str(json)?;
    /// if let Content::Text(mut text) = element.content() {
    ///     text.text = "***".to_owned();
    ///     element.set_content(text)?;
    /// }
    /// assert_eq!(element.raw_content(), r#"{"Text":"***","Style":"bold"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails with [`ContentTooDeep`] when the two contents differ within more than 64 levels of objects and lists, and
    /// changes nothing then.
    pub fn set_content(&mut self, content: impl Into<Content>) -> Result<(), ContentTooDeep> {
        let content = content.into();
        let after = content.to_raw();
        if content.element_type() == self.msg_type {
            self.content = merge::merge(&self.content, &self.content().to_raw(), &after)?;
        } else {
            self.msg_type = content.element_type();
            self.content = after;
        }
        Ok(())
    }

    pub(crate) fn is_custom(&self) -> bool {
        self.msg_type == ElementType::Custom
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.msg_type == other.msg_type && self.content == other.content && self.others == other.others
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    // By hand: what people write to each other has no place in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("msg_type", &self.msg_type)
            .field("content_length", &self.content.get().len())
            .finish_non_exhaustive()
    }
}

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2 + self.others.len()))?;
        map.serialize_entry("MsgType", &self.msg_type)?;
        map.serialize_entry("MsgContent", &self.content)?;
        for (key, value) in &self.others {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Element;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message element")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
                let (mut msg_type, mut content, mut others) = (None, None, Vec::new());
                while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                    match &*key {
                        // Which of the two counts is for the second look at a body to say, and to report.
                        "MsgType" if msg_type.is_some() => return Err(de::Error::duplicate_field("MsgType")),
                        "MsgContent" if content.is_some() => return Err(de::Error::duplicate_field("MsgContent")),
                        "MsgType" => msg_type = Some(map.next_value()?),
                        "MsgContent" => content = Some(map.next_value()?),
                        _ => others.push((key.into(), map.next_value()?)),
                    }
                }
                let msg_type = msg_type.ok_or_else(|| de::Error::missing_field("MsgType"))?;
                let content = content.ok_or_else(|| de::Error::missing_field("MsgContent"))?;
                Ok(Element { msg_type, content, others })
            }
        }

        deserializer.deserialize_struct(WITH_UNKNOWN_FIELDS, &["MsgType", "MsgContent"], Visitor)
    }
}
