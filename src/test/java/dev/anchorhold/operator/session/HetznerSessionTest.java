package dev.anchorhold.operator.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.SettableClock;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.HetznerInventory;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.backoff.FailureBackoff;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a session's credential is refused, and until when. */
class HetznerSessionTest {
    private static final String VM = "a-uid";
    private static final String STEP = "CreateFirewall";

    private final HetznerSimulator cloud = HetznerSimulator.start(new HetznerOptions().speed(100));
    private final OkHttpClient http = new OkHttpClient();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SettableClock clock = new SettableClock(Instant.now());
    private final HetznerClient client = new HetznerClient(
            cloud.endpoint().toString(),
            cloud::token,
            http,
            Timeouts.DEFAULT,
            new RateBudget(3600, InstantSource.system()),
            meters,
            "test");
    private final HetznerInventory inventory =
            new HetznerInventory(client, "here", "test", InProcessOperator.QUICK, InstantSource.system(), meters);
    private final HetznerSession session = new HetznerSession(
            "test",
            "here",
            client,
            inventory,
            new FailureBackoff(clock, new Random(1)),
            new SealedKey(client, "here"),
            new DenyAllFirewall(client, inventory, "here"),
            _ -> new ReentrantReadWriteLock());

    @AfterEach
    void close() {
        session.close();
        cloud.close();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    private void confirm() {
        var project = (SealedKey.Project.Expected) session.sealedKey().checkProject(Set.of(), false);
        session.sealedKey().confirm(project.keyId());
    }

    /** As an executor does. */
    private void write() {
        try {
            client.createFirewall(Urgency.PROVISIONING, Purpose.CREATE, "f", Map.of(), RuleSet.EMPTY);
        } catch (CloudException e) {
            session.backoff().recordFailure(VM, STEP, 1, e);
            session.recordCredentialFailure(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"403,forbidden", "401,token_readonly"})
    void H28_a_token_that_may_only_read_is_refused_until_it_may_write_again_however_long_that_takes(
            int status, String code) {
        confirm();
        for (String method : new String[] {"POST", "PUT"}) {
            cloud.faults().add(method, "*", Integer.MAX_VALUE, new Faults.Fail(status, code, "you may only read"));
        }
        write();
        for (int minute = 0; minute < 10; minute++) {
            assertThat(session.credentialsRefused()).isPresent();
            assertThat(session.recheckCredentials()).isFalse();
            clock.pass(Duration.ofMinutes(2));
        }
        assertThat(cloud.requests().count("PUT", "/ssh_keys/{id}"))
                .as("one when it was refused, and one a minute at most")
                .isBetween(9, 11);

        cloud.faults().clear();
        assertThat(session.recheckCredentials()).isTrue();
        assertThat(session.credentialsRefused()).isEmpty();
        assertThat(session.backoff().lastFailure(VM, STEP))
                .as("what was held up goes on at once")
                .isEmpty();
        assertThat(session.recheckCredentials()).as("no further call").isFalse();
    }

    @Test
    void H28_a_refusal_of_one_call_by_a_token_that_may_write_says_nothing_of_the_token() {
        confirm();
        cloud.faults().add("POST", "/firewalls", 1, new Faults.Fail(403, "forbidden", "not this one"));
        write();
        assertThat(session.credentialsRefused()).isEmpty();
        assertThat(session.backoff().lastFailure(VM, STEP)).isPresent();
    }

    @Test
    void H28_a_probe_without_an_answer_proves_nothing() {
        confirm();
        cloud.faults().add("POST", "/firewalls", 1, new Faults.Fail(403, "forbidden", "you may only read"));
        cloud.faults().add("PUT", "*", 2, new Faults.Html(502));
        write();
        assertThat(session.credentialsRefused()).isPresent();
        clock.pass(Duration.ofMinutes(2));
        assertThat(session.recheckCredentials()).isFalse();
        assertThat(session.credentialsRefused()).isPresent();
        clock.pass(Duration.ofMinutes(2));
        assertThat(session.recheckCredentials()).isTrue();
    }

    @Test
    void a_changed_installation_is_told_from_another_project() {
        long key = ((SealedKey.Project.Expected) session.sealedKey().checkProject(Set.of(), false)).keyId();

        var renamed = new SealedKey(client, "there").checkProject(Set.of(key), true);
        assertThat(((SealedKey.Project.Different) renamed).message())
                .isEqualTo("the servers of this ProviderConfig belong to the installation 'here', and the operator's is"
                        + " 'there'; set the chart's value installation back to 'here'");

        var elsewhere = session.sealedKey().checkProject(Set.of(key + 1), true);
        assertThat(((SealedKey.Project.Different) elsewhere).message())
                .startsWith("the token opens a project without our SSH key " + (key + 1));
    }
}
