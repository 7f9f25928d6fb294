package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.Setbacks.Setback;
import dev.anchorhold.resource.Anchorhold;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmSpec;
import dev.anchorhold.resource.PlainVmStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is known of one PlainVm at one instant. Gathered without a call to any cloud.
 *
 * @param refusal why nothing may be built for it, whatever the cloud holds
 * @param cloud what the cloud holds; absent when it is not known which cloud, or not reachable by any credential
 * @param departure what the last {@code ConfirmGone} of this reconcile found
 */
record PlainVmObservation(
        PlainVm vm, Instant now, Optional<Refusal> refusal, Optional<Cloud> cloud, Optional<Departure> departure) {

    /** A person is needed, or the time; {@code reason} is one of {@code Reasons}. */
    record Refusal(String reason, String message) {}

    /**
     * @param provider the ProviderConfig's name
     * @param servers those that bear our labels and the object's UID
     * @param firewall the one that should be on the server
     * @param leftovers firewalls of ours that nobody wants any more
     * @param actions of this object: running, or done and not read yet, or failed and not made good yet
     * @param setbacks by step name
     * @param shutdownAsked when the guest was last asked to shut down, by this process
     * @param keys the public keys to write into a new server; fewer than asked for when some are not to be had
     * @param market what can be bought for the wanted size, when there is no server; empty until the cloud's catalogue is read
     */
    record Cloud(
            String provider,
            Identity identity,
            WantedFirewall wanted,
            Sighting<List<Server>> servers,
            Sighting<Firewall> firewall,
            List<Firewall> leftovers,
            List<Action> actions,
            Map<String, Setback> setbacks,
            Optional<Instant> shutdownAsked,
            Optional<Market> market,
            List<String> keys) {

        Optional<Setback> setback(Class<? extends PlainVmStep> step) {
            return Optional.ofNullable(setbacks.get(step.getSimpleName()));
        }

        /** One of these is under way, or over and its effect not read yet. */
        boolean running(String... commands) {
            return actions.stream()
                    .anyMatch(a -> !a.failed() && List.of(commands).contains(a.command()));
        }

        Optional<Action> failed(String command) {
            return actions.stream()
                    .filter(a -> a.failed() && a.command().equals(command))
                    .findFirst();
        }
    }

    record WantedFirewall(String name, Map<String, String> labels, RuleSet rules, boolean shared) {
        String sharedName() {
            return shared ? name : "";
        }
    }

    /** The candidates for the size in the region, best first. */
    record Market(String location, List<Candidate> candidates) {}

    /**
     * @param availability in words, for a message
     * @param image the system image's id for this type's architecture, when there is one
     */
    record Candidate(String type, boolean available, String availability, Optional<Long> image) {}

    PlainVmSpec spec() {
        return vm.getSpec();
    }

    Optional<PlainVmStatus> status() {
        return Optional.ofNullable(vm.getStatus());
    }

    long generation() {
        return vm.getMetadata().getGeneration();
    }

    boolean deleting() {
        return vm.getMetadata().getDeletionTimestamp() != null;
    }

    boolean paused() {
        return annotated(Anchorhold.PAUSED);
    }

    boolean abandoned() {
        return annotated(Anchorhold.ABANDON);
    }

    private boolean annotated(String name) {
        var annotations = vm.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(name));
    }
}
