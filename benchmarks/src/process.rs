//! What the operating system says about processes and cores.

use std::{
    env,
    error::Error,
    fs, io,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that this process may use, as they were when it started.
pub(crate) fn cores() -> io::Result<Vec<usize>> {
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect())
}

/// Keeps the calling thread, and the processes and threads that it starts from now on, on these cores.
pub(crate) fn stay_on(cores: &[usize]) -> io::Result<()> {
    let mut set = CpuSet::new();
    for &core in cores {
        set.set(core);
    }
    Ok(sched_setaffinity(None, &set)?)
}

/// The CPU time that a process has taken so far, in all its threads.
pub(crate) fn cpu_time(process: u32) -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program is in parentheses and may contain anything.
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let fields: Vec<_> = fields.split_whitespace().collect();
    let (user, system): (u64, u64) = (fields[11].parse()?, fields[12].parse()?);
    Ok(ticks(user + system))
}

/// The time that all cores have spent on any process, and on being taken away by the hypervisor.
pub(crate) fn busy_time() -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().ok_or("nothing in /proc/stat")?;
    let fields: Vec<u64> = line.split_whitespace().skip(1).map(str::parse).collect::<Result<_, _>>()?;
    // user, nice, system; interrupts are left out because the servers' own packets cause them; steal
    Ok(ticks(fields[0] + fields[1] + fields[2] + fields[7]))
}

fn ticks(ticks: u64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "a run takes minutes")]
    let seconds = ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
    Duration::from_secs_f64(seconds)
}

/// The memory of a process that is in RAM, in KiB.
pub(crate) fn resident(process: u32) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// Builds another program of this package as this one was built, and says where it is.
pub(crate) fn build(program: &str, features: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = env::current_exe()?.parent().ok_or("a program is in a folder")?.to_owned();
    let profile = match folder.file_name().and_then(|name| name.to_str()).ok_or("the folder has no name")? {
        "debug" => "dev",
        profile => profile,
    };
    let package = ["--package", "benchmarks", "--features", features, "--bin", program];
    let status = cargo().args(["build", "--quiet", "--profile", profile]).args(package).status()?;
    if !status.success() {
        return Err(format!("{program} could not be built").into());
    }
    Ok(folder.join(program))
}

/// Cargo, in this workspace, as the one that runs this.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::data::workspace()).stdin(Stdio::null());
    cargo
}

/// What a command prints.
pub(crate) fn output(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{command:?} failed").into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
