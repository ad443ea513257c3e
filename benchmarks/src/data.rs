//! What the commands have measured, as files from which the tables and the plot are made.

use std::{
    env,
    error::Error,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace")
}

/// The folder of a run's data.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder.unwrap_or_else(|| scratch("")))
    }

    /// Keeps the data of a command.
    pub(crate) fn save<T: Serialize>(&self, name: &str, data: &T) -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(&self.0)?;
        let path = self.0.join(name).with_extension("json");
        fs::write(&path, serde_json::to_string_pretty(data)? + "\n")?;
        println!("\nkept in {}", path.display());
        Ok(())
    }

    /// The data of a command, if it has been run.
    pub(crate) fn load<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Box<dyn Error>> {
        let path = self.0.join(name).with_extension("json");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let data = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(Some(data))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        }
    }
}

/// A place for what is needed only while a command runs.
pub(crate) fn scratch(name: &str) -> PathBuf {
    // The programs are in a folder of their profile's in the target folder, wherever that is.
    let program = env::current_exe().unwrap_or_default();
    let target = program.ancestors().nth(2).map_or_else(|| workspace().join("target"), Path::to_owned);
    target.join("benchmarks").join(name)
}
