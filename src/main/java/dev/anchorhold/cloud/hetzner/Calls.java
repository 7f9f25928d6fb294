package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import okhttp3.HttpUrl;

/** The few forms that calls of the API have. JSON of another form than promised is an error here, never an empty answer. */
record Calls(Transport transport) {
    private static final String PER_PAGE = "50";

    HttpUrl.Builder url(String path) {
        return transport.url(path);
    }

    <T> T get(Urgency urgency, Purpose purpose, HttpUrl.Builder url, Class<T> type) {
        return transport.send(new Transport.Call(urgency, purpose, "GET", url.build(), null, List.of()), type);
    }

    <T> T write(Urgency urgency, Purpose purpose, String method, String path, Object body, Class<T> type) {
        return transport.send(
                new Transport.Call(urgency, purpose, method, url(path).build(), body, List.of()), type);
    }

    <T> Optional<T> one(
            Urgency urgency,
            Purpose purpose,
            HttpUrl.Builder url,
            Function<WireFormat.Listing, List<T>> items,
            Predicate<T> wanted) {
        return listed(items.apply(get(urgency, purpose, url, WireFormat.Listing.class))).stream()
                .filter(wanted)
                .findFirst();
    }

    /** A page that does not say whether another follows is no page: a partial list must never look complete (F12). */
    <T> Page<T> page(
            Urgency urgency,
            Purpose purpose,
            HttpUrl.Builder url,
            int number,
            Function<WireFormat.Listing, List<T>> items) {
        url.addQueryParameter("page", Integer.toString(number)).addQueryParameter("per_page", PER_PAGE);
        var listing = get(urgency, purpose, url, WireFormat.Listing.class);
        if (listing.meta() == null || listing.meta().pagination() == null) throw garbage(false);
        return listing.page(listed(items.apply(listing)));
    }

    /** Absent already is success (F21). */
    void delete(Urgency urgency, Purpose purpose, String path) {
        try {
            write(urgency, purpose, "DELETE", path, null, Void.class);
        } catch (CloudException.NotFound gone) {
            // what was wanted
        }
    }

    /** What happened, newest first. */
    Page<Action> feed(Urgency urgency, Purpose purpose, String path, int page) {
        var newestFirst = url(path).addQueryParameter("sort", "started:desc");
        return page(urgency, purpose, newestFirst, page, WireFormat.Listing::actions);
    }

    static <T> List<T> all(IntFunction<Page<T>> pages) {
        var all = new ArrayList<T>();
        for (int number = 1; number != 0; ) {
            var page = pages.apply(number);
            all.addAll(page.items());
            if (page.next() != 0 && page.next() <= number) throw garbage(false);
            number = page.next();
        }
        return all;
    }

    /** What a read of one thing found; empty if the cloud says that there is no such thing. */
    static <T> Optional<T> found(Supplier<T> read) {
        try {
            var answer = read.get();
            if (answer == null) throw garbage(false);
            return Optional.of(answer);
        } catch (CloudException.NotFound gone) {
            return Optional.empty();
        }
    }

    static <T> List<T> listed(List<T> items) {
        if (items == null || items.stream().anyMatch(Objects::isNull)) throw garbage(false);
        return items;
    }

    /** A part that a write's answer must have: without it nobody knows what the write did. */
    static <T> T written(T part) {
        if (part == null) throw garbage(true);
        return part;
    }

    private static CloudException garbage(boolean write) {
        var detail = new Detail("garbage", "Hetzner Cloud: an answer of another form than promised", "");
        return write ? new CloudException.UnknownOutcome(detail, null) : new CloudException.Transient(detail, null);
    }
}
