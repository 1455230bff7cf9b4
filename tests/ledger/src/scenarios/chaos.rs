//! Everything that can go wrong does, by a seed: processes and servers die and freeze, connections are cut, go silent, stall
//! and drag.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Result;
use crate::process::Process;
use crate::proxy::{Proxy, Side};
use crate::report::Report;
use crate::stage::Stage;

const RATE: u64 = 50;
/// Consumers that share the queue.
const WORKERS: usize = 2;

/// What a seed makes of itself, number by number: `SplitMix64`, by Steele, Lea and Flood.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (it ^ (it >> 31)) % end
    }

    fn milliseconds(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.below(most))
    }
}

/// What there is to break.
struct Scene {
    stage: Stage,
    proxy: Proxy,
    workers: Vec<Process>,
    chance: Chance,
}

pub(super) async fn run(stage: Stage) -> Result<Report> {
    let duration = stage.of(Duration::from_secs(20), Duration::from_mins(30));
    let mut scene = Scene::open(stage).await?;
    let (count, rate) = (RATE * duration.as_secs(), RATE.to_string());
    let options = [
        ("count", &*count.to_string()),
        ("rate", &rate),
        ("insist", ""),
        ("hold", "20"),
    ];
    let sender = scene.stage.start("send", &options)?;
    let begun = Instant::now();
    let mut faults = 0;
    while begun.elapsed() < duration {
        sleep(scene.chance.milliseconds(3_000)).await;
        scene.strike().await?;
        faults += 1;
    }
    let Scene {
        stage,
        proxy,
        workers,
        ..
    } = &mut scene;
    proxy.delay(Duration::ZERO);
    let limit = Duration::from_mins(1);
    let sent = sender.end(stage.patience(limit)).await.is_ok();
    let mut report = stage.settle(stage.lease() * 4 + limit).await?;
    let alive = workers.iter_mut().all(|it| matches!(it.ended(), Ok(None)));
    let settled = report.account.is_settled();
    report
        .fact("seed", stage.seed)
        .fact("faults", faults)
        .check_nothing_lost()
        .check("all sent in the end", sent)
        .check("all processed in the end", settled)
        .check("no process gave up", alive);
    Ok(report)
}

impl Scene {
    async fn open(mut stage: Stage) -> Result<Self> {
        stage.server.start().await?;
        let proxy = stage.proxy().await?;
        let mut workers = Vec::new();
        for _ in 0..WORKERS {
            workers.push(stage.start("work", &[])?);
        }
        let chance = Chance(stage.seed);
        Ok(Self {
            stage,
            proxy,
            workers,
            chance,
        })
    }

    /// One thing goes wrong, and is over when this comes back, but for what it did.
    async fn strike(&mut self) -> Result<()> {
        let which = usize::try_from(self.chance.below(WORKERS as u64))?;
        let long = self.chance.milliseconds(6_000);
        match self.chance.below(8) {
            0 => {
                let fresh = self.stage.start("work", &[])?;
                std::mem::replace(&mut self.workers[which], fresh).kill()?;
            }
            1 => {
                self.workers[which].signal("STOP")?;
                sleep(long).await;
                self.workers[which].signal("CONT")?;
            }
            2 => {
                self.stage.server.kill()?;
                sleep(long / 3).await;
                self.stage.server.start().await?;
            }
            3 => self.proxy.cut(),
            4 => self.proxy.silence(),
            5 => {
                self.proxy.refuse(true);
                self.proxy.cut();
                sleep(long / 2).await;
                self.proxy.refuse(false);
            }
            6 => {
                let side = if self.chance.below(2) == 0 {
                    Side::Client
                } else {
                    Side::Server
                };
                self.proxy.stall(side, true);
                sleep(long).await;
                self.proxy.stall(side, false);
            }
            _ => self.proxy.delay(self.chance.milliseconds(40)),
        }
        Ok(())
    }
}
