package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.backoff.FailureBackoff.Failure;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmSpec;
import dev.anchorhold.resource.PlainVmStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Input of the decider: all that is known of one PlainVm at one instant, gathered without a call to any cloud.
 *
 * @param refusal why nothing may be built for it, whatever the cloud holds
 * @param cloud what the cloud holds; absent when it is not known which cloud, or not reachable by any credential
 * @param adoption what is to be taken over from a predecessor; empty when there is none, or all is done
 * @param deliveryStatus how far its journal is delivered; empty without a companion
 * @param deletionCheck what the last {@code ConfirmGone} of this reconcile found
 */
record PlainVmObservation(
        PlainVm vm,
        Instant now,
        Optional<AdmissionRefusal> refusal,
        Optional<Cloud> cloud,
        Optional<AdoptionObservation<PlainVmStep>> adoption,
        Optional<DeliveryStatus> deliveryStatus,
        Optional<DeletionCheck> deletionCheck) {

    /**
     * @param provider the ProviderConfig's name
     * @param sealedKey by which its project is known again
     * @param firewall the one that should be on the server
     * @param leftovers firewalls of ours that nobody wants any more
     * @param keys the public keys to write into a new server; fewer than asked for when some are not to be had
     * @param candidates server types that can be bought for the wanted size, when there is no server; empty until the
     * cloud's catalogue is read
     */
    record Cloud(
            String provider,
            Optional<Long> sealedKey,
            CloudIdentity identity,
            WantedFirewall wantedFirewall,
            ServerObservation server,
            Sighting<Firewall> firewall,
            List<Firewall> leftovers,
            Optional<ServerTypeCandidates> candidates,
            List<String> keys) {

        Sighting<List<Server>> servers() {
            return server.servers();
        }

        Optional<Failure> failure(Class<? extends PlainVmStep> step) {
            return server.failure(step.getSimpleName());
        }

        boolean running(String... commands) {
            return server.running(commands);
        }

        Optional<Action> failed(String command) {
            return server.failed(command);
        }
    }

    record WantedFirewall(String name, Map<String, String> labels, RuleSet rules, boolean shared) {
        String sharedName() {
            return shared ? name : "";
        }
    }

    PlainVmSpec spec() {
        return vm.getSpec();
    }

    Optional<PlainVmStatus> status() {
        return Optional.ofNullable(vm.getStatus());
    }

    /** It has begun to take over what its predecessor left: that is finished first, whatever is asked for meanwhile. */
    boolean adopting() {
        return adoption.filter(a -> a.onRecord().isPresent() && a.obstacle().isEmpty())
                .isPresent();
    }

    long generation() {
        return vm.getMetadata().getGeneration();
    }

    boolean deleting() {
        return vm.getMetadata().getDeletionTimestamp() != null;
    }

    /** Nothing is done for it in the cloud; what is seen of it counts as ever. */
    boolean held() {
        return annotated(ApiNames.PAUSED);
    }

    boolean abandoned() {
        return annotated(ApiNames.ABANDON);
    }

    private boolean annotated(String name) {
        var annotations = vm.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(name));
    }
}
