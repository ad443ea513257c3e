//! The project's README says what the code does, in English and in Chinese.

use std::{
    fs,
    path::{Path, PathBuf},
    pin::Pin,
    process::Command,
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Method, Request, Response,
    body::{Body, Bytes, Frame},
};
use serde_json::Value;
use tencent_im_callback::{CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The README in each language.
const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}

/// The text between the markers `<!-- name -->` and `<!-- /name -->`, and where.
fn between<'a>(text: &'a str, name: &str) -> (usize, &'a str) {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&begin).expect("the README has the marker") + begin.len();
    let length = text[start..].find(&end).expect("the README has the closing marker");
    (start, &text[start..start + length])
}

#[test]
fn the_two_commands_are_there() {
    for readme in READMES {
        for command in ["cargo run --bin demo", "cargo test --workspace"] {
            assert!(read(readme).lines().any(|line| line.starts_with(command)), "{readme} does not say `{command}`");
        }
    }
}

#[test]
fn each_readme_links_the_other_at_its_top() {
    for (readme, other) in [(READMES[0], READMES[1]), (READMES[1], READMES[0])] {
        let text = read(readme);
        let top: Vec<_> = text.lines().take(5).collect();
        assert!(top.iter().any(|line| line.ends_with(&format!("]({other})"))), "{readme}: {top:?}");
    }
}

#[test]
fn the_readmes_have_the_words_that_people_search_for() {
    for readme in READMES {
        let text = read(readme);
        for word in ["webhook", "payload", "dedup", "idempotent", "graceful shutdown", "REST API"] {
            assert!(text.contains(word), "{readme} does not have `{word}`");
        }
    }
    assert!(read(READMES[0]).contains("timeout of two seconds") && read(READMES[1]).contains("2 秒超时"));
}

/// The blocks of code, without comments.
fn programs(readme: &str) -> Vec<String> {
    let text = read(readme);
    let blocks = text.split("```").skip(1).step_by(2);
    blocks.map(|block| block.lines().filter_map(without_comment).collect::<Vec<_>>().join("\n")).collect()
}

/// A line of code, or nothing for a line that is a comment. Hidden lines of Rust begin with `# `.
fn without_comment(line: &str) -> Option<&str> {
    let is_hidden = line.starts_with("# ");
    let starts = if is_hidden { &["// "][..] } else { &["// ", "/// ", " # "] };
    let end = starts.iter().filter_map(|start| line.find(start)).min();
    let code = line[..end.unwrap_or(line.len())].trim_end();
    (!code.is_empty() || line.is_empty()).then_some(code)
}

#[test]
fn the_chinese_readme_has_the_same_programs_and_commands() {
    let [english, chinese] = READMES.map(programs);
    assert!(english.len() > 10, "{} blocks", english.len());
    for (english, chinese) in english.iter().zip(&chinese) {
        assert_eq!(english, chinese);
    }
    assert_eq!(english.len(), chinese.len());
}

/// The block of the README below the heading of a framework, in this language.
fn block(readme: &str, framework: &str, language: &str) -> String {
    let (_, section) = readme.split_once(&format!("\n### {framework}\n")).unwrap();
    let (_, block) = section.split_once(&format!("```{language}\n")).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// The packages of this repository that the README names are in it, and the others are what the examples depend on.
#[test]
fn the_packages_to_install_are_those_that_the_programs_are_compiled_with() {
    let manifest = read("examples/Cargo.toml");
    let text = read(READMES[0]);
    for framework in ["axum", "actix-web", "hyper"] {
        let block = block(&text, framework, "sh");
        let lines: Vec<_> = block.lines().map(|line| line.strip_prefix("cargo add ").unwrap()).collect();
        assert!(lines.len() >= 3, "{lines:?}");
        for line in lines {
            let (names, features) = line.split_once(" --features ").unwrap_or((line, ""));
            for name in names.trim_start_matches("--git \"$REPOSITORY\" ").split(' ') {
                // `rt-multi-thread` enables `rt`.
                let dependency = manifest.lines().find(|line| line.split(['.', ' ']).next() == Some(name));
                let dependency = dependency.unwrap_or_else(|| panic!("examples/Cargo.toml does not have {name}"));
                let missing =
                    features.split_terminator(',').find(|feature| !dependency.contains(&format!("\"{feature}")));
                assert_eq!(missing, None, "a feature of {name} that the examples do not have");
            }
        }
    }
}

/// A new package with what the README says to install, and nothing else, compiles its program.
#[test]
#[ignore = "compiles each framework in a package of its own, which takes minutes"]
fn what_is_installed_is_enough_for_the_programs() {
    let text = read(READMES[0]);
    let folder = tempfile::tempdir().unwrap();
    for framework in ["axum", "actix-web", "hyper"] {
        let package = folder.path().join(format!("try-{framework}"));
        let run = |program: &mut Command| {
            let output = program.output().unwrap();
            assert!(output.status.success(), "{program:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        run(Command::new("cargo").args(["new", "--quiet", "--vcs", "none"]).arg(&package));
        fs::write(package.join("src/main.rs"), block(&text, framework, "rust,no_run")).unwrap();
        for line in block(&text, framework, "sh").lines() {
            let (names, features) = line.split_once(" --features ").unwrap_or((line, ""));
            // Each package of this repository from its folder, in place of the repository's address.
            for name in names.trim_start_matches("cargo add ").trim_start_matches("--git \"$REPOSITORY\" ").split(' ') {
                let add = &mut Command::new("cargo");
                add.current_dir(&package).args(["add", "--quiet", "--offline", "--features", features]);
                match name.strip_prefix("tencent-im-callback") {
                    Some("") => add.arg("--path").arg(root().join("crates/core")),
                    Some(adapter) => add.arg("--path").arg(root().join("crates").join(&adapter[1..])),
                    None => add.arg(name),
                };
                run(add);
            }
        }
        fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
        let check = &mut Command::new("cargo");
        check.current_dir(&package).args(["check", "--quiet", "--offline"]);
        run(check.env("CARGO_TARGET_DIR", folder.path().join("target")));
    }
}

/// A handler that fails, waits for ever or succeeds, by the method.
struct Failing;

#[async_trait]
impl CallbackHandler for Failing {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        Err("out of order".into())
    }

    async fn group_after_group_destroyed(&self, _ctx: &Context, _event: group::AfterGroupDestroyed) -> Result<()> {
        std::future::pending().await
    }
}

/// A body that never arrives.
struct Missing;

impl Body for Missing {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

/// A body whose client gives up.
struct Broken;

impl Body for Broken {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut TaskContext<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Err("reset")))
    }
}

fn request<B>(query: &str, body: B) -> Request<B> {
    Request::post(format!("/?{query}")).body(body).unwrap()
}

/// A request for application 1, which takes unsigned ones.
fn call(command: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    request(&format!("SdkAppid=1&CallbackCommand={command}"), Full::new(body.into()))
}

fn row(response: &Response<Bytes>) -> (u16, String) {
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    (response.status().as_u16(), body["ErrorInfo"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_table_of_statuses_is_what_the_endpoint_answers() {
    let endpoint = Endpoint::builder(Failing)
        .unverified_app(1)
        .app(2, ["a token"])
        .body_limit(1_000)
        .deadline(Duration::from_millis(50))
        .build()
        .unwrap();
    let crowded = Endpoint::builder(Failing)
        .unverified_app(1)
        .in_flight_limit(1)
        .deadline(Duration::from_millis(50))
        .build()
        .unwrap();
    let waiting = call("Group.CallbackAfterGroupDestroyed", r#"{"GroupId":"a"}"#);
    // Answered when its time is up, and in flight for ever after.
    assert_eq!(crowded.serve(waiting).await.status(), 500);

    let topic = r#"{"Operator_Account":"a","Name":"b"}"#;
    let mut get = call("", "");
    *get.method_mut() = Method::GET;
    let answers = [
        endpoint.serve(get).await,
        endpoint.serve(call("", vec![b' '; 1_001])).await,
        endpoint.serve(request("SdkAppid=1", Missing)).await,
        endpoint.serve(request("SdkAppid=1&SdkAppid=1", Full::<Bytes>::default())).await,
        endpoint.serve(request("SdkAppid=3", Full::<Bytes>::default())).await,
        endpoint.serve(request("SdkAppid=2", Full::<Bytes>::default())).await,
        crowded.serve(call("", "")).await,
        endpoint.serve(request("SdkAppid=1", Broken)).await,
        endpoint.serve(call("Group.CallbackAfterCreateTopic", "{}")).await,
        endpoint.serve(call("Group.CallbackBeforeCreateTopic", topic)).await,
    ];
    let told: Vec<_> = answers.iter().map(row).collect();
    assert_eq!(endpoint.serve(call("Group.CallbackUnknown", "{}")).await.status(), 200);

    for readme in READMES {
        let text = read(readme);
        let mut rows: Vec<_> = between(&text, "statuses").1.lines().skip(2).map(cells).collect();
        assert_eq!(rows.pop().unwrap().0, 200);
        assert_eq!(rows, told, "the table of statuses of {readme}, and what is answered");
    }
}

fn cells(line: &str) -> (u16, String) {
    let mut cells = line.split('|').skip(1).map(|cell| cell.trim().trim_matches('`'));
    (cells.next().unwrap().parse().unwrap(), cells.next().unwrap().to_owned())
}
