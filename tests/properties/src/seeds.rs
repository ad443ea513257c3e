//! Inputs to begin with, made from the samples, and the words that a fuzzer may put together.

use std::collections::BTreeSet;

use serde_json::Value;
use tencent_im_callback::CALLBACKS;
use tencent_im_callback_testkit::sample;

/// For [`query`](crate::query()): how each callback is called, rightly signed and wrongly.
#[must_use]
pub fn query() -> Vec<Vec<u8>> {
    let queries = CALLBACKS.iter().step_by(4).map(|callback| query_of(callback.command));
    let odd = [
        "",
        "SdkAppid=1400000001&WebhookCommand=Unheard.Of",
        "sdkappid=1400000001&%43allbackCommand=State.StateChange&a=%zz&b=c+d&&=&ClientIP=%3a%3a1",
        "SdkAppid=1400000002&SdkAppid=1400000001",
    ];
    let queries: Vec<_> = queries.chain(odd.map(str::to_owned)).collect();
    let hows = [2, 0x06, 0x0a, 0x12, 0x22, 0x42, 0x62, 0x82, 0xa2, 0xc2, 0xe2, 0, 1, 3];
    let all = queries.iter().zip(hows.into_iter().cycle()).enumerate();
    let cycled = all.map(|(place, (query, how))| headed(&[how, u8::try_from(place).unwrap_or(0)], query));
    cycled.chain(queries.iter().map(|query| headed(&[2, 0], query))).collect()
}

/// The words of a user. Seeds have them, and no log line or error may have them.
pub(crate) const WORDS: &str = "w0rds of s0mebody";

/// For [`decode`](crate::decode()): every sample, as it is and with the words of a user in place of a value.
#[must_use]
pub fn decode() -> Vec<Vec<u8>> {
    let samples = (0_usize..).zip(sample::all()).flat_map(|(number, (callback, _, body))| {
        let pick = CALLBACKS.iter().position(|other| other == callback).expect("samples are of callbacks");
        let pick = u8::try_from(pick).expect("a byte picks a callback");
        let mut with_words: Value = serde_json::from_str(body).expect("samples are JSON");
        let mut place = number % 12 + 1;
        put_words(&mut with_words, &mut place);
        [headed(&[pick], body), headed(&[pick], &with_words.to_string())]
    });
    samples.collect()
}

/// For [`elements`](crate::elements()): every sample element, and those of the sample messages.
#[must_use]
pub fn elements() -> Vec<Vec<u8>> {
    let mut texts: BTreeSet<_> = sample::elements().map(|(_, text)| text.to_owned()).collect();
    for (.., body) in sample::all() {
        elements_in(&serde_json::from_str(body).expect("samples are JSON"), &mut texts);
    }
    (0..).zip(&texts).map(|(change, text)| headed(&[change], text)).collect()
}

/// For [`handle`](crate::handle()): every sample, with all that a handler can do.
#[must_use]
pub fn handle() -> Vec<Vec<u8>> {
    let samples = (0_u8..=255).cycle().zip(sample::all());
    let seeds = samples.map(|(number, (callback, _, body))| {
        let text = format!("{}\n{body}", query_of(callback.command));
        headed(&[number / 5 % 3 * 8, 2, 9, number, number, number / 3], &text)
    });
    seeds.chain([headed(&[1, 0, 0, 0, 0, 0], "\n"), headed(&[0, 2, 0, 0, 0, 0], "CallbackCommand=\n{}")]).collect()
}

/// The words of the protocol, and the odd values of JSON.
#[must_use]
pub fn words() -> BTreeSet<String> {
    let mut words: BTreeSet<_> = CALLBACKS.iter().map(|callback| callback.command.to_owned()).collect();
    for (.., body) in sample::all() {
        names_in(&serde_json::from_str(body).expect("samples are JSON"), &mut words);
    }
    for (_, text) in sample::elements() {
        names_in(&serde_json::from_str(text).expect("samples are JSON"), &mut words);
    }
    let parameters =
        "SdkAppid= CallbackCommand= WebhookCommand= contenttype= ClientIP= OptPlatform= Sign= RequestTime=";
    let odd =
        r#"1400000001 1700000000 % %00 %41 null true 1e999 -1 18446744073709551615 "\ud800" [] {} "" TIMTextElem"#;
    words.insert(format!("\"{WORDS}\""));
    words.extend(parameters.split(' ').chain(odd.split(' ')).map(str::to_owned));
    words
}

/// The [`words`] as a dictionary for libFuzzer.
#[must_use]
pub fn dictionary() -> String {
    let lines = words().into_iter().map(|word| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn query_of(command: &str) -> String {
    format!("SdkAppid=1400000001&CallbackCommand={command}&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android")
}

fn headed(head: &[u8], text: &str) -> Vec<u8> {
    [head, text.as_bytes()].concat()
}

/// Replaces one value, so many steps away from the first.
fn put_words(value: &mut Value, place: &mut usize) {
    if *place == 0 {
        *value = WORDS.into();
    }
    *place = place.wrapping_sub(1);
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|value| put_words(value, place)),
        Value::Array(items) => items.iter_mut().for_each(|item| put_words(item, place)),
        _ => {}
    }
}

fn elements_in(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("MsgType") && fields.contains_key("MsgContent") {
                texts.insert(value.to_string());
            }
            fields.values().for_each(|value| elements_in(value, texts));
        }
        Value::Array(items) => items.iter().for_each(|item| elements_in(item, texts)),
        _ => {}
    }
}

fn names_in(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            words.extend(fields.keys().map(|name| format!("\"{name}\"")));
            fields.values().for_each(|value| names_in(value, words));
        }
        Value::Array(items) => items.iter().for_each(|item| names_in(item, words)),
        _ => {}
    }
}
