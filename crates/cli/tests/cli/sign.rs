use std::{fs, time::SystemTime};

use crate::program::{TOKEN, bare, finish, run};

/// The vendor's own example.
const EXAMPLE: &str = "Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112\n";

#[test]
fn the_vendors_example_comes_out_of_the_environment_and_of_a_file() {
    let mut command = bare(&["sign", "--time", "1669872112"]);
    command.env("IM_CALLBACK_TOKEN", "xxxxyyyy");
    assert_eq!(finish(command).exited(0), EXAMPLE);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    // As editors save it, with another token after it that is for receivers only.
    fs::write(&file, "xxxxyyyy\r\nthe old one\n").unwrap();
    let mut command = bare(&["sign", "--time", "1669872112", "--token-file", file.to_str().unwrap()]);
    command.env("IM_CALLBACK_TOKEN", "another");
    assert_eq!(finish(command).exited(0), EXAMPLE);
}

#[test]
fn it_signs_for_now_or_for_some_time_from_now() {
    let signed = |args: &[&str]| {
        let out = run(args).exited(0);
        out.trim().rsplit_once('=').unwrap().1.parse::<u64>().unwrap()
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert!(signed(&["sign"]).abs_diff(now) <= 5);
    assert!(signed(&["sign", "--time", "-90s"]).abs_diff(now - 90) <= 5);
    assert!(signed(&["sign", "--time", "+2m"]).abs_diff(now + 120) <= 5);
}

#[test]
fn a_token_that_cannot_be_right_is_refused_without_showing_it() {
    let said = |token: &str| {
        let mut command = bare(&["sign"]);
        command.env("IM_CALLBACK_TOKEN", token);
        finish(command).complained(2)
    };
    assert_eq!(said(" secret"), "error: IM_CALLBACK_TOKEN: a token begins or ends with white space\n");
    assert_eq!(said(""), "error: IM_CALLBACK_TOKEN: there is no token in it\n");
    let err = finish(bare(&["sign"])).complained(2);
    assert_eq!(
        err,
        "error: no token is given\n\
         hint: set IM_CALLBACK_TOKEN, or name a file that holds the token with `--token-file FILE`\n"
    );
    let err = finish(bare(&["sign", "--token-file", "/no/such/file"])).complained(2);
    assert!(err.starts_with("error: /no/such/file: "), "{err}");
}

#[test]
fn a_token_in_quotes_is_refused_by_every_command_that_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{TOKEN}\n'{TOKEN}'\n")).unwrap();
    let hint = "hint: remove the quotes: a shell removes them, `docker --env-file` and a token file keep them as a part \
                of the token\n";
    for args in [
        &["sign"][..],
        &["send", ":1", "State.StateChange"],
        &["doctor", ":1"],
        &["listen", "0"],
        &["replay", "/dev/null", ":1"],
    ] {
        let mut command = bare(args);
        command.env("IM_CALLBACK_APP", "1").env("IM_CALLBACK_TOKEN", format!("\"{TOKEN}\""));
        let expected = format!("error: IM_CALLBACK_TOKEN: a token begins and ends with \"\n{hint}");
        assert_eq!(finish(command).complained(2), expected, "{args:?}");
        let mut command = bare(&[args, &["--token-file", file.to_str().unwrap()]].concat());
        command.env("IM_CALLBACK_APP", "1");
        let expected = format!("error: {}: a token begins and ends with '\n{hint}", file.display());
        assert_eq!(finish(command).complained(2), expected, "{args:?}");
    }
}

#[test]
fn a_time_that_is_none_is_refused() {
    let err = run(&["sign", "--time", "yesterday"]).complained(2);
    assert!(err.contains("a time is Unix seconds, or an offset such as -90s, +2m, -1h"), "{err}");
}
