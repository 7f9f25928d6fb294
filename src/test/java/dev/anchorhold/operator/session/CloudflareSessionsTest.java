package dev.anchorhold.operator.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec;
import dev.anchorhold.resource.ProviderConfigSpec.Cloudflare;
import dev.anchorhold.resource.ProviderConfigSpec.TokenSecretRef;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.TokenAccess;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which Cloudflare account and zone a ProviderConfig's token opens, with real Secrets. */
class CloudflareSessionsTest {
    private static final String ZONE = "anchorhold.localhost";
    private static final String PROVIDER = "p";

    private final KubernetesClient kubernetes = ControlPlane.shared().client();
    private final String namespace = ControlPlane.shared().newNamespace("cloudflare");
    private final CloudflareSimulator cloud =
            CloudflareSimulator.start(new CloudflareOptions().zone("other.localhost", "other"));
    private final ProviderTokens tokens = new ProviderTokens(kubernetes, namespace);
    private volatile Duration ahead = Duration.ZERO;
    private final Set<String> notified = ConcurrentHashMap.newKeySet();
    private final CloudflareSessions sessions = new CloudflareSessions(
            new OkHttpClient(),
            tokens,
            new AllowedEndpoints(Set.of("http://127.0.0.1:*")),
            "here",
            InProcessOperator.QUICK,
            () -> Instant.now().plus(ahead),
            new SimpleMeterRegistry(),
            (provider, uid) -> notified.add(provider + "/" + uid));

    @AfterEach
    void close() {
        sessions.close();
        tokens.close();
        cloud.close();
    }

    private void token(String token) {
        kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("cloudflare")
                        .withNamespace(namespace)
                        .addToLabels(ApiNames.PROVIDER_TOKEN, "true")
                        .endMetadata()
                        .withStringData(Map.of("token", token))
                        .build())
                .forceConflicts()
                .serverSideApply();
        await().until(() -> {
            sessions.open(provider(ZONE), Set.of());
            return tokens.token(PROVIDER, "cloudflare").filter(token::equals).isPresent();
        });
        sessions.open(provider(ZONE), Set.of());
    }

    private ProviderConfig provider(String zone) {
        var config = new ProviderConfig();
        config.setMetadata(new ObjectMetaBuilder().withName(PROVIDER).build());
        config.setSpec(new ProviderConfigSpec(
                new ProviderConfigSpec.Hetzner("http://unused.invalid", new TokenSecretRef("hetzner", "token")),
                new Cloudflare(
                        cloud.endpoint().toString(),
                        cloud.accountId(),
                        zone,
                        null,
                        new TokenSecretRef("cloudflare", "token"),
                        null,
                        null),
                null,
                List.of(),
                null,
                null,
                null,
                "debian-12"));
        return config;
    }

    private String whyNot() {
        return sessions.whyUnusable(PROVIDER)
                .map(CloudSessions.Unusable::reason)
                .orElse("");
    }

    private CloudflareSession session() {
        return sessions.get(PROVIDER).orElseThrow();
    }

    @Test
    void a_session_is_there_once_the_zone_was_seen_to_be_the_accounts_and_everybody_is_notified() {
        sessions.open(provider(ZONE), Set.of());
        assertThat(sessions.get(PROVIDER)).isEmpty();
        assertThat(sessions.whyUnusable(PROVIDER)).hasValueSatisfying(it -> {
            assertThat(it.reason()).isEqualTo(Reasons.CREDENTIALS_MISSING);
            assertThat(it.message()).contains("spec.cloudflare.tokenSecretRef", "Secret 'cloudflare'", namespace);
        });

        token(cloud.token());
        assertThat(session().zone().id()).isEqualTo(cloud.zoneId(ZONE));
        assertThat(whyNot()).isEmpty();
        assertThat(notified).contains(PROVIDER + "/");
        await().until(() -> session().inventory().whyStale().isEmpty());
    }

    @Test
    void H12_a_Secret_is_a_token_only_as_long_as_our_label_says_so() {
        token(cloud.token());
        session();
        label(null);
        await().until(() -> {
            sessions.open(provider(ZONE), Set.of());
            return whyNot().equals(Reasons.CREDENTIALS_MISSING);
        });
        label("true");
        await().until(() -> {
            sessions.open(provider(ZONE), Set.of());
            return whyNot().isEmpty();
        });
    }

    private void label(String value) {
        kubernetes.secrets().inNamespace(namespace).withName("cloudflare").edit(it -> {
            it.getMetadata().setLabels(value == null ? Map.of() : Map.of(ApiNames.PROVIDER_TOKEN, value));
            return it;
        });
    }

    @Test
    void F27_a_rotated_token_opens_the_session_anew_and_an_equal_one_does_not() {
        token(cloud.token());
        var first = session();
        sessions.open(provider(ZONE), Set.of());
        assertThat(session()).isSameAs(first);
        cloud.console().token("default", "another-".repeat(8), TokenAccess.READ_WRITE);
        token("another-".repeat(8));
        assertThat(session()).isNotSameAs(first);
        assertThat(whyNot()).isEmpty();
    }

    @Test
    void F15_a_token_of_another_account_or_a_zone_that_is_not_the_accounts_opens_nothing() {
        token(cloud.token("other"));
        assertThat(sessions.get(PROVIDER)).isEmpty();
        assertThat(whyNot()).isEqualTo(Reasons.ZONE_NOT_FOUND);
        token(cloud.token());
        assertThat(whyNot()).isEmpty();
        sessions.open(provider("other.localhost"), Set.of());
        assertThat(sessions.get(PROVIDER)).isEmpty();
        assertThat(sessions.whyUnusable(PROVIDER)).hasValueSatisfying(it -> {
            assertThat(it.reason()).isEqualTo(Reasons.ZONE_NOT_FOUND);
            assertThat(it.message()).contains("other.localhost", cloud.accountId());
        });
    }

    @Test
    void F15_a_revoked_token_is_refused_with_words_that_hold_no_token() {
        token(cloud.revokedToken("default"));
        assertThat(sessions.get(PROVIDER)).isEmpty();
        assertThat(sessions.whyUnusable(PROVIDER)).hasValueSatisfying(it -> {
            assertThat(it.reason()).isEqualTo(Reasons.CREDENTIALS_INVALID);
            assertThat(it.message()).doesNotContain(cloud.revokedToken("default"));
        });
    }

    @Test
    void F15_a_token_revoked_later_is_reported_while_the_session_stays() {
        token(cloud.token());
        await().until(() -> session().inventory().whyStale().isEmpty());
        cloud.console().token("default", cloud.token(), TokenAccess.REVOKED);
        await().until(() -> whyNot().equals(Reasons.CREDENTIALS_INVALID));
        assertThat(sessions.get(PROVIDER)).isPresent();
        cloud.console().token("default", cloud.token(), TokenAccess.READ_WRITE);
        await().until(() -> whyNot().isEmpty());
    }

    @Test
    void H08_another_zone_than_the_one_on_record_opens_nothing_until_a_person_says_so() {
        token(cloud.token());
        String zone = session().zone().id();
        sessions.open(provider(ZONE), Set.of(zone));
        assertThat(sessions.get(PROVIDER)).isPresent();
        sessions.open(provider(ZONE), Set.of("f".repeat(32)));
        assertThat(sessions.get(PROVIDER)).isEmpty();
        assertThat(sessions.whyUnusable(PROVIDER)).hasValueSatisfying(it -> {
            assertThat(it.reason()).isEqualTo(Reasons.ZONE_DIFFERS);
            assertThat(it.message()).contains(zone, "f".repeat(32), "anchorhold.dev/forget-zone");
        });
        sessions.open(provider(ZONE), Set.of());
        assertThat(sessions.get(PROVIDER)).isPresent();
    }

    @Test
    void H28_a_token_that_may_not_write_is_invalid_until_a_write_of_that_kind_is_accepted() {
        token(cloud.token());
        await().until(() -> session().inventory().whyStale().isEmpty());
        var refused = new CloudException.Unauthorized(new CloudException.Detail("10000", "Authentication error", ""));
        session().recordCredentialFailure(CloudflareSession.RECORDS, refused);
        assertThat(whyNot()).as("nothing is tried for a while").isEqualTo(Reasons.CREDENTIALS_INVALID);
        ahead = Duration.ofMinutes(5);
        assertThat(whyNot()).as("the next write is the probe").isEmpty();
        assertThat(sessions.whyInvalid(PROVIDER))
                .hasValueSatisfying(it -> assertThat(it.reason()).isEqualTo(Reasons.CREDENTIALS_INVALID));
        session().recordCredentialSuccess(CloudflareSession.TUNNELS);
        assertThat(sessions.whyInvalid(PROVIDER))
                .as("tunnels are another permission")
                .isPresent();
        session().recordCredentialSuccess(CloudflareSession.RECORDS);
        assertThat(sessions.whyInvalid(PROVIDER)).isEmpty();
    }

    @Test
    void a_cloud_that_does_not_answer_is_tried_again() {
        cloud.faults().add("GET", "/zones", Integer.MAX_VALUE, new Faults.Html(502));
        token(cloud.token());
        assertThat(sessions.get(PROVIDER)).isEmpty();
        assertThat(whyNot()).isEqualTo(Reasons.CLOUD_UNAVAILABLE);
        cloud.faults().clear();
        sessions.open(provider(ZONE), Set.of());
        assertThat(session().zone().name()).isEqualTo(ZONE);
    }
}
