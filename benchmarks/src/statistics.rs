//! The few figures that describe a row of measurements.

use serde::{Deserialize, Serialize};

/// The middle of several rounds, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut figures: Vec<_> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let (&least, &most) = (figures.first()?, figures.last()?);
        let half = figures.len() / 2;
        let median =
            if figures.len() % 2 == 1 { figures[half] } else { f64::midpoint(figures[half - 1], figures[half]) };
        Some(Self { median, least, most })
    }

    /// What one is to the other, round by round: what disturbs a round disturbs both.
    pub(crate) fn of_ratios(these: &[f64], others: &[f64]) -> Option<Self> {
        Self::of(these.iter().zip(others).map(|(this, other)| this / other))
    }
}

/// The value that so many of a hundred are not above. `sorted` is not empty.
pub(crate) fn percentile(sorted: &[u32], percent: usize) -> u32 {
    sorted[(sorted.len() * percent).div_ceil(100).clamp(1, sorted.len()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        let spread = Spread::of([4.0, 1.0, 2.0, 3.0]);
        assert_eq!(spread, Some(Spread { median: 2.5, least: 1.0, most: 4.0 }));
    }

    #[test]
    fn ninety_nine_of_a_hundred_are_not_above_the_99th_percentile() {
        let sorted: Vec<_> = (1..=100).collect();
        assert_eq!(percentile(&sorted, 99), 99);
        assert_eq!(percentile(&sorted, 50), 50);
        assert_eq!(percentile(&[7], 99), 7);
    }
}
