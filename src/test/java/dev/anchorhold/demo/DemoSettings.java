package dev.anchorhold.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the chart tells the containers of the demo, each the part that it needs.
 *
 * @param environment {@code ANCHORHOLD_DEMO_…}
 */
record DemoSettings(Map<String, String> environment) {
    static final int HETZNER_PORT = 8080;
    static final int CLOUDFLARE_PORT = 8081;

    /** The label, {@code "true"} on all that is the demo's. */
    static final String LABEL = "anchorhold.dev/demo";

    static DemoSettings ofEnvironment(Map<String, String> environment) {
        return new DemoSettings(environment);
    }

    /** The release's namespace. */
    String namespace() {
        return required("NAMESPACE");
    }

    /** Where the tokens of providers are. */
    String tokenNamespace() {
        return required("TOKEN_NAMESPACE");
    }

    /** The simulated Hetzner Cloud, as ProviderConfigs name it. */
    String hetznerEndpoint() {
        return required("HETZNER_ENDPOINT");
    }

    /** The simulated Cloudflare, as ProviderConfigs name it. */
    String cloudflareEndpoint() {
        return required("CLOUDFLARE_ENDPOINT");
    }

    /** The name of the Secret with the credentials of the database's user that owns nothing. */
    String applicationSecret() {
        return required("APPLICATION_SECRET");
    }

    /** The name of the Secret with the credentials of the database's owner. */
    String ownerSecret() {
        return required("OWNER_SECRET");
    }

    /** The name of the Secret with the key that seals the door's payloads. */
    String sealingKeysSecret() {
        return required("SEALING_KEYS_SECRET");
    }

    /** The name of the Secret with the key that signs the log. */
    String logKeySecret() {
        return required("LOG_KEY_SECRET");
    }

    /** The names of all four, which are in the release's namespace. */
    List<String> secrets() {
        return List.of(applicationSecret(), ownerSecret(), sealingKeysSecret(), logKeySecret());
    }

    /** The manifests of the objects to look at. */
    Path objects() {
        return Path.of(required("OBJECTS"));
    }

    /** A folder in memory, in which the setup leaves what the containers after it need of the Secrets. */
    Path handover() {
        return Path.of(required("HANDOVER"));
    }

    /** The folder of all that the demo's pod keeps, and loses with the pod. */
    Path state() {
        return Path.of(required("STATE"));
    }

    private String required(String name) {
        String variable = "ANCHORHOLD_DEMO_" + name;
        return Optional.ofNullable(environment.get(variable))
                .orElseThrow(() -> new Demo.DemoFailure(variable + " is missing; the chart sets it"));
    }
}
