package dev.anchorhold.ledger.books;

import java.math.BigDecimal;

/**
 * A line with its rounded share of the statement: the shares of a cell's lines add up to the cell's.
 *
 * @param hours of the line's time, times the GiB when it is of volumes, to six decimals
 * @param amount to the cent; null while a line of its cell has no price
 */
public record BilledLine(StatementLine line, BigDecimal hours, BigDecimal amount) {}
