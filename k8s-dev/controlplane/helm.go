package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	release "helm.sh/helm/v4/pkg/release/v1/util"
	"helm.sh/helm/v4/pkg/strvals"
)

// newHelmCommand is `helm template` by Helm's own engine, which is all that the local world asks of Helm. Releases, registries
// and plugins would add a tenth to the build.
func newHelmCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "helm",
		Short: "The part of Helm that the local world needs: template. For all of it: https://helm.sh",
	}
	var options common.ReleaseOptions
	var crds bool
	var kubeVersion string
	var values, texts []string
	template := &cobra.Command{
		Use:          "template NAME CHART",
		Args:         cobra.ExactArgs(2),
		SilenceUsage: true,
		RunE: func(command *cobra.Command, args []string) error {
			options.Name, options.IsInstall, options.Revision = args[0], true, 1
			given := map[string]interface{}{}
			for _, it := range values {
				if err := strvals.ParseInto(it, given); err != nil {
					return err
				}
			}
			for _, it := range texts {
				if err := strvals.ParseIntoString(it, given); err != nil {
					return err
				}
			}
			capabilities := *common.DefaultCapabilities
			if kubeVersion != "" {
				version, err := common.ParseKubeVersion(kubeVersion)
				if err != nil {
					return err
				}
				capabilities.KubeVersion = *version
			}
			return renderChart(command.OutOrStdout(), args[1], given, options, &capabilities, crds)
		},
	}
	flags := template.Flags()
	flags.StringVarP(&options.Namespace, "namespace", "n", "default", "namespace of the release")
	flags.BoolVar(&crds, "include-crds", false, "also what is in the chart's folder crds")
	flags.StringVar(&kubeVersion, "kube-version", "", "the Kubernetes to render for")
	flags.StringArrayVar(&values, "set", nil, "values: a.b=1,c=text")
	flags.StringArrayVar(&texts, "set-string", nil, "values that are texts whatever they look like")
	root.AddCommand(template)
	return root
}

func renderChart(out io.Writer, path string, given map[string]interface{}, options common.ReleaseOptions, capabilities *common.Capabilities, crds bool) error {
	chart, err := loader.Load(path)
	if err != nil {
		return err
	}
	if len(chart.Metadata.Dependencies) > 0 {
		return errors.New("the chart has dependencies: they need a real helm")
	}
	values, err := util.ToRenderValues(chart, given, options, capabilities)
	if err != nil {
		return err
	}
	files, err := engine.Render(chart, values)
	if err != nil {
		return err
	}
	delete(files, chart.Name()+"/templates/NOTES.txt")
	hooks, manifests, err := release.SortManifests(files, nil, release.InstallOrder)
	if err != nil {
		return err
	}
	if crds {
		for _, it := range chart.CRDObjects() {
			fmt.Fprintf(out, "---\n# Source: %s\n%s\n", it.Filename, it.File.Data)
		}
	}
	for _, it := range manifests {
		fmt.Fprintf(out, "---\n# Source: %s\n%s\n", it.Name, it.Content)
	}
	for _, it := range hooks {
		fmt.Fprintf(out, "---\n# Source: %s\n%s\n", it.Path, it.Manifest)
	}
	return nil
}
