package dev.anchorhold.demo;

import dev.anchorhold.demo.Demo.DemoFailure;
import dev.anchorhold.resource.ApiNames;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/**
 * Brings what the demo needs in the cluster: passwords and keys, the clouds' tokens, and the objects to look at. Each is made once, of this
 * installation's own, and left as it is when it is there; a demo that starts again finds its own.
 */
final class DemoSetup {
    static final String APPLICATION_PASSWORD = "application-password";
    static final String OWNER_PASSWORD = "owner-password";
    static final String HETZNER_TOKEN = "hetzner-token";
    static final String CLOUDFLARE_TOKEN = "cloudflare-token";

    /** For the kinds to be served and the policies to be in force. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KubernetesClient kubernetes;
    private final DemoSettings settings;
    private final Map<String, String> labels;

    DemoSetup(KubernetesClient kubernetes, DemoSettings settings) {
        this.kubernetes = kubernetes;
        this.settings = settings;
        this.labels = Map.of(DemoSettings.LABEL, "true");
    }

    void run() throws IOException, InterruptedException {
        new RealCredentials(kubernetes, settings).refuse();
        String namespace = settings.namespace();
        handOver(APPLICATION_PASSWORD, password(settings.applicationSecret(), "anchorhold"));
        handOver(OWNER_PASSWORD, password(settings.ownerSecret(), "anchorhold-owner"));
        secret(namespace, settings.sealingKeysSecret(), labels, Map.of("current", base64(32)));
        secret(namespace, settings.logKeySecret(), labels, Map.of("log-key.pem", logKey()));
        handOver(HETZNER_TOKEN, token("demo-hetzner", 64));
        handOver(CLOUDFLARE_TOKEN, token("demo-cloudflare", 40));
        try (InputStream manifests = Files.newInputStream(settings.objects())) {
            for (HasMetadata it : kubernetes.load(manifests).items()) {
                create(it);
            }
        }
    }

    private String password(String name, String username) {
        return secret(settings.namespace(), name, labels, Map.of("username", username, "password", hexadecimal(32)))
                .get("password");
    }

    private String token(String name, int characters) {
        Map<String, String> more = Map.of(DemoSettings.LABEL, "true", ApiNames.PROVIDER_TOKEN, "true");
        return secret(settings.tokenNamespace(), name, more, Map.of("token", hexadecimal(characters / 2)))
                .get("token");
    }

    /** What the Secret has, which is made of the data when it is not there. */
    private Map<String, String> secret(
            String namespace, String name, Map<String, String> labels, Map<String, String> data) {
        Resource<Secret> resource = kubernetes.secrets().inNamespace(namespace).withName(name);
        Secret there = resource.get();
        if (there != null) {
            return there.getData().entrySet().stream()
                    .collect(java.util.stream.Collectors.toMap(
                            Map.Entry::getKey,
                            it -> new String(Base64.getDecoder().decode(it.getValue()), StandardCharsets.UTF_8)));
        }
        kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withLabels(labels)
                        .endMetadata()
                        .withStringData(data)
                        .build())
                .create();
        System.out.println("Made the Secret " + name + " in " + namespace + ".");
        return data;
    }

    /** Tried until the cluster takes it: what was applied a moment ago is not yet in force everywhere. */
    private void create(HasMetadata object) throws InterruptedException {
        String name = object.getKind() + " " + object.getMetadata().getName();
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                kubernetes.resource(object).create();
                System.out.println("Made the " + name + ".");
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                    requireOwn(name, kubernetes.resource(object).get());
                    return;
                }
                if (Instant.now().isAfter(end)) {
                    throw new DemoFailure("The " + name + " cannot be made: " + e.getMessage());
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    private static void requireOwn(String name, HasMetadata object) {
        if (object != null && !RealCredentials.isLabelled(object)) {
            throw new DemoFailure("There is a " + name + " that is not the demo's. Remove it, or try the demo in"
                    + " another namespace or cluster.");
        }
    }

    private void handOver(String file, String content) throws IOException {
        Path path = settings.handover().resolve(file);
        Files.deleteIfExists(path);
        Files.writeString(path, content);
    }

    private static String hexadecimal(int bytes) {
        return HexFormat.of().formatHex(random(bytes));
    }

    private static String base64(int bytes) {
        return Base64.getEncoder().encodeToString(random(bytes));
    }

    private static byte[] random(int bytes) {
        byte[] it = new byte[bytes];
        RANDOM.nextBytes(it);
        return it;
    }

    /** As {@code openssl genpkey -algorithm ed25519} makes it. */
    private static String logKey() {
        try {
            byte[] key = KeyPairGenerator.getInstance("Ed25519")
                    .generateKeyPair()
                    .getPrivate()
                    .getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                    .formatted(Base64.getMimeEncoder().encodeToString(key));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
