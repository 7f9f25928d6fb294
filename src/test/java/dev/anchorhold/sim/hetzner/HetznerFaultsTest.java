package dev.anchorhold.sim.hetzner;

import static dev.anchorhold.WaitLimit.WAIT_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of injected faults, rate limits, tokens and the request log. */
class HetznerFaultsTest {
    private final HetznerSimulator simulator = HetznerSimulator.start(
            new HetznerOptions().speed(1000).rateLimit(100, 1).project("other"));
    private final HetznerTestClient api = HetznerTestClient.of(simulator);
    private final Faults faults = simulator.faults();

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    @Test
    void a_refused_create_is_refused_so_many_times_and_makes_nothing() {
        faults.add("POST", "/servers", 2, new Faults.Fail(412, "resource_unavailable", "error during placement"));
        assertThat(api.post("/servers", HetznerTestClient.serverBody("a", "")).code())
                .isEqualTo("resource_unavailable");
        assertThat(api.post("/servers", HetznerTestClient.serverBody("a", "")).status())
                .isEqualTo(412);
        assertThat(api.get("/servers").body().get("servers")).isEmpty();
        assertThat(api.post("/servers", HetznerTestClient.serverBody("a", "")).status())
                .isEqualTo(201);
    }

    @Test
    void a_lost_answer_loses_the_answer_but_not_the_server() {
        faults.next("POST", "/servers", new Faults.LoseAnswer(true));
        assertThatThrownBy(() -> api.post("/servers", HetznerTestClient.serverBody("a", "")))
                .isInstanceOf(UncheckedIOException.class);
        faults.next("POST", "/servers", new Faults.LoseAnswer(false));
        var timedOut = api.post("/servers", HetznerTestClient.serverBody("b", ""));
        assertThat(timedOut.status()).isEqualTo(504);
        assertThat(timedOut.header("Content-Type")).isEqualTo("text/html");
        assertThat(api.get("/servers").body().get("servers")).hasSize(2);
    }

    @Test
    void a_reset_before_the_commit_and_a_page_of_html_leave_nothing() {
        faults.next("POST", "/servers", new Faults.ResetBefore());
        assertThatThrownBy(() -> api.post("/servers", HetznerTestClient.serverBody("a", "")))
                .isInstanceOf(UncheckedIOException.class);
        faults.next("POST", "/servers", new Faults.Html(502));
        var badGateway = api.post("/servers", HetznerTestClient.serverBody("a", ""));
        assertThat(badGateway.status()).isEqualTo(502);
        assertThat(badGateway.text()).startsWith("<html>");
        assertThat(api.get("/servers").body().get("servers")).isEmpty();
    }

    @Test
    void a_held_request_waits_before_or_after_its_commit_until_it_is_released_or_dropped() {
        var before = faults.hold("POST", "/servers", Faults.When.BEFORE_COMMIT);
        var create = api.sendLater("POST", "/servers", HetznerTestClient.serverBody("a", ""));
        assertThat(before.awaitHeld()).isTrue();
        assertThat(api.get("/servers").body().get("servers")).isEmpty();
        before.release();
        assertThat(create)
                .succeedsWithin(WAIT_LIMIT)
                .extracting(HetznerTestClient.Reply::status)
                .isEqualTo(201);

        var after = faults.hold("DELETE", "/servers/{id}", Faults.When.AFTER_COMMIT);
        long id = create.join().body().at("/server/id").asLong();
        var delete = api.sendLater("DELETE", "/servers/" + id, null);
        assertThat(after.awaitHeld()).isTrue();
        assertThat(api.get("/servers/" + id).body().at("/server/status").asText())
                .isIn("deleting", "");
        after.drop();
        assertThat(delete).failsWithin(WAIT_LIMIT);
    }

    @Test
    void a_held_request_is_carried_out_although_its_caller_died() throws Exception {
        var hold = faults.hold("POST", "/servers", Faults.When.BEFORE_COMMIT);
        String body = HetznerTestClient.serverBody("a", "");
        try (var socket = new Socket("127.0.0.1", simulator.endpoint().getPort())) {
            socket.getOutputStream()
                    .write("""
                    POST /v1/servers HTTP/1.1\r
                    Host: localhost\r
                    Authorization: Bearer %s\r
                    Content-Length: %d\r
                    \r
                    %s""".formatted(simulator.token(), body.length(), body).getBytes());
            assertThat(hold.awaitHeld()).isTrue();
        }
        assertThat(api.get("/servers").body().get("servers")).isEmpty();
        hold.release();
        await().until(() -> api.get("/servers").body().get("servers").size() == 1);
        await().until(() -> simulator.requests().entries().stream().anyMatch(e -> e.status() == 0));
    }

    @Test
    void a_delayed_answer_comes_late_but_the_work_is_done_at_once() {
        var clock = SimulatorClock.manual(Instant.parse("2026-11-24T10:00:00Z"));
        try (var still =
                        HetznerSimulator.start(new HetznerOptions().clock(clock).noRateLimit());
                var caller = HetznerTestClient.of(still)) {
            still.faults().next("POST", "/servers", new Faults.Delay(Duration.ofMillis(500)));
            var create = caller.sendLater("POST", "/servers", HetznerTestClient.serverBody("a", ""));
            await().until(() -> caller.get("/servers").body().get("servers").size() == 1);
            clock.advance(Duration.ofMillis(499));
            assertThat(create).isNotDone();
            await().until(() -> {
                clock.advance(Duration.ofMillis(1));
                return create.isDone();
            });
            assertThat(create).isCompletedWithValueMatching(it -> it.status() == 201);
        }
    }

    @Test
    void an_empty_bucket_refuses_and_says_so_in_its_headers() {
        var first = api.get("/locations");
        assertThat(first.header("RateLimit-Limit")).isEqualTo("100");
        assertThat(first.header("RateLimit-Remaining")).isEqualTo("99");
        assertThat(first.header("X-Correlation-Id")).matches("[0-9a-f]{16}");
        simulator.console().rateLimit("default", 5, 0);
        simulator.console().rateLimitLeft("default", 0);
        var refused = api.get("/locations");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("rate_limit_exceeded");
        assertThat(refused.header("RateLimit-Remaining")).isEqualTo("0");
        try (var other = new HetznerTestClient(simulator.endpoint(), simulator.token("other"))) {
            assertThat(other.get("/locations").status()).isEqualTo(200);
        }
    }

    @Test
    void tokens_see_their_own_project_and_may_be_read_only_revoked_or_unknown() {
        long id = api.createServer("a", "");
        try (var other = new HetznerTestClient(simulator.endpoint(), simulator.token("other"));
                var reader = new HetznerTestClient(simulator.endpoint(), simulator.readOnlyToken("default"));
                var revoked = new HetznerTestClient(simulator.endpoint(), simulator.revokedToken("default"));
                var unknown = new HetznerTestClient(simulator.endpoint(), "x".repeat(64))) {
            assertThat(other.get("/servers/" + id).code()).isEqualTo("not_found");
            assertThat(other.get("/servers").body().get("servers")).isEmpty();
            assertThat(reader.get("/servers/" + id).status()).isEqualTo(200);
            assertThat(reader.delete("/servers/" + id).code()).isEqualTo("forbidden");
            assertThat(revoked.get("/servers").code()).isEqualTo("unauthorized");
            assertThat(unknown.get("/servers").status()).isEqualTo(401);
        }
        assertThat(simulator.token()).hasSize(64);
        simulator.console().token("default", simulator.token(), "REVOKED");
        assertThat(api.get("/servers").code()).isEqualTo("unauthorized");
    }

    @Test
    void the_log_counts_requests_by_method_and_path_and_holds_no_token() {
        long id = api.createServer("a", "");
        api.get("/servers/" + id);
        api.get("/servers/" + id);
        api.get("/nowhere");
        assertThat(simulator.requests().count("GET", "/servers/{id}")).isEqualTo(2);
        assertThat(simulator.requests().writes()).isEqualTo(1);
        assertThat(simulator.requests().entries().toString()).contains("404").doesNotContain(simulator.token());
        simulator.requests().reset();
        assertThat(simulator.requests().total()).isZero();
    }
}
