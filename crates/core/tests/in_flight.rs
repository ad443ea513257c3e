//! The bound on callbacks in flight, and waiting for their end, with many threads at once.

use std::{
    future::pending,
    pin::{Pin, pin},
    sync::Barrier,
    task::{Context as TaskContext, Poll, Waker},
    thread,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Result, UnknownAnswer, async_trait};

const LIMIT: usize = 203;
const THREADS: usize = 8;

/// Does not end by itself.
struct Waits;

#[async_trait]
impl CallbackHandler for Waits {
    async fn unknown(&self, _: &Context) -> Result<UnknownAnswer> {
        pending().await
    }
}

type Answer = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

fn endpoint(limit: usize) -> Endpoint {
    Endpoint::builder(Waits).unverified_app(1).in_flight_limit(limit).build().unwrap()
}

/// Calls the endpoint so often: those that wait are given back, all others must have been refused.
fn call(endpoint: &Endpoint, times: usize) -> Vec<Answer> {
    let mut waiting = Vec::new();
    for _ in 0..times {
        let request = Request::post("/?SdkAppid=1&CallbackCommand=X.Y").body(Bytes::from_static(b"{}")).unwrap();
        let mut answer: Answer = Box::pin(endpoint.handle(request));
        match answer.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Pending => waiting.push(answer),
            Poll::Ready(response) => assert_eq!(response.status(), 503),
        }
    }
    waiting
}

/// All threads call it at the same time.
fn call_from_all(endpoint: &Endpoint, times: usize) -> Vec<Vec<Answer>> {
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        let begin = || {
            start.wait();
            call(endpoint, times)
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(begin)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn as_many_get_in_as_the_limit_says_however_many_threads_they_come_from() {
    for limit in [1, 31, 64, LIMIT, 10_000] {
        let endpoint = endpoint(limit);
        let times = limit.min(200) + 1;
        let waiting = call_from_all(&endpoint, times);
        let got_in: usize = waiting.iter().map(Vec::len).sum();
        assert_eq!(got_in, limit.min(times * THREADS), "of {limit}");
        assert_eq!(endpoint.in_flight(), got_in);
    }
}

#[test]
fn one_thread_may_have_all_places_even_if_others_had_them_before() {
    let endpoint = endpoint(LIMIT);
    for _ in 0..3 {
        // Given back on this thread, wherever they were taken.
        drop(call_from_all(&endpoint, LIMIT));
        assert_eq!(endpoint.in_flight(), 0);
        let waiting = call(&endpoint, LIMIT + 5);
        assert_eq!((waiting.len(), endpoint.in_flight()), (LIMIT, LIMIT));
    }
}

#[test]
fn places_are_neither_lost_nor_made_when_threads_take_them_from_each_other() {
    let endpoint = endpoint(LIMIT);
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (endpoint, start) = (&endpoint, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..50 {
                    let waiting = call(endpoint, (thread * 31 + round * 17) % LIMIT);
                    assert!(endpoint.in_flight() <= LIMIT);
                    drop(waiting);
                }
            });
        }
    });
    assert_eq!(endpoint.in_flight(), 0);
    assert_eq!(call(&endpoint, LIMIT + 1).len(), LIMIT);
}

#[tokio::test]
async fn drain_waits_for_the_callbacks_of_all_threads() {
    let endpoint = endpoint(LIMIT);
    let waiting = call_from_all(&endpoint, 5);
    let mut drain = pin!(endpoint.drain());
    for of_a_thread in waiting {
        let still_waits = tokio::time::timeout(Duration::from_millis(1), drain.as_mut()).await.is_err();
        assert!(still_waits, "{} are in flight", endpoint.in_flight());
        thread::spawn(move || drop(of_a_thread)).join().unwrap();
    }
    tokio::time::timeout(Duration::from_secs(10), drain).await.expect("none is in flight any more");
}

#[tokio::test]
async fn drain_is_woken_by_the_last_to_leave() {
    for _ in 0..200 {
        let endpoint = endpoint(LIMIT);
        let waiting = call_from_all(&endpoint, 1);
        let leaving = thread::spawn(move || waiting.into_iter().for_each(drop));
        tokio::time::timeout(Duration::from_secs(10), endpoint.drain())
            .await
            .expect("the end of the last one is noticed");
        leaving.join().unwrap();
    }
}
