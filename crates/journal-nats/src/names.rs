//! The names of streams and subjects.

use std::fmt;

/// What the names of streams and subjects of a journal begin with.
#[derive(Debug, Clone)]
pub(crate) struct Names(pub(crate) String);

impl Names {
    pub(crate) fn entries(&self) -> String {
        self.0.clone()
    }

    pub(crate) fn dead(&self) -> String {
        format!("{}-dead", self.0)
    }

    pub(crate) fn progress(&self) -> String {
        format!("{}-progress", self.0)
    }

    pub(crate) fn bucket(&self) -> String {
        format!("{}-workers", self.0)
    }

    pub(crate) fn bucket_stream(&self) -> String {
        format!("KV_{}", self.bucket())
    }

    /// The subject of a key of the bucket.
    pub(crate) fn key(&self, key: impl fmt::Display) -> String {
        format!("$KV.{}.{key}", self.bucket())
    }

    pub(crate) fn all_entries(&self) -> String {
        format!("{}.entry.>", self.0)
    }

    pub(crate) fn entries_of(&self, partition: u32) -> String {
        format!("{}.entry.{partition}.>", self.0)
    }

    /// The subject of an entry. What a subject may not have is an underscore.
    pub(crate) fn entry(&self, partition: u32, command: &str) -> String {
        let is_fine = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let mut command: String = command.chars().map(|one| if is_fine(one) { one } else { '_' }).take(200).collect();
        if command.split('.').any(str::is_empty) {
            command = command.replace('.', "_");
        }
        if command.is_empty() {
            command.push('_');
        }
        format!("{}.entry.{partition}.{command}", self.0)
    }

    /// The partition in the subject of an entry.
    pub(crate) fn partition_of(&self, subject: &str) -> Option<u32> {
        let rest = subject.strip_prefix(&self.0)?.strip_prefix(".entry.")?;
        rest.split_once('.')?.0.parse().ok()
    }

    pub(crate) fn all_dead(&self) -> String {
        format!("{}.dead.>", self.0)
    }

    pub(crate) fn dead_of(&self, partition: u32, id: u64) -> String {
        format!("{}.dead.{partition}.{id}", self.0)
    }

    /// The partition and the id in the subject of a dead letter.
    pub(crate) fn dead_in(&self, subject: &str) -> Option<(u32, u64)> {
        let (partition, id) = subject.strip_prefix(&self.0)?.strip_prefix(".dead.")?.split_once('.')?;
        Some((partition.parse().ok()?, id.parse().ok()?))
    }

    pub(crate) fn all_progress(&self) -> String {
        format!("{}.progress.*", self.0)
    }

    pub(crate) fn progress_of(&self, partition: u32) -> String {
        format!("{}.progress.{partition}", self.0)
    }

    pub(crate) fn progress_in(&self, subject: &str) -> Option<u32> {
        subject.strip_prefix(&self.0)?.strip_prefix(".progress.")?.parse().ok()
    }

    /// The subject of the notifications that entries were appended.
    pub(crate) fn appended(&self) -> String {
        format!("{}.appended", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_only_what_a_subject_may_have() {
        let names = Names("j".to_owned());
        for (command, subject) in [
            ("Group.CallbackAfterSendMsg", "j.entry.3.Group.CallbackAfterSendMsg"),
            ("a b*>\u{e9}", "j.entry.3.a_b___"),
            ("", "j.entry.3._"),
            ("a..b.", "j.entry.3.a__b_"),
        ] {
            assert_eq!(names.entry(3, command), subject);
            assert_eq!(names.partition_of(subject), Some(3));
        }
        assert_eq!(names.partition_of("j.other.3.x"), None);
        assert_eq!(names.dead_in(&names.dead_of(2, 9)), Some((2, 9)));
        assert_eq!(names.progress_in(&names.progress_of(7)), Some(7));
    }
}
