package dev.anchorhold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cluster.AuditLog.Access;
import dev.anchorhold.cluster.ChartRights.Right;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares what the chart's ServiceAccounts may do with what they did while all other tests of this package ran, as the API server's audit log
 * tells it: so this class runs last. Alone it says that next to nothing was used.
 */
@Tag("cluster")
@Order(Integer.MAX_VALUE)
class RightsTest {
    /** Rights that these tests do not use: why they are there all the same. By the rest of the line behind the template's name. */
    private static final Map<String, String> NEEDED_ALL_THE_SAME = Map.of();

    private static Set<Access> accesses;
    private static List<Right> rights;

    @BeforeAll
    static void read() throws Exception {
        SharedCluster cluster = SharedCluster.withRelease();
        accesses = new AuditLog(cluster.folder().of("node")).accesses();
        rights = new ChartRights(cluster.release().manifest()).all();
        assertThat(rights).isNotEmpty();
    }

    /** As the chart is uninstalled, its roles go before its pods: what it grants may be refused then. */
    @Test
    void nothing_was_asked_for_that_is_not_granted_nor_anything_that_a_policy_refuses() {
        assertThat(accesses.stream()
                        .filter(Access::refused)
                        .filter(it -> it.authorized() || rights.stream().noneMatch(right -> right.allows(it))))
                .as("grant it in the role, or do not ask for it")
                .isEmpty();
    }

    @Test
    void nothing_is_granted_that_was_never_used() {
        Set<Right> used = accesses.stream()
                .filter(it -> !it.refused())
                .flatMap(it -> narrowest(it).stream())
                .collect(Collectors.toSet());
        assertThat(rights.stream()
                        .filter(it -> !used.contains(it))
                        .map(Right::toString)
                        .filter(it -> !NEEDED_ALL_THE_SAME.containsKey(it.replaceFirst(".*?: ", ""))))
                .as("remove it from the role, or have a test of this package use it")
                .isEmpty();
    }

    @Test
    void the_list_of_exceptions_has_no_right_that_is_used_or_no_more_granted() {
        List<String> unused = rights.stream()
                .filter(it -> accesses.stream().noneMatch(it::allows))
                .map(it -> it.toString().replaceFirst(".*?: ", ""))
                .toList();
        assertThat(unused).containsAll(NEEDED_ALL_THE_SAME.keySet());
    }

    /** What a role of one namespace allows is no use of another's that holds everywhere. */
    private static List<Right> narrowest(Access access) {
        List<Right> all = rights.stream().filter(it -> it.allows(access)).toList();
        List<Right> ofNamespace =
                all.stream().filter(it -> !it.namespace().isEmpty()).toList();
        return ofNamespace.isEmpty() ? all : ofNamespace;
    }
}
