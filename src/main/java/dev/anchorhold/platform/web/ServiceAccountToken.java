package dev.anchorhold.platform.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.platform.JsonMappers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * What a ServiceAccount's token (a JWT, RFC 7519) says of itself. Whether it is true is for {@link IssuerKeys} and Kubernetes to
 * say.
 *
 * @param signed what the signature is of
 */
record ServiceAccountToken(
        String algorithm,
        String keyId,
        String subject,
        List<String> audiences,
        Instant expiresAt,
        byte[] signed,
        byte[] signature) {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)");
    private static final int MAX_LENGTH = 8 << 10;
    private static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(1);

    /** Empty for what has not the form of one. */
    static Optional<ServiceAccountToken> parse(String text) {
        var parts = FORM.matcher(text.length() > MAX_LENGTH ? "" : text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            JsonNode header = json(parts.group(1));
            JsonNode claims = json(parts.group(2));
            JsonNode audience = claims.path("aud");
            return Optional.of(new ServiceAccountToken(
                    header.path("alg").asText(),
                    header.path("kid").asText(),
                    claims.path("sub").asText(),
                    audience.isArray()
                            ? StreamSupport.stream(audience.spliterator(), false)
                                    .map(JsonNode::asText)
                                    .toList()
                            : List.of(audience.asText()),
                    Instant.ofEpochSecond(claims.path("exp").asLong()),
                    text.substring(0, text.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII),
                    Base64.getUrlDecoder().decode(parts.group(3))));
        } catch (IOException | RuntimeException _) {
            return Optional.empty();
        }
    }

    private static JsonNode json(String part) throws IOException {
        return JsonMappers.LENIENT.readTree(Base64.getUrlDecoder().decode(part));
    }

    boolean isFor(String audience, Instant now) {
        return audiences.contains(audience) && now.minus(MAX_CLOCK_SKEW).isBefore(expiresAt);
    }
}
