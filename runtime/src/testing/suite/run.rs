//! Runs cases side by side: each on a thread and a runtime of its own, so that a case that panics or blocks is alone with it,
//! and waits of many cases overlap. Knows nothing of what they do.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::ability::{Ability, Offer};
use super::case::Case;
use super::cases;
use super::equipment::Scene;
use super::place::Place;
use super::report::{Outcome, Ran, Report};
use crate::error::{Error, ErrorKind};
use crate::testing::simulation::text_of;

/// Cases at once where they mostly wait, for a server or for time.
const AT_ONCE: usize = 16;
/// No case takes longer, in its own time.
const LONGEST: Duration = Duration::from_mins(2);
const LONGEST_IN_FULL: Duration = Duration::from_mins(30);
/// What tasks that a case left behind may take to end.
const GONE: Duration = Duration::from_millis(100);

/// The suite for one backend.
pub struct Suite {
    make: Box<dyn Fn() -> Arc<dyn Place> + Send + Sync>,
    paused: bool,
    full: bool,
    pub(super) table: Option<PathBuf>,
}

impl Suite {
    /// Runs in real time, each case in a place that this makes.
    pub fn new<P: Place>(make: impl Fn() -> P + Send + Sync + 'static) -> Self {
        Self {
            make: Box::new(move || Arc::new(make())),
            paused: false,
            full: false,
            table: None,
        }
    }

    /// Time is tokio's and paused: waits take none, and nothing depends on how fast the machine is. For what lives in this
    /// process and reads no other clock.
    #[must_use]
    pub fn in_paused_time(mut self) -> Self {
        self.paused = true;
        self
    }

    /// Takes the full counts, as many thousands as Watermill does, instead of the quick ones.
    #[must_use]
    pub fn in_full(mut self) -> Self {
        self.full = true;
        self
    }

    /// A markdown file whose table has a column for this backend, made from what passed. [`main`](Self::main) fails where they
    /// differ, unless only some cases were asked for; with `UPDATE=1` in the environment it writes the column instead.
    #[must_use]
    pub fn table(mut self, path: impl Into<PathBuf>) -> Self {
        self.table = Some(path.into());
        self
    }

    /// All cases there are, whatever a backend offers.
    pub fn cases() -> impl Iterator<Item = &'static Case> {
        cases::GROUPS.iter().copied().flatten()
    }

    /// Runs the cases that are wanted and waits for all; `told` hears of each when it has ended.
    pub fn run(&self, wanted: impl Fn(&Case) -> bool, told: impl Fn(&Ran) + Sync) -> Report {
        let cases: Vec<_> = Self::cases().filter(|it| wanted(it)).collect();
        let began = Instant::now();
        let (next, ran) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let one = self.run_alone(case);
                told(&one);
                let mut ran = ran.lock().unwrap_or_else(PoisonError::into_inner);
                ran.push(one);
            }
        };
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(work);
            }
        });
        let mut ran = ran.into_inner().unwrap_or_else(PoisonError::into_inner);
        ran.sort_by_key(|one: &Ran| cases.iter().position(|it| it.name == one.case.name));
        Report {
            backend: self.backend(),
            ran,
            took: began.elapsed(),
        }
    }

    /// On a thread that is called like the case, as a panic tells.
    fn run_alone(&self, case: &'static Case) -> Ran {
        let began = Instant::now();
        let outcome = thread::scope(|scope| {
            let named = thread::Builder::new().name(case.name.to_owned());
            let running = named.spawn_scoped(scope, || self.in_runtime(|| self.outcome_of(case)));
            match running.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(panic)) => Outcome::Failed(text_of(&*panic)),
                Err(error) => Outcome::Failed(format!("no thread: {error}")),
            }
        });
        Ran {
            case,
            outcome,
            took: began.elapsed(),
        }
    }

    fn in_runtime<F: Future>(&self, body: impl FnOnce() -> F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(self.paused)
            .build()
            .expect("a runtime of one thread can be made");
        let output = runtime.block_on(async { body().await });
        runtime.shutdown_timeout(GONE);
        output
    }

    async fn outcome_of(&self, case: &Case) -> Outcome {
        let scene = Scene::new((self.make)(), self.full);
        let offer = match offer(&scene).await {
            Ok(offer) => offer,
            Err(error) => return Outcome::Failed(format!("connecting: {error}")),
        };
        if let Some(lacking) = case.needs.iter().find(|it| !it.is_in(&offer)) {
            refuses(&scene, &offer, *lacking).await;
            return Outcome::NotOffered(*lacking);
        }
        let longest = if self.full { LONGEST_IN_FULL } else { LONGEST };
        match tokio::time::timeout(longest, (case.run)(&scene)).await {
            Ok(()) => Outcome::Passed,
            Err(_) => Outcome::Failed(format!("it did not end within {longest:?}")),
        }
    }

    fn backend(&self) -> String {
        let asked = self.in_runtime(|| async { offer(&Scene::new((self.make)(), false)).await });
        Report::name_of(&asked.unwrap_or_default())
    }
}

/// What a place says that it has.
async fn offer(scene: &Scene) -> Result<Offer, Error> {
    let place = scene.place();
    let broker = or_none(place.broker().await)?;
    let bus = or_none(place.bus().await)?;
    Ok(Offer {
        inspect: broker.as_ref().is_some_and(|it| it.inspect().is_some()),
        broker: broker.map(|it| it.capabilities().clone()),
        bus: bus.map(|it| it.capabilities().clone()),
        switch: place.switch().is_some(),
    })
}

fn or_none<T>(connected: Result<T, Error>) -> Result<Option<T>, Error> {
    match connected {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
        connected => connected.map(Some),
    }
}

/// What a backend lacks it refuses, by name; nothing of the declaration is there afterwards.
async fn refuses(scene: &Scene, offer: &Offer, lacking: Ability) {
    let Some((topology, name)) = offer.broker.as_ref().and_then(|it| lacking.asked_for(it)) else {
        return;
    };
    let broker = scene.broker().await;
    let Err(error) = broker.declare(&topology).await else {
        panic!("it lacks {lacking}, and takes a declaration that asks for it")
    };
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.message().contains(name), "no `{name}` in: {error}");
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("paused", &self.paused)
            .field("full", &self.full)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
