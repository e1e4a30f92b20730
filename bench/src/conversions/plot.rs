//! The same as lines.

use super::{Name, Options, Outcome, names, rounds::Figures};
use crate::{
    chart::{Axis, Chart, Line, Panel, Scale},
    site::PageSet,
    stats::count,
};

/// What a panel shows of the figures.
struct Measure {
    title: &'static str,
    label: &'static str,
    scale: Scale,
    of: fn(&Figures) -> f64,
}

const MEASURES: [Measure; 2] = [
    Measure {
        title: "Throughput",
        label: "pages/s",
        scale: Scale::FromZero,
        of: |figures| figures.pages_per_second,
    },
    Measure {
        title: "Time for a page",
        label: "p50 ms, logarithmic",
        scale: Scale::Logarithmic,
        of: |figures| figures.times.p50().as_secs_f64() * 1000.0,
    },
];

pub(super) fn chart(options: &Options, outcomes: &[Outcome]) -> Chart {
    let panels = MEASURES.iter().flat_map(|measure| {
        let sets = options.sets.iter();
        sets.map(|&set| measure.panel(set, options, outcomes))
    });
    Chart {
        title: "Conversions by pages at a time".to_owned(),
        names: names(&options.peers).map(Name::as_str).collect(),
        panels: panels.collect(),
    }
}

impl Measure {
    fn panel(&self, set: PageSet, options: &Options, outcomes: &[Outcome]) -> Panel {
        let line = |name| {
            let its = outcomes
                .iter()
                .filter(|outcome| outcome.set == set && outcome.name == name);
            let point =
                |outcome: &Outcome| (count(outcome.concurrency), (self.of)(&outcome.figures));
            Line {
                points: its.map(point).collect(),
                marked: true,
            }
        };
        Panel {
            title: format!("{}, {set} pages", self.title),
            x: Axis {
                label: "pages at a time",
                scale: Scale::EachFromZero,
            },
            y: Axis {
                label: self.label,
                scale: self.scale,
            },
            lines: names(&options.peers).map(line).collect(),
        }
    }
}
