//! Numbers for Prometheus.

use std::net::SocketAddr;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds, from a lookup in memory to a conversion that is stopped (90 s).
const DURATION_BUCKETS: [f64; 14] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 45.0, 90.0,
];

/// Why metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    #[error("metrics cannot be collected")]
    Build(#[source] BuildError),
    #[error("metrics are collected already")]
    Installed,
}

/// What the `metrics` macros have recorded so far.
#[derive(Clone, Debug)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Collects for the whole process from here on. To be called once; names ending in `_seconds`
    /// become histograms.
    pub fn install() -> Result<Self, MetricsError> {
        let handle = builder()?.install_recorder().map_err(MetricsError::Build)?;
        Ok(Self { handle })
    }

    /// Collects for the whole process from here on, and tells whoever asks at `address`; `/health` is
    /// answered as long as the process lives. For programs without a web server of their own; to be
    /// called once, on a Tokio runtime.
    pub fn serve(address: SocketAddr) -> Result<(), MetricsError> {
        builder()?
            .with_http_listener(address)
            .install()
            .map_err(MetricsError::Build)
    }

    /// Collects for nobody: what a test needs that only reads.
    pub fn detached() -> Result<Self, MetricsError> {
        let handle = builder()?.build_recorder().handle();
        Ok(Self { handle })
    }

    /// Prometheus text exposition format, version 0.0.4.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds recorded durations into their histograms, so that memory stays flat when nobody reads.
    /// To be called every few seconds.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

fn builder() -> Result<PrometheusBuilder, MetricsError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BUCKETS)
        .map_err(MetricsError::Build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_become_histograms() {
        let recorder = builder().unwrap().build_recorder();
        let metrics = Metrics {
            handle: recorder.handle(),
        };
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("jobs_total", "outcome" => "ready").increment(2);
            metrics::histogram!("job_seconds").record(0.02);
        });
        metrics.upkeep();
        let text = metrics.render();
        assert!(text.contains(r#"jobs_total{outcome="ready"} 2"#), "{text}");
        assert!(
            text.contains(r#"job_seconds_bucket{le="0.025"} 1"#),
            "{text}"
        );
    }
}
