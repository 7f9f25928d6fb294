package dev.anchorhold.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Condition.Status;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that objects are counted as they come, change and go. */
class ReadyCountsTest {
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final ReadyCounts counts = new ReadyCounts(metrics);

    @Test
    void an_object_is_counted_where_its_condition_says_and_nowhere_else() {
        var unseen = account(List.of());
        var ready = account(List.of(condition(Status.True, Reasons.AS_SPECIFIED)));
        var lost = account(List.of(condition(Status.False, Reasons.PROVIDER_CONFIG_NOT_FOUND)));
        counts.changed(null, unseen);
        counts.changed(null, ready);
        assertThat(count("Unknown", ReadyCounts.UNSEEN)).isEqualTo(1);
        assertThat(count("True", Reasons.AS_SPECIFIED)).isEqualTo(1);

        counts.changed(unseen, ready);
        assertThat(count("Unknown", ReadyCounts.UNSEEN)).isZero();
        assertThat(count("True", Reasons.AS_SPECIFIED)).isEqualTo(2);

        counts.changed(ready, lost);
        counts.changed(lost, lost);
        assertThat(count("True", Reasons.AS_SPECIFIED)).isEqualTo(1);
        assertThat(count("False", Reasons.PROVIDER_CONFIG_NOT_FOUND)).isEqualTo(1);

        counts.changed(lost, null);
        counts.changed(ready, null);
        assertThat(metrics.get("anchorhold.objects").gauges())
                .hasSize(3)
                .allSatisfy(it -> assertThat(it.value()).isZero());
    }

    @Test
    void one_that_has_no_status_at_all_is_unseen() {
        counts.changed(null, account(null));
        var bare = account(null);
        bare.setStatus(null);
        counts.changed(null, bare);
        assertThat(count("Unknown", ReadyCounts.UNSEEN)).isEqualTo(2);
    }

    private double count(String ready, String reason) {
        return metrics.get("anchorhold.objects")
                .tags("kind", "Account", "ready", ready, "reason", reason)
                .gauge()
                .value();
    }

    private static Condition condition(Status status, String reason) {
        return new Condition(Reasons.READY, status, reason, "", "2026-11-01T00:00:00Z", 1L);
    }

    private static Account account(List<Condition> conditions) {
        var account = new Account();
        account.setMetadata(new ObjectMetaBuilder().withName("acme").build());
        account.setStatus(new AccountStatus(1L, 0, 0, conditions));
        return account;
    }
}
