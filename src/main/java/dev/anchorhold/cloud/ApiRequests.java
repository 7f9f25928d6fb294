package dev.anchorhold.cloud;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import okhttp3.HttpUrl;

/**
 * Builds and sends the few forms of requests that an API has: GET one, list pages, write, delete. JSON of another form
 * than promised is an error here, never an empty answer.
 */
public class ApiRequests {
    private final Transport transport;

    public ApiRequests(Transport transport) {
        this.transport = transport;
    }

    public HttpUrl.Builder url(String path) {
        return transport.url(path);
    }

    public <T> T get(Urgency urgency, Purpose purpose, HttpUrl.Builder url, Class<T> type) {
        return transport.send(new Transport.ApiCall(urgency, purpose, "GET", url.build(), null, List.of()), type);
    }

    public <T> T write(Urgency urgency, Purpose purpose, String method, String path, Object body, Class<T> type) {
        return write(urgency, purpose, method, path, body, List.of(), type);
    }

    /** {@code confidential} are texts of the body that must not come back in a message. */
    public <T> T write(
            Urgency urgency,
            Purpose purpose,
            String method,
            String path,
            Object body,
            List<String> confidential,
            Class<T> type) {
        return transport.send(
                new Transport.ApiCall(urgency, purpose, method, url(path).build(), body, confidential), type);
    }

    /** Absent already is success (F21). */
    public void delete(Urgency urgency, Purpose purpose, String path) {
        try {
            write(urgency, purpose, "DELETE", path, null, Void.class);
        } catch (CloudException.NotFound gone) {
            // what was wanted
        }
    }

    public <T> List<T> allPages(IntFunction<CloudPage<T>> pages) {
        var all = new ArrayList<T>();
        for (int number = 1; number != 0; ) {
            var page = pages.apply(number);
            all.addAll(page.items());
            if (page.next() != 0 && page.next() <= number) throw malformed(false);
            number = page.next();
        }
        return all;
    }

    /** What a read of one thing found; empty if the cloud says that there is no such thing. */
    public <T> Optional<T> optional(Supplier<T> read) {
        try {
            var answer = read.get();
            if (answer == null) throw malformed(false);
            return Optional.of(answer);
        } catch (CloudException.NotFound gone) {
            return Optional.empty();
        }
    }

    public <T> List<T> requireItems(List<T> items) {
        if (items == null || items.stream().anyMatch(Objects::isNull)) throw malformed(false);
        return items;
    }

    /** A part that a write's answer must have: without it nobody knows what the write did. */
    public <T> T requirePart(T part) {
        if (part == null) throw malformed(true);
        return part;
    }

    protected CloudException malformed(boolean write) {
        return transport.malformed(write, "an answer of another form than promised", "");
    }
}
