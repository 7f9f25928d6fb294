package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.ApiRequests;
import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Transport;
import dev.anchorhold.cloud.Urgency;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import okhttp3.HttpUrl;

/** Requests of the Hetzner API, with its form of paged lists: all kinds come in one envelope, by their names. */
final class HetznerRequests extends ApiRequests {
    static final int PER_PAGE = 50;

    HetznerRequests(Transport transport) {
        super(transport);
    }

    <T> Optional<T> firstMatch(
            Urgency urgency,
            Purpose purpose,
            HttpUrl.Builder url,
            Function<HetznerJson.Listing, List<T>> items,
            Predicate<T> wanted) {
        return requireItems(items.apply(get(urgency, purpose, url, HetznerJson.Listing.class))).stream()
                .filter(wanted)
                .findFirst();
    }

    /** A page that does not say whether another follows is no page: a partial list must never look complete (F12). */
    <T> CloudPage<T> page(
            Urgency urgency,
            Purpose purpose,
            HttpUrl.Builder url,
            int number,
            Function<HetznerJson.Listing, List<T>> items) {
        url.addQueryParameter("page", Integer.toString(number))
                .addQueryParameter("per_page", Integer.toString(PER_PAGE));
        var listing = get(urgency, purpose, url, HetznerJson.Listing.class);
        if (listing.meta() == null || listing.meta().pagination() == null) throw malformed(false);
        return listing.page(requireItems(items.apply(listing)));
    }

    /** What happened, latest first. */
    CloudPage<Action> feed(Urgency urgency, Purpose purpose, String path, ActionSort actionSort, int page) {
        var url = url(path);
        switch (actionSort) {
            case STARTED -> url.addQueryParameter("sort", "started:desc");
            case FINISHED ->
                url.addQueryParameter("sort", "finished:desc")
                        .addQueryParameter("status", "success")
                        .addQueryParameter("status", "error");
        }
        return page(urgency, purpose, url, page, HetznerJson.Listing::actions);
    }
}
