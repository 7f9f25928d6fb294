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

/** A token and a password that would be recognised anywhere, and a search of all places where they must not be. */
class CanaryTest {
    private static final String TOKEN = "Canary0Canary1Canary2Canary3Canary4Canary5Canary6Canary7Canary8Z";

    private final List<String> userData = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    @Test
    void F28_the_token_and_the_password_are_nowhere_but_in_their_secrets() throws Exception {
        try (var stage = new Stage(
                        Stage.quick().dataFolder(folder.resolve("cloud")).guests(recorder()));
                var proxy = new EchoingProxy(stage.cloud.endpoint())) {
            stage.cloud.console().token("default", TOKEN, "READ_WRITE");
            stage.token(TOKEN);
            stage.kubernetes
                    .resources(ProviderConfig.class)
                    .withName(stage.provider)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), """
                            {"spec": {"hetzner": {"endpoint": "%s"}}}""".formatted(proxy.endpoint()));
            String password;
            Map<String, String> places;
            try (var operator = OperatorProcess.start(new OperatorProcess.Settings(
                            folder.resolve("operator"),
                            Stage.chart().operatorKubeconfig(),
                            Map.of("ANCHORHOLD_INSTALLATION", stage.id, "QUARKUS_LOG_LEVEL", "DEBUG")))
                    .awaitReady()) {
                password = live(stage, proxy);
                places = everything(stage, operator);
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
    private static String live(Stage stage, EchoingProxy proxy) {
        proxy.next("POST", "/firewalls", 503, "unavailable");
        proxy.next("POST", "/servers", 500, "");
        proxy.next("POST", "/servers", 422, "invalid_input");
        stage.apply("canary", "oneTimePassword: true");
        stage.awaitReason("canary", Reasons.REQUEST_REFUSED);
        proxy.next("GET", "/actions", 502, "");
        stage.apply("canary", "oneTimePassword: true", "firewall: {inbound: [{protocol: icmp}]}");
        stage.awaitReady("canary");
        proxy.next("POST", "/servers/", 409, "conflict");
        stage.apply("canary", "oneTimePassword: true", "firewall: {inbound: []}", "operatingMode: Stopped");
        stage.awaitReason("canary", Reasons.STOPPED);
        proxy.next("POST", "/servers/", 401, "unauthorized");
        stage.apply("canary", "oneTimePassword: true", "firewall: {inbound: []}");
        stage.awaitReason("canary", Reasons.CREDENTIALS_INVALID);
        Awaitility.await("all failures to be met").until(() -> proxy.left().isEmpty());
        Secret secret = stage.kubernetes
                .secrets()
                .inNamespace(stage.namespace)
                .withName("canary-one-time-password")
                .get();
        return new String(Base64.getDecoder().decode(secret.getData().get("password")), StandardCharsets.UTF_8);
    }

    private Map<String, String> everything(Stage stage, OperatorProcess operator) throws Exception {
        Map<String, String> places = new LinkedHashMap<>(Places.of(operator));
        places.put("all command lines", Places.commandLines());
        places.put("all of Kubernetes but the Secrets", Places.kubernetes());
        assertThat(places.get("all of Kubernetes but the Secrets"))
                .contains("\"PlainVm\"", "events.k8s.io", "\"ConfigMap\"", "canary", "CredentialsInvalid");
        places.put("the user data", String.join("\n", userData));
        places.put("the cloud's request log", stage.cloud.requests().entries().toString());
        places.putAll(Places.files(folder));
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
