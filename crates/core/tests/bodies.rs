//! Bodies that do not reach their method: what is answered, logged and reported, and what they can make a server hold.

use std::{
    convert::Infallible,
    error::Error,
    fmt, io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context as TaskContext, Poll, Waker},
};

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Limited};
use tencent_im_callback::{
    BodyTooLarge, BoxError, CallbackHandler, Endpoint, EndpointBuilder, Observer, Outcome, Report,
};

use crate::log::Log;

mod log;

struct App;

impl CallbackHandler for App {}

const MIB: usize = 1024 * 1024;

/// Keeps how requests ended.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<Report>>>);

impl Observer for Reports {
    fn request_finished(&self, report: &Report) {
        self.0.lock().unwrap().push(report.clone());
    }
}

/// A body in pieces, which counts what is taken of it and what is held at once.
struct Pieces<F> {
    next: F,
    taken: Arc<AtomicUsize>,
    held: Arc<Held>,
}

#[derive(Default)]
struct Held {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A piece of a body that is counted until it is dropped.
struct Piece(Vec<u8>, Arc<Held>);

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.1.now.fetch_sub(self.0.len(), Ordering::SeqCst);
    }
}

impl<F> Pieces<F> {
    fn new(next: F) -> Self {
        Self { next, taken: Arc::default(), held: Arc::default() }
    }
}

type Next<E> = Poll<Option<Result<Vec<u8>, E>>>;

impl<F: FnMut() -> Next<E> + Unpin, E> Body for Pieces<F> {
    type Data = Bytes;
    type Error = E;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        (self.next)().map_ok(|piece| {
            self.taken.fetch_add(piece.len(), Ordering::SeqCst);
            let now = self.held.now.fetch_add(piece.len(), Ordering::SeqCst) + piece.len();
            self.held.most.fetch_max(now, Ordering::SeqCst);
            Frame::data(Bytes::from_owner(Piece(piece, Arc::clone(&self.held))))
        })
    }
}

/// A piece, and then this error.
fn broken_by<E: Unpin>(error: E) -> Pieces<impl FnMut() -> Next<E> + Unpin> {
    let mut items = vec![Err(error), Ok(b"{".to_vec())];
    Pieces::new(move || Poll::Ready(items.pop()))
}

/// Pieces of 64 KiB without end.
fn endless() -> Pieces<impl FnMut() -> Next<Infallible> + Unpin> {
    Pieces::new(|| Poll::Ready(Some(Ok(vec![b' '; 65_536]))))
}

const GOOD: &str = "/?SdkAppid=7&CallbackCommand=Group.CallbackAfterGroupDestroyed";

fn builder() -> EndpointBuilder {
    Endpoint::builder(App).unverified_app(7)
}

/// The result of a request: its status, the lines of the log, and how it was reported.
async fn serve<B>(builder: EndpointBuilder, uri: &str, body: B) -> (u16, Vec<String>, Vec<Report>)
where
    B: Body<Error: Into<BoxError>>,
{
    let (log, reports) = (Log::default(), Reports::default());
    let _log = tracing::subscriber::set_default(log.clone());
    let endpoint = builder.observer(reports.clone()).build().unwrap();
    let answer = endpoint.serve(Request::post(uri).body(body).unwrap()).await;
    assert_eq!(endpoint.in_flight(), 0);
    let (lines, reports) = (log.0.lock().unwrap().clone(), reports.0.lock().unwrap().clone());
    (answer.status().as_u16(), lines, reports)
}

/// Panics if there is not one line, about a lost callback with all that this says.
#[track_caller]
fn assert_lost(lines: &[String], outcome: &str, reason: &str) {
    let [line] = lines else { panic!("{lines:?}") };
    for part in
        ["WARN", "command=\"Group.CallbackAfterGroupDestroyed\"", "app_id=7", &format!("outcome=\"{outcome}\""), reason]
    {
        assert!(line.contains(part), "no {part} in {line}");
    }
}

#[tokio::test]
async fn a_callback_whose_body_is_too_large_is_logged() {
    let body = "x".repeat(11);
    let (status, lines, reports) = serve(builder().body_limit(10), GOOD, body).await;
    assert_eq!((status, reports.len(), reports[0].outcome), (413, 1, Outcome::TooLarge));
    assert_lost(&lines, "too_large", "over the limit");
}

#[tokio::test(start_paused = true)]
async fn a_callback_whose_body_is_too_slow_is_logged() {
    let never = Pieces::new(|| -> Next<Infallible> { Poll::Pending });
    let (status, lines, reports) = serve(builder(), GOOD, never).await;
    assert_eq!((status, reports.len(), reports[0].outcome), (408, 1, Outcome::TooSlow));
    assert_lost(&lines, "too_slow", "within the deadline");
}

#[tokio::test]
async fn a_callback_whose_body_breaks_off_is_logged_with_the_cause() {
    #[derive(Debug)]
    struct Outer(io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("error reading a body")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    let corrupt = || io::Error::new(io::ErrorKind::InvalidData, "corrupt deflate stream");
    let (status, lines, reports) = serve(builder(), GOOD, broken_by(corrupt())).await;
    assert_eq!((status, reports.len(), reports[0].outcome), (400, 1, Outcome::Incomplete));
    assert_lost(&lines, "incomplete", "corrupt deflate stream");

    let (status, lines, _) = serve(builder(), GOOD, broken_by(Outer(corrupt()))).await;
    assert_eq!(status, 400);
    assert_lost(&lines, "incomplete", "error reading a body: corrupt deflate stream");

    let (_, lines, _) = serve(builder(), GOOD, broken_by(BoxError::from("long ".repeat(10_000)))).await;
    assert_lost(&lines, "incomplete", "long long");
    assert!(lines[0].len() < 400, "{}", lines[0].len());
}

#[tokio::test]
async fn a_callback_whose_client_disconnects_within_its_body_is_logged_and_reported() {
    for (uri, lost) in [(GOOD, true), ("/?SdkAppid=8", false)] {
        let (log, reports) = (Log::default(), Reports::default());
        let _log = tracing::subscriber::set_default(log.clone());
        let endpoint = builder().observer(reports.clone()).build().unwrap();
        let never = Pieces::new(|| -> Next<Infallible> { Poll::Pending });
        let mut answer = Box::pin(endpoint.serve(Request::post(uri).body(never).unwrap()));
        assert!(answer.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
        drop(answer);
        assert_eq!(endpoint.in_flight(), 0);
        let reports = reports.0.lock().unwrap();
        assert_eq!((reports.len(), reports[0].outcome, reports[0].status), (1, Outcome::Incomplete, None), "{uri}");
        let lines = log.0.lock().unwrap();
        if lost {
            assert_lost(&lines, "incomplete", "disconnected");
        } else {
            assert!(lines.len() == 1 && lines[0].contains("not a registered application"), "{lines:?}");
        }
    }
}

#[tokio::test]
async fn a_limit_of_a_layer_is_a_413() {
    // As `RequestBodyLimit` of tower-http does it.
    let limited = Limited::new("x".repeat(11), 10);
    let (status, lines, _) = serve(builder(), GOOD, limited).await;
    assert_eq!(status, 413);
    assert_lost(&lines, "too_large", "over the limit");
    // With the error of another layer around it.
    let wrapped = Limited::new("x".repeat(11), 10).map_err(io::Error::other);
    assert_eq!(serve(builder(), GOOD, wrapped).await.0, 413);
    assert_eq!(serve(builder(), GOOD, broken_by(BodyTooLarge)).await.0, 413);
    assert_eq!(serve(builder(), GOOD, broken_by(io::Error::other(BodyTooLarge))).await.0, 413);
    // What is refused by its query has its own line in the log, and no other.
    let (status, lines, _) = serve(builder(), "/?SdkAppid=8", Limited::new("x".repeat(11), 10)).await;
    assert!(status == 413 && lines.len() == 1 && lines[0].contains("not a registered application"), "{lines:?}");
}

#[tokio::test]
async fn a_callback_about_a_community_of_a_hundred_thousand_is_taken() {
    let members: Vec<String> =
        (0..100_000).map(|number| format!(r#"{{"Member_Account":"member_{number:012}"}}"#)).collect();
    let body = format!(r#"{{"GroupId":"g","MemberList":[{}]}}"#, members.join(","));
    assert!(body.len() > 3_500_000, "{}", body.len());
    assert_eq!(serve(builder(), GOOD, body).await.0, 200);
    assert_eq!(serve(builder(), GOOD, format!("{{\"GroupId\":\"g\"}}{}", " ".repeat(8 * MIB - 15))).await.0, 200);
    assert_eq!(serve(builder(), GOOD, format!("{{\"GroupId\":\"g\"}}{}", " ".repeat(8 * MIB - 14))).await.0, 413);
}

#[tokio::test]
async fn a_sender_without_a_signature_is_neither_stored_nor_read_on_and_on() {
    let signed = || Endpoint::builder(App).app(7, "the token");
    for limit in [64 * 1024, MIB, 8 * MIB, usize::MAX] {
        let body = endless();
        let (taken, held) = (Arc::clone(&body.taken), Arc::clone(&body.held));
        let (status, ..) = serve(signed().body_limit(limit), GOOD, body).await;
        assert_eq!(status, if limit <= 4 * MIB { 413 } else { 401 }, "{limit}");
        let (taken, held) = (taken.load(Ordering::SeqCst), held.most.load(Ordering::SeqCst));
        println!("limit {limit}: read {taken} bytes of a forged body, held {held}");
        assert!(taken <= 4 * MIB + 65_536, "{limit}: {taken}");
        assert!(held <= 65_536, "{limit}: {held}");
    }
}

#[tokio::test]
async fn what_is_over_the_limit_is_not_read_on_and_on_either() {
    for limit in [64 * 1024, MIB, 8 * MIB] {
        let body = endless();
        let taken = Arc::clone(&body.taken);
        assert_eq!(serve(builder().body_limit(limit), GOOD, body).await.0, 413);
        let taken = taken.load(Ordering::SeqCst);
        println!("limit {limit}: read {taken} bytes of an accepted body");
        assert!(taken <= limit + (4 * limit).min(4 * MIB) + 65_536, "{limit}: {taken}");
    }
}
