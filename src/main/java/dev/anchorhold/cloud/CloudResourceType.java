package dev.anchorhold.cloud;

import java.util.Collection;
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

    /** Reads one, empty if the cloud says that it is not there. */
    public interface Reader<K, T> {
        Optional<T> get(Urgency urgency, Purpose purpose, K id);
    }

    /** Reads a page of the installation's, of those that bear these uids or of all (null). More than was asked for does no harm. */
    public interface Lister<T> {
        CloudPage<T> list(Urgency urgency, Purpose purpose, Collection<String> uids, int page);
    }
}
