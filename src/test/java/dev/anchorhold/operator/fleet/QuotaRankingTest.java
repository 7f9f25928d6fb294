package dev.anchorhold.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuotaRankingTest {
    private static final Instant DAWN = Instant.parse("2026-11-29T00:00:00Z");

    private final Set<String> standing = new HashSet<>();
    private final Set<String> foreign = new HashSet<>();
    private final Map<String, String> accounts = new HashMap<>();
    private final QuotaRanking<PlainVm> order = new QuotaRanking<>(
            it -> accounts.get(uid(it)), it -> standing.contains(uid(it)), it -> !foreign.contains(uid(it)));

    private static String uid(PlainVm vm) {
        return vm.getMetadata().getUid();
    }

    private PlainVm vm(String uid, int second) {
        accounts.put(uid, "acme");
        var vm = new PlainVm();
        vm.setMetadata(new ObjectMetaBuilder()
                .withName(uid)
                .withUid(uid)
                .withCreationTimestamp(DAWN.plusSeconds(second).toString())
                .build());
        return vm;
    }

    private PlainVm seen(String uid, int second) {
        var vm = vm(uid, second);
        order.changed(null, vm);
        return vm;
    }

    @Test
    void the_oldest_have_room() {
        var young = seen("young", 3);
        var old = seen("old", 1);
        var middle = seen("middle", 2);

        assertThat(order.hasRoom(young, 2)).isFalse();
        assertThat(order.hasRoom(middle, 2)).isTrue();
        assertThat(order.hasRoom(old, 2)).isTrue();
        assertThat(order.hasRoom(young, 2)).isFalse();
        assertThat(order.hasRoom(young, 3)).isTrue();
    }

    @Test
    void one_that_stands_comes_before_an_older_one_that_does_not() {
        var old = seen("old", 1);
        standing.add("young");
        seen("young", 2);

        assertThat(order.hasRoom(old, 1)).isFalse();
    }

    @Test
    void one_of_the_same_second_that_is_seen_later_takes_nobodys_place() {
        var first = seen("b", 1);
        assertThat(order.hasRoom(first, 1)).isTrue();
        // its server is being made, and no status says so yet
        var second = seen("a", 1);

        assertThat(order.hasRoom(second, 1)).isFalse();
        order.changed(first, first); // an older status comes from the cache
        assertThat(order.hasRoom(second, 1)).isFalse();
        assertThat(order.hasRoom(first, 1)).isTrue();
    }

    @Test
    void after_a_restart_those_that_stand_have_their_place_whoever_is_seen_first() {
        var waiting = seen("a", 1);
        assertThat(order.hasRoom(waiting, 0)).isFalse();
        standing.add("b");
        var stands = seen("b", 1);

        assertThat(order.hasRoom(waiting, 1)).isFalse();
        assertThat(order.hasRoom(stands, 1)).isTrue();
    }

    @Test
    void who_goes_makes_room() {
        var old = seen("old", 1);
        var young = seen("young", 2);
        assertThat(order.hasRoom(old, 1)).isTrue();
        assertThat(order.hasRoom(young, 1)).isFalse();

        order.changed(old, null);

        assertThat(order.hasRoom(young, 1)).isTrue();
    }

    @Test
    void one_that_was_deleted_and_made_again_under_its_name_is_another() {
        var before = seen("before", 1);
        assertThat(order.hasRoom(before, 1)).isTrue();
        var waiting = seen("waiting", 2);
        order.changed(before, vm("again", 3));

        assertThat(order.hasRoom(waiting, 1)).isTrue();
    }

    @Test
    void who_changes_the_account_comes_last_there_until_it_stands() {
        var mover = seen("mover", 1);
        assertThat(order.hasRoom(mover, 1)).isTrue();
        var resident = vm("resident", 2);
        accounts.put("resident", "globex");
        order.changed(null, resident);
        assertThat(order.hasRoom(resident, 1)).isTrue();

        accounts.put("mover", "globex");
        order.changed(mover, mover);

        assertThat(order.hasRoom(mover, 1)).isFalse();
        assertThat(order.hasRoom(resident, 1)).isTrue();
    }

    @Test
    void H07_what_an_account_does_not_take_fills_nobodys_quota() {
        foreign.add("strange");
        var strange = seen("strange", 1);
        var own = seen("own", 2);
        assertThat(order.hasRoom(own, 1)).isTrue();

        foreign.remove("strange"); // its namespace is named now: it asks
        assertThat(order.hasRoom(strange, 1)).isFalse();
        order.changed(own, null);
        assertThat(order.hasRoom(strange, 1)).isTrue();
        foreign.add("strange");
        order.changed(strange, strange);
        assertThat(order.hasRoom(seen("another", 3), 1))
                .as("what stands, stands")
                .isFalse();
    }

    @Test
    void one_of_which_the_cache_does_not_know_keeps_no_place() {
        var known = seen("known", 2);
        assertThat(order.hasRoom(vm("unknown", 1), 1)).isTrue();
        assertThat(order.hasRoom(known, 1)).isTrue();
    }

    /** Never more have room than the quota says, and nobody waits while there is some. */
    @Test
    void whatever_happens_as_many_have_room_as_the_quota_says() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        List<PlainVm> all = new ArrayList<>();
        Set<String> admitted = new HashSet<>();
        int quota = 7;
        for (int i = 0; i < 3_000; i++) {
            switch (random.nextInt(4)) {
                case 0 -> all.add(seen("%03d-%d".formatted(random.nextInt(1_000), i), random.nextInt(5)));
                case 1 -> {
                    if (!all.isEmpty()) {
                        var removed = all.remove(random.nextInt(all.size()));
                        order.changed(removed, null);
                        admitted.remove(uid(removed));
                    }
                }
                default -> {
                    if (!all.isEmpty()) {
                        var vm = all.get(random.nextInt(all.size()));
                        if (order.hasRoom(vm, quota)) {
                            admitted.add(uid(vm));
                            if (random.nextBoolean()) {
                                standing.add(uid(vm));
                                order.changed(vm, vm);
                            }
                        }
                    }
                }
            }
            assertThat(admitted).as("seed %d, step %d", seed, i).hasSizeLessThanOrEqualTo(quota);
        }
        all.sort(Comparator.comparing(QuotaRankingTest::uid));
        IntStream.range(0, 2)
                .forEach(_ -> all.forEach(it -> {
                    if (order.hasRoom(it, quota)) admitted.add(uid(it));
                }));
        assertThat(admitted).as("seed %d", seed).hasSize(Math.min(quota, all.size()));
    }

    /** The process dies between the create call and the status that names the server: what was admitted keeps its place. */
    @Test
    void what_was_admitted_keeps_its_place_over_a_restart() throws IOException {
        var afterRestart = new QuotaRanking<PlainVm>(_ -> "acme", Fleet::hasPlaceOnRecord, _ -> true);
        var admitted = vm("zzz", 1);
        admitted.getMetadata().setGeneration(1L);
        admitted.setStatus(admitted("True", 1));
        var rival = vm("aaa", 1);
        afterRestart.changed(null, rival);
        afterRestart.changed(null, admitted);

        assertThat(afterRestart.hasRoom(rival, 1)).isFalse();
        assertThat(afterRestart.hasRoom(admitted, 1)).isTrue();
    }

    @Test
    void what_was_refused_or_admitted_as_it_was_before_has_no_place_on_record() throws IOException {
        var vm = vm("vm", 1);
        vm.getMetadata().setGeneration(2L);
        assertThat(Fleet.hasPlaceOnRecord(vm)).isFalse();
        vm.setStatus(admitted("True", 1));
        assertThat(Fleet.hasPlaceOnRecord(vm))
                .as("its account may be another by now")
                .isFalse();
        vm.setStatus(admitted("False", 2));
        assertThat(Fleet.hasPlaceOnRecord(vm)).isFalse();
    }

    private static PlainVmStatus admitted(String status, int generation) throws IOException {
        return new ObjectMapper().readValue("""
                        {"conditions": [{"type": "Admitted", "status": "%s", "reason": "any", "message": "any",
                          "lastTransitionTime": "2026-11-29T00:00:00Z", "observedGeneration": %d}]}""".formatted(status, generation), PlainVmStatus.class);
    }
}
