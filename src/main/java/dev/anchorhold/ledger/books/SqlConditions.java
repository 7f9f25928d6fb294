package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.AccessScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds an SQL condition and the values bound in it, in the same order. Only what is asked for is in the statement, so an index
 * fits.
 */
final class SqlConditions {
    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    static SqlConditions in(AccessScope scope, String column) {
        SqlConditions result = new SqlConditions();
        scope.accounts().ifPresent(it -> result.and(column + " = ANY (?)", (Object) it.toArray(String[]::new)));
        return result;
    }

    SqlConditions and(String condition, Object... bound) {
        conditions.add(condition);
        values.addAll(List.of(bound));
        return this;
    }

    SqlConditions and(String condition, Optional<?> bound) {
        bound.ifPresent(it -> and(condition, new Object[] {it}));
        return this;
    }

    String sql() {
        return conditions.isEmpty() ? "true" : String.join(" AND ", conditions);
    }

    List<Object> values() {
        return values;
    }

    /** These values, and others after them. */
    Object[] valuesAnd(Object... more) {
        List<Object> all = new ArrayList<>(values);
        all.addAll(List.of(more));
        return all.toArray();
    }
}
