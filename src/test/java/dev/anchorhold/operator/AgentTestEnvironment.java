package dev.anchorhold.operator;

import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentImageSpec;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import dev.anchorhold.sim.guest.ScriptedGuest;
import dev.anchorhold.sim.guest.ScriptedGuests;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.ProductProcess;
import dev.anchorhold.world.ThrowawayFolder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/**
 * A {@link TestEnvironment} for Agents: both clouds simulated, the real companion as a process, and simulated guests.
 */
public final class AgentTestEnvironment implements AutoCloseable {
    private static CompanionProcess companion;
    private static CompanionDatabase database;

    public final CloudflareSimulator edge =
            CloudflareSimulator.start(new CloudflareOptions().noRateLimit().recordLimit(10_000));
    public final ScriptedGuests guests;
    public final TestEnvironment testEnvironment;
    public final KubernetesClient kubernetes;
    public final String image;

    public AgentTestEnvironment() {
        this(TestEnvironment.quick());
    }

    public AgentTestEnvironment(HetznerOptions options) {
        this(options, Duration.ofSeconds(1));
    }

    /** @param reports how often each guest reports: not too often for a fleet */
    public AgentTestEnvironment(HetznerOptions options, Duration reports) {
        this(options, reports, companion());
    }

    /** With a companion of the test's own. */
    public AgentTestEnvironment(HetznerOptions options, Duration reports, CompanionProcess companion) {
        guests = new ScriptedGuests(this::connection, reports);
        testEnvironment = new TestEnvironment(
                options.guests(guests),
                Firewalls.PerVm,
                edge,
                new InProcessOperator.Companion(
                        companion.internalUri(),
                        companion.doorUri(),
                        TestEnvironment.chart().operatorTokenForCompanion()));
        kubernetes = testEnvironment.kubernetes;
        image = "coder-" + testEnvironment.id;
        publish(1);
    }

    private AutoCloseable connection(String token) {
        return edge.console().connect(token);
    }

    /** One for all tests of a JVM. */
    public static synchronized CompanionProcess companion() {
        if (companion == null) {
            Path folder = ThrowawayFolder.create();
            database = CompanionDatabase.fresh();
            companion = CompanionProcess.start(
                            new ProductProcess.Settings(
                                    folder, TestEnvironment.chart().companionKubeconfig(), Map.of()),
                            new DatabaseAndKeys(database, folder))
                    .awaitReady();
            Runtime.getRuntime().addShutdownHook(new Thread(companion::close, "stop the companion"));
        }
        return companion;
    }

    /** What that companion writes into. */
    public static synchronized CompanionDatabase database() {
        companion();
        return database;
    }

    /** The catalogue's newest edition of the image. */
    public void publish(long revision) {
        var it = new AgentImage();
        it.setMetadata(new ObjectMetaBuilder().withName(image).build());
        it.setSpec(new AgentImageSpec("registry.example/coder", digest(revision), revision, null));
        kubernetes.resource(it).forceConflicts().fieldManager("test").serverSideApply();
    }

    public static String digest(long revision) {
        return "sha256:%064x".formatted(revision);
    }

    /** Applies an Agent as a person would write it. */
    public Agent apply(String name, String... more) {
        return manifest(
                name, "account: " + testEnvironment.account, "size: small", "image: " + image, String.join("\n", more));
    }

    /** Applies an Agent with just these lines in its spec. */
    public Agent manifest(String name, String... spec) {
        String lines = String.join("", Arrays.stream(spec).map(l -> l + "\n").toList());
        String manifest = """
            apiVersion: anchorhold.dev/v1alpha1
            kind: Agent
            metadata: {name: %s, namespace: %s, annotations: {%s: %s}}
            spec:
            """.formatted(
                                name,
                                testEnvironment.namespace,
                                ApiNames.ABANDONED_BY,
                                ControlPlane.shared().user())
                + lines.indent(2);
        return kubernetes
                .resource(kubernetes.getKubernetesSerialization().<Agent>unmarshal(manifest, Agent.class))
                .fieldManager("test")
                .forceConflicts()
                .serverSideApply();
    }

    public Resource<Agent> agent(String name) {
        return kubernetes
                .resources(Agent.class)
                .inNamespace(testEnvironment.namespace)
                .withName(name);
    }

    /** As {@code kubectl patch --type=merge}. */
    public void patch(String name, String spec) {
        agent(name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": %s}".formatted(spec));
    }

    /** Its guest, on the server that it has now. */
    public ScriptedGuest guest(String name) {
        return guests.guest(agent(name).get().getStatus().serverId()).orElseThrow();
    }

    public Agent awaitReady(String name) {
        return await(name, a -> current(a).filter(Condition::holds).isPresent());
    }

    public Agent awaitReason(String name, String reason) {
        return await(
                name, a -> current(a).filter(c -> c.reason().equals(reason)).isPresent());
    }

    private static java.util.Optional<Condition> current(Agent agent) {
        return condition(agent, Reasons.READY)
                .filter(c -> c.observedGeneration().equals(agent.getMetadata().getGeneration()));
    }

    public static java.util.Optional<Condition> condition(Agent agent, String type) {
        return agent.getStatus() == null
                ? java.util.Optional.empty()
                : Condition.find(agent.getStatus().conditions(), type);
    }

    public Agent await(String name, Predicate<Agent> condition) {
        var last = new Agent[1];
        try {
            Awaitility.await(name).pollInterval(Duration.ofMillis(50)).until(() -> {
                last[0] = agent(name).get();
                return last[0] != null && condition.test(last[0]);
            });
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(
                    "%s is not as awaited, but: %s".formatted(name, last[0] == null ? "gone" : last[0].getStatus()), e);
        }
        return last[0];
    }

    public void awaitGone(String name) {
        Agent[] last = {null};
        try {
            Awaitility.await(name + " to be gone").until(() -> {
                last[0] = agent(name).get();
                return last[0] == null;
            });
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("%s is not gone, but: %s".formatted(name, last[0].getStatus()), e);
        }
    }

    @Override
    public void close() {
        edge.console().resetKnobs();
        edge.faults().clear();
        testEnvironment.close();
        kubernetes.resources(AgentImage.class).withName(image).delete();
        edge.close();
    }
}
