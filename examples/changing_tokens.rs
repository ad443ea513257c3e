//! A receiver on axum whose applications and tokens change while it runs.
//!
//! ```sh
//! umask 077; echo '1400000001 the-token' > apps.txt        # one line for each token of each application
//! APPS_FILE=apps.txt cargo run --release --example changing-tokens
//! ```
//!
//! Change the file, then send SIGHUP to the program: `kill -HUP <pid>`. The next request is checked with the new
//! tokens, and no connection is closed. A file that cannot be read or has a fault changes nothing: the log names the
//! fault.
//!
//! To change a token, write the new line beside the old one, send SIGHUP, change the token in the console, wait two
//! minutes, remove the old line, and send SIGHUP again. `LISTEN` is the address, `127.0.0.1:8080` by default.

use std::{collections::BTreeMap, env, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use axum::Router;
use examples::{ReloadSignal, Topics, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use tencent_im_callback::{App, Apps, Endpoint};

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let file = env::var("APPS_FILE").context("APPS_FILE is not set to the path of a file")?;
    let file = Path::new(&file);
    let mut builder = Endpoint::builder(Topics::new(["casino"], 20));
    for (app_id, tokens) in read(file)? {
        builder = builder.register(App::new(app_id).tokens(tokens));
    }
    let endpoint = builder.build()?;

    let (mut reload_signal, stop) = (ReloadSignal::new()?, stop_signal()?);
    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = connections::listen(&address).with_context(|| format!("cannot listen on {address}"))?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    let served = connections::serve(listener, TowerToHyperService::new(router), stop);
    let reloads = async {
        loop {
            reload_signal.next().await;
            match reload(file, &endpoint.apps()) {
                Ok(()) => tracing::info!(apps = ?endpoint.apps().ids(), "the applications are read again"),
                Err(error) => tracing::error!("the applications stay as they were: {error:#}"),
            }
        }
    };
    tokio::select! {
        result = served => result?,
        never = reloads => never,
    }
    drain(&endpoint).await;
    Ok(())
}

/// Makes the applications of the endpoint those of the file. A fault is found before anything is changed.
fn reload(file: &Path, apps: &Apps) -> Result<()> {
    let wanted = read(file)?;
    // An endpoint of its own checks the tokens.
    let check = wanted.iter().fold(Endpoint::builder(Topics::new([""; 0], 0)), |builder, (app_id, tokens)| {
        builder.register(App::new(*app_id).tokens(tokens))
    });
    check.build()?;

    let registered = apps.ids();
    for (app_id, tokens) in &wanted {
        if registered.contains(app_id) {
            apps.set_tokens(*app_id, tokens)?;
        } else {
            apps.register(App::new(*app_id).tokens(tokens))?;
        }
    }
    for app_id in registered.into_iter().filter(|app_id| !wanted.contains_key(app_id)) {
        apps.remove(app_id);
    }
    Ok(())
}

/// The tokens of each application. An error names the line, and never the token.
fn read(file: &Path) -> Result<BTreeMap<u64, Vec<String>>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut apps: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((app_id, token)) = line.split_once(' ') else { bail!("line {} is not `<app id> <token>`", index + 1) };
        let app_id = app_id.parse().with_context(|| format!("line {} does not begin with an app id", index + 1))?;
        apps.entry(app_id).or_default().push(token.to_owned());
    }
    Ok(apps)
}
