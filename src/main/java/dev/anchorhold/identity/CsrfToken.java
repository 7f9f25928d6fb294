package dev.anchorhold.identity;

import dev.anchorhold.platform.OpaqueTokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * What a page of ours sends with each change, so that no other site's page can make one: it follows from the session's token, is the same in all tabs
 * for as long as the session lasts, and cannot be had from what the database keeps.
 */
public final class CsrfToken {
    /** The header of a call. */
    public static final String HEADER = "X-CSRF-Token";

    private CsrfToken() {}

    public static String of(String sessionToken) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(OpaqueTokens.hash("csrf " + sessionToken));
    }

    /** @param sent what came with the request, or null */
    public static boolean matches(String sessionToken, String sent) {
        return sent != null
                && MessageDigest.isEqual(
                        of(sessionToken).getBytes(StandardCharsets.US_ASCII), sent.getBytes(StandardCharsets.UTF_8));
    }
}
