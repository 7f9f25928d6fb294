package dev.anchorhold.identity;

import dev.anchorhold.platform.InvalidFieldException;
import dev.anchorhold.platform.Printable;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a person says of a token that they want. */
@Schema(name = "NewToken")
public record ApiTokenRequest(
        @Schema(description = "your name for it; one line") String name,

        @Schema(description = "the one account that it opens")
        String account,

        @Schema(description = "Write only for an Owner of the account; what you may do is the most that it may")
        ApiToken.Access access,

        @Schema(description = "until it expires, 1 to 366") Integer days) {
    private static final int MAX_NAME = 100;
    private static final int MAX_DAYS = 366;

    public ApiTokenRequest {
        InvalidFieldException.require(
                name != null
                        && !name.isBlank()
                        && name.length() <= MAX_NAME
                        && name.equals(Printable.line(name, MAX_NAME)),
                "name",
                "must be given: one line of at most %d characters".formatted(MAX_NAME));
        InvalidFieldException.requirePresent(account, "account");
        InvalidFieldException.requirePresent(access, "access");
        InvalidFieldException.require(
                days != null && days >= 1 && days <= MAX_DAYS,
                "days",
                "must be a whole number from 1 to %d".formatted(MAX_DAYS));
    }
}
