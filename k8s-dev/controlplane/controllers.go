package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	extensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/scheme"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/controller-manager/pkg/clientbuilder"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/controller/validatingadmissionpolicystatus"
	"k8s.io/kubernetes/pkg/generated/openapi"
	tokens "k8s.io/kubernetes/pkg/serviceaccount"
)

// manager starts Kubernetes' own controllers as cmd/kube-controller-manager does, with its defaults: those of objects, not those
// of workloads and nodes, which there are none of here, and which would pull the scheduler and every volume driver into the build.
type manager struct {
	root, own       clientbuilder.ControllerClientBuilder // as the manager itself; as each controller's ServiceAccount
	informers       informers.SharedInformerFactory
	metadata        metadata.Interface
	metadataFactory metadatainformer.SharedInformerFactory
	mapper          *restmapper.DeferredDiscoveryRESTMapper
	started         chan struct{} // closed when the informers run
}

// newControllerManagerCommand takes those of the real one's flags that the local world gives; whoever has the real one may use it.
func newControllerManagerCommand() *cobra.Command {
	command := &cobra.Command{Use: "kube-controller-manager", SilenceUsage: true}
	flags := command.Flags()
	kubeconfig := flags.String("kubeconfig", "", "whose rights it has, and where the API server is")
	key := flags.String("service-account-private-key-file", "", "signs the tokens of Secrets of type service-account-token")
	flags.StringSlice("controllers", nil, "ignored: this one has those that the local world names")
	flags.Bool("use-service-account-credentials", true, "ignored: each controller has a ServiceAccount of its own")
	flags.Bool("leader-elect", false, "ignored: there is one")
	flags.Int("secure-port", 0, "ignored: it does not listen")
	command.RunE = func(command *cobra.Command, _ []string) error {
		config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
		if err != nil {
			return err
		}
		config.QPS, config.Burst = 20, 30
		return runControllers(command.Context(), config, *key)
	}
	return command
}

func runControllers(ctx context.Context, config *rest.Config, key string) error {
	if ctx == nil {
		ctx = context.Background()
	}
	root := clientbuilder.SimpleControllerClientBuilder{ClientConfig: config}
	client := root.ClientOrDie("shared-informers")
	// Tokens can be had when the API server has made its own roles and namespaces.
	if err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		_, err := client.Discovery().RESTClient().Get().AbsPath("/healthz").DoRaw(ctx)
		return err == nil, nil
	}); err != nil {
		return fmt.Errorf("the API server does not become healthy: %w", err)
	}
	metadataClient := metadata.NewForConfigOrDie(root.ConfigOrDie("metadata-informers"))
	const resync = 12 * time.Hour
	m := &manager{
		root:            root,
		own:             clientbuilder.NewDynamicClientBuilder(rest.AnonymousClientConfig(config), client.CoreV1(), metav1.NamespaceSystem),
		informers:       informers.NewSharedInformerFactory(client, resync),
		metadata:        metadataClient,
		metadataFactory: metadatainformer.NewSharedInformerFactory(metadataClient, resync),
		mapper:          restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(root.DiscoveryClientOrDie("controller-discovery"))),
		started:         make(chan struct{}),
	}
	go wait.Until(m.mapper.Reset, 30*time.Second, ctx.Done())
	for _, start := range []func(context.Context) error{
		m.collectGarbage, m.emptyNamespaces, m.makeServiceAccounts,
		func(ctx context.Context) error { return m.fillTokens(ctx, key) },
		m.aggregateRoles, m.checkPolicies,
	} {
		if err := start(ctx); err != nil {
			return err
		}
	}
	m.informers.Start(ctx.Done())
	m.metadataFactory.Start(ctx.Done())
	close(m.started)
	<-ctx.Done()
	return nil
}

func (m *manager) collectGarbage(ctx context.Context) error {
	const name = "generic-garbage-collector"
	config := m.own.ConfigOrDie(name)
	config.QPS *= 2
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	graph := garbagecollector.NewDependencyGraphBuilder(ctx, m.metadata, m.mapper, garbagecollector.DefaultIgnoredResources(),
		informerfactory.NewInformerFactory(m.informers, m.metadataFactory), m.started)
	collector, err := garbagecollector.NewComposedGarbageCollector(ctx, m.own.ClientOrDie(name), client, m.mapper, graph)
	if err != nil {
		return err
	}
	go collector.Run(ctx, 20, 30*time.Second)
	go collector.Sync(ctx, m.own.DiscoveryClientOrDie(name), 30*time.Second)
	return nil
}

func (m *manager) emptyNamespaces(ctx context.Context) error {
	config := m.own.ConfigOrDie("namespace-controller")
	config.QPS *= 20
	config.Burst *= 100
	client := kubernetes.NewForConfigOrDie(config)
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	controller := namespace.NewNamespaceController(ctx, client, metadataClient, client.Discovery().ServerPreferredNamespacedResources,
		m.informers.Core().V1().Namespaces(), 5*time.Minute, corev1.FinalizerKubernetes)
	go controller.Run(ctx, 10)
	return nil
}

func (m *manager) makeServiceAccounts(ctx context.Context) error {
	core := m.informers.Core().V1()
	controller, err := serviceaccount.NewServiceAccountsController(core.ServiceAccounts(), core.Namespaces(),
		m.own.ClientOrDie("service-account-controller"), serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return err
	}
	go controller.Run(ctx, 1)
	return nil
}

func (m *manager) fillTokens(ctx context.Context, key string) error {
	private, err := keyutil.PrivateKeyFromFile(key)
	if err != nil {
		return err
	}
	generator, err := tokens.JWTTokenGenerator(tokens.LegacyIssuer, private)
	if err != nil {
		return err
	}
	core := m.informers.Core().V1()
	controller, err := serviceaccount.NewTokensController(klog.FromContext(ctx), core.ServiceAccounts(), core.Secrets(), m.root.ClientOrDie("tokens-controller"),
		serviceaccount.TokensControllerOptions{TokenGenerator: generator, RootCA: m.root.ConfigOrDie("tokens-controller").CAData})
	if err != nil {
		return err
	}
	go controller.Run(ctx, 5)
	return nil
}

func (m *manager) aggregateRoles(ctx context.Context) error {
	go clusterroleaggregation.NewClusterRoleAggregation(m.informers.Rbac().V1().ClusterRoles(),
		m.own.ClientOrDie("clusterrole-aggregation-controller").RbacV1()).Run(ctx, 5)
	return nil
}

func (m *manager) checkPolicies(ctx context.Context) error {
	const name = "validatingadmissionpolicy-status-controller"
	schemas := resolver.NewDefinitionsSchemaResolver(openapi.GetOpenAPIDefinitions, scheme.Scheme, extensions.Scheme).
		Combine(&resolver.ClientDiscoveryResolver{Discovery: m.own.DiscoveryClientOrDie(name)})
	controller, err := validatingadmissionpolicystatus.NewController(
		m.informers.Admissionregistration().V1().ValidatingAdmissionPolicies(),
		m.own.ClientOrDie(name).AdmissionregistrationV1().ValidatingAdmissionPolicies(),
		&validating.TypeChecker{SchemaResolver: schemas, RestMapper: m.mapper})
	if err != nil {
		return err
	}
	go controller.Run(ctx, 5)
	return nil
}
