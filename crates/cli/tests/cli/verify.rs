use std::fs;

use tencent_im_callback_testkit::Signer;

use crate::program::{APP, TOKEN, bare, command, finish, finish_with, run};

const NOW: u64 = 1_764_688_540;

/// A query with `Sign` of this token at this time.
fn query(token: &str, time: &str) -> String {
    let sign = Signer::new(token).sign(time);
    format!("SdkAppid={APP}&CallbackCommand=State.StateChange&contenttype=json&Sign={sign}&RequestTime={time}")
}

/// The text without its breaks of lines.
fn unwrapped(out: &str) -> String {
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn verify(query: &str, status: i32) -> String {
    run(&["verify", "--time", &NOW.to_string(), query]).exited(status)
}

#[test]
fn a_genuine_query_is_authentic_wherever_it_was_copied_from() {
    let query = query(TOKEN, &NOW.to_string());
    let expected = format!(
        "ok    SdkAppid         {APP}\nok    CallbackCommand  State.StateChange\nok    RequestTime      {NOW}, now\n\
         ok    Sign             is the signature of the token\nauthentic: a receiver takes it\n"
    );
    assert_eq!(verify(&query, 0), expected);
    assert_eq!(verify(&format!("https://im.example.com/callback?{query}"), 0), expected);
    let line = format!("10.0.0.1 - - [02/Dec/2025:15:15:40 +0000] \"POST /callback?{query} HTTP/1.1\" 401 71 \"-\"\n");
    let from_log = command(&["verify", "--time", &NOW.to_string(), "-"]);
    assert_eq!(finish_with(from_log, Some(line.as_bytes())).exited(0), expected);
}

#[test]
fn what_sign_prints_verifies_now() {
    let signed = run(&["sign"]).exited(0);
    run(&["verify", signed.trim()]).exited(0);
}

#[test]
fn a_near_miss_is_explained() {
    let now = NOW.to_string();
    let millis = format!("{NOW}123");
    let good = query(TOKEN, &now);
    let replaced = |from: &str, to: &str| good.replacen(from, to, 1);
    let sign = Signer::new(TOKEN).sign(&now);
    for (query, cause) in [
        (query(TOKEN, &millis), "the sender has the time in the wrong unit; it is in seconds"),
        (
            query(TOKEN, &(NOW - 61).to_string()),
            "this machine's clock is ahead, the request was held up, or it is replayed",
        ),
        (query(TOKEN, &(NOW + 61).to_string()), "this machine's clock is behind, or the clock of the sender is ahead"),
        (query(&format!("{TOKEN}\n"), &now), "it is the signature of the token with a line break at its end"),
        (query(&format!("{TOKEN} "), &now), "it is the signature of the token with a space at its end"),
        (query(&format!("\"{TOKEN}\""), &now), "it is the signature of the token in quotes"),
        (query(&TOKEN.to_uppercase(), &now), "it is the signature of the token in upper case; its case matters"),
        (query("", &now), "it is the signature of an empty token: the sender has none set"),
        (query("another", &now), "the token is not the one in the console, or belongs to another application"),
        (replaced(&sign, &Signer::new(&*now).sign(TOKEN)), "the token is first"),
        (replaced(&sign, &Signer::new(format!("{TOKEN}&")).sign(&now)), "there is a text between token and time"),
        (replaced(&sign, &Signer::new(TOKEN).sign(&millis)), "it is the signature of that time in milliseconds"),
        (replaced(&sign, &Signer::new(TOKEN).sign(&(NOW - 1).to_string())), "another reading of the clock"),
        (replaced(&sign, &sign[..40]), "that is the length of SHA-1; the signature is SHA-256"),
        (replaced(&sign, &sign[..50]), "it was cut, by a proxy or where it was copied from"),
        (replaced(&sign, &format!("%25{}", &sign[2..])), "it is percent-encoded twice"),
        (replaced(&sign, "%zz"), "a proxy has decoded or cut the query"),
        (format!("{good}&Sign={sign}"), "is in the query 2 times, with the same value"),
        (format!("{good}&sdkappid=7"), "is in the query 2 times, with different values"),
        (good.replace('&', "&amp;"), "it was escaped for HTML or XML"),
        (good.replace('&', "\\u0026"), "it was escaped for JSON"),
        (good.replace('&', "%26").replace('=', "%3D"), "a proxy has made a single value of it"),
        (replaced(&APP.to_string(), "7"), "the callback is for another application"),
        (replaced("SdkAppid=1400000001&", ""), "every callback has it; a proxy may cut the query"),
        (good.split("&Sign").next().unwrap().to_owned(), "authentication is not switched on in the console"),
        (good.split("&RequestTime").next().unwrap().to_owned(), "`Sign` and `RequestTime` are always sent together"),
    ] {
        let out = verify(&query, 1);
        assert!(out.contains(cause), "{cause} is not in:\n{out}");
        assert!(out.contains("bad ") && out.contains("not authentic: a receiver answers with status 4"), "{out}");
    }
}

#[test]
fn quotes_around_a_token_are_found_on_either_side() {
    let verify = |token: &str, query: &str, status: i32| {
        let mut command = bare(&["verify", "--time", &NOW.to_string(), query]);
        command.env("IM_CALLBACK_TOKEN", token);
        finish(command).exited(status)
    };
    let fix = "remove the quotes: a shell removes them, `docker --env-file` and a token file keep them";
    for quote in ['"', '\''] {
        let quoted = format!("{quote}{TOKEN}{quote}");
        let out = verify(&quoted, &query(TOKEN, &NOW.to_string()), 1);
        let text = unwrapped(&out);
        assert!(
            out.contains("bad   Sign             is the signature of the token without the quotes around it\n"),
            "{out}"
        );
        assert!(
            text.contains("the token that was given here begins and ends with quotes") && text.contains(fix),
            "{out}"
        );
        assert!(out.ends_with("not authentic: a receiver answers with status 401\n"), "{out}");
        let out = verify(TOKEN, &query(&quoted, &NOW.to_string()), 1);
        let text = unwrapped(&out);
        assert!(text.contains("it is the signature of the token in quotes, which the sender has"), "{out}");
        assert!(text.contains(fix), "{out}");
        let out = verify(&quoted, &query(&quoted, &NOW.to_string()), 1);
        assert!(out.contains("is the signature of the token, with the quotes around it"), "{out}");
        let text = unwrapped(&out);
        assert!(text.contains("the sender has them too") && text.contains(fix), "{out}");
        // Neither of them.
        assert!(verify(&quoted, &query("another", &NOW.to_string()), 1).contains("is not the signature of the token"));
    }
    // Beside one that is in quotes, the others are tokens all the same.
    let tokens = format!("\"another\"\n{TOKEN}");
    assert!(verify(&tokens, &query(TOKEN, &NOW.to_string()), 0).contains("is the signature of the token number 2"));
}

#[test]
fn what_is_odd_and_does_no_harm_is_a_note() {
    let good = query(TOKEN, &NOW.to_string());
    let upper = good
        .replace(&Signer::new(TOKEN).sign(&NOW.to_string()), &Signer::new(TOKEN).sign(&NOW.to_string()).to_uppercase());
    assert!(!verify(&upper, 0).contains("bad "));
    let out = verify(&good.replace("State.StateChange", "State.StatChange"), 0);
    assert!(out.contains("note  CallbackCommand  `State.StatChange` is no command that this version knows"), "{out}");
    assert!(out.contains("perhaps `State.StateChange` was meant"), "{out}");
    let out = verify(&format!("{good}&tenant=7"), 0);
    assert!(out.contains("unknown parameters, which do no harm: tenant"), "{out}");
}

#[test]
fn tokens_may_be_several_while_one_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("the new one\n{TOKEN}\n")).unwrap();
    let args =
        ["verify", "--time", &NOW.to_string(), "--token-file", file.to_str().unwrap(), &query(TOKEN, &NOW.to_string())];
    assert!(run(&args).exited(0).contains("is the signature of the token number 2"));
}

#[test]
fn programs_get_json() {
    let told = run(&["verify", "--json", "--time", &NOW.to_string(), &query("another", &NOW.to_string())]).json(1);
    assert_eq!((&told["authentic"], &told["status"]), (&false.into(), &401.into()));
    let bad: Vec<_> = told["findings"].as_array().unwrap().iter().filter(|finding| finding["state"] == "bad").collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0]["about"], "Sign");
}

#[test]
fn what_comes_from_outside_cannot_speak_to_the_terminal() {
    let out = verify(&query(TOKEN, &NOW.to_string()).replace("State.StateChange", "%1b%5b31m"), 0);
    assert!(!out.contains('\u{1b}'), "{out:?}");
}

#[test]
fn without_a_token_there_is_nothing_to_verify_with() {
    let err = finish(bare(&["verify", "Sign=00&RequestTime=0"])).complained(2);
    assert!(err.starts_with("error: no token is given\n"), "{err}");
}

#[test]
fn a_line_that_is_still_good_is_told_to_be_a_secret() {
    let signed = run(&["sign"]).exited(0);
    let out = run(&["verify", signed.trim()]).exited(0);
    let note = out.lines().find(|line| line.starts_with("note  Sign ")).expect("a note");
    let seconds = note.split_whitespace().find_map(|word| word.parse::<u64>().ok()).unwrap();
    assert!(note.contains("is good for another ") && seconds <= 60, "{note}");
    // One that is over is none.
    let signed = run(&["sign", "--time", "1669872112"]).exited(0);
    let out = run(&["verify", "--time", "1669872112", signed.trim()]).exited(0);
    assert!(!out.contains("is good for another"), "{out}");
}

#[test]
fn findings_break_between_words_at_the_width_of_the_terminal() {
    let query = query("another", &NOW.to_string());
    let mut verify = command(&["verify", "--time", &NOW.to_string(), &query]);
    verify.env("COLUMNS", "60");
    let out = finish(verify).exited(1);
    assert!(out.lines().count() > 6 && out.lines().all(|line| line.chars().count() <= 60), "{out}");
    let whole = run(&["verify", "--time", &NOW.to_string(), &query]).exited(1);
    assert_eq!(unwrapped(&out), unwrapped(&whole));
}
