package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.LocalDate;

/**
 * A line of a usage query's result: time in one state.
 *
 * @param day given when asked for by day
 * @param subject given when asked for by resource; it may be gone
 * @param account given when asked for by resource or by account
 * @param microseconds exact; lines of one answer add up to its periods clipped to the range
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UsageLine(LocalDate day, Subject subject, String account, State state, long microseconds) {}
