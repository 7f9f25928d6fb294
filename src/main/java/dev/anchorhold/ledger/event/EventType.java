package dev.anchorhold.ledger.event;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** The types of journal events. The wire values are these names in lower case. */
public enum EventType {
    /** It was made: its first period begins. */
    @JsonProperty("provision")
    PROVISION,
    /** It runs again. */
    @JsonProperty("start")
    START,
    /** It runs no more: an Agent is paused; a PlainVm's server is gone without anybody having asked us. */
    @JsonProperty("stop")
    STOP,
    /** Its volumes hold another number of GiB. */
    @JsonProperty("resize")
    RESIZE,
    /** From this instant on it is another account's. */
    @JsonProperty("transfer")
    TRANSFER,
    /** It is gone. Nothing follows. */
    @JsonProperty("destroy")
    DESTROY;

    /** As on the wire, in the database and in the canonical form of an event. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static EventType of(String wire) {
        return valueOf(wire.toUpperCase(Locale.ROOT));
    }

    /**
     * Whether it is an audit event (docs/log.md): all of an Agent's, destroy and transfer of a PlainVm. What is none is in the log
     * all the same, since statements rest on it.
     */
    public boolean audited(Kind kind) {
        return kind == Kind.Agent || this == TRANSFER || this == DESTROY;
    }
}
