//! Waiting for a body that comes a moment after its head.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use tokio::{runtime::Handle, sync::Notify};

/// The requests of a worker that wait for their second turn.
///
/// actix-web polls a request before it looks at what has come behind the head, and again when it has looked. Whoever
/// asks to be woken for that makes it go over the whole connection once more when the answer is out, which takes as long
/// as all that the endpoint does. But something may stand between that polls only what was woken. So those
/// who have not had their turn are woken all together, when the worker is done with what it has in hand.
#[derive(Debug, Default)]
pub(crate) struct Turns(Arc<Second>);

#[derive(Debug, Default)]
struct Second {
    turn: Notify,
    /// Somebody has been told to give it.
    is_due: AtomicBool,
}

impl Turns {
    /// What becomes of `future`, which wakes nobody before its second turn.
    pub(crate) async fn of<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        self.second().await;
        future.await
    }

    /// Ready when it is polled again.
    async fn second(&self) {
        let mut turn = pin!(self.0.turn.notified());
        let mut is_second = false;
        let poll = |cx: &mut Context<'_>| {
            if is_second || turn.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            is_second = true;
            self.wake_soon();
            Poll::Pending
        };
        poll_fn(poll).await;
    }

    fn wake_soon(&self) {
        if self.0.is_due.swap(true, Ordering::SeqCst) {
            return;
        }
        let due = Due(Arc::clone(&self.0));
        // Without a runtime there is no later: it is dropped here.
        if let Ok(worker) = Handle::try_current() {
            worker.spawn(async move { drop(due) });
        }
    }
}

/// Gives all who wait their turn when it is dropped: by the task that has it, or with that task.
struct Due(Arc<Second>);

impl Drop for Due {
    fn drop(&mut self) {
        // In this order: who comes between the two is woken, and has it done again.
        self.0.is_due.store(false, Ordering::SeqCst);
        self.0.turn.notify_waiters();
    }
}
