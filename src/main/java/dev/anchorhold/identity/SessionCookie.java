package dev.anchorhold.identity;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.NewCookie;
import java.util.Optional;
import java.util.regex.Pattern;

/** The cookie of a browser's session. Its name's prefix lets no other host and no plain connection set it. */
public final class SessionCookie {
    public static final String NAME = "__Host-anchorhold";

    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_-]{43}");

    private SessionCookie() {}

    /** What the browser sent; empty when that is nothing, or none of ours. */
    public static Optional<String> of(HttpServerRequest request) {
        return Optional.ofNullable(request.getCookie(NAME))
                .map(Cookie::getValue)
                .filter(it -> VALUE.matcher(it).matches());
    }

    public static NewCookie begin(String token) {
        return cookie(token, Math.toIntExact(BrowserSessions.LIFETIME.toSeconds()));
    }

    /** Makes the browser forget it. */
    public static NewCookie end() {
        return cookie("", 0);
    }

    private static NewCookie cookie(String value, int maxAge) {
        return new NewCookie.Builder(NAME)
                .value(value)
                .path("/")
                .maxAge(maxAge)
                .secure(true)
                .httpOnly(true)
                .sameSite(NewCookie.SameSite.LAX)
                .build();
    }
}
