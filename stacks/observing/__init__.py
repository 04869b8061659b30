"""What is watched: alerts, each with a runbook in docs/runbooks, and dashboards. Data only."""
