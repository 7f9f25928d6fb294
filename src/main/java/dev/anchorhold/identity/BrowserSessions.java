package dev.anchorhold.identity;

import dev.anchorhold.platform.OpaqueTokens;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Begins, finds and ends the sessions of browsers. Each is looked up at every request, so one that has ended opens nothing any more. */
@ApplicationScoped
public class BrowserSessions {
    public static final Duration LIFETIME = Duration.ofDays(7);

    /** Of one person; the oldest ends when there are more. */
    static final int MAX_SESSIONS = 20;

    private static final int MAX_BROWSER = 200;

    private final InstantSource clock;
    private final LastUse lastUse = new LastUse();

    BrowserSessions(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Begins a session by a link, which is spent with that.
     *
     * @param former the cookie's value that the browser had: that session ends, so that a planted one is worth nothing; or null
     * @param browser what it calls itself, or null
     * @param address where it is
     * @return the cookie's value, which is kept nowhere; empty when there is no such link, or it was used or has expired
     */
    @Transactional
    public Optional<String> beginByLink(String link, String former, String browser, String address) {
        byte[] hash = OpaqueTokens.hash(link);
        Optional<SignInLink> found = SignInLink.findByIdOptional(hash);
        // Of two who hold it, one has deleted it.
        if (found.isEmpty() || SignInLink.delete("tokenHash", hash) != 1) {
            return Optional.empty();
        }
        SignInLink it = found.get();
        Instant now = now();
        if (!it.expires.isAfter(now)) {
            return Optional.empty();
        }
        if (former != null) {
            end(former);
        }
        return Optional.of(begin(Person.signedIn(it.issuer, it.subject, it.name, now), browser, address, now));
    }

    /** @param person locked, so that two sign-ins at once are counted one after the other */
    private static String begin(Person person, String browser, String address, Instant now) {
        BrowserSession.delete("expires <= ?1", now);
        SignInLink.delete("expires <= ?1", now);
        List<UUID> others = BrowserSession.<BrowserSession>list("person = ?1 order by began desc, id", person).stream()
                .skip(MAX_SESSIONS - 1L)
                .map(it -> it.id)
                .toList();
        if (!others.isEmpty()) {
            BrowserSession.delete("id in ?1", others);
        }
        String token = OpaqueTokens.generate();
        BrowserSession session = new BrowserSession();
        session.id = UUID.randomUUID();
        session.tokenHash = OpaqueTokens.hash(token);
        session.person = person;
        session.browser = browser == null ? "" : browser.substring(0, Math.min(browser.length(), MAX_BROWSER));
        session.address = address;
        session.began = now;
        session.lastUsed = now;
        session.expires = now.plus(LIFETIME);
        session.persist();
        return token;
    }

    /** Ends the session of a cookie's value, if there is one. */
    @Transactional
    public void end(String token) {
        BrowserSession.delete("tokenHash", OpaqueTokens.hash(token));
    }

    /** The session of a cookie's value; empty when there is none, or not any more. */
    @Transactional
    Optional<BrowserSession> find(String token) {
        return BrowserSession.find("tokenHash = ?1 and expires > ?2", OpaqueTokens.hash(token), now())
                .firstResultOptional();
    }

    /** Notes that it is used, once a minute. */
    @Transactional
    void touch(BrowserSession session) {
        Instant now = now();
        if (lastUse.isDue(session.id, session.lastUsed, now)) {
            BrowserSession.update("lastUsed = ?1 where id = ?2", now, session.id);
        }
    }

    /** A person's, the newest first. */
    @Transactional
    public List<BrowserSession> of(UUID person) {
        return BrowserSession.list("person.id = ?1 and expires > ?2 order by began desc, id", person, now());
    }

    /** @return whether the person had that one */
    @Transactional
    public boolean end(UUID person, UUID session) {
        return BrowserSession.delete("id = ?1 and person.id = ?2", session, person) == 1;
    }

    /** Signs the person out everywhere. Their API tokens stay. */
    @Transactional
    public void endAll(UUID person) {
        BrowserSession.delete("person.id", person);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
