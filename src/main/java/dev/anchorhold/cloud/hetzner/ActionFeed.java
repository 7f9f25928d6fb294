package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.BoundedMap;
import dev.anchorhold.cloud.CloudPage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Reader of one of the cloud's action feeds, newest first: what happened since the last poll, whoever did it, in a call
 * or two however many objects there are. A poll that cannot be joined to the last one is a gap, after which only a
 * complete listing helps. Used by one thread.
 */
final class ActionFeed {
    private final Map<Long, Boolean> seen = new BoundedMap<>(20_000);
    private boolean begun;

    /** What is new, oldest first, and whether something may be missing in between. */
    record NewActions(List<Action> actions, boolean gap) {}

    /** Starts the feed here: what is in it now is returned, and not new to the next poll. */
    List<Action> start(IntFunction<CloudPage<Action>> pages) {
        var old = pages.apply(1).items();
        old.forEach(action -> seen.put(action.id(), true));
        begun = true;
        return old;
    }

    boolean started() {
        return begun;
    }

    /** @param most pages to look through for what was seen the last time */
    NewActions poll(IntFunction<CloudPage<Action>> pages, int most) {
        var fresh = new ArrayList<Action>();
        Set<Long> here = new HashSet<>();
        boolean joined = false;
        int next = 1;
        for (int read = 0; next != 0 && !joined && read < most; read++) {
            var page = pages.apply(next);
            for (var action : page.items()) {
                if (seen.containsKey(action.id())) joined = true;
                else if (here.add(action.id())) fresh.add(action);
            }
            next = page.next();
        }
        fresh.forEach(action -> seen.put(action.id(), true)); // only now: a failed page must not hide what others named
        return new NewActions(fresh.reversed(), !joined && next != 0);
    }
}
