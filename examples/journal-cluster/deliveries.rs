//! What the methods of the workers have written, and whether it is right.

use std::{
    collections::HashSet,
    fmt,
    fs::File,
    io::Read as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tencent_im_callback_journal::Journal;
use tokio::time::sleep;

use crate::GROUPS;

/// Without a new line for this time nothing more is expected.
const SILENCE: Duration = Duration::from_secs(40);

/// The deliveries of one group.
#[derive(Debug, Default)]
struct Group {
    delivered: HashSet<u32>,
    /// The number of the last line.
    last: u32,
}

/// The lines of the file, as far as they were read.
pub(crate) struct Deliveries {
    file: File,
    /// The beginning of a line whose end was not read yet.
    rest: String,
    groups: Vec<Group>,
    again: u64,
    out_of_order: u64,
}

impl Deliveries {
    /// Makes the file.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        File::create(path).context("cannot make the file of the lines")?;
        let file = File::open(path).context("cannot read the file of the lines")?;
        let groups = (0..GROUPS).map(|_| Group::default()).collect();
        Ok(Self { file, rest: String::new(), groups, again: 0, out_of_order: 0 })
    }

    /// Reads what was written since the last call.
    pub(crate) fn read(&mut self) -> Result<()> {
        let mut text = std::mem::take(&mut self.rest);
        self.file.read_to_string(&mut text)?;
        let end = text.rfind('\n').map_or(0, |end| end + 1);
        self.rest = text.split_off(end);
        for line in text.lines() {
            let numbers =
                line.split_once(' ').and_then(|(group, number)| Some((group.parse().ok()?, number.parse().ok()?)));
            let (group, number) = numbers.with_context(|| format!("a line is not a group and a number: {line:?}"))?;
            self.delivered(group, number)?;
        }
        Ok(())
    }

    /// A callback of a group was delivered: the next one, or the last one again.
    fn delivered(&mut self, group: usize, number: u32) -> Result<()> {
        let group = self.groups.get_mut(group).with_context(|| format!("there is no group {group}"))?;
        let is_first = group.delivered.insert(number);
        if !is_first {
            self.again += 1;
        }
        let expected = if is_first { group.last + 1 } else { group.last };
        if number != expected {
            self.out_of_order += 1;
        }
        group.last = number;
        Ok(())
    }

    /// How many callbacks were delivered, without repetitions.
    pub(crate) fn sum(&self) -> u64 {
        self.groups.iter().map(|group| group.delivered.len() as u64).sum()
    }

    /// The sums at the end. `kept` is the number of the last callback of each group that was answered with status 200.
    pub(crate) fn sums(&self, kept: &[u32]) -> Sums {
        let lost =
            |(group, kept): (&Group, &u32)| (1..=*kept).filter(|number| !group.delivered.contains(number)).count();
        Sums {
            kept: kept.iter().copied().map(u64::from).sum(),
            delivered: self.sum(),
            again: self.again,
            lost: self.groups.iter().zip(kept).map(|pair| lost(pair) as u64).sum(),
            out_of_order: self.out_of_order,
        }
    }

    /// Waits until the journal has no unfinished entries, or until nothing more is delivered.
    pub(crate) async fn finish(&mut self, journal: &Journal) -> Result<()> {
        let (mut delivered, mut at) = (self.sum() + self.again, Instant::now());
        while at.elapsed() < SILENCE {
            // The journal may be connecting again.
            if unfinished(journal).await.is_ok_and(|unfinished| unfinished == 0) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
            self.read()?;
            let now = self.sum() + self.again;
            if now != delivered {
                (delivered, at) = (now, Instant::now());
            }
        }
        self.read()
    }
}

/// How many entries of the journal are unfinished.
pub(crate) async fn unfinished(journal: &Journal) -> Result<u64> {
    Ok(journal.store().stats().await?.unfinished)
}

/// What was kept and delivered in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Callbacks that were answered with status 200.
    kept: u64,
    /// Callbacks that were delivered, without repetitions.
    delivered: u64,
    /// Repetitions.
    again: u64,
    /// Callbacks that were answered with status 200 and not delivered.
    lost: u64,
    out_of_order: u64,
}

impl Sums {
    pub(crate) fn are_right(&self) -> bool {
        self.lost == 0 && self.out_of_order == 0
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "kept:             {:>7}", self.kept)?;
        writeln!(f, "delivered:        {:>7}", self.delivered)?;
        writeln!(f, "delivered again:  {:>7}", self.again)?;
        writeln!(f, "lost:             {:>7}", self.lost)?;
        writeln!(f, "out of order:     {:>7}", self.out_of_order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums after these lines, of which each group has the numbers up to 3 kept.
    fn sums(lines: &str) -> Sums {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let mut deliveries = Deliveries::create(&path).unwrap();
        // In two pieces, the first of which ends within a line.
        let (first, second) = lines.split_at(lines.len() / 2);
        std::fs::write(&path, first).unwrap();
        deliveries.read().unwrap();
        std::fs::write(&path, [first, second].concat()).unwrap();
        deliveries.read().unwrap();
        deliveries.sums(&[3, 3])
    }

    #[test]
    fn each_group_has_an_order_of_its_own_and_its_last_callback_may_be_repeated() {
        let sums = sums("0 1\n1 1\n0 2\n0 2\n0 3\n1 2\n1 3\n1 3\n");
        assert_eq!(sums, Sums { kept: 6, delivered: 6, again: 2, lost: 0, out_of_order: 0 });
        assert!(sums.are_right());
    }

    #[test]
    fn a_callback_before_its_predecessor_is_out_of_order() {
        let sums = sums("0 1\n0 3\n0 2\n1 1\n1 2\n1 3\n");
        assert_eq!((sums.lost, sums.out_of_order), (0, 2));
        assert!(!sums.are_right());
    }

    #[test]
    fn a_repetition_of_an_earlier_callback_is_out_of_order() {
        let sums = sums("0 1\n0 2\n0 1\n0 3\n1 1\n1 2\n1 3\n");
        assert_eq!((sums.again, sums.lost), (1, 0));
        assert!(sums.out_of_order > 0);
    }

    #[test]
    fn a_callback_that_was_kept_and_not_delivered_is_lost() {
        let sums = sums("0 1\n0 2\n1 1\n1 2\n1 3\n");
        assert_eq!((sums.kept, sums.delivered, sums.lost), (6, 5, 1));
        assert!(!sums.are_right());
    }
}
