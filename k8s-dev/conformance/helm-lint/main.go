// Helm-lint is `helm lint --strict` by Helm's own linter, and shows what Helm says at the end of an installation.
//
// It reads CHART, a chart's folder, VALUES, a file of values, and RELEASE. With KUBECONFIG the templates see that cluster, as those of `helm
// install` do. It prints the notes; or a line for each warning or worse, or the error, and then exits with 1.
package main

import (
	"fmt"
	"os"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

var release = common.ReleaseOptions{Name: os.Getenv("RELEASE"), Namespace: "anchorhold-system", Revision: 1, IsInstall: true}

func main() {
	path := os.Getenv("CHART")
	text, err := os.ReadFile(os.Getenv("VALUES"))
	must(err)
	values := map[string]any{}
	must(yaml.Unmarshal(text, &values))
	version, err := common.ParseKubeVersion("v1.34.4")
	must(err)
	failed := false
	for _, it := range lint.RunAll(path, values, release.Namespace, lint.WithKubeVersion(version)).Messages {
		if it.Severity >= support.WarningSev {
			fmt.Println(it.Error())
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
	fmt.Print(notes(path, values))
}

func notes(path string, values map[string]any) string {
	chart, err := loader.Load(path)
	must(err)
	given, err := util.ToRenderValues(chart, values, release, common.DefaultCapabilities)
	must(err)
	render := engine.Render
	if kubeconfig := os.Getenv("KUBECONFIG"); kubeconfig != "" {
		cluster, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
		must(err)
		render = engine.New(cluster).Render
	}
	files, err := render(chart, given)
	must(err)
	return files[chart.Name()+"/templates/NOTES.txt"]
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
