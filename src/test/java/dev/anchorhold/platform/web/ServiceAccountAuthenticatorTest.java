package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.cloud.SettableClock;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How often Kubernetes is asked for whose token: a real one, under the companion's rights. */
class ServiceAccountAuthenticatorTest {
    private static final ControlPlane CLUSTER = ControlPlane.shared();

    private static KubernetesClient kubernetes;
    private static String namespace;
    private static String user;

    private final SettableClock clock = new SettableClock(Instant.now());
    /** The client is taken anew for each call. */
    private final AtomicInteger calls = new AtomicInteger();

    private final ServiceAccountAuthenticator authenticator = new ServiceAccountAuthenticator(
            () -> {
                calls.incrementAndGet();
                return kubernetes;
            },
            clock);

    @BeforeAll
    static void start() {
        kubernetes = ControlPlane.clientOf(Chart.install(CLUSTER, Map.of()).companionKubeconfig());
        namespace = CLUSTER.newNamespace("callers");
        user = "system:serviceaccount:%s:default".formatted(namespace);
        await().until(() -> CLUSTER.client()
                        .serviceAccounts()
                        .inNamespace(namespace)
                        .withName("default")
                        .get()
                != null);
    }

    @AfterAll
    static void stop() {
        kubernetes.close();
    }

    @Test
    void H17_a_stranger_costs_no_call_and_pushes_nobody_out() throws Exception {
        String valid = token(ServiceAccountAuthenticator.AUDIENCE);
        assertThat(authenticator.authenticate("Bearer " + valid)).isEqualTo(user);
        int before = calls.get();

        String[] parts = valid.split("\\.");
        String otherAudience = token("https://kubernetes.default.svc");
        for (int i = 0; i < 3_000; i++) {
            refused("x" + i);
            refused(random() + "." + random() + "." + random());
            refused(parts[0] + "." + parts[1] + "." + random());
            refused(parts[0] + "." + encoded(claims().replace("default", "default" + i)) + "." + parts[2]);
        }
        refused(otherAudience);
        refused(encoded("{\"alg\":\"none\"}") + "." + parts[1] + ".AA");
        refused(encoded("{\"alg\":\"HS256\",\"kid\":\"x\"}") + "." + parts[1] + "." + parts[2]);
        refused("x".repeat(100_000));
        assertThat(authenticator.authenticate("Bearer " + valid)).isEqualTo(user);
        assertThat(calls).hasValue(before);

        clock.pass(Duration.ofSeconds(61));
        for (int i = 0; i < 100; i++) {
            refused(encoded("{\"alg\":\"RS256\",\"kid\":\"unknown" + i + "\"}") + "." + parts[1] + "." + parts[2]);
        }
        assertThat(calls.get() - before).as("the keys are read once more").isEqualTo(1);
    }

    @Test
    void H17_one_ServiceAccount_has_so_many_reviews_a_minute_however_many_tokens_it_makes() throws Exception {
        for (int i = 0; i < 60; i++) {
            assertThat(authenticator.authenticate("Bearer " + token(ServiceAccountAuthenticator.AUDIENCE)))
                    .isEqualTo(user);
        }
        String oneMore = token(ServiceAccountAuthenticator.AUDIENCE);
        int before = calls.get();
        problem(429, oneMore);
        assertThat(calls).hasValue(before);
        clock.pass(Duration.ofSeconds(1));
        assertThat(authenticator.authenticate("Bearer " + oneMore)).isEqualTo(user);
    }

    @Test
    void H17_where_the_cluster_publishes_no_keys_all_strangers_together_have_so_many_reviews() {
        var reads = new AtomicInteger();
        flood(new ServiceAccountAuthenticator(withoutKeys(reads), clock));
        assertThat(reads).hasValue(1 + 60);
    }

    @Test
    void H17_where_the_cluster_publishes_no_keys_strangers_keep_nobody_out_who_was_let_in_before() throws Exception {
        var keyless = new ServiceAccountAuthenticator(withoutKeys(new AtomicInteger()), clock);
        String valid = token(ServiceAccountAuthenticator.AUDIENCE);
        assertThat(keyless.authenticate("Bearer " + valid)).isEqualTo(user);
        clock.pass(Duration.ofSeconds(31)); // longer than a review is believed
        flood(keyless);
        assertThat(keyless.authenticate("Bearer " + valid)).isEqualTo(user);
    }

    @Test
    void H17_where_the_cluster_publishes_no_keys_strangers_at_the_api_never_keep_the_operator_out() throws Exception {
        var calls = new AtomicInteger();
        var internal = new InternalApiAccess(withoutKeys(calls), clock, Set.of(user));
        flood(new ServiceAccountAuthenticator(withoutKeys(new AtomicInteger()), clock));
        internal.authorize("Bearer " + token(ServiceAccountAuthenticator.AUDIENCE));
        assertThat(calls).as("the keys, and a review").hasValue(2);
    }

    @Test
    void H17_a_token_of_a_former_issuer_that_the_cluster_still_accepts_is_let_in() throws Exception {
        assumeThat(CLUSTER.tokenKey()).as("a cluster of ours").isPresent();
        assertThat(authenticator.authenticate("Bearer " + issuedBy(ControlPlane.FORMER_ISSUER)))
                .isEqualTo(user);
        refused(issuedBy("https://never.example.org"));
    }

    /** A true token of the cluster's, but for its issuer. */
    private static String issuedBy(String issuer) throws Exception {
        String[] parts = token(ServiceAccountAuthenticator.AUDIENCE).split("\\.");
        ObjectNode claims =
                (ObjectNode) JsonMappers.LENIENT.readTree(Base64.getUrlDecoder().decode(parts[1]));
        String signed = parts[0] + "." + encoded(claims.put("iss", issuer).toString());
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(CLUSTER.tokenKey().orElseThrow());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    /** Of a cluster whose keys cannot be read, for a minute. */
    private static Supplier<KubernetesClient> withoutKeys(AtomicInteger calls) {
        return () -> {
            if (calls.getAndIncrement() == 0) {
                throw new KubernetesClientException("forbidden");
            }
            return kubernetes;
        };
    }

    /** More made-up tokens than there are reviews. */
    private void flood(ServiceAccountAuthenticator keyless) {
        for (int i = 0; i < 200; i++) {
            String forged = encoded("{\"alg\":\"RS256\"}") + "." + encoded(claims()) + "." + random();
            assertThatExceptionOfType(HttpProblem.class).isThrownBy(() -> keyless.authenticate("Bearer " + forged));
        }
    }

    private void refused(String token) {
        problem(401, token);
    }

    private void problem(int status, String token) {
        assertThatExceptionOfType(HttpProblem.class)
                .isThrownBy(() -> authenticator.authenticate("Bearer " + token))
                .matches(it -> it.status() == status);
    }

    private static String token(String audience) throws Exception {
        return Files.readString(CLUSTER.tokenOf(namespace, "default", audience, Duration.ofHours(1)))
                .strip();
    }

    private String claims() {
        return "{\"aud\":[\"%s\"],\"exp\":%d,\"sub\":\"%s\"}"
                .formatted(
                        ServiceAccountAuthenticator.AUDIENCE,
                        clock.instant().plusSeconds(3600).getEpochSecond(),
                        user);
    }

    private static String random() {
        byte[] bytes = new byte[48];
        ThreadLocalRandom.current().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
