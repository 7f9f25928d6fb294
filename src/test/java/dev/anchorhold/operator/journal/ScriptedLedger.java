package dev.anchorhold.operator.journal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.DeliveryResult.Outcome;
import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.ledger.event.DeliveryResult.Refusal;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.platform.JsonMappers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * HTTP stub of the companion's journal endpoint that keeps books in memory by the rules of the wire form, and
 * misbehaves when scripted to.
 */
public final class ScriptedLedger implements AutoCloseable {
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Long> sequences = new HashMap<>();
    private final Map<String, Refusal> refusals = new HashMap<>();
    private final List<String> recorded = new ArrayList<>();
    private final Map<String, List<String>> words = new HashMap<>();
    private final List<String> outOfOrder = new ArrayList<>();
    private final Set<String> tokens = new HashSet<>();
    private final Set<InetSocketAddress> connections = new HashSet<>();
    private final Queue<String> answers = new ArrayDeque<>();
    private String poison = "";
    private int calls;
    private int largest;
    private int lost;
    private int failure;

    public ScriptedLedger() {
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.setExecutor(threads);
        http.createContext("/internal/v1/journals", this::answer);
        http.start();
    }

    public String uri() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private synchronized void answer(HttpExchange call) throws IOException {
        byte[] body = call.getRequestBody().readAllBytes();
        calls++;
        tokens.add(call.getRequestHeaders().getFirst("Authorization"));
        connections.add(call.getRemoteAddress());
        if (failure != 0) {
            send(call, failure, "{}");
            return;
        }
        if (!answers.isEmpty()) {
            send(call, 200, answers.remove());
            return;
        }
        var delivery = JsonMappers.STRICT.readValue(body, Delivery.class);
        if (delivery.journals().stream().anyMatch(j -> j.subject().uid().equals(poison))) {
            send(call, 400, "{\"detail\": \"a field is not as it should be\"}");
            return;
        }
        int entries =
                delivery.journals().stream().mapToInt(j -> j.entries().size()).sum();
        largest = Math.max(largest, entries);
        var deliveryResult = new DeliveryResult(delivery.journals().stream()
                .map(j -> take(j.subject().uid(), j.entries()))
                .toList());
        if (lost > 0) {
            lost--;
            call.close();
            return;
        }
        send(call, 200, JsonMappers.STRICT.writeValueAsString(deliveryResult));
    }

    private Outcome take(String uid, List<LedgerEntry> entries) {
        long known = sequence(uid);
        if (refusals.containsKey(uid)) {
            return new Outcome(uid, known, refusals.get(uid));
        }
        if (entries.getFirst().sequence() > known + 1) {
            return new Outcome(uid, known, new Refusal(Reason.GAP, "bring all above " + known));
        }
        for (LedgerEntry entry : entries) {
            if (entry.sequence() == sequence(uid) + 1) {
                sequences.put(uid, entry.sequence());
                recorded.add(uid + " " + entry.sequence());
                words.computeIfAbsent(uid, _ -> new ArrayList<>()).add(JournalLines.what(entry));
            } else if (entry.sequence() > sequence(uid)) {
                outOfOrder.add(uid + " " + entry.sequence());
            }
        }
        return new Outcome(uid, sequence(uid), null);
    }

    private static void send(HttpExchange call, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", "application/json");
        call.sendResponseHeaders(status, bytes.length);
        call.getResponseBody().write(bytes);
        call.close();
    }

    // ---- what happened

    public synchronized long sequence(String uid) {
        return sequences.getOrDefault(uid, 0L);
    }

    public synchronized List<String> recorded() {
        return List.copyOf(recorded);
    }

    /** What became of it, as {@link JournalLines}. */
    public synchronized List<String> words(String uid) {
        return List.copyOf(words.getOrDefault(uid, List.of()));
    }

    public synchronized List<String> outOfOrder() {
        return List.copyOf(outOfOrder);
    }

    public synchronized Set<String> tokens() {
        return Set.copyOf(tokens);
    }

    public synchronized int calls() {
        return calls;
    }

    public synchronized int connections() {
        return connections.size();
    }

    public synchronized int largestCall() {
        return largest;
    }

    // ---- what is to happen

    /** Takes so many deliveries and hangs up instead of answering. */
    public synchronized void loseAnswers(int count) {
        lost = count;
    }

    /** Answers with that status only; 0 for no more. */
    public synchronized void fail(int status) {
        failure = status;
    }

    /** Makes up with everybody. */
    public synchronized void behave() {
        failure = 0;
        lost = 0;
        poison = "";
        answers.clear();
        refusals.clear();
    }

    public synchronized void answerOnce(String text) {
        answers.add(text);
    }

    public synchronized void refuse(String uid, Reason reason, String detail) {
        refusals.put(uid, new Refusal(reason, detail));
    }

    public synchronized void accept(String uid) {
        refusals.remove(uid);
    }

    /** As after a backup was restored, here or there: the books end at that entry. */
    public synchronized void sequence(String uid, long last) {
        sequences.put(uid, last);
    }

    /** Refuses every message that names it. */
    public synchronized void poison(String uid) {
        poison = uid;
    }

    @Override
    public void close() {
        http.stop(0);
        threads.close();
    }
}
