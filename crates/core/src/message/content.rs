//! The kinds of message elements, each with its fields.
//!
//! The vendor's page about all of them is
//! [1047/33527](https://www.tencentcloud.com/document/product/1047/33527). Sizes are bytes, lengths
//! are seconds, dimensions are pixels, and 0 means what the client did not know.

use std::{fmt, mem};

use memchr::memchr2;
use serde::{Deserialize, Serialize};

use super::{Element, ElementType};
use crate::{
    UnixSeconds,
    wire::enums::int_enum,
    wire::lenient::{opt_bool, opt_int, opt_text, optional, text},
    wire::raw_json::RawJson,
    wire::repair::{self, Findings},
};

/// What is in an element, by its kind.
///
/// Its `Debug` shows what a user wrote; that of an [`Element`] and of an event does not.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(Text),
    /// A place on the map.
    Location(Location),
    /// An emoji or sticker.
    Face(Face),
    /// The app's own.
    Custom(Custom),
    /// A voice recording.
    Sound(Sound),
    /// A picture.
    Image(Image),
    /// A file.
    File(File),
    /// A video.
    VideoFile(VideoFile),
    /// Other messages, bundled and forwarded.
    Relay(Relay),
    /// Text that is still being written.
    Stream(Stream),
    /// Of a kind that is not known, or without what its kind cannot do without: a text element without a text that can
    /// be read. [`Element::dropped_fields`] distinguishes the two.
    Other {
        /// The kind.
        msg_type: ElementType,
        /// The content, as JSON text.
        content: String,
    },
}

/// Whether a content surely reads, by a look that takes a fraction of reading (docs/performance.md).
///
/// It does when all its fields are texts, as in nearly every message, when none of the known ones occurs twice, and
/// when no text has an escaped code unit in it, which could be half of a pair.
pub(super) fn is_plain(msg_type: &ElementType, raw: &str) -> bool {
    let names: &[&str] = match msg_type {
        ElementType::Text => &["Text"],
        ElementType::Custom => &["Data", "Desc", "Ext", "Sound"],
        ElementType::Other(_) => return true,
        _ => return false,
    };
    are_plain_texts(raw, names).is_some()
}

/// `None` unless `raw`, which is JSON, is an object of plain texts with the first of `names` and each of the others at
/// most once.
fn are_plain_texts(raw: &str, names: &[&str]) -> Option<()> {
    let mut seen = [false; 4];
    let mut rest = raw.strip_prefix('{')?;
    loop {
        let (name, after) = plain_text(rest)?;
        let (_, after) = plain_text(after.trim_ascii_start().strip_prefix(':')?)?;
        if let Some(place) = names.iter().position(|known| *known == name)
            && mem::replace(&mut seen[place], true)
        {
            return None;
        }
        match after.trim_ascii_start().strip_prefix(',') {
            Some(next) => rest = next,
            None => return seen[0].then_some(()),
        }
    }
}

/// The string of JSON that a text begins with, as it is between its quotes, and what is behind it. `None` for any other
/// value, and for a string with `\u` in it.
fn plain_text(text: &str) -> Option<(&str, &str)> {
    let string = text.trim_ascii_start().strip_prefix('"')?;
    let bytes = string.as_bytes();
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => return Some((&string[..at], &string[at + 1..])),
            (_, Some(b'u')) => return None,
            _ => at += 2,
        }
    }
}

/// Makes the functions of [`Content`] that differ only by the kind, from the list of kinds: `contents!(Text, Image);`. Each
/// kind is a variant of [`Content`] and of [`ElementType`], and a type of this module.
macro_rules! contents {
    ($($Kind:ident),*) => {
        impl Content {
            /// The kind of element that this content makes.
            #[must_use]
            pub fn element_type(&self) -> ElementType {
                match self {
                    $( Self::$Kind(_) => ElementType::$Kind, )*
                    Self::Other { msg_type, .. } => msg_type.clone(),
                }
            }

            /// Reads `raw`. `findings` reports what cannot be read, under `path`.
            pub(super) fn read(
                msg_type: &ElementType,
                raw: &str,
                path: &dyn fmt::Display,
                findings: &Findings,
            ) -> Self {
                let content = match msg_type {
                    $( ElementType::$Kind => repair::strict_or_repaired(raw, path, findings).map(Self::$Kind), )*
                    ElementType::Other(_) => None,
                };
                content.unwrap_or_else(|| Self::Other { msg_type: msg_type.clone(), content: raw.to_owned() })
            }

            pub(super) fn to_raw(&self) -> RawJson {
                match self {
                    $( Self::$Kind(content) => RawJson::of(content), )*
                    // Given by the app it may be anything; what is not JSON is sent as text.
                    Self::Other { content, .. } => RawJson::parse(content).unwrap_or_else(|| RawJson::of(content)),
                }
            }
        }

        $(
            impl From<$Kind> for Content {
                fn from(content: $Kind) -> Self {
                    Self::$Kind(content)
                }
            }
        )*
    };
}

contents!(Text, Location, Face, Custom, Sound, Image, File, VideoFile, Relay, Stream);

/// Text, also what offline pushes show. Mentions are part of it, as `@name `.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Text {
    /// The text.
    #[serde(deserialize_with = "text")]
    pub text: String,
}

impl Text {
    /// Makes the content of a text element.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

/// A place on the map.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Location {
    /// What is there, in words.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub desc: Option<String>,
    /// Latitude in degrees.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Longitude in degrees.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
}

/// An emoji or sticker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Face {
    /// Its number, whose meaning is the app's.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub index: Option<i64>,
    /// More about it, for the app; may hold control characters.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// The app's own. A message can have one of them, and the cloud's text filter does not look at it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Custom {
    /// The payload: often JSON, but any text.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// What offline pushes show.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub desc: Option<String>,
    /// Passed to Apple's push service as `ext`.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub ext: Option<String>,
    /// The name of a sound file for Apple's push service.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
}

/// A voice recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Sound {
    /// Where it can be downloaded. Clients of SDK 2 and 3 do not send it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its unique id.
    #[serde(rename = "UUID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Length in seconds.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub second: Option<u64>,
    /// How it is downloaded: 2, from `url`, is the only value now.
    #[serde(rename = "Download_Flag", default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub download_flag: Option<u32>,
}

/// A picture, usually in three sizes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Image {
    /// Its unique id.
    #[serde(rename = "UUID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// 1 JPG, 2 GIF, 3 PNG, 4 BMP, 255 other; 0 occurs.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub image_format: Option<u32>,
    /// Its versions.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub image_info_array: Option<Vec<ImageInfo>>,
}

int_enum! {
    /// Which version of a picture it is.
    pub enum ImageKind {
        /// As it was sent.
        Original = 1,
        /// Large.
        Large = 2,
        /// A thumbnail.
        Thumbnail = 3,
    }
}

/// One version of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImageInfo {
    /// Which version.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<ImageKind>,
    /// Bytes; 0 if not known.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Pixels; 0 if not known.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels; 0 if not known.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Where it can be downloaded.
    #[serde(rename = "URL", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct File {
    /// Where it can be downloaded. Clients of SDK 2 and 3 do not send it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its unique id.
    #[serde(rename = "UUID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
    /// Its name; a client may send a whole `file://` path. Some clients send it as `fileName`.
    #[serde(alias = "fileName", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// How it is downloaded: 2, from `url`, is the only value now.
    #[serde(rename = "Download_Flag", default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub download_flag: Option<u32>,
}

/// A video with its cover picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VideoFile {
    /// Where the video can be downloaded. Clients of SDK 2 and 3 do not send it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub video_url: Option<String>,
    /// The video's unique id.
    #[serde(rename = "VideoUUID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub video_uuid: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub video_size: Option<u64>,
    /// Length in seconds; 0 from web clients.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub video_second: Option<u64>,
    /// The format, for example `mp4`.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub video_format: Option<String>,
    /// How the video is downloaded: 2, from `video_url`, is the only value now.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub video_download_flag: Option<u32>,
    /// Where the cover can be downloaded. Clients of SDK 2 and 3 do not send it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub thumb_url: Option<String>,
    /// The cover's unique id.
    #[serde(rename = "ThumbUUID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub thumb_uuid: Option<String>,
    /// The cover's bytes.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub thumb_size: Option<u64>,
    /// The cover's width in pixels.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub thumb_width: Option<u32>,
    /// The cover's height in pixels.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub thumb_height: Option<u32>,
    /// The cover's format, for example `JPG`.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub thumb_format: Option<String>,
    /// How the cover is downloaded: 2, from `thumb_url`, is the only value now.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub thumb_download_flag: Option<u32>,
}

/// Messages bundled into one and forwarded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Relay {
    /// The bundle's title.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How many messages it holds.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_num: Option<u32>,
    /// What clients show that are too old for bundles.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub compatible_text: Option<String>,
    /// Summary lines.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub abstract_list: Option<Vec<String>>,
    /// The messages, if they are at most 12 KB in all.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_list: Option<Vec<RelayedMessage>>,
    /// Where the service keeps the messages, if they are larger.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub json_msg_key: Option<String>,
}

/// A message in a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RelayedMessage {
    /// The sender's user id.
    #[serde(rename = "From_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub from_account: Option<String>,
    /// The recipient's user id; only of one-to-one messages.
    #[serde(rename = "To_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub to_account: Option<String>,
    /// The group; only of group messages.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Its sequence number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_seq: Option<u32>,
    /// Its random number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_random: Option<u32>,
    /// When it was sent.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time_stamp: Option<UnixSeconds>,
    /// Its elements; bundles can hold bundles.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_body: Option<Vec<Element>>,
    /// Its custom data.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
}

/// Text that is still being written, as by a chatbot. No page of the vendor describes it; the fields are
/// those that a bot sends with the RESTful API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stream {
    /// The pieces in this message.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub chunks: Option<Vec<Chunk>>,
    /// What clients show that do not know streams.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub compatible_text: Option<String>,
    /// The stream that the pieces belong to.
    #[serde(rename = "StreamMsgID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub stream_msg_id: Option<String>,
}

/// A piece of a streamed text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Chunk {
    /// `data` in all that was seen.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// Its number, from 1.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Its text, Markdown.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub markdown: Option<String>,
    /// Whether it is the last one.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_last: Option<bool>,
}
