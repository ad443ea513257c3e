//! The receiver that keeps tables in PostgreSQL is killed under load, and each callback has changed them exactly once.
#![cfg(unix)]

mod receiver;

use std::{env, thread, time::Duration};

use engines::postgres::Server;
use receiver::{PATIENCE, Receiver, TOKEN, program};
use tencent_im_callback_journal_postgres::tokio_postgres::{Client, NoTls, connect};
use tokio::time::{sleep, timeout};

const GROUPS: usize = 8;
const MEMBERS: usize = 10;

fn start(url: &str) -> Receiver {
    let mut command = program("group-tables");
    command
        .envs([("SDK_APP_ID", "1"), ("CALLBACK_TOKEN", TOKEN), ("LISTEN", "127.0.0.1:0"), ("STALL_MS", "20")])
        .env("DATABASE", url);
    Receiver::spawn("group-tables", command)
}

fn send(receiver: &Receiver, command: &str, body: &str) {
    let answer = receiver.post(&receiver.signed(command), body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

async fn count(client: &Client, what: &str) -> i64 {
    client.query_one(&format!("SELECT coalesce(({what})::bigint, -1)"), &[]).await.unwrap().get(0)
}

/// 3 kills; `JOURNAL_KILLS` sets another number.
#[tokio::test(flavor = "multi_thread")]
async fn each_callback_changes_the_tables_exactly_once() {
    let Some(server) = Server::start() else { return };
    let kills: usize = env::var("JOURNAL_KILLS").map_or(3, |kills| kills.parse().unwrap());
    let mut receiver = start(&server.url());
    for group in 0..GROUPS {
        let body = format!(
            r#"{{"GroupId":"g{group}","Name":"n{group}","Owner_Account":"o","MemberList":[{{"Member_Account":"o"}}],"EventTime":{group}}}"#
        );
        send(&receiver, "Group.CallbackAfterCreateGroup", &body);
    }
    for kill in 0..kills {
        for member in 0..MEMBERS {
            for group in 0..GROUPS {
                let account = kill * MEMBERS + member;
                let body = format!(
                    r#"{{"GroupId":"g{group}","NewMemberList":[{{"Member_Account":"m{account}"}}],"EventTime":{account}}}"#
                );
                send(&receiver, "Group.CallbackAfterNewMemberJoin", &body);
            }
        }
        // Some methods wait before their commit now.
        thread::sleep(Duration::from_millis(10 * (kill as u64 % 5)));
        receiver.signal("KILL");
        drop(receiver);
        receiver = start(&server.url());
    }
    for group in 0..GROUPS {
        let body = format!(r#"{{"GroupId":"g{group}","ExitMemberList":[{{"Member_Account":"m0"}}],"EventTime":1}}"#);
        send(&receiver, "Group.CallbackAfterMemberExit", &body);
    }
    send(&receiver, "Group.CallbackAfterGroupDestroyed", r#"{"GroupId":"g0","EventTime":1}"#);

    let (client, connection) = connect(&server.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let finished = async {
        while count(&client, "SELECT count(*) FROM im_callback.unfinished").await > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, finished).await.expect("all is delivered");
    assert_eq!(count(&client, "SELECT count(*) FROM im_callback.dead").await, 0);
    let groups = i64::try_from(GROUPS - 1).unwrap();
    let joins = i64::try_from(kills * MEMBERS).unwrap();
    assert_eq!(count(&client, "SELECT count(*) FROM chat_group WHERE name = 'n' || substr(id, 2)").await, groups);
    let changes = "SELECT count(*) FROM chat_group WHERE changes = ";
    // Made, each join, one exit.
    assert_eq!(count(&client, &format!("{changes} {}", joins + 2)).await, groups, "nothing is done twice");
    assert_eq!(count(&client, "SELECT max(joined) FROM chat_member").await, 1, "nobody has joined twice");
    assert_eq!(count(&client, "SELECT count(*) FROM chat_member").await, groups * joins, "the owner, and all but one");
    drop(receiver);
}
