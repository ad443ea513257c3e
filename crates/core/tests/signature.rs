//! The signature, against known answers: `Sign` is hex(SHA-256(token + `RequestTime`)).

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::Request;
use sha2::{Digest, Sha256};
use tencent_im_callback::{BuildError, CallbackHandler, Endpoint};

/// Leaves all at its default: what gets through is acknowledged.
struct App;

impl CallbackHandler for App {}

const VECTORS: [(&str, u64, &str); 4] = [
    // Tencent's own example.
    ("xxxxyyyy", 1_669_872_112, "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"),
    (
        "e10adc3949ba59abbe56e057f20f883e",
        1_676_091_353,
        "a5d271b35bd72858cdf1ad0b9dfbf037d19146062c0ecb712a0a3235489d6021",
    ),
    ("钥匙密码", 1_700_000_000, "8c8f1a4ca9467f957f1e120d6c57c76b71fe055d6a2f22c96d6b3cd185925809"),
    (LONG, 1_764_688_540, "b894cff5138d9826ef6dd2f7e9d1d14c9f95481885ba13701bb7454d8f18107f"),
];

/// The longest token that a console takes.
const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
                    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// The status for a request with this signature, at the second that it names.
async fn status(tokens: &[&str], request_time: u64, sign: &str) -> u16 {
    let clock = move || UNIX_EPOCH + Duration::from_secs(request_time);
    let endpoint = Endpoint::builder(App).app(1, tokens).clock(clock).build().expect("the tokens can work");
    answer(&endpoint, request_time, sign).await
}

async fn answer(endpoint: &Endpoint, request_time: u64, sign: &str) -> u16 {
    answer_at(endpoint, &request_time.to_string(), sign).await
}

async fn answer_at(endpoint: &Endpoint, request_time: &str, sign: &str) -> u16 {
    let uri = format!("/?SdkAppid=1&CallbackCommand=A.B&Sign={sign}&RequestTime={request_time}");
    let request = Request::post(uri).body(Bytes::from_static(b"{}")).expect("a request");
    endpoint.handle(request).await.status().as_u16()
}

#[tokio::test]
async fn known_answers_are_right() {
    for (token, request_time, sign) in VECTORS {
        assert_eq!(status(&[token], request_time, sign).await, 200, "{token}");
    }
}

#[tokio::test]
async fn no_answer_fits_another_token_or_another_time() {
    for (token, request_time, sign) in VECTORS {
        for (other, ..) in VECTORS {
            let expected = if other == token { 200 } else { 401 };
            assert_eq!(status(&[other], request_time, sign).await, expected, "{token}, {other}");
        }
        assert_eq!(status(&[token], request_time + 1, sign).await, 401, "{token}");
    }
}

#[tokio::test]
async fn any_of_several_tokens_will_do() {
    let tokens = VECTORS.map(|(token, ..)| token);
    for (token, request_time, sign) in VECTORS {
        assert_eq!(status(&tokens, request_time, sign).await, 200, "{token}");
    }
}

/// An older text of the vendor's page prints the token of its example with two letters too few.
#[tokio::test]
async fn the_misprinted_token_has_another_signature() {
    let (_, request_time, sign) = VECTORS[0];
    assert_eq!(status(&["xxxyyy"], request_time, sign).await, 401);
    let own = "e78a85473bed2cdc8d6fa8c4d5a4ba4735fd64156e15a99516b9890293e135de";
    assert_eq!(status(&["xxxyyy"], request_time, own).await, 200);
}

#[tokio::test]
async fn every_digit_of_a_signature_counts() {
    let (token, request_time, sign) = VECTORS[0];
    for place in 0..sign.len() {
        let other = if sign.as_bytes()[place] == b'0' { "1" } else { "0" };
        let wrong = format!("{}{other}{}", &sign[..place], &sign[place + 1..]);
        assert_eq!(status(&[token], request_time, &wrong).await, 401, "digit {place}");
    }
}

#[tokio::test]
async fn upper_case_digits_are_the_same() {
    for (token, request_time, sign) in VECTORS {
        assert_eq!(status(&[token], request_time, &sign.to_ascii_uppercase()).await, 200, "{token}");
    }
}

/// The signature is a prefix hash: who has seen one, and knows how long the token is, can compute that of
/// the same text with the padding of the hash and more behind it.
#[tokio::test]
async fn what_extends_a_signed_text_is_refused() {
    let (token, request_time, _) = VECTORS[0];
    let mut text = format!("{token}{request_time}").into_bytes();
    let bits = 8 * text.len() as u64;
    text.push(0x80);
    text.resize(56, 0);
    text.extend(bits.to_be_bytes());
    // The time could be anything if this were taken.
    text.extend(b"1");
    let sign = hex(&Sha256::digest(&text));
    let time = text[token.len()..].iter().fold(String::new(), |time, byte| format!("{time}%{byte:02x}"));

    let clock = move || UNIX_EPOCH + Duration::from_secs(request_time);
    let endpoint = Endpoint::builder(App).app(1, [token]).clock(clock).build().expect("the token can work");
    let uri = format!("/?SdkAppid=1&CallbackCommand=A.B&Sign={sign}&RequestTime={time}");
    let request = Request::post(uri).body(Bytes::from_static(b"{}")).expect("a request");
    // The padding is no text, so that the query cannot even be read.
    assert_eq!(endpoint.handle(request).await.status(), 400);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[test]
fn tokens_that_cannot_work_are_refused_when_the_endpoint_is_built() {
    let build = |tokens: &[&str]| Endpoint::builder(App).app(7, tokens).build();
    assert!(matches!(build(&[]), Err(BuildError::NoToken { app_id: 7 })));
    assert!(matches!(build(&[""]), Err(BuildError::EmptyToken { app_id: 7 })));
    assert!(matches!(build(&["good", ""]), Err(BuildError::EmptyToken { app_id: 7 })));
    for padded in [" token", "token ", "token\n", "\ttoken", "token\u{3000}", " "] {
        assert!(matches!(build(&[padded]), Err(BuildError::PaddedToken { app_id: 7 })), "{padded:?}");
    }
    for quoted in ["\"the token\"", "'the token'", "\"\"", "'t'", "\"", "'"] {
        assert!(matches!(build(&[quoted]), Err(BuildError::QuotedToken { app_id: 7 })), "{quoted:?}");
    }
    for short in ["t", "tok", "密钥", "\"t"] {
        assert!(matches!(build(&[short]), Err(BuildError::ShortToken { app_id: 7 })), "{short:?}");
    }
    for good in ["with a blank inside", "four", "密钥密钥", "\"token", "token'", "'token\"", "to\"ken"] {
        assert!(build(&[good]).is_ok(), "{good:?}");
    }
    let other = Endpoint::builder(App).app(7, "the token").app_with(8, "tok", App).build();
    assert!(matches!(other, Err(BuildError::ShortToken { app_id: 8 })));
}

#[test]
fn what_is_wrong_with_a_token_is_said_without_the_token() {
    for token in ["xyz", "'secret'", " secret"] {
        let error = Endpoint::builder(App).app(7, token).build().unwrap_err().to_string();
        assert!(error.contains("application 7") && !error.contains(token.trim_matches(['\'', ' '])), "{error}");
    }
}

/// One text is one token, in whatever form it is given.
#[tokio::test]
async fn a_token_is_taken_by_itself_and_in_lists() {
    let (token, request_time, sign) = VECTORS[0];
    let builder = || Endpoint::builder(App);
    let (owned, other) = (token.to_owned(), "another token".to_owned());
    let (array, list) = (&["another token", token], vec![other.clone(), owned.clone()]);
    let builders = [
        builder().app(1, token),
        builder().app(1, &owned),
        builder().app(1, owned.clone()),
        builder().app(1, [token, "another token"]),
        builder().app(1, array),
        builder().app(1, [&owned, &other]),
        builder().app(1, &list),
        builder().app(1, list.as_slice()),
        builder().app(1, list.clone()),
        builder().app(1, vec![token]),
        builder().app_with(1, token, App),
        builder().app_with(1, vec![&owned, &other], App),
    ];
    let letter = |letter: char| hex(&Sha256::digest(format!("{letter}{request_time}")));
    for (number, builder) in builders.into_iter().enumerate() {
        let endpoint = builder.clock(move || UNIX_EPOCH + Duration::from_secs(request_time)).build().unwrap();
        assert_eq!(answer(&endpoint, request_time, sign).await, 200, "form {number}");
        for char in token.chars() {
            assert_eq!(answer(&endpoint, request_time, &letter(char)).await, 401, "form {number}: {char}");
        }
    }
}

#[tokio::test]
async fn a_zero_cannot_be_moved_from_the_token_to_the_time() {
    let request_time = 1_669_872_112;
    let sign = hex(&Sha256::digest(format!("abcde0{request_time}")));
    let clock = move || UNIX_EPOCH + Duration::from_secs(request_time);
    let endpoint = Endpoint::builder(App).app(1, "abcde").clock(clock).build().expect("the token can work");
    for time in [format!("0{request_time}"), format!("00{request_time}")] {
        let right = hex(&Sha256::digest(format!("abcde{time}")));
        assert_eq!(answer_at(&endpoint, &time, &sign).await, 401, "{time}");
        assert_eq!(answer_at(&endpoint, &time, &right).await, 401, "{time}");
    }
}

#[test]
fn a_token_is_in_no_debug_text() {
    let builder = Endpoint::builder(App).app(7, ["the-token"]);
    assert!(!format!("{builder:?}").contains("the-token"));
    let endpoint = builder.build().expect("the token can work");
    assert!(!format!("{endpoint:?}").contains("the-token"));
}
