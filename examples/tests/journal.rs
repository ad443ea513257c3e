//! The receiver with a journal is killed under load, and everything that it answered OK is in its database.
#![cfg(unix)]

mod receiver;

use std::{
    collections::HashMap,
    env,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use receiver::{PATIENCE, Receiver, TOKEN, program};
use rusqlite::{Connection, OpenFlags};

const GROUPS: usize = 16;
const CLIENTS: usize = 8;

/// So many messages are answered between two kills, at least.
const BETWEEN_KILLS: usize = 100;

fn start(folder: &Path) -> Receiver {
    start_as(program("journal"), folder)
}

fn start_as(mut command: Command, folder: &Path) -> Receiver {
    command
        .envs([("SDK_APP_ID", "1"), ("CALLBACK_TOKEN", TOKEN), ("LISTEN", "127.0.0.1:0"), ("FAIL_PERCENT", "10")])
        .env("JOURNAL", folder.join("callbacks.journal"))
        .env("DATABASE", folder.join("messages.sqlite3"));
    Receiver::spawn("journal", command)
}

/// What the clients send: the next message of each group. A group belongs to one client, so that its order is known.
struct Load {
    address: Mutex<String>,
    query: Mutex<String>,
    next: [AtomicU32; GROUPS],
    answered: Mutex<HashMap<usize, Vec<u32>>>,
    is_over: AtomicBool,
}

impl Load {
    /// How many were answered OK.
    fn answered(&self) -> usize {
        self.answered.lock().unwrap().values().map(Vec::len).sum()
    }

    /// Waits until so many more are answered OK.
    fn until_answered(&self, more: usize) {
        let (wanted, begin) = (self.answered() + more, Instant::now());
        while self.answered() < wanted {
            assert!(begin.elapsed() < PATIENCE, "it does not answer");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends until it is over. A message that is not answered OK is sent again, as the service may do.
    fn client(&self, client: usize) {
        let mut stream: Option<TcpStream> = None;
        let mut group = client;
        while !self.is_over.load(Ordering::SeqCst) {
            let number = self.next[group].load(Ordering::SeqCst);
            match self.send(&mut stream, group, number) {
                Some(200) => {
                    self.answered.lock().unwrap().entry(group).or_default().push(number);
                    self.next[group].fetch_add(1, Ordering::SeqCst);
                    group = if group + CLIENTS < GROUPS { group + CLIENTS } else { client };
                }
                Some(_) => {}
                None => {
                    stream = None;
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    fn send(&self, stream: &mut Option<TcpStream>, group: usize, number: u32) -> Option<u16> {
        let address = self.address.lock().unwrap().clone();
        if stream.is_none() {
            let new = TcpStream::connect(&address).ok()?;
            new.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
            new.set_nodelay(true).ok()?;
            *stream = Some(new);
        }
        let stream = stream.as_mut()?;
        let body = format!(
            r#"{{"GroupId":"g{group}","From_Account":"a","MsgSeq":{number},"MsgTime":1,"MsgBody":[],"EventTime":1}}"#
        );
        let query = self.query.lock().unwrap().clone();
        let length = body.len();
        write!(stream, "POST /callback?{query} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n\r\n{body}")
            .ok()?;
        let mut answer = Vec::new();
        let mut piece = [0; 1024];
        // All answers have this body at their end.
        while !answer.ends_with(b"}") {
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return None,
                Ok(length) => answer.extend_from_slice(&piece[..length]),
            }
        }
        String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
    }
}

/// The messages in the database, by group, in the order in which they were written; and how often a method was called again.
fn written(folder: &Path) -> (HashMap<usize, Vec<u32>>, i64) {
    let path = folder.join("messages.sqlite3");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut select = database.prepare("SELECT group_id, msg_seq FROM message ORDER BY rowid").unwrap();
    let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))).unwrap();
    let mut by_group: HashMap<usize, Vec<u32>> = HashMap::new();
    for row in rows {
        let (group, number) = row.unwrap();
        by_group.entry(group[1..].parse().unwrap()).or_default().push(number);
    }
    let again: i64 = database.query_row("SELECT coalesce(sum(times - 1), 0) FROM done", [], |row| row.get(0)).unwrap();
    (by_group, again)
}

/// 5 kills; `JOURNAL_KILLS` sets another number.
#[test]
fn everything_that_was_answered_ok_is_written_once_and_in_order_after_kills_under_load() {
    let kills: usize = env::var("JOURNAL_KILLS").map_or(5, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut receiver = start(folder.path());
    let load = Arc::new(Load {
        address: Mutex::new(receiver.address.clone()),
        query: Mutex::new(receiver.signed("Group.CallbackAfterSendMsg")),
        next: [const { AtomicU32::new(1) }; GROUPS],
        answered: Mutex::default(),
        is_over: AtomicBool::new(false),
    });
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let load = Arc::clone(&load);
            thread::spawn(move || load.client(client))
        })
        .collect();
    for kill in 0..kills {
        load.until_answered(BETWEEN_KILLS);
        thread::sleep(Duration::from_millis(137 * (kill as u64 % 5)));
        receiver.signal("KILL");
        drop(receiver);
        receiver = start(folder.path());
        *load.query.lock().unwrap() = receiver.signed("Group.CallbackAfterSendMsg");
        load.address.lock().unwrap().clone_from(&receiver.address);
    }
    load.until_answered(BETWEEN_KILLS);
    load.is_over.store(true, Ordering::SeqCst);
    for client in clients {
        client.join().unwrap();
    }

    let answered = load.answered.lock().unwrap().clone();
    let count: usize = answered.values().map(Vec::len).sum();
    assert!(count >= BETWEEN_KILLS * (kills + 1), "only {count} were answered");
    let begin = Instant::now();
    let (by_group, again) = loop {
        let (by_group, again) = written(folder.path());
        let is_complete = answered.iter().all(|(group, numbers)| {
            let written = by_group.get(group).map_or(&[][..], Vec::as_slice);
            numbers.iter().all(|number| written.contains(number))
        });
        if is_complete {
            break (by_group, again);
        }
        let missing = count.saturating_sub(by_group.values().map(Vec::len).sum());
        assert!(begin.elapsed() < PATIENCE, "{missing} of {count} are missing");
        thread::sleep(Duration::from_millis(100));
    };
    for (group, numbers) in &by_group {
        // A message that was not answered may have been kept all the same, and is not kept again.
        assert!(numbers.is_sorted_by(|one, next| one < next), "group {group}: {numbers:?}");
    }
    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
    println!("{kills} kills: {count} answered OK, all written, none twice; {again} methods were called again");
}

/// A process that may not write large files has a full disk.
#[test]
fn what_a_full_disk_does_not_take_is_answered_500_and_the_rest_is_written() {
    let folder = tempfile::tempdir().unwrap();
    // In blocks of 512 bytes. The signal that would end the process is ignored, so that writing fails.
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$0\""]).arg(program("journal").get_program());
    limited.env_clear().stdout(Stdio::null()).stderr(Stdio::piped());
    let receiver = start_as(limited, folder.path());
    let text = "x".repeat(20_000);
    let mut answered = Vec::new();
    let mut refused = 0;
    for number in 1..=300 {
        let body = format!(
            r#"{{"GroupId":"g1","From_Account":"a","MsgSeq":{number},"MsgTime":1,"EventTime":1,"MsgBody":[{{"MsgType":"TIMTextElem","MsgContent":{{"Text":"{text}"}}}}]}}"#
        );
        let answer = receiver.post(&receiver.signed("Group.CallbackAfterSendMsg"), &body);
        if answer.starts_with("HTTP/1.1 200 ") {
            answered.push(number);
        } else {
            assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
            refused += 1;
        }
    }
    assert!(!answered.is_empty() && refused > 0, "{} answered OK, {refused} refused", answered.len());
    // *Before* callbacks need no disk.
    let before =
        receiver.post(&receiver.signed("Group.CallbackBeforeCreateTopic"), r#"{"Operator_Account":"a","Name":"n"}"#);
    assert!(before.starts_with("HTTP/1.1 200 "), "{before}");
    receiver.signal("KILL");
    drop(receiver);

    let receiver = start(folder.path());
    let begin = Instant::now();
    let is_complete = || {
        let (by_group, _) = written(folder.path());
        by_group.get(&1).is_some_and(|written| answered.iter().all(|number| written.contains(number)))
    };
    while !is_complete() {
        assert!(begin.elapsed() < PATIENCE, "not all of {answered:?} are written");
        thread::sleep(Duration::from_millis(50));
    }
    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
}
