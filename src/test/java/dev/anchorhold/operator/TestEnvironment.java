package dev.anchorhold.operator;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountSpec;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Test environment of its own provider, account and namespace, in a cluster with the chart, with a simulated cloud.
 * Tests start the operator themselves: in this JVM, or as a process.
 */
public final class TestEnvironment implements AutoCloseable {
    public static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test";
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static Chart chart;

    public final HetznerSimulator cloud;
    public final KubernetesClient kubernetes = ControlPlane.shared().client();
    public final String id = "t%d-%d".formatted(ProcessHandle.current().pid(), NEXT.incrementAndGet());
    public final String provider = "p-" + id;
    public final String account = "a-" + id;
    public final String namespace;
    private final CloudflareSimulator edge;
    private final InProcessOperator.Companion companion;
    private InProcessOperator operator;

    public TestEnvironment(HetznerOptions options) {
        this(options, Firewalls.PerVm);
    }

    public TestEnvironment(HetznerOptions options, Firewalls firewalls) {
        this(options, firewalls, null, null);
    }

    /** With a place for Agents: a simulated edge, and a companion. */
    public TestEnvironment(
            HetznerOptions options,
            Firewalls firewalls,
            CloudflareSimulator edge,
            InProcessOperator.Companion companion) {
        this.edge = edge;
        this.companion = companion;
        chart();
        namespace = ControlPlane.shared().newNamespace("vms");
        cloud = HetznerSimulator.start(options);
        token(cloud.token());
        kubernetes.resource(providerConfig(firewalls, Orphans.Report)).create();
        kubernetes.resource(account(null)).create();
    }

    /** The chart is installed once in a JVM. */
    public static synchronized Chart chart() {
        if (chart == null) {
            chart = Chart.install(ControlPlane.shared(), Map.of());
        }
        return chart;
    }

    /** A cloud a hundred times as quick as the real one, with room for everything. */
    public static HetznerOptions quick() {
        return new HetznerOptions().speed(100).firewallLimit(10_000).serverLimit(10_000);
    }

    public InProcessOperator operator() {
        return operator(speed());
    }

    /** The one that runs, or a new one at this pace. */
    public InProcessOperator operator(InventorySettings speed) {
        return operator(speed, InstantSource.system());
    }

    /** A new one, whose clock is so far ahead of everybody's. */
    public InProcessOperator operator(Duration ahead) {
        return operator(speed(), () -> Instant.now().plus(ahead));
    }

    /** Cloudflare's budget is small: two calls a second, and tunnels that are awaited are looked at ten times as often. */
    private InventorySettings speed() {
        var quick = InProcessOperator.QUICK;
        return edge == null
                ? quick
                : new InventorySettings(
                        Duration.ofSeconds(3),
                        quick.relistInterval(),
                        quick.maxAge(),
                        quick.settleTime(),
                        quick.coalesceDelay(),
                        quick.slowInterval());
    }

    private InProcessOperator operator(InventorySettings speed, InstantSource clock) {
        if (operator == null) {
            operator = new InProcessOperator(
                    chart().operatorKubeconfig(), id, speed, clock, Optional.ofNullable(companion));
        }
        return operator;
    }

    /** Ends the operator in this JVM and forgets all that it knew; the next one starts from nothing. */
    public void forgetOperator() {
        if (operator != null) {
            operator.close();
            operator = null;
        }
    }

    public void token(String token) {
        tokens(token, edge == null ? "none" : edge.token());
    }

    public void tokens(String hetzner, String cloudflare) {
        kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("token-" + id)
                        .withNamespace(Chart.TOKENS)
                        .addToLabels(ApiNames.PROVIDER_TOKEN, "true")
                        .endMetadata()
                        .withStringData(Map.of("token", hetzner, "cloudflare", cloudflare))
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    public ProviderConfig providerConfig(Firewalls firewalls, Orphans orphans) {
        var config = new ProviderConfig();
        config.setMetadata(new ObjectMetaBuilder().withName(provider).build());
        config.setSpec(new ProviderConfigSpec(
                new ProviderConfigSpec.Hetzner(
                        cloud.endpoint().toString(), new ProviderConfigSpec.TokenSecretRef("token-" + id, "token")),
                cloudflare(),
                new ProviderConfigSpec.Regions("hil", "hel1"),
                List.of(new ProviderConfigSpec.ServerSize("small", List.of("cpx11"), List.of("cx23", "cpx22"))),
                firewalls,
                orphans,
                null,
                "debian-12"));
        return config;
    }

    private ProviderConfigSpec.Cloudflare cloudflare() {
        return edge == null
                ? null
                : new ProviderConfigSpec.Cloudflare(
                        edge.endpoint().toString(),
                        edge.accountId(),
                        "anchorhold.localhost",
                        null,
                        new ProviderConfigSpec.TokenSecretRef("token-" + id, "cloudflare"),
                        "http://{host}:8080",
                        null);
    }

    public Account account(Integer quota) {
        return account(account, quota, null);
    }

    /** An account that builds in this stage's provider. */
    public Account account(String name, Integer quota, Integer agents) {
        var it = new Account();
        it.setMetadata(new ObjectMetaBuilder().withName(name).build());
        it.setSpec(new AccountSpec(
                "Test",
                new AccountSpec.ProviderConfigRef(provider),
                List.of(namespace),
                new AccountSpec.Quotas(quota, agents, null),
                List.of(new AccountSpec.SshKey("laptop", KEY)),
                List.of()));
        return it;
    }

    /** Applies a PlainVm as a person would write it; may let it go. */
    public PlainVm apply(String name, String... more) {
        String manifest = """
            apiVersion: anchorhold.dev/v1alpha1
            kind: PlainVm
            metadata: {name: %s, namespace: %s, annotations: {%s: %s}}
            spec:
              account: %s
              size: small
              image: debian-12
              sshKeys: [laptop]
            """.formatted(
                                name,
                                namespace,
                                ApiNames.ABANDONED_BY,
                                ControlPlane.shared().user(),
                                account)
                + String.join(
                        "",
                        java.util.Arrays.stream(more).map(l -> "  " + l + "\n").toList());
        return kubernetes
                .resource(kubernetes.getKubernetesSerialization().<PlainVm>unmarshal(manifest, PlainVm.class))
                .fieldManager("test")
                .forceConflicts()
                .serverSideApply();
    }

    public Resource<PlainVm> vm(String name) {
        return kubernetes.resources(PlainVm.class).inNamespace(namespace).withName(name);
    }

    public void edit(String name, UnaryOperator<PlainVm> change) {
        vm(name).edit(change);
    }

    /** Waits as kubectl does: the condition must be of the current generation. */
    public PlainVm awaitReady(String name) {
        return await(name, vm -> {
            var ready = ready(vm);
            return ready != null
                    && ready.holds()
                    && ready.observedGeneration().equals(vm.getMetadata().getGeneration());
        });
    }

    public PlainVm awaitReason(String name, String reason) {
        return await(name, vm -> {
            var ready = ready(vm);
            return ready != null
                    && ready.reason().equals(reason)
                    && ready.observedGeneration().equals(vm.getMetadata().getGeneration());
        });
    }

    public static Condition ready(PlainVm vm) {
        return vm.getStatus() == null
                ? null
                : Condition.find(vm.getStatus().conditions(), Reasons.READY).orElse(null);
    }

    public PlainVm await(String name, Predicate<PlainVm> condition) {
        var last = new PlainVm[1];
        Awaitility.await(name)
                .pollInterval(Duration.ofMillis(50))
                .conditionEvaluationListener(null)
                .until(() -> {
                    last[0] = vm(name).get();
                    return last[0] != null && condition.test(last[0]);
                });
        return last[0];
    }

    /** The Events about an object with this reason. */
    public Stream<Event> events(HasMetadata about, String reason) {
        return kubernetes.events().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(e -> e.getReason().equals(reason)
                        && about.getMetadata().getUid().equals(e.getRegarding().getUid()));
    }

    public void awaitGone(String name) {
        Awaitility.await(name + " to be gone").until(() -> vm(name).get() == null);
    }

    /** Everything goes: also what a test left in a state from which nothing would heal. */
    @Override
    public void close() {
        cloud.console().resetKnobs();
        cloud.faults().clear();
        operator();
        try {
            removeAll();
        } finally {
            forgetOperator(); // in any case: it would look after the objects of other tests
            cloud.close();
        }
    }

    private void removeAll() {
        abandonAll();
        kubernetes.resources(Account.class).list().getItems().stream()
                .filter(a -> a.getSpec().providerConfigRef().name().equals(provider))
                .forEach(a -> kubernetes.resource(a).delete());
        kubernetes.resources(ProviderConfig.class).withName(provider).delete();
        Awaitility.await("the provider to be gone")
                .until(() -> kubernetes
                                .resources(ProviderConfig.class)
                                .withName(provider)
                                .get()
                        == null);
    }

    /** The annotations by which the administrator lets an object go. */
    public static Map<String, String> abandonment() {
        return Map.of(
                ApiNames.ABANDON,
                "true",
                ApiNames.ABANDONED_BY,
                ControlPlane.shared().user());
    }

    /** Takes the finalizer off by hand, as only an administrator may, while no operator runs. */
    public static void letGo(Resource<? extends HasMetadata> object) {
        object.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"annotations\":%s}}".formatted(Serialization.asJson(abandonment())));
        object.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
    }

    /** All VMs and Agents go, whatever state they are in; what they have in the cloud stays. */
    public void abandonAll() {
        abandonAll(PlainVm.class);
        abandonAll(Agent.class);
    }

    private <T extends HasMetadata> void abandonAll(Class<T> kind) {
        var objects = kubernetes.resources(kind).inNamespace(namespace);
        objects.list()
                .getItems()
                .forEach(it -> objects.withName(it.getMetadata().getName())
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"metadata\":{\"annotations\":%s}}"
                                        .formatted(kubernetes
                                                .getKubernetesSerialization()
                                                .asJson(abandonment()))));
        objects.delete();
        Awaitility.await("all to be gone").until(() -> objects.list().getItems().isEmpty());
    }
}
