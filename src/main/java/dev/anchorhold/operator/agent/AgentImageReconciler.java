package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.AS_SPECIFIED;
import static dev.anchorhold.resource.Reasons.READY;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.backoff.FailureBackoff;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.SpecChangeFilter;
import dev.anchorhold.operator.fleet.TrimmedItemStore;
import dev.anchorhold.operator.pipeline.Conditions;
import dev.anchorhold.operator.pipeline.StatusWriter;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentImageStatus;
import dev.anchorhold.resource.Condition.Status;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Reconciler of AgentImages: writes that Agents can be made from one, and enqueues the Agents of an image when it
 * changes; each then updates its condition of whether the image is current, and nothing else.
 */
@ControllerConfiguration(
        name = "agentimage",
        generationAwareEventProcessing = false,
        informer =
                @Informer(
                        onUpdateFilter = SpecChangeFilter.class,
                        itemStore = TrimmedItemStore.class,
                        informerListLimit = TrimmedItemStore.PAGE))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
public class AgentImageReconciler implements Reconciler<AgentImage> {
    private static final Duration SOON = Duration.ofMillis(200);

    /** A pull Secret is not watched; while it is of no use it is looked at more often. */
    private static final Duration RECHECK = Duration.ofMinutes(1);

    private static final Duration UNRESOLVED = Duration.ofSeconds(5);

    private final Fleet fleet;
    private final StatusWriter status;
    private final PullSecrets pullSecrets;
    private final InstantSource clock;

    @Inject
    public AgentImageReconciler(Fleet fleet, StatusWriter status, PullSecrets pullSecrets, InstantSource clock) {
        this.fleet = fleet;
        this.status = status;
        this.pullSecrets = pullSecrets;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, AgentImage>> prepareEventSources(EventSourceContext<AgentImage> context) {
        return List.of(fleet.registerAgentImages(context));
    }

    @Override
    public UpdateControl<AgentImage> reconcile(AgentImage image, Context<AgentImage> context) {
        if (!fleet.isSynced()) {
            return UpdateControl.<AgentImage>noUpdate().rescheduleAfter(SOON.toMillis());
        }
        Optional<CloudException.Unresolved> obstacle = obstacle(image);
        var now = status(image, obstacle);
        if (!now.equals(image.getStatus())) {
            fleet.agentsOfImage(image.getMetadata().getName()).forEach(fleet::enqueue);
        }
        boolean written = status.write(image, now);
        status.forget(image.getMetadata().getUid()); // it is asked for no more once the image is deleted
        if (!written) {
            return UpdateControl.<AgentImage>noUpdate().rescheduleAfter(SOON.toMillis());
        }
        return image.getSpec().pullSecretRef() == null
                ? UpdateControl.noUpdate()
                : UpdateControl.<AgentImage>noUpdate()
                        .rescheduleAfter((obstacle.isPresent() ? UNRESOLVED : RECHECK).toMillis());
    }

    private Optional<CloudException.Unresolved> obstacle(AgentImage image) {
        try {
            pullSecrets.login(image);
            return Optional.empty();
        } catch (CloudException.Unresolved e) {
            return Optional.of(e);
        }
    }

    private AgentImageStatus status(AgentImage image, Optional<CloudException.Unresolved> obstacle) {
        long generation = image.getMetadata().getGeneration();
        var last = image.getStatus() == null ? null : image.getStatus().conditions();
        var conditions = new Conditions(last, generation, clock.instant());
        obstacle.ifPresentOrElse(
                it -> conditions.set(READY, Status.False, FailureBackoff.conditionReason(it), it.getMessage()),
                () -> conditions.set(
                        READY,
                        Status.True,
                        AS_SPECIFIED,
                        "Agents can be made from revision %d"
                                .formatted(image.getSpec().revision())));
        return new AgentImageStatus(generation, conditions.toList());
    }
}
