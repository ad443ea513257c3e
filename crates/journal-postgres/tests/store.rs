//! What every store promises, over PostgreSQL.

use engines::postgres::Server;
use tencent_im_callback_journal::{Store as _, suite};
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

#[tokio::test]
async fn with_tls_the_certificate_of_the_server_is_checked() {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let Some(server) = Server::start_with_tls(&own.cert.pem(), &own.signing_key.serialize_pem()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.pem");
    std::fs::write(&file, own.cert.pem()).unwrap();
    for mode in ["require", "verify-ca", "verify-full"] {
        let address = format!("{}?sslmode={mode}", server.url());
        let error = Postgres::connect(&address).await.unwrap_err().to_string();
        assert!(error.contains("certificate"), "a certificate that nobody has signed: {error}");
        let store = Postgres::connect(&format!("{address}&sslrootcert={}", file.display())).await.unwrap();
        assert_eq!(store.stats().await.unwrap().unfinished, 0);
    }
    Postgres::connect(&format!("{}?sslmode=disable", server.url())).await.unwrap();
    let error = Postgres::connect(&format!("{}?sslrootcert=/missing.pem", server.url())).await.unwrap_err().to_string();
    assert!(error.starts_with("the certificates of /missing.pem: "), "{error}");
}
