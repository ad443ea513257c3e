//! What is measured within a process: the endpoint and its parts, each beside what is written by hand.

use std::{
    cell::RefCell,
    fmt,
    hint::black_box,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde::de::DeserializeOwned;
use tencent_im_callback::group;

use crate::{
    hand, ours, plain,
    request::{self, Service, own_second},
    settings::Settings,
    waiting::Other,
};

/// Work that is prepared one by one, so that running it does nothing but what is measured.
///
/// To prepare much of it beforehand would measure the allocator: it gives back a few pieces at no cost,
/// as a server does, and many only with searching.
pub struct Prepared {
    next: Box<dyn FnMut()>,
    run: Box<dyn FnMut()>,
}

impl Prepared {
    fn new(next: impl FnMut() + 'static, run: impl FnMut() + 'static) -> Self {
        Self { next: Box::new(next), run: Box::new(run) }
    }

    /// Prepares the next.
    pub fn next(&mut self) {
        (self.next)();
    }

    /// Does what was prepared last and is not done yet.
    pub fn run(&mut self) {
        (self.run)();
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared(..)")
    }
}

/// Whose code is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The library's.
    Ours,
    /// What a careful user writes.
    Hand,
}

impl Side {
    /// Both, in the order in which they are shown.
    pub const BOTH: [Self; 2] = [Self::Ours, Self::Hand];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Hand => "hand",
        }
    }
}

/// Something that both sides can do.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name, as a word.
    pub name: &'static str,
    /// What it is, for tables.
    pub what: &'static str,
    /// So many times take about a tenth of a millisecond.
    pub times: u32,
    work: Work,
}

#[derive(Clone, Copy)]
enum Work {
    /// A request through the whole endpoint, without HTTP.
    Handle { command: &'static str, body: fn() -> Bytes, signed: Signed, status: StatusCode },
    /// A body into its event, without anything else.
    Parse(fn(Side) -> Prepared),
}

#[derive(Clone, Copy, PartialEq)]
enum Signed {
    /// At a second that no other request of the run has.
    OwnSecond,
    /// With another token.
    Wrongly,
}

/// All cases.
pub const CASES: &[Case] = &[
    handle("small", "smallest callback", 256, request::SMALL, request::small),
    handle("refused", "refused with an own code and a text", 256, request::SMALL, request::small_refused),
    Case {
        work: Work::Handle {
            command: request::SMALL,
            body: request::small,
            signed: Signed::Wrongly,
            status: StatusCode::UNAUTHORIZED,
        },
        ..handle("forged", "signed with another token", 256, request::SMALL, request::small)
    },
    handle("message", "message of 12 KB", 32, "Group.CallbackBeforeSendMsg", request::message),
    handle("members-600", "list of 600 members", 8, "Group.CallbackAfterGroupDestroyed", || request::members(600)),
    handle("members-6000", "list of 6,000 members", 1, "Group.CallbackAfterGroupDestroyed", || request::members(6_000)),
    handle("pushes", "batch of 100 push events", 8, "Push.OfflinePush", || request::pushes().unwrap_or_default()),
    parse("parse-small", "parse of the smallest body", 1_024, |side| {
        either::<group::BeforeCreateTopic, plain::BeforeCreateTopic>(side, request::small())
    }),
    parse("parse-message", "parse of a message of 12 KB", 64, |side| {
        either::<group::BeforeSendMsg, plain::BeforeSendMsg>(side, request::message())
    }),
    parse("parse-members-6000", "parse of a list of 6,000 members", 1, |side| {
        either::<group::AfterGroupDestroyed, plain::AfterGroupDestroyed>(side, request::members(6_000))
    }),
];

/// All cases for which the library has the callback.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(|case| match case.work {
        Work::Handle { command, .. } => tencent_im_callback::Callback::find(command).is_some(),
        Work::Parse(_) => true,
    })
}

const fn handle(
    name: &'static str,
    what: &'static str,
    times: u32,
    command: &'static str,
    body: fn() -> Bytes,
) -> Case {
    let work = Work::Handle { command, body, signed: Signed::OwnSecond, status: StatusCode::OK };
    Case { name, what, times, work }
}

const fn parse(name: &'static str, what: &'static str, times: u32, run: fn(Side) -> Prepared) -> Case {
    Case { name, what, times, work: Work::Parse(run) }
}

impl Case {
    /// The case of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        cases().find(|case| case.name == name)
    }

    /// Gets it ready, and does it once.
    ///
    /// # Panics
    /// When that does not come out as it should.
    #[must_use]
    pub fn prepare(&self, side: Side) -> Prepared {
        match self.work {
            Work::Handle { command, body, signed, status } => handling(side, command, body(), signed, status),
            Work::Parse(parsing) => parsing(side),
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Settings under which the signatures of a whole run are fresh.
#[must_use]
pub fn settings() -> Settings {
    Settings { max_age: Duration::from_secs(24 * 60 * 60), ..Settings::default() }
}

fn handling(side: Side, command: &'static str, body: Bytes, signed: Signed, status: StatusCode) -> Prepared {
    let settings = settings();
    let service = match signed {
        Signed::Wrongly => Service::new(&Settings { token: "another token".to_owned(), ..settings.clone() }),
        Signed::OwnSecond => Service::new(&settings),
    };
    let mut index = 0;
    let mut request = move || {
        index += 1;
        let signed_at = own_second(index);
        // A body of its own each: what is shared is given back without freeing anything.
        service.request(command, Bytes::copy_from_slice(&body), signed_at)
    };
    let first = request();
    let requests: Rc<RefCell<Vec<Request<Bytes>>>> = Rc::default();
    let taken = Rc::clone(&requests);
    let next = move || requests.borrow_mut().push(request());
    let take = move || taken.borrow_mut().pop().expect("one was prepared");
    match side {
        Side::Ours => {
            let endpoint = ours::endpoint(&settings).expect("the settings can work");
            assert_eq!(at_once(endpoint.handle(first)).status(), status, "{command}");
            Prepared::new(next, move || drop(black_box(at_once(endpoint.handle(take())))))
        }
        Side::Hand => {
            let app = hand::App::new(&settings, Other::default());
            let answer = async move |request: Request<Bytes>| {
                let (parts, body) = request.into_parts();
                hand::respond(&app, parts, body).await
            };
            assert_eq!(at_once(answer(first)).status(), status, "{command} by hand");
            Prepared::new(next, move || drop(black_box(at_once(answer(take())))))
        }
    }
}

fn either<O: DeserializeOwned + 'static, H: DeserializeOwned + 'static>(side: Side, body: Bytes) -> Prepared {
    match side {
        Side::Ours => parsing::<O>(body),
        Side::Hand => parsing::<H>(body),
    }
}

fn parsing<T: DeserializeOwned + 'static>(body: Bytes) -> Prepared {
    let text = String::from_utf8(body.into()).expect("bodies are UTF-8");
    if let Err(error) = serde_json::from_str::<T>(&text) {
        panic!("a body that cannot be read: {error}");
    }
    Prepared::new(|| (), move || drop(black_box(serde_json::from_str::<T>(black_box(&text)))))
}

/// The output of a future that does not have to wait.
///
/// # Panics
/// When it has to.
pub fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here has to wait"),
    }
}
