package dev.anchorhold.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Use of an installation while a test disturbs it: a guest that calls the door, and somebody who makes and deletes PlainVms, so that the books
 * always have something to record.
 */
final class Visitors implements AutoCloseable {
    /** As the guest program does it. */
    private static final Duration BEFORE_A_RETRY = Duration.ofSeconds(5);

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private static final String KEY = key();

    private final SharedCluster cluster;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<String> objects = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean stopped;

    Visitors(SharedCluster cluster) {
        this.cluster = cluster;
    }

    void start() {
        running.add(threads.submit(this::callTheDoor));
        running.add(threads.submit(this::makeAndDelete));
    }

    /** Ends what they do, in order; all that they made is deleted. */
    void stop() throws Exception {
        stopped = true;
        for (Future<?> it : running) {
            it.get(10, TimeUnit.MINUTES);
        }
        System.out.printf(
                "Guests called the door %d times, %d of them twice; %d PlainVms came and went%n",
                requests.get(), retries.get(), objects.size());
    }

    /** What failed, and failed again when it was repeated. */
    List<String> failures() {
        return failures;
    }

    /** How often the door was called. */
    int requests() {
        return requests.get();
    }

    /** The UIDs of the PlainVms that came and went. */
    List<String> objects() {
        return objects;
    }

    private void callTheDoor() {
        while (!stopped) {
            requests.incrementAndGet();
            String first = call();
            if (!first.isEmpty()) {
                retries.incrementAndGet();
                pause(BEFORE_A_RETRY);
                String second = call();
                if (!second.isEmpty()) {
                    failures.add(Instant.now() + " " + first + ", then " + second);
                }
            }
            pause(Duration.ofMillis(100));
        }
    }

    /** @return why it failed; empty when it was answered: a stranger gets no, which the door asks the database for */
    private String call() {
        try {
            HttpResponse<String> answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create(cluster.folder().exported("ANCHORHOLD_COMPANION"))
                                    .resolve("/guest/v1/bootstrap"))
                            .timeout(Duration.ofSeconds(20))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(
                                    "{\"agent\": \"%s\", \"token\": \"%s\", \"publicKey\": \"%s\"}"
                                            .formatted(UUID.randomUUID(), "none", KEY)))
                            .build(),
                    BodyHandlers.ofString());
            return answer.statusCode() == 403 ? "" : answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private void makeAndDelete() {
        try {
            for (int i = 1; !stopped; i++) {
                List<String> names = List.of("visitor-" + i);
                cluster.createPlainVms("globex", names);
                cluster.awaitPlainVms(names);
                objects.add(cluster.uid("plainvm/" + names.getFirst()));
                cluster.deletePlainVms(names);
            }
        } catch (RuntimeException e) {
            failures.add(e.toString());
        }
    }

    private static String key() {
        try {
            KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return "-----BEGIN PUBLIC KEY-----\\n%s\\n-----END PUBLIC KEY-----\\n"
                    .formatted(
                            Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdownNow();
    }
}
