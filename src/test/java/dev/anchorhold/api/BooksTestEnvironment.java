package dev.anchorhold.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.ledger.books.StatementCloser;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.ServiceAccountAuthenticator;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountSpec;
import dev.anchorhold.resource.AccountSpec.Member;
import dev.anchorhold.resource.AccountSpec.ProviderConfigRef;
import dev.anchorhold.resource.AccountSpec.Role;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.ProductProcess.Settings;
import dev.anchorhold.world.ThrowawayFolder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A packaged companion with a real Kubernetes that authenticates callers, and the history of two accounts in its books: a year
 * that is over whatever the day.
 */
public final class BooksTestEnvironment {
    public static final String ACME = "books-acme";
    public static final String GLOBEX = "books-globex";
    static final String NAMESPACE = "default";

    /** A person: an Owner of acme. */
    public static final String ANN = "ann";
    /** A person: a Viewer of acme and globex. */
    public static final String BEN = "ben";

    /** An Agent that acme made, paused, resumed and gave to globex, which let it go. */
    public static final Subject CODER = subject(Kind.Agent, "coder", "small");
    /** A PlainVm of globex, gone. */
    static final Subject WEB = subject(Kind.PlainVm, "web", "medium");
    /** An Agent of acme that still runs. */
    public static final Subject LASTING = subject(Kind.Agent, "=lasting(1)", "small");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    public final CompanionProcess companion;
    public final CompanionDatabase database = CompanionDatabase.fresh();
    private final KubernetesClient kubernetes = ControlPlane.shared().client();
    private final Path prices;
    private final SigningKey logKey;

    /** One for all tests of this JVM, which change nothing in it; it goes when the JVM does. */
    public static BooksTestEnvironment shared() {
        return Shared.ENVIRONMENT;
    }

    private static final class Shared {
        private static final BooksTestEnvironment ENVIRONMENT = start();

        private static BooksTestEnvironment start() {
            try {
                var environment = new BooksTestEnvironment(ThrowawayFolder.create());
                Runtime.getRuntime().addShutdownHook(new Thread(environment.companion::close));
                return environment;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private BooksTestEnvironment(Path folder) throws Exception {
        prices = Files.writeString(folder.resolve("prices.yaml"), PRICES);
        var databaseAndKeys = new DatabaseAndKeys(database, folder);
        logKey = SigningKey.of(CompanionProcess.LOG_ORIGIN, databaseAndKeys.logKey());
        companion = CompanionProcess.start(
                new Settings(
                        folder.resolve("companion"),
                        TestEnvironment.chart().companionKubeconfig(),
                        Map.of(
                                "ANCHORHOLD_API_AUDITORS", user("books-auditor"),
                                "ANCHORHOLD_API_CORRECTORS", user("books-corrector"),
                                "ANCHORHOLD_LEDGER_PRICES", prices.toString(),
                                "ANCHORHOLD_SIGN_IN_LINKS", "true")),
                databaseAndKeys);
        for (String name : List.of(
                "books-acme", "books-globex", "books-both", "books-auditor", "books-corrector", "books-outsider")) {
            kubernetes
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(NAMESPACE)
                            .endMetadata()
                            .build())
                    .serverSideApply();
        }
        account(
                ACME,
                "ACME <script>alert(1)</script>",
                viewer(user("books-acme")),
                viewer(user("books-both")),
                new Member(ANN, Role.Owner),
                viewer(BEN));
        account(GLOBEX, "Globex", viewer(user("books-globex")), viewer(user("books-both")), viewer(BEN));
        companion.awaitReady();
        deliverHistory();
    }

    /** All months that are over. */
    void closeMonths() {
        StatementCloser.close(database, logKey, prices);
    }

    private static final String PRICES = """
            currency: EUR
            versions:
              - version: 1
                validFrom: 2024-01-01
                prices:
                  - {product: Agent, region: eu, size: small, state: Running, perHour: "0.012345678", stripePrice: price_1}
                  - {product: Agent, region: eu, size: small, state: Paused, perHour: "0.001"}
                  - {product: PlainVm, region: eu, size: medium, state: Running, perHour: "0.02"}
            """;

    static String user(String serviceAccount) {
        return "system:serviceaccount:%s:%s".formatted(NAMESPACE, serviceAccount);
    }

    static Member viewer(String subject) {
        return new Member(subject, Role.Viewer);
    }

    public void account(String name, String displayName, Member... members) {
        var it = new Account();
        it.setMetadata(new ObjectMetaBuilder().withName(name).build());
        it.setSpec(
                new AccountSpec(displayName, new ProviderConfigRef("none"), null, null, List.of(), List.of(members)));
        kubernetes.resource(it).serverSideApply();
    }

    private void deliverHistory() throws Exception {
        deliver(
                CODER,
                entry(1, "2024-10-01T10:00:00.000001Z", EventType.PROVISION, State.Running, ACME),
                entry(2, "2024-10-02T10:00:00.000002Z", EventType.STOP, State.Paused, ACME),
                entry(3, "2024-10-03T10:00:00.000003Z", EventType.START, State.Running, ACME),
                new LedgerEntry(
                        4,
                        Instant.parse("2024-10-05T12:00:00.000004Z"),
                        EventType.TRANSFER,
                        State.Running,
                        GLOBEX,
                        ACME,
                        "kubectl"),
                entry(5, "2024-10-10T00:00:00Z", EventType.DESTROY, null, GLOBEX));
        deliver(
                WEB,
                entry(1, "2024-10-01T00:00:00Z", EventType.PROVISION, State.Running, GLOBEX),
                entry(2, "2024-10-08T00:00:00Z", EventType.DESTROY, null, GLOBEX));
        deliver(LASTING, entry(1, "2024-10-30T12:00:00Z", EventType.PROVISION, State.Running, ACME));
    }

    static LedgerEntry entry(long sequence, String at, EventType event, State state, String account) {
        return new LedgerEntry(sequence, Instant.parse(at), event, state, account, null, null);
    }

    static Subject subject(Kind kind, String name, String size) {
        return new Subject(kind, UUID.randomUUID().toString(), NAMESPACE, name, "eu", size);
    }

    /** As the operator would. */
    void deliver(Subject subject, LedgerEntry... entries) throws Exception {
        var delivery = new Delivery(List.of(new ResourceJournal(subject, List.of(entries))));
        String token = Files.readString(TestEnvironment.chart().operatorTokenForCompanion())
                .strip();
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(companion.internalUri().resolve("/internal/v1/journals"))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(JsonMappers.STRICT.writeValueAsString(delivery)))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(JSON.readTree(answer.body()).at("/outcomes/0/refusal").isMissingNode())
                .as(answer.body())
                .isTrue();
    }

    static JsonNode json(String text) throws Exception {
        return JSON.readTree(text);
    }

    /** A client with the token of a ServiceAccount of the default namespace, for the companion's audience. */
    ApiClient reader(String serviceAccount) throws Exception {
        return new ApiClient(Files.readString(ControlPlane.shared()
                        .tokenOf(NAMESPACE, serviceAccount, ServiceAccountAuthenticator.AUDIENCE, Duration.ofHours(1)))
                .strip());
    }

    /** A client with the operator's own token. */
    ApiClient operator() throws Exception {
        return new ApiClient(Files.readString(TestEnvironment.chart().operatorTokenForCompanion())
                .strip());
    }

    ApiClient nobody() {
        return new ApiClient(null);
    }

    /** An HTTP client of the companion's API. */
    final class ApiClient {
        final String token;

        private ApiClient(String token) {
            this.token = token;
        }

        Response get(String path, String... headers) throws Exception {
            return send("GET", path, headers);
        }

        Response send(String method, String path, String... headers) throws Exception {
            var request = HttpRequest.newBuilder(URI.create(base(path) + path))
                    .timeout(Duration.ofMinutes(2))
                    .method(method, BodyPublishers.noBody());
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            if (headers.length > 0) {
                request.headers(headers);
            }
            return new Response(HTTP.send(request.build(), BodyHandlers.ofString()));
        }

        private URI base(String path) {
            return path.startsWith("/internal/") ? companion.internalUri() : companion.uri();
        }

        Response post(String path, String json) throws Exception {
            var request = HttpRequest.newBuilder(URI.create(base(path) + path))
                    .timeout(Duration.ofMinutes(2))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(json));
            return new Response(HTTP.send(request.build(), BodyHandlers.ofString()));
        }

        /** All items of a list, read in pages of two. */
        List<JsonNode> all(String path) throws Exception {
            List<JsonNode> items = new ArrayList<>();
            String after = "";
            do {
                JsonNode page = get(path + (path.contains("?") ? "&" : "?") + "limit=2" + after)
                        .ok();
                page.get("items").forEach(items::add);
                after = page.has("next") ? "&after=" + page.get("next").asText() : null;
            } while (after != null);
            return items;
        }
    }

    record Response(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        String body() {
            return response.body();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        JsonNode json() throws Exception {
            return JSON.readTree(body());
        }

        JsonNode ok() throws Exception {
            assertThat(status()).as(body()).isEqualTo(200);
            return json();
        }

        /** It is refused, with problem details; returns what is to be done. */
        String refused(int status, String field) throws Exception {
            assertThat(status()).as(body()).isEqualTo(status);
            assertThat(header("Content-Type")).startsWith("application/problem+json");
            assertThat(json().path("status").asInt()).isEqualTo(status);
            assertThat(json().path("field").asText("")).as(body()).isEqualTo(field);
            return json().path("detail").asText();
        }
    }
}
