package dev.anchorhold.ledger.log;

import static dev.anchorhold.door.Caller.JSON;
import static dev.anchorhold.ledger.log.Told.agent;
import static dev.anchorhold.ledger.log.Told.delivery;
import static dev.anchorhold.ledger.log.Told.life;
import static dev.anchorhold.ledger.log.Told.provision;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.door.Caller;
import dev.anchorhold.door.Caller.Answer;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.Wire;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.Keeping;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.ProductProcess.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a companion as it ships, asked by HTTP. */
class LogHttpTest {
    private static final String JOURNALS = "/internal/v1/journals";

    @TempDir
    private static Path folder;

    private static CompanionProcess companion;
    private static Caller operator;
    private static Caller anybody;

    @BeforeAll
    static void start() throws Exception {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        companion = CompanionProcess.start(
                        new Settings(folder, chart.companionKubeconfig(), Map.of()),
                        new Keeping(CompanionDatabase.fresh(), folder))
                .awaitReady();
        anybody = new Caller(companion.uri());
        operator = anybody.with(Files.readString(chart.operatorTokenForCompanion()));
    }

    @AfterAll
    static void stop() {
        companion.close();
    }

    @Test
    void the_operator_alone_brings_entries() throws Exception {
        JsonNode told = json(delivery(agent(), provision()));
        assertThat(anybody.post(JOURNALS, told).status()).isEqualTo(401);
        assertThat(anybody.with("nonsense").post(JOURNALS, told).status()).isEqualTo(401);
        assertThat(operator.post(JOURNALS, told).status()).isEqualTo(200);
    }

    @Test
    void a_receipt_says_what_is_recorded_of_each_resource() throws Exception {
        Subject known = agent();
        JsonNode told = json(delivery(life(known, 1, 3), life(agent(), 2, 3)));
        JsonNode outcomes = operator.post(JOURNALS, told).ok().get("outcomes");
        assertThat(outcomes.get(0).get("uid").asText()).isEqualTo(known.uid());
        assertThat(outcomes.get(0).get("recorded").asLong()).isEqualTo(3);
        assertThat(outcomes.get(0).has("refusal")).isFalse();
        assertThat(outcomes.get(1).at("/refusal/reason").asText()).isEqualTo("GAP");
        assertThat(operator.post(JOURNALS, told).ok().get("outcomes")).isEqualTo(outcomes);
    }

    @Test
    void a_malformed_entry_is_named_and_nothing_of_its_delivery_is_recorded() throws Exception {
        Subject good = agent();
        ObjectNode told = json(delivery(life(good, 1, 1), life(agent(), 1, 2)));
        ObjectNode bad = (ObjectNode) told.at("/journals/1/entries/1");
        bad.put("at", "2026-11-24T10:00:00.0000001Z");
        refused(told, "journals[1].entries[1].at");
        bad.put("at", "+12026-11-24T10:00:00Z");
        refused(told, "journals[1].entries[1].at");
        bad.put("at", "2026-11-24T10:00:00Z").put("event", "explode");
        refused(told, "journals[1].entries[1].event");
        bad.put("event", "stop").put("account", "a\nb");
        refused(told, "journals[1].entries[1].account");
        bad.put("account", "half a pair");
        refused(told.toString().replace("half a pair", "\\ud800"), "journals[1].entries[1].account");
        bad.put("account", "ada").put("sequence", 3);
        refused(told, "journals[1].entries");
        bad.put("sequence", 2).put("wrong", true);
        refused(told, "journals[1].entries[1].wrong");
        bad.remove("wrong");
        ((ArrayNode) told.get("journals")).add(told.at("/journals/0"));
        refused(told, "journals");

        assertThat(operator.post(JOURNALS, json(delivery(life(good, 2, 2))))
                        .ok()
                        .at("/outcomes/0/recorded")
                        .asLong())
                .as("of what came with the bad ones")
                .isZero();
        assertThat(operator.send("POST", JOURNALS, "{\"journals\": ").status()).isEqualTo(400);
        assertThat(operator.send("POST", JOURNALS, " ".repeat((4 << 20) + 1)).status())
                .isEqualTo(413);
    }

    private static void refused(JsonNode told, String field) throws Exception {
        refused(told.toString(), field);
    }

    private static void refused(String told, String field) throws Exception {
        Answer answer = operator.send("POST", JOURNALS, told);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.headers().get("content-type")).containsExactly("application/problem+json");
        assertThat(answer.json().get("field").asText()).isEqualTo(field);
    }

    private static ObjectNode json(Delivery delivery) throws Exception {
        return (ObjectNode) JSON.readTree(Wire.STRICT.writeValueAsString(delivery));
    }
}
