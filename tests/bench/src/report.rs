//! The figures, and whether they keep to their bounds.

use std::fmt;

/// Figures in the order they were measured.
#[derive(Default)]
pub struct Report(Vec<Figure>);

struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    at_most: Option<f64>,
    at_least: Option<f64>,
}

impl Report {
    /// A figure without a bound.
    pub fn figure(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.add(Figure { what: what.into(), value, unit, at_most: None, at_least: None });
    }

    /// A figure that must not be over `bound`.
    pub fn at_most(&mut self, what: impl Into<String>, value: f64, unit: &'static str, bound: f64) {
        self.add(Figure { what: what.into(), value, unit, at_most: Some(bound), at_least: None });
    }

    /// A figure that must not be under `bound`.
    pub fn at_least(&mut self, what: impl Into<String>, value: f64, unit: &'static str, bound: f64) {
        self.add(Figure { what: what.into(), value, unit, at_most: None, at_least: Some(bound) });
    }

    fn add(&mut self, figure: Figure) {
        println!("{figure}");
        self.0.push(figure);
    }

    /// Whether any figure is out of its bound.
    pub fn has_failed(&self) -> bool {
        self.0.iter().any(|figure| !figure.holds())
    }
}

impl Figure {
    fn holds(&self) -> bool {
        self.value.is_finite()
            && self.at_most.is_none_or(|bound| self.value <= bound)
            && self.at_least.is_none_or(|bound| self.value >= bound)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {:.2} {} |", self.what, self.value, self.unit)?;
        match (self.at_most, self.at_least) {
            (Some(bound), _) => write!(f, " at most {bound} |")?,
            (_, Some(bound)) => write!(f, " at least {bound} |")?,
            _ => write!(f, " |")?,
        }
        if self.holds() { write!(f, " |") } else { write!(f, " **missed** |") }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| figure | measured | bound | |\n|-|-|-|-|")?;
        self.0.iter().try_for_each(|figure| writeln!(f, "{figure}"))
    }
}
