//! What the library costs those who build with it: packages, a clean build, and the rebuild after a change.

use std::{
    collections::BTreeSet,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    Options,
    data::{Folder, scratch, workspace},
    machine::Machine,
    process::{cargo, output},
    statistics::Spread,
};

/// Where this program is to write how long it took, when it is run in the place of a linker.
pub(crate) const LINKER: &str = "BENCHMARKS_LINKER_LOG";

/// A run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Data {
    machine: Machine,
    crates: Vec<Depends>,
    apps: Vec<Built>,
}

/// A crate of ours, and how many packages it brings along.
#[derive(Debug, Serialize, Deserialize)]
struct Depends {
    name: String,
    direct: usize,
    all: usize,
    /// Of them, those that run at build time only: macros and build scripts.
    at_build_time: usize,
    /// What its framework brings along without it.
    framework: Option<usize>,
}

/// An app, in seconds.
#[derive(Debug, Serialize, Deserialize)]
struct Built {
    framework: String,
    with: bool,
    clean_debug: f64,
    clean_release: f64,
    rebuilds: Vec<Rebuild>,
    /// With `incremental = true` in the profile.
    incremental: Vec<Rebuild>,
}

/// A release build after a change in `main.rs`, in seconds.
#[derive(Debug, Serialize, Deserialize)]
struct Rebuild {
    all: f64,
    linking: f64,
}

/// The crates, and for an adapter the framework with the features that it asks for.
const CRATES: [(&str, Option<&str>); 4] = [
    ("tencent-im-callback", None),
    ("tencent-im-callback-axum", Some("axum")),
    ("tencent-im-callback-actix-web", Some("actix-web")),
    ("tencent-im-callback-hyper", Some("hyper")),
];

pub(crate) fn run(options: &Options, folder: &Folder) -> Result<(), Box<dyn Error>> {
    let mut data = Data { machine: Machine::this()?, crates: Vec::new(), apps: Vec::new() };
    for (name, framework) in CRATES {
        data.crates.push(Depends {
            name: name.to_owned(),
            direct: packages(name, &["--edges", "normal", "--depth", "1"])?.len() - 1,
            all: packages(name, &["--edges", "normal"])?.len() - 1,
            at_build_time: packages(name, &["--edges", "normal"])?.len()
                - packages(name, &["--edges", "normal,no-proc-macro"])?.len(),
            framework: framework.map(|framework| subtree(name, framework)).transpose()?,
        });
    }
    // To see that it runs, the numbers are enough.
    if !options.quick {
        for app in APPS.iter().filter(|app| options.is_wanted(app.framework)) {
            for with in [false, true] {
                data.apps.push(build(app, with, options.rounds(5))?);
            }
        }
    }
    println!("{}", data.dependencies_table());
    if let Some(table) = data.builds_table() {
        println!("{table}");
    }
    folder.save("build-cost", &data)
}

/// The packages in the tree of one of ours, itself included.
fn packages(name: &str, arguments: &[&str]) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let tree = output(cargo().args(["tree", "--quiet", "--package", name, "--prefix", "none"]).args(arguments))?;
    Ok(tree.lines().map(|line| line.trim_end_matches(" (*)").trim_end_matches(" (proc-macro)").to_owned()).collect())
}

/// How many packages a direct dependency of one of ours stands for, itself included.
fn subtree(name: &str, framework: &str) -> Result<usize, Box<dyn Error>> {
    let tree = output(cargo().args([
        "tree",
        "--quiet",
        "--package",
        name,
        "--prefix",
        "depth",
        "--no-dedupe",
        "--edges",
        "normal",
    ]))?;
    let mut below = BTreeSet::new();
    let mut is_within = false;
    for line in tree.lines() {
        let (depth, package) = line.split_at(line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0));
        if depth == "1" {
            is_within = package.split(' ').next() == Some(framework);
        }
        if is_within {
            below.insert(package.to_owned());
        }
    }
    Ok(below.len())
}

/// A small program, without the library and with it.
struct App {
    framework: &'static str,
    dependencies: &'static str,
    without: &'static str,
    with: &'static str,
}

const HANDLER: &str = "
use tencent_im_callback::{CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group};

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(&self, _: &Context, event: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
        Ok(if event.name.contains(\"spam\") { Decision::Refuse } else { Decision::Allow })
    }

    async fn group_after_group_destroyed(&self, _: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        println!(\"{}\", event.group_id);
        Ok(())
    }
}

fn endpoint() -> Endpoint {
    Endpoint::builder(App).app(1_400_000_001, [\"the token\"]).build().unwrap()
}
";

const APPS: [App; 3] = [
    App {
        framework: "hyper",
        dependencies: r#"
bytes = "1"
http-body-util = "0.1"
hyper = { version = "1", default-features = false, features = ["http1", "server"] }
hyper-util = { version = "0.1", default-features = false, features = ["tokio"] }
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
"#,
        without: r#"
use hyper::{Request, Response, body::{Bytes, Incoming}, server::conn::http1, service::service_fn};
use http_body_util::Full;
use hyper_util::rt::TokioIo;

async fn answer(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    Ok(Response::new(Full::new(Bytes::from_static(b"OK"))))
}

#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}
"#,
        with: r#"
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;

#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await.unwrap();
    let service = tencent_im_callback_hyper::service(endpoint());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone()));
    }
}
"#,
    },
    App {
        framework: "axum",
        dependencies: r#"
axum = { version = "0.8", default-features = false, features = ["http1", "tokio"] }
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
"#,
        without: r#"
#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await.unwrap();
    let router = axum::Router::new().route("/callback", axum::routing::post(async || "OK"));
    axum::serve(listener, router).await.unwrap();
}
"#,
        with: r#"
#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await.unwrap();
    let router = axum::Router::new().route("/callback", tencent_im_callback_axum::route(endpoint()));
    axum::serve(listener, router).await.unwrap();
}
"#,
    },
    App {
        framework: "actix-web",
        dependencies: r#"
actix-web = { version = "4", default-features = false, features = ["macros"] }
"#,
        without: r#"
#[actix_web::main]
async fn main() -> std::io::Result<()> {
    use actix_web::{App, HttpServer, web};
    let server = HttpServer::new(|| App::new().service(web::resource("/callback").to(async || "OK")));
    server.bind("127.0.0.1:8080")?.run().await
}
"#,
        with: r#"
#[actix_web::main]
async fn main() -> std::io::Result<()> {
    use actix_web::HttpServer;
    let endpoint = endpoint();
    let resource = move || tencent_im_callback_actix_web::resource("/callback", endpoint.clone());
    let server = HttpServer::new(move || actix_web::App::new().service(resource()));
    server.bind("127.0.0.1:8080")?.run().await
}
"#,
    },
];

fn build(app: &App, with: bool, rounds: usize) -> Result<Built, Box<dyn Error>> {
    let folder = scratch(&format!("app-{}-{}", app.framework, if with { "with" } else { "without" }));
    let main = folder.join("src/main.rs");
    fs::create_dir_all(folder.join("src"))?;
    let mut manifest =
        format!("[package]\nname = \"app\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]{}", app.dependencies);
    let mut program = String::new();
    if with {
        for (package, path) in [
            ("tencent-im-callback".to_owned(), "core"),
            (format!("tencent-im-callback-{}", app.framework), app.framework),
        ] {
            let path = workspace().join("crates").join(path);
            writeln!(manifest, "{package} = {{ path = '{}' }}", path.display())?;
        }
        program += HANDLER;
    }
    program += if with { app.with } else { app.without };
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(&main, &program)?;
    // The versions that everything else is measured with.
    fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock"))?;

    let clean = |profile: &str| {
        // Of this app alone: the folder is its own.
        if let Err(error) = fs::remove_dir_all(folder.join("target")) {
            eprintln!("already clean: {error}");
        }
        timed(&folder, profile, false)
    };
    let (clean_debug, clean_release) = (clean("dev")?.all, clean("release")?.all);
    let rebuild = |round: usize, incremental| {
        // A change that the compiler cannot see through, unlike a new time of the file.
        fs::write(
            &main,
            format!("{program}\n#[unsafe(no_mangle)]\npub extern \"C\" fn round() -> usize {{ {round} }}\n"),
        )?;
        timed(&folder, "release", incremental)
    };
    let rebuilds = (0..rounds).map(|round| rebuild(round, false)).collect::<Result<_, _>>()?;
    // The first is from before there was anything to build upon.
    let incremental = (0..=rounds).map(|round| rebuild(round, true)).skip(1).collect::<Result<_, _>>()?;
    let framework = app.framework.to_owned();
    eprintln!("{framework} {}: {clean_debug:.1} s, {clean_release:.1} s", if with { "with" } else { "without" });
    Ok(Built { framework, with, clean_debug, clean_release, rebuilds, incremental })
}

/// How long a build takes, and of it the linking of the last program.
fn timed(folder: &Path, profile: &str, incremental: bool) -> Result<Rebuild, Box<dyn Error>> {
    let log = folder.join("linking");
    let mut cargo = cargo();
    cargo.current_dir(folder).args(["build", "--quiet", "--offline", "--profile", profile]).stdout(Stdio::null());
    cargo.env("CARGO_TARGET_DIR", folder.join("target"));
    cargo.env("CARGO_PROFILE_RELEASE_INCREMENTAL", incremental.to_string());
    cargo.env("RUSTFLAGS", format!("-Clinker={}", env::current_exe()?.display())).env(LINKER, &log);
    let start = Instant::now();
    let status = cargo.status()?;
    let elapsed: Duration = start.elapsed();
    if !status.success() {
        return Err("an app could not be built".into());
    }
    Ok(Rebuild { all: elapsed.as_secs_f64(), linking: fs::read_to_string(log)?.parse()? })
}

/// Links in the place of the usual linker, and writes down how long it took.
pub(crate) fn link(log: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let start = Instant::now();
    let status = Command::new("cc").args(env::args_os().skip(1)).status()?;
    fs::write(log, start.elapsed().as_secs_f64().to_string())?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Data {
    pub(crate) fn dependencies_table(&self) -> String {
        let mut table = "| crate | direct | all | macros, at build time | of them the framework's own |\n\
                         | --- | --- | --- | --- | --- |\n"
            .to_owned();
        for Depends { name, direct, all, at_build_time, framework } in &self.crates {
            let framework = framework.map_or_else(String::new, |framework| framework.to_string());
            let _ = writeln!(table, "| `{name}` | {direct} | {all} | {at_build_time} | {framework} |");
        }
        table
    }

    pub(crate) fn builds_table(&self) -> Option<String> {
        let mut table =
            "| app | clean build, debug | clean, release | rebuild after a change, release | without linking \
                         | incremental, without linking |\n\
                         | --- | --- | --- | --- | --- | --- |\n"
                .to_owned();
        for Built { framework, with, clean_debug, clean_release, rebuilds, incremental } in &self.apps {
            let what = if *with { "with the library" } else { "without" };
            let all = Spread::of(rebuilds.iter().map(|rebuild| rebuild.all))?;
            let _ = writeln!(
                table,
                "| {framework}, {what} | {clean_debug:.1} s | {clean_release:.1} s | {} | {} | {} |",
                seconds(all),
                seconds(compiling(rebuilds)?),
                seconds(compiling(incremental)?)
            );
        }
        (!self.apps.is_empty()).then_some(table)
    }
}

fn compiling(rebuilds: &[Rebuild]) -> Option<Spread> {
    Spread::of(rebuilds.iter().map(|Rebuild { all, linking }| all - linking))
}

fn seconds(Spread { median, least, most }: Spread) -> String {
    format!("{median:.2} s ({least:.2} to {most:.2})")
}
