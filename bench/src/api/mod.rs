//! The API under load: what its reads take against the same way of serving with nothing behind it
//! and against nginx, and what they take while others sign in without pause.

pub(crate) mod constants;
mod contender;
mod figures;
mod load;
mod nginx;
mod plot;
mod product;
mod route;
pub(crate) mod sign_ins;
mod storm;
mod tables;

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;
use platen_tests::Answer;

use self::{
    contender::{Contenders, Name},
    figures::{Figures, Round},
    load::Load,
    product::{Product, Size},
    route::Route,
    sign_ins::{Order, SignIns},
    storm::Storm,
    tables::Tables,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Files of the user who reads; at least a page of the list.
    #[arg(long, default_value_t = 300)]
    files: usize,
    /// KiB of the PDF that is downloaded.
    #[arg(long, default_value_t = 100)]
    pdf: usize,
    /// Connections, one setting each.
    #[arg(long, value_delimiter = ',', default_value = "1,8,32,128")]
    connections: Vec<usize>,
    /// Sign-ins that are begun in a second while others read, one storm each.
    #[arg(long, value_delimiter = ',', default_value = "200,1000")]
    storms: Vec<u32>,
    /// Rounds of each in each setting.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Of a round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Of a round of a storm, and of one without.
    #[arg(long, default_value_t = 20)]
    storm_seconds: u64,
    /// Where the tables are written, and beside them the plot.
    #[arg(long, default_value = "results/api.md")]
    out: PathBuf,
}

/// What is measured in a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Read(Route),
    SignIn,
}

impl Asked {
    fn as_str(self) -> &'static str {
        match self {
            Self::Read(route) => route.as_str(),
            Self::SignIn => "sign-in",
        }
    }
}

/// What came of one contender in one setting.
struct Outcome {
    asked: Asked,
    connections: usize,
    name: Name,
    figures: Figures,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let people = options.connections.iter().chain([&storm::PEOPLE]).max();
    let product = Product::start(Size {
        files: options.files,
        pdf: options.pdf,
        people: people.copied().unwrap_or_default(),
    })
    .await?;
    let contenders = Contenders::start(product).await?;
    let mut tables = Tables::begin(&options)?;
    let mut outcomes = Vec::new();
    for asked in Route::ALL.map(Asked::Read) {
        measure(&contenders, asked, &options, &mut tables, &mut outcomes).await?;
    }
    tables.begin_sign_ins()?;
    measure(
        &contenders,
        Asked::SignIn,
        &options,
        &mut tables,
        &mut outcomes,
    )
    .await?;
    let mut storms = Vec::new();
    for &per_second in &options.storms {
        let product = contenders.product();
        let storm = Storm::measure(product, per_second, options.rounds, options.storm_seconds);
        storms.push(storm.await.context("a storm")?);
    }
    tables.storms(&storms)?;
    tables.finish(&options, &outcomes)?;
    plot::chart(&outcomes).save(&options.out.with_extension("svg"))
}

/// Everyone at rising numbers of connections.
async fn measure(
    contenders: &Contenders,
    asked: Asked,
    options: &Options,
    tables: &mut Tables,
    outcomes: &mut Vec<Outcome>,
) -> anyhow::Result<()> {
    for &connections in &options.connections {
        let mut lanes = match asked {
            Asked::Read(route) => {
                contenders.agree(route).await?;
                Name::ALL.to_vec()
            }
            Asked::SignIn => Name::SIGN_INS.to_vec(),
        };
        let names = lanes.clone();
        let mut rounds = Vec::new();
        for round in 0..options.rounds {
            // Whoever goes second finds a warmer machine: another one begins each time.
            lanes.rotate_left(round.min(1));
            for &name in &lanes {
                let turn = contenders.turn(name, asked, connections, options.seconds);
                rounds.push((name, turn.await.context(name.as_str())?));
            }
        }
        for name in names {
            let its = rounds.iter().filter(|(other, _)| *other == name);
            let its: Vec<Round> = its.map(|&(_, round)| round).collect();
            let outcome = Outcome {
                asked,
                connections,
                name,
                figures: Figures::of(&its),
            };
            tables.add(&outcome)?;
            outcomes.push(outcome);
        }
    }
    Ok(())
}

impl Contenders {
    async fn turn(
        &self,
        name: Name,
        asked: Asked,
        connections: usize,
        seconds: u64,
    ) -> anyhow::Result<Round> {
        let origin = self.origin(name);
        match asked {
            Asked::Read(route) => {
                let load = Load {
                    url: format!("{origin}{}", self.product().paths().of(route)),
                    bearer: self.product().bearer(),
                    connections,
                    seconds,
                };
                let (answers, memory) = self.watch(name, load.run()).await?;
                Ok(Round::of_reads(&answers, memory))
            }
            Asked::SignIn => {
                let mut sign_ins = SignIns::at(origin)?;
                let work = sign_ins.sign_in(Order {
                    people: connections,
                    seconds,
                    per_second: None,
                });
                let (tally, memory) = self.watch(name, work).await?;
                Ok(Round::of_sign_ins(&tally, memory))
            }
        }
    }

    /// Whether all answer the same: otherwise there is nothing to compare.
    async fn agree(&self, route: Route) -> anyhow::Result<()> {
        let mut bodies = Vec::new();
        for name in Name::ALL {
            let call = self.product().call_at(self.origin(name), route);
            bodies.push(Answer::of(call).await?.body);
        }
        let same = bodies.windows(2).all(|pair| pair[0] == pair[1]);
        ensure!(same, "the answers to {} differ", route.as_str());
        Ok(())
    }
}
