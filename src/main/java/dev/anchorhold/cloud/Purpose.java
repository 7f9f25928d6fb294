package dev.anchorhold.cloud;

/** What a call is for: a label of the metric {@code anchorhold.cloud.calls}. */
public enum Purpose {
    CREATE,
    DELETE,
    POWER,
    RULES,
    /** A volume made larger. */
    RESIZE,
    /** A record or a configuration put right. */
    UPDATE,
    ATTACH,
    KEYS,
    /** To see whether something exists before repeating or adopting. */
    LOOKUP,
    /** Both reads before a finalizer goes. */
    CONFIRM,
    /** What changed since the last poll. */
    FEED,
    /** How far our pending actions are. */
    ACTIONS,
    /** One changed object, or a few in one call. */
    REREAD,
    /** The complete listing. */
    BACKSTOP,
    CATALOGUE
}
