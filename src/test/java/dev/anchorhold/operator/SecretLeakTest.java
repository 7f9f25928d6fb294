package dev.anchorhold.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.guest.GuestDriver;
import dev.anchorhold.world.OperatorProcess;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches all places where the token and the one-time password must not be. */
class SecretLeakTest {
    private static final String TOKEN = "Canary0Canary1Canary2Canary3Canary4Canary5Canary6Canary7Canary8Z";

    private final List<String> userData = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    @Test
    void F28_the_token_and_the_password_are_nowhere_but_in_their_secrets() throws Exception {
        try (var testEnvironment = new TestEnvironment(TestEnvironment.quick()
                        .dataFolder(folder.resolve("cloud"))
                        .guests(recorder()));
                var proxy = new EchoingProxy(testEnvironment.cloud.endpoint())) {
            testEnvironment.cloud.console().token("default", TOKEN, "READ_WRITE");
            testEnvironment.token(TOKEN);
            testEnvironment
                    .kubernetes
                    .resources(ProviderConfig.class)
                    .withName(testEnvironment.provider)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), """
                            {"spec": {"hetzner": {"endpoint": "%s"}}}""".formatted(proxy.endpoint()));
            String password;
            Map<String, String> places;
            try (var operator = OperatorProcess.start(new OperatorProcess.Settings(
                            folder.resolve("operator"),
                            TestEnvironment.chart().operatorKubeconfig(),
                            Map.of(
                                    "ANCHORHOLD_INSTALLATION",
                                    testEnvironment.id,
                                    "QUARKUS_LOG_LEVEL",
                                    "DEBUG",
                                    // As in a cluster: with the fields of each line, too.
                                    "QUARKUS_LOG_CONSOLE_JSON_ENABLED",
                                    "true")))
                    .awaitReady()) {
                password = live(testEnvironment, proxy);
                places = everything(testEnvironment, operator);
            }
            assertThat(userData).isNotEmpty().allMatch(d -> d.contains("$6$"));
            assertThat(places.get("the operator's log"))
                    .as("the log is at debug level, and tells of what was echoed")
                    .contains("DEBUG")
                    .contains("refused: ");
            places.forEach((place, text) -> {
                assertThat(text)
                        .as("the token in " + place)
                        .doesNotContain(TOKEN, base64(TOKEN), TOKEN.substring(8, 40));
                assertThat(text).as("the password in " + place).doesNotContain(password, base64(password));
            });
        }
    }

    /** A life with every kind of failure that could carry a secret along. */
    private static String live(TestEnvironment testEnvironment, EchoingProxy proxy) {
        proxy.next("POST", "/firewalls", 503, "unavailable");
        proxy.next("POST", "/servers", 500, "");
        proxy.next("POST", "/servers", 422, "invalid_input");
        testEnvironment.apply("canary", "oneTimePassword: true");
        testEnvironment.awaitReason("canary", Reasons.REQUEST_REFUSED);
        proxy.next("GET", "/actions", 502, "");
        testEnvironment.apply("canary", "oneTimePassword: true", "firewall: {inbound: [{protocol: icmp}]}");
        testEnvironment.awaitReady("canary");
        proxy.next("POST", "/servers/", 409, "conflict");
        testEnvironment.apply("canary", "oneTimePassword: true", "firewall: {inbound: []}", "operatingMode: Stopped");
        testEnvironment.awaitReason("canary", Reasons.STOPPED);
        proxy.next("POST", "/servers/", 401, "unauthorized");
        testEnvironment.apply("canary", "oneTimePassword: true", "firewall: {inbound: []}");
        testEnvironment.awaitReason("canary", Reasons.CREDENTIALS_INVALID);
        Awaitility.await("all failures to be met").until(() -> proxy.left().isEmpty());
        Secret secret = testEnvironment
                .kubernetes
                .secrets()
                .inNamespace(testEnvironment.namespace)
                .withName("canary-one-time-password")
                .get();
        return new String(Base64.getDecoder().decode(secret.getData().get("password")), StandardCharsets.UTF_8);
    }

    private Map<String, String> everything(TestEnvironment testEnvironment, OperatorProcess operator) throws Exception {
        Map<String, String> places = new LinkedHashMap<>(LeakSurfaces.of(operator));
        places.put("all command lines", LeakSurfaces.commandLines());
        places.put("all of Kubernetes but the Secrets", LeakSurfaces.kubernetes());
        assertThat(places.get("all of Kubernetes but the Secrets"))
                .contains("\"PlainVm\"", "events.k8s.io", "\"ConfigMap\"", "canary", "CredentialsInvalid");
        places.put("the user data", String.join("\n", userData));
        places.put(
                "the cloud's request log",
                testEnvironment.cloud.requests().entries().toString());
        places.putAll(LeakSurfaces.files(folder));
        return places;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private GuestDriver recorder() {
        return (GuestDriver) Proxy.newProxyInstance(
                GuestDriver.class.getClassLoader(), new Class<?>[] {GuestDriver.class}, (_, method, arguments) -> {
                    if (method.getName().equals("create")) {
                        userData.add(
                                ((GuestDriver.Machine) arguments[0]).userData().orElse(""));
                    }
                    return method.getName().equals("describe") ? "recorded" : null;
                });
    }
}
