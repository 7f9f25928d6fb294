package dev.anchorhold.sim.cloud;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Log of the requests that came, newest last, and their counts by route. Never holds a token. Thread-safe. */
public final class RequestLog {
    private static final int CAPACITY = 100_000;

    /**
     * @param project the project's or account's name, empty when the token was not known
     * @param template such as {@code /servers/{id}}; the path itself when no route fits
     * @param status 0 when the connection was closed instead of an answer
     * @param caller the {@code X-Caller} header, else the user agent
     */
    public record Entry(
            Instant time,
            String project,
            String method,
            String template,
            String path,
            String query,
            int status,
            double millis,
            String caller) {}

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private long total;

    synchronized void add(Entry entry) {
        entries.add(entry);
        if (entries.size() > CAPACITY) entries.removeFirst();
        counts.merge(entry.method() + " " + entry.template(), 1, Integer::sum);
        total++;
    }

    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** The newest ones, newest first. */
    public synchronized List<Entry> latest(int count) {
        return entries.reversed().stream().limit(count).toList();
    }

    /** By {@code "GET /servers/{id}"}, since the last reset. */
    public synchronized Map<String, Integer> counts() {
        return new TreeMap<>(counts);
    }

    public synchronized int count(String method, String template) {
        return counts.getOrDefault(method + " " + template, 0);
    }

    /** Requests that were meant to change something. */
    public synchronized int writes() {
        return counts.entrySet().stream()
                .filter(count -> !count.getKey().startsWith("GET "))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    public synchronized long total() {
        return total;
    }

    public synchronized double slowestMillis() {
        return entries.stream()
                .max(Comparator.comparingDouble(Entry::millis))
                .map(Entry::millis)
                .orElse(0.0);
    }

    public synchronized void reset() {
        entries.clear();
        counts.clear();
        total = 0;
    }
}
