// Judges pods by the API server's own checks of Pod Security "baseline": reads one Pod a line as JSON from standard
// input, and prints for each the ids of the checks that refuse it, as a JSON list.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "podsecurity:", err)
		os.Exit(1)
	}
}

func run() error {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var pod corev1.Pod
		if err := json.Unmarshal(in.Bytes(), &pod); err != nil {
			return err
		}
		if err := out.Encode(refusedBy(&pod)); err != nil {
			return err
		}
	}
	return in.Err()
}

func refusedBy(pod *corev1.Pod) []string {
	ids := []string{}
	for _, check := range policy.DefaultChecks() {
		// The last version of each is that of the newest Kubernetes.
		newest := check.Versions[len(check.Versions)-1]
		if check.Level == api.LevelBaseline && !newest.CheckPod(&pod.ObjectMeta, &pod.Spec).Allowed {
			ids = append(ids, string(check.ID))
		}
	}
	sort.Strings(ids)
	return ids
}
