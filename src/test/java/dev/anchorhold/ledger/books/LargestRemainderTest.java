package dev.anchorhold.ledger.books;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parts that are rounded to hundreds, and must add up. */
class LargestRemainderTest {
    private static final BigInteger UNIT = BigInteger.valueOf(100);

    @ParameterizedTest(name = "{0} as {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            140 140         | 3  | 2 1
            150 150         | 3  | 2 1
            199 1           | 2  | 2 0
            33 33 34        | 1  | 0 0 1
            33 33 33        | 1  | 1 0 0
            250 0 300       | 6  | 3 0 3
            -140 -140       | -3 | -1 -2
            -50 150         | 1  | 0 1
            -250 500 -250   | 0  | -2 5 -3
            100             | 1  | 1
            0 0             | 0  | 0 0
            """)
    void H33_what_is_missing_goes_to_those_that_lost_most_and_then_to_the_first(
            String parts, BigInteger total, String rounded) {
        assertThat(LargestRemainder.rounded(numbers(parts), UNIT, total)).isEqualTo(numbers(rounded));
    }

    @Test
    void H33_parts_always_add_up_and_none_is_a_whole_unit_off() {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            List<BigInteger> parts = Stream.generate(() -> BigInteger.valueOf(random.nextInt(-1_000, 1_000)))
                    .limit(random.nextInt(1, 9))
                    .toList();
            BigInteger total = Money.rounded(sum(parts), UNIT);

            List<BigInteger> rounded = LargestRemainder.rounded(parts, UNIT, total);

            assertThat(sum(rounded)).isEqualTo(total);
            for (int k = 0; k < parts.size(); k++) {
                assertThat(rounded.get(k).multiply(UNIT).subtract(parts.get(k)).abs())
                        .as("%s of %s", rounded.get(k), parts.get(k))
                        .isLessThan(UNIT);
            }
        }
    }

    private static BigInteger sum(List<BigInteger> of) {
        return of.stream().reduce(BigInteger.ZERO, BigInteger::add);
    }

    private static List<BigInteger> numbers(String text) {
        return Stream.of(text.split(" ")).map(BigInteger::new).toList();
    }
}
