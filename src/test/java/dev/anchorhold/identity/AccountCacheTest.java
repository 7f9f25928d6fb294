package dev.anchorhold.identity;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.anchorhold.identity.AccountCache.CachedAccount;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.resource.AccountSpec.Role;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The cache of Accounts while Kubernetes stubAccounts, and while it does not. */
class AccountCacheTest {
    private static final String PATH = "/apis/anchorhold.dev/v1alpha1/accounts";

    @RegisterExtension
    final WireMockExtension api = WireMockExtension.newInstance()
            .options(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"))
            .build();

    private Instant now = Instant.parse("2026-11-24T12:00:00Z");
    private KubernetesClient client;

    private AccountCache accounts() {
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl(api.baseUrl())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        return new AccountCache(() -> client, () -> now);
    }

    @AfterEach
    void close() {
        client.close();
    }

    private void stubAccounts(String items) {
        api.stubFor(get(urlPathEqualTo(PATH)).willReturn(okJson("""
                {"apiVersion": "anchorhold.dev/v1alpha1", "kind": "AccountList", "metadata": {}, "items": [%s]}
                """.formatted(items))));
    }

    private static String acme(String members) {
        return """
                {"apiVersion": "anchorhold.dev/v1alpha1", "kind": "Account", "metadata": {"name": "acme"},
                 "spec": {"providerConfigRef": {"name": "x"} %s}}""".formatted(members);
    }

    @Test
    void they_are_read_once_in_fifteen_seconds() {
        AccountCache accounts = accounts();
        stubAccounts(acme(", \"members\": [{\"subject\": \"ann\"}]"));
        assertThat(accounts.all()).containsExactly(new CachedAccount("acme", "acme", Map.of("ann", Role.Viewer)));

        stubAccounts(acme(""));
        now = now.plusSeconds(14);
        assertThat(accounts.all().getFirst().roles().keySet()).containsExactly("ann");
        api.verify(1, getRequestedFor(urlPathEqualTo(PATH)));

        now = now.plusSeconds(1);
        assertThat(accounts.all().getFirst().roles().keySet()).isEmpty();
    }

    @Test
    void what_cannot_be_read_is_unknown_and_never_nobodys() {
        AccountCache accounts = accounts();
        stubAccounts(acme(""));
        accounts.all();
        api.stubFor(get(urlPathEqualTo(PATH)).willReturn(aResponse().withStatus(403)));

        now = now.plus(AccountCache.MAX_AGE);
        assertThatThrownBy(accounts::all)
                .isInstanceOfSatisfying(
                        HttpProblem.class,
                        it -> assertThat(it.response().getStatus()).isEqualTo(503));
        stubAccounts(acme(""));
        assertThat(accounts.all()).hasSize(1);
    }
}
