package dev.anchorhold.dashboard;

import dev.anchorhold.api.CallerAccess;
import dev.anchorhold.identity.Caller;
import dev.anchorhold.identity.CsrfToken;
import dev.anchorhold.identity.Membership;
import dev.anchorhold.identity.SessionCookie;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What every page shows around its content.
 *
 * @param person who is signed in, for people to read
 * @param csrfToken for the page's forms
 * @param accounts those that the person may see
 */
record PageFrame(String person, String csrfToken, SortedMap<String, Membership> accounts) {

    static PageFrame of(CallerAccess access, HttpServerRequest request) {
        Caller caller = access.caller();
        return new PageFrame(
                caller.displayName(), CsrfToken.of(SessionCookie.of(request).orElseThrow()), caller.accounts());
    }

    public List<Map.Entry<String, Membership>> accountList() {
        return List.copyOf(accounts.entrySet());
    }
}
