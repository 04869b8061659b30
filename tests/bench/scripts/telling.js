// What all journeys have in common: how they are counted, and how that is told.

import { Counter, Trend } from "k6/metrics";

export const facts = JSON.parse(open(__ENV.FACTS));
const done = new Counter("done");
const failed = new Counter("failed");
const took = new Trend("took", true);

export const options = { summaryTrendStats: ["med", "p(99)"], discardResponseBodies: false };

export function count(journey) {
  const started = Date.now();
  const well = journey();
  took.add(Date.now() - started);
  done.add(1);
  if (!well) failed.add(1);
}

export function handleSummary(data) {
  const total = (name) => (data.metrics[name] ? data.metrics[name].values.count : 0);
  const times = data.metrics.took ? data.metrics.took.values : { med: 0, "p(99)": 0 };
  const told = {
    done: total("done"),
    failed: total("failed"),
    seconds: data.state.testRunDurationMs / 1000,
    p50_ms: times.med,
    p99_ms: times["p(99)"],
  };
  return { [__ENV.TOLD]: JSON.stringify(told) };
}
