//! docs/observing.md names what the journal writes: log lines and metrics.

use std::{collections::BTreeSet, fs, path::Path};

#[path = "../../core/tests/observed_page/mod.rs"]
mod observed_page;

use observed_page::table;

/// The levels and texts of all lines of the log at `warn` and above that the source writes.
fn lines_of_the_source() -> BTreeSet<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = [source.join("sqlite"), source].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut lines = BTreeSet::new();
    for path in files.map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let source = fs::read_to_string(path).unwrap();
        for level in ["error", "warn", "info"] {
            for call in source.split(&format!("tracing::{level}!(")).skip(1) {
                let text = call.split('"').nth(1).expect("a line has a text");
                lines.insert((level.to_owned(), text.to_owned()));
            }
        }
    }
    lines
}

#[test]
fn the_log_lines_are_on_the_page() {
    let page: BTreeSet<_> = table("journal lines").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(lines_of_the_source(), page);
}

#[cfg(feature = "metrics")]
mod metered {
    use std::time::Duration;

    use bytes::Bytes;
    use http::Request;
    use tencent_im_callback::{CallbackHandler, Context, Endpoint, Result, async_trait, group};
    use tencent_im_callback_journal::{Journal, Permanent};
    use tencent_im_callback_testkit::sample;

    use super::{observed_page::metered::Names, table};

    struct Failing;

    #[async_trait]
    impl CallbackHandler for Failing {
        async fn group_after_send_msg(&self, _: &Context, _: group::AfterSendMsg) -> Result<()> {
            Err(Permanent::new("never").into())
        }
    }

    #[tokio::test]
    async fn all_metrics_are_on_the_page() {
        let names = Names::default();
        metrics::set_global_recorder(names.clone()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).await.unwrap();
        let endpoint = Endpoint::builder(Failing).unverified_app(7).journal(&journal).build().unwrap();
        let feed = journal.feed(&endpoint);
        for _ in 0..2 {
            let body = Bytes::from(sample::<group::AfterSendMsg>().body().to_string());
            let request = Request::post("/?SdkAppid=7&CallbackCommand=Group.CallbackAfterSendMsg").body(body).unwrap();
            assert_eq!(endpoint.handle(request).await.status(), 200);
        }
        let is_dead = async {
            while journal.store().stats().await.unwrap().dead == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), is_dead).await.unwrap();
        feed.stop(Duration::from_secs(5)).await;
        let mut found = names.rows();
        // The endpoint's own are in another table.
        found.retain(|row| row[0].starts_with("tencent_im_callback_journal"));
        let page: Vec<_> = table("journal metrics").into_iter().map(|row| row[..3].to_vec()).collect();
        assert_eq!(found, page);
    }
}
