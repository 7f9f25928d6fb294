package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults.When;
import dev.anchorhold.world.OperatorProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the packaged operator at every cloud write. Three VMs send the same request; all three are frozen, the
 * process is killed, and the cloud then treats them differently: one request was never carried out, one is carried out after
 * the sender's death, one had been carried out before it. The next process must bring all three to the same end.
 */
class PlainVmCrashTest {
    @TempDir
    static Path folder;

    private static TestEnvironment perVm;
    private static TestEnvironment byContent;
    private static OperatorProcess operator;

    @RegisterExtension
    static final AfterTestExecutionCallback LOG = test -> CrashPoint.tell(test, operator);

    @BeforeAll
    static void open() {
        perVm = new TestEnvironment(TestEnvironment.quick());
        byContent = new TestEnvironment(TestEnvironment.quick(), Firewalls.ByContent);
        operator = OperatorProcess.start(new OperatorProcess.Settings(
                folder, TestEnvironment.chart().operatorKubeconfig(), Map.of("ANCHORHOLD_INSTALLATION", perVm.id)));
    }

    @AfterAll
    static void close() {
        operator.close();
        perVm.close();
        byContent.close();
    }

    /** What a failed test left does not fail the next one. */
    @AfterEach
    void clear() {
        for (TestEnvironment testEnvironment : List.of(perVm, byContent)) {
            testEnvironment.cloud.faults().clear();
            testEnvironment.abandonAll();
            new HetznerProjectContents(testEnvironment).clear();
        }
    }

    @Test
    void F01_making_the_sealed_key() {
        var provider = perVm.kubernetes.resources(ProviderConfig.class).withName(perVm.provider);
        Long key = await().until(
                        () -> provider.get().getStatus() == null
                                ? null
                                : provider.get().getStatus().sealedKeyId(),
                        Objects::nonNull);
        provider.edit(p -> {
            p.getMetadata().setAnnotations(Map.of(ApiNames.FORGET_SEALED_KEY, key.toString()));
            return p;
        });
        perVm.cloud.console().act("DELETE", "/ssh_keys/" + key, null);
        for (When when : When.values()) {
            var hold = perVm.cloud.faults().hold("POST", "/ssh_keys", when);
            operator.restart();
            assertThat(hold.awaitHeld()).as("the key is being made").isTrue();
            operator.kill9();
            hold.drop();
        }
        operator.restart();
        perVm.apply("key");
        new HetznerProjectContents(perVm).assertExactlyOneOfEach(perVm.awaitReady("key"));
        assertThat(perVm.cloud.console().act("GET", "/ssh_keys", null).get("ssh_keys"))
                .hasSize(1);
        deleteAll(perVm, List.of("key"));
    }

    @Test
    void F01_F14_making_and_deleting_a_server_and_its_firewall() {
        var vms = three("made");
        killedAt(perVm, "POST", "/firewalls", 2, () -> vms.forEach(perVm::apply));
        awaitReady(perVm, vms);
        deleteAll(perVm, vms);

        killedAt(perVm, "POST", "/servers", 2, () -> vms.forEach(perVm::apply));
        awaitReady(perVm, vms);

        killedAt(
                perVm,
                "DELETE",
                "/servers/{id}",
                2,
                () -> vms.forEach(it -> perVm.vm(it).delete()));
        vms.forEach(perVm::awaitGone);
        new HetznerProjectContents(perVm).assertNothingIsLeft();

        vms.forEach(perVm::apply);
        awaitReady(perVm, vms);
        killedAt(
                perVm,
                "DELETE",
                "/firewalls/{id}",
                2,
                () -> vms.forEach(it -> perVm.vm(it).delete()));
        vms.forEach(perVm::awaitGone);
        new HetznerProjectContents(perVm).assertNothingIsLeft();
    }

    @Test
    void changing_the_rules() {
        var vms = three("walled");
        vms.forEach(perVm::apply);
        awaitReady(perVm, vms);

        killedAt(
                perVm, "POST", "/firewalls/{id}/actions/set_rules", 4, () -> vms.forEach(it -> perVm.apply(it, web())));

        for (PlainVm vm : awaitReady(perVm, vms)) {
            assertThat(rules(perVm, vm)).contains("443").doesNotContain("\"22\"");
        }
        deleteAll(perVm, vms);
    }

    @Test
    void F16_stopping_and_starting() {
        var vms = three("sleeper");
        vms.forEach(perVm::apply);
        awaitReady(perVm, vms);

        killedAt(
                perVm,
                "POST",
                "/servers/{id}/actions/shutdown",
                4,
                () -> vms.forEach(it -> perVm.apply(it, "operatingMode: Stopped")));
        vms.forEach(it -> perVm.awaitReason(it, Reasons.STOPPED));

        killedAt(
                perVm,
                "POST",
                "/servers/{id}/actions/poweron",
                4,
                () -> vms.forEach(it -> perVm.apply(it, "operatingMode: Running")));
        for (PlainVm vm : awaitReady(perVm, vms)) {
            assertThat(vm.getStatus().state()).isEqualTo("Running");
        }
        deleteAll(perVm, vms);
    }

    @Test
    void letting_go_of_what_shall_stay() {
        var vms = three("kept");
        for (String path : List.of("/servers/{id}", "/firewalls/{id}")) {
            vms.forEach(it -> perVm.apply(it, "deletionPolicy: Orphan"));
            var ids = awaitReady(perVm, vms).stream()
                    .map(vm -> vm.getStatus().serverId())
                    .toList();

            killedAt(perVm, "PUT", path, 4, () -> vms.forEach(it -> perVm.vm(it).delete()));

            vms.forEach(perVm::awaitGone);
            var hetznerProjectContents = new HetznerProjectContents(perVm);
            assertThat(HetznerProjectContents.names(hetznerProjectContents.servers(Ownership.INSTALLATION)))
                    .isEmpty();
            assertThat(HetznerProjectContents.names(hetznerProjectContents.firewalls(Ownership.INSTALLATION)))
                    .isEmpty();
            assertThat(hetznerProjectContents.servers("").stream()
                            .map(s -> s.get("id").asLong()))
                    .as("they stay, each with its firewall")
                    .containsExactlyInAnyOrderElementsOf(ids);
            assertThat(HetznerProjectContents.names(hetznerProjectContents.firewalls("")))
                    .hasSize(3);
            hetznerProjectContents
                    .servers("")
                    .forEach(s -> perVm.cloud.console().deleteServer(s.get("id").asLong()));
            await().until(() -> hetznerProjectContents.servers("").isEmpty());
            hetznerProjectContents
                    .firewalls("")
                    .forEach(f -> perVm.cloud
                            .console()
                            .act("DELETE", "/firewalls/" + f.get("id").asLong(), null));
        }
    }

    @Test
    void shared_firewalls_and_moving_from_one_to_another() {
        var vms = three("shared");
        Consumer<Integer> firewallsOf = port -> vms.forEach(it -> byContent.apply(it, rule(port + vms.indexOf(it))));
        int port = 1000;
        for (String path : List.of("/firewalls", "/servers")) {
            int from = port += 10;
            killedAt(byContent, "POST", path, 2, () -> firewallsOf.accept(from));
            awaitReady(byContent, vms);
            deleteAll(byContent, vms);
        }
        firewallsOf.accept(port);
        awaitReady(byContent, vms);
        for (String request : List.of(
                "POST /firewalls",
                "POST /firewalls/{id}/actions/apply_to_resources",
                "POST /firewalls/{id}/actions/remove_from_resources",
                "DELETE /firewalls/{id}")) {
            int to = port += 10;
            String[] parts = request.split(" ");
            int most = parts[1].contains("resources") ? 4 : 2;
            killedAt(byContent, parts[0], parts[1], most, () -> firewallsOf.accept(to));
            for (PlainVm vm : awaitReady(byContent, vms)) {
                assertThat(rules(byContent, vm))
                        .contains("" + (to + vms.indexOf(vm.getMetadata().getName())));
            }
            await("old firewalls gone after " + request)
                    .untilAsserted(() -> assertThat(
                                    HetznerProjectContents.names(new HetznerProjectContents(byContent).firewalls("")))
                            .hasSize(3));
        }
        deleteAll(byContent, vms);
    }

    @Test
    void a_restart_alone_writes_nothing() {
        var vms = three("quiet");
        vms.forEach(perVm::apply);
        var before = awaitReady(perVm, vms);
        perVm.cloud.requests().reset();
        operator.kill9();
        operator.restart();

        perVm.apply("newcomer"); // as soon as it is ready, the others have been looked at too
        perVm.awaitReady("newcomer");
        assertThat(perVm.cloud.requests().writes())
                .as(
                        "the newcomer's firewall and server: %s",
                        perVm.cloud.requests().counts())
                .isEqualTo(2);
        for (PlainVm vm : before) {
            assertThat(perVm.vm(vm.getMetadata().getName()).get().getStatus()).isEqualTo(vm.getStatus());
        }
        deleteAll(perVm, List.of("quiet-0", "quiet-1", "quiet-2", "newcomer"));
    }

    /**
     * @param most how often the request may have been carried out when all is done: what had been done is not done again. Where
     *     a repetition changes nothing it may happen, and {@code most} is 4
     */
    private void killedAt(TestEnvironment testEnvironment, String method, String path, int most, Runnable wish) {
        testEnvironment.cloud.requests().reset();
        var holds = CrashPoint.hold(testEnvironment.cloud.faults(), method, path);
        wish.run();
        CrashPoint.kill(operator, method + " " + path, holds);
        atMost = () -> assertThat(carriedOut(testEnvironment, method, path))
                .as("%s %s: %s", method, path, testEnvironment.cloud.requests().counts())
                .hasSizeLessThanOrEqualTo(most);
    }

    private Runnable atMost = () -> {};

    /** What was refused, being done already, did nothing. What was dropped has no status: at most the one of each three. */
    private static List<String> carriedOut(TestEnvironment testEnvironment, String method, String path) {
        return testEnvironment.cloud.requests().entries().stream()
                .filter(it -> it.method().equals(method) && it.template().equals(path) && it.status() / 100 == 2)
                .map(it -> "%s %s %d".formatted(it.time(), it.path(), it.status()))
                .toList();
    }

    private List<PlainVm> awaitReady(TestEnvironment testEnvironment, List<String> names) {
        var vms = names.stream().map(testEnvironment::awaitReady).toList();
        vms.forEach(new HetznerProjectContents(testEnvironment)::assertExactlyOneOfEach);
        atMost.run();
        atMost = () -> {};
        return vms;
    }

    private static void deleteAll(TestEnvironment testEnvironment, List<String> names) {
        names.forEach(it -> testEnvironment.vm(it).delete());
        names.forEach(testEnvironment::awaitGone);
        new HetznerProjectContents(testEnvironment).assertNothingIsLeft();
    }

    private static List<String> three(String name) {
        return List.of(name + "-0", name + "-1", name + "-2");
    }

    private static String web() {
        return rule(443);
    }

    private static String rule(int port) {
        return "firewall: {inbound: [{protocol: tcp, port: '%d', sources: ['0.0.0.0/0']}]}".formatted(port);
    }

    private static String rules(TestEnvironment testEnvironment, PlainVm vm) {
        return testEnvironment
                .cloud
                .console()
                .act("GET", "/firewalls/" + vm.getStatus().firewallId(), null)
                .at("/firewall/rules")
                .toString();
    }
}
