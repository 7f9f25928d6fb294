package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.HostileTexts;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.guest.CloudInitSchema;
import dev.anchorhold.sim.guest.GuestDriver;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.lang.reflect.Proxy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Whatever a person writes into a field is refused in words that name the field, or reaches the cloud as data and nothing
 * else. Never half of it: the cloud then holds everything, or nothing at all.
 */
class PlainVmHostileInputTest {
    /** Reasons of which a person has to be told; all others mean that work goes on. */
    private static final Set<String> REPORTED = Set.of(
            Reasons.ACCOUNT_NOT_FOUND,
            Reasons.SIZE_UNKNOWN,
            Reasons.IMAGE_UNKNOWN,
            Reasons.SSH_KEY_UNKNOWN,
            Reasons.REQUEST_REFUSED);

    private static final Map<String, Machine> MACHINES = new ConcurrentHashMap<>();
    private static TestEnvironment testEnvironment;
    private static int count;

    @BeforeAll
    static void open() {
        testEnvironment = new TestEnvironment(TestEnvironment.quick().guests(recorder()));
        testEnvironment.operator();
    }

    @AfterAll
    static void close() {
        testEnvironment.close();
    }

    private static GuestDriver recorder() {
        return (GuestDriver) Proxy.newProxyInstance(
                GuestDriver.class.getClassLoader(), new Class<?>[] {GuestDriver.class}, (_, method, arguments) -> {
                    if (method.getName().equals("create")) {
                        var machine = (Machine) arguments[0];
                        MACHINES.put(machine.hostname(), machine);
                    }
                    return method.getName().equals("describe") ? "recorded" : null;
                });
    }

    @Test
    void F36_in_a_keys_comment() {
        allOfThem("sshKeys", text -> Map.of("sshKeys", List.of(TestEnvironment.KEY + " " + text)));
    }

    @Test
    void F36_as_a_key() {
        allOfThem("sshKeys", text -> Map.of("sshKeys", List.of(text)));
    }

    @Test
    void F36_in_a_rules_description() {
        allOfThem(
                "firewall.inbound",
                text -> Map.of(
                        "firewall",
                        Map.of("inbound", List.of(Map.of("protocol", "tcp", "port", "22", "description", text)))));
    }

    @Test
    void in_a_rules_port() {
        allOfThem(
                "firewall.inbound",
                text -> Map.of("firewall", Map.of("inbound", List.of(Map.of("protocol", "tcp", "port", text)))));
    }

    @Test
    void in_a_rules_source() {
        allOfThem(
                "firewall.inbound",
                text -> Map.of(
                        "firewall", Map.of("inbound", List.of(Map.of("protocol", "icmp", "sources", List.of(text))))));
    }

    @Test
    void as_an_account() {
        allOfThem("account", text -> Map.of("account", text));
        allOfThem(
                "account", _ -> Map.of("account", "a.dotted.name-that-is-as-long-as.any.account-may.be.in-kubernetes"));
    }

    @Test
    void as_a_size() {
        allOfThem("size", text -> Map.of("size", text));
    }

    @Test
    void as_an_image() {
        allOfThem("image", text -> Map.of("image", text));
    }

    @Test
    void F36_as_a_name() {
        var names = new ArrayList<>(HostileTexts.ALL);
        names.addAll(
                List.of("a.b", "A", "-a", "a".repeat(64), "a".repeat(63), "123", "0x1f", "no", "1e3", "localhost"));
        for (String name : names) {
            judge(create(name, Map.of()), "metadata.name");
        }
    }

    @Test
    void keys_that_only_look_like_keys() {
        String blob = TestEnvironment.KEY.split(" ")[1];
        for (String key : List.of(
                "ssh-rsa " + blob,
                "ssh-ed25519 " + blob.substring(0, blob.length() - 4),
                "ssh-ed25519 " + blob + "AAAA",
                "ssh-ed25519 " + blob + "====",
                "ssh-ed25519  " + blob,
                "ssh-ed25519-cert-v01@openssh.com " + blob,
                "command=\"reboot\" " + TestEnvironment.KEY,
                "no-such-key-in-the-account")) {
            var made = create(next(), Map.of("sshKeys", List.of(key)));
            judge(made, "sshKeys");
            assertThat(made.vm == null || !TestEnvironment.ready(settled(made)).holds())
                    .as(key)
                    .isTrue();
        }
    }

    @Test
    void more_keys_than_fit_into_the_user_data() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            keys.add(TestEnvironment.KEY + " " + "comment ".repeat(60) + i);
        }
        var made = create(next(), Map.of("sshKeys", keys));
        judge(made, "sshKeys");
        assertThat(TestEnvironment.ready(settled(made)).message()).contains("too long", "give fewer");
    }

    @Test
    void what_only_the_cloud_refuses_is_reported_with_the_field_and_healed_by_a_change_of_it() {
        testEnvironment
                .cloud
                .faults()
                .next("POST", "/firewalls", new Faults.Fail(422, "invalid_input", "invalid input in field 'rules'"));
        String name = next();
        var made = create(name, Map.of());
        judge(made, "firewall.inbound");

        testEnvironment.vm(name).patch(PatchContext.of(PatchType.JSON_MERGE), """
                {"spec": {"firewall": {"inbound": []}}}""");
        testEnvironment.awaitReady(name);
    }

    // ---- what must hold

    /** An attempt to create: the object, or why it was refused. */
    private record Attempt(Map<String, Object> spec, PlainVm vm, String refusal) {}

    private static void allOfThem(String field, Function<String, Map<String, Object>> spec) {
        List<Attempt> attempts = HostileTexts.ALL.stream()
                .map(text -> create(next(), spec.apply(text)))
                .toList();
        var all = new SoftAssertions();
        attempts.forEach(attempt -> all.check(() -> judge(attempt, "spec." + field)));
        all.assertAll();
    }

    private static synchronized String next() {
        return "h" + ++count;
    }

    private static Attempt create(String name, Map<String, Object> more) {
        Map<String, Object> spec = new LinkedHashMap<>(Map.of(
                "account",
                testEnvironment.account,
                "size",
                "small",
                "image",
                "debian-12",
                "sshKeys",
                List.of("laptop")));
        spec.putAll(more);
        var object = new GenericKubernetesResource();
        object.setApiVersion("anchorhold.dev/v1alpha1");
        object.setKind("PlainVm");
        object.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMetaBuilder()
                .withName(name)
                .withNamespace(testEnvironment.namespace)
                .build());
        object.setAdditionalProperties(new HashMap<>(Map.of("spec", spec)));
        try {
            testEnvironment.kubernetes.resource(object).create();
            return new Attempt(spec, testEnvironment.vm(name).get(), null);
        } catch (KubernetesClientException e) {
            return new Attempt(
                    spec,
                    null,
                    e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage());
        }
    }

    private static PlainVm settled(Attempt attempt) {
        return testEnvironment.await(attempt.vm.getMetadata().getName(), vm -> {
            var ready = TestEnvironment.ready(vm);
            return ready != null && (ready.holds() || REPORTED.contains(ready.reason()));
        });
    }

    private static void judge(Attempt attempt, String field) {
        if (attempt.vm == null) {
            assertThat(attempt.refusal).contains(field);
            return;
        }
        PlainVm vm = settled(attempt);
        var ready = TestEnvironment.ready(vm);
        if (ready.holds()) {
            assertThatItIsInTheCloudAsSpecified(vm, attempt.spec);
        } else {
            assertThat(ready.message()).contains(field).hasSizeLessThan(1000);
            assertThat(found("servers", vm))
                    .as("servers of a refused %s", attempt.spec)
                    .isEmpty();
            assertThat(found("firewalls", vm))
                    .as("firewalls of a refused %s", attempt.spec)
                    .isEmpty();
        }
    }

    private static void assertThatItIsInTheCloudAsSpecified(PlainVm vm, Map<String, Object> spec) {
        JsonNode servers = found("servers", vm);
        JsonNode firewalls = found("firewalls", vm);
        assertThat(servers).hasSize(1);
        assertThat(firewalls).hasSize(1);
        assertThat(firewalls.get(0).get("rules"))
                .hasSize(vm.getSpec().firewall().inbound().size());
        for (int i = 0; i < firewalls.get(0).get("rules").size(); i++) {
            String said = vm.getSpec().firewall().inbound().get(i).description();
            assertThat(firewalls.get(0).get("rules").get(i).get("description").asText(""))
                    .isEqualTo(said == null ? "" : said);
        }
        String document =
                MACHINES.get(servers.get(0).get("name").asText()).userData().orElseThrow();
        assertThat(CloudInitSchema.check(document)).as(document).isEmpty();
        assertThatNothingButTheKeysIsInIt(document, vm);
    }

    /** Read as data, it holds the keys, the name, and no more than any other VM's document. */
    private static void assertThatNothingButTheKeysIsInIt(String document, PlainVm vm) {
        List<String> keys = vm.getSpec().sshKeys().stream()
                .map(k -> k.equals("laptop") ? TestEnvironment.KEY : k.strip())
                .toList();
        try {
            JsonNode config = new ObjectMapper().readTree(document.substring(document.indexOf('\n')));
            assertThat(config.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrder(
                            "hostname", "users", "disable_root", "ssh_authorized_keys", "ssh_pwauth", "write_files");
            assertThat(config.get("hostname").asText())
                    .isEqualTo(vm.getMetadata().getName());
            List<String> written = new ArrayList<>();
            config.get("ssh_authorized_keys").forEach(k -> written.add(k.asText()));
            assertThat(written).isEqualTo(keys);
            assertThat(config.at("/write_files/0/content").asText().lines().toList())
                    .isEqualTo(keys);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(document, e);
        }
    }

    private static JsonNode found(String kind, PlainVm vm) {
        String selector = Ownership.UID + "=" + vm.getMetadata().getUid();
        return testEnvironment
                .cloud
                .console()
                .act(
                        "GET",
                        "/%s?label_selector=%s".formatted(kind, URLEncoder.encode(selector, StandardCharsets.UTF_8)),
                        null)
                .get(kind);
    }
}
