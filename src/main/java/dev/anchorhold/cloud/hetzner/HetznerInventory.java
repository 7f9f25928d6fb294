package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Sighting;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Everything known of one installation's servers and firewalls in one Hetzner project. Asking it costs no call and never blocks; a loop of
 * its own keeps it true. One per ProviderConfig.
 */
public final class HetznerInventory implements AutoCloseable {

    public HetznerInventory(
            HetznerClient client,
            String installation,
            String provider,
            InventorySettings settings,
            InstantSource clock,
            MeterRegistry meters) {}

    /** Starts the loop. Until its first complete listing everything is {@code Unknown}. */
    public void start() {}

    @Override
    public void close() {}

    // ---- asking

    /**
     * All servers labelled with this uid; never an empty list in {@code Seen}, more than one is a double (F01).
     *
     * @param knownIds ids that a status remembers: absence is claimed only when each of them was asked for and not found
     */
    public Sighting<List<Server>> servers(String uid, Set<Long> knownIds) {
        throw new UnsupportedOperationException();
    }

    public Sighting<List<Firewall>> firewalls(String uid, Set<Long> knownIds) {
        throw new UnsupportedOperationException();
    }

    /** The installation's firewall of that name (a shared one has no uid). A stranger's is {@code Absent}: only a create shows it. */
    public Sighting<Firewall> firewallNamed(String name) {
        throw new UnsupportedOperationException();
    }

    /** Our actions for this uid that still run, and those that failed since the last success of the same command. */
    public List<Action> pending(String uid) {
        throw new UnsupportedOperationException();
    }

    /** The last catalogue read; asking makes it be read (again) when it is missing or old. Empty until the first is there. */
    public Optional<Catalogue> catalogue() {
        throw new UnsupportedOperationException();
    }

    /** After a capacity error: availability has changed, so read it again soon. */
    public void doubtCatalogue() {}

    /** Called with a uid whenever anything known of it changed, also when {@code Unknown} ends. From any thread; must be quick. */
    public void onChange(Consumer<String> listener) {}

    // ---- telling: what our own writes answered

    /**
     * public void recordServer(String uid, Server server, List<Action> actions) {}
     *
     * public void recordFirewall(String uid, Firewall firewall, List<Action> actions) {}
     *
     * /** Actions that a write started on objects known already (power, rules, attach, detach). */
    public void recordActions(String uid, List<Action> actions) {}

    /** The cloud accepted a server's deletion; {@code action} is empty if it was gone already. */
    public void recordServerDeleted(String uid, long id, Optional<Action> action) {}

    public void recordFirewallDeleted(String uid, long id) {}

    /** An {@code UnknownOutcome}: everything of this uid is looked at again, and nothing is absent until that is done (F09). */
    public void recordLostAnswer(String uid) {}

    // ---- finalizers (these do call, in the caller's thread, with the deletion class of the budget)

    public Departure serversGone(String uid, Set<Long> knownIds) {
        throw new UnsupportedOperationException();
    }

    public Departure firewallsGone(String uid, Set<Long> knownIds) {
        throw new UnsupportedOperationException();
    }
}
