//! What a run was made on, as far as it matters for reading its figures.

use std::{error::Error, fs, process::Command};

use serde::{Deserialize, Serialize};

use crate::process::output;

/// A machine and its compiler.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
}

impl Machine {
    pub(crate) fn this() -> Result<Self, Box<dyn Error>> {
        let cpus = fs::read_to_string("/proc/cpuinfo")?;
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).and_then(|line| line.split_once(':'));
        Ok(Self {
            cpu: model.map_or_else(|| "unknown".to_owned(), |(_, model)| model.trim().to_owned()),
            // All of them: the process itself may be kept to one by now.
            cores: cpus.lines().filter(|line| line.starts_with("processor")).count(),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            rustc: output(Command::new("rustc").arg("--version"))?.trim().to_owned(),
        })
    }
}
