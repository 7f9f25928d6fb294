package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A page of a list whose order never changes.
 *
 * @param next what to give as {@code after} to read on; null when this was the last for now
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ResultPage<T, N>(
        List<T> items,

        @Schema(description = "what to give as `after` to read on; absent when these were the last for now")
        N next) {

    ResultPage {
        items = List.copyOf(items);
    }

    /**
     * @param found one item more than the limit, if there are so many
     * @param cursor of an item: what {@code after} must be to read on behind it
     */
    static <F, T, N> ResultPage<T, N> of(List<F> found, int limit, Function<F, T> item, Function<F, N> cursor) {
        boolean more = found.size() > limit;
        List<F> some = more ? found.subList(0, limit) : found;
        return new ResultPage<>(some.stream().map(item).toList(), more ? cursor.apply(some.getLast()) : null);
    }
}
