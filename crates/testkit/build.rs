//! Puts the sample files into one list, so that a file saved in `samples` is all that a new sample takes.

use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("samples");
    let mut list = String::new();
    for kind in ["requests", "responses", "elements"] {
        let folder = folder.join(kind);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
        // By name without `.json`, so that the plain one is before its variants.
        files.sort_by_key(|file| file.path().with_extension(""));
        writeln!(list, "static {}: &[(&str, &str)] = &[", kind.to_uppercase())?;
        for file in files {
            let name = file.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
            let name = name.strip_suffix(".json").ok_or_else(|| format!("{name} is not JSON"))?;
            let path = file.path().into_os_string().into_string().map_err(|_| "the folder's path is not UTF-8")?;
            writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
        }
        writeln!(list, "];")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("samples.rs"), list)?;
    Ok(())
}
