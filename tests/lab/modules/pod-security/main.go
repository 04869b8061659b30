// Judges pods by Kubernetes' own Pod Security Standard: reads a JSON list of pods from standard input, and prints a
// line for each that the restricted standard, in its newest version, does not let in.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	if err := judge(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge() error {
	var pods []v1.Pod
	input := json.NewDecoder(os.Stdin)
	input.DisallowUnknownFields()
	if err := input.Decode(&pods); err != nil {
		return fmt.Errorf("these are no pods: %w", err)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return err
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, pod := range pods {
		for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				fmt.Printf("%s: %s: %s\n", pod.Name, result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	}
	return nil
}
