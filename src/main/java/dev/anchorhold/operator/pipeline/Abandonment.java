package dev.anchorhold.operator.pipeline;

import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.platform.Printable;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.DeletionPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;

/**
 * Tells whether an object that is being deleted is let go rather than removed from its clouds, how, and by whom. The
 * chart's admission policy {@code abandon} vouches for the name. Pure.
 *
 * @param how for the books: {@code abandoned} or {@code orphaned}, and by what
 * @param by null where nobody is known: it was let go before the policy was there
 */
public record Abandonment(String how, String by) {

    /** Empty when it is deleted as it should be. */
    public static Optional<Abandonment> of(HasMetadata object, DeletionPolicy policy) {
        var annotations =
                Optional.ofNullable(object.getMetadata().getAnnotations()).orElse(Map.of());
        Optional<String> by = Optional.ofNullable(annotations.get(ApiNames.ABANDONED_BY));
        if ("true".equals(annotations.get(ApiNames.ABANDON))) {
            return Optional.of(new Abandonment("abandoned: annotation " + ApiNames.ABANDON, printable(by)));
        }
        return policy == DeletionPolicy.Orphan
                ? Optional.of(new Abandonment(
                        "orphaned: spec.deletionPolicy Orphan",
                        printable(by.or(() -> FieldManagers.lastWriter(object, "deletionPolicy")
                                .map(FieldManager::name)))))
                : Optional.empty();
    }

    private static String printable(Optional<String> by) {
        return by.map(it -> Printable.line(it, LedgerEntry.MAX_BY - 1))
                .filter(it -> !it.isEmpty())
                .orElse(null);
    }
}
