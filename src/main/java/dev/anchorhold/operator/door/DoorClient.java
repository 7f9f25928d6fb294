package dev.anchorhold.operator.door;

import dev.anchorhold.door.message.AdoptedGuest;
import dev.anchorhold.door.message.Deposit;
import dev.anchorhold.door.message.GuestPage;
import dev.anchorhold.door.message.GuestSettings;
import java.time.Duration;
import java.util.Map;
import okhttp3.HttpUrl;

/**
 * Client of the operator's calls at the guest door: deposits, settings, deletion, changed guests. Errors are
 * {@link CompanionClient}'s.
 */
public final class DoorClient {
    private final CompanionClient companion;

    public DoorClient(CompanionClient companion) {
        this.companion = companion;
    }

    /** Makes the payload wait for who brings the token. Depositing again under the same hash changes nothing. */
    public void deposit(String uid, Deposit deposit) {
        companion.send("PUT", agent(uid).addPathSegment("deposits").build(), deposit);
    }

    /** The guest fetches them as soon as it learns of their version; an older or equal version changes nothing. */
    public void putSettings(String uid, GuestSettings settings) {
        companion.send("PUT", agent(uid).addPathSegment("settings").build(), settings);
    }

    /** The guest of an agent that is no more becomes this one's, and nothing is left of the other. */
    public AdoptedGuest adopt(String uid, String former) {
        return companion.exchange(
                "PUT",
                agent(uid).addPathSegment("predecessors").addPathSegment(former).build(),
                Map.of(),
                CompanionClient.CALL_TIMEOUT,
                AdoptedGuest.class);
    }

    /** Whatever the agent's guest has opens nothing any more, and nothing late revives it. */
    public void delete(String uid) {
        companion.send("DELETE", agent(uid).build(), null);
    }

    /** The guests that changed after the cursor; waits up to {@code wait} while there are none. */
    GuestPage changedGuests(long after, Duration wait) {
        HttpUrl url = companion
                .url("internal/v1/guests")
                .addQueryParameter("after", Long.toString(after))
                .addQueryParameter("wait", Long.toString(wait.toSeconds()))
                .build();
        return companion.exchange("GET", url, null, CompanionClient.CALL_TIMEOUT.plus(wait), GuestPage.class);
    }

    private HttpUrl.Builder agent(String uid) {
        return companion.url("internal/v1/agents").addPathSegment(uid);
    }
}
