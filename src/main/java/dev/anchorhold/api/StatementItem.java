package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.anchorhold.ledger.books.BilledLine;
import dev.anchorhold.ledger.books.Statement;
import dev.anchorhold.ledger.books.StatementLine;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.log.Commitment;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Base64;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A statement as the API returns it: resources are named as in the other lists, and money is a text, since numbers would be
 * rounded.
 */
@Schema(name = "Statement")
@JsonInclude(JsonInclude.Include.NON_NULL)
record StatementItem(
        String account,

        @Schema(implementation = String.class, examples = "2026-11")
        YearMonth month,

        @Schema(description = "closed: it is billed, and never changes")
        Statement.Status status,

        @Schema(description = "until when a period counts that still lasts")
        Instant asOf,

        @Schema(description = "absent while it is open") Instant closedAt,

        @Schema(description = "absent when there are no prices")
        String currency,

        @Schema(
                implementation = String.class,
                description = "to the cent, rounded once from the exact sum; absent while a line has no price")
        @JsonFormat(shape = Shape.STRING)
        BigDecimal total,

        @Schema(description = "of all lines and adjustments")
        long microseconds,

        @Schema(description = "lines that have no price yet")
        long unpriced,

        @Schema(description = "the sums of each product, adjustments included; they add up to the total")
        List<Statement.Cell> cells,

        List<Line> lines,

        @Schema(description = "what statements of earlier months lacked, or had too much")
        List<Line> adjustments,

        @Schema(description = "what the log has of it: absent while it is open")
        CommitmentItem commitment) {

    @Schema(
            name = "Commitment",
            description = "The log's entry that commits to the statement: `verify-log --statement` checks it.")
    record CommitmentItem(
            @Schema(description = "its leaf in the log, from 0")
            long index,

            Instant recordedAt,

            @Schema(description = "base64; the leaf's data is SHA-256 of it and the canonical bytes")
            String nonce) {

        static CommitmentItem of(Commitment it) {
            return new CommitmentItem(
                    it.index(), it.recordedAt(), Base64.getEncoder().encodeToString(it.nonce()));
        }
    }

    @Schema(
            name = "StatementLine",
            description = "A part of one period, within one month and one version of the prices.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Line(
            @Schema(implementation = String.class, description = "whose time it is: another month's in an adjustment")
            YearMonth forMonth,

            @Schema(description = "the `id` of the period") long period,
            @JsonUnwrapped ResourceFields of,
            State state,
            Instant from,
            Instant to,

            @Schema(description = "what is billed; negative in an adjustment that gives back")
            long microseconds,

            @Schema(
                    description =
                            "GiB of volumes, when the line is of these: then hours are GiB times hours; else absent")
            Integer volumeGiB,

            @Schema(implementation = String.class, description = "to six decimals; they add up as the amounts do")
            @JsonFormat(shape = Shape.STRING)
            BigDecimal hours,

            @Schema(description = "which version of the prices; absent when there is none for it")
            Integer priceVersion,

            @Schema(implementation = String.class, description = "for an hour, and each GiB of volumes")
            @JsonFormat(shape = Shape.STRING)
            BigDecimal unitPrice,

            @Schema(
                    implementation = String.class,
                    description =
                            "what falls on this line, to the cent: the lines of a cell add up to it, and all to the total")
            @JsonFormat(shape = Shape.STRING)
            BigDecimal amount,

            @Schema(implementation = String.class, description = "price times time, to six decimals, to be checked")
            @JsonFormat(shape = Shape.STRING)
            BigDecimal unroundedAmount,

            String stripePrice) {

        static Line of(BilledLine billed) {
            StatementLine it = billed.line();
            return new Line(
                    it.forMonth(),
                    it.period(),
                    ResourceFields.of(it.subject()),
                    it.state(),
                    it.from(),
                    it.to(),
                    it.microseconds(),
                    it.volumeGiB(),
                    billed.hours(),
                    it.priceVersion(),
                    it.unitPrice(),
                    billed.amount(),
                    it.unroundedAmount(),
                    it.stripePrice());
        }
    }

    static StatementItem of(Statement it) {
        return new StatementItem(
                it.account(),
                it.month(),
                it.status(),
                it.asOf(),
                it.closedAt(),
                it.currency(),
                it.total(),
                it.microseconds(),
                it.unpriced(),
                it.cells(),
                it.billedLines().stream().map(Line::of).toList(),
                it.billedAdjustments().stream().map(Line::of).toList(),
                it.commitment() == null ? null : CommitmentItem.of(it.commitment()));
    }
}
