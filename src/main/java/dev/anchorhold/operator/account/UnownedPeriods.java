package dev.anchorhold.operator.account;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.OpenResource;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.RestoreWindow;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.platform.VitalThread;
import dev.anchorhold.resource.ProviderConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Looks every few minutes for open periods in the books of what is neither in Kubernetes nor in any cloud: nobody will
 * end them but a person. Takes such an Agent's rights at the door. While any cloud is out of sight nothing new is said, nor
 * ever of what stands in a cloud that is not here: unknown is never absent.
 */
public final class UnownedPeriods implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(UnownedPeriods.class);

    /** What ends, or begins, is in one of the places before it is in the other. */
    static final Duration GRACE_PERIOD = Duration.ofMinutes(10);

    private final Books books;
    private final Fleet fleet;
    private final CloudSessions sessions;
    private final GuestDoor door;
    private final InstantSource clock;
    private final Duration interval;
    private final Map<String, Instant> firstSeen = new HashMap<>();
    private final Set<String> revoked = new HashSet<>();
    private volatile Map<String, List<OpenResource>> byAccount = Map.of();
    private volatile boolean checked;
    private Thread thread;

    public UnownedPeriods(
            Books books,
            Fleet fleet,
            CloudSessions sessions,
            GuestDoor door,
            InstantSource clock,
            MeterRegistry metrics,
            Duration interval) {
        this.books = books;
        this.fleet = fleet;
        this.sessions = sessions;
        this.door = door;
        this.clock = clock;
        this.interval = interval;
        Gauge.builder("anchorhold.books.periods.unowned", this, UnownedPeriods::count)
                .description("open periods of what is neither in Kubernetes nor in a cloud")
                .register(metrics);
    }

    private double count() {
        return byAccount.values().stream().mapToInt(List::size).sum();
    }

    /** Those of the account; empty until that is known, and where there are no books. */
    Optional<List<OpenResource>> of(String account) {
        return checked ? Optional.of(byAccount.getOrDefault(account, List.of())) : Optional.empty();
    }

    public synchronized void start() {
        if (thread == null && books.companion().isPresent()) {
            thread = VitalThread.start("unowned-periods", this::run);
        }
    }

    private void run() {
        try {
            while (true) {
                try {
                    check();
                } catch (CloudException e) {
                    LOG.infof("open periods were not compared: %s", e.getMessage());
                } catch (RuntimeException e) {
                    LOG.error("comparing open periods failed", e);
                }
                Thread.sleep(interval);
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void check() {
        List<OpenResource> open = openInTheBooks(); // before the rest is looked at: what ends meanwhile is there still
        Optional<Set<String>> inClouds = inClouds();
        if (inClouds.isEmpty()) {
            return;
        }
        Set<String> adopted =
                fleet.adoptedUids(); // whose things bear another UID already, and whose period is yet to end
        var unowned = open.stream()
                .filter(it -> fleet.objectOf(it.uid()).isEmpty())
                .filter(it -> !adopted.contains(it.uid()))
                .filter(it -> !inClouds.get().contains(it.uid()))
                .filter(it ->
                        fleet.account(it.account()).isEmpty() || cloudOf(it).isPresent())
                .toList();
        firstSeen.keySet().retainAll(unowned.stream().map(OpenResource::uid).collect(Collectors.toSet()));
        Instant now = clock.instant();
        var certain = unowned.stream()
                .filter(it -> !firstSeen
                        .computeIfAbsent(it.uid(), _ -> now)
                        .plus(gracePeriod(it))
                        .isAfter(now))
                .toList();
        publish(certain.stream().collect(Collectors.groupingBy(OpenResource::account)));
        certain.stream()
                .filter(it -> cloudOf(it)
                        .filter(cloud -> RestoreWindow.isOpen(cloud, now))
                        .isEmpty()) // a guest that lost its rights cannot be taken over any more
                .forEach(this::revoke);
    }

    /** The ProviderConfig of its account; a restore may bring back the one long after the other. */
    private Optional<ProviderConfig> cloudOf(OpenResource it) {
        return fleet.account(it.account())
                .flatMap(a -> fleet.provider(a.getSpec().providerConfigRef().name()));
    }

    /** Where there is no Account, nobody knows in which cloud to look: a restore may yet bring both. */
    private Duration gracePeriod(OpenResource it) {
        return fleet.account(it.account()).isPresent() ? GRACE_PERIOD : RestoreWindow.LENGTH;
    }

    private List<OpenResource> openInTheBooks() {
        List<OpenResource> all = new ArrayList<>();
        boolean complete = false;
        while (!complete) {
            var page = books.openResources(
                    all.isEmpty() ? Optional.empty() : Optional.of(all.getLast().uid()));
            all.addAll(page.items());
            complete = page.complete() || page.items().isEmpty();
        }
        return all;
    }

    /** The UIDs of all servers and volumes; empty while there is no cloud, or not every one is in sight. */
    private Optional<Set<String>> inClouds() {
        Set<String> uids = new HashSet<>();
        var providers = fleet.providers().toList();
        if (providers.isEmpty()) {
            return Optional.empty();
        }
        for (var provider : providers) {
            var session = sessions.get(provider.getMetadata().getName());
            if (session.isEmpty() || session.get().inventory().whyStale().isPresent()) {
                return Optional.empty();
            }
            var inventory = session.get().inventory();
            inventory.servers().forEach(it -> uids.add(it.uid()));
            inventory.volumes().forEach(it -> uids.add(it.uid()));
        }
        return Optional.of(uids);
    }

    private void publish(Map<String, List<OpenResource>> now) {
        var before = byAccount;
        boolean first = !checked;
        byAccount = now;
        checked = true;
        Stream.concat(before.keySet().stream(), now.keySet().stream())
                .distinct()
                .filter(it -> first || !before.getOrDefault(it, List.of()).equals(now.getOrDefault(it, List.of())))
                .forEach(it -> fleet.account(it).ifPresent(fleet::enqueue));
    }

    private void revoke(OpenResource it) {
        if (it.kind() == Kind.Agent && !revoked.contains(it.uid())) {
            door.connection().ifPresent(o -> o.client().delete(it.uid()));
            revoked.add(it.uid());
        }
    }

    @Override
    public synchronized void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
