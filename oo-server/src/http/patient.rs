//! A connection whose client has to take what it is sent.
//!
//! Whoever reads nothing would hold an answer, and a stream's place, for ever. The clock runs while a write waits and
//! begins anew with each byte that is taken, so that a slow client is served to the end; while no write waits there is no
//! timer. When the server stops, the time is short.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Instant, Sleep, sleep};

/// How long a write may still wait once the server stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// What is read and written, `inner`, with a limit for writes that wait.
#[derive(Debug)]
pub struct Patient<T> {
    inner: T,
    patience: Duration,
    stopping: Arc<AtomicBool>,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<T> Patient<T> {
    /// A write to `inner` may wait for `patience`, and less once `stopping`.
    pub fn new(inner: T, patience: Duration, stopping: Arc<AtomicBool>) -> Self {
        Patient { inner, patience, stopping, waiting: None }
    }

    /// What a write came to, unless it waits for too long.
    fn limited<O>(&mut self, cx: &mut Context<'_>, wrote: Poll<Result<O>>) -> Poll<Result<O>> {
        if wrote.is_ready() {
            self.waiting = None;
            return wrote;
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(self.patience)));
        if self.stopping.load(Ordering::Relaxed) {
            let last = Instant::now() + FAREWELL;
            if waiting.deadline() > last {
                waiting.as_mut().reset(last);
            }
        }
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client does not take its answer")))
    }
}

impl<T: Read + Unpin> Read for Patient<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: Write + Unpin> Write for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.limited(cx, wrote)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.limited(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let shut = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.limited(cx, shut)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.limited(cx, wrote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    /// Takes `room` bytes and then none.
    struct Full {
        room: usize,
    }

    impl Write for Full {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
            let taken = buf.len().min(self.room);
            self.room -= taken;
            if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(taken)) }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    async fn write(client: &mut Patient<Full>, bytes: &[u8]) -> Result<usize> {
        poll_fn(|cx| Pin::new(&mut *client).poll_write(cx, bytes)).await
    }

    fn client(room: usize, patience: Duration) -> Patient<Full> {
        Patient::new(Full { room }, patience, Arc::default())
    }

    #[tokio::test]
    async fn a_write_that_waits_for_too_long_fails() {
        let mut client = client(3, Duration::from_millis(20));
        assert_eq!(write(&mut client, b"abc").await.expect("there is room"), 3);
        assert!(client.waiting.is_none(), "no timer while nothing waits");
        assert_eq!(write(&mut client, b"d").await.expect_err("it is full").kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn the_time_begins_anew_with_what_is_taken() {
        let mut client = client(0, Duration::from_secs(600));
        let waits = tokio::time::timeout(Duration::from_millis(20), write(&mut client, b"a")).await;
        assert!(waits.is_err() && client.waiting.is_some());
        client.inner.room = 1;
        assert_eq!(write(&mut client, b"a").await.expect("there is room"), 1);
        assert!(client.waiting.is_none());
    }

    #[tokio::test]
    async fn it_is_short_when_the_server_stops() {
        let mut client = client(0, Duration::from_secs(600));
        let waits = tokio::time::timeout(Duration::from_millis(20), write(&mut client, b"a")).await;
        assert!(waits.is_err());
        client.stopping.store(true, Ordering::Relaxed);
        let gone = tokio::time::timeout(2 * FAREWELL, write(&mut client, b"a")).await.expect("an end in time");
        assert_eq!(gone.expect_err("it is full").kind(), ErrorKind::TimedOut);
    }
}
