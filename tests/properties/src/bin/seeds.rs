//! Writes the seeds of the fuzz targets, a folder for each, and the dictionary:
//! `cargo run -p properties --bin seeds fuzz/seeds`.

use std::{env, error::Error, fs, path::PathBuf};

use properties::seeds;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err("say which folder to write to, such as fuzz/seeds".into());
    };
    let targets = [
        ("query", seeds::query()),
        ("decode", seeds::decode()),
        ("elements", seeds::elements()),
        ("handle", seeds::handle()),
    ];
    for (target, inputs) in targets {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        for (number, input) in inputs.iter().enumerate() {
            fs::write(folder.join(format!("{number:03}")), input)?;
        }
        println!("{}: {} inputs", folder.display(), inputs.len());
    }
    fs::write(folder.join("dictionary"), seeds::dictionary())?;
    Ok(())
}
