package dev.anchorhold.demo;

import dev.anchorhold.demo.Demo.DemoFailure;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Takes the demo out of the cluster before Helm takes the operator away, without which no finalizer would ever be removed: all that was built
 * in the simulated clouds, also by whoever tried them, then accounts, provider, keys, and the namespace of the tokens.
 */
final class DemoRemoval {
    /** Less than Helm waits for a hook, so that its message is ours. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KubernetesClient kubernetes;
    private final DemoSettings settings;
    private final Instant end = Instant.now().plus(PATIENCE);

    DemoRemoval(KubernetesClient kubernetes, DemoSettings settings) {
        this.kubernetes = kubernetes;
        this.settings = settings;
    }

    void run() throws InterruptedException {
        Set<String> providers = providers().map(DemoRemoval::name).collect(Collectors.toSet());
        Set<String> accounts = accounts(providers).map(DemoRemoval::name).collect(Collectors.toSet());
        delete(() -> Stream.concat(
                        RealCredentials.list(kubernetes.resources(Agent.class).inAnyNamespace())
                                .filter(it -> accounts.contains(it.getSpec().account())),
                        RealCredentials.list(kubernetes.resources(PlainVm.class).inAnyNamespace())
                                .filter(it -> accounts.contains(it.getSpec().account())))
                .map(HasMetadata.class::cast));
        delete(() -> accounts(providers));
        delete(this::providers);
        delete(() ->
                RealCredentials.list(kubernetes.resources(AgentImage.class)).filter(RealCredentials::isLabelled));
        delete(() -> RealCredentials.list(kubernetes.secrets().inNamespace(settings.tokenNamespace()))
                .filter(RealCredentials::isLabelled));
        delete(() -> settings.secrets().stream()
                .map(it -> kubernetes
                        .secrets()
                        .inNamespace(settings.namespace())
                        .withName(it)
                        .get())
                .filter(it -> it != null && RealCredentials.isLabelled(it)));
        // Asked before it goes: its role, and with it the right to ask, goes with it.
        if (RealCredentials.list(kubernetes.secrets().inNamespace(settings.tokenNamespace()))
                .findAny()
                .isEmpty()) {
            delete(this::tokenNamespace);
        }
    }

    /** Those that build in the simulated clouds, whoever made them: a policy of the demo keeps all others out. */
    private Stream<ProviderConfig> providers() {
        return RealCredentials.list(kubernetes.resources(ProviderConfig.class))
                .filter(it ->
                        settings.hetznerEndpoint().equals(it.getSpec().hetzner().endpoint()));
    }

    private Stream<Account> accounts(Set<String> providers) {
        return RealCredentials.list(kubernetes.resources(Account.class))
                .filter(it ->
                        providers.contains(it.getSpec().providerConfigRef().name()));
    }

    private Stream<Namespace> tokenNamespace() {
        return Stream.ofNullable(kubernetes
                        .namespaces()
                        .withName(settings.tokenNamespace())
                        .get())
                .filter(RealCredentials::isLabelled);
    }

    /** Returns when there are none any more. */
    private void delete(Supplier<Stream<? extends HasMetadata>> which) throws InterruptedException {
        while (true) {
            List<? extends HasMetadata> left = which.get().toList();
            if (left.isEmpty()) {
                return;
            }
            if (Instant.now().isAfter(end)) {
                throw new DemoFailure(
                        "These are still there, after %d minutes: %s. See kubectl describe, and uninstall again."
                                .formatted(
                                        PATIENCE.toMinutes(),
                                        left.stream()
                                                .map(it -> it.getKind() + " " + name(it))
                                                .collect(Collectors.joining(", "))));
            }
            for (HasMetadata it : left) {
                if (it.getMetadata().getDeletionTimestamp() == null) {
                    kubernetes.resource(it).delete();
                    System.out.println("Deleting the " + it.getKind() + " " + name(it) + ".");
                }
            }
            Thread.sleep(PAUSE);
        }
    }

    private static String name(HasMetadata object) {
        return object.getMetadata().getName();
    }
}
