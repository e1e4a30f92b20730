//! Metrics for `CloudWatch`, as lines of a log.

use std::{
    io::{self, Write},
    sync::{Arc, atomic::Ordering},
};

use jiff::Timestamp;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use metrics_util::registry::{AtomicStorage, Registry};
use serde_json::{Map, Value, json};

use crate::MetricsError;

/// Values that `CloudWatch` takes of one metric in one line.
const VALUES: usize = 100;

/// What the `metrics` macros have recorded since it was last written, in `CloudWatch`'s embedded
/// metric format: what Lambda finds in standard output becomes metrics without any call.
#[derive(Debug)]
pub struct EmbeddedMetrics {
    registry: Arc<Registry<Key, AtomicStorage>>,
    namespace: &'static str,
}

struct EmbeddedRecorder(Arc<Registry<Key, AtomicStorage>>);

impl EmbeddedMetrics {
    /// Collects for the whole process from here on. To be called once; labels become dimensions,
    /// and names ending in `_seconds` have that unit.
    pub fn install(namespace: &'static str) -> Result<Self, MetricsError> {
        let (metrics, recorder) = Self::detached(namespace);
        metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Installed)?;
        Ok(metrics)
    }

    fn detached(namespace: &'static str) -> (Self, EmbeddedRecorder) {
        let registry = Arc::new(Registry::atomic());
        let recorder = EmbeddedRecorder(Arc::clone(&registry));
        let metrics = Self {
            registry,
            namespace,
        };
        (metrics, recorder)
    }

    /// Writes what is new, a line per metric and labels. `properties` stand beside the values: one
    /// can search for them, and they make no metrics of their own.
    pub fn write(
        &self,
        at: Timestamp,
        properties: &[(&str, &str)],
        out: &mut impl Write,
    ) -> io::Result<()> {
        let mut line = |key: &Key, unit: &str, value: Value| {
            let line = self.line(at, properties, key, unit, value);
            writeln!(out, "{line}")
        };
        for (key, counter) in self.registry.get_counter_handles() {
            let increase = counter.swap(0, Ordering::Relaxed);
            if increase > 0 {
                line(&key, "Count", increase.into())?;
            }
        }
        for (key, gauge) in self.registry.get_gauge_handles() {
            let value = f64::from_bits(gauge.load(Ordering::Relaxed));
            line(&key, unit(&key), value.into())?;
        }
        for (key, histogram) in self.registry.get_histogram_handles() {
            let mut values = Vec::new();
            histogram.clear_with(|block| values.extend_from_slice(block));
            for values in values.chunks(VALUES) {
                line(&key, unit(&key), values.into())?;
            }
        }
        out.flush()
    }

    fn line(
        &self,
        at: Timestamp,
        properties: &[(&str, &str)],
        key: &Key,
        unit: &str,
        value: Value,
    ) -> Value {
        let dimensions: Vec<&str> = key.labels().map(metrics::Label::key).collect();
        let mut line: Map<String, Value> = properties
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.into()))
            .collect();
        for label in key.labels() {
            line.insert(label.key().to_owned(), label.value().into());
        }
        line.insert(key.name().to_owned(), value);
        let directive = json!({
            "Namespace": self.namespace,
            "Dimensions": [dimensions],
            "Metrics": [{"Name": key.name(), "Unit": unit}],
        });
        line.insert(
            "_aws".to_owned(),
            json!({"Timestamp": at.as_millisecond(), "CloudWatchMetrics": [directive]}),
        );
        Value::Object(line)
    }
}

fn unit(key: &Key) -> &'static str {
    match key.name() {
        name if name.ends_with("_seconds") => "Seconds",
        name if name.ends_with("_bytes") => "Bytes",
        _ => "None",
    }
}

impl Recorder for EmbeddedRecorder {
    // CloudWatch has no place for descriptions.
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let key = key.to_retained();
        self.0.get_or_create_counter(&key, |it| it.clone().into())
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let key = key.to_retained();
        self.0.get_or_create_gauge(&key, |it| it.clone().into())
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let key = key.to_retained();
        self.0.get_or_create_histogram(&key, |it| it.clone().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(metrics: &EmbeddedMetrics) -> Vec<Value> {
        let mut out = Vec::new();
        let at = Timestamp::from_millisecond(1_763_690_000_000).unwrap();
        metrics
            .write(at, &[("request.id", "r1")], &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_says_what_cloudwatch_needs() {
        let (metrics, recorder) = EmbeddedMetrics::detached("Test");
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("jobs_total", "outcome" => "ready").increment(2);
        });
        assert_eq!(
            written(&metrics),
            [json!({
                "_aws": {
                    "Timestamp": 1_763_690_000_000_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Test",
                        "Dimensions": [["outcome"]],
                        "Metrics": [{"Name": "jobs_total", "Unit": "Count"}],
                    }],
                },
                "request.id": "r1",
                "outcome": "ready",
                "jobs_total": 2,
            })]
        );
        // Told once.
        assert!(written(&metrics).is_empty());
    }

    #[test]
    fn many_values_take_several_lines() {
        let (metrics, recorder) = EmbeddedMetrics::detached("Test");
        metrics::with_local_recorder(&recorder, || {
            let histogram = metrics::histogram!("job_seconds");
            (0..250).for_each(|_| histogram.record(0.5));
        });
        let lines = written(&metrics);
        let values: Vec<usize> = lines
            .iter()
            .map(|line| line["job_seconds"].as_array().unwrap().len())
            .collect();
        assert_eq!(values, [100, 100, 50]);
        let unit = &lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"];
        assert_eq!(unit, "Seconds");
    }
}
