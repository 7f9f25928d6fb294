package dev.anchorhold.ledger.crash;

import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.platform.JsonMappers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sends journals to a companion as an operator does, and remembers what is acknowledged. Not thread-safe. */
final class JournalSender implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final URI companion;
    private final String token;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<String, ResourceJournal> journals = new LinkedHashMap<>();
    private final Map<String, Long> acknowledged = new HashMap<>();

    JournalSender(URI companion, String token) {
        this.companion = companion;
        this.token = token;
    }

    void write(ResourceJournal journal) {
        journals.put(journal.subject().uid(), journal);
    }

    /** Everything that was ever written. */
    List<ResourceJournal> journals() {
        return List.copyOf(journals.values());
    }

    /**
     * Delivers what is not acknowledged, in order, in one call.
     *
     * @param maxResources in one delivery
     * @return false when the answer did not come
     */
    boolean deliver(int maxResources) {
        var delivery = new Delivery(journals.values().stream()
                .filter(it -> it.entries().getLast().sequence() > last(it))
                .limit(maxResources)
                .map(this::rest)
                .toList());
        try {
            for (var outcome : post(delivery).outcomes()) {
                if (outcome.refusal() != null) {
                    throw new AssertionError("refused: " + outcome);
                }
                acknowledged.put(outcome.uid(), outcome.recorded());
            }
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Until everything is acknowledged. */
    void deliverAll(int maxResources) {
        await("everything to be acknowledged")
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    while (!isEmpty()) {
                        if (!deliver(maxResources)) return false;
                    }
                    return true;
                });
    }

    boolean isEmpty() {
        return journals.values().stream().allMatch(it -> it.entries().getLast().sequence() == last(it));
    }

    private long last(ResourceJournal journal) {
        return acknowledged.getOrDefault(journal.subject().uid(), 0L);
    }

    private ResourceJournal rest(ResourceJournal journal) {
        List<LedgerEntry> entries = new ArrayList<>(journal.entries());
        entries.removeIf(it -> it.sequence() <= last(journal));
        return new ResourceJournal(journal.subject(), entries);
    }

    private DeliveryResult post(Delivery delivery) throws IOException {
        var request = HttpRequest.newBuilder(companion.resolve("/internal/v1/journals"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .timeout(TIMEOUT)
                .POST(BodyPublishers.ofByteArray(JsonMappers.STRICT.writeValueAsBytes(delivery)))
                .build();
        try {
            var answer = http.send(request, BodyHandlers.ofByteArray());
            if (answer.statusCode() >= 500) throw new IOException("status " + answer.statusCode());
            if (answer.statusCode() != 200) throw new AssertionError(new String(answer.body()));
            return JsonMappers.STRICT.readValue(answer.body(), DeliveryResult.class);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
