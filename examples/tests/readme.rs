//! The project's README says what the code does, in English and in Chinese.

use std::{
    fs,
    path::{Path, PathBuf},
    pin::Pin,
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

#[test]
fn the_packages_to_install_are_those_that_the_programs_are_compiled_with() {
    let manifest = read("examples/Cargo.toml");
    let has = |name: &str| manifest.lines().any(|line| line.split(['.', ' ']).next() == Some(name));
    let workspace = read("Cargo.toml");
    let text = read(READMES[0]);
    let lines: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("cargo add ")).collect();
    assert!(lines.len() >= 10, "{lines:?}");
    for line in lines {
        let (names, _) = line.split_once(" --features ").unwrap_or((line, ""));
        let names = names.trim_start_matches("--git \"$REPOSITORY\" ");
        for name in names.split(' ') {
            assert!(has(name), "`cargo add {line}` names {name}, which examples/Cargo.toml does not");
            assert!(workspace.contains(&format!("\n{name} = ")), "Cargo.toml does not have {name}");
        }
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
