//! The settings of a server, which any driver can give.

use std::{env, error::Error, fmt::Display, str::FromStr, time::Duration};

/// The settings of a server, from the environment.
#[derive(Clone)]
pub struct Settings {
    /// `BENCH_PORT`: the port on loopback; 0, the default, is any that is free.
    pub port: u16,
    /// `BENCH_TOKEN`: what callbacks are signed with.
    pub token: String,
    /// `BENCH_SDKAPPID`: the application that they are for.
    pub app_id: u64,
    /// `BENCH_THREADS`: how many threads serve.
    pub threads: usize,
    /// `BENCH_MAX_AGE`: for how many seconds a signature is good, in both directions.
    pub max_age: Duration,
}

impl Settings {
    /// Reads them; what is not set has a default.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        let defaults = Self::default();
        Ok(Self {
            port: var("BENCH_PORT", defaults.port)?,
            token: var("BENCH_TOKEN", defaults.token)?,
            app_id: var("BENCH_SDKAPPID", defaults.app_id)?,
            threads: var("BENCH_THREADS", defaults.threads)?,
            max_age: Duration::from_secs(var("BENCH_MAX_AGE", defaults.max_age.as_secs())?),
        })
    }

    /// The same as the environment of a server that is to be started.
    #[must_use]
    pub fn to_env(&self) -> [(&'static str, String); 5] {
        [
            ("BENCH_PORT", self.port.to_string()),
            ("BENCH_TOKEN", self.token.clone()),
            ("BENCH_SDKAPPID", self.app_id.to_string()),
            ("BENCH_THREADS", self.threads.to_string()),
            ("BENCH_MAX_AGE", self.max_age.as_secs().to_string()),
        ]
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            token: "benchmark-token".to_owned(),
            app_id: 1_400_000_001,
            threads: 1,
            max_age: Duration::from_secs(60),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("port", &self.port).field("threads", &self.threads).finish_non_exhaustive()
    }
}

fn var<T: FromStr<Err: Display>>(name: &str, default: T) -> Result<T, Box<dyn Error>> {
    match env::var(name) {
        Ok(text) => text.parse().map_err(|error| format!("{name}: {error}").into()),
        Err(env::VarError::NotPresent) => Ok(default),
        Err(error) => Err(format!("{name}: {error}").into()),
    }
}
