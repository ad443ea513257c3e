//! Takes the programs out of the README, so that a test can run them.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let readme = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../README.md");
    println!("cargo::rerun-if-changed={}", readme.display());
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string(readme)?;
    for framework in ["axum", "actix-web", "hyper"] {
        let program = program(&text, framework).ok_or_else(|| format!("the README has no program for {framework}"))?;
        // A test needs a port of its own.
        let program = program.replace(r#""0.0.0.0:8080""#, r#"std::env::var("LISTEN")?"#);
        fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{framework}.rs")), program)?;
    }
    Ok(())
}

/// The first block of Rust below the heading of a framework.
fn program<'a>(readme: &'a str, framework: &str) -> Option<&'a str> {
    let (_, section) = readme.split_once(&format!("\n### {framework}\n"))?;
    let (_, block) = section.split_once("```rust,no_run\n")?;
    block.split_once("```").map(|(program, _)| program)
}
