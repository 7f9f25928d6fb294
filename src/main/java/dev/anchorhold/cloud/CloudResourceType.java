package dev.anchorhold.cloud;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Describes a type of cloud resource to an informer: how to identify, read and list it, and whose it is.
 *
 * @param type the provider's name for it, as it stands in messages
 * @param mark what says whose it is, as it stands in messages: {@code our labels}
 * @param ours whether it bears our installation's mark: what bears another's is nobody's of ours, whatever else it
 * bears (F03)
 * @param uid of the resource that it serves; empty if it bears none
 * @param noteworthy what of it somebody may wait for: a change of the rest is told to nobody
 * @param transitioning whether it is on its way into another state of which nothing else will tell
 * @param uidsPerList so many uids fit into one {@link Lister#list}
 */
public record CloudResourceType<K, T>(
        String type,
        String mark,
        Function<T, K> id,
        Predicate<T> ours,
        Function<T, String> uid,
        Function<T, Object> noteworthy,
        Predicate<T> transitioning,
        Reader<K, T> get,
        Lister<T> list,
        int uidsPerList) {
    private static final int LIST_ATTEMPTS = 3;

    /** Reads one, empty if the cloud says that it is not there. */
    public interface Reader<K, T> {
        Optional<T> get(Urgency urgency, Purpose purpose, K id);
    }

    /** Reads a page of the installation's, of those that bear these uids or of all (null). More than was asked for does no harm. */
    public interface Lister<T> {
        CloudPage<T> list(Urgency urgency, Purpose purpose, Collection<String> uids, int page);
    }

    /**
     * All pages of a list, which must agree on how many there are: if something goes while it is read, what follows moves up by one, and a page's
     * first entry would be missed.
     */
    List<T> listAll(Urgency urgency, Purpose purpose, Collection<String> uids) {
        for (int attempt = 1; attempt <= LIST_ATTEMPTS; attempt++) {
            var found = new HashMap<K, T>();
            int total = -1;
            boolean stable = true;
            int next = 1;
            while (next != 0 && stable) {
                var page = list.list(urgency, purpose, uids, next);
                stable = next == 1 || page.total() == total;
                total = page.total();
                page.items().forEach(item -> found.put(id.apply(item), item));
                next = page.next() > next ? page.next() : 0;
            }
            if (stable && (total < 0 || total == found.size())) return List.copyOf(found.values());
        }
        throw new CloudException.Transient(
                new CloudException.Detail("unsteady_list", "the list of %ss kept changing".formatted(type), ""), null);
    }
}
