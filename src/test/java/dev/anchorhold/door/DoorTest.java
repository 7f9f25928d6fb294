package dev.anchorhold.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.cloud.SettableClock;
import dev.anchorhold.door.ReportIntake.LogLine;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestReport;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.world.CompanionDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The door with a clock that the test sets, on a real database. */
class DoorTest {
    private static final byte[] KEY = bytes("0123456789abcdef0123456789abcdef");
    private static final byte[] NEWER_KEY = bytes("fedcba9876543210fedcba9876543210");
    private static final Duration FIFTEEN_MINUTES = Duration.ofMinutes(15);

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T10:00:00Z"));
    private final CompanionDatabase books = CompanionDatabase.fresh();
    private final Door door = door(KEY);

    private Door door(byte[]... keys) {
        return new Door(new Database(books::asApplication), new SealingCipher(List.of(keys)), clock);
    }

    @Test
    void a_guest_brings_its_token_once_and_gets_all_it_needs() {
        TestGuest guest = deposited(TestGuest.fresh());

        var bootstrapResponse = redeem(guest);

        assertThat(bootstrapResponse.payload().env()).containsEntry("API_KEY", TestGuest.SECRET_IN_ENVIRONMENT);
        assertThat(bootstrapResponse.payload().settings().tunnelToken()).isEqualTo(TestGuest.TUNNEL_TOKEN);
        assertThat(bootstrapResponse.expiresAt()).isEqualTo(clock.instant().plus(Duration.ofHours(24)));
        assertThat(door.authenticator.payload(bootstrapResponse.callbackToken()))
                .isEqualTo(bootstrapResponse.payload());
        assertThat(seen(guest))
                .returns(guest.hash(), Guest::redeemedHash)
                .returns(clock.instant(), Guest::redeemedAt)
                .returns(1L, Guest::settingsVersion);
    }

    @Test
    void F31_a_token_that_was_used_or_is_fifteen_minutes_old_is_worthless() {
        TestGuest used = deposited(TestGuest.fresh());
        redeem(used);
        refused(() -> redeem(used));

        TestGuest late = deposited(TestGuest.fresh());
        clock.pass(FIFTEEN_MINUTES);
        refused(() -> redeem(late));

        TestGuest inTime = deposited(TestGuest.fresh());
        clock.pass(FIFTEEN_MINUTES.minusMillis(1));
        redeem(inTime);
    }

    @Test
    void F31_neither_tokens_nor_what_was_deposited_lie_in_the_database_in_clear() throws SQLException {
        TestGuest waiting = deposited(TestGuest.fresh());
        TestGuest guest = deposited(TestGuest.fresh());
        var bootstrapResponse = redeem(guest);
        door.deposits.settings(guest.agent(), new GuestSettings(2, "newer-canary", true));

        assertThat(everything())
                .contains(guest.agent().toString())
                .doesNotContain(
                        waiting.token(),
                        guest.token(),
                        bootstrapResponse.callbackToken(),
                        TestGuest.SECRET_IN_ENVIRONMENT,
                        TestGuest.TUNNEL_TOKEN,
                        "newer-canary");
    }

    @Test
    void F31_what_was_never_fetched_is_wiped_when_its_time_is_over() throws SQLException {
        deposited(TestGuest.fresh());
        clock.pass(FIFTEEN_MINUTES);
        door.housekeeping.runOnce();
        assertThat(query("SELECT count(*) FROM door.deposit WHERE payload IS NOT NULL"))
                .isEqualTo("0");
    }

    @Test
    void H09_a_guest_whose_agent_was_taken_over_goes_on_by_the_uid_that_it_was_made_with() {
        TestGuest guest = deposited(TestGuest.fresh());
        String callback = redeem(guest).callbackToken();
        door.deposits.settings(guest.agent(), new GuestSettings(3, "newer", true));
        door.reports.report(callback, report("boot-1"));
        UUID restored = UUID.randomUUID();

        assertThat(door.adoption.adopt(restored, guest.agent())).isEqualTo(3);
        assertThat(door.adoption.adopt(restored, guest.agent()))
                .as("an answer that was lost")
                .isEqualTo(3);
        assertThat(seen(TestGuest.of(restored)))
                .returns(guest.hash(), Guest::redeemedHash)
                .returns(3L, Guest::settingsVersion)
                .satisfies(it -> assertThat(it.report().bootId()).isEqualTo("boot-1"));
        assertThat(seen(guest).deletedAt()).isNotNull();
        assertThat(door.authenticator.payload(callback).settings().tunnelToken())
                .isEqualTo("newer");
        String again = signIn(guest).callbackToken();
        assertThat(door.reports.report(again, report("boot-2"))).isEqualTo(3);
        assertThat(seen(TestGuest.of(restored)).report().bootId()).isEqualTo("boot-2");

        UUID twice = UUID.randomUUID();
        door.adoption.adopt(twice, restored);
        clock.pass(Duration.ofSeconds(1)); // a nonce of the same instant would be a replay
        assertThat(door.authenticator.payload(signIn(guest).callbackToken()).env())
                .containsEntry("API_KEY", TestGuest.SECRET_IN_ENVIRONMENT);
        door.deposits.delete(twice);
        clock.pass(Duration.ofSeconds(1));
        refused(() -> signIn(guest));
    }

    @Test
    void H09_a_deposit_that_waits_is_taken_over_too_and_nobody_gets_a_second_guest() {
        TestGuest waiting = deposited(TestGuest.fresh());
        UUID restored = UUID.randomUUID();
        door.adoption.adopt(restored, waiting.agent());
        assertThat(redeem(waiting).payload().env()).containsEntry("API_KEY", TestGuest.SECRET_IN_ENVIRONMENT);
        assertThat(seen(TestGuest.of(restored)).redeemedAt()).isNotNull();

        TestGuest other = deposited(TestGuest.fresh());
        assertThatThrownBy(() -> door.adoption.adopt(restored, other.agent()))
                .isInstanceOf(HttpProblem.class)
                .hasMessageContaining("a guest of its own");
        assertThat(door.adoption.adopt(UUID.randomUUID(), UUID.randomUUID()))
                .as("there is nothing to take")
                .isZero();
    }

    @Test
    void F33_a_guest_that_was_off_for_a_month_comes_back_by_its_own_key() {
        TestGuest guest = deposited(TestGuest.fresh());
        String callback = redeem(guest).callbackToken();

        clock.pass(Duration.ofDays(31));
        door.housekeeping.runOnce();

        refused(() -> door.authenticator.payload(callback));
        refused(() -> door.authenticator.renew(callback));
        String again = signIn(guest).callbackToken();
        assertThat(door.authenticator.payload(again).env()).containsEntry("API_KEY", TestGuest.SECRET_IN_ENVIRONMENT);
        assertThat(door.reports.report(again, report("boot-2"))).isEqualTo(1);
    }

    @Test
    void F33_with_another_key_or_another_nonce_nobody_comes_in() {
        TestGuest guest = deposited(TestGuest.fresh());
        TestGuest thief = TestGuest.of(guest.agent());
        TestGuest neighbour = deposited(TestGuest.fresh());
        redeem(guest);
        redeem(neighbour);

        String nonce = door.authenticator.nonce(guest.agent());
        refused(() -> door.authenticator.signIn(guest.agent(), nonce, thief.sign(nonce)));
        refused(() -> door.authenticator.signIn(guest.agent(), nonce, neighbour.sign(guest.agent(), nonce)));
        refused(() -> door.authenticator.signIn(neighbour.agent(), nonce, neighbour.sign(nonce)));
        refused(() -> door.authenticator.signIn(guest.agent(), nonce, "not base64"));
        refused(() -> door.authenticator.signIn(guest.agent(), "AAAA", guest.sign("AAAA")));
        String unknown = door.authenticator.nonce(thief.agent());
        assertThat(unknown).hasSameSizeAs(nonce);

        door.authenticator.signIn(guest.agent(), nonce, guest.sign(nonce));
        refused(() -> door.authenticator.signIn(guest.agent(), nonce, guest.sign(nonce)));

        String old = door.authenticator.nonce(guest.agent());
        clock.pass(Duration.ofSeconds(61));
        refused(() -> door.authenticator.signIn(guest.agent(), old, guest.sign(old)));
    }

    @Test
    void a_renewed_token_replaces_the_one_before_and_so_does_coming_in_by_key() {
        TestGuest guest = deposited(TestGuest.fresh());
        String first = redeem(guest).callbackToken();
        clock.pass(Duration.ofHours(12));

        String second = door.authenticator.renew(first).callbackToken();
        refused(() -> door.authenticator.renew(first));
        clock.pass(Duration.ofHours(23));
        door.authenticator.check(second);

        String third = signIn(guest).callbackToken();
        refused(() -> door.authenticator.check(second));
        door.authenticator.check(third);
    }

    @Test
    void F37_nothing_of_a_deleted_agent_opens_anything_and_nothing_late_revives_it() {
        TestGuest guest = deposited(TestGuest.fresh());
        String callback = redeem(guest).callbackToken();
        TestGuest successor = deposited(TestGuest.of(guest.agent()));

        door.deposits.delete(guest.agent());
        door.deposits.delete(guest.agent());

        refused(() -> door.authenticator.payload(callback));
        refused(() -> door.authenticator.renew(callback));
        refused(() -> door.reports.report(callback, report("late")));
        refused(() -> redeem(successor));
        refused(() -> signIn(guest));
        for (ThrowingCallable late : List.<ThrowingCallable>of(
                () -> deposited(TestGuest.of(guest.agent())),
                () -> door.deposits.settings(guest.agent(), new GuestSettings(9, "t", false)))) {
            assertThatThrownBy(late)
                    .isInstanceOfSatisfying(
                            HttpProblem.class,
                            it -> assertThat(it.response().getStatus()).isEqualTo(410));
        }
        assertThat(seen(guest)).returns(clock.instant(), Guest::deletedAt).returns(null, Guest::report);

        UUID neverHeardOf = UUID.randomUUID();
        door.deposits.delete(neverHeardOf);
        assertThatThrownBy(() -> deposited(TestGuest.of(neverHeardOf))).isInstanceOf(HttpProblem.class);
    }

    @Test
    void a_new_servers_guest_takes_the_place_of_the_one_before_and_voids_what_else_was_deposited() {
        TestGuest first = deposited(TestGuest.fresh());
        String callback = redeem(first).callbackToken();
        door.reports.report(callback, report("boot-1"));
        TestGuest lost = deposited(TestGuest.of(first.agent()));
        TestGuest second = deposited(TestGuest.of(first.agent()));
        door.authenticator.check(callback);

        redeem(second);

        refused(() -> redeem(lost));
        refused(() -> door.authenticator.check(callback));
        refused(() -> signIn(first));
        assertThat(seen(first)).returns(second.hash(), Guest::redeemedHash).returns(null, Guest::report);
    }

    @Test
    void F58_when_nothing_can_be_given_the_token_is_not_spent() {
        TestGuest guest = TestGuest.fresh();
        door(NEWER_KEY).deposits.deposit(guest.agent(), guest.deposit(inFifteenMinutes()));
        refused(() -> redeem(guest));
        assertThat(seen(guest).redeemedAt()).isNull();

        assertThat(door(KEY, NEWER_KEY).authenticator.redeem(guest.agent(), guest.token(), guest.key()))
                .isNotNull();
    }

    @Test
    void F59_a_ciphertext_in_another_row_or_of_another_server_opens_nothing() throws SQLException {
        TestGuest rich = deposited(TestGuest.fresh());
        TestGuest poor = deposited(TestGuest.fresh());
        asOwner(
                "UPDATE door.deposit SET payload = (SELECT payload FROM door.deposit WHERE agent = '%s') WHERE agent = '%s'"
                        .formatted(rich.agent(), poor.agent()));
        refused(() -> redeem(poor));

        TestGuest renamed = deposited(TestGuest.fresh());
        asOwner("UPDATE door.deposit SET server_name = 'another' WHERE agent = '%s'".formatted(renamed.agent()));
        refused(() -> redeem(renamed));

        TestGuest prolonged = deposited(TestGuest.fresh());
        asOwner("UPDATE door.deposit SET expires_at = expires_at + interval '1 day' WHERE agent = '%s'"
                .formatted(prolonged.agent()));
        refused(() -> redeem(prolonged));

        TestGuest in = deposited(TestGuest.fresh());
        String callback = redeem(in).callbackToken();
        asOwner("UPDATE door.guest SET settings = payload, settings_version = 5 WHERE agent = '%s'"
                .formatted(in.agent()));
        refused(() -> door.authenticator.payload(callback));
    }

    @Test
    void sealing_keys_change_while_guests_are_out_and_the_old_one_can_be_dropped_then() {
        TestGuest guest = deposited(TestGuest.fresh());
        String callback = redeem(guest).callbackToken();
        door.deposits.settings(guest.agent(), new GuestSettings(2, "second", false));

        Door both = door(NEWER_KEY, KEY);
        assertThat(both.authenticator.payload(callback).settings().tunnelToken())
                .isEqualTo("second");
        both.housekeeping.runOnce();

        Door newer = door(NEWER_KEY);
        refused(() ->
                newer.authenticator.payload(callback)); // the token was sealed by the old key; the guest has its own
        String again = signIn(newer, guest).callbackToken();
        assertThat(newer.authenticator.payload(again).settings().tunnelToken()).isEqualTo("second");
        refused(() -> door.authenticator.payload(again));
    }

    @Test
    void H17_a_token_that_was_never_given_out_costs_no_query() {
        var queries = new AtomicInteger();
        Door watched = new Door(
                new Database(() -> {
                    queries.incrementAndGet();
                    return books.asApplication();
                }),
                new SealingCipher(List.of(KEY)),
                clock);
        TestGuest guest = deposited(TestGuest.fresh());
        String token = redeem(guest).callbackToken();
        for (int i = 0; i < 1_000; i++) {
            String invented = OpaqueTokens.generate();
            refused(() -> watched.authenticator.check(invented));
            refused(() -> watched.authenticator.renew(invented));
            refused(() -> watched.authenticator.payload(invented));
        }
        String changed = (token.charAt(0) == 'A' ? "B" : "A") + token.substring(1);
        refused(() -> watched.authenticator.check(changed));
        // The same bytes to a decoder that ignores padding, and bits of the last character.
        refused(() -> watched.authenticator.check(token + "="));
        refused(() -> watched.authenticator.check(
                token.substring(0, token.length() - 1) + (char) (token.charAt(token.length() - 1) + 1)));
        refused(() -> watched.authenticator.signIn(guest.agent(), "AAAA", guest.sign("AAAA")));
        assertThat(queries).hasValue(0);
        watched.authenticator.check(token);
        assertThat(queries).hasPositiveValue();

        clock.pass(Duration.ofHours(24));
        queries.set(0);
        refused(() -> watched.authenticator.check(token));
        assertThat(queries).as("of a token that has run out").hasValue(0);
    }

    @Test
    void H18_a_token_is_known_only_as_long_as_it_is_its_agents_one() {
        TestGuest guest = deposited(TestGuest.fresh());
        String first = redeem(guest).callbackToken();
        assertThat(door.tokens.isKnown(first)).isTrue();
        String second = door.authenticator.renew(first).callbackToken();
        assertThat(door.tokens.isKnown(first)).isFalse();
        assertThat(door.tokens.isKnown(second)).isTrue();

        String third = signIn(guest).callbackToken();
        assertThat(door.tokens.isKnown(third)).isTrue();
        refused(() -> door.authenticator.check(second));
        assertThat(door.tokens.isKnown(second)).isFalse();

        Door other = door(KEY);
        refused(() -> other.authenticator.check(first));
        assertThat(other.tokens.isKnown(first)).isFalse();
        assertThat(other.tokens.isKnown(third)).isFalse();
        other.authenticator.check(third);
        assertThat(other.tokens.isKnown(third)).isTrue();
    }

    @Test
    void the_newest_settings_hold_by_whatever_way_and_in_whatever_order_they_came() {
        TestGuest guest = deposited(TestGuest.fresh());
        door.deposits.settings(guest.agent(), new GuestSettings(3, "third", false));
        door.deposits.settings(guest.agent(), new GuestSettings(2, "second", true));

        var bootstrapResponse = redeem(guest);
        assertThat(bootstrapResponse.payload().settings()).isEqualTo(new GuestSettings(3, "third", false));
        assertThat(door.reports.report(bootstrapResponse.callbackToken(), report("boot-1")))
                .isEqualTo(3);

        TestGuest successor = TestGuest.of(guest.agent());
        door.deposits.deposit(
                guest.agent(), successor.deposit(inFifteenMinutes(), new GuestSettings(4, "fourth", false)));
        assertThat(redeem(successor).payload().settings().tunnelToken()).isEqualTo("fourth");
        assertThat(seen(guest).settingsVersion()).isEqualTo(4);
    }

    @Test
    void a_deposit_made_twice_is_one_and_another_agents_hash_is_refused() {
        TestGuest guest = deposited(TestGuest.fresh());
        Guest once = seen(guest);
        clock.pass(Duration.ofSeconds(10));
        deposited(guest);
        assertThat(seen(guest)).isEqualTo(once);
        redeem(guest);
        deposited(guest);
        refused(() -> redeem(guest));

        TestGuest other = new TestGuest(UUID.randomUUID(), guest.token(), guest.keys());
        assertThatThrownBy(() -> deposited(other))
                .isInstanceOfSatisfying(
                        HttpProblem.class,
                        it -> assertThat(it.response().getStatus()).isEqualTo(409));
    }

    @Test
    void a_guests_own_lines_are_kept_and_the_containers_only_where_that_is_shared() throws SQLException {
        TestGuest guest = deposited(TestGuest.fresh());
        String callback = redeem(guest).callbackToken();
        var lines = List.of(
                new LogLine(clock.instant(), "info", "guest", "pulled\u0000 the\nimage \ud83d"),
                new LogLine(Instant.MAX, "<b>", null, "odd"),
                new LogLine(clock.instant(), "INFO", "container", "customer code"));

        door.reports.log(callback, lines);
        assertThat(
                        query(
                                "SELECT string_agg(level || ' ' || source || ' ' || text, '; ' ORDER BY id) FROM door.log_line"))
                .isEqualTo("INFO guest pulled the image; INFO guest odd");

        door.deposits.settings(guest.agent(), new GuestSettings(2, "t", true));
        door.reports.log(callback, lines);
        assertThat(query("SELECT text FROM door.log_line WHERE source = 'container'"))
                .isEqualTo("customer code");

        clock.pass(Duration.ofDays(8));
        door.housekeeping.runOnce();
        assertThat(query("SELECT count(*) FROM door.log_line")).isEqualTo("0");
    }

    @Test
    void a_guest_that_talks_without_end_fills_nothing() throws SQLException {
        TestGuest guest = deposited(TestGuest.fresh());
        String callback = redeem(guest).callbackToken();
        var many = Collections.nCopies(500, new LogLine(null, null, "guest", "x".repeat(9000)));
        for (int i = 0; i < 5; i++) {
            door.reports.log(callback, many);
        }
        assertThat(query("SELECT count(*) || ' ' || max(length(text)) FROM door.log_line"))
                .isEqualTo("600 4001");
    }

    private TestGuest deposited(TestGuest guest) {
        door.deposits.deposit(guest.agent(), guest.deposit(inFifteenMinutes()));
        return guest;
    }

    private Instant inFifteenMinutes() {
        return clock.instant().plus(FIFTEEN_MINUTES);
    }

    private GuestAuthenticator.BootstrapResponse redeem(TestGuest guest) {
        return door.authenticator.redeem(guest.agent(), guest.token(), guest.key());
    }

    private GuestAuthenticator.TokenResponse signIn(TestGuest guest) {
        return signIn(door, guest);
    }

    private static GuestAuthenticator.TokenResponse signIn(Door at, TestGuest guest) {
        String nonce = at.authenticator.nonce(guest.agent());
        return at.authenticator.signIn(guest.agent(), nonce, guest.sign(nonce));
    }

    private Guest seen(TestGuest guest) {
        try {
            return door.feed.after(0, Duration.ZERO).guests().stream()
                    .filter(it -> it.agent().equals(guest.agent().toString()))
                    .findFirst()
                    .orElseThrow();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GuestReport report(String boot) {
        return new GuestReport(boot, null, null, null, null, null, null, null, null);
    }

    private static void refused(ThrowingCallable attempt) {
        assertThatThrownBy(attempt).isInstanceOf(GuestForbiddenException.class);
    }

    private void asOwner(String sql) throws SQLException {
        try (Connection connection = books.asOwner().getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = books.asOwner().getConnection();
                ResultSet rows = connection.createStatement().executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    /** All rows of all tables, bytes as hex and as text. */
    private String everything() throws SQLException {
        List<String> all = new ArrayList<>();
        for (String table : new String[] {"guest", "deposit", "log_line", "feed"}) {
            all.add(query("SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM door." + table + " t"));
        }
        all.add(query("SELECT string_agg(encode(payload, 'escape'), E'\\n') FROM door.guest"));
        all.add(query("SELECT string_agg(encode(payload, 'escape'), E'\\n') FROM door.deposit"));
        return String.join("\n", all);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
