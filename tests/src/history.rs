//! Checks the history of tasks: none lost, none published twice, each ended once.

use serde_json::Value;

const FINAL: [&str; 3] = ["completed", "failed", "cancelled"];

/// Lists everything wrong with a finished task, as the service shows it.
pub fn faults(task: &Value) -> Vec<String> {
    let id = &task["id"];
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("{id}: {what}"));
    let status = task["status"].as_str().unwrap_or_default();
    if !FINAL.contains(&status) {
        fault(format!("it has not ended: {status}"));
    }
    let transitions = task["transitions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let statuses: Vec<&str> = transitions.iter().filter_map(|t| t["status"].as_str()).collect();
    if statuses.first() != Some(&"pending") && statuses.first() != Some(&"completed") {
        fault(format!("it begins as {:?}", statuses.first()));
    }
    if statuses.last() != Some(&status) {
        fault(format!("it is {status}, and last became {:?}", statuses.last()));
    }
    let ends = statuses.iter().filter(|status| FINAL.contains(status)).count();
    if ends > 1 {
        fault(format!("it ended {ends} times: {statuses:?}"));
    }
    for pair in transitions.windows(2) {
        let [before, after] = pair else { continue };
        if before["version"].as_i64() >= after["version"].as_i64() {
            fault(format!("versions do not rise: {before} {after}"));
        }
        if before["attempt"].as_i64() > after["attempt"].as_i64() {
            fault(format!("attempts fall: {before} {after}"));
        }
        let (from, to) = (before["status"].as_str(), after["status"].as_str());
        let claimed = after["attempt"].as_i64() != before["attempt"].as_i64();
        if claimed != (to == Some("processing")) {
            fault(format!(
                "an attempt is counted when it is claimed: {before} {after}"
            ));
        }
        if to == Some("completed") && from != Some("processing") {
            fault(format!("it was completed by nobody: {before} {after}"));
        }
    }
    let outputs = task["outputs"].as_array().map_or(0, Vec::len);
    if (status == "completed") != (outputs > 0) {
        fault(format!("it is {status} and has {outputs} outputs"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn task(steps: &[(&str, i64)], outputs: usize) -> Value {
        let step = |(version, (status, attempt)): (usize, &(&str, i64))| json!({ "status": status, "attempt": attempt, "version": version });
        json!({
            "id": "t",
            "status": steps.last().map(|(status, _)| status),
            "transitions": steps.iter().enumerate().map(step).collect::<Vec<_>>(),
            "outputs": vec!["o.mp4"; outputs],
        })
    }

    #[test]
    fn good_histories() {
        let straight = [("pending", 0), ("processing", 1), ("completed", 1)];
        let again = [
            ("pending", 0),
            ("processing", 1),
            ("pending", 1),
            ("processing", 2),
            ("failed", 2),
        ];
        assert_eq!(faults(&task(&straight, 1)), Vec::<String>::new());
        assert_eq!(faults(&task(&again, 0)), Vec::<String>::new());
        assert_eq!(faults(&task(&[("completed", 0)], 1)), Vec::<String>::new());
    }

    #[test]
    fn bad_histories() {
        for (steps, outputs) in [
            (&[("pending", 0), ("processing", 1)][..], 0),
            (
                &[
                    ("pending", 0),
                    ("processing", 1),
                    ("completed", 1),
                    ("completed", 1),
                ],
                1,
            ),
            (&[("pending", 0), ("processing", 1), ("completed", 1)], 0),
            (
                &[
                    ("pending", 0),
                    ("processing", 1),
                    ("pending", 1),
                    ("completed", 1),
                ],
                1,
            ),
            (
                &[
                    ("pending", 0),
                    ("processing", 2),
                    ("pending", 1),
                    ("processing", 2),
                    ("failed", 2),
                ],
                0,
            ),
            (
                &[
                    ("pending", 0),
                    ("processing", 1),
                    ("pending", 1),
                    ("processing", 1),
                    ("completed", 1),
                ],
                1,
            ),
            (&[], 0),
        ] {
            assert_ne!(faults(&task(steps, outputs)), Vec::<String>::new(), "{steps:?}");
        }
    }
}
