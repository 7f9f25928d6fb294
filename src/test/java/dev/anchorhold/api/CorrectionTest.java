package dev.anchorhold.api;

import static dev.anchorhold.api.BooksTestEnvironment.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.api.BooksTestEnvironment.ApiClient;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the books count although it exists nowhere any more is ended by the operator, or by a person. */
class CorrectionTest {
    private static final String ACCOUNT = "books-stray";

    private final BooksTestEnvironment books = BooksTestEnvironment.shared();
    private final KubernetesClient kubernetes = ControlPlane.shared().client();
    private final ApiClient corrector;
    private final ApiClient auditor;

    CorrectionTest() throws Exception {
        corrector = books.reader("books-corrector");
        auditor = books.reader("books-auditor");
    }

    @Test
    void H03_a_person_ends_an_open_period_by_an_entry_of_the_log_with_name_and_reason() throws Exception {
        Subject stray = stray();
        assertThat(openInTheBooks()).contains(stray.uid());

        corrector
                .post("/api/corrections", correction(stray, "2024-10-03T00:00:00Z", "lost in a restore"))
                .ok();

        List<JsonNode> events = auditor.all("/api/audit-events?resource=" + stray.uid());
        assertThat(events).last().satisfies(it -> {
            assertThat(it.at("/event/event").asText()).isEqualTo("destroy");
            assertThat(it.at("/event/at").asText()).isEqualTo("2024-10-03T00:00:00.000000Z");
            assertThat(it.at("/event/account").asText()).isEqualTo(ACCOUNT);
            assertThat(it.at("/event/by").asText()).isEqualTo(BooksTestEnvironment.user("books-corrector"));
            assertThat(it.at("/event/reason").asText()).isEqualTo("correction: lost in a restore");
        });
        assertThat(auditor.all("/api/periods?resource=" + stray.uid()))
                .singleElement()
                .satisfies(it -> assertThat(it.get("endedAt").asText()).startsWith("2024-10-03T00:00:00"));
        assertThat(openInTheBooks()).doesNotContain(stray.uid());
        assertThat(corrector
                        .post("/api/corrections", correction(stray, "2024-10-04T00:00:00Z", "again"))
                        .refused(409, "resource"))
                .contains("ended in the books already");
    }

    @Test
    void H03_nobody_else_corrects_and_nothing_is_corrected_without_a_reason_or_at_an_impossible_instant()
            throws Exception {
        Subject stray = stray();
        String right = correction(stray, "2024-10-03T00:00:00Z", "because");
        for (ApiClient other : List.of(auditor, books.reader("books-acme"))) {
            assertThat(other.post("/api/corrections", right).refused(403, "")).contains("companion.api.correctors");
        }
        assertThat(books.nobody().send("POST", "/api/corrections").status()).isEqualTo(401);
        refused(correction(stray, "2024-10-03T00:00:00Z", " "), 400, "reason");
        refused(correction(stray, "2024-10-03T00:00:00Z", "x".repeat(600)), 400, "reason");
        refused(correction(stray, "2024-09-03T00:00:00Z", "too early"), 400, "at");
        refused(correction(stray, "2124-09-03T00:00:00Z", "too late"), 400, "at");
        refused("{\"resource\": \"%s\", \"reason\": \"no instant\"}".formatted(stray.uid()), 400, "at");
        refused("{\"resource\": \"x\", \"at\": \"2024-10-03T00:00:00Z\", \"reason\": \"no UID\"}", 400, "resource");
        refused("{\"at\": \"2024-10-03T00:00:00Z\", \"reason\": \"no UID\"}", 400, "resource");
        refused("[]", 400, "");
        refused("null", 400, "");
        assertThat(corrector
                        .post(
                                "/api/corrections",
                                right.replace(stray.uid(), UUID.randomUUID().toString()))
                        .status())
                .isEqualTo(404);
        assertThat(auditor.all("/api/periods?resource=" + stray.uid()))
                .singleElement()
                .satisfies(it -> assertThat(it.hasNonNull("endedAt")).isFalse());
    }

    @Test
    void H03_what_still_exists_in_Kubernetes_is_not_ended_in_the_books() throws Exception {
        var object = kubernetes.resource(
                kubernetes.getKubernetesSerialization().<PlainVm>unmarshal("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: PlainVm
                metadata: {name: books-living, namespace: default}
                spec: {account: %s, size: medium, image: debian-12, oneTimePassword: true}
                """.formatted(ACCOUNT), PlainVm.class));
        var living = object.create();
        try {
            var subject =
                    new Subject(Kind.PlainVm, living.getMetadata().getUid(), "default", "books-living", "eu", "medium");
            books.deliver(subject, entry(1, "2024-10-01T00:00:00Z", EventType.PROVISION, State.Running, ACCOUNT));
            assertThat(corrector
                            .post("/api/corrections", correction(subject, "2024-10-03T00:00:00Z", "a mistake"))
                            .refused(409, "resource"))
                    .contains("exists in Kubernetes");
        } finally {
            object.delete();
        }
    }

    @Test
    void H03_the_operator_ends_what_has_no_journal_any_more_and_as_often_as_it_likes() throws Exception {
        Subject stray = stray();
        ApiClient operator = books.operator();
        String ending = "{\"uid\": \"%s\", \"at\": \"2024-10-02T00:00:00.5Z\", \"reason\": \"orphan: deleted\"}";
        for (int i = 0; i < 2; i++) {
            assertThat(operator.post("/internal/v1/endings", ending.formatted(stray.uid()))
                            .status())
                    .isEqualTo(204);
        }
        assertThat(operator.post("/internal/v1/endings", ending.formatted(UUID.randomUUID()))
                        .status())
                .as("what the books never heard of")
                .isEqualTo(204);
        assertThat(auditor.all("/api/audit-events?resource=" + stray.uid()))
                .singleElement()
                .satisfies(it -> assertThat(it.at("/event/at").asText()).isEqualTo("2024-10-02T00:00:00.500000Z"));
        assertThat(corrector
                        .post("/internal/v1/endings", ending.formatted(stray.uid()))
                        .status())
                .isEqualTo(403);
        assertThat(corrector.get("/internal/v1/open-resources").status()).isEqualTo(403);
    }

    private void refused(String correction, int status, String field) throws Exception {
        corrector.post("/api/corrections", correction).refused(status, field);
    }

    /** A resource of which nothing but its period is left. */
    private Subject stray() throws Exception {
        Subject stray = BooksTestEnvironment.subject(Kind.PlainVm, "stray", "medium");
        books.deliver(stray, entry(1, "2024-10-01T00:00:00Z", EventType.PROVISION, State.Running, ACCOUNT));
        return stray;
    }

    private static String correction(Subject of, String at, String reason) {
        return "{\"resource\": \"%s\", \"at\": \"%s\", \"reason\": \"%s\"}".formatted(of.uid(), at, reason);
    }

    private List<String> openInTheBooks() throws Exception {
        List<String> uids = new ArrayList<>();
        JsonNode page;
        do {
            page = books.operator()
                    .get("/internal/v1/open-resources" + (uids.isEmpty() ? "" : "?after=" + uids.getLast()))
                    .ok();
            page.get("items").forEach(it -> uids.add(it.get("uid").asText()));
        } while (!page.get("complete").asBoolean());
        return uids;
    }
}
