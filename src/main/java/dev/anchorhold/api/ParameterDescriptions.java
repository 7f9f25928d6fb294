package dev.anchorhold.api;

/** The OpenAPI document's descriptions of parameters that several calls have. */
final class ParameterDescriptions {
    static final String ACCOUNT =
            "Only this account's. One that you may not see is 404, as is one that does not exist.";
    static final String RESOURCE = "Only this resource's: its UID, as in `metadata.uid`, also when it is no more.";
    static final String FROM =
            "From this instant on: `2026-11-01T00:00:00Z`, or a day, `2026-11-01`, which begins at midnight UTC.";
    static final String TO = "Until just before this instant, or day.";
    static final String AFTER = "Where to read on: `next` of the page before.";
    static final String LIMIT = "At most so many items, 1 to 1000.";

    private ParameterDescriptions() {}
}
