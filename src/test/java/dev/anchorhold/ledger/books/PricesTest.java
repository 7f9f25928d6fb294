package dev.anchorhold.ledger.books;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of prices: what is accepted, and what is refused with its path in the file. */
class PricesTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String ONE = """
            currency: EUR
            versions:
              - version: 1
                validFrom: 2026-01-01
                prices:
                  - { product: Agent, region: eu, size: small, state: Running, perHour: "0.020", stripePrice: price_1 }
                  - { product: Agent, region: eu, size: small, state: Paused, perHour: 0 }
            """;
    private static final String TWO = ONE + """
              - version: 2
                validFrom: 2026-12-01
                prices:
                  - { product: Agent, region: eu, size: small, state: Running, perHour: "0.021" }
            """.indent(0);

    private static Prices prices(Database database) {
        return new Prices(database, new EventInserter(database).log);
    }

    private static List<PriceList> parse(String text) {
        return PriceFile.parse(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    currency: EUR      | currency: euro     | currency must be three capitals
                    version: 1         | version: 2         | versions[0].version must be 1
                    version: 2         | version: 3         | versions[1].version must be 2
                    2026-12-01         | 2025-12-01         | versions[1].validFrom must not be before
                    2026-12-01         | soon               | versions[1].validFrom must be a date
                    product: Agent     | product: Robot     | versions[0].prices[0].product must be one of [Agent, PlainVm, Volume]
                    state: Paused      | state: Sleeping    | versions[0].prices[1].state must be one of [Running, Paused]
                    state: Paused      | state: Running     | versions[0].prices[1] is there twice (Agent, eu, small, Running)
                    perHour: 0 }       | perHour: -1 }      | versions[0].prices[1].perHour must be a decimal number
                    perHour: 0 }       | perHour: 1e3 }     | versions[0].prices[1].perHour must be a decimal number
                    perHour: 0 }       | perHour: 0.0123456789 } | at most 9 decimals
                    perHour: 0 }       | perHour: 0, eur: 1 } | Unrecognized field "eur"
                    region: eu         | place: eu          | Unrecognized field "place"
                    validFrom: 2026-01 | currency: EUR      | Unrecognized field "currency"
                    product: Agent     | product: Volume    | versions[0].prices[0].size must be left out
                    versions:          | versions: 3 #      | versions
                    """)
    void what_is_wrong_is_named_with_its_path(String right, String wrong, String message) {
        assertThat(TWO).contains(right);
        assertThatThrownBy(() -> parse(TWO.replaceFirst(Pattern.quote(right), wrong)))
                .isInstanceOf(PriceFile.InvalidPricesException.class)
                .hasMessageContaining(message);
    }

    @Test
    void JSON_is_taken_as_well() {
        assertThat(parse("""
                        {"currency": "EUR", "versions": [{"version": 1, "validFrom": "2026-01-01", "prices": [
                          {"product": "PlainVm", "region": "us", "size": "large", "state": "Running", "perHour": "10.0"}]}]}
                        """))
                .singleElement()
                .satisfies(it -> assertThat(it.prices().values())
                        .extracting(price -> price.perHour().toString())
                        .containsExactly("10"));
    }

    @Test
    void a_version_never_changes_and_a_file_may_end_earlier_than_what_is_known() {
        Prices prices = prices(new Database(CompanionDatabase.fresh()::asApplication));
        assertThat(prices.load(parse(ONE), NOW)).isEqualTo(1);
        assertThat(prices.load(parse(TWO), NOW)).isEqualTo(1);
        assertThat(prices.load(parse(TWO), NOW)).isZero();
        assertThat(prices.load(parse(ONE), NOW))
                .as("an older companion that starts again")
                .isZero();

        assertThatThrownBy(() -> prices.load(parse(TWO.replace("0.021", "0.022")), NOW))
                .isInstanceOf(PriceFile.InvalidPricesException.class)
                .hasMessageContaining("version 2 of the prices is known with other content");
        assertThatThrownBy(() -> prices.load(parse(ONE.replace("price_1", "price_2")), NOW))
                .hasMessageContaining("version 1 of the prices is known with other content");
    }

    @Test
    void a_month_that_is_billed_gets_no_other_prices() {
        Database database = new Database(CompanionDatabase.fresh()::asApplication);
        Prices prices = prices(database);
        prices.load(parse(ONE), NOW);
        database.transaction(it -> it.update(
                "INSERT INTO ledger.statement VALUES ('acme', '2026-12-01', '2027-01-04T00:00:00Z', 'EUR', 0)"));

        assertThatThrownBy(() -> prices.load(parse(TWO), NOW)).hasMessageContaining("a month that is billed (2026-12)");
        assertThat(prices.load(parse(TWO.replace("2026-12-01", "2027-01-01")), NOW))
                .isEqualTo(1);
    }

    @Test
    void several_companions_may_load_at_once() throws Exception {
        Database database = new Database(CompanionDatabase.fresh()::asApplication);
        List<Future<Integer>> loads = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                loads.add(threads.submit(() -> prices(database).load(parse(TWO), NOW)));
            }
        }
        int added = 0;
        for (Future<Integer> load : loads) {
            added += load.get();
        }
        assertThat(added).isEqualTo(2);
    }
}
