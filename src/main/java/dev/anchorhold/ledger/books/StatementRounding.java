package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.Statement.Cell;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Rounds a statement from its total down: the total once from the exact sum, the cells so that they add up to it, and each
 * cell's lines so that they add up to the cell ({@link LargestRemainder}). Amounts to the cent, hours to six decimals.
 */
final class StatementRounding {
    private final List<StatementLine> lines;
    private final Map<Product, List<Integer>> linesOfCell = new TreeMap<>();
    private final List<Cell> cells = new ArrayList<>();
    private final BigDecimal[] hours;
    private final BigDecimal[] amounts;

    /** @param lines all of the statement, adjustments too */
    StatementRounding(List<StatementLine> lines) {
        this.lines = lines;
        this.hours = new BigDecimal[lines.size()];
        this.amounts = new BigDecimal[lines.size()];
        for (int i = 0; i < lines.size(); i++) {
            linesOfCell
                    .computeIfAbsent(lines.get(i).product(), _ -> new ArrayList<>())
                    .add(i);
        }
        List<BigDecimal> cellHours = rounded(
                StatementLine::quantity, _ -> true, Money.MICROSECONDS_PER_DISPLAYED, Money.DISPLAY_DECIMALS, hours);
        List<BigDecimal> cellAmounts =
                rounded(StatementLine::exact, this::priced, Money.UNITS_PER_CENT, Money.CENTS, amounts);
        linesOfCell.forEach((product, of) -> cells.add(new Cell(
                product.product(),
                product.region(),
                product.size(),
                product.state(),
                sum(of.stream().map(lines::get).toList(), StatementLine::quantity),
                cellHours.get(cells.size()),
                cellAmounts.get(cells.size()))));
    }

    List<Cell> cells() {
        return cells;
    }

    /** In the order of the lines. */
    List<BilledLine> billed() {
        List<BilledLine> billed = new ArrayList<>();
        for (StatementLine it : lines) {
            billed.add(new BilledLine(it, hours[billed.size()], amounts[billed.size()]));
        }
        return billed;
    }

    /** Null when a line has no price. */
    static BigDecimal total(List<StatementLine> lines) {
        return lines.stream().anyMatch(StatementLine::unpriced)
                ? null
                : decimal(Money.rounded(sum(lines, StatementLine::exact), Money.UNITS_PER_CENT), Money.CENTS);
    }

    private boolean priced(List<Integer> cell) {
        return cell.stream().noneMatch(i -> lines.get(i).unpriced());
    }

    /**
     * @param known whether a cell has the value at all; as long as one has not, there is no total, and each is rounded by itself
     * @param ofLines is filled
     * @return for each cell; null when it has no value
     */
    private List<BigDecimal> rounded(
            Function<StatementLine, BigInteger> exact,
            Function<List<Integer>, Boolean> known,
            BigInteger unit,
            int decimals,
            BigDecimal[] ofLines) {
        List<List<Integer>> all = List.copyOf(linesOfCell.values());
        List<List<Integer>> valued = all.stream().filter(known::apply).toList();
        List<BigInteger> sums = valued.stream()
                .map(cell -> sum(cell.stream().map(lines::get).toList(), exact))
                .toList();
        List<BigInteger> shares = valued.size() < all.size()
                ? sums.stream().map(it -> Money.rounded(it, unit)).toList()
                : LargestRemainder.rounded(
                        sums, unit, Money.rounded(sums.stream().reduce(BigInteger.ZERO, BigInteger::add), unit));
        List<BigDecimal> result = new ArrayList<>(Collections.nCopies(all.size(), null));
        for (int i = 0; i < valued.size(); i++) {
            List<Integer> cell = valued.get(i);
            List<BigInteger> parts = LargestRemainder.rounded(
                    cell.stream().map(line -> exact.apply(lines.get(line))).toList(), unit, shares.get(i));
            for (int k = 0; k < parts.size(); k++) {
                ofLines[cell.get(k)] = decimal(parts.get(k), decimals);
            }
            result.set(all.indexOf(cell), decimal(shares.get(i), decimals));
        }
        return result;
    }

    private static BigInteger sum(List<StatementLine> lines, Function<StatementLine, BigInteger> exact) {
        return lines.stream().map(exact).reduce(BigInteger.ZERO, BigInteger::add);
    }

    private static BigDecimal decimal(BigInteger units, int decimals) {
        return new BigDecimal(units, decimals);
    }
}
