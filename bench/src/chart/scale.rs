//! Which numbers an axis shows, and where.

/// How many ticks a logarithmic axis has at the most before it shows powers of ten alone.
const MOST_TICKS: usize = 9;

/// Where numbers lie on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// From zero, with round numbers.
    FromZero,
    /// The same, with a tick for each number that occurs: there are few of them.
    EachFromZero,
    Logarithmic,
}

/// One that was fitted to what it has to show.
#[derive(Debug)]
pub(super) struct Fitted {
    logarithmic: bool,
    ticks: Vec<f64>,
    from: f64,
    to: f64,
}

impl Scale {
    pub(super) fn over(self, numbers: impl Iterator<Item = f64>) -> Fitted {
        let mut numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        let largest = numbers.last().copied().unwrap_or(1.0);
        let smallest = numbers.first().copied().unwrap_or(1.0);
        let ticks = match self {
            Self::FromZero => round_ticks(largest),
            Self::EachFromZero => numbers,
            Self::Logarithmic => logarithmic_ticks(smallest, largest),
        };
        let logarithmic = self == Self::Logarithmic;
        let from = ticks.first().copied().filter(|_| logarithmic);
        Fitted {
            logarithmic,
            from: from.unwrap_or_default(),
            to: ticks.last().copied().unwrap_or(1.0),
            ticks,
        }
    }
}

impl Fitted {
    /// Where the number lies, between 0 and 1.
    pub(super) fn part(&self, number: f64) -> f64 {
        if self.logarithmic {
            (number / self.from).ln() / (self.to / self.from).ln()
        } else {
            (number - self.from) / (self.to - self.from)
        }
    }

    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        self.ticks.iter().copied()
    }
}

/// Four to ten steps of 1, 2 or 5 times a power of ten, the last at or beyond the largest number.
fn round_ticks(largest: f64) -> Vec<f64> {
    let largest = if largest > 0.0 { largest } else { 1.0 };
    let rough = largest / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|&step| step >= rough)
        .unwrap_or(rough);
    let mut ticks = vec![0.0];
    let mut number = 1;
    while ticks.last().is_some_and(|&last| last < largest) {
        ticks.push(f64::from(number) * step);
        number += 1;
    }
    ticks
}

/// 1, 2 and 5 times the powers of ten around the numbers, or the powers alone.
fn logarithmic_ticks(smallest: f64, largest: f64) -> Vec<f64> {
    let smallest = smallest.max(f64::MIN_POSITIVE);
    let fine = around(smallest, largest, &[1.0, 2.0, 5.0]);
    if fine.len() <= MOST_TICKS {
        fine
    } else {
        around(smallest, largest, &[1.0])
    }
}

/// The factors times the powers of ten, from the last at or below the smallest number to the first
/// beyond the largest.
fn around(smallest: f64, largest: f64, factors: &[f64]) -> Vec<f64> {
    let mut ticks = Vec::new();
    let mut power = 10_f64.powf(smallest.log10().floor());
    loop {
        for tick in factors.iter().map(|factor| factor * power) {
            if tick <= smallest {
                ticks.clear();
            }
            ticks.push(tick);
            if tick > largest {
                return ticks;
            }
        }
        power *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(scale: Scale, numbers: &[f64]) -> Vec<f64> {
        scale.over(numbers.iter().copied()).ticks().collect()
    }

    #[test]
    fn round_numbers_from_zero() {
        assert_eq!(
            ticks(Scale::FromZero, &[3.0, 18.0]),
            [0.0, 5.0, 10.0, 15.0, 20.0]
        );
        assert_eq!(
            ticks(Scale::FromZero, &[2000.0]),
            [0.0, 500.0, 1000.0, 1500.0, 2000.0]
        );
        assert_eq!(
            ticks(Scale::EachFromZero, &[1.0, 4.0, 2.0, 4.0]),
            [1.0, 2.0, 4.0]
        );
        let each = Scale::EachFromZero.over([2.0, 4.0].into_iter());
        assert!((each.part(2.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn logarithms() {
        assert_eq!(
            ticks(Scale::Logarithmic, &[54.0, 180.0]),
            [50.0, 100.0, 200.0]
        );
        assert_eq!(
            ticks(Scale::Logarithmic, &[3.0, 7000.0]),
            [1.0, 10.0, 100.0, 1000.0, 10_000.0]
        );
        let fitted = Scale::Logarithmic.over([10.0, 999.0].into_iter());
        assert!((fitted.part(100.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn nothing_to_show_is_no_reason_to_fail() {
        for scale in [Scale::FromZero, Scale::EachFromZero, Scale::Logarithmic] {
            let fitted = scale.over(std::iter::empty());
            assert!(fitted.ticks().count() < 10, "{scale:?}");
        }
        let zero = Scale::FromZero.over([0.0].into_iter());
        assert!(zero.part(0.0).abs() < 1e-9, "{zero:?}");
    }
}
