package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.JournaledTables;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The stored rows of all projects, with indexes. */
final class HetznerTables extends JournaledTables {
    private static final List<Class<? extends HetznerRow>> KINDS = List.of(
            HetznerRow.Server.class,
            HetznerRow.Firewall.class,
            HetznerRow.Volume.class,
            HetznerRow.SshKey.class,
            HetznerRow.Image.class,
            HetznerRow.PrimaryIp.class,
            HetznerRow.PlacementGroup.class,
            HetznerRow.Action.class);

    /** Finished actions beyond this many are removed, oldest first; how long Hetzner keeps them is not known [U]. */
    private static final int MAX_FINISHED_ACTIONS = 50_000;

    private final Map<Class<? extends HetznerRow>, Index<? extends HetznerRow>> names = new HashMap<>();
    private final Index<HetznerRow.PrimaryIp> addresses = index(HetznerRow.PrimaryIp.class, ip -> ip.ip);
    private final Index<HetznerRow.Firewall> selecting =
            index(HetznerRow.Firewall.class, firewall -> firewall.selectors.isEmpty() ? null : "any");

    HetznerTables(Path folder) {
        super(folder == null ? null : folder.resolve("hetzner.jsonl"), KINDS, 100_001);
        KINDS.stream().filter(kind -> kind != HetznerRow.Action.class).forEach(kind -> names.put(kind, byName(kind)));
    }

    private <T extends HetznerRow> Index<T> byName(Class<T> kind) {
        return index(kind, row -> row.name);
    }

    /** In any project. */
    @SuppressWarnings("unchecked")
    <T extends HetznerRow> Stream<T> named(Class<T> kind, String name) {
        return ((Index<T>) names.get(kind)).get(name);
    }

    boolean hasAddress(String ip) {
        return addresses.get(ip).findAny().isPresent();
    }

    /** Those that select servers by their labels. */
    Stream<HetznerRow.Firewall> selectingFirewalls() {
        return selecting.get("any");
    }

    /** From the newest to the oldest. */
    Stream<HetznerRow.Action> latestActions() {
        return table(HetznerRow.Action.class).descendingMap().values().stream().map(HetznerRow.Action.class::cast);
    }

    @Override
    public void commit() {
        var actions = table(HetznerRow.Action.class);
        while (actions.size() > MAX_FINISHED_ACTIONS
                && !((HetznerRow.Action) actions.firstEntry().getValue()).running()) {
            remove(actions.firstEntry().getValue());
        }
        super.commit();
    }
}
