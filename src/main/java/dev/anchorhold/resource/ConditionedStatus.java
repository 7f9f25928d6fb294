package dev.anchorhold.resource;

import java.util.List;

/** Status that has conditions: that of every kind. */
public interface ConditionedStatus {

    /** Null in a status that the operator never wrote. */
    List<Condition> conditions();
}
