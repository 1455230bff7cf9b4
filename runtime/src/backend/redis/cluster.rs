//! A cluster: which server has which slots, a connection to each that is needed, and the way of each command to its server.
//! A slot that has moved is followed. Knows no queues.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::redis::{Cmd, Pipeline, PushInfo, ServerError, Value, cmd};

use super::answer::read;
use super::fault::{checked, lost};
use super::node::Node;
use super::open::{Opened, open, open_listening};
use super::place::Place;
use super::scripts::Digests;
use super::slot;
use crate::connect::socket::Endpoint;
use crate::connect::waits::Waits;
use crate::error::{Error, ErrorKind};
use crate::random::random;

/// How long the server may take to say who has which slots.
const ANSWER: Duration = Duration::from_secs(2);
/// How long a connection to one more server may take to come about.
const CONNECT: Duration = Duration::from_secs(4);
/// How often a command is sent elsewhere before it fails: slots move one after the other.
const REDIRECTIONS: usize = 5;

/// The servers of a cluster.
pub(super) struct Cluster {
    place: Place,
    /// The same on every server, since they are those of the scripts' texts.
    digests: Digests,
    known: Mutex<Known>,
    /// Makes connections one at a time.
    making: tokio::sync::Mutex<()>,
    closed: AtomicBool,
}

#[derive(Default)]
struct Known {
    /// First and last slot, and who has them.
    slots: Vec<(u16, u16, Endpoint)>,
    nodes: BTreeMap<Endpoint, Arc<Node>>,
}

/// A command, and its place among those that were sent with it.
type Placed = (usize, Cmd);

impl Cluster {
    /// Connects to one server of those that the DSN names, and asks it for the others.
    pub(super) async fn connect(place: Place) -> Result<Self, Error> {
        let mut waits = Waits::new(Some(place.connect_timeout));
        let (slots, digests) = loop {
            let error = match first_questions(&place).await {
                Ok(answers) => break answers,
                Err(error) if error.kind() == ErrorKind::Config => return Err(error),
                Err(error) => error,
            };
            tracing::debug!(%error, "the cluster is not there yet");
            if !waits.next().await {
                return Err(error);
            }
        };
        Ok(Self {
            place,
            digests,
            known: Mutex::new(Known {
                slots,
                nodes: BTreeMap::new(),
            }),
            making: tokio::sync::Mutex::default(),
            closed: AtomicBool::new(false),
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who has this slot; for none, anyone.
    fn endpoint(&self, slot: Option<u16>) -> Result<Endpoint, Error> {
        let slot = slot.unwrap_or_else(|| slot::of_key(&random().to_be_bytes()));
        let known = self.known();
        let mut slots = known.slots.iter();
        let found = slots.find(|(first, last, _)| (*first..=*last).contains(&slot));
        found.map(|(.., endpoint)| endpoint.clone()).ok_or_else(|| {
            let message = format!("no server of `{}` has slot {slot}", self.place);
            Error::new(ErrorKind::Unavailable, message)
        })
    }

    /// The connection to this server.
    async fn node(&self, endpoint: &Endpoint) -> Result<Arc<Node>, Error> {
        let _making = self.making.lock().await;
        self.check_open()?;
        if let Some(node) = self.known().nodes.get(endpoint) {
            return Ok(Arc::clone(node));
        }
        let mut place = self.place.at(endpoint.clone());
        place.connect_timeout = CONNECT;
        let node = Arc::new(Node::connect(place).await?);
        let mut known = self.known();
        known.nodes.insert(endpoint.clone(), Arc::clone(&node));
        Ok(node)
    }

    /// Asks who has which slots by now, and forgets the servers that have none.
    async fn learn(&self) {
        let mut whom: Vec<Endpoint> = self.known().slots.iter().map(|it| it.2.clone()).collect();
        whom.extend(self.place.seeds().iter().cloned());
        for endpoint in whom {
            match slots_of(&self.place.at(endpoint.clone()), &endpoint).await {
                Ok(slots) => {
                    let mut known = self.known();
                    known
                        .nodes
                        .retain(|it, _| slots.iter().any(|(.., had)| had == it));
                    known.slots = slots;
                    return;
                }
                Err(error) => {
                    tracing::debug!(%endpoint, %error, "a server of the cluster is away");
                }
            }
        }
    }

    pub(super) async fn dedicated(&self, key: &str, answer: Duration) -> Result<Opened, Error> {
        let endpoint = self.endpoint(Some(slot::of_key(key.as_bytes())))?;
        let opened = open(&self.place.at(endpoint), answer).await;
        if opened.is_err() {
            self.learn().await;
        }
        opened
    }

    pub(super) async fn listening(
        &self,
        heard: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<Opened, Error> {
        self.check_open()?;
        let endpoint = self.endpoint(None)?;
        let opened = open_listening(&self.place.at(endpoint), CONNECT, heard).await;
        if opened.is_err() {
            self.learn().await;
        }
        opened
    }

    /// Sends commands to the server that has this key, whatever they are about.
    pub(super) async fn run_at(&self, key: &str, commands: Pipeline) -> Result<Vec<Value>, Error> {
        let endpoint = self.endpoint(Some(slot::of_key(key.as_bytes())))?;
        self.node(&endpoint).await?.run(|_| commands).await
    }

    pub(super) async fn run(
        &self,
        commands: impl FnOnce(&Digests) -> Pipeline,
    ) -> Result<Vec<Value>, Error> {
        self.spread(commands(&self.digests), false).await
    }

    pub(super) async fn run_kept(
        &self,
        commands: impl FnOnce(&Digests) -> Pipeline,
    ) -> Result<Vec<Value>, Error> {
        self.spread(commands(&self.digests), true).await
    }

    /// Sends each command to the server that has its slot, and those again that are told of another.
    async fn spread(&self, pipeline: Pipeline, kept: bool) -> Result<Vec<Value>, Error> {
        self.check_open()?;
        let mut left: Vec<Placed> = pipeline.cmd_iter().cloned().enumerate().collect();
        let mut answers = vec![Value::Nil; left.len()];
        let mut sent_some = false;
        for _ in 0..REDIRECTIONS {
            for (endpoint, group) in self.by_server(std::mem::take(&mut left))? {
                let answered = self.run_group(&endpoint, &group, kept).await;
                let answered = match answered {
                    Ok(answered) => answered,
                    Err(error) => {
                        self.learn().await;
                        return Err(unsure(error, sent_some));
                    }
                };
                sent_some = true;
                for ((number, command), answer) in group.into_iter().zip(answered) {
                    match redirection(&answer) {
                        Some("MOVED") => left.push((number, command)),
                        Some(_) => answers[number] = self.ask_elsewhere(command, &answer).await?,
                        None => answers[number] = answer,
                    }
                }
            }
            if left.is_empty() {
                return Ok(answers);
            }
            self.learn().await;
        }
        let message = format!("slots of `{}` move all the time", self.place);
        Err(unsure(
            Error::new(ErrorKind::Unavailable, message),
            answers.len() > left.len(),
        ))
    }

    fn by_server(&self, commands: Vec<Placed>) -> Result<BTreeMap<Endpoint, Vec<Placed>>, Error> {
        let mut groups = BTreeMap::<_, Vec<Placed>>::new();
        for (number, command) in commands {
            let endpoint = self.endpoint(slot::of_command(&command))?;
            groups.entry(endpoint).or_default().push((number, command));
        }
        Ok(groups)
    }

    async fn run_group(
        &self,
        endpoint: &Endpoint,
        group: &[Placed],
        kept: bool,
    ) -> Result<Vec<Value>, Error> {
        let node = self.node(endpoint).await?;
        let commands = |_: &Digests| {
            let mut pipeline = Pipeline::with_capacity(group.len());
            for (_, command) in group {
                pipeline.add_command(command.clone());
            }
            pipeline
        };
        if kept {
            node.run_kept(commands).await
        } else {
            node.run(commands).await
        }
    }

    /// Follows a slot that is on its way, for this command alone.
    async fn ask_elsewhere(&self, command: Cmd, answer: &Value) -> Result<Value, Error> {
        let Some(endpoint) = target(answer) else {
            return Ok(answer.clone());
        };
        let mut pipeline = Pipeline::with_capacity(2);
        pipeline.add_command(cmd("ASKING")).add_command(command);
        let answers = self.node(&endpoint).await?.run(|_| pipeline).await?;
        Ok(answers.into_iter().nth(1).unwrap_or(Value::Nil))
    }

    pub(super) fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "redis has been closed"));
        }
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let nodes = std::mem::take(&mut self.known().nodes);
        for node in nodes.values() {
            node.close().await;
        }
    }
}

/// What is not known of a batch whose first part was sent is whether all was.
fn unsure(error: Error, sent_some: bool) -> Error {
    if sent_some && error.kind() == ErrorKind::Unavailable {
        return Error::new(ErrorKind::Timeout, error.message());
    }
    error
}

/// `MOVED` or `ASK`, where the server says that another one has the slot.
fn redirection(answer: &Value) -> Option<&str> {
    match answer {
        Value::ServerError(error) if matches!(error.code(), "MOVED" | "ASK") => Some(error.code()),
        _ => None,
    }
}

/// The other one: `ASK 3999 127.0.0.1:6381`.
fn target(answer: &Value) -> Option<Endpoint> {
    let Value::ServerError(error) = answer else {
        return None;
    };
    let (name, port) = ServerError::details(error)?
        .split_once(' ')?
        .1
        .rsplit_once(':')?;
    Some(Endpoint::Tcp {
        name: name.trim_matches(['[', ']']).into(),
        port: port.parse().ok()?,
    })
}

/// Who has which slots, and the digests of the scripts, from the first server of the DSN that answers.
async fn first_questions(place: &Place) -> Result<(Vec<(u16, u16, Endpoint)>, Digests), Error> {
    let mut last = None;
    for seed in place.seeds() {
        let at = place.at(seed.clone());
        let asked = async {
            let slots = slots_of(&at, seed).await?;
            Ok((slots, Node::digests(&at).await?))
        };
        match asked.await {
            Ok(answers) => return Ok(answers),
            Err(error) => last = Some(error),
        }
    }
    Err(last.expect("the place of a cluster names at least one server"))
}

/// Who has which slots, as this server says.
async fn slots_of(place: &Place, asked: &Endpoint) -> Result<Vec<(u16, u16, Endpoint)>, Error> {
    let mut opened = open(place, ANSWER).await?;
    let mut question = cmd("CLUSTER");
    question.arg("SLOTS");
    let answer = opened.send_packed_command(&question).await;
    let answer = checked(answer.map_err(|it| lost(&it))?).map_err(|error| {
        let message = format!("`{place}` is in no cluster: {}", error.message());
        Error::new(ErrorKind::Config, message)
    })?;
    let ranges: Vec<(u16, u16, Value)> = read::<Vec<Vec<Value>>>(answer)?
        .into_iter()
        .filter_map(|it| {
            let mut facts = it.into_iter();
            let first = read(facts.next()?).ok()?;
            Some((first, read(facts.next()?).ok()?, facts.next()?))
        })
        .collect();
    let mut slots = Vec::with_capacity(ranges.len());
    for (first, last, leader) in ranges {
        let facts: Vec<Value> = read(leader)?;
        let [name, port, ..] = &facts[..] else {
            continue;
        };
        let (name, port): (Option<String>, u16) = (read(name.clone())?, read(port.clone())?);
        let endpoint = match (name.filter(|it| !it.is_empty()), asked) {
            (Some(name), _) => Endpoint::Tcp {
                name: name.into(),
                port,
            },
            // It is where it was asked.
            (None, Endpoint::Tcp { name, .. }) => Endpoint::Tcp {
                name: name.clone(),
                port,
            },
            (None, Endpoint::Path(_)) => continue,
        };
        slots.push((first, last, endpoint));
    }
    if slots.is_empty() {
        let message = format!("no server of `{place}` has slots yet");
        return Err(Error::new(ErrorKind::Unavailable, message));
    }
    Ok(slots)
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
