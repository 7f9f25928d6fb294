package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.HostileTexts;
import dev.anchorhold.operator.pipeline.OwnedSecret;
import dev.anchorhold.resource.AccountSpec;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentImageSpec;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.guest.CloudInitSchema;
import dev.anchorhold.world.Chart;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whatever a person writes into an Agent reaches its guest as it is, or is refused in words that name the field. */
class AgentHostileInputTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static AgentTestEnvironment stage;
    private static int count;

    @BeforeAll
    static void open() {
        stage = new AgentTestEnvironment();
        stage.testEnvironment.operator();
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @Test
    void F36_values_of_the_environment_reach_the_guest_unchanged_and_are_not_in_its_user_data() throws Exception {
        List<String> texts =
                HostileTexts.ALL.stream().filter(text -> text.indexOf('\0') < 0).toList();
        Map<String, String> wanted = new LinkedHashMap<>();
        Map<String, String> secret = new LinkedHashMap<>();
        List<Map<String, Object>> env = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            wanted.put("VALUE_" + i, texts.get(i));
            wanted.put("SECRET_" + i, texts.get(i));
            secret.put("key-" + i, texts.get(i));
            env.add(Map.of("name", "VALUE_" + i, "value", texts.get(i)));
            env.add(Map.of("name", "SECRET_" + i, "secretKeyRef", Map.of("name", "hostile", "key", "key-" + i)));
        }
        stage.kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("hostile")
                        .withNamespace(stage.testEnvironment.namespace)
                        .endMetadata()
                        .withStringData(secret)
                        .build())
                .create();

        assertThat(refusal("env", Map.of("env", env))).isEmpty();

        long server = stage.awaitReady("env").getStatus().serverId();
        JsonNode given = stage.guest("env").payload().orElseThrow().get("env");
        wanted.forEach(
                (name, value) -> assertThat(given.get(name).asText()).as(name).isEqualTo(value));
        assertThat(given).hasSize(wanted.size());
        String document = stage.guests.documents().get(server);
        assertThat(CloudInitSchema.check(document)).as(document).isEmpty();
        assertThat(document).doesNotContain("VALUE_0", "SECRET_0", "{name: evil}", "jndi");
    }

    @Test
    void H25_what_no_container_can_be_started_with_is_refused_before_anything_is_made_and_mended_by_its_secret() {
        secret("large", Map.of("key", "x".repeat(200 * 1024)));
        assertThat(refusal("large", from("large", "key"))).isEmpty();
        var told = stage.awaitReason("large", Reasons.ENVIRONMENT_UNUSABLE);
        assertThat(AgentTestEnvironment.condition(told, Reasons.READY)
                        .orElseThrow()
                        .message())
                .contains("spec.env 'X'", "204802 bytes", "131071")
                .doesNotContain("xxx");
        assertThat(told.getStatus().frozenSecret()).isNull();
        assertThat(told.getStatus().volumeId()).as("nothing is made").isNull();
        assertThat(told.getStatus().tunnelId()).as("nothing is made").isNull();

        secret("large", Map.of("key", "x".repeat(131_069)));
        stage.awaitReady("large");
        assertThat(stage.guest("large").payload().orElseThrow().at("/env/X").asText())
                .as("the largest that Linux takes")
                .hasSize(131_069);
    }

    @Test
    void H25_an_environment_that_no_secret_holds_is_refused_and_may_be_changed_until_it_is_frozen() {
        Map<String, String> values = new LinkedHashMap<>();
        List<Map<String, Object>> env = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            values.put("key-" + i, "y".repeat(i == 7 ? 100_000 : 80_000));
            env.add(Map.of("name", "V" + i, "secretKeyRef", Map.of("name", "much", "key", "key-" + i)));
        }
        secret("much", values);
        env.add(Map.of("name", "SMALL", "value", "z".repeat(8192)));
        for (int i = 0; i < 7; i++) {
            env.add(Map.of("name", "SMALL" + i, "value", "z".repeat(8192)));
        }
        assertThat(refusal("much", Map.of("env", env))).isEmpty();
        var told = stage.awaitReason("much", Reasons.ENVIRONMENT_UNUSABLE);
        assertThat(AgentTestEnvironment.condition(told, Reasons.READY)
                        .orElseThrow()
                        .message())
                .contains("1048576", "'V7' (100003 bytes)");

        stage.patch("much", "{\"env\": [{\"name\": \"A\", \"value\": \"b\"}]}");
        stage.awaitReady("much");
        assertThat(stage.guest("much").payload().orElseThrow().get("env"))
                .hasSize(1)
                .first()
                .extracting(JsonNode::asText)
                .isEqualTo("b");
        assertThatThrownBy(() -> stage.patch("much", "{\"env\": null}"))
                .hasMessageContaining("spec.env is fixed for life once");
    }

    @Test
    void H27_a_domain_that_no_certificate_covers_is_a_condition_and_no_agent_is_made_there() {
        var environment = stage.testEnvironment;
        var config = environment.providerConfig(Firewalls.PerVm, Orphans.Report);
        var cloudflare = config.getSpec().cloudflare();
        String name = "deep-" + environment.id;
        config.getMetadata().setName(name);
        config.setSpec(new ProviderConfigSpec(
                config.getSpec().hetzner(),
                new ProviderConfigSpec.Cloudflare(
                        cloudflare.endpoint(),
                        cloudflare.accountId(),
                        cloudflare.zone(),
                        "agents." + cloudflare.zone(),
                        cloudflare.tokenSecretRef(),
                        null,
                        null),
                config.getSpec().regions(),
                config.getSpec().sizes(),
                config.getSpec().firewalls(),
                config.getSpec().orphans(),
                config.getSpec().orphanVolumesAfterDays(),
                config.getSpec().agentBaseImage()));
        var account = environment.account(name, null, null);
        account.setSpec(new AccountSpec(
                null, new AccountSpec.ProviderConfigRef(name), account.getSpec().namespaces(), null, null, null));
        stage.kubernetes.resource(config).create();
        stage.kubernetes.resource(account).create();
        try {
            awaitProvider(name, Condition.Status.False, Reasons.DOMAIN_NOT_COVERED);
            stage.manifest("deep", "account: " + name, "size: small", "image: " + stage.image);
            var held = stage.awaitReason("deep", Reasons.DOMAIN_NOT_COVERED);
            assertThat(AgentTestEnvironment.condition(held, Reasons.READY)
                            .orElseThrow()
                            .message())
                    .contains("one level below a zone", "spec.cloudflare.certificate: Advanced");
            assertThat(held.getStatus().tunnelId()).as("nothing is made").isNull();

            stage.kubernetes
                    .resources(ProviderConfig.class)
                    .withName(name)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\": {\"cloudflare\": {\"certificate\": \"Advanced\"}}}");
            awaitProvider(name, Condition.Status.True, Reasons.AS_SPECIFIED);
            assertThat(stage.awaitReady("deep").getStatus().url())
                    .matches("https://deep-[0-9a-f]{8}[.]agents[.]anchorhold[.]localhost");
        } finally {
            stage.agent("deep").delete();
            stage.awaitGone("deep");
            stage.kubernetes.resource(account).delete();
            stage.kubernetes.resource(config).delete();
        }
    }

    private static void awaitProvider(String name, Condition.Status status, String reason) {
        Awaitility.await(reason)
                .until(() -> Optional.ofNullable(stage.kubernetes
                                .resources(ProviderConfig.class)
                                .withName(name)
                                .get()
                                .getStatus())
                        .flatMap(it -> Condition.find(it.conditions(), Reasons.READY))
                        .filter(it -> it.status() == status && it.reason().equals(reason))
                        .isPresent());
    }

    @Test
    void H26_a_private_images_login_is_frozen_with_the_agent_and_reaches_its_guest_and_nobody_else() {
        String image = "private-" + stage.testEnvironment.id;
        var it = new AgentImage();
        it.setMetadata(new ObjectMetaBuilder().withName(image).build());
        it.setSpec(new AgentImageSpec(
                "registry.example/coder", AgentTestEnvironment.digest(1), 1L, new AgentImageSpec.PullSecretRef(image)));
        stage.kubernetes.resource(it).create();
        try {
            stage.manifest("private", "account: " + stage.testEnvironment.account, "size: small", "image: " + image);
            var told = stage.awaitReason("private", Reasons.SECRET_NOT_FOUND);
            assertThat(told.getStatus().volumeId()).as("nothing is made").isNull();
            awaitImage(image, Condition.Status.False, Reasons.SECRET_NOT_FOUND);

            pullSecret(image, Map.of(), "registry.example");
            pullSecret(image, Map.of(ApiNames.PULL_SECRET, "true"), "other.example");
            stage.awaitReason("private", Reasons.PULL_SECRET_UNUSABLE);

            pullSecret(image, Map.of(ApiNames.PULL_SECRET, "true"), "registry.example");
            var ready = stage.awaitReady("private");
            awaitImage(image, Condition.Status.True, Reasons.AS_SPECIFIED);
            var login = JSON.createObjectNode()
                    .put("server", "registry.example")
                    .put("username", "robot")
                    .put("password", "pull-canary");
            assertThat(stage.guest("private").payload().orElseThrow().get("login"))
                    .isEqualTo(login);
            assertThat(stage.guest("private").payload().orElseThrow().toString())
                    .doesNotContain("unrelated");
            assertThat(stage.guests.documents().get(ready.getStatus().serverId()))
                    .doesNotContain("pull-canary", "robot");
            assertThat(ready.getStatus().toString()).doesNotContain("pull-canary");
            assertThat(OwnedSecret.text(
                            stage.kubernetes
                                    .secrets()
                                    .inNamespace(stage.testEnvironment.namespace)
                                    .withName("private-frozen")
                                    .get(),
                            "registry-login.json"))
                    .contains("pull-canary")
                    .doesNotContain("unrelated");
        } finally {
            stage.kubernetes.resource(it).delete();
            stage.kubernetes.secrets().inNamespace(Chart.TOKENS).withName(image).delete();
        }
    }

    @Test
    void H27_Ready_comes_first_also_in_a_status_that_an_older_operator_wrote() {
        assertThat(refusal("reordered", Map.of())).isEmpty();
        stage.awaitReady("reordered");
        stage.agent("reordered").editStatus(agent -> {
            ObjectNode status = JSON.valueToTree(agent.getStatus());
            status.putPOJO("conditions", agent.getStatus().conditions().reversed());
            agent.setStatus(JSON.convertValue(status, AgentStatus.class));
            return agent;
        });
        assertThat(stage.agent("reordered")
                        .get()
                        .getStatus()
                        .conditions()
                        .getLast()
                        .type())
                .isEqualTo(Reasons.READY);
        stage.patch("reordered", "{\"shareLogs\": true}");
        assertThat(stage.awaitReady("reordered")
                        .getStatus()
                        .conditions()
                        .getFirst()
                        .type())
                .isEqualTo(Reasons.READY);
    }

    /** As {@code kubectl create secret docker-registry} makes it, and labelled. */
    private static void pullSecret(String name, Map<String, String> labels, String registry) {
        stage.kubernetes.secrets().inNamespace(Chart.TOKENS).withName(name).delete();
        stage.kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(Chart.TOKENS)
                        .withLabels(labels)
                        .endMetadata()
                        .withType("kubernetes.io/dockerconfigjson")
                        .withStringData(Map.of(".dockerconfigjson", """
                            {"auths": {"%s": {"username": "robot", "password": "pull-canary"},
                                       "unrelated.example": {"username": "unrelated", "password": "unrelated"}}}
                            """.formatted(registry)))
                        .build())
                .create();
    }

    private static void awaitImage(String name, Condition.Status status, String reason) {
        Awaitility.await(reason)
                .until(() -> Optional.ofNullable(stage.kubernetes
                                .resources(AgentImage.class)
                                .withName(name)
                                .get()
                                .getStatus())
                        .flatMap(it -> Condition.find(it.conditions(), Reasons.READY))
                        .filter(it -> it.status() == status && it.reason().equals(reason))
                        .isPresent());
    }

    private static void secret(String name, Map<String, String> values) {
        stage.kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(stage.testEnvironment.namespace)
                        .endMetadata()
                        .withStringData(values)
                        .build())
                .createOr(NonDeletingOperation::update);
    }

    @Test
    void a_value_that_no_environment_can_hold_is_refused() {
        assertThat(refusal(next(), Map.of("env", List.of(Map.of("name", "X", "value", "null\0byte")))))
                .hasValueSatisfying(refusal -> assertThat(refusal).contains("spec.env"));
    }

    @Test
    void F36_a_variables_name() {
        List<String> names = new ArrayList<>(HostileTexts.ALL);
        names.remove("true");
        names.addAll(List.of("A=B", "A B", "1A", "PORT", "A\nB", ""));
        for (String name : names) {
            assertThat(refusal(next(), Map.of("env", List.of(Map.of("name", name, "value", "x")))))
                    .as(name)
                    .hasValueSatisfying(refusal -> assertThat(refusal).contains("spec.env"));
        }
    }

    @Test
    void where_a_value_is_read_from() {
        allRefused("spec.env", text -> from(text, "key"), "true");
        allRefused("spec.env", text -> from("hostile", text), "true", "0x1F", "x".repeat(4096));
    }

    private static Map<String, Object> from(String secret, String key) {
        return Map.of("env", List.of(Map.of("name", "X", "secretKeyRef", Map.of("name", secret, "key", key))));
    }

    @Test
    void names_of_other_objects() {
        for (String field : List.of("account", "size", "image", "cloneOf")) {
            allRefused("spec." + field, text -> Map.of(field, text), "true");
        }
    }

    @Test
    void F36_a_name_is_refused_or_is_the_name_of_a_host_that_serves() throws Exception {
        var names = new ArrayList<>(HostileTexts.ALL);
        names.remove("true"); // a fine name
        names.addAll(List.of("a.b", "A", "-a", "a-", "xn--a", "a".repeat(64)));
        for (String name : names) {
            assertThat(refusal(name, Map.of()))
                    .as(name)
                    .hasValueSatisfying(refusal -> assertThat(refusal).contains("metadata.name"));
        }
        var fine = List.of("no", "a".repeat(63), "a-".repeat(31) + "a", "123", "0x1f", "1e3", "localhost");
        for (String name : fine) {
            assertThat(refusal(name, Map.of())).as(name).isEmpty();
        }
        for (String name : fine) {
            var ready = stage.awaitReady(name);
            assertThat(ready.getStatus().hostname())
                    .matches("[a-z0-9][-a-z0-9]{0,61}[a-z0-9][.]anchorhold[.]localhost");
            String document = stage.guests.documents().get(ready.getStatus().serverId());
            assertThat(CloudInitSchema.check(document)).as(document).isEmpty();
            assertThat(JSON.readTree(document.substring(document.indexOf('\n')))
                            .get("hostname")
                            .isTextual())
                    .isTrue();
            new AgentCloudContents(stage).assertExactlyOneOfEach(ready);
        }
    }

    // ---- what must hold

    /** Every text but these, which are as good as any other, is refused at once; these, at the latest, by a condition. */
    private static void allRefused(String field, Function<String, Map<String, Object>> spec, String... fine) {
        var all = new SoftAssertions();
        for (String text : HostileTexts.ALL) {
            String name = next();
            Optional<String> refusal = refusal(name, spec.apply(text));
            if (List.of(fine).contains(text)) {
                refusal.ifPresent(it -> all.assertThat(it).contains(field));
            } else {
                all.assertThat(refusal)
                        .as("'%s' in %s", text, field)
                        .hasValueSatisfying(it -> assertThat(it).contains(field));
            }
            if (refusal.isEmpty()) {
                awaitReported(field, name);
            }
        }
        all.assertAll();
    }

    private static void awaitReported(String field, String name) {
        stage.await(
                name,
                agent -> AgentTestEnvironment.condition(agent, Reasons.READY)
                        .filter(c -> c.status() != Condition.Status.True
                                && c.message().contains(field))
                        .isPresent());
    }

    private static synchronized String next() {
        return "h" + ++count;
    }

    /** Creates it; what the API server says when it refuses. */
    private static Optional<String> refusal(String name, Map<String, Object> more) {
        Map<String, Object> spec = new LinkedHashMap<>(Map.of("account", stage.testEnvironment.account));
        if (!more.containsKey("cloneOf")) {
            spec.putAll(Map.of("size", "small", "image", stage.image));
        }
        spec.putAll(more);
        var object = new GenericKubernetesResource();
        object.setApiVersion("anchorhold.dev/v1alpha1");
        object.setKind("Agent");
        object.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(stage.testEnvironment.namespace)
                .build());
        object.setAdditionalProperties(Map.of("spec", spec));
        try {
            stage.kubernetes.resource(object).create();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.of(
                    e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage());
        }
    }
}
