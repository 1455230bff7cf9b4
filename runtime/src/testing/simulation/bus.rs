//! The bus side of a link. What is said and heard takes its time and is written down.

use std::sync::Arc;

use super::link::Link;
use crate::bus::{
    Audience, BusBackend, BusCapabilities, Form, Interest, Losses, Publication, Received,
    Subscription,
};
use crate::error::Error;
use crate::message::{BoxFuture, Wait};

impl BusBackend for Link {
    fn capabilities(&self) -> &BusCapabilities {
        BusBackend::capabilities(&*self.memory)
    }

    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        Wait::later(async move {
            self.travel().await;
            self.memory.publish(batch).await;
            for publication in batch.iter() {
                self.note_publication(publication);
            }
            self.travel().await;
        })
    }

    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>> {
        Box::pin(async move {
            self.travel().await;
            let inner = self.memory.subscribe(interest, buffer).await?;
            let subscription = LinkedSubscription {
                link: self.clone(),
                inner: Some(inner),
            };
            self.travel().await;
            Ok(Box::new(subscription) as Box<dyn Subscription>)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            if self.is_cut() {
                return Ok(());
            }
            BusBackend::close(&*self.memory).await
        })
    }
}

impl Link {
    fn note_publication(&self, publication: &Publication) {
        let (core, name) = (&self.core, &self.name);
        let (what, subject): (_, &str) = match &publication.to {
            Audience::Everyone { subject, .. } => ("signals", subject),
            Audience::One { subject, .. } => ("calls", subject),
            Audience::Asker { .. } => ("answers", ""),
        };
        core.count(what);
        match &publication.result {
            Some(Ok(reach)) => core.note(format_args!("{name} {what} {subject}: {reach:?}")),
            Some(Err(error)) => {
                let kind = error.kind();
                core.note(format_args!("{name} {what} {subject}: {kind:?}"));
            }
            None => core.note(format_args!("{name} {what} {subject}: no result")),
        }
    }
}

/// A subscription of a process.
#[derive(Debug)]
struct LinkedSubscription {
    link: Link,
    /// None once it was dropped.
    inner: Option<Box<dyn Subscription>>,
}

impl LinkedSubscription {
    fn inner(&self) -> &dyn Subscription {
        let inner = self.inner.as_deref();
        inner.expect("it is taken when it is dropped, and not before")
    }
}

impl Subscription for LinkedSubscription {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Received>,
    ) -> Wait<'a, Result<(), Error>> {
        let (link, inner) = (&self.link, self.inner());
        Wait::later(async move {
            link.travel().await;
            let before = into.len();
            let result = inner.next(limit, into).await;
            for received in &into[before..] {
                note_received(link, received);
            }
            // What stands in `into` counts as received, whether the wait goes on or not.
            link.travel().await;
            result
        })
    }

    fn stop(&self) {
        self.inner().stop();
    }

    fn lost(&self) -> Losses {
        self.inner().lost()
    }

    fn is_attached(&self) -> bool {
        self.inner().is_attached()
    }
}

fn note_received(link: &Link, received: &Received) {
    let (core, name, id) = (&link.core, &link.name, &received.message.id);
    match &received.form {
        Form::Signal { subject, .. } | Form::Call { subject, .. } => {
            core.note(format_args!("{name} hears {subject} {id}"));
        }
        Form::Answer { number, answer } => {
            core.note(format_args!("{name} hears answer {answer:?} to {number}"));
        }
    }
}

impl Drop for LinkedSubscription {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take()
            && self.link.is_cut()
        {
            self.link.core.bury_half_open(inner);
        }
    }
}

/// Both sides of a link, as a run takes them.
pub(super) fn backends(link: &Link) -> crate::connect::Backends {
    let link = Arc::new(link.clone());
    crate::connect::Backends::given(Arc::clone(&link) as _, link)
}
