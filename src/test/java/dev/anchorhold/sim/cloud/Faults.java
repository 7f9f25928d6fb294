package dev.anchorhold.sim.cloud;

import dev.anchorhold.WaitLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Faults to inject into single requests. A rule matches authenticated requests by method and path, so many times; the
 * first that matches is used, one for each request. Thread-safe.
 */
public final class Faults {
    /** What happens to a request. "The commit" is the instant at which the simulator has done what was asked. */
    public sealed interface Fault {}

    /** Refused with this error; nothing is done. */
    public record Fail(int status, String code, String message) implements Fault {}

    /** Refused with an HTML page, as the edge in front of a cloud does when it fails; nothing is done. */
    public record Html(int status) implements Fault {}

    /** The connection is closed before the commit: nothing is done. */
    public record ResetBefore() implements Fault {}

    /** Done, but the answer is lost: the connection is closed ({@code byReset}), or a 504 comes instead. */
    public record LoseAnswer(boolean byReset) implements Fault {}

    /** Done at once, answered late. */
    public record Delay(Duration by) implements Fault {}

    /** When a request is held. */
    public enum When {
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    /** Holds a request until it is released: the handle with which a test waits, kills its program, and goes on. */
    public static final class Hold implements Fault {
        final When when;
        private final CompletableFuture<Void> held = new CompletableFuture<>();
        final CompletableFuture<Boolean> verdict = new CompletableFuture<>();

        public Hold(When when) {
            this.when = when;
        }

        public When when() {
            return when;
        }

        /** To be called by whoever holds the request, once it does. */
        public void arrived() {
            held.complete(null);
        }

        /** Waits until the test releases or drops it: true to go on, false when the connection shall end. */
        public boolean awaitRelease() {
            return verdict.join();
        }

        public boolean isHeld() {
            return held.isDone();
        }

        /** True when a request is held in the time that a test waits for anything. */
        public boolean awaitHeld() {
            return awaitHeld(WaitLimit.WAIT_LIMIT);
        }

        /** True when a request is held before the time is over. */
        public boolean awaitHeld(Duration atMost) {
            try {
                held.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The request goes on as if nothing had been. */
        public void release() {
            verdict.complete(true);
        }

        /** The connection is closed; what was held before its commit is never done. */
        public void drop() {
            verdict.complete(false);
        }
    }

    /**
     * Which requests a fault applies to: {@code GET, POST, PUT, PATCH, DELETE} or {@code *}, and a path below the API's base: a template such
     * as {@code /servers/{id}}, a real path, or one with {@code *} for anything.
     */
    public static final class Rule {
        public final long id;
        public final String method;
        public final String path;
        public final Fault fault;
        private final Pattern pattern;
        private int left;

        private Rule(long id, String method, String path, int times, Fault fault) {
            this.id = id;
            this.method = method;
            this.path = path;
            this.fault = fault;
            this.left = times;
            this.pattern = Pattern.compile("\\Q" + path.replace("*", "\\E.*\\Q") + "\\E");
        }

        private boolean matches(String method, String template, String path) {
            return (this.method.equals("*") || this.method.equals(method))
                    && (this.path.equals(template) || pattern.matcher(path).matches());
        }

        public int left() {
            return left;
        }
    }

    private final List<Rule> rules = new ArrayList<>();
    private final List<Hold> holds = new ArrayList<>();
    private long ids;

    /** @param times how often; {@link Integer#MAX_VALUE} for ever */
    public synchronized Rule add(String method, String path, int times, Fault fault) {
        var rule = new Rule(++ids, method, path, times, fault);
        rules.add(rule);
        if (fault instanceof Hold hold) holds.add(hold);
        return rule;
    }

    public Rule next(String method, String path, Fault fault) {
        return add(method, path, 1, fault);
    }

    /** Holds the next matching request. */
    public Hold hold(String method, String path, When when) {
        var hold = new Hold(when);
        next(method, path, hold);
        return hold;
    }

    /** Null when nothing shall go wrong. */
    synchronized Fault take(String method, String template, String path) {
        for (Rule rule : rules) {
            if (rule.left > 0 && rule.matches(method, template, path)) {
                if (rule.left != Integer.MAX_VALUE) rule.left--;
                return rule.fault;
            }
        }
        return null;
    }

    /** Also those that are used up, so that a held one can be found. */
    public synchronized List<Rule> rules() {
        return List.copyOf(rules);
    }

    /** Nothing goes wrong any more; what is held goes on. */
    public synchronized void clear() {
        rules.clear();
        holds.forEach(Hold::release);
        holds.clear();
    }
}
