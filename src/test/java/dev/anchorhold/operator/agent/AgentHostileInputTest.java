package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.HostileTexts;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.guest.CloudInitSchema;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.assertj.core.api.SoftAssertions;
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
