package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.Tables;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All rows of all projects. */
final class Store extends Tables {
    private static final List<Class<? extends Row>> KINDS = List.of(
            Row.Server.class,
            Row.Firewall.class,
            Row.Volume.class,
            Row.SshKey.class,
            Row.Image.class,
            Row.PrimaryIp.class,
            Row.PlacementGroup.class,
            Row.Action.class);

    /** Finished actions beyond this many are forgotten, oldest first; how long Hetzner keeps them is not known [U]. */
    private static final int ACTIONS_KEPT = 50_000;

    private final Map<Class<? extends Row>, Index<? extends Row>> names = new HashMap<>();
    private final Index<Row.PrimaryIp> addresses = index(Row.PrimaryIp.class, ip -> ip.ip);
    private final Index<Row.Firewall> selecting =
            index(Row.Firewall.class, firewall -> firewall.selectors.isEmpty() ? null : "any");

    Store(Path folder) {
        super(folder == null ? null : folder.resolve("hetzner.jsonl"), KINDS, 100_001);
        KINDS.stream().filter(kind -> kind != Row.Action.class).forEach(kind -> names.put(kind, byName(kind)));
    }

    private <T extends Row> Index<T> byName(Class<T> kind) {
        return index(kind, row -> row.name);
    }

    /** In any project. */
    @SuppressWarnings("unchecked")
    <T extends Row> Stream<T> named(Class<T> kind, String name) {
        return ((Index<T>) names.get(kind)).get(name);
    }

    boolean hasAddress(String ip) {
        return addresses.get(ip).findAny().isPresent();
    }

    /** Those that choose servers by their labels. */
    Stream<Row.Firewall> selectingFirewalls() {
        return selecting.get("any");
    }

    /** From the newest to the oldest. */
    Stream<Row.Action> latestActions() {
        return table(Row.Action.class).descendingMap().values().stream().map(Row.Action.class::cast);
    }

    @Override
    public void commit() {
        var actions = table(Row.Action.class);
        while (actions.size() > ACTIONS_KEPT
                && !((Row.Action) actions.firstEntry().getValue()).running()) {
            remove(actions.firstEntry().getValue());
        }
        super.commit();
    }
}
