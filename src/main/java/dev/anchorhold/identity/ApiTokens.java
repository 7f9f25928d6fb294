package dev.anchorhold.identity;

import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.resource.AccountSpec.Role;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Makes, finds and revokes the tokens of people's scripts. */
@ApplicationScoped
public class ApiTokens {
    /** What each begins with, so that scanners for leaked secrets find them, and nobody is asked about anything else. */
    public static final String PREFIX = "anchorhold_";

    /** Of one person. */
    private static final int MAX_TOKENS = 100;

    private final InstantSource clock;
    private final LastUse lastUse = new LastUse();

    ApiTokens(InstantSource clock) {
        this.clock = clock;
    }

    /** @param secret what is shown once, and kept nowhere */
    public record NewToken(ApiToken token, String secret) {}

    /**
     * Makes a token of a person who is signed in; it never may more than they.
     *
     * @throws HttpProblem 404 for an account that is not theirs, 403 for a Viewer who wants to write, 409 when they have too many
     */
    @Transactional
    public NewToken create(Caller caller, ApiTokenRequest request) {
        Membership membership = caller.accounts().get(request.account());
        if (membership == null) {
            throw HttpProblem.notFound();
        }
        if (request.access() == ApiToken.Access.Write && membership.role() != Role.Owner) {
            throw new HttpProblem(403, "you are a Viewer of the account: make a token that reads", "access");
        }
        Instant now = now();
        ApiToken.delete("expires <= ?1", now);
        // Locked, so that two at once are counted one after the other.
        Person person = Person.findById(caller.person().orElseThrow(), LockModeType.PESSIMISTIC_WRITE);
        if (ApiToken.count("person", person) >= MAX_TOKENS) {
            throw new HttpProblem(409, "you have %d tokens; revoke one first".formatted(MAX_TOKENS), null);
        }
        String secret = PREFIX + OpaqueTokens.generate();
        ApiToken token = new ApiToken();
        token.id = UUID.randomUUID();
        token.tokenHash = OpaqueTokens.hash(secret);
        token.person = person;
        token.account = request.account();
        token.access = request.access();
        token.name = request.name();
        token.made = now;
        token.expires = now.plus(Duration.ofDays(request.days()));
        token.persist();
        return new NewToken(token, secret);
    }

    /** The token of that text; empty when there is none, or not any more. */
    @Transactional
    Optional<ApiToken> find(String secret) {
        return ApiToken.find("tokenHash = ?1 and expires > ?2", OpaqueTokens.hash(secret), now())
                .firstResultOptional();
    }

    /** Notes that it is used, once a minute. */
    @Transactional
    void touch(ApiToken token) {
        Instant now = now();
        if (lastUse.isDue(token.id, token.lastUsed, now)) {
            ApiToken.update("lastUsed = ?1 where id = ?2", now, token.id);
        }
    }

    /** A person's, the newest first. */
    @Transactional
    public List<ApiToken> of(UUID person) {
        return ApiToken.list("person.id = ?1 and expires > ?2 order by made desc, id", person, now());
    }

    /** @return whether the person had that one */
    @Transactional
    public boolean revoke(UUID person, UUID token) {
        return ApiToken.delete("id = ?1 and person.id = ?2", token, person) == 1;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
