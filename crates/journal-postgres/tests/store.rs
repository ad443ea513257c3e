//! What every store promises, over PostgreSQL.

use engines::postgres::Server;
use tencent_im_callback_journal::suite;
use tencent_im_callback_journal_postgres::Postgres;

async fn store(server: &Server, schema: &str) -> Postgres {
    Postgres::builder(&server.url()).schema(schema).connect().await.unwrap()
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_store() {
    let Some(server) = Server::start() else { return };
    suite::check(&store(&server, "one").await).await;
    let single = Postgres::builder(&server.url()).schema("a \"single\" partition").partitions(1);
    suite::check(&single.connect().await.unwrap()).await;
    let (one, other) = (store(&server, "two").await, store(&server, "two").await);
    suite::check_two(Box::new(one), &other).await;
}
