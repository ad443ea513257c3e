//! The tables of docs/observing.md, and the metrics that are written, to compare them. The journal's tests use it too.

use std::{fs, path::Path};

/// The cells of a table of the page, row by row, without the quotes of code.
pub(crate) fn table(name: &str) -> Vec<Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/observing.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once(&format!("<!-- {name} -->\n")).expect("the page has the marker");
    let (table, _) = rest.split_once(&format!("<!-- /{name} -->")).expect("the page has the closing marker");
    let cells = |line: &str| line.split('|').skip(1).map(|cell| cell.trim().replace('`', "")).collect();
    table.lines().skip(2).map(cells).collect()
}

#[cfg(feature = "metrics")]
pub(crate) mod metered {
    use std::sync::{Arc, Mutex};

    use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit};

    /// Keeps the names, kinds and labels of what is counted and timed.
    #[derive(Clone, Default)]
    pub(crate) struct Names(Arc<Mutex<Vec<Vec<String>>>>);

    impl Names {
        /// The rows of the table, as they are on the page.
        pub(crate) fn rows(&self) -> Vec<Vec<String>> {
            let mut rows = self.0.lock().unwrap().clone();
            rows.sort();
            rows
        }

        fn keep(&self, kind: &str, key: &Key) {
            let labels: Vec<_> = key.labels().map(Label::key).collect();
            let row = vec![key.name().to_owned(), kind.to_owned(), labels.join(", ")];
            let mut rows = self.0.lock().unwrap();
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }

    impl Recorder for Names {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            self.keep("counter", key);
            Counter::noop()
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            self.keep("gauge", key);
            Gauge::noop()
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            self.keep("histogram", key);
            Histogram::noop()
        }
    }
}
