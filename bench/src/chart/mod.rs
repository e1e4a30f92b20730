//! Line charts as SVG, readable in light and dark.

mod scale;

use std::{
    fmt::{self, Display, Write as _},
    fs,
    path::Path,
};

use anyhow::{Context as _, ensure};

pub(crate) use self::scale::Scale;
use crate::stats::count;

/// Of a panel with its labels; one that is alone is as wide as two.
const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 250.0;

/// Around the lines of a panel.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 44.0;

/// Above the panels: title and legend.
const HEAD: f64 = 64.0;

/// Panels that stand side by side.
const COLUMNS: usize = 2;

/// Told apart by colour and by shape. A chart has no more lines than there are colours here.
const STYLE: &str = "
svg { --paper: #fff; --ink: #1f2328; --faint: #59636e; --grid: #d8dee4;
  --a: #1d5fd1; --b: #b45309; --c: #a21caf; --d: #15803d; --e: #be123c }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #30363d;
    --a: #79b0ff; --b: #f0a952; --c: #ec8ff5; --d: #62d08a; --e: #fb7f9d }
}
text { font: 12px system-ui, sans-serif; fill: var(--faint) }
.title { font-size: 16px; font-weight: 600; fill: var(--ink) }
.panel, .name { fill: var(--ink) }
.panel { font-weight: 600 }
.paper { fill: var(--paper) }
.grid { stroke: var(--grid) }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.a { stroke: var(--a); fill: var(--a) } .b { stroke: var(--b); fill: var(--b) }
.c { stroke: var(--c); fill: var(--c) } .d { stroke: var(--d); fill: var(--d) }
.e { stroke: var(--e); fill: var(--e) }
.line.a, .line.b, .line.c, .line.d, .line.e { fill: none }
.end { text-anchor: end } .middle { text-anchor: middle }
";

const CLASSES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Panels whose lines have the same names.
pub(crate) struct Chart {
    pub(crate) title: String,
    /// At most five.
    pub(crate) names: Vec<&'static str>,
    pub(crate) panels: Vec<Panel>,
}

pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// In the order of the names.
    pub(crate) lines: Vec<Line>,
}

pub(crate) struct Axis {
    pub(crate) label: &'static str,
    pub(crate) scale: Scale,
}

#[derive(Default)]
pub(crate) struct Line {
    pub(crate) points: Vec<(f64, f64)>,
    /// Show where the points are: there are few of them.
    pub(crate) marked: bool,
}

impl Chart {
    pub(crate) fn save(&self, out: &Path) -> anyhow::Result<()> {
        ensure!(
            self.names.len() <= CLASSES.len(),
            "a chart can tell {} lines apart, not {}",
            CLASSES.len(),
            self.names.len()
        );
        fs::write(out, self.to_string()).with_context(|| format!("writing {}", out.display()))
    }
}

impl Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.panels.len().clamp(1, COLUMNS);
        let width = WIDTH * count(COLUMNS);
        let height = HEAD + HEIGHT * count(self.panels.len().div_ceil(columns));
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#
        )?;
        writeln!(f, "<title>{}</title>\n<style>{STYLE}</style>", self.title)?;
        writeln!(f, r#"<rect class="paper" width="100%" height="100%"/>"#)?;
        writeln!(f, "{}", Text("title", 16.0, 26.0, &self.title))?;
        let mut x = 24.0;
        for (name, class) in self.names.iter().zip(CLASSES) {
            let (start, end) = (x - 8.0, x + 8.0);
            writeln!(f, r#"<path class="line {class}" d="M{start} 48H{end}"/>"#)?;
            writeln!(f, "{}", Marker(class, x, 48.0, name))?;
            writeln!(f, "{}", Text("name", x + 14.0, 52.0, name))?;
            x += 44.0 + 7.0 * count(name.len());
        }
        let panel_width = width / count(columns);
        for (index, panel) in self.panels.iter().enumerate() {
            let x = panel_width * count(index % columns);
            let y = HEAD + HEIGHT * count(index / columns);
            writeln!(f, r#"<g transform="translate({x} {y})">"#)?;
            panel.draw(f, panel_width - RIGHT, &self.names)?;
            writeln!(f, "</g>")?;
        }
        writeln!(f, "</svg>")
    }
}

impl Panel {
    /// `right`: where the lines end.
    fn draw(&self, f: &mut fmt::Formatter<'_>, right: f64, names: &[&str]) -> fmt::Result {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let xs = self.x.scale.over(points().map(|&(x, _)| x));
        let ys = self.y.scale.over(points().map(|&(_, y)| y));
        let bottom = HEIGHT - BOTTOM;
        let x_at = |x: f64| round(LEFT + xs.part(x) * (right - LEFT));
        let y_at = |y: f64| round(bottom - ys.part(y) * (bottom - TOP));

        writeln!(f, "{}", Text("panel", LEFT, 20.0, &self.title))?;
        writeln!(f, "{}", Text("end", right, 20.0, self.y.label))?;
        for tick in ys.ticks() {
            let y = y_at(tick);
            writeln!(f, r#"<path class="grid" d="M{LEFT} {y}H{right}"/>"#)?;
            writeln!(f, "{}", Text("end", LEFT - 8.0, y + 4.0, round(tick)))?;
        }
        for tick in xs.ticks() {
            let text = Text("middle", x_at(tick), bottom + 18.0, round(tick));
            writeln!(f, "{text}")?;
        }
        let middle = f64::midpoint(LEFT, right);
        writeln!(f, "{}", Text("middle", middle, HEIGHT - 8.0, self.x.label))?;

        for ((line, class), name) in self.lines.iter().zip(CLASSES).zip(names) {
            let mut path = String::new();
            for (index, &(x, y)) in line.points.iter().enumerate() {
                let step = if index == 0 { 'M' } else { 'L' };
                write!(path, "{step}{} {}", x_at(x), y_at(y))?;
            }
            writeln!(f, r#"<path class="line {class}" d="{path}"/>"#)?;
            for &(x, y) in line.points.iter().filter(|_| line.marked) {
                let what = format!("{name}, {x}: {}", round(y));
                writeln!(f, "{}", Marker(class, x_at(x), y_at(y), &what))?;
            }
        }
        Ok(())
    }
}

/// A class, where the text begins, ends or has its middle, and what it says.
struct Text<T>(&'static str, f64, f64, T);

impl<T: Display> Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(class, x, y, text) = self;
        write!(f, r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#)
    }
}

/// A shape of the line's own, with its middle here, and what it says to a pointer.
struct Marker<'a>(&'static str, f64, f64, &'a str);

impl Display for Marker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(class, x, y, what) = self;
        let shape = match *class {
            "a" => "m-4-4h8v8h-8z",
            "b" => "m0-5l5 5-5 5-5-5z",
            "c" => "m-5 4h10l-5-9z",
            "e" => "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
            _ => "m-5-4h10l-5 9z",
        };
        write!(
            f,
            r#"<path class="{class}" d="M{x} {y}{shape}"><title>{what}</title></path>"#
        )
    }
}

/// To what a screen can show.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_where_their_values_say() {
        let axis = |label| Axis {
            label,
            scale: Scale::FromZero,
        };
        let line = Line {
            points: vec![(0.0, 0.0), (50.0, 100.0), (100.0, 50.0)],
            marked: true,
        };
        let chart = Chart {
            title: "A chart".to_owned(),
            names: vec!["one"],
            panels: vec![Panel {
                title: "a panel".to_owned(),
                x: axis("x"),
                y: axis("y"),
                lines: vec![line],
            }],
        };
        let svg = chart.to_string();
        // From the lower left corner to the middle of the upper edge, and halfway down to the right.
        assert!(svg.contains(r#"d="M56 206L400 36L744 121""#), "{svg}");
        assert!(svg.contains("<title>one, 50: 100</title>"), "{svg}");
    }
}
