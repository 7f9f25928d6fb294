package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.ApiRequests;
import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Transport;
import dev.anchorhold.cloud.Urgency;
import okhttp3.HttpUrl;

/** Requests of the Cloudflare API, with its form of paged lists. */
final class CloudflareRequests extends ApiRequests {
    private static final String PER_PAGE = "1000";

    CloudflareRequests(Transport transport) {
        super(transport);
    }

    /** A page that does not say how much there is in all is no page: a partial list must never look complete (F12). */
    <T, A extends CloudflareJson.Listing<T>> CloudPage<T> page(
            Urgency urgency, Purpose purpose, HttpUrl.Builder url, int number, Class<A> type) {
        url.addQueryParameter("page", Integer.toString(number)).addQueryParameter("per_page", PER_PAGE);
        var listing = get(urgency, purpose, url, type);
        requireItems(listing.result());
        if (!listing.isComplete()) throw malformed(false);
        return listing.page();
    }
}
