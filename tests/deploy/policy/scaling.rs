//! One master for every number of pods, and disruption that is bounded.

use std::collections::HashMap;

use serde_json::json;

use super::of_kind;
use crate::object::{Object, selects};

/// Never two autoscalers on one target, never one beside a fixed number.
pub(super) fn one_master(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut masters: HashMap<(&str, &str), Vec<&Object>> = HashMap::new();
    let scalers =
        of_kind(objects, "HorizontalPodAutoscaler").chain(of_kind(objects, "ScaledObject"));
    for scaler in scalers {
        let kind = match scaler.text("/spec/scaleTargetRef/kind") {
            // KEDA's default.
            "" => "Deployment",
            kind => kind,
        };
        let name = scaler.text("/spec/scaleTargetRef/name");
        masters.entry((kind, name)).or_default().push(scaler);
        if !objects
            .iter()
            .any(|object| object.is(kind) && object.name() == name)
        {
            wrong.push(format!("{scaler}: there is no {kind} {name} to scale"));
        }
        if scaler.is("HorizontalPodAutoscaler") {
            let (least, most) = (
                scaler.number("/spec/minReplicas"),
                scaler.number("/spec/maxReplicas"),
            );
            if least.unwrap_or(0) < 1 || most < least {
                wrong.push(format!("{scaler}: scales from {least:?} to {most:?}"));
            }
        }
    }
    for ((kind, name), masters) in &masters {
        if masters.len() > 1 {
            let masters: Vec<_> = masters.iter().map(ToString::to_string).collect();
            wrong.push(format!(
                "{kind} {name}: is scaled by {}",
                masters.join(" and ")
            ));
        }
    }
    for deployment in of_kind(objects, "Deployment") {
        let replicas = deployment.at("/spec/replicas");
        let scaled = masters.contains_key(&("Deployment", deployment.name()));
        if scaled && !replicas.is_null() && replicas != &json!(0) {
            wrong.push(format!(
                "{deployment}: takes back what its autoscaler decides"
            ));
        }
        let labels = deployment.at("/spec/template/metadata/labels");
        let budget = of_kind(objects, "PodDisruptionBudget")
            .any(|budget| selects(budget.at("/spec/selector/matchLabels"), labels));
        // Workers are made to be taken away: their messages come again.
        if !budget && labels["app.kubernetes.io/name"] != "worker" {
            wrong.push(format!("{deployment}: has no disruption budget"));
        }
        if !selects(deployment.at("/spec/selector/matchLabels"), labels) {
            wrong.push(format!("{deployment}: does not select its own pods"));
        }
    }
    wrong
}
