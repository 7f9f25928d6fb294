package dev.anchorhold.cloud.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.CloudPage;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ActionFeedTest {
    private static final int PER_PAGE = 50;

    private final ActionFeed feed = new ActionFeed();
    private long newest = 100;

    private CloudPage<Action> page(int number) {
        long first = newest - (long) (number - 1) * PER_PAGE;
        List<Action> items = LongStream.iterate(first, it -> it > 0, it -> it - 1)
                .limit(PER_PAGE)
                .mapToObj(id -> new Action(id, "reboot_server", Action.Status.SUCCESS, null, null, null, List.of()))
                .toList();
        return new CloudPage<>(items, first > PER_PAGE ? number + 1 : 0, (int) newest);
    }

    @Test
    void F12_what_does_not_reach_back_to_the_last_look_is_a_gap() {
        feed.start(this::page);
        newest += 30 * PER_PAGE;

        assertThat(feed.poll(this::page, 20).gap()).isTrue();
    }

    @Test
    void a_fleet_whose_listing_takes_longer_is_followed_further_back() {
        feed.start(this::page);
        newest += 30 * PER_PAGE;

        var newActions = feed.poll(this::page, 40);

        assertThat(newActions.gap()).isFalse();
        assertThat(newActions.actions())
                .extracting(Action::id)
                .isSorted()
                .hasSize(30 * PER_PAGE)
                .startsWith(101L);
    }
}
