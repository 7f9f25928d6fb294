package dev.anchorhold.ledger.books;

import static dev.anchorhold.ledger.event.EventType.PROVISION;
import static dev.anchorhold.ledger.event.State.Running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.ledger.books.BooksAudit.Difference;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.log.Commitment;
import dev.anchorhold.ledger.log.Commitment.Type;
import dev.anchorhold.ledger.log.Commitments;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a superuser of the database does to what is billed, and what the audit says of it. */
class CommitmentsAuditTest {
    private static final Subject VM =
            BooksProjectionRulesTest.subject(Kind.PlainVm, "0a9e4a2c-7a53-4b7b-8f6e-0d5fb3c1a002", "web");
    private static final Instant LATER = Instant.parse("2027-01-10T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-12-10T00:00:00Z");
    private static final String PRICES = """
            currency: EUR
            versions:
              - version: 1
                validFrom: 2026-01-01
                prices: [{ product: PlainVm, region: eu, size: small, state: Running, perHour: 0.5, stripePrice: p }]
            """;

    static final List<String> CHANGES = List.of(
            "UPDATE ledger.statement SET account = 'bolt'",
            "UPDATE ledger.statement SET month = month - interval '1 month'",
            "UPDATE ledger.statement SET closed_at = closed_at + interval '1 microsecond'",
            "UPDATE ledger.statement SET currency = 'USD'",
            "UPDATE ledger.statement SET total = total - 0.01",
            "UPDATE ledger.statement_line SET account = 'bolt'",
            "UPDATE ledger.statement_line SET month = month + interval '1 month'",
            "UPDATE ledger.statement_line SET for_month = for_month - interval '1 month'",
            "UPDATE ledger.statement_line SET period = period + 1",
            "UPDATE ledger.statement_line SET resource = gen_random_uuid()",
            "UPDATE ledger.statement_line SET kind = 'Agent'",
            "UPDATE ledger.statement_line SET namespace = 'other'",
            "UPDATE ledger.statement_line SET name = 'other'",
            "UPDATE ledger.statement_line SET region = 'us'",
            "UPDATE ledger.statement_line SET size = 'large'",
            "UPDATE ledger.statement_line SET state = 'Paused'",
            "UPDATE ledger.statement_line SET started_at = started_at + interval '1 microsecond'",
            "UPDATE ledger.statement_line SET ended_at = ended_at - interval '1 microsecond'",
            "UPDATE ledger.statement_line SET microseconds = microseconds - 1",
            "UPDATE ledger.statement_line SET volume_gib = 1",
            "UPDATE ledger.statement_line SET price_version = price_version + 1",
            "UPDATE ledger.statement_line SET per_hour = per_hour - 1",
            "UPDATE ledger.statement_line SET stripe_price = NULL",
            "DELETE FROM ledger.statement_line",
            "INSERT INTO ledger.statement_line SELECT account, month, number + 1, for_month, period, resource, kind, namespace,"
                    + " name, region, size, state, started_at, ended_at, microseconds, price_version, per_hour, stripe_price, volume_gib"
                    + " FROM ledger.statement_line",
            "DELETE FROM ledger.statement",
            "INSERT INTO ledger.statement SELECT 'bolt', month, closed_at, currency, total FROM ledger.statement",
            "UPDATE ledger.price_list SET valid_from = valid_from + 1",
            "UPDATE ledger.price_list SET currency = 'USD'",
            "UPDATE ledger.price SET per_hour = per_hour - 1",
            "UPDATE ledger.price SET product = 'Agent'",
            "UPDATE ledger.price SET region = 'us'",
            "UPDATE ledger.price SET size = 'large'",
            "UPDATE ledger.price SET state = 'Paused'",
            "UPDATE ledger.price SET stripe_price = 'other'",
            "DELETE FROM ledger.price",
            "UPDATE ledger.commitment SET digest = set_byte(digest, 31, get_byte(digest, 31) # 1)",
            "UPDATE ledger.commitment SET recorded_at = recorded_at + interval '1 microsecond'",
            "UPDATE ledger.commitment SET name = '2026-10' WHERE kind = 'Statement'",
            "DELETE FROM ledger.commitment");

    private static final CompanionDatabase POSTGRES = CompanionDatabase.fresh();
    private static final Database DATABASE = new Database(POSTGRES::asApplication);
    private static final Database SUPERUSER = new Database(POSTGRES::asOwner);
    private static final EventInserter LOG = new EventInserter(DATABASE);
    private static final MonthlyStatements STATEMENTS =
            new MonthlyStatements(new BooksProjection(DATABASE), DATABASE, LOG.log, Duration.ofDays(3));

    @BeforeAll
    static void a_closed_month() {
        new Prices(DATABASE, LOG.log).load(PriceFile.parse(PRICES), NOW);
        LOG.insert(
                VM, new LedgerEntry(1, Instant.parse("2026-11-30T00:00:00Z"), PROVISION, Running, "acme", null, null));
        assertThat(STATEMENTS.closeDue(NOW).closed()).isEqualTo(1);
    }

    @AfterAll
    static void nothing_of_it_stays() {
        assertThat(new BooksAudit(DATABASE).differences().first()).isEmpty();
    }

    /** What is found after the change, which is undone. */
    private static List<Difference> foundAfter(String change) {
        List<Difference> found = new ArrayList<>();
        assertThatThrownBy(() -> SUPERUSER.transaction(it -> {
                    it.update("ALTER TABLE ledger.statement_line DROP CONSTRAINT statement_line_account_month_fkey");
                    it.update("ALTER TABLE ledger.price DROP CONSTRAINT price_version_fkey");
                    assertThat(it.update(change)).isPositive();
                    Differences differences = new Differences();
                    CommitmentsAudit.compare(it, differences);
                    found.addAll(differences.first());
                    throw new IllegalStateException("undone");
                }))
                .hasMessage("undone");
        return found;
    }

    @ParameterizedTest
    @FieldSource("CHANGES")
    void H20_whatever_is_changed_in_what_is_billed_is_found(String change) {
        assertThat(foundAfter(change)).isNotEmpty();
    }

    @Test
    void H20_no_column_of_what_is_billed_is_forgotten() {
        Set<String> tried = CHANGES.stream()
                .flatMap(sql -> Pattern.compile("UPDATE ledger[.]([a-z_]+) SET ([a-z_]+) =")
                        .matcher(sql)
                        .results())
                .map(it -> it.group(1) + "." + it.group(2))
                .collect(Collectors.toCollection(HashSet::new));
        // Its key, which orders lines and is counted in the digest; and when a version was loaded, which bills nothing.
        tried.addAll(Set.of("statement_line.number", "price_list.version", "price.version", "price_list.loaded_at"));
        List<String> columns = SUPERUSER.transaction(it -> it.all(
                row -> row.text("it"),
                "SELECT table_name || '.' || column_name AS it FROM information_schema.columns"
                        + " WHERE table_schema = 'ledger'"
                        + " AND table_name IN ('statement', 'statement_line', 'price_list', 'price')"));
        assertThat(columns).isNotEmpty().isSubsetOf(tried);
    }

    @Test
    void H20_the_audit_names_what_differs_and_the_logs_entry() {
        assertThat(foundAfter("UPDATE ledger.statement_line SET per_hour = 1"))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.resource()).isEqualTo("acme");
                    assertThat(it.item()).isEqualTo("statement of 2026-11");
                    assertThat(it.recomputed().orElseThrow()).contains("entry 2 of the log");
                });
    }

    @Test
    void H20_nothing_is_billed_by_prices_that_somebody_changed() {
        SUPERUSER.transaction(it -> it.update("UPDATE ledger.price SET per_hour = 1"));
        try {
            assertThatThrownBy(() -> STATEMENTS.closeDue(LATER))
                    .hasMessageContaining("the prices are not those that the log commits to");
        } finally {
            SUPERUSER.transaction(it -> it.update("UPDATE ledger.price SET per_hour = 500000000"));
        }
        assertThat(closed()).isOne();
    }

    @Test
    void H20_nor_by_prices_that_somebody_changed_with_the_row_of_their_commitment() {
        Commitment before = prices();
        SUPERUSER.transaction(it -> it.update("UPDATE ledger.price SET per_hour = 1"));
        byte[] digest = SUPERUSER.transaction(
                it -> CommittedForm.digest(Prices.known(it).getFirst()));
        Commitment forged = new Commitment(
                before.index(), Type.PriceList, null, before.name(), digest, before.recordedAt(), before.nonce(), null);
        change(digest, MerkleTree.leafHash(forged.leafData()));
        try {
            assertThatThrownBy(() -> STATEMENTS.closeDue(LATER))
                    .hasMessageContaining("the prices are not those that the log commits to")
                    .hasMessageContaining("entry 0 of the log, which is not as it was signed");
        } finally {
            SUPERUSER.transaction(it -> it.update("UPDATE ledger.price SET per_hour = 500000000"));
            change(before.digest(), before.leafHash());
        }
        assertThat(closed()).isOne();
    }

    private static Commitment prices() {
        return SUPERUSER.transaction(it -> Commitments.prices(it).getFirst());
    }

    private static void change(byte[] digest, byte[] leafHash) {
        SUPERUSER.transaction(it -> it.update(
                "UPDATE ledger.commitment SET digest = ?, leaf_hash = ? WHERE kind = 'PriceList'", digest, leafHash));
    }

    @Test
    void H20_a_damaged_checkpoint_is_a_difference_too() {
        assertThat(foundAfter("UPDATE ledger.checkpoint SET note = 'gone'"))
                .extracting(Difference::item)
                .containsExactly("the newest checkpoint");
    }

    private static long closed() {
        return SUPERUSER
                .transaction(it -> it.first(row -> row.number("n"), "SELECT count(*) AS n FROM ledger.statement"))
                .orElseThrow();
    }

    @Test
    void H20_what_was_billed_before_is_committed_to_once_and_what_appears_later_is_found() {
        CompanionDatabase old = CompanionDatabase.fresh();
        Database owner = new Database(old::asOwner);
        Stream.of(
                        "INSERT INTO ledger.price_list VALUES (1, '2026-01-01', 'EUR', now())",
                        "INSERT INTO ledger.price VALUES (1, 'Agent', 'eu', 'small', 'Running', 5, NULL)",
                        "INSERT INTO ledger.statement VALUES ('acme', '2026-10-01', now(), 'EUR', 0)")
                .forEach(sql -> owner.transaction(it -> it.update(sql)));
        Database application = new Database(old::asApplication);
        EarlierCommitments earlier = new EarlierCommitments(application, new EventInserter(application).log);

        assertThat(new BooksAudit(application).differences().first()).hasSize(2);
        assertThat(earlier.commit()).isEqualTo(2);
        List<Long> checkpoints =
                owner.transaction(it -> it.all(row -> row.number("size"), "SELECT size FROM ledger.checkpoint"));
        assertThat(checkpoints).as("signed once for all").containsExactly(2L);
        assertThat(new BooksAudit(application).differences().first()).isEmpty();

        owner.transaction(
                it -> it.update("INSERT INTO ledger.statement VALUES ('acme', '2026-11-01', now(), 'EUR', 0)"));
        assertThat(earlier.commit()).isZero();
        assertThat(new BooksAudit(application).differences().first())
                .extracting(Difference::item)
                .containsExactly("statement of 2026-11");
    }

    @Test
    void H20_a_statement_that_cannot_be_committed_to_is_not_closed() {
        String newest = "size = (SELECT max(size) FROM ledger.checkpoint)";
        String note = SUPERUSER
                .transaction(
                        it -> it.first(row -> row.text("note"), "SELECT note FROM ledger.checkpoint WHERE " + newest))
                .orElseThrow();
        SUPERUSER.transaction(it -> it.update("UPDATE ledger.checkpoint SET note = 'gone' WHERE " + newest));
        try {
            assertThatThrownBy(() -> STATEMENTS.closeDue(LATER)).hasMessageContaining("checkpoint");
        } finally {
            SUPERUSER.transaction(it -> it.update("UPDATE ledger.checkpoint SET note = ? WHERE " + newest, note));
        }
        assertThat(closed()).isOne();
    }
}
