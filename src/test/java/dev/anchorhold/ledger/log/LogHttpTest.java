package dev.anchorhold.ledger.log;

import static dev.anchorhold.door.TestHttpClient.JSON;
import static dev.anchorhold.ledger.log.SampleEntries.agent;
import static dev.anchorhold.ledger.log.SampleEntries.consecutive;
import static dev.anchorhold.ledger.log.SampleEntries.delivery;
import static dev.anchorhold.ledger.log.SampleEntries.provision;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.door.TestHttpClient;
import dev.anchorhold.door.TestHttpClient.Response;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.HashReader;
import dev.anchorhold.ledger.merkle.Proofs;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.sim.cloud.GoProgram;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.ProductProcess.Settings;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a packaged companion, called by HTTP. */
class LogHttpTest {
    private static final String JOURNALS = "/internal/v1/journals";

    @TempDir
    private static Path folder;

    private static CompanionDatabase database;
    private static CompanionProcess companion;
    private static TestHttpClient operator;
    private static TestHttpClient anybody;

    @BeforeAll
    static void start() throws Exception {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        database = CompanionDatabase.fresh();
        companion = CompanionProcess.start(
                        new Settings(folder, chart.companionKubeconfig(), Map.of()),
                        new DatabaseAndKeys(database, folder))
                .awaitReady();
        anybody = new TestHttpClient(companion.uri());
        operator =
                new TestHttpClient(companion.internalUri()).with(Files.readString(chart.operatorTokenForCompanion()));
    }

    @AfterAll
    static void stop() {
        companion.close();
    }

    @Test
    void the_operator_alone_delivers_entries() throws Exception {
        JsonNode delivery = json(delivery(agent(), provision()));
        var stranger = new TestHttpClient(companion.internalUri());
        assertThat(stranger.post(JOURNALS, delivery).status()).isEqualTo(401);
        assertThat(stranger.with("nonsense").post(JOURNALS, delivery).status()).isEqualTo(401);
        assertThat(operator.post(JOURNALS, delivery).status()).isEqualTo(200);
    }

    @Test
    void the_result_says_what_is_recorded_of_each_resource() throws Exception {
        Subject known = agent();
        JsonNode delivery = json(delivery(consecutive(known, 1, 3), consecutive(agent(), 2, 3)));
        JsonNode outcomes = operator.post(JOURNALS, delivery).ok().get("outcomes");
        assertThat(outcomes.get(0).get("uid").asText()).isEqualTo(known.uid());
        assertThat(outcomes.get(0).get("recorded").asLong()).isEqualTo(3);
        assertThat(outcomes.get(0).has("refusal")).isFalse();
        assertThat(outcomes.get(1).at("/refusal/reason").asText()).isEqualTo("GAP");
        assertThat(operator.post(JOURNALS, delivery).ok().get("outcomes")).isEqualTo(outcomes);
    }

    @Test
    void what_is_recorded_comes_into_the_books_though_nobody_reads_them() throws Exception {
        Subject subject = agent();
        operator.post(JOURNALS, json(delivery(subject, provision()))).ok();
        await().until(() -> new Database(database::asApplication)
                .transaction(
                        it -> it.first(_ -> true, "SELECT FROM ledger.period WHERE resource = ?::uuid", subject.uid()))
                .isPresent());
    }

    @Test
    void a_malformed_entry_is_named_and_nothing_of_its_delivery_is_recorded() throws Exception {
        Subject good = agent();
        ObjectNode delivery = json(delivery(consecutive(good, 1, 1), consecutive(agent(), 1, 2)));
        ObjectNode bad = (ObjectNode) delivery.at("/journals/1/entries/1");
        bad.put("at", "2026-11-24T10:00:00.0000001Z");
        refused(delivery, "journals[1].entries[1].at");
        bad.put("at", "+12026-11-24T10:00:00Z");
        refused(delivery, "journals[1].entries[1].at");
        bad.put("at", "2026-11-24T10:00:00Z").put("event", "explode");
        refused(delivery, "journals[1].entries[1].event");
        bad.put("event", "stop").put("account", "a\nb");
        refused(delivery, "journals[1].entries[1].account");
        bad.put("account", "half a pair");
        refused(delivery.toString().replace("half a pair", "\\ud800"), "journals[1].entries[1].account");
        bad.put("account", "ada").put("sequence", 3);
        refused(delivery, "journals[1].entries");
        bad.put("sequence", 2).put("wrong", true);
        refused(delivery, "journals[1].entries[1].wrong");
        bad.remove("wrong");
        ((ArrayNode) delivery.get("journals")).add(delivery.at("/journals/0"));
        refused(delivery, "journals");
        ((ArrayNode) delivery.get("journals")).removeAll().addNull();
        refused(delivery, "journals[0]");

        assertThat(operator.post(JOURNALS, json(delivery(consecutive(good, 2, 2))))
                        .ok()
                        .at("/outcomes/0/recorded")
                        .asLong())
                .as("of what came with the bad ones")
                .isZero();
        assertThat(operator.send("POST", JOURNALS, "{\"journals\": ").status()).isEqualTo(400);
        assertThat(operator.send("POST", JOURNALS, " ".repeat((4 << 20) + 1)).status())
                .isEqualTo(413);
    }

    @Test
    void the_checkpoint_is_signed_by_the_key_that_is_published() throws Exception {
        Response key = anybody.get("/log/key");
        Response checkpoint = anybody.get("/log/checkpoint");
        assertThat(key.headers().get("content-type").getFirst()).startsWith("text/plain");
        assertThat(checkpoint.headers().get("content-type")).containsExactly("text/plain; charset=utf-8");
        assertThat(checkpoint.headers().get("cache-control")).containsExactly("no-store");
        Checkpoint opened = Checkpoint.parse(VerifyingKey.parse(key.body()).open(checkpoint.body()));
        assertThat(opened.origin()).isEqualTo(CompanionProcess.LOG_ORIGIN);
        assertThat(anybody.get("/log/checkpoint/" + opened.size()).body()).isEqualTo(checkpoint.body());
        assertThat(anybody.get("/log/checkpoint/" + (opened.size() + 1_000)).status())
                .isEqualTo(404);
        assertThat(anybody.get("/log/checkpoint/x").status()).isEqualTo(404);
    }

    @Test
    void tiles_are_served_up_to_the_checkpoint_under_their_one_path() throws Exception {
        operator.post(JOURNALS, json(SampleEntries.provisions(300))).ok();
        long size = size();
        int last = (int) (size / 256);
        int width = (int) (size % 256);
        Response full = anybody.get("/log/tile/0/000");
        assertThat(full.status()).isEqualTo(200);
        assertThat(full.headers().get("content-type")).containsExactly("application/octet-stream");
        assertThat(full.headers().get("cache-control").getFirst()).contains("immutable", "public");
        Response partial = anybody.get("/log/tile/0/%03d.p/%d".formatted(last, width));
        assertThat(partial.status()).isEqualTo(200);
        assertThat(partial.headers()).doesNotContainKey("cache-control");
        assertThat(anybody.get("/log/tile/entries/000").headers().get("content-length"))
                .containsExactly(String.valueOf(256 * (2 + 32)));
        assertThat(anybody.get("/log/tile/0/000.p/17").headers().get("content-length"))
                .containsExactly(String.valueOf(17 * 32));
        assertThat(anybody.get("/log/tile/1/000.p/" + last).headers().get("content-length"))
                .containsExactly(String.valueOf(last * 32));
        for (String none : List.of(
                "0/%03d".formatted(last),
                "0/%03d.p/%d".formatted(last, width + 1),
                "entries/%03d.p/%d".formatted(last, width + 1),
                "1/000.p/" + (last + 1),
                "2/000.p/1",
                "63/000.p/1",
                "64/000.p/1",
                "0/999",
                "0/x999/999/x999",
                "0/x999/x999/x999/x999/x999/x999/999",
                "0/x000/000",
                "0/0",
                "00/000",
                "0/000.p/0",
                "0/000.p/017",
                "0/000.p/256",
                "0/-01",
                "entries/x000/000",
                "data/000")) {
            assertThat(anybody.get("/log/tile/" + none).status()).as(none).isEqualTo(404);
        }
    }

    @Test
    void gos_own_modules_verify_checkpoints_tiles_entries_and_proofs() throws Exception {
        Path checkpoints = Files.createDirectory(folder.resolve("checkpoints"));
        for (int more : new int[] {1, 2, 5, 1, 60, 130, 57, 100, 1, 500}) {
            operator.post(JOURNALS, json(SampleEntries.provisions(more))).ok();
            Files.writeString(
                    checkpoints.resolve(String.valueOf(size())),
                    anybody.get("/log/checkpoint").body());
        }
        long size = size();
        assertThat(size).isGreaterThan(3 * 256);
        Path proofs = Files.write(folder.resolve("proofs"), proofs(size));
        String output = new GoProgram(folder, "tlog")
                .run(Map.of(
                        "LOG", companion.uri().resolve("/log").toString(),
                        "KEY", anybody.get("/log/key").body().strip(),
                        "CHECKPOINTS", checkpoints.toString(),
                        "PROOFS", proofs.toString()));
        assertThat(output.lines()).hasSize(6).allMatch(line -> line.startsWith("ok "));
    }

    /** As the program wants them: of all sizes to 300 and of the whole log. */
    private static List<String> proofs(long size) {
        HashReader stored = remembered(new TileHashReader(new Database(database::asApplication), size));
        return LongStream.concat(LongStream.rangeClosed(0, 300), LongStream.of(size))
                .boxed()
                .flatMap(it -> Stream.of(
                        digest("inclusion", it, i -> Proofs.inclusion(i, it, stored)),
                        digest("consistency", it, i -> Proofs.consistency(i + 1, it, stored))))
                .toList();
    }

    private static String digest(String what, long size, LongFunction<List<byte[]>> proof) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (long i = 0; i < size; i++) {
            List<byte[]> hashes = proof.apply(i);
            all.write(hashes.size());
            hashes.forEach(all::writeBytes);
        }
        byte[] digest = OpaqueTokens.sha256(all.toByteArray());
        return "%s %d %s".formatted(what, size, Base64.getEncoder().encodeToString(digest));
    }

    private static HashReader remembered(HashReader slow) {
        Map<String, byte[]> known = new HashMap<>();
        return (level, index) -> known.computeIfAbsent(level + "/" + index, _ -> slow.at(level, index));
    }

    private static long size() throws Exception {
        return Long.parseLong(anybody.get("/log/checkpoint").body().split("\n")[1]);
    }

    private static void refused(JsonNode delivery, String field) throws Exception {
        refused(delivery.toString(), field);
    }

    private static void refused(String delivery, String field) throws Exception {
        Response response = operator.send("POST", JOURNALS, delivery);
        assertThat(response.status()).as(response.body()).isEqualTo(400);
        assertThat(response.headers().get("content-type")).containsExactly("application/problem+json");
        assertThat(response.json().get("field").asText()).isEqualTo(field);
    }

    private static ObjectNode json(Delivery delivery) throws Exception {
        return (ObjectNode) JSON.readTree(JsonMappers.STRICT.writeValueAsString(delivery));
    }
}
