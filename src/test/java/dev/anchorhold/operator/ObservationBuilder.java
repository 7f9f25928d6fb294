package dev.anchorhold.operator;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.backoff.FailureBackoff.Failure;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.ManagedFields;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates.Candidate;
import dev.anchorhold.resource.DeletionPolicy;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builder of observations for tests of the deciders: the part that is the same for all kinds that have a server.
 *
 * @param <B> the kind's own builder
 */
public abstract class ObservationBuilder<B extends ObservationBuilder<B>> {
    public static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    public static final String UID = "5d1c5d64-7a3e-4a53-9b0f-0d4b1a2c3e4f";
    public static final long SERVER = 4711;
    /** The key by which its project is known. */
    public static final long PROJECT = 7;

    protected String account = "acme";
    protected DeletionPolicy policy = DeletionPolicy.Delete;
    protected boolean deleting;
    protected final Map<String, String> annotations = new HashMap<>();
    protected AdmissionRefusal refusal;
    protected boolean cloudKnown = true;
    protected Sighting<List<Server>> servers = new Sighting.Absent<>(NOW);
    protected final List<Action> actions = new ArrayList<>();
    protected final Map<String, Instant> finished = new HashMap<>();
    protected DeliveryStatus delivery;
    protected final List<ManagedFieldsEntry> managed = new ArrayList<>();
    protected final Map<String, Failure> failures = new HashMap<>();
    protected Instant shutdownRequested;
    protected List<Candidate> candidates = List.of(new Candidate("cx23", true, "available", Optional.of(7L)));
    protected DeletionCheck deletionCheck;

    @SuppressWarnings("unchecked")
    private B self() {
        return (B) this;
    }

    public final B account(String name) {
        account = name;
        return self();
    }

    public final B orphan() {
        policy = DeletionPolicy.Orphan;
        return self();
    }

    public final B deleting() {
        deleting = true;
        return self();
    }

    public final B annotated(String name) {
        annotations.put(name, "true");
        return self();
    }

    public final B annotated(String name, String value) {
        annotations.put(name, value);
        return self();
    }

    public final B refused(String reason) {
        refusal = new AdmissionRefusal(reason, "because");
        return self();
    }

    public final B noCloud() {
        cloudKnown = false;
        return self();
    }

    public final B noServer() {
        servers = new Sighting.Absent<>(NOW);
        return self();
    }

    public final B running(String command) {
        actions.add(new Action(1, command, Action.Status.RUNNING, NOW, null, null, List.of()));
        return self();
    }

    public final B failed(String command, Instant finished) {
        actions.add(new Action(
                1,
                command,
                Action.Status.ERROR,
                NOW,
                finished,
                new Action.Failure("action_failed", "no"),
                List.of(new Action.Target(SERVER, "server"))));
        return self();
    }

    public final B candidates(Candidate... all) {
        candidates = List.of(all);
        return self();
    }

    /** An action of its ended well then, by the cloud's clock. */
    public final B finished(String command, Instant when) {
        finished.put(command, when);
        return self();
    }

    /** The installation has a companion. */
    public final B delivery() {
        return delivery(0, null);
    }

    public final B delivery(long delivered, String failure) {
        delivery = new DeliveryStatus(delivered, Optional.ofNullable(failure));
        return self();
    }

    /** Somebody wrote these fields of the spec then. */
    public final B fieldsWrittenBy(String manager, Instant when, String... fields) {
        managed.add(ManagedFields.spec(manager, when, fields));
        return self();
    }

    public final B deletionChecked(DeletionCheck found) {
        deletionCheck = found;
        return self();
    }

    public final B failure(String step, CloudException error) {
        failures.put(step, new Failure(error, 1, NOW.plusSeconds(30), 1));
        return self();
    }

    protected final ObjectMeta metadata(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace("default")
                .withUid(UID)
                .withGeneration(1L)
                .withAnnotations(annotations)
                .withManagedFields(managed)
                .withDeletionTimestamp(deleting ? NOW.toString() : null)
                .build();
    }

    protected final ServerObservation serverObservation() {
        return new ServerObservation(NOW, servers, actions, finished, failures, Optional.ofNullable(shutdownRequested));
    }
}
