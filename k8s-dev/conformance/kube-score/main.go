// Kube-score judges manifests by kube-score's checks of how workloads should be described.
//
// It reads MANIFESTS, a file, and IGNORED, the ids of more checks to leave out, with commas. It prints a line for each warning or worse, and exits with 1 when there is one.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/zegl/kube-score/config"
	"github.com/zegl/kube-score/domain"
	"github.com/zegl/kube-score/parser"
	"github.com/zegl/kube-score/score"
	"github.com/zegl/kube-score/score/checks"
	"github.com/zegl/kube-score/scorecard"
)

// What we do otherwise, and why.
var ignored = map[string]struct{}{
	// A release's tag never moves, and a node that has the image can start a pod while the registry is away.
	"container-image-pull-policy": {},
	// Topology spread constraints do it, and let a small cluster have both replicas on one node.
	"deployment-has-host-podantiaffinity": {},
}

type file struct{ *os.File }

func main() {
	manifests, err := os.Open(os.Getenv("MANIFESTS"))
	must(err)
	parse, err := parser.New(&parser.Config{})
	must(err)
	parsed, err := parse.ParseFiles([]domain.NamedReader{file{manifests}})
	must(err)
	for _, it := range strings.Split(os.Getenv("IGNORED"), ",") {
		ignored[it] = struct{}{}
	}
	run := &config.RunConfiguration{
		KubernetesVersion:     config.Semver{Major: 1, Minor: 34},
		MinReplicasDeployment: 2,
		MinReplicasHPA:        2,
		// Who is throttled loses its Lease (values.yaml).
		IgnoreContainerCpuLimitRequirement: true,
	}
	card, err := score.Score(parsed, score.RegisterAllChecks(parsed, &checks.Config{IgnoredTests: ignored}, run), run)
	must(err)
	findings := findings(card)
	for _, it := range findings {
		fmt.Println(it)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
	fmt.Println("no findings in", len(*card), "objects")
}

func findings(card *scorecard.Scorecard) (findings []string) {
	for _, object := range *card {
		for _, check := range object.Checks {
			if check.Skipped || check.Grade > scorecard.GradeWarning {
				continue
			}
			for _, comment := range check.Comments {
				findings = append(findings, fmt.Sprintf("%s %s: %s: %s %s", object.TypeMeta.Kind, object.ObjectMeta.Name, check.Check.ID, comment.Path, comment.Summary))
			}
		}
	}
	slices.Sort(findings)
	return findings
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
