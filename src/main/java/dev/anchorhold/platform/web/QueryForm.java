package dev.anchorhold.platform.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks the form of a query: each parameter once, with a value, in UTF-8. A filter that is empty, or of which there are two, has
 * no meaning that everybody would guess; whoever guesses wrong shows more than was asked for.
 */
final class QueryForm {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,39}");
    /** RFC 3986's, without {@code ;}, which some take for {@code &}. */
    private static final Pattern ENCODED = Pattern.compile("([A-Za-z0-9._~!$'()*+,:@/?=-]|%[0-9A-Fa-f]{2})*");

    private static final int MAX_PARAMETERS = 20;
    private static final int MAX_LENGTH = 1_000;

    private QueryForm() {}

    /** @param query what stands behind the question mark, as it was sent */
    static void check(String query) {
        String[] pairs = query.split("&", -1);
        if (pairs.length > MAX_PARAMETERS) {
            throw new HttpProblem(400, "there may be %d parameters".formatted(MAX_PARAMETERS), null);
        }
        Set<String> names = new HashSet<>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            if (!NAME.matcher(name).matches()) {
                throw new HttpProblem(400, "each parameter must have a name: ?name=value", null);
            }
            HttpProblem.require(names.add(name.toLowerCase(Locale.ROOT)), name, "must be given once, in whatever case");
            HttpProblem.require(!value.isEmpty(), name, "must have a value; leave it out if you have none");
            HttpProblem.require(value.length() <= MAX_LENGTH, name, "may have %d characters".formatted(MAX_LENGTH));
            HttpProblem.require(
                    ENCODED.matcher(value).matches() && isUtf8(value), name, "must be UTF-8, percent-encoded");
        }
    }

    private static boolean isUtf8(String encoded) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) == '%') {
                bytes.put((byte) HexFormat.fromHexDigits(encoded, i + 1, i + 3));
                i += 2;
            } else {
                bytes.put((byte) encoded.charAt(i));
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()); // reports what it cannot decode
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
