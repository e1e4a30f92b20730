//! A connection to the outside that is charged to its job and ends when it falls silent.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use crate::ledger::{Ledger, Spent};

/// The outward end of every connection. All bytes that leave or enter pass here and nowhere else.
#[derive(Debug)]
pub struct Metered {
    stream: TcpStream,
    ledger: Arc<Ledger>,
    idle: Duration,
    last_used: Instant,
    /// Registered once per connection, and moved on only when it rings: reads stay cheap.
    alarm: Pin<Box<Sleep>>,
}

impl Metered {
    pub(crate) fn new(stream: TcpStream, ledger: Arc<Ledger>, idle: Duration) -> Self {
        Self {
            stream,
            ledger,
            idle,
            last_used: Instant::now(),
            alarm: Box::pin(sleep(idle)),
        }
    }

    /// Pending until nothing has moved in either direction for the whole idle time.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            ready!(self.alarm.as_mut().poll(context));
            let due = self.last_used + self.idle;
            if due <= Instant::now() {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.alarm.as_mut().reset(due);
        }
    }

    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
        count: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Pending => self.poll_idle(context).map(Err),
            Poll::Ready(Ok(value)) => {
                self.last_used = Instant::now();
                let charged = self.ledger.charge_up(count(&value));
                Poll::Ready(charged.map(|()| value).map_err(no_bytes_left))
            }
            failed @ Poll::Ready(Err(_)) => failed,
        }
    }
}

fn no_bytes_left(spent: Spent) -> io::Error {
    io::Error::new(io::ErrorKind::QuotaExceeded, spent)
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.ledger.check().map_err(no_bytes_left)?;
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Pending => this.poll_idle(context).map(Err),
            Poll::Ready(Ok(())) => {
                this.last_used = Instant::now();
                let charged = this.ledger.charge_down(buffer.filled().len() - before);
                if charged.is_err() {
                    buffer.set_filled(before);
                }
                Poll::Ready(charged.map_err(no_bytes_left))
            }
            failed @ Poll::Ready(Err(_)) => failed,
        }
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.ledger.check().map_err(no_bytes_left)?;
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(context, outcome, |count| *count)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.ledger.check().map_err(no_bytes_left)?;
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(context, outcome, |count| *count)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// What the connection pool wants to know of a connection: nothing out of the ordinary.
impl Connection for Metered {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
