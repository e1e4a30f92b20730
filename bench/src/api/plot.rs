//! The same as lines.

use super::{Asked, Outcome, contender::Name, figures::Figures, route::Route};
use crate::{
    chart::{Axis, Chart, Line, Panel, Scale},
    stats::count,
};

/// Two panels for each thing that was asked, side by side.
pub(super) fn chart(outcomes: &[Outcome]) -> Chart {
    let reads = Route::ALL.map(Asked::Read);
    let asked = reads.into_iter().chain([Asked::SignIn]);
    let asked = asked.filter(|asked| outcomes.iter().any(|outcome| outcome.asked == *asked));
    let panels = asked.flat_map(|asked| {
        let panel = |what: &str, label, of| Panel {
            title: format!("{what}, {}", asked.as_str()),
            x: Axis {
                label: "connections",
                scale: Scale::Logarithmic,
            },
            y: Axis {
                label,
                scale: Scale::Logarithmic,
            },
            lines: Name::ALL.map(|name| line(outcomes, asked, name, of)).into(),
        };
        [
            panel("Throughput", "requests/s", |figures| figures.per_second),
            panel("Time of a request", "p99 ms", |figures| figures.p99),
        ]
    });
    Chart {
        title: "The API under load".to_owned(),
        names: Name::ALL.map(Name::as_str).into(),
        panels: panels.collect(),
    }
}

fn line(outcomes: &[Outcome], asked: Asked, name: Name, of: fn(&Figures) -> f64) -> Line {
    let its = outcomes
        .iter()
        .filter(|outcome| outcome.asked == asked && outcome.name == name);
    Line {
        points: its
            .map(|outcome| (count(outcome.connections), of(&outcome.figures)))
            .collect(),
        marked: true,
    }
}
